//! Checks whether a user's own checks test anything.
//!
//! | file | contents |
//! |---|---|
//! | `suite` | several scenarios in one call: the premise of each claim must be met in one of them |
//! | `coverage` | which inputs the controller received in which phase, and which never |
//! | `mutant` | a user's controller with a flaw |
//! | `review` | notes on what looks suspicious |
//! | `pins` | schedules that once failed, in a file beside the test |
//! | `teeth` | whether the claims kill mutants of the controller |
//! | `expect` | suites, coverage and mutants as expectations in tests |
//! | `subject` | the parts of a check, so that it can be repeated with another controller |
//!
//! All of these use the explorer from outside: they run checks, read reports, and step through the states of a
//! scenario.

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

/// How many states of a scenario may be kept, for its coverage, its mutants or a review.
#[doc(hidden)]
pub const MOST_STATES: usize = 200_000;

/// Why coverage, mutants, a review or the conducting of code has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// The controller or a claim broke its contract in this scenario.
    Broken(String, Broken),
    /// Not all claims are proved in this scenario. They must be proved first.
    NotProved(String),
    /// This scenario has more states than may be kept, or its search was cut short. The number says how many may be
    /// kept.
    TooManyStates(String, usize),
    /// Code cannot be conducted along the schedules of this setup, because this knob makes steps that the code cannot
    /// take.
    NotConducted(&'static str),
}

impl std::error::Error for NoAnswer {}
