//! The scenarios of the catalog, judged.

use schemars::JsonSchema;
use serde::Serialize;

use super::check::Verdict;
use super::scenario::Scenario;
use crate::catalog::reports::{self, REPORTS};
use crate::catalog::{self, Outcome};

/// The answer of `catalog`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Catalog {
    /// This version of the format.
    #[schemars(extend("const" = "startup-race/catalog/2"))]
    pub schema: &'static str,
    /// Whether every verdict is the expected one.
    pub as_expected: bool,
    /// The scenarios.
    pub entries: Vec<Entry>,
    /// Public bug reports that options cannot express.
    pub reports: Vec<Report>,
}

/// A public bug report that options cannot express.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Report {
    /// Its name.
    #[schemars(regex(pattern = "^[a-z0-9/-]+$"))]
    pub name: String,
    /// Where to read about it.
    pub source: Source,
    /// The report in one line: free text, for people.
    #[schemars(extend("x-free-text" = true))]
    pub statement: String,
    /// The file of the example that models it; null if it cannot be modelled.
    #[schemars(regex(pattern = "^examples/"))]
    pub told_in: Option<String>,
    /// Why it cannot be modelled: free text, for people; null if it can.
    #[schemars(extend("x-free-text" = true))]
    pub refused: Option<String>,
}

/// A scenario of the catalog.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Entry {
    /// Its name.
    #[schemars(regex(pattern = "^[a-z0-9/-]+$"))]
    pub name: String,
    /// What it is about.
    pub group: Group,
    /// How much is known of it.
    pub evidence: Evidence,
    /// Where to read about it.
    pub source: Source,
    /// What the scenario models: free text, for people.
    #[schemars(extend("x-free-text" = true))]
    pub models: String,
    /// The command that checks it.
    #[schemars(regex(pattern = "^startup-race check "))]
    pub command: String,
    /// The scenario.
    pub scenario: Scenario,
    /// Whether it includes the fix.
    pub fixed: bool,
    /// What fixes it: free text, for people.
    #[schemars(extend("x-free-text" = true))]
    pub fix: String,
    /// Whether every schedule was explored.
    pub complete: bool,
    /// Whether every verdict is the expected one.
    pub as_expected: bool,
    /// The claims.
    pub claims: Vec<Claim>,
}

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// A named protocol.
    Protocol,
    /// A hazard that the real system's fix leaves.
    Hazard,
    /// A pattern that was seen in another system.
    Pattern,
    /// A failure after the start, or of the controller.
    Phase,
}

/// How much is known of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// There is a public report of it.
    Reported,
    /// No public report is known; the code allows it.
    VisibleInTheCode,
    /// No public report is known; the model allows it.
    Hypothetical,
}

/// Where to read about an entry.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Source {
    /// The repository.
    #[schemars(extend("x-free-text" = true))]
    pub repository: String,
    /// Its issues and pull requests.
    pub numbers: Vec<u32>,
    /// A further remark: free text, for people.
    #[schemars(extend("x-free-text" = true))]
    pub remark: String,
}

/// A claim with its expected verdict and the one that was found.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Claim {
    /// Its name.
    #[schemars(regex(pattern = "^[a-z-]+$"))]
    pub id: String,
    /// The expected verdict.
    pub expected: Verdict,
    /// The verdict that was found.
    pub verdict: Verdict,
}

impl Catalog {
    /// The answer for these outcomes.
    pub fn of(outcomes: &[Outcome<'_>]) -> Self {
        Self {
            schema: "startup-race/catalog/2",
            as_expected: outcomes.iter().all(|outcome| outcome.differences().is_empty()),
            entries: outcomes.iter().map(Entry::of).collect(),
            reports: REPORTS.iter().map(Report::from).collect(),
        }
    }
}

impl From<&reports::Report> for Report {
    fn from(report: &reports::Report) -> Self {
        Self {
            name: report.name.to_string(),
            source: report.source.into(),
            statement: report.says.to_string(),
            told_in: report.file(),
            refused: report.refused.map(str::to_string),
        }
    }
}

impl Entry {
    fn of(outcome: &Outcome<'_>) -> Self {
        let (entry, record) = (outcome.entry, outcome.entry.record);
        let claims = outcome.report.claims.iter().map(|judgement| Claim {
            id: judgement.claim.id.to_string(),
            expected: entry.expected(&judgement.claim.id).into(),
            verdict: judgement.verdict.kind().into(),
        });
        Self {
            name: entry.name.clone(),
            group: record.group.into(),
            evidence: record.evidence.into(),
            source: record.source.into(),
            models: record.models.to_string(),
            command: format!("startup-race check {}", entry.command),
            scenario: Scenario::of(Some(entry.protocol()), &outcome.report.setup.scenario),
            fixed: entry.is_mended,
            fix: record.mend.to_string(),
            complete: outcome.report.complete,
            as_expected: outcome.differences().is_empty(),
            claims: claims.collect(),
        }
    }
}

impl From<catalog::Group> for Group {
    fn from(group: catalog::Group) -> Self {
        match group {
            catalog::Group::Protocol => Self::Protocol,
            catalog::Group::Hazard => Self::Hazard,
            catalog::Group::Pattern => Self::Pattern,
            catalog::Group::Phase => Self::Phase,
        }
    }
}

impl From<catalog::Evidence> for Evidence {
    fn from(evidence: catalog::Evidence) -> Self {
        match evidence {
            catalog::Evidence::Reported => Self::Reported,
            catalog::Evidence::VisibleInTheCode => Self::VisibleInTheCode,
            catalog::Evidence::Hypothetical => Self::Hypothetical,
        }
    }
}

impl From<catalog::Source> for Source {
    fn from(source: catalog::Source) -> Self {
        let catalog::Source { repository, numbers, remark } = source;
        Self { repository: repository.to_string(), numbers: numbers.to_vec(), remark: remark.to_string() }
    }
}
