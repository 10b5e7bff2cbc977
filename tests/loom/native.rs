//! The same code on the machine's own threads, a thousand runs for every named protocol. Every run is a path of the
//! model, has an outcome that the model allows, and none of the impossible outcomes. Which orders occur depends on the
//! machine; their number is printed.

use std::collections::BTreeSet;

use startup_race::core::{
    ActorId, Attempt, Context, Controller, Effect, Fault, Input, Kind, Notice, Phase, PipelineController, Stage,
    WorkerId,
};
use startup_race::scenario::{Scenario, Setup};
use startup_race::threads::inbox::{ControllerInbox, Message, Next};
use startup_race::threads::{EventLog, Hooks, NoHooks, Options, Run, Unsupported, run, run_here};

use crate::conformance::{Complaint, Outcome, judge, trace};
use crate::controllers::{Local, Tallying, named};
use crate::hooks::ForgetsAWaiter;
use crate::model_outcomes::{self, protocols, scenario, subsets, told};
use crate::say;

const RUNS: usize = 1_000;

fn look_and_watch() -> Options {
    Options { flags: true, looks: 50, ..Options::on(EventLog::default()) }
}

/// Runs a setup this many times. Returns each run with its outcome.
fn runs<C: Controller + Send>(name: &str, setup: &Setup<C>, times: usize) -> Vec<(Run, Outcome)> {
    runs_of(name, setup, times, || run(setup, look_and_watch()))
}

fn runs_of<C: Controller>(
    name: &str,
    setup: &Setup<C>,
    times: usize,
    run: impl Fn() -> Result<Run, Unsupported>,
) -> Vec<(Run, Outcome)> {
    let once = |_| {
        let run = run().expect("the machine has threads enough");
        let outcome =
            judge(setup, &run).unwrap_or_else(|complaint| panic!("{name}: {complaint:?}\n{}", trace(&run.events, &[])));
        (run, outcome)
    };
    (0..times).map(once).collect()
}

/// An outcome that no run of this protocol may have.
fn cannot(protocol: &str, run: &Run, outcome: &Outcome, failing: &[u8]) -> Option<&'static str> {
    let early = matches!(protocol, "seed/buggy" | "arroyo/before" | "arroyo/handled-only");
    let dead = outcome.end.attempts[0].iter().any(|task| task.is_dead());
    let seen = run.seen.iter().filter_map(|sight| sight.flags.as_ref());
    let unset = run.shown.iter().chain(seen).flatten().any(|raised| !raised);
    match outcome.end.phase.stage {
        Stage::Up if dead && !matches!(protocol, "seed/buggy" | "arroyo/before") => Some("runs with a failed task"),
        _ if unset && !early => Some("starts falsely"),
        Stage::Failed(_) if !dead => Some("fails although no task is dead"),
        Stage::Starting if protocol != "arroyo/late-only" => Some("does not decide"),
        Stage::Starting | Stage::Failed(_) if failing.is_empty() => Some("does not run although no task fails"),
        _ => None,
    }
}

fn every_run_keeps_to_the_world(protocol: &'static str, on: impl Fn(Scenario) -> Scenario) {
    for failing in subsets(3) {
        let setup = Setup::of(on(scenario(protocol, &[], 3).failing(&failing).unwrap()));
        let (name, allowed) = (told(protocol, &setup.scenario), model_outcomes::outcomes(&setup));
        let runs = runs(&name, &setup, RUNS / 8);
        let mut orders = BTreeSet::new();
        for (run, outcome) in &runs {
            assert_eq!(cannot(protocol, run, outcome, &failing), None, "{name}\n{}", trace(&run.events, &[]));
            assert!(allowed.contains(outcome), "{name}: the model does not allow {outcome:?}");
            orders.insert(&outcome.order);
        }
        let all: BTreeSet<_> = allowed.iter().map(|outcome| &outcome.order).collect();
        say(&format!("{name}: {} runs, {} of {} orders seen", runs.len(), orders.len(), all.len()));
    }
}

#[test]
fn every_run_of_every_protocol_is_a_path_of_the_model() {
    for protocol in protocols() {
        every_run_keeps_to_the_world(protocol, |scenario| scenario);
    }
}

#[test]
fn every_run_on_two_workers_is_a_path_of_the_model() {
    for protocol in protocols() {
        every_run_keeps_to_the_world(protocol, |scenario| scenario.on_workers(&[1, 2, 1]).unwrap());
    }
}

#[test]
fn forty_tasks_on_four_workers_have_no_impossible_outcome() {
    let workers: Vec<u8> = (0..40).map(|task| task % 4 + 1).collect();
    for (protocol, failing) in
        [("arroyo/after", &[][..]), ("arroyo/after", &[7]), ("seed/fixed", &[]), ("arroyo/before", &[40])]
    {
        let scenario = scenario(protocol, &[], 40).failing(failing).unwrap().on_workers(&workers).unwrap();
        for (run, outcome) in runs(protocol, &Setup::of(scenario), 20) {
            assert_eq!(cannot(protocol, &run, &outcome, failing), None);
        }
    }
}

/// More tasks, workers and attempts than loom can run. Task 2 panics in the first attempt. In the second, task 3 panics
/// and task 1 vanishes.
#[test]
fn every_run_of_three_attempts_is_a_path_of_the_model() {
    for old_attempt in ["stopped", "lingers"] {
        for fence in ["none", "attempt"] {
            for protocol in protocols() {
                let knobs = [("attempts", "3"), ("old-attempt", old_attempt), ("fence", fence), ("timeout", "patient")];
                let scenario = scenario(protocol, &knobs, 3).on_workers(&[1, 2, 1]).unwrap();
                let scenario = scenario.with_fault(Fault::Panics, 2, &[1]).unwrap();
                let scenario = scenario.with_fault(Fault::Panics, 3, &[2]).unwrap();
                let setup = Setup::of(scenario.with_fault(Fault::Vanishes, 1, &[2]).unwrap());
                let name = told(protocol, &setup.scenario);
                let runs = runs(&name, &setup, 100);
                let late = !matches!(protocol, "seed/buggy" | "arroyo/before" | "arroyo/handled-only");
                let falsely = runs.iter().filter(|(run, _)| run.shown.iter().flatten().any(|raised| !raised)).count();
                assert!(falsely == 0 || !late || fence == "none", "{name}: a false start behind the fence");
                assert!(
                    runs.iter().all(|(_, outcome)| outcome.end.phase.stage != Stage::Starting),
                    "{name}: undecided"
                );
                let orders: BTreeSet<_> = runs.iter().map(|(_, outcome)| &outcome.order).collect();
                let attempts = runs
                    .iter()
                    .map(|(run, _)| run.ends.keys().map(|run| run.attempt.0).max())
                    .max()
                    .flatten()
                    .unwrap_or(0);
                say(&format!("{name}: {} orders seen, {attempts} attempts, {falsely} false starts", orders.len()));
            }
        }
    }
}

#[test]
fn every_run_with_a_hasty_timeout_is_a_path_of_the_model() {
    for protocol in protocols() {
        let scenario = scenario(protocol, &[("timeout", "hasty")], 3).on_workers(&[1, 2, 1]).unwrap();
        for (_, outcome) in runs(protocol, &Setup::of(scenario), 100) {
            assert_ne!(outcome.end.phase.stage, Stage::Starting);
        }
    }
}

/// More tasks and workers than loom can run, with a stop, crashes, a loss and a fault of a task at once.
#[test]
fn every_run_in_every_phase_is_a_path_of_the_model() {
    let faults = [None, Some(Fault::Dies), Some(Fault::Hangs), Some(Fault::Panics)];
    for (recovery, failed) in [("forgets", "fail"), ("asks", "retry"), ("remembers", "count"), ("asks", "ignore")] {
        for (restart, early) in [("all", "obey"), ("one", "defer"), ("all", "ignore")] {
            for (protocol, fault) in protocols().flat_map(|protocol| faults.map(|fault| (protocol, fault))) {
                let stop = [("stop", "asked"), ("stop-while-scheduling", early), ("failed-while-stopping", failed)];
                let crash = [("crashes", "2"), ("recovery", recovery), ("losses", "1"), ("restart", restart)];
                let knobs = [&stop[..], &crash, &[("attempts", "3"), ("timeout", "patient")]].concat();
                let scenario = scenario(protocol, &knobs, 3).on_workers(&[1, 2, 1]).unwrap();
                let struck = fault.into_iter().fold(scenario, |all, fault| all.with_fault(fault, 2, &[1]).unwrap());
                let setup = Setup::of(struck);
                runs(&told(protocol, &setup.scenario), &setup, 5);
            }
        }
    }
}

#[test]
fn a_controller_of_ones_own_runs_too_and_need_not_be_send() {
    for failing in subsets(3) {
        let scenario = scenario("seed/buggy", &[], 3).failing(&failing).unwrap();
        let pipeline = Local::new(scenario.rules().controller());
        let (tallying, local) =
            (Setup::with(Tallying::default(), scenario.clone()), Setup::with(pipeline, scenario.clone()));
        let (tallied, ran) = (model_outcomes::outcomes(&tallying), model_outcomes::outcomes(&local));
        assert!(runs("notices counted", &tallying, 20).iter().all(|(_, outcome)| tallied.contains(outcome)));
        let here = || run_here(&local, look_and_watch());
        assert!(runs_of("not Send", &local, 20, here).iter().all(|(_, outcome)| ran.contains(outcome)));
    }
}

/// A controller that, at its first input, asks for something that threads cannot do, or enters a stage that they cannot
/// handle.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Asking {
    effects: Vec<Effect>,
    stage: Stage,
    received: u8,
}

impl Controller for Asking {
    fn on(&mut self, _: Input, now: &mut Context) {
        if self.received == 0 {
            now.effects.extend(&self.effects);
        }
        self.received = 1;
    }

    fn phase(&self) -> Phase {
        named(if self.received == 0 { Stage::Starting } else { self.stage })
    }
}

/// That threads cannot do this is known only when the controller asks for it. The threads that have started run to
/// their end.
#[test]
fn a_run_whose_controller_asks_for_what_threads_cannot_do_is_given_up() {
    let restart = Effect::Restart(ActorId(1));
    for (effects, stage, asked) in [
        (vec![restart], Stage::Starting, Unsupported::Effect(restart)),
        (vec![Effect::Retry, Effect::Retry], Stage::Starting, Unsupported::Effect(Effect::Retry)),
        (vec![], Stage::Stopping, Unsupported::Stop),
    ] {
        for protocol in protocols() {
            let scenario = scenario(protocol, &[("attempts", "3")], 3).on_workers(&[1, 2, 1]).unwrap();
            let setup = Setup::with(Asking { effects: effects.clone(), stage, received: 0 }, scenario);
            assert_eq!(run(&setup, look_and_watch()).err(), Some(asked), "{protocol}");
        }
    }
}

#[test]
fn a_barrier_that_forgets_a_waiter_is_caught_on_the_first_run() {
    let setup: Setup<PipelineController> = model_outcomes::setup("arroyo/before", 2, &[]);
    let run = run(&setup, look_and_watch().with_hooks(ForgetsAWaiter)).unwrap();
    assert!(matches!(judge(&setup, &run), Err(Complaint::NotAnEnd(_))));
}

/// An inbox is opened again before the message that it was closed has been received. This is too rare to wait for, so
/// the test sends the messages itself.
#[test]
fn an_inbox_that_opens_again_before_it_has_closed_loses_nothing() {
    let (mut room, forwarders) = ControllerInbox::new(2);
    let inbox = room.open(WorkerId(1));
    inbox.send(Message::Opened(room.open_directly()));
    inbox.send(Message::Closed);
    inbox.send(Message::Notice(WorkerId(1), Notice { from: ActorId(1), attempt: Attempt(2), kind: Kind::Started }));
    inbox.send(Message::Closed);
    inbox.send(Message::Over);
    NoHooks.forward(forwarders.into_iter().next().expect("a forwarder for each worker"));
    let second = room.next(false);
    assert!(matches!(second, Next::Message(Message::Notice(WorkerId(1), Notice { attempt: Attempt(2), .. }))));
    assert!(matches!(room.next(false), Next::Over), "and then nothing is open");
}
