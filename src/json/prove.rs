//! The claims, judged for every number of tasks.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::fact::CutShortBy;
use super::number::Count;
use super::scenario::{Knobs, Scenario};
use crate::core::{Controller, Fault};
use crate::prove::answer::{self, Judged, Proof, Question};
use crate::prove::parametric::Parametric;
use crate::prove::search;
use crate::show::proof::replay;

/// The answer of `prove`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend(
    "if" = json!({ "properties": { "complete": { "const": true } } }),
    "then" = json!({ "properties": { "cut_short_by": { "type": "null" } } }),
    "else" = json!({ "properties": {
        "cut_short_by": { "type": "string" },
        "claims": { "items": { "properties": { "verdict": { "enum": ["REFUTED", "UNKNOWN", "CUT SHORT"] } } } },
    } }),
))]
pub struct Prove {
    /// This version of the format.
    #[schemars(extend("const" = "startup-race/prove/2"))]
    pub schema: &'static str,
    /// The named protocol that the rules start from; null if none is named.
    #[schemars(extend("x-free-text" = true))]
    pub protocol: Option<String>,
    /// For which numbers of tasks the claims are judged.
    #[schemars(extend("const" = "every_number"))]
    pub tasks: &'static str,
    /// The workers that the tasks run on.
    pub workers: Workers,
    /// The faults that any task may have.
    pub fates: Vec<Fate>,
    /// The knobs. The first four are always present, the others only if they are not at their default.
    pub rules: Knobs,
    /// The exit code of the command.
    #[schemars(extend("enum" = [0, 1, 3, 4]))]
    pub exit_code: u8,
    /// Whether every abstract state is known.
    pub complete: bool,
    /// The limit that ended the search early; null if there was none.
    pub cut_short_by: Option<CutShortBy>,
    /// How many abstract states were found.
    pub abstract_states: Count,
    /// The claims.
    pub claims: Vec<Claim>,
}

/// The workers that the tasks run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Workers {
    /// All tasks are on one worker.
    One,
    /// The tasks are on any number of workers, in any layout.
    Any,
}

/// A fault of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It panics in `on_start`.
    Panics,
    /// It dies in `on_start` and sends nothing.
    Vanishes,
    /// Its `on_start` does not return.
    Hangs,
    /// It dies in `run`.
    Dies,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub enum Verdict {
    /// The claim holds for every number of tasks.
    #[serde(rename = "PROVED")]
    Proved,
    /// A schedule of the model breaks the claim.
    #[serde(rename = "REFUTED")]
    Refuted,
    /// No abstract state breaks the claim, but even without faults the pipeline does not always run.
    #[serde(rename = "VACUOUS")]
    Vacuous,
    /// An abstract state breaks the claim or its witness, but no schedule of the model that does so was found.
    #[serde(rename = "UNKNOWN")]
    Unknown,
    /// A limit ended the search of the claim or of its witness.
    #[serde(rename = "CUT SHORT")]
    CutShort,
}

/// The result for a claim.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend(
    "if" = json!({ "properties": { "verdict": { "const": "REFUTED" } } }),
    "then" = json!({ "required": ["counterexample"] }),
    "else" = json!({ "not": { "required": ["counterexample"] } }),
))]
pub struct Claim {
    /// Its name.
    #[schemars(extend("x-free-text" = true))]
    pub id: String,
    /// The claim in words: free text, for people.
    #[schemars(extend("x-free-text" = true))]
    pub statement: String,
    /// The answer.
    pub verdict: Verdict,
    /// Whether some state that is judged meets the premise; null if the search was cut short before it found such a
    /// state.
    pub premise_met: Option<bool>,
    /// The schedule that breaks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterexample: Option<Counterexample>,
    /// The length of the abstract counterexample, if the verdict is UNKNOWN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abstract_actions: Option<usize>,
    /// A number of tasks with which the pipeline does not always run, if the verdict is VACUOUS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vacuous_with_tasks: Option<u8>,
}

/// A schedule of the model that breaks a claim.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Counterexample {
    /// The scenario.
    pub scenario: Scenario,
    /// The actor of each step, in order.
    #[schemars(regex(pattern = "^[0-9@cdlstx ]*$"))]
    pub schedule: Option<String>,
    /// The command that replays it; null if no protocol is named.
    #[schemars(regex(pattern = "^startup-race replay "))]
    pub replay: Option<String>,
}

impl From<search::Workers> for Workers {
    fn from(workers: search::Workers) -> Self {
        match workers {
            search::Workers::One => Self::One,
            search::Workers::Any => Self::Any,
        }
    }
}

impl From<Fault> for Fate {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Panics => Self::Panics,
            Fault::Vanishes => Self::Vanishes,
            Fault::Hangs => Self::Hangs,
            Fault::Dies => Self::Dies,
        }
    }
}

impl Prove {
    /// The answer for a question and its proof.
    pub fn of<C: Parametric>(question: &Question<'_, C>, proof: &Proof<'_, C>) -> Self {
        Self {
            schema: "startup-race/prove/2",
            protocol: question.protocol.clone(),
            tasks: "every_number",
            workers: question.workers.into(),
            fates: question.fates.iter().copied().map(Fate::from).collect(),
            rules: question.rules.into(),
            exit_code: proof.exit_code(),
            complete: proof.cut.is_none(),
            cut_short_by: proof.cut.map(CutShortBy::from),
            abstract_states: proof.search.met().into(),
            claims: proof.claims.iter().map(Claim::of).collect(),
        }
    }
}

impl Claim {
    fn of<C: Controller>(judged: &Judged<C>) -> Self {
        let (mut counterexample, mut abstract_actions, mut vacuous_with_tasks) = (None, None, None);
        let verdict = match &judged.answer {
            answer::Answer::Proved(_) => Verdict::Proved,
            answer::Answer::CutShort(_) => Verdict::CutShort,
            answer::Answer::Refuted(_) => {
                counterexample = Counterexample::of(&judged.answer);
                Verdict::Refuted
            }
            answer::Answer::Vacuous(tasks) => {
                vacuous_with_tasks = Some(*tasks);
                Verdict::Vacuous
            }
            answer::Answer::Unknown(path) => {
                abstract_actions = Some(path.len().saturating_sub(1));
                Verdict::Unknown
            }
        };
        Self {
            id: judged.claim.id.to_string(),
            statement: judged.claim.statement.to_string(),
            verdict,
            premise_met: judged.premise_met,
            counterexample,
            abstract_actions,
            vacuous_with_tasks,
        }
    }
}

impl Counterexample {
    fn of<C: Controller>(answer: &answer::Answer<C>) -> Option<Self> {
        let answer::Answer::Refuted(report) = answer else { return None };
        let trace = report.claims.first().and_then(|judgement| judgement.trace.as_ref());
        Some(Self {
            scenario: Scenario::of(report.protocol.as_deref(), &report.setup.scenario),
            schedule: trace.map(|trace| trace.schedule.text(report.setup.model.inboxes())),
            replay: replay(answer),
        })
    }
}
