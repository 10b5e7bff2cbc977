//! The claims of a page: what was found of each, its counterexample, and the twin that does not break it.

use num_traits::ToPrimitive;
use serde_json::{Value, json};

use super::page_data::{PageData, Tables};
use crate::claims::Scope;
use crate::core::Controller;
use crate::explore::explain::nearest::Nearest;
use crate::explore::explain::{Decides, Explanation, annotations};
use crate::explore::forecast::Outcome;
use crate::explore::probability::Probability;
use crate::explore::report::{Judgement, Report};
use crate::explore::trace::Trace;
use crate::explore::verdict::Kind;
use crate::schedule::Schedule;
use crate::show::foreign::escaped;
use crate::show::{explanation, labels, probability};

/// The traces that a page shows: the counterexamples and their twins.
pub fn traces<C: Controller>(report: &Report<C>) -> impl Iterator<Item = &Trace<C>> {
    let counterexamples = report.claims.iter().filter_map(|judgement| judgement.trace.as_ref());
    let explanations = report.claims.iter().filter_map(|judgement| report.explanation(judgement)?.ok());
    counterexamples.chain(explanations.filter_map(twin_of).map(|twin| &twin.trace))
}

fn twin_of<C>(explanation: &Explanation<C>) -> Option<&Nearest<C>> {
    match &explanation.decides {
        Decides::Pair(twin) => Some(twin),
        Decides::NoOrder(..) | Decides::Unknown(..) => None,
    }
}

/// A claim, for the page's script.
pub fn claim<C: Controller>(sheet: &PageData<C>, tables: &mut Tables, index: usize) -> Value {
    let report = &sheet.report;
    let judgement = &report.claims[index];
    let share = judgement.share.as_ref().zip(report.schedules.as_ref());
    let judged = match judgement.claim.scope {
        Scope::Always => "in every state",
        Scope::AtEnd => "at every end",
        Scope::Reachable => "in some state",
    };
    json!({
        "id": escaped(&judgement.claim.id),
        "says": escaped(&judgement.claim.statement),
        "judged": judged,
        "verdict": judgement.verdict.kind().name(),
        "broken_by": share.map(|(share, all)| {
            format!("{} of {} schedules", labels::number_text(&share.schedules), labels::number_text(all))
        }),
        "probability": judgement.share.as_ref().map(|share| tables.probability.place(probability(&share.probability))),
        "counterexample": counterexample(sheet, index),
    })
}

/// The counterexample of a claim, why it breaks the claim, and the twin that does not.
fn counterexample<C: Controller>(sheet: &PageData<C>, index: usize) -> Option<Value> {
    let (report, judgement) = (&sheet.report, &sheet.report.claims[index]);
    let (setup, trace) = (&report.setup, judgement.trace.as_ref()?);
    let mut shown = json!({
        "schedule": split(&trace.schedule, report),
        "canonical": trace.canonical,
        "broken": annotations::broken(setup, trace, &judgement.claim),
        "replay": explanation::replay(report, &trace.schedule),
    });
    if let Some(Ok(explanation)) = report.explanation(judgement) {
        shown["because"] = json!(explanation::because(report, judgement, explanation));
        shown["stuck"] = json!(explanation::stuck(report, judgement, explanation));
        shown["decides"] = json!(explanation::decides(report, judgement, explanation));
        if let Some(found) = twin_of(explanation) {
            let steps: Vec<usize> = found.pair.iter().filter_map(|swapped| swapped.step).collect();
            shown["pair"] = json!(steps);
            shown["twin"] = json!({ "schedule": split(&found.trace.schedule, report), "pair": found.pair_in_trace() });
        }
    }
    Some(shown)
}

/// A schedule as its words.
fn split<C>(schedule: &Schedule, report: &Report<C>) -> Vec<String> {
    schedule.text(report.setup.model.inboxes()).split(' ').filter(|word| !word.is_empty()).map(str::to_string).collect()
}

/// The claim that a reader meets first: one that is open at the start, else one that is refuted, else the first.
pub fn selected<C: Controller>(sheet: &PageData<C>) -> usize {
    let claims = &sheet.report.claims;
    let is_open = |judgement: &Judgement<C>| {
        judgement.share.as_ref().is_some_and(|share| matches!(Outcome::of(&share.probability), Outcome::Possible(_)))
    };
    let refuted = |judgement: &Judgement<C>| judgement.verdict.kind() == Kind::Refuted;
    claims.iter().position(is_open).or_else(|| claims.iter().position(refuted)).unwrap_or(0)
}

/// Probability: the fraction, its height in a plot, and in words.
pub fn probability(probability: &Probability) -> Value {
    json!({ "fraction": probability.to_string(), "height": height(probability), "words": probability::runs(probability) })
}

/// How high a probability is in a plot, to four places.
fn height(probability: &Probability) -> f64 {
    let places = (probability.numer() * 20_000u32 + probability.denom()) / (probability.denom() * 2u8);
    places.to_f64().unwrap_or(0.0) / 10_000.0
}
