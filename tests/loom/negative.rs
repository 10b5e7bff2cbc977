//! Shows that the other tests can fail. Outcomes that they exclude do happen if a knob is changed, and what they
//! compare differs if a hook of the threads is changed. Each mutant here is a small change of one hook.

use startup_race::core::{ActorId, Fault, Kind, Notice};
use startup_race::scenario::Setup;
use startup_race::threads::condition::{Wait, Waiter};
use startup_race::threads::inbox::{Forwarder, Message};
use startup_race::threads::{Hooks, NoHooks};

use crate::agreement::{explore_against, explore_setup};
use crate::claims::runs_with_a_failed_task;
use crate::conformance::Complaint;
use crate::hooks::ForgetsAWaiter;
use crate::model::{Finished, Unfinished};
use crate::model_outcomes::{self, scenario};
use crate::pictures::finished;
use crate::retries;
use crate::starts::{explore_starts, false_starts};

fn complaint<O>(refused: &Result<Finished<O>, Unfinished>) -> Option<&Complaint> {
    refused.as_ref().err()?.complaint()
}

/// Records an action before it sends the action's notice.
#[derive(Clone)]
struct RecordsFirst;

impl Hooks for RecordsFirst {
    fn send_then_record(&self, send: impl FnOnce(), record: impl FnOnce()) {
        record();
        send();
    }
}

#[test]
fn a_notice_recorded_before_it_is_sent_is_no_path() {
    let setup = model_outcomes::setup("seed/buggy", 2, &[2]);
    let refused = explore_setup("mutant: a notice is recorded before it is sent", &setup, &RecordsFirst);
    assert!(matches!(complaint(&refused), Some(Complaint::Differs(..))));
}

#[test]
fn a_barrier_that_forgets_a_waiter_is_a_deadlock_and_its_execution_is_told() {
    let setup = model_outcomes::setup("arroyo/after", 2, &[]);
    let refused = explore_setup("mutant: the barrier forgets a waiter", &setup, &ForgetsAWaiter);
    let Err(Unfinished::Panicked(text, events)) = refused else { panic!("the model must not finish") };
    assert!(text.contains("deadlock"), "{text}");
    assert!(!events.events.is_empty(), "the execution that hangs is not told");
}

/// A barrier that does not release its tasks when it is abandoned.
#[derive(Clone)]
struct AbandonsInSilence;

impl Hooks for AbandonsInSilence {
    fn release(&self, waiters: Vec<Waiter>, wait: Wait) {
        if wait == Wait::Opened {
            NoHooks.release(waiters, wait);
        }
    }
}

#[test]
fn a_barrier_that_is_abandoned_in_silence_is_a_deadlock() {
    for setup in [
        model_outcomes::setup("arroyo/after", 2, &[2]),
        retries::setup("arroyo/after", &[("attempts", "2")], 2, &[(Fault::Panics, 2, &[1])]),
        retries::setup("arroyo/after", &[], 2, &[(Fault::Vanishes, 2, &[])]),
    ] {
        let refused = explore_setup("mutant: the barrier is abandoned in silence", &setup, &AbandonsInSilence);
        assert!(matches!(refused, Err(Unfinished::Panicked(text, _)) if text.contains("deadlock")));
    }
}

/// Closes the guards of the tasks that a retry stops only after the retry is recorded.
#[derive(Clone)]
struct ShutsLate;

impl Hooks for ShutsLate {
    fn close_then_record(&self, shut: impl FnOnce(), record: impl FnOnce()) {
        record();
        shut();
    }
}

#[test]
fn a_retry_that_closes_its_guards_too_late_is_no_path() {
    let setup = retries::setup("seed/fixed", &[("attempts", "2")], 2, &[(Fault::Panics, 2, &[1])]);
    let refused = explore_setup("mutant: a retry closes its guards too late", &setup, &ShutsLate);
    assert!(matches!(complaint(&refused), Some(Complaint::NotAPath(..))));
}

#[test]
fn tasks_that_linger_are_no_path_if_a_retry_stops_them() {
    let once = |knobs| retries::setup("seed/fixed", knobs, 2, &[(Fault::Panics, 2, &[1])]);
    let (lingering, stopped) = (once(&[("attempts", "2"), ("old-attempt", "lingers")]), once(&[("attempts", "2")]));
    let refused = explore_against("mutant: a retry stops nobody", &lingering, &stopped, &NoHooks);
    assert!(matches!(complaint(&refused), Some(Complaint::NotAPath(..))));
}

/// A barrier that opens, but tells one waiter that the barrier was abandoned.
#[derive(Clone)]
struct TurnsAWaiterAway;

impl Hooks for TurnsAWaiterAway {
    fn release(&self, mut waiters: Vec<Waiter>, wait: Wait) {
        if let (Wait::Opened, Some(waiter)) = (wait, waiters.pop()) {
            waiter.release(Wait::Abandoned);
        }
        NoHooks.release(waiters, wait);
    }
}

#[test]
fn a_barrier_that_turns_a_waiter_away_ends_where_the_model_does_not() {
    let setup = model_outcomes::setup("arroyo/before", 2, &[]);
    let refused = explore_setup("mutant: the barrier turns a waiter away", &setup, &TurnsAWaiterAway);
    assert!(matches!(complaint(&refused), Some(Complaint::NotAnEnd(_))));
}

/// A forwarder that passes on the start of task 1 only after the next message.
#[derive(Clone)]
struct Swaps;

impl Hooks for Swaps {
    fn forward(&self, mut forwarder: Forwarder) {
        let is_first =
            |mail: &Message| matches!(mail, Message::Notice(_, Notice { from: ActorId(1), kind: Kind::Started, .. }));
        while let Some(mail) = forwarder.next_message() {
            if is_first(&mail)
                && let Some(next) = forwarder.next_message()
            {
                forwarder.pass(next);
            }
            forwarder.pass(mail);
        }
    }
}

#[test]
fn a_forwarder_that_swaps_two_notices_is_no_path() {
    let on_two = scenario("seed/buggy", &[], 2).failing(&[1]).unwrap().on_workers(&[1, 2]).unwrap();
    let refused = explore_setup("mutant: a forwarder swaps two notices", &Setup::of(on_two), &Swaps);
    assert!(matches!(complaint(&refused), Some(Complaint::Differs(..))));
}

#[test]
fn the_threads_of_one_protocol_are_no_paths_of_another() {
    for (threads, world) in [
        ("seed/buggy", "seed/fixed"),
        ("seed/fixed", "arroyo/after"),
        ("arroyo/before", "seed/buggy"),
        ("arroyo/after", "arroyo/late-only"),
    ] {
        let [threads, world] = [threads, world].map(|protocol| model_outcomes::setup(protocol, 2, &[2]));
        let refused = explore_against("one protocol judged by another", &threads, &world, &NoHooks);
        assert!(complaint(&refused).is_some(), "{threads:?}");
    }
}

#[test]
fn a_failure_is_lost_if_tasks_announce_early_and_it_is_ignored() {
    let lost = |protocol, knobs: &[(&str, &str)]| {
        let setup = Setup::of(scenario(protocol, knobs, 2).failing(&[2]).unwrap());
        let name = model_outcomes::told(protocol, &setup.scenario);
        finished(&name, &setup, explore_setup(&name, &setup, &NoHooks)).count(runs_with_a_failed_task)
    };
    let early = ("announce", "before-on-start");
    assert_eq!(lost("seed/fixed", &[]), 0);
    assert!(lost("seed/fixed", &[early, ("failed-while-running", "ignore")]) > 0);
    assert_eq!(lost("arroyo/handled-only", &[]), 0);
    assert!(lost("arroyo/handled-only", &[("failed-while-scheduling", "ignore")]) > 0);
    assert_eq!(lost("arroyo/late-only", &[]), 0);
    assert!(lost("arroyo/late-only", &[early]) > 0);
    assert_eq!(lost("arroyo/after", &[]), 0);
    assert!(lost("arroyo/after", &[early, ("failed-while-scheduling", "ignore")]) > 0);
}

#[test]
fn a_start_announced_early_is_false_and_is_not_seen_without_flags() {
    let starts = |protocol, early: bool, looks: bool| {
        let knobs: &[_] = if early { &[("announce", "before-on-start")] } else { &[] };
        let setup = Setup::of(scenario(protocol, knobs, 2));
        let looking = if looks { "the controller looks" } else { "nobody looks" };
        let name = format!("{}, {looking}", model_outcomes::told(protocol, &setup.scenario));
        false_starts(&explore_starts(&name, &setup, looks))
    };
    for protocol in ["seed/fixed", "arroyo/after", "arroyo/late-only"] {
        assert_eq!(starts(protocol, false, true), 0);
        assert!(starts(protocol, true, true) > 0);
        assert_eq!(starts(protocol, true, false), 0, "what nobody looks at cannot be seen: the models need the flags");
    }
}

/// What the threads do in a phase is not a path of a model with other rules for that phase.
#[test]
fn what_threads_do_in_every_phase_is_no_path_of_another_model() {
    let stop = ("stop", "asked");
    let (crashes, losses) = (("crashes", "1"), ("losses", "1"));
    let faults = |fault| [(fault, 2, &[][..])];
    let same = |knobs: &[(&str, &str)], other: &[(&str, &str)], fault: Option<Fault>| {
        let faults = fault.map(faults);
        let faults: Vec<_> = faults.iter().flatten().copied().collect();
        [knobs, other].map(|knobs| retries::setup("seed/fixed", knobs, 2, &faults))
    };
    let struck = |fault, other| [fault, other].map(|fault| retries::setup("seed/fixed", &[], 2, &faults(fault)));
    for (name, [threads, world]) in [
        ("a task that dies while it runs", struck(Fault::Dies, Fault::Panics)),
        ("a task that hangs", struck(Fault::Hangs, Fault::Vanishes)),
        ("a stop", same(&[stop], &[], None)),
        ("an early stop", same(&[stop], &[stop, ("stop-while-scheduling", "ignore")], None)),
        ("a failure while stopping", same(&[stop], &[stop, ("failed-while-stopping", "ignore")], Some(Fault::Dies))),
        ("a crash", same(&[crashes], &[], None)),
        ("a crash that forgets", same(&[crashes], &[crashes, ("recovery", "remembers")], None)),
        ("a crash that asks", same(&[crashes, ("recovery", "asks")], &[crashes], None)),
        ("a loss", same(&[losses], &[], None)),
        (
            "the restart of one",
            same(&[("attempts", "2"), ("restart", "one")], &[("attempts", "2")], Some(Fault::Panics)),
        ),
    ] {
        let refused = explore_against(&format!("mutant: {name}, in a model without"), &threads, &world, &NoHooks);
        assert!(complaint(&refused).is_some(), "{name}");
    }
}

/// If a guard is held too late, a task acts that is no longer allowed to.
#[test]
fn tasks_that_are_held_too_late_are_no_path() {
    let dies = &[(Fault::Dies, 2, &[][..])][..];
    let asks = &[("crashes", "1"), ("recovery", "asks")][..];
    for (name, setup) in [
        ("the end of a stop", retries::setup("seed/fixed", &[("stop", "asked")], 2, dies)),
        ("the question after a crash", retries::setup("seed/fixed", asks, 2, &[])),
    ] {
        let refused = explore_setup(&format!("mutant: {name} is held too late"), &setup, &ShutsLate);
        assert!(complaint(&refused).is_some(), "{name}");
    }
}
