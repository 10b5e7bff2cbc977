//! Every mutant, and every rule that one of them must break.

use startup_race::core::{ActorId, Fault, Step, Timeout, WorkerId};
use startup_race::scenario::{Rules, TaskSpec};

use super::faulty::Mistake::{self, *};
use super::{Change, Mutant};

/// The rules of the protocol.
pub const RULES: [&str; 24] = [
    "a task announces itself when its sequence says so",
    "a task that panicked reports it",
    "a task that vanishes tells nobody",
    "a task has its own fate in each attempt",
    "tasks of a worker wait for each other at the barrier",
    "a worker's inbox is first in, first out",
    "between workers there is no order",
    "a task is counted once",
    "Running: every task has been counted",
    "TaskStarted in Running changes nothing",
    "TaskFailed in Scheduling fails the attempt",
    "TaskFailed in Running fails the attempt",
    "TaskFinished changes no phase",
    "Failed is final",
    "Failed names who died",
    "a failure is a retry while the budget lasts",
    "a retry counts from nothing",
    "a retry starts every task anew",
    "a retry leaves the inboxes as they are",
    "a retry stops the old attempt, or lets it go on",
    "a fence drops every other attempt",
    "a timeout fails the attempt when nothing else can happen",
    "in a chain a death spreads",
    "a delivery may be repeated so often and no more",
];

const fn controller(name: &'static str, rule: usize, mistake: Mistake) -> Mutant {
    Mutant { name, rule: RULES[rule], change: Change::Controller(mistake) }
}

const fn sequence(name: &'static str, rule: usize, change: fn(&mut Vec<Step>)) -> Mutant {
    Mutant { name, rule: RULES[rule], change: Change::Sequence(change) }
}

const fn world(name: &'static str, rule: usize, change: fn(&mut Rules, &mut Vec<TaskSpec>)) -> Mutant {
    Mutant { name, rule: RULES[rule], change: Change::World(change) }
}

/// Every mutant.
pub const MUTANTS: &[Mutant] = &[
    // A task's steps.
    sequence("announce-first", 0, |steps| shift(steps, Step::ANNOUNCE, 0)),
    sequence("announce-before-the-barrier", 0, |steps| shift(steps, Step::ANNOUNCE, 1)),
    sequence("announce-never", 0, |steps| steps.retain(|&step| step != Step::ANNOUNCE)),
    sequence("barrier-first", 4, |steps| shift(steps, Step::Arrive, 0)),
    sequence("barrier-left-out", 4, |steps| steps.retain(|&step| step != Step::Arrive)),
    sequence("on-start-last", 0, |steps| shift(steps, Step::OnStart, 2)),
    // What goes wrong with a task.
    world("report-left-out", 1, |_, tasks| {
        faults(tasks, |_, fault| if fault == Some(Fault::Panics) { Some(Fault::Vanishes) } else { fault });
    }),
    world("vanishing-reports", 2, |_, tasks| {
        faults(tasks, |_, fault| if fault == Some(Fault::Vanishes) { Some(Fault::Panics) } else { fault });
    }),
    world("fate-of-the-first-attempt", 3, |_, tasks| {
        for task in tasks {
            let first = task.faults[0];
            task.faults.fill(first);
        }
    }),
    world("nobody-starts-anew", 17, |_, tasks| {
        faults(tasks, |attempt, fault| if attempt > 0 { Some(Fault::Vanishes) } else { fault });
    }),
    // Inboxes.
    world("an-inbox-for-each-task", 5, |_, tasks| {
        tasks.iter_mut().enumerate().for_each(|(index, task)| task.worker = WorkerId(ActorId::at(index).0));
    }),
    world("one-inbox-for-all", 6, |_, tasks| tasks.iter_mut().for_each(|task| task.worker = WorkerId(1))),
    world("a-duplicate-more", 23, |rules, _| rules.run.duplicates += 1),
    world("no-duplicate", 23, |rules, _| rules.run.duplicates = 0),
    // Counting.
    controller("a-counter-for-a-set", 7, CounterForASet),
    controller("one-short", 8, OneShort),
    controller("one-too-many", 8, OneTooMany),
    controller("first-is-enough", 8, FirstIsEnough),
    controller("last-is-enough", 8, LastIsEnough),
    controller("started-fails-running", 9, StartedFailsRunning),
    // Failures.
    controller("deaf-while-scheduling", 10, DeafWhileScheduling),
    controller("deaf-until-counted", 10, DeafUntilCounted),
    controller("deaf-once-counted", 10, DeafOnceCounted),
    controller("deaf-until-some-is-counted", 10, DeafUntilSomeIsCounted),
    controller("deaf-to-the-first", 10, DeafToTheFirst),
    controller("failure-counts", 10, FailedCounts),
    controller("failure-uncounts", 10, FailureUncounts),
    controller("deaf-while-running", 11, DeafWhileRunning),
    controller("deaf-to-the-cascade", 22, DeafToTheCascade),
    controller("blames-the-first", 14, BlamesTheFirst),
    controller("failed-is-not-final", 13, FailedIsNotFinal),
    controller("failed-again", 13, FailedAgain),
    // Finishing, and the chain.
    controller("finish-counts", 12, FinishedCounts),
    controller("finish-fails-scheduling", 12, FinishFailsScheduling),
    controller("finish-fails-running", 12, FinishFailsRunning),
    controller("finish-panics", 12, FinishPanics),
    world("no-chain", 22, |rules, _| rules.task.chain = false),
    world("chain-and-no-barrier", 22, |rules, _| {
        (rules.task.chain, rules.task.barrier) = (true, false);
    }),
    // Retries.
    controller("never-retries", 15, NeverRetries),
    controller("never-retries-running", 15, NeverRetriesRunning),
    controller("an-attempt-less", 15, OneAttemptLess),
    controller("an-attempt-more", 15, OneAttemptMore),
    controller("retry-keeps-the-count", 16, RetryKeepsTheCount),
    controller("retry-keeps-the-others", 16, RetryKeepsTheOthers),
    world("retry-empties-the-inboxes", 18, |rules, _| rules.controller.fence = true),
    world("the-old-attempt-lingers", 19, |rules, _| rules.run.lingers = true),
    world("the-old-attempt-stops", 19, |rules, _| rules.run.lingers = false),
    // The fence.
    controller("no-fence", 20, NoFence),
    controller("fence-passes-started", 20, FencePassesStarted),
    controller("fence-passes-failed", 20, FencePassesFailed),
    controller("fence-one-off", 20, FenceOneOff),
    controller("fence-older-only", 20, FenceOlderOnly),
    controller("fence-only-scheduling", 20, FenceOnlyScheduling),
    controller("fence-inverted", 20, FenceInverted),
    controller("fence-first-only", 20, FenceFirstOnly),
    // The timeout.
    world("no-timeout", 21, |rules, _| rules.run.timeout = Timeout::None),
    world("timeout-at-any-time", 21, |rules, _| {
        if rules.run.timeout == Timeout::Patient {
            rules.run.timeout = Timeout::Hasty;
        }
    }),
    controller("timeout-never-retries", 21, TimeoutNeverRetries),
    controller("timeout-ignored", 21, TimeoutIgnored),
    controller("timeout-runs", 21, TimeoutRuns),
    controller("timeout-blames-the-first", 14, TimeoutBlamesTheFirst),
];

/// Moves a step, if it is in the sequence, to an index.
fn shift(steps: &mut Vec<Step>, step: Step, place: usize) {
    if let Some(at) = steps.iter().position(|&other| other == step) {
        steps.remove(at);
        steps.insert(place.min(steps.len()), step);
    }
}

/// Changes every fault. Attempts are numbered from 0.
fn faults(tasks: &mut [TaskSpec], change: impl Fn(usize, Option<Fault>) -> Option<Fault>) {
    for task in tasks {
        for (attempt, fault) in task.faults.iter_mut().enumerate() {
            *fault = change(attempt, *fault);
        }
    }
}
