//! What keeps a gate from being hollow.
//!
//! | file | what it holds |
//! |---|---|
//! | `suite` | several scenarios in one call: each claim must be put to the test in one of them |
//! | `coverage` | which inputs the controller received in which phase, and which never |
//! | `mutant` | a controller with a flaw, around one of the user's own |
//! | `review` | what a reviewer would remark on |
//! | `pins` | schedules that once failed, in a file beside the test |
//! | `teeth` | whether the claims kill these mutants |
//! | `expect` | the same as tests |
//! | `subject` | what a check is made of, so that it can be made again |
//!
//! All of it uses the explorer as a user would: it runs checks, and reads reports.

pub mod coverage;
mod expect;
pub mod mutant;
pub mod pins;
pub mod review;
mod subject;
pub mod suite;
pub mod teeth;

use crate::explore::report::Broken;

/// How many states may be kept to say what was met in them.
pub const MOST_STATES: usize = 200_000;

/// Why there is no answer beside a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// The controller or a claim broke its contract in this scenario.
    Broken(String, Broken),
    /// The claims are not all proved in this scenario. That comes first.
    NotProved(String),
    /// This scenario has more states than can be kept. With the most that can be.
    TooManyStates(String, usize),
}

impl std::error::Error for NoAnswer {}
