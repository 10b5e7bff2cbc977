//! The catalog: scenarios with a name, a source, and the verdicts that are expected of them.
//!
//! The data is in [`records`] and [`phases`]. What a record says about its scenario is checked. If a record has options
//! that fix its fault, it is in the catalog twice: as it is, and as `NAME/mended`, with the options that the fix
//! changes. So the fix is proved by the same search that refutes the fault.
//!
//! The numbers of a model (schedules, probabilities) are not properties of a real system, so a record names only claims
//! and verdicts.

#![cfg(not(loom))]

pub mod phases;
pub mod records;
pub mod reports;

use std::fmt;
use std::sync::LazyLock;

use crate::core::PipelineController;
use crate::explore::report::{Broken, Check, Report};
use crate::explore::verdict::VerdictKind;
use crate::scenario::{Scenario, Setup, spec};
use phases::PHASES;
use records::RECORDS;

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// A named protocol.
    Protocol,
    /// A hazard that the real system's fix leaves.
    Hazard,
    /// What goes wrong in a later phase, in the network, or in the controller.
    Phase,
    /// A pattern that was seen in another system. The scenario models the pattern, not that system.
    Pattern,
}

/// How much is known of a record's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// There is a public report of it.
    Reported,
    /// No public report is known; the code allows it.
    VisibleInTheCode,
    /// No public report is known; the model allows it.
    Hypothetical,
}

/// Where to read about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The repository.
    pub repository: &'static str,
    /// Its issues and pull requests. Empty if none is known.
    pub numbers: &'static [u32],
    /// A further remark, such as a ticket or a restriction.
    pub remark: &'static str,
}

/// One record of the data.
#[derive(Debug, Clone, Copy)]
pub struct Record {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// How much is known of it.
    pub evidence: Evidence,
    /// Where to read about it.
    pub source: Source,
    /// What the scenario models.
    pub models: &'static str,
    /// The scenario, as on the command line.
    pub scenario: &'static str,
    /// The claims that are refuted. All others are proved.
    pub refuted: &'static [&'static str],
    /// The fix, in words.
    pub mend: &'static str,
    /// The options that the fix changes. `None` if options cannot express the fix, or if the fix is another record.
    pub mended: Option<Mended>,
}

/// A fix that options express.
#[derive(Debug, Clone, Copy)]
pub struct Mended {
    /// The options that it changes.
    pub options: &'static str,
    /// The claims that are still refuted.
    pub refuted: &'static [&'static str],
}

/// A scenario of the catalog: a record as it is, or fixed.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// The record.
    pub record: &'static Record,
    /// Whether it is the fixed one.
    pub is_mended: bool,
    /// The scenario, as on the command line.
    pub command: String,
    /// The claims that are refuted. All others are proved.
    pub refuted: &'static [&'static str],
}

/// Every record, in the order in which they are listed.
pub fn all() -> impl Iterator<Item = &'static Record> {
    RECORDS.iter().chain(PHASES)
}

/// Every entry. A fixed one follows the one that it fixes.
pub fn entries() -> &'static [Entry] {
    static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| all().flat_map(Entry::of).collect());
    &ENTRIES
}

/// The entry of this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.name == name)
}

impl Entry {
    fn of(record: &'static Record) -> impl Iterator<Item = Self> {
        let plain = Self {
            name: record.name.to_string(),
            record,
            is_mended: false,
            command: record.scenario.to_string(),
            refuted: record.refuted,
        };
        let mended = record.mended.map(|mended| Self {
            name: format!("{}/mended", record.name),
            record,
            is_mended: true,
            command: format!("{} {}", record.scenario, mended.options),
            refuted: mended.refuted,
        });
        std::iter::once(plain).chain(mended)
    }

    /// The protocol that the scenario starts from.
    pub fn protocol(&self) -> &str {
        self.command.split(' ').next().unwrap_or_default()
    }

    /// Its scenario.
    ///
    /// # Panics
    /// If the record's options are wrong. A test reads them all.
    pub fn scenario(&self) -> Scenario {
        spec::read(&self.command).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// The verdict that is expected of a claim.
    pub fn expected(&self, claim: &str) -> VerdictKind {
        if self.refuted.contains(&claim) { VerdictKind::Refuted } else { VerdictKind::Proved }
    }

    /// Judges it. `configure` sets the limits of the search.
    ///
    /// # Errors
    /// If the controller breaks its contract.
    pub fn judge<'a>(
        &self,
        configure: impl FnOnce(Check<'a, PipelineController>) -> Check<'a, PipelineController>,
    ) -> Result<Outcome<'_>, Broken> {
        let check = Check::new(Setup::of(self.scenario())).protocol(self.protocol());
        Ok(Outcome { entry: self, report: configure(check).run()? })
    }
}

/// What a check of an entry found.
#[derive(Clone)]
pub struct Outcome<'e> {
    /// The entry.
    pub entry: &'e Entry,
    /// What the check found.
    pub report: Report<PipelineController>,
}

/// A claim whose verdict is not the expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The entry's name.
    pub entry: String,
    /// The claim.
    pub claim: String,
    /// What was expected.
    pub expected: VerdictKind,
    /// What the check found.
    pub found: VerdictKind,
}

impl Outcome<'_> {
    /// The claims whose verdict is not the expected one.
    pub fn differences(&self) -> Vec<Difference> {
        let claims = self.report.claims.iter().map(|judgement| Difference {
            entry: self.entry.name.clone(),
            claim: judgement.claim.id.to_string(),
            expected: self.entry.expected(&judgement.claim.id),
            found: judgement.verdict.kind(),
        });
        claims.filter(|claim| claim.expected != claim.found).collect()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entry, claim, expected, found } = self;
        write!(f, "{entry}: {claim}: expected {}, found {}", expected.name(), found.name())
    }
}

impl Group {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Protocol => "protocol",
            Self::Hazard => "hazard",
            Self::Phase => "phase",
            Self::Pattern => "pattern",
        }
    }
}

impl Evidence {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::VisibleInTheCode => "visible in the code",
            Self::Hypothetical => "hypothetical",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.repository)?;
        let mut numbers = self.numbers.iter();
        numbers.try_for_each(|number| write!(f, " #{number}"))?;
        if self.remark.is_empty() { Ok(()) } else { write!(f, " ({})", self.remark) }
    }
}
