//! What a search allows to be said of a claim.
//!
//! A [`Verdict`] can be made in this file only, and `PROVED` only of a search that was [`Complete`], with a witness
//! that was itself searched to the end and holds. No bound that ended a search can be lost on the way.

use std::fmt;

use super::engine::Complete;
use super::limits::Limit;

/// A verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict(Kind);

/// The kinds of verdict, the gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Every schedule was explored, none breaks the claim, and the witness holds.
    Proved,
    /// Nothing breaks the claim because nothing happens.
    Vacuous,
    /// A bound ended the search, of the claim or of its witness.
    CutShort,
    /// A schedule breaks the claim.
    Refuted,
}

/// Whether the pipeline can start at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Witness {
    /// Every end that was found is Running with every task in `run`, and one was found.
    pub holds: bool,
    /// Some state that was found is one of [`Stage::Up`](crate::core::Stage::Up).
    pub comes_up: bool,
    /// The search that says so was complete.
    pub complete: Option<Complete>,
    /// What ended its search early, if a limit did.
    pub cut: Option<Limit>,
}

impl Verdict {
    /// The verdict of a claim that must hold: `broken` says whether the search met a schedule that breaks it.
    pub fn judge(broken: bool, search: Option<Complete>, witness: Witness) -> Self {
        match (broken, search, witness.complete) {
            (true, ..) => Self(Kind::Refuted),
            (false, None, _) | (false, _, None) => Self(Kind::CutShort),
            (false, Some(_), Some(_)) if witness.holds => Self(Kind::Proved),
            (false, Some(_), Some(_)) => Self(Kind::Vacuous),
        }
    }

    /// The verdict of a claim that asks for a state: finding it proves it, and needs no complete search.
    pub fn judge_reachable(found: bool, search: Option<Complete>) -> Self {
        match (found, search) {
            (true, _) => Self(Kind::Proved),
            (false, None) => Self(Kind::CutShort),
            (false, Some(_)) => Self(Kind::Refuted),
        }
    }

    /// Which kind it is.
    pub fn kind(self) -> Kind {
        self.0
    }

    /// Whether the claim is proved.
    pub fn is_proved(self) -> bool {
        self.0 == Kind::Proved
    }
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Proved, Self::Vacuous, Self::CutShort, Self::Refuted];

    /// The verdict's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proved => "PROVED",
            Self::Refuted => "REFUTED",
            Self::CutShort => "CUT SHORT",
            Self::Vacuous => "VACUOUS",
        }
    }

    /// The exit code of a check whose gravest verdict it is.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Proved => 0,
            Self::Refuted => 1,
            Self::CutShort => 3,
            Self::Vacuous => 4,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}
