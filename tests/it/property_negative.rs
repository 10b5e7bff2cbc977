//! Shows that the properties of `properties.rs` are not trivial: each condition is needed, each exception happens, and
//! the random walks reach everything that the properties are about.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::generators::{Walk, any_walk};
use crate::common::request::turned;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use startup_race::core::{ActorId, Cause, Fault, Kind, Step};
use startup_race::explore::report::Check;
use startup_race::model::Action;
use startup_race::scenario::{Rules, Scenario, Setup};
use startup_race::schedule::Schedule;
use startup_race::transition::{Event, Reaction};

/// A scenario of a protocol with these knobs, panicking tasks and vanishing tasks.
fn named(protocol: &str, tasks: u8, knobs: &[(&str, &str)], fails: &[(u8, &[u8])], vanishes: &[u8]) -> Scenario {
    let named = Rules::named(protocol).unwrap();
    let rules = knobs.iter().fold(named, |rules, (name, value)| turned(rules, name, value));
    let scenario = Scenario::new(rules, tasks).unwrap();
    let scenario =
        fails.iter().fold(scenario, |scenario, (task, at)| scenario.with_fault(Fault::Panics, *task, at).unwrap());
    vanishes.iter().fold(scenario, |scenario, task| scenario.with_fault(Fault::Vanishes, *task, &[]).unwrap())
}

#[test]
fn each_condition_of_the_properties_is_needed() {
    let broken = |scenario| {
        let report = Check::new(Setup::of(scenario)).run().unwrap();
        assert!(report.complete);
        let refuted = report.claims.iter().filter(|judged| !judged.verdict.is_proved());
        refuted.map(|judged| judged.claim.id.to_string()).collect::<Vec<_>>()
    };
    let once: &[(u8, &[u8])] = &[(2, &[1])];
    let two = ("attempts", "2");
    assert_eq!(broken(named("seed/fixed", 2, &[two, ("fence", "attempt")], once, &[])), [""; 0]);
    // Announcing after `on_start`, also with a fence.
    let early = &[two, ("fence", "attempt"), ("announce", "before-on-start")];
    assert_eq!(broken(named("seed/fixed", 2, early, once, &[])), ["no-false-start"]);
    // A failure while Scheduling fails the attempt.
    let ignored = &[("failed-while-scheduling", "ignore")];
    assert_eq!(broken(named("seed/fixed", 2, ignored, &[(2, &[])], &[])), ["always-decides"]);
    // A fence, if there is more than one attempt. A single attempt, if duplicates are to change no verdict.
    assert_eq!(broken(named("seed/fixed", 2, &[two], once, &[])), ["no-false-start"]);
    assert_eq!(broken(named("arroyo/after", 2, &[two], once, &[])), [""; 0]);
    assert_eq!(broken(named("arroyo/after", 2, &[two, ("duplicates", "1")], once, &[])), ["no-false-alarm"]);
    // No hasty timeout; and a patient one if a task vanishes.
    assert_eq!(broken(named("seed/fixed", 2, &[("timeout", "hasty")], &[], &[])), ["no-false-alarm"]);
    assert_eq!(broken(named("seed/fixed", 2, &[], &[], &[2])), ["always-decides"]);
    assert_eq!(broken(named("seed/fixed", 2, &[("timeout", "patient")], &[], &[2])), [""; 0]);
}

#[test]
fn both_exceptions_to_an_enabled_task_staying_enabled_happen() {
    let after = |scenario: Scenario, schedule: &str| {
        let setup = Setup::of(scenario);
        let mut world = setup.model.start();
        for actor in schedule.parse::<Schedule>().unwrap().0 {
            setup.model.apply(&mut world, actor).unwrap();
        }
        match setup.model.observe(&mut world, Action::Step(ActorId(2))) {
            Ok(Event::Task { step, .. }) => Some(step),
            _ => None,
        }
    };
    let chain = || named("seed/fixed", 3, &[("cascade", "chain")], &[(1, &[]), (3, &[])], &[]);
    assert_eq!(after(chain(), "2 2 2 1 1 3"), Some(Step::FINISH));
    assert_eq!(after(chain(), "2 2 2 1 1 3 3"), Some(Step::Panic(Cause::Cascaded)));
    let retried = || named("arroyo/after", 2, &[("attempts", "2")], &[(1, &[1])], &[]);
    assert_eq!(after(retried(), "1 1 2"), Some(Step::Arrive));
    assert_eq!(after(retried(), "1 1 2 c"), Some(Step::OnStart), "it begins anew");
}

/// What happens in a walk.
fn met(walk: &Walk) -> BTreeSet<String> {
    let mut met: BTreeSet<String> = walk.broken().iter().map(|id| format!("breaks {id}")).collect();
    met.insert(format!("ends {}", walk.end().phase().name));
    for (_, actor, event, _) in walk.steps() {
        met.insert(match event {
            Event::Task { step: Step::Send(Kind::Failed(_)), .. } => "report".to_string(),
            Event::Task { step, .. } => format!("{step:?}"),
            Event::Controller { transition, .. } => match transition.reaction {
                Reaction::Dropped(why) => format!("dropped {why:?}"),
                Reaction::Failed(_) => "Failed".to_string(),
                Reaction::Retry(_) => "Retry".to_string(),
                other => format!("{other:?}"),
            },
            Event::Lost(..) => "lost".to_string(),
        });
        met.insert(format!("{actor:?}").split('(').next().unwrap().to_string());
    }
    met
}

#[test]
fn the_walks_reach_all_that_the_properties_are_about() {
    let fixed = ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() };
    let (mut runner, mut times) = (TestRunner::new(fixed), BTreeMap::new());
    for _ in 0..1_000 {
        let walk = any_walk().new_tree(&mut runner).unwrap().current();
        met(&walk).into_iter().for_each(|what| *times.entry(what).or_insert(0) += 1);
    }
    let table: Vec<_> = times.iter().map(|(what, times)| format!("{what}: {times}")).collect();
    println!("of 1,000 walks\n{}", table.join("\n"));
    assert_eq!(times.len(), 30, "every act, actor, reaction, end and broken claim: {table:?}");
}
