//! Each step that a fact names is an event of the right kind.

use std::collections::{BTreeMap, BTreeSet};

use startup_race::core::Controller;
use startup_race::explore::explain::because;
use startup_race::explore::explain::cause::{Cause, Fact, Missing, NotOver};
use startup_race::explore::report::Report;
use startup_race::explore::trace::Trace;
use startup_race::explore::verdict::VerdictKind;
use startup_race::show::{Style, report::judged};

use super::fact_check::{Shown, moved, name};
use super::generators::{each_refuted, random_reports, random_reports_of_a_users_controller};

/// Checks every fact of every tree. Returns how often each kind was found, and how many wrong versions of facts were
/// refused.
fn check_facts<C: Controller>(reports: &[Report<C>]) -> (BTreeMap<String, usize>, usize) {
    let (mut met, mut refused) = (BTreeMap::new(), 0);
    let refuted = each_refuted(reports, |report, claim, trace| {
        let shown = Shown { setup: &report.setup, trace, claim };
        let tree: Cause = because::because(&report.setup, trace, claim, &report.limits);
        for fact in tree.facts() {
            assert!(shown.holds(fact), "{}: {fact:?} is not so in {:#?}", claim.id, trace.events);
            *met.entry(name(fact)).or_insert(0) += 1;
            for wrong in moved(fact) {
                assert!(!shown.holds(&wrong), "{}: {wrong:?} was taken for true in {:#?}", claim.id, trace.events);
                refused += 1;
            }
        }
    });
    assert!(refuted > 100, "{refuted}");
    (met, refused)
}

#[test]
fn each_step_that_an_explanation_names_is_an_event_of_the_kind_named() {
    let (met, refused) = check_facts(&random_reports());
    println!("{met:?}; {refused} moved facts refused");
    for kind in [
        "Broken",
        "Died",
        "InVain",
        "Announced",
        "Stale",
        "BecameUp",
        "NotCompleted",
        "Missing",
        "Waits",
        "TimedOut",
        "Failed",
        "NobodyDead",
        "Premise",
        "Conclusion",
        "Recovery",
    ] {
        assert!(met.contains_key(kind), "no explanation named {kind}: {met:?}");
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn each_step_that_an_explanation_of_a_users_controller_names_is_an_event_of_the_kind_named() {
    let (met, refused) = check_facts(&random_reports_of_a_users_controller());
    println!("{met:?}; {refused} moved facts refused");
    for kind in ["NeverCounted", "CountedTwice", "InVain", "BecameUp", "Premise", "Repeated"] {
        assert!(met.contains_key(kind), "no explanation named {kind}: {met:?}");
    }
}

#[test]
fn each_number_after_at_or_since_in_the_text_is_a_step_that_a_fact_names() {
    let reports = random_reports();
    let mut numbers = 0;
    for report in &reports {
        for judgement in report.claims.iter().filter(|judgement| judgement.verdict.kind() == VerdictKind::Refuted) {
            let trace = Trace::of(&report.setup, &judgement.trace.as_ref().unwrap().schedule).unwrap();
            let tree = because::because(&report.setup, &trace, &judgement.claim, &report.limits);
            let named: BTreeSet<usize> = tree.facts().into_iter().flat_map(steps).collect();
            let text = judged(report, judgement, Style::default());
            let because = text.split("\nbecause").nth(1).expect("a because");
            let because = because.split("\nstuck").next().unwrap().split("\ndecides").next().unwrap();
            let words: Vec<&str> = because.split_whitespace().collect();
            for pair in words.windows(2).filter(|pair| ["at", "since"].contains(&pair[0])) {
                let Ok(step) = pair[1].trim_end_matches([';', ',']).parse::<usize>() else { continue };
                assert!(named.contains(&step), "{step} is named by no fact of {tree:#?}\n{text}");
                numbers += 1;
            }
        }
    }
    assert!(numbers > 200, "{numbers}");
}

/// The steps that a fact names.
pub fn steps(fact: &Fact) -> Vec<usize> {
    match fact {
        Fact::Broken(step) => step.iter().copied().collect(),
        Fact::Died(death) => [death.at].into_iter().chain(death.reported).collect(),
        Fact::InVain { at, .. }
        | Fact::Announced { at, .. }
        | Fact::BecameUp { at, .. }
        | Fact::TimedOut { at, .. }
        | Fact::ReportLost { at, .. }
        | Fact::Hangs { at, .. }
        | Fact::StopAsked { at, .. }
        | Fact::StopUndone { at, .. }
        | Fact::Restarted { at, .. }
        | Fact::Finished { at, .. }
        | Fact::BecameEnded { at, .. }
        | Fact::Failed { at, .. } => vec![*at],
        Fact::CountedFor { sent, read, .. } => vec![*sent, *read],
        Fact::Kept { read, began, .. } => vec![*read, *began],
        Fact::NotOver(_, why) => match why {
            NotOver::Dead(death) => [death.at].into_iter().chain(death.reported).collect(),
            NotOver::Lost { sent, lost, .. } => vec![*sent, *lost],
            NotOver::ForgottenInCrash { read, crash, .. } => vec![*read, *crash],
            NotOver::NotCounted { read, .. } => vec![*read],
            NotOver::Hangs | NotOver::AtBarrier(_) | NotOver::GoesOn => Vec::new(),
        },
        Fact::CountedTwice { first, again, .. } | Fact::Repeated { first, again, .. } => vec![*first, *again],
        Fact::Stale { sent, began, read, .. } => vec![*sent, *began, *read],
        Fact::Missing(_, Missing::NotCounted { sent, read }) => vec![*sent, *read],
        Fact::Missing(_, Missing::Lost { sent, lost }) => vec![*sent, *lost],
        Fact::Missing(_, Missing::ForgottenInCrash { read, crash }) => vec![*read, *crash],
        Fact::Missing(_, Missing::Dead(death)) => [death.at].into_iter().chain(death.reported).collect(),
        Fact::Waits { arrived, .. } => vec![*arrived],
        Fact::Premise(since) | Fact::Conclusion(since) => since.iter().map(|(step, _)| *step).collect(),
        Fact::Missing(..)
        | Fact::NeverCounted(_)
        | Fact::NotCompleted(_)
        | Fact::GoOn(_)
        | Fact::NobodyDead(_)
        | Fact::Recovery(_) => Vec::new(),
    }
}
