//! Whether code is the protocol that was proved: the one module that imports both the threads and the explorer.
//!
//! | file | what it holds |
//! |---|---|
//! | `log` | whether a log of events is a path of the model (with the feature `json`) |
//! | `cover` | the schedules to conduct: all of them, or a few that take every step of the graph |
//! | `path`, `outcomes` | whether a run of the threads is a path of the model, and all that the model allows |
//! | `orders`, `check_threads` | every order of dependent operations of the real threads (under loom) |
//! | `conduct` | a user's own code under these schedules |
//! | `stage` | what the conductor asks of the code: to wait at its points, and to go on from one |
//! | `on_threads` | the same for code that blocks |
//! | `on_tokio` | the same for tokio (with the feature `tokio`) |

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
