//! Which verdict on a claim a search allows.
//!
//! A [`Verdict`] can be made in this file only. For a claim that must hold, `PROVED` needs a search that was
//! [`Complete`], and a witness that holds and was itself searched completely. So a limit that ended a search cannot be
//! forgotten. A claim that asks for a state is `PROVED` when the state is found.

use std::fmt;

use super::engine::Complete;
use super::limits::Limit;

/// A verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict(VerdictKind);

/// The kinds of verdict. The worst is last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VerdictKind {
    /// Every schedule was explored, none breaks the claim, and the witness holds. Or the state that the claim asks for
    /// was found.
    Proved,
    /// Every schedule was explored and none breaks the claim, but the witness fails.
    Vacuous,
    /// A limit ended the search of the claim or of its witness, and what was found does not decide the claim.
    CutShort,
    /// A schedule breaks the claim. Or every schedule was explored, and none reaches the state that the claim asks for.
    Refuted,
}

/// What a search for the witness found: whether the pipeline always runs if there is no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Witness {
    /// For the standard witness: at least one end was found, and every end that was found is Running with every task in
    /// `run`. For any other: some state meets its premise, and none breaks it.
    pub holds: bool,
    /// Some state that was found has the stage [`Stage::Up`](crate::core::Stage::Up).
    pub comes_up: bool,
    /// The token of a complete search, if the search was complete.
    pub complete: Option<Complete>,
    /// The limit that ended its search early, if one did.
    pub cut: Option<Limit>,
}

impl Verdict {
    /// The verdict on a claim that must hold. `broken` says whether the search found a schedule that breaks it.
    pub fn judge(broken: bool, search: Option<Complete>, witness: Witness) -> Self {
        match (broken, search, witness.complete) {
            (true, ..) => Self(VerdictKind::Refuted),
            (false, None, _) | (false, _, None) => Self(VerdictKind::CutShort),
            (false, Some(_), Some(_)) if witness.holds => Self(VerdictKind::Proved),
            (false, Some(_), Some(_)) => Self(VerdictKind::Vacuous),
        }
    }

    /// The verdict on a claim that asks for a state. Finding the state proves it, and this needs no complete search.
    pub fn judge_reachable(found: bool, search: Option<Complete>) -> Self {
        match (found, search) {
            (true, _) => Self(VerdictKind::Proved),
            (false, None) => Self(VerdictKind::CutShort),
            (false, Some(_)) => Self(VerdictKind::Refuted),
        }
    }

    /// The kind of verdict.
    pub fn kind(self) -> VerdictKind {
        self.0
    }

    /// Whether the claim is proved.
    pub fn is_proved(self) -> bool {
        self.0 == VerdictKind::Proved
    }
}

impl VerdictKind {
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

    /// The exit code of a check whose worst verdict this is.
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
