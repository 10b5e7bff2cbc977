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
pub mod check_threads;
pub mod conduct;
mod cover;
#[cfg(all(feature = "json", not(loom), not(doctest)))]
pub mod log;
pub mod on_threads;
#[cfg(all(feature = "tokio", not(loom)))]
pub mod on_tokio;
#[cfg(loom)]
pub mod orders;
pub mod outcomes;
pub mod path;
pub mod stage;
