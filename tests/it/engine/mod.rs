//! The search is compared with a plain one that keeps every state and step. Both have the same states, orbits,
//! premises, numbers of schedules, probabilities and canonical counterexamples, on scenarios with every knob random.
//! The search also runs on several threads, with short limbs, and with files.

mod own;

use std::cell::Cell;
use std::ops::ControlFlow;
use std::panic::resume_unwind;

use proptest::test_runner::{Config, TestRunner};
use startup_race::claims::{Claim, State};
use startup_race::core::Stage;
use startup_race::explore::contract::Violation;
use startup_race::explore::engine::spill::Disk;
use startup_race::explore::engine::{Answer, NoAnswer, Request, explore, explore_with_short_limbs};
use startup_race::explore::limits::Limits;
use startup_race::explore::orbits::{Symmetric, Symmetry, SymmetryOf};
use startup_race::explore::plain;
use startup_race::scenario::{Rules, Scenario, Setup};
use startup_race::{Controller, Scope};

use crate::common::generators::{Case, rules_of_every_phase, scenario};

/// A configuration of the search.
enum Way {
    Plain,
    /// On this many threads.
    Threads(usize),
    /// The same with limbs of 8 bits.
    ShortLimbs(usize),
    /// The same with files, and with few states in each chunk.
    Files(usize),
}

const WAYS: [Way; 3] = [Way::Threads(1), Way::ShortLimbs(3), Way::Files(2)];

/// The answer of a search of at most this many states.
fn answer<C: Controller>(
    setup: &Setup<C>,
    claims: &[Claim<C>],
    symmetry: Option<SymmetryOf<C>>,
    way: &Way,
    most: usize,
) -> Result<Answer, NoAnswer> {
    let (limits, disk) = (Limits::default().max_states(most), Disk::in_folder(&std::env::temp_dir()).ok());
    let (jobs, spill) = match *way {
        Way::Plain => (1, None),
        Way::Threads(jobs) | Way::ShortLimbs(jobs) => (jobs, None),
        Way::Files(jobs) => (jobs, disk.as_ref()),
    };
    let model = &setup.model;
    let request = Request { model, claims, symmetry, numbers: true, schedules: true, limits: &limits, jobs, spill };
    let goes_on = &mut |_, _| ControlFlow::Continue(());
    match way {
        Way::Plain => plain::explore(&request, goes_on),
        Way::Threads(_) => explore(&request, goes_on),
        Way::ShortLimbs(_) | Way::Files(_) => explore_with_short_limbs(&request, goes_on),
    }
}

/// Claims of a user's own, so that several claims that are judged in every state are broken, at different distances.
fn more_claims<C: Controller>() -> Vec<Claim<C>> {
    let dead = |most: usize| move |s: &State<'_, C>| s.tasks().filter(|task| task.is_dead()).count() <= most;
    vec![
        Claim::new("none-dead", "", Scope::Always, |_| true, dead(0)),
        Claim::new("one-dead", "", Scope::Always, |s| s.world.driver.attempt.0 > 1, dead(1)),
        Claim::reachable("runs-late", "", |s| s.stage() == Stage::Up && s.world.driver.attempt.0 > 1),
        Claim::new(
            "empty-at-end",
            "",
            Scope::Always,
            |s| s.stage() == Stage::Up,
            |s| s.world.inboxes.iter().all(|inbox| inbox.len() < 2),
        ),
    ]
}

/// Compares the searches of a setup, with or without interchanging tasks, with more claims than the standard ones.
/// `None` if the setup is too large, or if its tasks cannot be interchanged.
fn compare<C: Controller>(setup: &Setup<C>, symmetry: Option<SymmetryOf<C>>, most: usize) -> Option<Answer> {
    let claims: Vec<Claim<C>> = setup.standard_claims().into_iter().chain(more_claims()).collect();
    let expected = match answer(setup, &claims, symmetry, &Way::Plain, most) {
        Err(NoAnswer::Asymmetric) => return None,
        answer => answer.expect("it keeps its contract"),
    };
    for way in WAYS.iter().filter(|_| expected.cut.is_none()) {
        let answer = answer(setup, &claims, symmetry, way, most).expect("it keeps its contract");
        assert!(answer.canonical);
        assert_eq!(answer, expected);
    }
    Some(expected).filter(|answer| answer.cut.is_none())
}

/// The same with interchanging tasks. Returns whether there are fewer orbits than states.
fn compare_in_orbits<C: Symmetric>(setup: &Setup<C>, most: usize) -> bool {
    let answer = compare(setup, Some(Symmetry::of), most);
    answer.is_some_and(|answer| answer.states > answer.stored.into())
}

#[test]
fn the_search_and_a_plain_one_name_the_same_schedule_if_a_claim_panics() {
    let scenario = Scenario::new(Rules::named("seed/fixed").unwrap(), 2).unwrap();
    for scope in [Scope::Always, Scope::AtEnd] {
        let panics = Claim::new("panics", "", scope, |s| s.stage() == Stage::Up, |_| resume_unwind(Box::new("no")));
        let schedule =
            |way| match answer(&Setup::of(scenario.clone()), std::slice::from_ref(&panics), None, &way, 1_000) {
                Err(NoAnswer::Broken(Some(schedule), Violation::Claim { .. })) => schedule.text(1),
                other => panic!("{scope:?}: {other:?}"),
            };
        let (searched, plain) = (schedule(Way::Threads(1)), schedule(Way::Plain));
        assert!(!searched.is_empty() && plain == searched, "{scope:?}: {plain:?} is not {searched:?}");
    }
}

#[test]
fn the_search_and_a_plain_one_give_the_same_answers_whatever_the_knobs() {
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let (compared, refuted, reduced) = (Cell::new(0), Cell::new(0), Cell::new(0));
    runner
        .run(&scenario(rules_of_every_phase(), 3), |Case(scenario)| {
            let setup = Setup::of(scenario);
            if let Some(answer) = compare(&setup, None, 6_000) {
                let is_reduced = compare_in_orbits(&setup, 6_000) || compare_in_orbits(&setup.without_faults(), 6_000);
                reduced.set(reduced.get() + usize::from(is_reduced));
                compared.set(compared.get() + 1);
                let schedules = answer.claims.iter().filter(|claim| claim.schedule.is_some()).count();
                refuted.set(refuted.get() + schedules);
            }
            Ok(())
        })
        .unwrap();
    let (compared, refuted, reduced) = (compared.get(), refuted.get(), reduced.get());
    println!("{compared} scenarios, {reduced} in fewer orbits, {refuted} counterexamples");
    assert!(compared > 50 && reduced > 10 && refuted > 100, "{compared} {reduced} {refuted}");
}
