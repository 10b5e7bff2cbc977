//! Failures in every phase, on loom's threads: a task that dies while it runs or hangs in `on_start`, a stop, the
//! restart of one task, a controller that crashes, a lost notice. Each setup reaches exactly the outcomes that the
//! model allows, and its ends break exactly the claims that the explorer refutes.

use startup_race::core::Fault;

use crate::retries::{Faults, Knobs, agree_on};

const NONE: Faults = &[];
const FAILS: Faults = &[(Fault::Panics, 2, &[])];
const FAILS_ONCE: Faults = &[(Fault::Panics, 2, &[1])];
const DIES: Faults = &[(Fault::Dies, 2, &[])];
const DIES_ONCE: Faults = &[(Fault::Dies, 2, &[1])];
const BOTH_DIE: Faults = &[(Fault::Dies, 1, &[]), (Fault::Dies, 2, &[])];
const FIRST_FAILS_SECOND_DIES: Faults = &[(Fault::Panics, 1, &[1]), (Fault::Dies, 2, &[1])];
const HANGS: Faults = &[(Fault::Hangs, 2, &[])];
const HANGS_ONCE: Faults = &[(Fault::Hangs, 2, &[1])];

/// These knobs and more.
fn with(
    knobs: &[(&'static str, &'static str)],
    more: &[(&'static str, &'static str)],
) -> Vec<(&'static str, &'static str)> {
    [knobs, more].concat()
}

#[test]
fn a_task_that_dies_while_it_runs_agrees_with_the_model() {
    for protocol in ["seed/buggy", "seed/fixed", "arroyo/before", "arroyo/after"] {
        for faults in [DIES, BOTH_DIE] {
            agree_on(protocol, &[], 2, faults);
        }
    }
    agree_on("seed/fixed", &[], 3, DIES);
    for old_attempt in ["stopped", "lingers"] {
        agree_on("seed/fixed", &[("attempts", "2"), ("old-attempt", old_attempt)], 2, DIES_ONCE);
    }
}

#[test]
fn a_task_that_hangs_agrees_with_the_model() {
    for protocol in ["seed/buggy", "seed/fixed", "arroyo/after"] {
        agree_on(protocol, &[], 2, HANGS);
        agree_on(protocol, &[("timeout", "patient")], 2, HANGS);
        agree_on(protocol, &[("timeout", "patient"), ("attempts", "2")], 2, HANGS_ONCE);
    }
}

const STOP: Knobs = &[("stop", "asked")];

#[test]
fn a_stop_agrees_with_the_model() {
    for when in ["obey", "defer", "ignore"] {
        let knobs = with(STOP, &[("stop-while-scheduling", when)]);
        for faults in [NONE, FAILS, DIES] {
            agree_on("seed/fixed", &knobs, 2, faults);
            agree_on("arroyo/after", &knobs, 2, faults);
        }
        agree_on("seed/buggy", &knobs, 2, FAILS);
    }
}

#[test]
fn a_failure_while_stopping_agrees_with_the_model() {
    for failed in ["fail", "retry", "count", "ignore"] {
        let knobs = with(STOP, &[("failed-while-stopping", failed)]);
        for faults in [FAILS, DIES, BOTH_DIE] {
            agree_on("seed/fixed", &knobs, 2, faults);
        }
    }
    let retry = with(STOP, &[("failed-while-stopping", "retry"), ("attempts", "2")]);
    agree_on("seed/fixed", &retry, 1, &[(Fault::Dies, 1, &[1])]);
    agree_on("seed/fixed", &with(&retry, &[("old-attempt", "lingers")]), 1, &[(Fault::Dies, 1, &[1])]);
}

const RESTART: Knobs = &[("restart", "one"), ("attempts", "2")];

#[test]
fn the_restart_of_one_task_agrees_with_the_model() {
    for protocol in ["seed/buggy", "seed/fixed", "arroyo/after", "arroyo/handled-only"] {
        for faults in [FAILS_ONCE, FAILS, DIES_ONCE] {
            agree_on(protocol, RESTART, 2, faults);
        }
    }
    agree_on("seed/fixed", &with(RESTART, &[("fence", "attempt")]), 2, FAILS_ONCE);
    agree_on("seed/fixed", &[("restart", "one"), ("attempts", "3")], 2, FIRST_FAILS_SECOND_DIES);
    agree_on("arroyo/after", &[("restart", "one"), ("attempts", "3")], 2, FIRST_FAILS_SECOND_DIES);
}

#[test]
fn the_restart_of_one_task_while_stopping_agrees_with_the_model() {
    let retry = [("stop", "asked"), ("failed-while-stopping", "retry")];
    agree_on("seed/fixed", &with(RESTART, &retry), 1, &[(Fault::Dies, 1, &[1])]);
}

#[test]
fn a_controller_that_crashes_agrees_with_the_model() {
    for recovery in ["forgets", "asks", "remembers"] {
        let knobs = [("crashes", "1"), ("recovery", recovery)];
        for faults in [NONE, FAILS, DIES] {
            agree_on("seed/fixed", &knobs, 2, faults);
            agree_on("seed/buggy", &knobs, 2, faults);
        }
        agree_on("arroyo/after", &knobs, 2, FAILS);
        let tasks = if recovery == "asks" { 1 } else { 2 };
        agree_on("seed/fixed", &[("crashes", "2"), ("recovery", recovery)], tasks, NONE);
    }
}

#[test]
fn a_lost_notice_agrees_with_the_model() {
    for protocol in ["seed/buggy", "seed/fixed", "arroyo/after"] {
        for faults in [NONE, FAILS, DIES] {
            agree_on(protocol, &[("losses", "1")], 2, faults);
        }
        agree_on(protocol, &[("losses", "2"), ("timeout", "patient")], 2, FAILS);
    }
    agree_on("seed/fixed", &[("losses", "1")], 3, FAILS);
}

#[test]
fn a_stop_with_a_crash_or_a_loss_agrees_with_the_model() {
    for recovery in ["forgets", "asks", "remembers"] {
        agree_on("seed/fixed", &with(STOP, &[("crashes", "1"), ("recovery", recovery)]), 1, NONE);
    }
    agree_on("seed/fixed", &with(STOP, &[("losses", "1")]), 1, &[(Fault::Dies, 1, &[])]);
    agree_on("seed/fixed", &[("crashes", "1"), ("losses", "1")], 2, NONE);
}

#[test]
#[ignore = "it takes minutes: cargo loom --test loom -- --ignored"]
fn a_stop_of_more_tasks_agrees_with_the_model() {
    agree_on("seed/fixed", STOP, 3, NONE);
    agree_on("seed/fixed", &with(STOP, &[("losses", "1")]), 2, DIES);
    let retry = [("stop", "asked"), ("failed-while-stopping", "retry")];
    agree_on("seed/fixed", &with(RESTART, &retry), 2, DIES_ONCE);
    for recovery in ["forgets", "asks", "remembers"] {
        agree_on("seed/fixed", &with(STOP, &[("crashes", "1"), ("recovery", recovery)]), 2, NONE);
    }
}
