//! The explorer is compared with a second implementation that was written separately and shares no code with it:
//! numbers of schedules and states, how many schedules break each claim, the probability, the canonical
//! counterexamples, the witness.
//!
//! This checks both the model and the search. It cannot detect an error in the description that both were written from.

use crate::reference;
use std::collections::BTreeMap;

use crate::common::generators::{Case, options, rules, rules_of_every_phase, scenario};
use crate::common::request::turned;
use num_bigint::BigUint;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use startup_race::claims::standard;
use startup_race::core::{Fault, PipelineController};
use startup_race::explore::report::{Check, Report};
use startup_race::scenario::knobs::{KNOBS, PROTOCOLS};
use startup_race::scenario::{Rules, Scenario, Setup};

/// The same scenario for the other implementation.
fn in_other_words(scenario: &Scenario) -> reference::Scenario {
    let rules = scenario.rules();
    let value = |name: &str| {
        let knob = KNOBS.iter().find(|knob| knob.name == name).expect("a knob");
        let value = (knob.get)(rules);
        *knob.values.iter().find(|&&other| other == value).expect("a value of the knob")
    };
    let task = |index: usize| {
        let spec = &scenario.tasks()[index];
        let attempts = |fault| {
            let at = (1..).zip(&spec.faults).filter(|(_, other)| **other == Some(fault));
            at.map(|(attempt, _)| attempt).collect()
        };
        reference::Task {
            worker: spec.worker.0,
            panics: attempts(Fault::Panics),
            vanishes: attempts(Fault::Vanishes),
            hangs: attempts(Fault::Hangs),
            dies: attempts(Fault::Dies),
        }
    };
    reference::Scenario {
        announce: value("announce"),
        failed_while_scheduling: value("failed-while-scheduling"),
        failed_while_running: value("failed-while-running"),
        barrier: value("barrier"),
        attempts: rules.run.attempts,
        old_attempt: value("old-attempt"),
        fence: value("fence"),
        timeout: value("timeout"),
        cascade: value("cascade"),
        duplicates: rules.run.duplicates,
        losses: rules.run.losses,
        stop: value("stop"),
        stop_while_scheduling: value("stop-while-scheduling"),
        failed_while_stopping: value("failed-while-stopping"),
        crashes: rules.run.crashes,
        recovery: value("recovery"),
        restart: value("restart"),
        tasks: (0..scenario.tasks().len()).map(task).collect(),
    }
}

/// The explorer's result in the form of the other implementation.
fn answer(report: &Report<PipelineController>) -> reference::Answer {
    let workers = report.setup.scenario.workers();
    let claims = report.claims.iter().zip(reference::CLAIMS).map(|(judged, id)| {
        assert_eq!(judged.claim.id, id);
        let share = judged.share.clone().expect("a complete search");
        let canonical = judged.trace.as_ref().map(|trace| trace.schedule.text(workers));
        (id, reference::Judged { breaking: share.schedules, probability: share.probability, canonical })
    });
    reference::Answer {
        schedules: report.schedules.clone().expect("a complete search"),
        states: report.states.to_string().parse().expect("a small world"),
        claims: claims.collect(),
        can_run: report.witness.holds,
    }
}

/// Asserts that both give the same answer. If there are few schedules, the plain walk over all of them must give that
/// answer, too.
fn agree(report: &Report<PipelineController>, theirs: &reference::Scenario) -> reference::Answer {
    let (ours, found) = (answer(report), reference::answer_memo(theirs));
    // Claim by claim first: a whole answer is hard to read.
    for (ours, theirs) in ours.claims.iter().zip(&found.claims) {
        assert_eq!(ours, theirs, "{}", options(&report.setup.scenario));
    }
    assert_eq!(ours, found, "{}", options(&report.setup.scenario));
    if found.schedules <= BigUint::from(1_000u32) {
        assert_eq!(reference::answer(theirs), found, "{}", options(&report.setup.scenario));
    }
    found
}

/// A check of every claim, including those that are judged by default only with a stop or a restart of one task.
fn check<'a>(scenario: Scenario) -> Check<'a, PipelineController> {
    let setup = Setup::of(scenario);
    let claims = standard(setup.model.run());
    Check::new(setup).claims(claims)
}

fn explore(scenario: Scenario) -> Report<PipelineController> {
    let report = check(scenario).run().unwrap();
    assert!(report.complete);
    report
}

fn rules_of(protocol: &str, knobs: &[(&str, &str)]) -> Rules {
    knobs.iter().fold(Rules::named(protocol).unwrap(), |rules, (name, value)| turned(rules, name, value))
}

#[test]
fn they_agree_on_every_protocol_and_failing_set_of_one_to_three_tasks() {
    for (protocol, rules) in PROTOCOLS {
        for tasks in 1..=3u8 {
            for set in 0..1u8 << tasks {
                let fails: Vec<u8> = (1..=tasks).filter(|task| set >> (task - 1) & 1 == 1).collect();
                // Each implementation has its own table of the protocols.
                let mut theirs = reference::Scenario::named(protocol, tasks);
                fails.iter().for_each(|task| theirs.tasks[usize::from(*task) - 1].panics.push(1));
                agree(&explore(Scenario::new(rules, tasks).unwrap().failing(&fails).unwrap()), &theirs);
            }
        }
    }
}

/// Protocol, knobs, the tasks that panic and when, the tasks that vanish, workers.
type Row = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [(u8, &'static [u8])],
    &'static [u8],
    &'static [u8],
);

const TWO: (&str, &str) = ("attempts", "2");
const FENCE: (&str, &str) = ("fence", "attempt");
const LINGERS: (&str, &str) = ("old-attempt", "lingers");

const BEYOND_ONE_ATTEMPT: [Row; 15] = [
    ("seed/fixed", &[TWO], &[(2, &[1])], &[], &[1, 1]),
    ("seed/fixed", &[TWO, FENCE], &[(2, &[1])], &[], &[1, 1]),
    ("arroyo/after", &[TWO], &[(2, &[1])], &[], &[1, 1]),
    ("arroyo/after", &[TWO], &[(2, &[1])], &[], &[1, 2]),
    ("arroyo/after", &[TWO, FENCE], &[(2, &[1])], &[], &[1, 2]),
    ("arroyo/after", &[TWO, FENCE, LINGERS], &[(2, &[1])], &[], &[1, 2]),
    ("arroyo/after", &[TWO, LINGERS], &[(2, &[1])], &[], &[1, 2]),
    ("arroyo/after", &[TWO], &[(1, &[1]), (2, &[1])], &[], &[1, 1]),
    ("arroyo/after", &[TWO, ("duplicates", "1")], &[(2, &[1])], &[], &[1, 1]),
    ("arroyo/after", &[], &[], &[2], &[1, 1]),
    ("arroyo/after", &[("timeout", "patient")], &[], &[2], &[1, 1]),
    ("arroyo/handled-only", &[], &[], &[2], &[1, 1]),
    ("arroyo/after", &[("timeout", "hasty")], &[], &[], &[1, 1]),
    ("seed/fixed", &[("duplicates", "2")], &[(1, &[])], &[], &[1, 1]),
    ("arroyo/before", &[("duplicates", "2")], &[(1, &[])], &[], &[1, 1]),
];

const CHAIN: &[(&str, &str)] = &[("barrier", "none"), ("cascade", "chain")];

const CASCADES: [Row; 3] = [
    ("arroyo/before", CHAIN, &[(1, &[])], &[], &[1, 1, 1]),
    ("arroyo/before", CHAIN, &[(2, &[])], &[], &[1, 1, 1]),
    ("arroyo/before", CHAIN, &[(3, &[])], &[], &[1, 1, 1]),
];

#[test]
fn they_agree_beyond_one_attempt_and_on_cascades() {
    for (protocol, knobs, panics, vanishes, workers) in BEYOND_ONE_ATTEMPT.into_iter().chain(CASCADES) {
        let tasks = Scenario::new(rules_of(protocol, knobs), workers.len() as u8).unwrap();
        let placed = tasks.on_workers(workers).unwrap();
        let panicking = panics.iter().fold(placed, |all, (task, at)| all.with_fault(Fault::Panics, *task, at).unwrap());
        let vanishing =
            vanishes.iter().fold(panicking, |all, task| all.with_fault(Fault::Vanishes, *task, &[]).unwrap());
        agree(&explore(vanishing.clone()), &in_other_words(&vanishing));
    }
}

#[test]
fn they_agree_on_random_scenarios_over_every_knob() {
    let fixed = ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() };
    let mut runner = TestRunner::new(fixed);
    let (mut compared, mut broken, mut able) = (0, BTreeMap::new(), 0);
    for _ in 0..1_000 {
        let Case(scenario) = scenario(rules(), 3).new_tree(&mut runner).unwrap().current();
        let report = check(scenario).max_states(1_500).run().unwrap();
        if !report.complete {
            continue;
        }
        let found = agree(&report, &in_other_words(&report.setup.scenario));
        let refuted = found.claims.iter().filter(|(_, judged)| judged.canonical.is_some());
        refuted.for_each(|(id, _)| *broken.entry(*id).or_insert(0) += 1);
        (compared, able) = (compared + 1, able + u32::from(found.can_run));
    }
    println!("{compared} of 1,000 scenarios compared; {able} can run; broken: {broken:?}");
    assert!(compared >= 600, "{compared} of 1,000 were small enough");
    assert!(broken.len() >= 5 && broken.values().all(|&times| times >= 5), "{broken:?}");
    assert!(able >= 100 && compared - able >= 100, "{able} of {compared} can run");
}

#[test]
fn they_agree_on_random_scenarios_in_every_phase() {
    let fixed = ProptestConfig { rng_seed: RngSeed::Fixed(2), ..ProptestConfig::default() };
    let mut runner = TestRunner::new(fixed);
    let faults = [None, Some(Fault::Dies), Some(Fault::Hangs)];
    let (mut compared, mut broken) = (0, BTreeMap::new());
    for round in 0..1_500 {
        let Case(drawn) = scenario(rules_of_every_phase(), 2).new_tree(&mut runner).unwrap().current();
        // The generator draws panics and tasks that vanish. In two of three rounds, task 1 also dies or hangs in
        // attempt 1, unless it already has a fault there.
        let fault = faults[round % faults.len()];
        let drawn = fault.map_or(Ok(drawn.clone()), |fault| drawn.clone().with_fault(fault, 1, &[1])).unwrap_or(drawn);
        let report = check(drawn).max_states(600).run().unwrap();
        if !report.complete {
            continue;
        }
        let found = agree(&report, &in_other_words(&report.setup.scenario));
        let refuted = found.claims.iter().filter(|(_, judged)| judged.canonical.is_some());
        refuted.for_each(|(id, _)| *broken.entry(*id).or_insert(0) += 1);
        compared += 1;
    }
    println!("{compared} of 1,500 scenarios compared; broken: {broken:?}");
    assert!(compared >= 300, "{compared} of 1,500 were small enough");
    assert!(broken.len() == reference::CLAIMS.len() && broken.values().all(|&times| times >= 5), "{broken:?}");
}
