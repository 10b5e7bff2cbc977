//! Where every order breaks a claim: which knob, turned alone, mends it.
//!
//! Only the pipeline's own controller obeys every knob, so only its scenarios are tried. A numeric knob is not turned,
//! but for duplicates, which are taken away.

use std::any::Any;

use crate::explore::report::{Check, Report};
use crate::explore::verdict::Kind;
use crate::protocol::controller::{Controller, Pipeline};
use crate::protocol::rules::{KNOBS, Rules};
use crate::protocol::scenario::Scenario;
use crate::protocol::startup::Sequence;
use crate::protocol::world::Setup;

/// How many states each try may store.
pub const MAX_STATES: usize = 50_000;

/// A knob that mends a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    /// Which knob.
    pub knob: &'static str,
    /// Turned to which value.
    pub value: String,
    /// The claims that it breaks instead.
    pub breaks: Vec<String>,
}

/// What was tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mends {
    /// What mends the claim.
    pub found: Vec<Mend>,
    /// What was too large to say: knob and value.
    pub unknown: Vec<(&'static str, String)>,
}

/// The knobs that mend a claim of a report; none for a user's own controller or startup sequence.
pub fn mends<C: Controller + 'static>(report: &Report<C>, claim: &str) -> Option<Mends> {
    let report = (report as &dyn Any).downcast_ref::<Report<Pipeline>>()?;
    let scenario = &report.setup.scenario;
    if report.setup != Setup::of(scenario.clone()) || report.setup.sequence != Sequence::of(scenario.rules()) {
        return None;
    }
    let mut mends = Mends::default();
    for knob in KNOBS {
        let now = (knob.get)(scenario.rules());
        let zero = (knob.name == "duplicates").then_some("0");
        for &value in knob.values.iter().chain(&zero).filter(|value| **value != now) {
            let mut rules = *scenario.rules();
            if (knob.set)(&mut rules, value).is_none() {
                continue;
            }
            match turned(report, rules).map(|after| verdict(report, &after, claim)) {
                Some(Some((Kind::Proved, breaks))) => {
                    mends.found.push(Mend { knob: knob.name, value: value.to_string(), breaks });
                }
                Some(Some((Kind::CutShort, _))) => mends.unknown.push((knob.name, value.to_string())),
                _ => {}
            }
        }
    }
    Some(mends)
}

/// The same check with other rules.
fn turned(report: &Report<Pipeline>, rules: Rules) -> Option<Report<Pipeline>> {
    let scenario = with_rules(&report.setup.scenario, rules)?;
    let claims = report.claims.iter().map(|judgement| judgement.claim.clone()).collect();
    Check::new(Setup::of(scenario)).claims(claims).symmetric().max_states(MAX_STATES).run().ok()
}

/// The verdict of a claim with the knob turned, and the claims that are refuted now and were not before.
fn verdict(before: &Report<Pipeline>, after: &Report<Pipeline>, claim: &str) -> Option<(Kind, Vec<String>)> {
    let pairs = before.claims.iter().zip(&after.claims);
    let newly =
        pairs.filter(|(before, after)| before.verdict.kind() != Kind::Refuted && after.verdict.kind() == Kind::Refuted);
    let breaks = newly.map(|(_, after)| after.claim.id.to_string()).collect();
    let judged = after.claims.iter().find(|judgement| judgement.claim.id == claim)?;
    Some((judged.verdict.kind(), breaks))
}

/// The same tasks under other rules.
fn with_rules(scenario: &Scenario, rules: Rules) -> Option<Scenario> {
    let tasks = scenario.tasks();
    let mut other = Scenario::new(rules, u8::try_from(tasks.len()).ok()?).ok()?;
    other = other.with_names(&tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>()).ok()?;
    other = other.on_workers(&tasks.iter().map(|task| task.worker.0).collect::<Vec<_>>()).ok()?;
    for id in scenario.ids() {
        for (index, &fate) in scenario.task(id).fates.iter().enumerate() {
            other = other.with_fate(fate, id.0, &[u8::try_from(index + 1).ok()?]).ok()?;
        }
    }
    Some(other)
}
