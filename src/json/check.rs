//! The result of a check.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::decides::Decides;
use super::fact::{CutShortBy, Fact, facts};
use super::number::{Count, Fraction};
use super::scenario::Scenario;
use super::step::{Step, steps};
use super::stuck::Stuck;
use crate::claims;
use crate::core::Controller;
use crate::explore::probability::runs_for_95_percent;
use crate::explore::report::{Judgement, Report};
use crate::explore::trace::Trace;
use crate::explore::verdict::{self, VerdictKind};

/// The answer of `check`: one object, or an array if several names are given.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Checks {
    /// For one name.
    One(Box<Check>),
    /// For several names.
    Several(Vec<Check>),
}

/// The result for one scenario.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend(
    "if" = json!({ "properties": { "complete": { "const": true } } }),
    "then" = json!({ "properties": { "schedules": { "type": "string" } }, "not": { "required": ["cut_short_by"] } }),
    "else" = json!({ "properties": { "schedules": { "type": "null" } }, "required": ["cut_short_by"] }),
))]
pub struct Check {
    /// This version of the format.
    #[schemars(extend("const" = "startup-race/check/2"))]
    pub schema: &'static str,
    /// What was checked.
    pub scenario: Scenario,
    /// The worst of the claims' verdicts.
    pub verdict: Verdict,
    /// Whether every schedule was explored.
    pub complete: bool,
    /// The limit that ended the search, or the count of its schedules, early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_short_by: Option<CutShortBy>,
    /// How many states were found: every state that there is, if the search is complete. If orbits were explored, all
    /// states of each orbit count.
    pub states: Count,
    /// How many orbits of states were stored.
    pub orbits: Count,
    /// How many schedules there are; null if the search was cut short.
    pub schedules: Option<Count>,
    /// Whether the pipeline always runs if there is no fault.
    pub witness: Witness,
    /// The claims.
    pub claims: Vec<Claim>,
}

/// A verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub enum Verdict {
    /// Every schedule was explored, none breaks the claim, and the witness holds. Or the claim asks for a state, and a
    /// schedule reaches it.
    #[serde(rename = "PROVED")]
    Proved,
    /// A schedule breaks the claim. Or the claim asks for a state, and no schedule reaches it.
    #[serde(rename = "REFUTED")]
    Refuted,
    /// A limit ended the search of the claim or of its witness.
    #[serde(rename = "CUT SHORT")]
    CutShort,
    /// Every schedule was explored and none breaks the claim, but the witness does not hold.
    #[serde(rename = "VACUOUS")]
    Vacuous,
}

/// The scenario without faults: does it always run?
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend(
    "if" = json!({ "properties": { "complete": { "const": true } } }),
    "then" = json!({ "not": { "required": ["cut_short_by"] } }),
    "else" = json!({ "required": ["cut_short_by"] }),
))]
pub struct Witness {
    /// The name of its claim: `can-run`, unless the check has a witness of its own.
    #[schemars(extend("x-free-text" = true))]
    pub id: String,
    /// Whether its claim holds. For `can-run`: an end was found, and every end that was found is Running with every task
    /// in `run`.
    pub holds: bool,
    /// Whether every schedule was explored.
    pub complete: bool,
    /// The limit that ended its search early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_short_by: Option<CutShortBy>,
}

/// When a claim is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// In every state.
    Always,
    /// At every end.
    AtEnd,
    /// The claim holds if some schedule reaches a state that it describes.
    Reachable,
}

/// The result for a claim.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend(
    "if" = json!({ "properties": { "verdict": { "const": "REFUTED" }, "scope": { "enum": ["always", "at_end"] } } }),
    "then" = json!({ "required": ["counterexample"] }),
))]
pub struct Claim {
    /// Its name.
    #[schemars(extend("x-free-text" = true))]
    pub id: String,
    /// The claim in words: free text, for people.
    #[schemars(extend("x-free-text" = true))]
    pub statement: String,
    /// When it is judged.
    pub scope: Scope,
    /// The verdict.
    pub verdict: Verdict,
    /// In how many states, or ends, the premise held.
    pub premise_held: Count,
    /// Whether the premise held anywhere. If it did not, the claim was not tested. null if this is not known because
    /// the search was cut short.
    pub premise_met: Option<bool>,
    /// How many schedules break it, or reach the state that it asks for; null if the search was cut short.
    pub breaking_schedules: Option<Count>,
    /// The probability that the uniform scheduler takes one of these schedules; null if the search was cut short.
    pub probability: Option<Fraction>,
    /// The least number of runs of that scheduler that see one of these schedules with a probability of at least 95 %;
    /// null if the search was cut short, or if there is no such schedule.
    pub runs_for_95_percent: Option<Count>,
    /// The schedule that was found: it breaks the claim, or reaches the state that the claim asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterexample: Option<Counterexample>,
}

/// A schedule that breaks a claim, and why.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Counterexample {
    /// The actor of each step, in order.
    #[schemars(regex(pattern = "^[0-9@cdlstx ]*$"))]
    pub schedule: String,
    /// How many steps it has.
    pub actions: usize,
    /// How often a step is taken by another actor than the step before. The controller, the network and the user count
    /// as one actor.
    pub switches: usize,
    /// Whether it is known to be the first such schedule in the canonical order. To know this, the search must be
    /// complete and have enough memory.
    pub canonical: bool,
    /// Its steps.
    pub steps: Vec<Step>,
    /// Why the claim is broken: a list of facts. A cause comes before the fact that it explains.
    pub because: Vec<Fact>,
    /// The actors that wait for something that will not happen.
    pub stuck: Vec<Stuck>,
    /// What decides whether the claim is broken; null for a claim that asks for a state, and if the explanation failed.
    pub decides: Option<Decides>,
}

impl From<VerdictKind> for Verdict {
    fn from(kind: VerdictKind) -> Self {
        match kind {
            VerdictKind::Proved => Self::Proved,
            VerdictKind::Refuted => Self::Refuted,
            VerdictKind::CutShort => Self::CutShort,
            VerdictKind::Vacuous => Self::Vacuous,
        }
    }
}

impl From<claims::Scope> for Scope {
    fn from(scope: claims::Scope) -> Self {
        match scope {
            claims::Scope::Always => Self::Always,
            claims::Scope::AtEnd => Self::AtEnd,
            claims::Scope::Reachable => Self::Reachable,
        }
    }
}

impl Witness {
    fn of<C>(report: &Report<C>) -> Self {
        let verdict::Witness { holds, complete, cut, .. } = report.witness;
        let id = report.witness_claim.id.to_string();
        Self { id, holds, complete: complete.is_some(), cut_short_by: cut.map(CutShortBy::from) }
    }
}

impl Checks {
    /// The answer for these reports.
    pub fn of<C: Controller>(reports: &[Report<C>]) -> Self {
        match reports {
            [one] => Self::One(Box::new(Check::of(one))),
            several => Self::Several(several.iter().map(Check::of).collect()),
        }
    }
}

impl Check {
    /// The result for a scenario.
    pub fn of<C: Controller>(report: &Report<C>) -> Self {
        Self {
            schema: "startup-race/check/2",
            scenario: Scenario::of(report.protocol.as_deref(), &report.setup.scenario),
            verdict: report.verdict().into(),
            complete: report.complete,
            cut_short_by: report.cut.map(CutShortBy::from),
            states: (&report.states).into(),
            orbits: report.orbits.into(),
            schedules: report.schedules.as_ref().map(Count::from),
            witness: Witness::of(report),
            claims: report.claims.iter().map(|judgement| Claim::of(report, judgement)).collect(),
        }
    }
}

impl Claim {
    fn of<C: Controller>(report: &Report<C>, judgement: &Judgement<C>) -> Self {
        let share = judgement.share.as_ref();
        let is_known = judgement.premise_met() || report.complete;
        Self {
            id: judgement.claim.id.to_string(),
            statement: judgement.claim.statement.to_string(),
            scope: judgement.claim.scope.into(),
            verdict: judgement.verdict.kind().into(),
            premise_held: (&judgement.premise_held).into(),
            premise_met: is_known.then(|| judgement.premise_met()),
            breaking_schedules: share.map(|share| (&share.schedules).into()),
            probability: share.map(|share| Fraction(share.probability.clone())),
            runs_for_95_percent: share.and_then(|share| runs_for_95_percent(&share.probability)).map(Count),
            counterexample: judgement.trace.as_ref().map(|trace| Counterexample::of(report, judgement, trace)),
        }
    }
}

impl Counterexample {
    fn of<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, trace: &Trace<C>) -> Self {
        let (setup, explanation) = (&report.setup, report.explanation(judgement));
        let (inboxes, explanation) = (setup.model.inboxes(), explanation.and_then(Result::ok));
        Self {
            schedule: trace.schedule.text(inboxes),
            actions: trace.events.len(),
            switches: trace.switches(),
            canonical: trace.canonical,
            steps: steps(setup, &trace.events),
            because: explanation.map_or(Vec::new(), |why| facts(&why.because, inboxes)),
            stuck: explanation.map_or(Vec::new(), |why| why.stuck.iter().map(Stuck::from).collect()),
            decides: explanation.map(|why| Decides::of(setup, &why.decides)),
        }
    }
}
