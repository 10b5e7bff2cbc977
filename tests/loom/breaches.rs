//! A controller that breaks its contract is part of the run: no panic, no hang, and what it did is what the world says it did.

use startup_race::core::WorkerId;
use startup_race::model::{Action, ContractViolation, Refused};
use startup_race::scenario::Setup;
use startup_race::threads::{self, EventLog, Options, Run};

use crate::conformance::step_through;
use crate::controllers::{Faulty, Flaw};
use crate::model_outcomes::scenario;

fn setup(flaw: Flaw) -> Setup<Faulty> {
    // A notice more than it can take, and a timeout after that: it must be asked nothing more.
    Setup::with(Faulty { flaw, received: 0 }, scenario("seed/fixed", &[("timeout", "patient")], 3))
}

/// Whether the run tells the breach that the world meets in the same place.
fn tells_the_breach(setup: &Setup<Faulty>, flaw: Flaw, run: &Run) -> bool {
    let mut events = run.events.clone();
    let mut world = setup.model.start();
    // Tasks may act after the breach, and the world cannot go on after it: these two come down to the same.
    events.sort_by_key(|event| event.task_run().is_none());
    if step_through(setup, &mut world, &events).is_err() {
        return false;
    }
    let refused = setup.model.observe(&mut world, Action::Receive(WorkerId(1))).err();
    let as_it_should = match (&run.breach, flaw) {
        (Some(ContractViolation::Panicked(text)), Flaw::Panics) => text == "the controller cannot go on",
        (Some(ContractViolation::NotAllowed(_)), Flaw::CountsTooMany | Flaw::RetriesWithoutBudget) => true,
        _ => false,
    };
    as_it_should && refused == run.breach.clone().map(Refused::Contract)
}

#[cfg(not(loom))]
#[test]
fn a_breach_is_part_of_the_run() {
    for flaw in [Flaw::Panics, Flaw::CountsTooMany, Flaw::RetriesWithoutBudget] {
        for _ in 0..100 {
            let run = threads::run(&setup(flaw), Options::on(EventLog::default())).unwrap();
            assert!(tells_the_breach(&setup(flaw), flaw, &run), "{flaw:?}: {run:?}");
        }
    }
}

#[cfg(loom)]
#[test]
fn a_breach_is_part_of_every_execution() {
    for flaw in [Flaw::Panics, Flaw::CountsTooMany, Flaw::RetriesWithoutBudget] {
        let name = format!("a controller that breaks its contract: {flaw:?}");
        let tell = |found: &crate::model::Finished<bool>| format!("told in {}", found.count(|told| *told));
        let setup = std::sync::Arc::new(setup(flaw));
        let found = crate::model::explore(&name, tell, move |tape: EventLog, reply| {
            let world = std::sync::Arc::clone(&setup);
            let sink = move |run: Run| reply.judged(Ok(tells_the_breach(&world, flaw, &run)));
            threads::launch(&setup, Options::on(tape), sink).expect("four threads");
        });
        let found = found.expect(&name);
        assert_eq!(found.count(|told| *told), found.executions(), "{name}");
    }
}
