//! The search against a plain one that keeps every state and step: the same states, premises, numbers of schedules,
//! probabilities and canonical counterexamples, on scenarios that draw every knob.

mod own;
mod plain;

use std::cell::Cell;
use std::ops::ControlFlow;

use proptest::test_runner::{Config, TestRunner};
use startup_race::claims::{Claim, State};
use startup_race::core::Stage;
use startup_race::explore::engine::{Answer, NoAnswer, Request, explore, explore_with_short_limbs};
use startup_race::explore::limits::Limits;
use startup_race::explore::orbits::{Symmetric, Symmetry, SymmetryOf};
use startup_race::explore::probability::Measure;
use startup_race::scenario::Setup;
use startup_race::{Controller, Scope};

use self::plain::{Plain, plain};
use crate::common::generators::{Case, rules_of_every_phase, scenario};

/// What the search says.
fn answer<C: Controller>(
    setup: &Setup<C>,
    claims: &[Claim<C>],
    symmetry: Option<SymmetryOf<C>>,
    jobs: usize,
    short: bool,
) -> Result<Answer, NoAnswer> {
    let limits = Limits::default();
    let request =
        Request { model: &setup.model, claims, symmetry, numbers: true, schedules: true, limits: &limits, jobs };
    let goes_on = &mut |_, _| ControlFlow::Continue(());
    if short { explore_with_short_limbs(&request, goes_on) } else { explore(&request, goes_on) }
}

/// The first difference between the plain search and what was answered.
fn difference(plain: &Plain, answer: &Answer) -> Option<String> {
    let differs = |what: &str, expected: String, got: String| {
        (expected != got).then(|| format!("{what}: {got} instead of {expected}"))
    };
    let share = |measure: Option<&Measure>| format!("{:?}", measure.map(|it| (&it.schedules, &it.probability)));
    let whole = differs("states", plain.states.to_string(), answer.states.to_string())
        .or_else(|| differs("all", format!("{:?}", Some(&plain.all)), share(answer.all.as_ref())));
    whole.or_else(|| {
        plain.claims.iter().zip(&answer.claims).enumerate().find_map(|(claim, (expected, got))| {
            let schedule = got.schedule.as_ref().map(|schedule| schedule.text(2));
            differs("premise", expected.premise_held.to_string(), got.premise_held.to_string())
                .or_else(|| differs("share", format!("{:?}", Some(&expected.share)), share(got.measure.as_ref())))
                .or_else(|| differs("schedule", format!("{:?}", expected.schedule), format!("{schedule:?}")))
                .map(|difference| format!("claim {claim}: {difference}"))
        })
    })
}

/// Claims of a user's own, so that several are broken in every state, and at different distances.
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

/// Both searches of a setup, unreduced, with more claims than the standard ones. None: it is too large.
fn compare_in_full<C: Controller>(setup: &Setup<C>, most: usize) -> Option<Plain> {
    let claims: Vec<Claim<C>> = setup.standard_claims().into_iter().chain(more_claims()).collect();
    let plain = plain(setup, &claims, most)?;
    for (jobs, short) in [(1, false), (3, true)] {
        let answer = answer(setup, &claims, None, jobs, short).expect("it has an answer");
        assert_eq!(answer.stored, plain.states, "jobs {jobs}, short limbs {short}");
        assert_eq!(difference(&plain, &answer), None, "jobs {jobs}, short limbs {short}");
    }
    Some(plain)
}

/// The same in orbits, also with claims of a user's own. Returns whether tasks could be interchanged.
fn compare_in_orbits<C: Symmetric>(setup: &Setup<C>, plain: &Plain) -> bool {
    let claims: Vec<Claim<C>> = setup.standard_claims().into_iter().chain(more_claims()).collect();
    let mut fewest = plain.states;
    for (jobs, short) in [(1, false), (2, true)] {
        let answer = match answer(setup, &claims, Some(Symmetry::of), jobs, short) {
            Err(NoAnswer::Asymmetric) => return false,
            answer => answer.expect("it has an answer"),
        };
        assert_eq!(difference(plain, &answer), None, "in orbits, jobs {jobs}, short limbs {short}");
        fewest = fewest.min(answer.stored);
    }
    fewest < plain.states
}

#[test]
fn the_search_and_a_plain_one_give_the_same_answers_whatever_the_knobs() {
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let (compared, refuted, reduced) = (Cell::new(0), Cell::new(0), Cell::new(0));
    runner
        .run(&scenario(rules_of_every_phase(), 3), |Case(scenario)| {
            let setup = Setup::of(scenario);
            if let Some(plain) = compare_in_full(&setup, 6_000) {
                let healthy = setup.without_faults();
                let is_reduced = compare_in_orbits(&setup, &plain)
                    || compare_in_full(&healthy, 6_000).is_some_and(|plain| compare_in_orbits(&healthy, &plain));
                reduced.set(reduced.get() + usize::from(is_reduced));
                compared.set(compared.get() + 1);
                let schedules = plain.claims.iter().filter(|claim| claim.schedule.is_some()).count();
                refuted.set(refuted.get() + schedules);
            }
            Ok(())
        })
        .unwrap();
    let (compared, refuted, reduced) = (compared.get(), refuted.get(), reduced.get());
    println!("{compared} scenarios, {reduced} in fewer orbits, {refuted} counterexamples");
    assert!(compared > 50 && reduced > 10 && refuted > 100, "{compared} {reduced} {refuted}");
}
