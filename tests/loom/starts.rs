//! No false start: the controller is Running only if every task has completed `on_start`.
//!
//! If an `on_start` touches nothing that another thread reads, loom does not separate it from the operations beside it:
//! no execution shows it incomplete, and the claim would hold trivially. So in these models each task raises a flag at
//! the end of its `on_start`, and the controller reads every flag when it becomes Running. If a flag is not set,
//! nothing orders that `on_start` before this moment, so there is a schedule in which it has not happened.

use startup_race::core::Controller;
use startup_race::explore::report::Check;
use startup_race::scenario::Setup;
use startup_race::threads::{Options, Run, launch};

use crate::conformance::replay;
use crate::model::{Finished, explore};
use crate::model_outcomes::{self, protocols, subsets};

/// What an execution showed: whether the controller became Running, and whether a flag was not set then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Start {
    Never,
    True,
    False,
}

/// Explores a setup. `flags` says whether its controller reads the flags.
pub fn explore_starts<C: Controller + Send + Sync>(name: &str, setup: &Setup<C>, flags: bool) -> Finished<Start> {
    let tell = |found: &Finished<Start>| {
        let [truly, falsely] = [Start::True, Start::False].map(|start| found.count(|other| *other == start));
        format!("became Running with every flag set in {truly}, with one unset in {falsely}")
    };
    let setup = setup.clone();
    let found = explore(name, tell, move |tape, reply| {
        let world = setup.clone();
        let options = Options { flags, ..Options::on(tape) };
        let sink = move |run: Run| {
            let start = match &run.shown[..] {
                [] => Start::Never,
                shown if shown.iter().flatten().all(|&raised| raised) => Start::True,
                _ => Start::False,
            };
            reply.judged(replay(&world, &run).map(|_| start));
        };
        launch(&setup, options, sink).expect("loom has threads enough");
    });
    found.expect(name)
}

pub fn false_starts(found: &Finished<Start>) -> usize {
    found.count(|start| *start == Start::False)
}

#[test]
fn only_an_early_announcement_makes_a_false_start() {
    for protocol in protocols() {
        let early = matches!(protocol, "seed/buggy" | "arroyo/before" | "arroyo/handled-only");
        let most = if protocol.starts_with("seed/") { 3 } else { 2 };
        for tasks in 1..=most {
            for failing in subsets(tasks) {
                let setup = model_outcomes::setup(protocol, tasks, &failing);
                let name = format!("{}, the controller looks", model_outcomes::told(protocol, &setup.scenario));
                let found = explore_starts(&name, &setup, true);
                let report = Check::new(setup).run().expect("the controller keeps its contract");
                assert_eq!(report.claims[0].claim.id, "no-false-start");
                assert_eq!(report.claims[0].trace.is_some(), early, "{name}: the explorer");
                assert_eq!(false_starts(&found) > 0, early, "{name}: the threads");
                let (truly, never) = (found.count(|start| *start == Start::True), found.count(|s| *s == Start::Never));
                assert!(!failing.is_empty() || (truly > 0 && never == 0), "{name}: if no task fails, all start");
            }
        }
    }
}
