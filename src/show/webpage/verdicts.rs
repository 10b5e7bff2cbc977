//! The claims of a page: what was found of each, its counterexample, and the twin that does not break it.

use num_traits::ToPrimitive;
use serde_json::{Value, json};

use super::sheet::{Sheet, Tables};
use crate::claims::Scope;
use crate::core::Controller;
use crate::explore::explain::twin::Twin;
use crate::explore::explain::{Decides, Explanation, marks};
use crate::explore::odds::Odds;
use crate::explore::replay::Walk;
use crate::explore::report::{Judgement, Report};
use crate::explore::standing::Standing;
use crate::explore::verdict::Kind;
use crate::schedule::Schedule;
use crate::show::foreign::escaped;
use crate::show::{chance, reasons, words};
use crate::transition::Event;

/// The schedules that a page shows: the counterexamples and their twins.
pub fn schedules<C: Controller>(report: &Report<C>, explanations: &[Option<Explanation>]) -> Vec<Schedule> {
    let counterexamples = report.claims.iter().filter_map(|judgement| judgement.trace.as_ref());
    let twins = explanations.iter().flatten().filter_map(twin_of);
    counterexamples.map(|trace| &trace.schedule).chain(twins.map(|twin| &twin.schedule)).cloned().collect()
}

fn twin_of(explanation: &Explanation) -> Option<&Twin> {
    match &explanation.decides {
        Decides::Pair(twin) => Some(twin),
        Decides::NoOrder(..) | Decides::Unknown(..) => None,
    }
}

/// A claim, for the page's script.
pub fn claim<C: Controller>(sheet: &Sheet<C>, tables: &mut Tables, index: usize) -> Value {
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
            format!("{} of {} schedules", words::number_text(&share.schedules), words::number_text(all))
        }),
        "odds": judgement.share.as_ref().map(|share| tables.odds.place(odds(&share.odds))),
        "counterexample": counterexample(sheet, index),
    })
}

/// The counterexample of a claim, why it breaks the claim, and the twin that does not.
fn counterexample<C: Controller>(sheet: &Sheet<C>, index: usize) -> Option<Value> {
    let (report, judgement) = (&sheet.report, &sheet.report.claims[index]);
    let (setup, trace) = (&report.setup, judgement.trace.as_ref()?);
    let walk = Walk::of(setup, &trace.schedule).ok()?;
    let mut shown = json!({
        "schedule": split(&trace.schedule, report),
        "canonical": trace.canonical,
        "broken": marks::broken(setup, &walk, &judgement.claim),
        "replay": reasons::replay(report, &trace.schedule),
    });
    if let Some(explanation) = &sheet.explanations[index] {
        shown["because"] = json!(reasons::because(report, judgement, explanation));
        shown["stuck"] = json!(reasons::stuck(report, judgement, explanation));
        shown["decides"] = json!(reasons::decides(report, judgement, explanation));
        if let Some(found) = twin_of(explanation) {
            let steps: Vec<usize> = found.pair.iter().filter_map(|swapped| swapped.step).collect();
            shown["pair"] = json!(steps);
            shown["twin"] = json!({ "schedule": split(&found.schedule, report), "pair": pair_in(found) });
        }
    }
    Some(shown)
}

/// The steps of a twin in which the pair stands, the other way round.
fn pair_in(twin: &Twin) -> Vec<usize> {
    let [earlier, later] = &twin.pair;
    let swapped = |pair: &[Event]| same_deed(&pair[0], &later.event) && same_deed(&pair[1], &earlier.event);
    twin.events.windows(2).position(swapped).map_or(Vec::new(), |at| vec![at + 1, at + 2])
}

/// Whether two events are the same deed of the same actor, whatever came of it.
fn same_deed(one: &Event, other: &Event) -> bool {
    match (one, other) {
        (Event::Task { step: one_step, .. }, Event::Task { step: other_step, .. }) => {
            one.task_run() == other.task_run() && one_step == other_step
        }
        (
            Event::Controller { inbox: one_inbox, transition: one_received, .. },
            Event::Controller { inbox: other_inbox, transition: other_received, .. },
        ) => one_inbox == other_inbox && one_received.input == other_received.input,
        (Event::Lost(one_channel, one_message), Event::Lost(other_channel, other_message)) => {
            one_channel == other_channel && one_message == other_message
        }
        _ => false,
    }
}

/// A schedule as its words.
fn split<C>(schedule: &Schedule, report: &Report<C>) -> Vec<String> {
    schedule
        .text(report.setup.scenario.workers())
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect()
}

/// The claim that a reader meets first: one that is open at the start, else one that is refuted, else the first.
pub fn selected<C: Controller>(sheet: &Sheet<C>) -> usize {
    let claims = &sheet.report.claims;
    let is_open = |judgement: &Judgement<C>| {
        judgement.share.as_ref().is_some_and(|share| matches!(Standing::of(&share.odds), Standing::Possible(_)))
    };
    let refuted = |judgement: &Judgement<C>| judgement.verdict.kind() == Kind::Refuted;
    claims.iter().position(is_open).or_else(|| claims.iter().position(refuted)).unwrap_or(0)
}

/// Odds: the fraction, its height in a plot, and in words.
pub fn odds(odds: &Odds) -> Value {
    json!({ "fraction": odds.to_string(), "height": height(odds), "words": chance::runs(odds) })
}

/// How high odds stand in a plot, to four places.
fn height(odds: &Odds) -> f64 {
    let places = (odds.numer() * 20_000u32 + odds.denom()) / (odds.denom() * 2u8);
    places.to_f64().unwrap_or(0.0) / 10_000.0
}
