//! Where every order breaks a claim: which knob, turned alone, mends it.
//!
//! Only the pipeline's own controller obeys every knob, so only its scenarios are tried. A numeric knob is not turned,
//! but for duplicates, which are taken away.

use std::any::Any;

use crate::explore::report::{Check, Report};
use crate::explore::verdict::Kind;
use crate::protocol::claims::{Claim, standard};
use crate::protocol::controller::{Controller, Pipeline};
use crate::protocol::rules::{KNOBS, Rules};
use crate::protocol::scenario::Scenario;
use crate::protocol::world::Setup;

/// How many states each try may store.
pub const MAX_STATES: usize = 20_000;

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

/// The knobs that mend a claim of a report; none for a user's own controller or startup sequence. The claims of the
/// protocol are all judged anew, whichever the report judges.
pub fn mends<C: Controller>(report: &Report<C>, claim: &Claim<C>) -> Option<Mends> {
    let any: &dyn Any = &(report.setup.clone(), claim.clone());
    let (setup, claim) = any.downcast_ref::<(Setup<Pipeline>, Claim<Pipeline>)>()?;
    if *setup != Setup::of(setup.scenario.clone()) {
        return None;
    }
    let rules = *setup.scenario.rules();
    let before = refuted(&setup.scenario, rules, claim)?;
    let mut mends = Mends::default();
    for (knob, value, turned) in turns(rules) {
        match refuted(&setup.scenario, turned, claim) {
            Some(Found { verdict: Kind::Proved, refuted }) => {
                let breaks = refuted.into_iter().filter(|id| !before.refuted.contains(id)).collect();
                mends.found.push(Mend { knob, value, breaks });
            }
            Some(Found { verdict: Kind::CutShort, .. }) => mends.unknown.push((knob, value)),
            Some(Found { verdict: Kind::Refuted | Kind::Vacuous, .. }) | None => {}
        }
    }
    Some(mends)
}

/// Every knob at each of its other values. Fewer duplicates are not among them: where every schedule breaks a claim, so do
/// those that repeat no delivery.
fn turns(rules: Rules) -> Vec<(&'static str, String, Rules)> {
    let mut turns = Vec::new();
    for knob in KNOBS {
        for value in knob.values.iter().filter(|value| **value != (knob.get)(&rules)) {
            let mut turned = rules;
            if (knob.set)(&mut turned, value).is_some() {
                turns.push((knob.name, value.to_string(), turned));
            }
        }
    }
    turns
}

/// The verdict of a claim under some rules, and the claims of the protocol that are refuted there.
struct Found {
    verdict: Kind,
    refuted: Vec<String>,
}

fn refuted(scenario: &Scenario, rules: Rules, claim: &Claim<Pipeline>) -> Option<Found> {
    let setup = Setup::of(with_rules(scenario, rules)?);
    let claims = [claim.clone()].into_iter().chain(standard()).collect();
    let report = Check::new(setup).claims(claims).symmetric().max_states(MAX_STATES).run().ok()?;
    let verdict = report.claims.first()?.verdict.kind();
    let refuted = report.claims[1..].iter().filter(|judgement| judgement.verdict.kind() == Kind::Refuted);
    Some(Found { verdict, refuted: refuted.map(|judgement| judgement.claim.id.to_string()).collect() })
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
