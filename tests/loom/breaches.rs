//! A controller that breaks its contract does not make the run panic or hang, and the run reports the same breach as
//! the model.

use startup_race::core::WorkerId;
use startup_race::model::{Action, ContractViolation, Refused};
use startup_race::scenario::Setup;
use startup_race::threads::{self, EventLog, Options, Run};

use crate::conformance::step_through;
use crate::controllers::{Faulty, Flaw};
use crate::model_outcomes::scenario;

fn setup(flaw: Flaw) -> Setup<Faulty> {
    // One notice more than it can take, and then a timeout: after the breach it must get no input.
    Setup::with(Faulty { flaw, received: 0 }, scenario("seed/fixed", &[("timeout", "patient")], 3))
}

/// Whether the run reports the breach that the model has in the same place.
fn tells_the_breach(setup: &Setup<Faulty>, flaw: Flaw, run: &Run) -> bool {
    let mut events = run.events.clone();
    let mut world = setup.model.start();
    // Tasks may act after the breach, but the model cannot continue after it. So all steps of tasks are taken before
    // the controller's.
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
