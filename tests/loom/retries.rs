//! Beyond one attempt, on loom's threads: retries that stop the old tasks or let them linger, the fence, tasks that
//! vanish, and the timeouts. Each setup reaches exactly the outcomes that the model allows, and its ends break exactly
//! the claims that the explorer refutes.
//!
//! Two tasks in two attempts need all five threads that loom has. A stopped attempt is the most expensive, because
//! every action of every task may come before or after the stop.

use startup_race::core::{Fault, PipelineController};
use startup_race::explore::report::Check;
use startup_race::scenario::{Scenario, Setup};
use startup_race::threads::NoHooks;

use crate::agreement::{agree, explore_setup};
use crate::claims::breaks_what_the_explorer_refutes;
use crate::model_outcomes::{self, scenario};
use crate::pictures::finished;
use crate::starts::{Start, explore_starts, false_starts};

/// Faults: each has a task and the attempts in which it happens. An empty list means every attempt.
pub type Faults = &'static [(Fault, u8, &'static [u8])];
pub type Knobs = &'static [(&'static str, &'static str)];

const NOBODY: Faults = &[];
const FIRST: Faults = &[(Fault::Panics, 1, &[1])];
const SECOND: Faults = &[(Fault::Panics, 2, &[1])];
const BOTH: Faults = &[(Fault::Panics, 1, &[1]), (Fault::Panics, 2, &[1])];
const ALWAYS: Faults = &[(Fault::Panics, 2, &[])];
const VANISHES: Faults = &[(Fault::Vanishes, 2, &[])];
const VANISHES_ONCE: Faults = &[(Fault::Vanishes, 2, &[1])];

const RETRY: Knobs = &[("attempts", "2")];
const FENCED: Knobs = &[("attempts", "2"), ("fence", "attempt")];
const LINGERS: Knobs = &[("attempts", "2"), ("old-attempt", "lingers")];
const LINGERS_FENCED: Knobs = &[("attempts", "2"), ("old-attempt", "lingers"), ("fence", "attempt")];
const PATIENT: Knobs = &[("timeout", "patient")];
const PATIENT_RETRY: Knobs = &[("timeout", "patient"), ("attempts", "2")];
const PATIENT_LINGERS: Knobs = &[("timeout", "patient"), ("attempts", "2"), ("old-attempt", "lingers")];
const HASTY: Knobs = &[("timeout", "hasty")];

pub fn setup(
    protocol: &str,
    knobs: &[(&str, &str)],
    tasks: u8,
    faults: &[(Fault, u8, &[u8])],
) -> Setup<PipelineController> {
    let struck = |scenario: Scenario, &(fault, task, attempts): &(Fault, u8, &[u8])| {
        scenario.with_fault(fault, task, attempts).expect("a task and attempts of the scenario")
    };
    Setup::of(faults.iter().fold(scenario(protocol, knobs, tasks), struck))
}

pub fn agree_on(protocol: &str, knobs: &[(&str, &str)], tasks: u8, faults: &[(Fault, u8, &[u8])]) {
    let setup = setup(protocol, knobs, tasks, faults);
    let name = model_outcomes::told(protocol, &setup.scenario);
    let found = finished(&name, &setup, explore_setup(&name, &setup, &NoHooks));
    agree(&name, &setup, &found);
    breaks_what_the_explorer_refutes(&name, &setup, &found);
}

#[test]
fn a_retry_that_stops_the_old_tasks_agrees_with_the_model() {
    for faults in [FIRST, SECOND, BOTH, ALWAYS] {
        agree_on("seed/fixed", RETRY, 2, faults);
    }
    agree_on("seed/fixed", FENCED, 2, SECOND);
    agree_on("seed/buggy", RETRY, 2, SECOND);
    agree_on("seed/fixed", &[("attempts", "4")], 1, &[(Fault::Panics, 1, &[1, 2])]);
    agree_on("seed/fixed", &[("attempts", "4")], 1, &[(Fault::Panics, 1, &[])]);
    agree_on("arroyo/late-only", PATIENT_RETRY, 2, SECOND);
}

#[test]
fn a_retry_that_abandons_the_old_barrier_agrees_with_the_model() {
    for faults in [FIRST, SECOND, ALWAYS] {
        agree_on("arroyo/after", RETRY, 2, faults);
    }
}

#[test]
fn every_other_retry_of_two_tasks_agrees_with_the_model() {
    agree_on("arroyo/after", RETRY, 2, BOTH);
    agree_on("arroyo/before", RETRY, 2, SECOND);
    agree_on("arroyo/handled-only", RETRY, 2, SECOND);
    agree_on("arroyo/handled-only", &[("attempts", "2"), ("barrier", "none")], 2, SECOND);
}

#[test]
fn a_retry_that_lets_the_old_tasks_linger_agrees_with_the_model() {
    for knobs in [LINGERS, LINGERS_FENCED] {
        for protocol in model_outcomes::protocols() {
            agree_on(protocol, knobs, 2, SECOND);
        }
        for faults in [FIRST, BOTH, ALWAYS] {
            agree_on("seed/fixed", knobs, 2, faults);
            agree_on("arroyo/after", knobs, 2, faults);
        }
    }
}

#[test]
fn tasks_that_vanish_and_a_patient_timeout_agree_with_the_model() {
    for protocol in model_outcomes::protocols() {
        for knobs in [&[], PATIENT] {
            agree_on(protocol, knobs, 2, VANISHES);
            agree_on(protocol, knobs, 3, &[(Fault::Vanishes, 1, &[]), (Fault::Panics, 3, &[])]);
        }
    }
    for knobs in [PATIENT_RETRY, PATIENT_LINGERS] {
        agree_on("seed/fixed", knobs, 2, VANISHES);
        agree_on("seed/fixed", knobs, 2, VANISHES_ONCE);
        agree_on("arroyo/after", knobs, 2, VANISHES_ONCE);
    }
}

#[test]
fn a_hasty_timeout_agrees_with_the_model() {
    for protocol in model_outcomes::protocols() {
        for faults in [NOBODY, ALWAYS, VANISHES] {
            agree_on(protocol, HASTY, 2, faults);
        }
    }
    agree_on("seed/fixed", HASTY, 3, NOBODY);
}

/// The stale notice: task 1 announces itself in attempt 1, and task 2 fails this attempt. The notice of task 1 is then
/// counted in attempt 2, in which task 1 has not started. With a fence, the notice is dropped.
#[test]
fn a_stale_notice_starts_falsely_without_a_fence_and_never_with_one() {
    for (knobs, falsely) in [(RETRY, true), (FENCED, false), (LINGERS, true), (LINGERS_FENCED, false)] {
        let setup = setup("seed/fixed", knobs, 2, SECOND);
        let name = format!("{}, the controller looks", model_outcomes::told("seed/fixed", &setup.scenario));
        let report = Check::new(setup.clone()).run().expect("the controller keeps its contract");
        assert_eq!(report.claims[0].trace.is_some(), falsely, "{name}: the explorer");
        let found = explore_starts(&name, &setup, true);
        assert_eq!(false_starts(&found) > 0, falsely, "{name}");
        assert!(found.count(|start| *start == Start::True) > 1, "{name}: nobody ever starts");
        assert_eq!(found.count(|start| *start == Start::Never), 0, "{name}");
    }
}
