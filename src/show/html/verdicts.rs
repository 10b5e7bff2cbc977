//! The claims of a page: the result for each, its counterexample, and the nearest passing schedule.

use num_traits::ToPrimitive;

use super::data::{self, Claim, Counterexample, Height, Reasons, Tables, Twin};
use super::page_data::PageData;
use crate::claims::Scope;
use crate::core::Controller;
use crate::explore::explain::nearest::Nearest;
use crate::explore::explain::{Decides, Explanation, annotations};
use crate::explore::forecast::Outcome;
use crate::explore::probability::Probability;
use crate::explore::report::{Judgement, Report};
use crate::explore::trace::Trace;
use crate::explore::verdict::VerdictKind;
use crate::schedule::Schedule;
use crate::show::foreign::escaped;
use crate::show::{explanation, labels, probability, space_time};

/// The traces that a page shows: the counterexamples and the nearest passing schedules.
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
pub fn claim<C: Controller>(sheet: &PageData<C>, tables: &mut Tables, index: usize) -> Claim {
    let report = &sheet.report;
    let judgement = &report.claims[index];
    let share = judgement.share.as_ref().zip(report.schedules.as_ref());
    let judged = match judgement.claim.scope {
        Scope::Always => "in every state",
        Scope::AtEnd => "at every end",
        Scope::Reachable => "in some state",
    };
    let broken_by = share.map(|(share, all)| {
        format!("{} of {} schedules", labels::number_text(&share.schedules), labels::number_text(all))
    });
    let share = judgement.share.as_ref();
    Claim {
        id: escaped(&judgement.claim.id).into_owned(),
        says: escaped(&judgement.claim.statement).into_owned(),
        judged,
        verdict: judgement.verdict.kind().name(),
        premise_met: judgement.premise_met(),
        broken_by,
        probability: share.map(|share| tables.probabilities.place(probability(&share.probability))),
        counterexample: counterexample(sheet, index),
    }
}

/// The counterexample of a claim, why it breaks the claim, and the nearest schedule that does not.
fn counterexample<C: Controller>(sheet: &PageData<C>, index: usize) -> Option<Counterexample> {
    let (report, judgement) = (&sheet.report, &sheet.report.claims[index]);
    let (setup, trace) = (&report.setup, judgement.trace.as_ref()?);
    let explanation = report.explanation(judgement).and_then(Result::ok);
    Some(Counterexample {
        schedule: split(&trace.schedule, report),
        canonical: trace.canonical,
        broken: annotations::broken(setup, trace, &judgement.claim),
        replay: explanation::replay(report, &trace.schedule),
        picture: space_time::of_claim(report, judgement),
        reasons: explanation.map(|explanation| reasons(report, judgement, explanation)),
    })
}

fn reasons<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, explanation: &Explanation<C>) -> Reasons {
    let nearest = twin_of(explanation);
    let steps = |nearest: &Nearest<C>| nearest.pair.iter().filter_map(|swapped| swapped.step).collect();
    let twin =
        |nearest: &Nearest<C>| Twin { schedule: split(&nearest.trace.schedule, report), pair: nearest.pair_in_trace() };
    Reasons {
        because: explanation::because(report, judgement, explanation),
        stuck: explanation::stuck(report, judgement, explanation),
        decides: explanation::decides(report, judgement, explanation),
        pair: nearest.map(steps),
        twin: nearest.map(twin),
    }
}

/// A schedule as its words.
fn split<C>(schedule: &Schedule, report: &Report<C>) -> Vec<String> {
    schedule.text(report.setup.model.inboxes()).split(' ').filter(|word| !word.is_empty()).map(str::to_string).collect()
}

/// The claim that is selected at first: one that some schedules break and others do not; if there is none, one that is
/// refuted; if there is none, the first.
pub fn selected<C: Controller>(sheet: &PageData<C>) -> usize {
    let claims = &sheet.report.claims;
    let is_open = |judgement: &Judgement<C>| {
        judgement.share.as_ref().is_some_and(|share| matches!(Outcome::of(&share.probability), Outcome::Possible(_)))
    };
    let refuted = |judgement: &Judgement<C>| judgement.verdict.kind() == VerdictKind::Refuted;
    claims.iter().position(is_open).or_else(|| claims.iter().position(refuted)).unwrap_or(0)
}

/// A probability: as a fraction, as a height in a plot, and in words.
pub fn probability(probability: &Probability) -> data::Probability {
    let (fraction, words) = (probability.to_string(), probability::runs(probability));
    data::Probability { fraction, height: height(probability), words }
}

/// The height of a probability in a plot, to four decimal places.
fn height(probability: &Probability) -> Height {
    Height(probability::times(probability, 10_000).to_u32().unwrap_or(0))
}
