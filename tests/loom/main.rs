//! The threads against the world.
//!
//! Under `--cfg loom` every order of dependent operations of the real threaded code is explored, and every model prints a
//! line. Without it the same bodies run on the machine's threads, many times.
//!
//! | file | what it shows |
//! |---|---|
//! | `asked` | a build that is asked for loom and does not get it fails |
//! | `agreement` | the threads reach what the world allows, and nothing else |
//! | `check_threads` | the check of the threads that the library offers |
//! | `claims` | the bug can happen, the fix cannot |
//! | `starts` | no false start, where the controller looks at the flags |
//! | `memory` | what an observer may read |
//! | `board` | what is published is what was decided |
//! | `retries` | beyond one attempt |
//! | `every_phase` | failures in every phase: what dies, hangs, stops, crashes, is lost or restarted |
//! | `breaches` | a controller that breaks its contract |
//! | `command_line` | the command line is not built under loom |
//! | `merged` | the switches that are left out make no difference |
//! | `refusals` | what threads cannot run |
//! | `teeth` | each of these fails once a knob is turned or the threads are bent |
//! | `mutants` | what the explorer kills the threads kill |
//! | `pictures` | a failing execution is told, and drawn |
//! | `completeness` | a bounded search yields nothing |
//! | `native` | the machine's own threads |
//!
//! `bent` bends the threads, `judge` says whether a run is a path of the world, `worlds` what the world allows, `model` is
//! the one way to loom, and `controllers` are a user's own.

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

/// Tells a person who watches the suite. A test's own output is swallowed if it passes; this handle is not.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}  {line}", if MODELLED { "loom" } else { "std " });
}

/// What `cargo loom` sets beside the cfg. A `RUSTFLAGS` in the environment silently overrules the cfg, and this is left.
/// The build fails then (see `asked`); this holds for a test that was built before.
const MARKER: &str = "STARTUP_RACE_LOOM";

#[test]
fn who_asks_for_loom_gets_loom() {
    let asked = std::env::var_os(MARKER).is_some();
    assert!(MODELLED || !asked, "asked for loom and built without it: unset RUSTFLAGS, it overrules `cargo loom`");
}

#[test]
fn who_asks_for_loom_and_does_not_get_it_is_told() {
    let mut child = Command::new(std::env::current_exe().expect("this test has a file"));
    let output = child.args(["--exact", "who_asks_for_loom_gets_loom"]).env(MARKER, "1").output().expect("a process");
    assert_eq!(output.status.success(), MODELLED);
}
