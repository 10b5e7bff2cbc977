//! The claims of a page: what was found of each, its counterexample, and the twin that does not break it.

use num_traits::{One, ToPrimitive};
use serde_json::{Value, json};

use super::sheet::{Sheet, Tables};
use crate::explore::explain::marks;
use crate::explore::odds::Odds;
use crate::explore::replay::Walk;
use crate::explore::report::{Judgement, Report};
use crate::explore::standing::Standing;
use crate::explore::verdict::Kind;
use crate::protocol::claims::Judged;
use crate::protocol::controller::Controller;
use crate::protocol::event::Schedule;
use crate::show::words;

/// The schedules that a page shows: the counterexamples and their twins.
pub fn schedules<C: Controller>(report: &Report<C>) -> Vec<Schedule> {
    report.claims.iter().filter_map(|judgement| Some(judgement.trace.as_ref()?.schedule.clone())).collect()
}

/// A claim, for the page's script.
pub fn claim<C: Controller>(sheet: &Sheet<C>, tables: &mut Tables, index: usize) -> Value {
    let report = &sheet.report;
    let judgement = &report.claims[index];
    let share = judgement.share.as_ref().zip(report.schedules.as_ref());
    let judged = match judgement.claim.judged {
        Judged::EveryState => "in every state",
        Judged::EveryEnd => "at every end",
        Judged::SomeState => "in some state",
    };
    json!({
        "id": judgement.claim.id,
        "says": judgement.claim.says,
        "judged": judged,
        "verdict": judgement.verdict.kind().name(),
        "broken_by": share.map(|(share, all)| {
            format!("{} of {} schedules", words::number_text(&share.schedules), words::number_text(all))
        }),
        "odds": judgement.share.as_ref().map(|share| tables.odds.place(odds(&share.odds))),
        "counterexample": counterexample(report, judgement),
    })
}

fn counterexample<C: Controller>(report: &Report<C>, judgement: &Judgement<C>) -> Option<Value> {
    let (setup, trace) = (&report.setup, judgement.trace.as_ref()?);
    let walk = Walk::of(setup, &trace.schedule).ok()?;
    Some(json!({
        "schedule": split(&trace.schedule, report),
        "canonical": trace.canonical,
        "broken": marks::broken(setup, &walk, &judgement.claim),
    }))
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
    json!({ "fraction": odds.to_string(), "height": height(odds), "words": in_words(odds) })
}

/// How high odds stand in a plot, to four places.
fn height(odds: &Odds) -> f64 {
    let places = (odds.numer() * 20_000u32 + odds.denom()) / (odds.denom() * 2u8);
    places.to_f64().unwrap_or(0.0) / 10_000.0
}

/// Odds strictly between 0 and 1 in words; the certain and the impossible have words of their own.
fn in_words(odds: &Odds) -> Option<String> {
    let (hits, runs) = (odds.numer(), odds.denom());
    match Standing::of(odds) {
        Standing::Certain | Standing::Impossible => None,
        Standing::Possible(_) if hits.is_one() => Some(format!("one run in {}", words::number_text(runs))),
        Standing::Possible(_) if hits * 10u8 > *runs => {
            Some(format!("about {} runs in 100", words::number_text(&((hits * 200u8 + runs) / (runs * 2u8)))))
        }
        Standing::Possible(_) => {
            Some(format!("about one run in {}", words::number_text(&((runs * 2u8 + hits) / (hits * 2u8)))))
        }
    }
}
