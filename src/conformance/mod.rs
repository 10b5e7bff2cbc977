//! Whether code, or a log, agrees with the model. Apart from the modules that print answers, this is the only one that
//! imports both the threads and the explorer.
//!
//! | file | contents |
//! |---|---|
//! | `log` | whether a log of events is a path of the model (with the feature `json`) |
//! | `cover` | the schedules to conduct: all of them, or some that together take every step of the graph |
//! | `path`, `outcomes` | whether a run of the threads is a path of the model; all outcomes that the model allows |
//! | `orders`, `check_threads` | every order of dependent operations of the real threads (under loom) |
//! | `conduct` | runs a user's own code under the schedules of `cover` |
//! | `stage` | the interface between the conductor and the code: wait for a point, release a point |
//! | `on_threads` | this interface for code that blocks |
//! | `on_tokio` | this interface for tokio (with the feature `tokio`) |

#[cfg(loom)]
#[doc(hidden)]
pub mod check_threads;
#[doc(hidden)]
pub mod conduct;
mod cover;
#[cfg(all(feature = "json", not(loom), not(doctest)))]
#[doc(hidden)]
pub mod log;
#[doc(hidden)]
pub mod on_threads;
#[cfg(all(feature = "tokio", not(loom)))]
#[doc(hidden)]
pub mod on_tokio;
#[cfg(loom)]
#[doc(hidden)]
pub mod orders;
#[doc(hidden)]
pub mod outcomes;
#[doc(hidden)]
pub mod path;
#[doc(hidden)]
pub mod stage;

#[cfg(loom)]
pub use check_threads::{CheckThreads, ThreadsError, ThreadsJudgement, ThreadsReport};
pub use conduct::{Conduct, Conducted, Parted, Parting};
#[cfg(all(feature = "json", not(loom), not(doctest)))]
pub use log::{Allowed, LogError, LogEvent, LogParted, LogVerdict};
pub use on_threads::ConductedStep;
pub use stage::Point;
