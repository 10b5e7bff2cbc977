//! The limits of a request: a limit of memory ends it and is named, an interrupt ends all of it, and explanations have
//! limits, too.

use std::ops::ControlFlow;

use startup_race::explore::explain::cause::{Fact, Recovery};
use startup_race::explore::explain::{Decides, Explanation, explain};
use startup_race::explore::limits::{Interrupt, Limit, Limits};
use startup_race::explore::verdict::VerdictKind;
use startup_race::{Check, Claim, PipelineController, Report, Rules, Scenario, Scope, Setup};

use crate::common::request::check;

/// The content of a report: its numbers; and for each claim the verdict, the premise, the share and the trace.
fn facts(report: &Report<PipelineController>) -> String {
    let claims = report.claims.iter().map(|claim| {
        format!("{} {} {} {:?} {:?}", claim.claim.id, claim.verdict, claim.premise_held, claim.share, claim.trace)
    });
    format!("{} {} {:?} {:?}", report.states, report.orbits, report.schedules, claims.collect::<Vec<_>>())
}

/// Every limit of memory from 1 KiB on, each a tenth larger than the one before.
fn sizes() -> impl Iterator<Item = usize> {
    std::iter::successors(Some(1024), |size: &usize| Some(size + size / 10))
}

#[test]
fn an_answer_is_the_complete_one_or_names_the_memory_that_was_missing() {
    for request in ["arroyo/before --tasks 3 --fails 3", "seed/fixed --attempts 2 --fails 2@1", "arroyo/late-only"] {
        let whole = check(request).run().unwrap();
        let (mut cut, mut refuted, mut needed) = (0, 0, None);
        for size in sizes() {
            let report = check(request).memory(size).run().unwrap();
            assert_eq!(report.limits.used(), 0, "what was used is given back");
            let is_whole = report.complete && report.witness.complete.is_some();
            assert_eq!(report.cut.is_none(), report.complete);
            assert_eq!(report.witness.cut.is_none(), report.witness.complete.is_some());
            if is_whole {
                assert_eq!(facts(&report), facts(&whole), "{request}, {size} bytes");
                needed = Some(size);
                break;
            }
            cut += 1;
            assert!([report.cut, report.witness.cut].contains(&Some(Limit::Memory)), "{request}, {size} bytes");
            assert!(report.claims.iter().all(|claim| !claim.verdict.is_proved()), "{request}, {size} bytes");
            assert_eq!(facts(&report), facts(&check(request).memory(size).run().unwrap()), "every run ends alike");
            for claim in report.claims.iter().filter(|claim| claim.verdict.kind() == VerdictKind::Refuted) {
                refuted += 1;
                let trace = claim.trace.as_ref().expect("a refuted claim has a counterexample");
                assert!(!trace.canonical || report.complete, "{request}, {size} bytes");
            }
        }
        println!("{request}: {cut} limits are too small, {needed:?} bytes are enough");
        assert!(cut > 20 && (refuted > 0 || whole.verdict() == VerdictKind::Proved), "{request}: {cut} {refuted}");
    }
}

#[test]
fn schedules_are_counted_if_every_state_was_searched_and_not_before() {
    let request = "arroyo/before --tasks 4 --fails 4";
    let whole = check(request).run().unwrap();
    let mut cut = 0;
    for report in sizes().map(|size| check(request).memory(size).run().unwrap()) {
        assert_eq!(
            (report.cut, report.schedules.is_some()),
            (report.cut.filter(|_| !report.complete), report.complete)
        );
        if report.complete {
            assert_eq!((report.orbits, &report.schedules), (whole.orbits, &whole.schedules));
            break;
        }
        assert_eq!(report.cut, Some(Limit::Memory));
        cut += 1;
    }
    assert!(cut > 20, "{cut} limits are too small");
}

/// A check of a user's own claim that the second step can break, with this many tasks. Many steps are then left.
fn broken_early(tasks: u8) -> Check<'static, PipelineController> {
    let rules = Rules::named("arroyo/before").unwrap();
    let scenario = Scenario::new(rules, tasks).unwrap().failing(&[tasks]).unwrap();
    let idle =
        |state: &startup_race::State<'_, PipelineController>| state.tasks().all(|task| !task.completed_on_start());
    let claim = Claim::new("nothing-starts", "(always): no task has started", Scope::Always, |_| true, idle);
    Check::new(Setup::of(scenario)).claims(vec![claim])
}

fn explanations(report: &Report<PipelineController>) -> Vec<Explanation<PipelineController>> {
    report.claims.iter().filter_map(|claim| explain(report, claim)).collect()
}

#[test]
fn an_explanation_of_a_large_scenario_comes_to_an_end_and_says_what_is_not_known() {
    let report = broken_early(16).max_states(2_000).run().unwrap();
    let [explanation] = &explanations(&report)[..] else { panic!("one claim is refuted: {}", report.text()) };
    assert!(matches!(
        explanation.decides,
        Decides::Unknown(_, Limit::States | Limit::Effort) | Decides::NoOrder(None, _)
    ));
    assert_eq!(report.limits.used(), 0);
}

#[test]
fn an_interrupt_ends_the_explanations_and_they_say_so() {
    let interrupt = Interrupt::default();
    let report =
        check("arroyo/after --fails 2@1 --attempts 2 --duplicates 1").interrupt(interrupt.clone()).run().unwrap();
    // A report makes its explanations only once. The copy makes them before the interrupt.
    assert!(!report.clone().text().contains("interrupt"));
    interrupt.raise();
    let explanations = explanations(&report);
    assert!(explanations.iter().any(|one| matches!(one.decides, Decides::Unknown(0, Limit::Interrupted))));
    let unknown = Fact::Recovery(Recovery::Unknown(Limit::Interrupted));
    assert!(explanations.iter().any(|one| one.because.facts().contains(&&unknown)));
    let text = report.text();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("and the search was interrupted there"), "{text}");
    assert!(flat.contains("the search for that was interrupted"), "{text}");
}

#[test]
fn a_limit_of_memory_ends_an_explanation_and_it_says_so() {
    let mut report = check("arroyo/before --tasks 4 --fails 4").run().unwrap();
    report.limits = Limits::default().memory(20_000);
    let text = report.text();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("the limit of memory ended the search there"), "{text}");
    assert_eq!(report.limits.used(), 0);
}

#[test]
fn an_interrupt_at_any_call_of_progress_gives_a_whole_report_that_proves_nothing() {
    let whole = check("arroyo/before --tasks 3 --fails 3").run().unwrap();
    let mut calls = 0;
    check("arroyo/before --tasks 5 --fails 5")
        .on_progress(|_, _| {
            calls += 1;
            ControlFlow::Continue(())
        })
        .run()
        .unwrap();
    assert!(calls > 3 && whole.complete, "{calls}");
    for last in 1..=calls {
        let mut call = 0;
        let report = check("arroyo/before --tasks 5 --fails 5").on_progress(|_, _| {
            call += 1;
            if call == last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let report = report.run().unwrap();
        assert_eq!(report.witness.cut, Some(Limit::Interrupted), "an interrupt stays");
        assert!(report.claims.iter().all(|claim| !claim.verdict.is_proved()), "call {last}");
        assert!(report.text().contains("by an interrupt"), "call {last}");
    }
}

#[test]
fn a_search_that_cannot_go_on_is_not_said_to_need_more_states() {
    let flat = |report: &Report<PipelineController>| report.text().split_whitespace().collect::<Vec<_>>().join(" ");
    let mut report = check("arroyo/after").max_states(10).run().unwrap();
    assert!(flat(&report).contains("a higher --max-states"));
    (report.cut, report.witness.cut) = (Some(Limit::Effort), Some(Limit::Effort));
    let text = flat(&report);
    assert!(text.contains("cut short because it could not go on:"), "{text}");
    assert!(
        text.contains("can-run is not known to hold: its search was cut short because it could not go on"),
        "{text}"
    );
    assert!(!text.contains("--max-states") && !text.contains("bound of"), "{text}");
}
