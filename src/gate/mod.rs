//! Checks whether a user's own checks test anything.
//!
//! | file | contents |
//! |---|---|
//! | `suite` | several scenarios in one call: the premise of each claim must be met in one of them |
//! | `coverage` | which inputs the controller received in which phase, and which never |
//! | `mutant` | a user's controller with a flaw |
//! | `review` | notes on what looks suspicious |
//! | `pins` | schedules that once failed, in a file beside the test |
//! | `teeth` | whether the claims kill these mutants |
//! | `expect` | the same as expectations in tests |
//! | `subject` | the parts of a check, so that it can be repeated with another controller |
//!
//! All of these use the explorer as a user would: they run checks and read reports.

#[doc(hidden)]
pub mod coverage;
mod expect;
#[doc(hidden)]
pub mod mutant;
#[doc(hidden)]
pub mod pins;
#[doc(hidden)]
pub mod review;
mod subject;
#[doc(hidden)]
pub mod suite;
#[doc(hidden)]
pub mod teeth;

pub use coverage::{Cell, Coverage, InputKind};
pub use mutant::Flaw;
pub use review::{Note, Remark, Review};
pub use suite::SuiteReport;
pub use teeth::{Difference, Fate, Killer, Teeth};

use crate::explore::report::Broken;

/// How many states may be kept for the coverage.
#[doc(hidden)]
pub const MOST_STATES: usize = 200_000;

/// Why a question other than a verdict has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// The controller or a claim broke its contract in this scenario.
    Broken(String, Broken),
    /// Not all claims are proved in this scenario. They must be proved first.
    NotProved(String),
    /// This scenario has more states than can be kept. The number is the largest that can.
    TooManyStates(String, usize),
    /// The setup cannot be conducted, because this knob makes steps for which code has no point.
    NotConducted(&'static str),
}

impl std::error::Error for NoAnswer {}
