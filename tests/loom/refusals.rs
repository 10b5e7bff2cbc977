//! A setup that threads cannot run is refused before anything has started, with a value that gives the reason.

use startup_race::core::{ActorId, Fault, Script, Step, Via, When};
use startup_race::model::{Actor, Model};
use startup_race::scenario::Setup;
use startup_race::scenario::knobs::KNOBS;
use startup_race::threads::sync::{MAX_THREADS, MODELLED};
use startup_race::threads::{EventLog, Options, Unsupported, check, launch, launch_here, run};

use crate::controllers::Local;

use crate::model_outcomes::scenario;

/// Tests every value of every knob, and that the table in the module doc of `threads` names the knob.
#[test]
fn every_value_of_every_knob_runs_on_threads_or_is_refused_by_name() {
    let module = include_str!("../../src/threads/mod.rs");
    let table: Vec<&str> = module.lines().filter_map(|line| line.strip_prefix("//! | `")).collect();
    for knob in KNOBS {
        let named = format!("{}`", knob.name);
        assert!(table.iter().any(|row| row.contains(&named)), "the table does not name {named}");
        let numbers: &[&str] = if knob.name == "attempts" { &["1", "2"] } else { &["0", "1"] };
        for value in if knob.values.is_empty() { numbers } else { knob.values } {
            for attempts in ["1", "2"] {
                let refused = refusal(&[("attempts", attempts), (knob.name, value)], 1);
                let expected = match (knob.name, *value, attempts) {
                    ("cascade", "chain", _) => Some(Unsupported::Cascade),
                    ("duplicates", "1", _) => Some(Unsupported::Duplicates),
                    ("timeout", "hasty", "2") => Some(Unsupported::HastyRetries),
                    _ => None,
                };
                assert_eq!(refused, expected, "{}={value}", knob.name);
                assert!(refused.is_none_or(|refused| refused.to_string().contains(knob.name)), "{refused:?}");
            }
        }
    }
}

/// The reason why threads cannot run this setup, if there is one.
fn refusal(knobs: &[(&str, &str)], tasks: u8) -> Option<Unsupported> {
    check(&Setup::of(scenario("seed/fixed", knobs, tasks)), &Options::on(EventLog::default())).err()
}

#[test]
fn every_fault_of_a_task_runs_on_threads() {
    for fault in [Fault::Panics, Fault::Vanishes, Fault::Hangs, Fault::Dies] {
        let scenario = scenario("seed/fixed", &[("attempts", "2")], 2).with_fault(fault, 2, &[2]).expect("a task");
        assert_eq!(check(&Setup::of(scenario), &Options::on(EventLog::default())).err(), None, "{fault:?}");
    }
}

#[test]
fn a_controller_that_cannot_leave_its_thread_cannot_crash() {
    let scenario = scenario("seed/fixed", &[("crashes", "1")], 2);
    let local = Setup::with(Local::new(scenario.rules().controller()), scenario);
    let never = |_| unreachable!("nothing was started");
    assert_eq!(launch_here(&local, Options::on(EventLog::default()), never), Err(Unsupported::Crashes));
}

/// A user's own model: helpers, tasks that a retry does not restart, conditions, and other routes of a notice.
#[test]
fn a_model_of_ones_own_that_threads_cannot_run_is_refused_by_name() {
    let steps = || Script::default().then(Step::OnStart).then(Step::ANNOUNCE);
    let waits = |when| Actor::task("waits", steps().then(Step::Run).when(when));
    let first = ActorId(1);
    for (second, refused) in [
        (Actor::task("is like the first", steps().then(Step::Run)), None),
        (waits(When::BarrierFull), None),
        (Actor { renewed: false, ..Actor::task("goes on", steps()) }, Some(Unsupported::Helpers)),
        (Actor::helper("helps", steps()), Some(Unsupported::Helpers)),
        (waits(When::After(first, Step::OnStart)), Some(Unsupported::Script)),
        (waits(When::Before(first, Step::OnStart)), Some(Unsupported::Script)),
        (waits(When::Gone(first)), Some(Unsupported::Cascade)),
        (waits(When::Dead(first)), Some(Unsupported::Cascade)),
        (Actor::task("calls", Script::default().then(Step::ANNOUNCE).via(Via::Call)), Some(Unsupported::Script)),
        (waits(When::Stopping).with(Fault::Dies, &[], &[]), None),
        (
            Actor::task("stops, or runs", steps().then(Step::Stop).when(When::Stopping).or(Step::Run)),
            Some(Unsupported::Script),
        ),
        (
            waits(When::Stopping).with(Fault::Panics, &[], &[When::After(first, Step::Run)]),
            Some(Unsupported::Fault(Fault::Panics)),
        ),
    ] {
        let (scenario, name) = (scenario("seed/fixed", &[], 2), second.name.clone());
        let actors = vec![Actor::task("first", steps().then(Step::Run)), second];
        let model = Model::new(scenario.rules().controller(), *scenario.model().run(), actors).expect("a model");
        assert_eq!(check(&Setup { scenario, model }, &Options::on(EventLog::default())).err(), refused, "{name}");
    }
}

#[test]
fn nothing_is_started_if_a_setup_is_refused() {
    let setup = Setup::of(scenario("seed/fixed", &[("duplicates", "1")], 2));
    let never = |_| unreachable!("nothing was started");
    assert!(launch(&setup, Options::on(EventLog::default()), never).is_err());
}

#[test]
fn more_threads_than_there_are_is_refused_with_both_numbers() {
    let attempts = if MODELLED { "2" } else { "255" };
    let needed = if MODELLED { 1 + 2 * 3 } else { 1 + 255 * 17 };
    let refused = refusal(&[("attempts", attempts)], if MODELLED { 3 } else { 17 });
    assert_eq!(refused, Some(Unsupported::Threads(needed, MAX_THREADS)));
    let text = Unsupported::Threads(needed, MAX_THREADS).to_string();
    assert!(text.contains(&needed.to_string()) && text.contains(&MAX_THREADS.to_string()), "{text}");
}

#[test]
fn a_run_inside_a_loom_model_is_refused() {
    let run = run(&Setup::of(scenario("seed/fixed", &[], 2)), Options::on(EventLog::default()));
    assert_eq!(run.err(), MODELLED.then_some(Unsupported::Modelled));
}
