//! The explorer is compared with stateright, an explicit-state model checker, on the same model: the numbers of states
//! and of orbits, and the refuted claims. This checks the search, not the model: a wrong step is wrong in both.

use std::collections::BTreeSet;

use crate::common::generators::{Case, options, rules, scenario};
use crate::common::stateright_model::{Search, representative};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use startup_race::core::PipelineController;
use startup_race::explore::report::{Check, Report};
use startup_race::scenario::knobs::PROTOCOLS;
use startup_race::scenario::{Rules, Scenario, Setup};
use stateright::{Checker, Model};

/// The result of a search: the number of its states, and the claims that it refutes.
type Found = (String, BTreeSet<String>);

fn theirs(checker: impl Checker<Search>) -> Found {
    let checker = checker.join();
    assert!(checker.is_done());
    let refuted = checker.discoveries().into_keys().map(ToString::to_string).collect();
    (checker.unique_state_count().to_string(), refuted)
}

fn refuted(report: &Report<PipelineController>) -> BTreeSet<String> {
    assert!(report.complete);
    let refuted = report.claims.iter().filter(|judged| judged.verdict.to_string() == "REFUTED");
    refuted.map(|judged| judged.claim.id.to_string()).collect()
}

/// Compares the full searches. Returns the numbers of states and of refuted claims.
fn agree(scenario: &Scenario) -> (usize, usize) {
    let setup = Setup::of(scenario.clone());
    agree_with(&Check::new(setup).run().unwrap())
}

fn agree_with(full: &Report<PipelineController>) -> (usize, usize) {
    let found = theirs(Search::new(full.setup.clone()).checker().spawn_bfs());
    assert_eq!((full.states.to_string(), refuted(full)), found, "{}", options(&full.setup.scenario));
    (found.0.parse().unwrap(), found.1.len())
}

/// Compares the reduced searches, in which all tasks but the last are alike.
fn agree_reduced(scenario: &Scenario) {
    let setup = Setup::of(scenario.clone());
    let reduced = Check::new(setup.clone()).symmetric().run().unwrap();
    let found = theirs(Search::new(setup).checker().symmetry_fn(representative).spawn_dfs());
    assert_eq!((reduced.orbits.to_string(), refuted(&reduced)), found, "{}", options(scenario));
}

fn failing(protocol: Rules, tasks: u8, fails: &[u8]) -> Scenario {
    Scenario::new(protocol, tasks).unwrap().failing(fails).unwrap()
}

fn failing_sets(tasks: u8) -> impl Iterator<Item = Vec<u8>> {
    (0..1u8 << tasks).map(move |set| (1..=tasks).filter(|task| set >> (task - 1) & 1 == 1).collect())
}

#[test]
fn both_name_the_claims_alike() {
    let setup = Setup::of(Scenario::new(PROTOCOLS[0].1, 1).unwrap());
    let ours: Vec<_> = setup.standard_claims().iter().map(|claim| claim.id.to_string()).collect();
    let theirs: Vec<_> = Search::new(setup).properties().iter().map(|property| property.name.to_string()).collect();
    assert_eq!(ours, theirs[..5]);
}

#[test]
fn both_searches_agree_on_every_protocol_and_failing_set_of_one_to_three_tasks() {
    let (mut states, mut refuted) = (0, 0);
    for (_, rules) in PROTOCOLS {
        for (tasks, fails) in (1..=3).flat_map(|tasks| failing_sets(tasks).map(move |fails| (tasks, fails))) {
            let (more_states, more_refuted) = agree(&failing(rules, tasks, &fails));
            (states, refuted) = (states + more_states, refuted + more_refuted);
        }
    }
    println!("{states} states, {refuted} refuted claims in all");
    assert!(states > 20_000 && refuted > 50, "{states} {refuted}");
}

#[test]
fn both_searches_agree_on_four_tasks() {
    for (_, rules) in PROTOCOLS {
        for fails in [&[4][..], &[1, 3]] {
            agree(&failing(rules, 4, fails));
        }
    }
}

#[test]
fn both_reduced_searches_agree_on_two_to_five_tasks() {
    for (_, rules) in PROTOCOLS {
        (2..=5).for_each(|tasks| agree_reduced(&failing(rules, tasks, &[tasks])));
    }
}

#[test]
fn both_searches_agree_on_random_scenarios_over_every_knob() {
    let fixed = ProptestConfig { rng_seed: RngSeed::Fixed(2), ..ProptestConfig::default() };
    let (mut runner, mut compared, mut refuted) = (TestRunner::new(fixed), 0, 0);
    for _ in 0..300 {
        let Case(scenario) = scenario(rules(), 3).new_tree(&mut runner).unwrap().current();
        let full = Check::new(Setup::of(scenario)).max_states(5_000).run().unwrap();
        if full.complete {
            (compared, refuted) = (compared + 1, refuted + agree_with(&full).1);
        }
    }
    println!("{compared} of 300 scenarios compared, {refuted} refuted claims");
    assert!(compared > 200 && refuted > 50, "{compared} {refuted}");
}
