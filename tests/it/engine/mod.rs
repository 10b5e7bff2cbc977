//! The search that keeps no graph, against the one that keeps it: the same states, premises, numbers of schedules,
//! probabilities and canonical counterexamples, on scenarios that draw every knob.

mod own;

use std::cell::Cell;
use std::ops::ControlFlow;

use proptest::test_runner::{Config, TestRunner};
use startup_race::claims::{Claim, State};
use startup_race::core::Stage;
use startup_race::explore::engine::{Answer, NoAnswer, Request, explore, explore_with_short_limbs};
use startup_race::explore::limits::Limits;
use startup_race::explore::orbits::{Symmetric, Symmetry, SymmetryOf};
use startup_race::explore::report::{Check, Report};
use startup_race::scenario::Setup;
use startup_race::{Controller, Scope};

use crate::common::generators::{Case, rules_of_every_phase, scenario};

/// What the search that keeps no graph says.
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

/// The first difference between the two searches.
fn difference<C: Controller>(report: &Report<C>, answer: &Answer) -> Option<String> {
    let differs = |what: &str, old: String, new: String| (old != new).then(|| format!("{what}: {old} and {new}"));
    let whole = differs("states", report.states.to_string(), answer.states.to_string())
        .or_else(|| differs("stored", report.orbits.to_string(), answer.stored.to_string()))
        .or_else(|| {
            let all = answer.all.as_ref().map(|all| all.schedules.clone());
            differs("schedules", format!("{:?}", report.schedules), format!("{all:?}"))
        });
    whole.or_else(|| {
        report.claims.iter().zip(&answer.claims).find_map(|(old, new)| {
            let way = old.trace.as_ref().map(|trace| trace.schedule.text(2));
            differs("premise", old.premise_held.to_string(), new.premise_held.to_string())
                .or_else(|| differs("measure", format!("{:?}", old.share), format!("{:?}", new.measure)))
                .or_else(|| {
                    let schedule = new.schedule.as_ref().map(|schedule| schedule.text(2));
                    differs("schedule", format!("{way:?}"), format!("{schedule:?}"))
                })
                .map(|difference| format!("{}: {difference}", old.claim.id))
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
fn compare_in_full<C: Controller>(setup: &Setup<C>, most: usize) -> Option<Report<C>> {
    let claims: Vec<Claim<C>> = setup.standard_claims().into_iter().chain(more_claims()).collect();
    let report = Check::new(setup.clone()).claims(claims.clone()).max_states(most).run().ok()?;
    if !report.complete {
        return None;
    }
    for (jobs, short) in [(1, false), (3, true)] {
        let answer = answer(setup, &claims, None, jobs, short).expect("it has an answer");
        assert_eq!(difference(&report, &answer), None, "jobs {jobs}, short limbs {short}");
    }
    Some(report)
}

/// Both searches of a setup in orbits.
fn compare_in_orbits<C: Symmetric>(setup: &Setup<C>, most: usize) {
    let report = Check::new(setup.clone()).symmetric().max_states(most).run().expect("it keeps its contract");
    if !report.complete || !report.reduced {
        return;
    }
    let claims = setup.standard_claims();
    for (jobs, short) in [(1, false), (2, true)] {
        let answer = answer(setup, &claims, Some(Symmetry::of), jobs, short).expect("it has an answer");
        assert_eq!(difference(&report, &answer), None, "in orbits, jobs {jobs}, short limbs {short}");
    }
}

#[test]
fn both_searches_give_the_same_answers_whatever_the_knobs() {
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let (compared, refuted) = (Cell::new(0), Cell::new(0));
    runner
        .run(&scenario(rules_of_every_phase(), 3), |Case(scenario)| {
            let setup = Setup::of(scenario);
            if let Some(report) = compare_in_full(&setup, 15_000) {
                compare_in_orbits(&setup, 15_000);
                compared.set(compared.get() + 1);
                let traces = report.claims.iter().filter(|claim| claim.trace.is_some()).count();
                refuted.set(refuted.get() + traces);
            }
            Ok(())
        })
        .unwrap();
    let (compared, refuted) = (compared.get(), refuted.get());
    assert!(compared > 60 && refuted > 100, "{compared} scenarios, {refuted} counterexamples");
}
