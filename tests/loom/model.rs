//! How the tests search with loom: through the library. Each complete search prints a line.

use startup_race::conformance::orders::{self};
pub use startup_race::conformance::orders::{Execution, Finished, Reply, Unfinished, VARIABLES, unbounded};
use startup_race::threads::EventLog;
use startup_race::threads::sync::Builder;

use crate::say;

/// Explores a closure completely. `tell` describes the result in a few words.
pub fn explore<O: Ord + Send + 'static>(
    name: &str,
    tell: impl FnOnce(&Finished<O>) -> String,
    body: impl Fn(EventLog, Reply<O>) + Send + Sync + 'static,
) -> Result<Finished<O>, Unfinished> {
    told(name, tell, orders::explore(body))
}

/// The same as [`explore`], with another builder, which must be unbounded.
pub fn explore_with<O: Ord + Send + 'static>(
    builder: &Builder,
    name: &str,
    tell: impl FnOnce(&Finished<O>) -> String,
    body: impl Fn(EventLog, Reply<O>) + Send + Sync + 'static,
) -> Result<Finished<O>, Unfinished> {
    told(name, tell, orders::explore_with(builder, body))
}

fn told<O: Ord>(
    name: &str,
    tell: impl FnOnce(&Finished<O>) -> String,
    found: Result<Finished<O>, Unfinished>,
) -> Result<Finished<O>, Unfinished> {
    if let Ok(finished) = &found {
        say(&format!("{name}: {} executions; {}", finished.executions(), tell(finished)));
    }
    found
}
