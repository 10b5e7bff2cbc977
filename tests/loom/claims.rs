//! The claims of the protocol on loom's threads, for every set of failing tasks and every order of dependent
//! operations.

use std::collections::BTreeSet;

use startup_race::claims::{Claim, Scope};
use startup_race::core::{ActorId, Cause, Controller, PipelineController, Reason, Stage, Step};
use startup_race::explore::report::Check;
use startup_race::explore::verdict::VerdictKind;
use startup_race::scenario::Setup;
use startup_race::transition::Event;

use crate::agreement::explored;
use crate::conformance::{Outcome, step_through};
use crate::model::Finished;
use crate::model_outcomes::{self, protocols, subsets};
use crate::pictures::never;

/// The outcome that the fixed order must never have, and the buggy order has.
pub fn runs_with_a_failed_task(outcome: &Outcome) -> bool {
    outcome.end.phase.stage == Stage::Up && outcome.end.attempts[0].iter().any(|task| task.is_dead())
}

/// The good outcome, without which the proof would be vacuous.
fn all_run<C: Controller>(setup: &Setup<C>, outcome: &Outcome) -> bool {
    let mut tasks = outcome.end.attempts[0].iter().zip(setup.model.actors());
    outcome.end.phase.stage == Stage::Up && tasks.all(|(task, (_, actor))| task.is_past(Step::Run, &actor.script))
}

/// Which of these claims the end of a run breaks, among those that are judged at ends. The run is replayed in the
/// model.
pub fn broken_at_the_end<C: Controller>(setup: &Setup<C>, claims: &[Claim<C>], events: &[Event]) -> BTreeSet<String> {
    let mut world = setup.model.start();
    step_through(setup, &mut world, events).expect("an execution is a path of the model");
    let broken = claims.iter().filter(|claim| claim.scope == Scope::AtEnd && claim.is_broken_in(&setup.model, &world));
    broken.map(|claim| claim.id.to_string()).collect()
}

#[test]
fn the_buggy_order_reaches_running_with_a_failed_task_for_every_set_of_failing_tasks() {
    for tasks in 1..=4 {
        for failing in subsets(tasks).filter(|failing| !failing.is_empty()) {
            let found = explored("seed/buggy", tasks, &failing);
            let example = found.example(runs_with_a_failed_task).expect("an execution that loses the failure");
            let setup = model_outcomes::setup("seed/buggy", tasks, &failing);
            let broken = broken_at_the_end(&setup, &setup.standard_claims(), &example.events);
            assert!(broken.contains("no-lost-failure"), "{tasks} tasks, failing {failing:?}: {broken:?}");
        }
    }
}

#[test]
fn the_fixed_order_never_runs_with_a_failed_task_and_runs_if_no_task_fails() {
    for tasks in 1..=4 {
        for failing in subsets(tasks) {
            let found = explored("seed/fixed", tasks, &failing);
            let setup = model_outcomes::setup("seed/fixed", tasks, &failing);
            let name = model_outcomes::told("seed/fixed", &setup.scenario);
            never(&format!("{name}: Running with a failed task"), &setup, &found, runs_with_a_failed_task);
            let run = if failing.is_empty() { found.executions() } else { 0 };
            assert_eq!(found.count(|outcome| all_run(&setup, outcome)), run, "{tasks} tasks, failing {failing:?}");
        }
    }
}

/// The stages in which a protocol of the real system's startup can end, for these failing tasks. They are written here
/// by hand, not computed.
fn pinned(protocol: &str, tasks: u8, failing: &[u8]) -> BTreeSet<Stage> {
    let failed = |&task: &u8| Stage::Failed(Reason::Task(ActorId(task), Cause::Panicked));
    let any_of_them = || failing.iter().map(failed);
    match (protocol, failing) {
        (_, []) => [Stage::Up].into(),
        ("arroyo/after" | "arroyo/handled-only", _) => any_of_them().collect(),
        ("arroyo/late-only", _) => [Stage::Starting].into(),
        // A failure is lost unless it comes after the last start. If all tasks fail, one always does.
        ("arroyo/before", _) if failing.len() == usize::from(tasks) => any_of_them().collect(),
        ("arroyo/before", _) => any_of_them().chain([Stage::Up]).collect(),
        _ => unreachable!("{protocol} is not pinned"),
    }
}

#[test]
fn the_real_systems_startup_ends_as_it_is_pinned_for_every_failing_set() {
    for protocol in protocols().filter(|protocol| protocol.starts_with("arroyo/")) {
        for tasks in 1..=3 {
            for failing in subsets(tasks) {
                let (pinned, name) = (pinned(protocol, tasks, &failing), format!("{protocol}, {tasks}, {failing:?}"));
                let setup = model_outcomes::setup(protocol, tasks, &failing);
                let world = model_outcomes::outcomes(&setup);
                let allowed: BTreeSet<Stage> = world.iter().map(|outcome| outcome.end.phase.stage).collect();
                let found = explored(protocol, tasks, &failing);
                let reached: BTreeSet<Stage> = found.outcomes().map(|outcome| outcome.end.phase.stage).collect();
                assert_eq!((&allowed, &reached), (&pinned, &pinned), "{name}");
                let run = if failing.is_empty() { found.executions() } else { 0 };
                assert_eq!(found.count(|outcome| all_run(&setup, outcome)), run, "{name}");
            }
        }
    }
}

/// Asserts that the ends of the threads break exactly the claims that the explorer refutes.
pub fn breaks_what_the_explorer_refutes(name: &str, setup: &Setup<PipelineController>, found: &Finished<Outcome>) {
    let report = Check::new(setup.clone()).run().expect("the controller keeps its contract");
    assert!(report.complete, "{name}");
    let refuted = report
        .claims
        .iter()
        .filter(|judgement| judgement.claim.scope == Scope::AtEnd && judgement.verdict.kind() == VerdictKind::Refuted);
    let refuted: BTreeSet<String> = refuted.map(|judgement| judgement.claim.id.to_string()).collect();
    let claims = setup.standard_claims();
    let broken: BTreeSet<String> =
        found.examples().flat_map(|events| broken_at_the_end(setup, &claims, events)).collect();
    assert_eq!(broken, refuted, "{name}");
}

#[test]
fn the_threads_break_at_an_end_what_the_explorer_refutes_and_nothing_else() {
    for protocol in protocols() {
        for tasks in 1..=3 {
            for failing in subsets(tasks) {
                let setup = model_outcomes::setup(protocol, tasks, &failing);
                let name = model_outcomes::told(protocol, &setup.scenario);
                breaks_what_the_explorer_refutes(&name, &setup, &explored(protocol, tasks, &failing));
            }
        }
    }
}
