//! A controller that breaks its contract is part of the run: no panic, no hang, and what it did is what the world says it did.

use startup_race::core::{WorkerId};
use startup_race::model::{Action, ContractViolation, Refused, World};
use startup_race::scenario::{Setup};
use startup_race::threads::{self, Options, Run, Tape};

use crate::controllers::{Fault, Faulty};
use crate::judge::step_through;
use crate::worlds::scenario;

fn setup(fault: Fault) -> Setup<Faulty> {
    // A notice more than it can take, and a timeout after that: it must be asked nothing more.
    Setup::with(Faulty { fault, received: 0 }, scenario("seed/fixed", &[("timeout", "patient")], 3))
}

/// Whether the run tells the breach that the world meets in the same place.
fn tells_the_breach(fault: Fault, run: &Run) -> bool {
    let (setup, mut events) = (setup(fault), run.events.clone());
    let mut world = setup.model.start();
    // Tasks may act after the breach, and the world cannot go on after it: these two come down to the same.
    events.sort_by_key(|event| event.identity().is_none());
    if step_through(&setup, &mut world, &events).is_err() {
        return false;
    }
    let refused = world.step(&setup, Action::Receive(WorkerId(1))).err();
    let as_it_should = match (&run.breach, fault) {
        (Some(ContractViolation::Panicked(text)), Fault::Panics) => text == "the controller cannot go on",
        (Some(ContractViolation::Contradiction(_)), Fault::ClaimsToRun | Fault::RetriesWithoutBudget) => true,
        _ => false,
    };
    as_it_should && refused == run.breach.clone().map(Refused::ContractViolation)
}

#[cfg(not(loom))]
#[test]
fn a_breach_is_part_of_the_run() {
    for fault in [Fault::Panics, Fault::ClaimsToRun, Fault::RetriesWithoutBudget] {
        for _ in 0..100 {
            let run = threads::run(&setup(fault), Options::on(Tape::default())).unwrap();
            assert!(tells_the_breach(fault, &run), "{fault:?}: {run:?}");
        }
    }
}

#[cfg(loom)]
#[test]
fn a_breach_is_part_of_every_execution() {
    for fault in [Fault::Panics, Fault::ClaimsToRun, Fault::RetriesWithoutBudget] {
        let name = format!("a controller that breaks its contract: {fault:?}");
        let tell = |found: &crate::model::Finished<bool>| format!("told in {}", found.count(|told| *told));
        let found = crate::model::explore(&name, tell, move |tape: Tape, reply| {
            let sink = move |run: Run| reply.judged(Ok(tells_the_breach(fault, &run)));
            threads::launch(&setup(fault), Options::on(tape), sink).expect("four threads");
        });
        let found = found.expect(&name);
        assert_eq!(found.count(|told| *told), found.executions(), "{name}");
    }
}
