//! May a system say *Running* before every part of it has started? A model-checked answer.
//!
//! A stream processor once showed a dead pipeline as Running: its tasks announced `TaskStarted` before their
//! `on_start` had run, and the controller dropped `TaskFailed` while it was scheduling. This crate holds that protocol as
//! a small state machine, explores every schedule of it, and runs the same state machine on real threads, which loom
//! explores in turn.
//!
//! # Your own controller
//!
//! ```
//! use startup_race::{Context, Controller, Input, Kind, Phase, Rules, Scenario, Setup, Stage, check};
//!
//! /// Counts notices, and never looks at who sent them.
//! #[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
//! struct Counter(u8);
//!
//! impl Controller for Counter {
//!     fn on(&mut self, input: Input, now: &mut Context) {
//!         match input {
//!             Input::Notice(notice) if notice.kind == Kind::Started && self.0 < now.tasks => self.0 += 1,
//!             _ => {}
//!         }
//!     }
//!
//!     fn phase(&self) -> Phase {
//!         let (name, stage) = if self.0 < 2 { ("Scheduling", Stage::Starting) } else { ("Running", Stage::Up) };
//!         Phase { name, stage }
//!     }
//! }
//!
//! let scenario = Scenario::new(Rules::named("seed/fixed").unwrap(), 2)?.failing(&[2])?;
//! let report = check(Setup::with(Counter::default(), scenario)).run().unwrap();
//! assert_eq!(report.verdict().name(), "REFUTED"); // it never hears of the failure: always-decides
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Check::expect_proved`](explore::report::Check::expect_proved) makes a test of it, which fails with the counterexample, in a
//! table, as its message. What fits: any controller that learns of tasks by `TaskStarted`, `TaskFailed` and
//! `TaskFinished`, is Scheduling, then Running or Failed, and may ask for retries; a startup sequence of its own
//! ([`Sequence::new`]); claims of its own ([`Claim::new`], [`Claim::reachable`]). What does not fit: notices of other kinds,
//! phases beyond these three (a phase of yours that is none of them must be shown as one of them), clocks, and
//! more than one controller.
//!
//! # The house
//!
//! | room | what is in it |
//! |---|---|
//! | [`mod@core`] | the two state machines: the startup of a task, and the controller |
//! | [`model`] | one global state, the actions that are enabled, one step |
//! | [`scenario`] | rules and tasks, as people name them, and the model that they make |
//! | [`claims`] | what is claimed of a run |
//! | [`schedule`], [`transition`] | the order of the actions, and what is told of each |
//! | [`threads`] | the same protocol on real threads: std's, or loom's under `--cfg loom` |
//! | [`explore`] | every schedule of a world: search, orbits, odds, counterexamples, verdicts |
//! | [`matrix`] | the causes of the bug, judged in every combination |
//! | [`catalog`] | scenarios with a name, a source and the verdicts that are expected of them |
//! | [`show`] | a run as something to look at: tables, reasons, pictures, the page, the demo |
//! | [`play`] | the scheduler's chair: levels, and a game of one |
//!
//! The program's command line is in `src/cli`, one file a subcommand. It is no part of the API.
//!
//! 1. Data flows one way: core → model → scenario, claims, schedule and transition → threads or explore → matrix, catalog and play → show → cli.
//!    `core` imports nothing, and `model` only `core`. `threads` and `explore` never each other: they meet in tests, where every threaded execution must be a path of the
//!    world, and every outcome of the world must be reached.
//! 2. There is one transition function and one startup sequence: what the explorer steps is what the threads run and the
//!    demo shows.
//! 3. Only `threads/sync` names loom, and no `cfg(loom)` stands elsewhere in `src`.
//! 4. No verdict without completeness: whatever can cut a search short reaches the verdict, the exit code and the JSON.
//! 5. Enumeration is in a fixed order: the same command prints the same bytes, every run, every machine.
//! 6. What happened is recorded as typed events; text is made from them in `show`, in one place.

pub mod catalog;
pub mod claims;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
pub mod core;
pub mod explore;
pub mod matrix;
pub mod model;
pub mod options;
pub mod play;
pub mod scenario;
pub mod schedule;
pub mod show;
pub mod threads;
pub mod transition;

pub use claims::{Claim, Scope, State};
pub use core::{
    ActorId, Attempt, Cause, Command, Context, Controller, Effect, Fault, Input, Kind, Notice, Phase,
    PipelineController, Reason, Stage, Step, WorkerId,
};
pub use explore::orbits::Symmetric;
pub use explore::replay::replay;
pub use explore::report::{Check, Report};
pub use scenario::{Rules, Scenario, Sequence, Setup};
pub use transition::{Dropped, Reaction};

/// A check of every schedule of a setup: [`run`](Check::run) it, or [`expect_proved`](Check::expect_proved).
///
/// The contract of the [`Controller`] is put to the test. A clone must be equal to its original; two controllers that are
/// equal must print the same `Debug` and have the same hash; and each controller must react to the same input in the same
/// way, whenever it is asked: twice when the two are new, at every step of the search, and once more at its end. A
/// controller that breaks the contract, or panics, and a claim that panics, end the check with the schedule that leads
/// there, and no verdict is made.
///
/// What cannot be detected: memory outside of the controller (a static, a cell that clones share) that no repeated call
/// makes visible, such as a counter whose threshold this check does not reach; and a field that `Clone`, `Eq`, `Hash` and
/// `Debug` all leave out.
pub fn check<'a, C: Controller>(setup: Setup<C>) -> Check<'a, C> {
    Check::new(setup)
}
