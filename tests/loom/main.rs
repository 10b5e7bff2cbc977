//! The threads, compared with the model.
//!
//! Under `--cfg loom`, every order of dependent operations of the real threaded code is explored, and every loom model
//! prints a line. Without it, the same code runs on the machine's threads many times.
//!
//! | file | tests |
//! |---|---|
//! | `asked` | a build that is asked for loom but built without it fails |
//! | `agreement` | the threads reach exactly the outcomes that the model allows |
//! | `check_threads` | the library's check of the threads |
//! | `claims` | the bug can happen without the fix, and not with it |
//! | `starts` | no false start, if the controller reads the flags |
//! | `memory` | what an observer may read |
//! | `board` | the published status follows the controller's decisions |
//! | `retries` | more than one attempt |
//! | `every_phase` | failures in every phase: deaths, hangs, stops, crashes, losses, restarts |
//! | `breaches` | a controller that breaks its contract |
//! | `command_line` | the command line is not built under loom |
//! | `merged` | the skipped thread switches make no difference |
//! | `refusals` | which setups threads cannot run |
//! | `negative` | the other tests can fail: what they assert is false if a knob or a hook is changed |
//! | `mutants` | the threads kill the mutants that the explorer kills |
//! | `pictures` | a failing execution is printed and drawn |
//! | `completeness` | a bounded search has no result |
//! | `native` | the machine's own threads |
//!
//! Helpers: `hooks` has changed hooks of the threads, `conformance` says whether a run is a path of the model,
//! `model_outcomes` has setups and the outcomes of the model, `model` calls loom, and `controllers` has user-defined
//! controllers.

#[cfg(loom)]
mod agreement;
#[cfg(not(loom))]
mod asked;
#[cfg(loom)]
mod board;
mod breaches;
#[cfg(loom)]
mod check_threads;
#[cfg(loom)]
mod claims;
#[cfg(all(loom, feature = "cli"))]
mod command_line;
#[cfg(loom)]
mod completeness;
mod conformance;
mod controllers;
#[cfg(loom)]
mod every_phase;
mod hooks;
#[cfg(loom)]
mod memory;
#[cfg(loom)]
mod merged;
#[cfg(loom)]
mod model;
mod model_outcomes;
#[cfg(loom)]
mod mutants;
#[cfg(not(loom))]
mod native;
#[cfg(loom)]
mod negative;
#[cfg(loom)]
mod pictures;
mod refusals;
#[cfg(loom)]
mod retries;
#[cfg(loom)]
mod starts;

use std::io::Write;
use std::process::Command;

use startup_race::threads::sync::MODELLED;

/// Prints a line that is always visible. The normal output of a test that passes is hidden.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}  {line}", if MODELLED { "loom" } else { "std " });
}

/// The variable that `cargo loom` sets in addition to the cfg. A `RUSTFLAGS` in the environment silently overrides the
/// cfg, but not this variable. Then a build fails (see `asked`). This check is for a test that was built before.
const MARKER: &str = "STARTUP_RACE_LOOM";

#[test]
fn a_build_that_asks_for_loom_has_loom() {
    let asked = std::env::var_os(MARKER).is_some();
    assert!(MODELLED || !asked, "asked for loom and built without it: unset RUSTFLAGS, it overrules `cargo loom`");
}

#[test]
fn a_build_that_asks_for_loom_and_does_not_have_it_fails() {
    let mut child = Command::new(std::env::current_exe().expect("this test has a file"));
    let output =
        child.args(["--exact", "a_build_that_asks_for_loom_has_loom"]).env(MARKER, "1").output().expect("a process");
    assert_eq!(output.status.success(), MODELLED);
}
