//! May a system say *Running* before every part of it has started? A model-checked answer.
//!
//! A stream processor once showed a dead pipeline as Running: its tasks announced `TaskStarted` before their `on_start`
//! had run, and the controller dropped `TaskFailed` while it was scheduling. This crate has that protocol as a small
//! state machine. The crate explores every schedule of the protocol, and it runs the same state machine on real
//! threads, whose orders loom explores.
//!
//! # Your own controller
//!
//! ```
//! use startup_race::{Context, Controller, Input, Kind, Phase, Rules, Scenario, Setup, Stage, check};
//!
//! /// Counts notices, and never looks at their sender.
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
//! [`Check::expect_proved`](explore::report::Check::expect_proved) turns this into a test. If it fails, its message
//! shows the counterexample as a table.
//!
//! What fits: a controller that receives notices from tasks and publishes a phase. It names its phases freely, and each
//! of them has one of five [stages](Stage): starting, up, stopping, ended, failed. It may ask for [effects](Effect): a
//! retry, the restart of one task, a command. A startup of your own ([`Sequence::new`]) and claims of your own
//! ([`Claim::new`], [`Claim::reachable`]) fit too. [`Setup::own`] takes actors with scripts: tasks, and helpers such as
//! a user, a timer or a store. The example `reports` uses it to model fourteen public bug reports of other systems.
//! What does not fit: clocks (a timeout is an action like any other), fairness, and more than one controller. See
//! [`Controller`].
//!
//! # A gate that tests something, and your own code
//!
//! A [`Suite`] combines scenarios: the premise of each claim must be met in at least one of them. Its
//! [`expect_teeth`](Suite::expect_teeth) wraps the controller in mutants: each mutant must be caught by a claim. Its
//! [`coverage`](Suite::coverage) says which inputs were received in which phase. [`conduct`] runs your own code, on
//! threads or on tokio, under the schedules of the model. Under `--cfg loom`, `check_threads` runs your controller on
//! real threads in every order of dependent operations.
//!
//! # The architecture
//!
//! `ARCHITECTURE.md` in the repository maps the code and lists the laws that tests check. The library consists of the
//! names on this page, and of those in the modules [`gate`], [`conformance`] and [`threads`]. All other modules are internal: they have
//! no stable interface.
//!
//! # How to read the list of names
//!
//! A first test needs about a dozen: [`check`], [`Check`], [`Setup`], [`Scenario`], [`Rules`], [`Controller`] with its
//! [`Context`], [`Input`], [`Notice`], [`Kind`], [`Phase`] and [`Stage`], and [`Claim`]. The others belong to groups,
//! and are needed only with their group:
//!
//! - *a model of your own*: [`Actor`], [`Script`], [`Step`], [`When`], [`Via`], [`Fault`], [`RunRules`], [`Sequence`],
//!   and what they are made of;
//! - *results*: [`Report`], [`Judgement`], [`VerdictKind`], [`Trace`], and what they contain;
//! - *errors*: each says what was wrong, where, and what would have been accepted;
//! - *checks of your own checks*: [`Suite`], and the module [`gate`] with its results;
//! - *your own code*: [`conduct`] and `point`, or `conforms` for a log, and the module [`conformance`] with what they
//!   return;
//! - *your own controller on threads*: `check_threads` (under `--cfg loom`), and the modules [`conformance`] and
//!   [`threads`].

// The hidden modules are internal: the program, the tests and the documentation for contributors use them. They may
// change at any time.
#[doc(hidden)]
pub mod catalog;
#[doc(hidden)]
pub mod claims;
// rustdoc is not given `--cfg loom` when it collects the examples to run. Without `not(doctest)`, it would compile this
// module in a loom build too, and miss the crates that a loom build leaves out.
#[cfg(all(feature = "cli", not(doctest)))]
#[doc(hidden)]
pub mod cli;
pub mod conformance;
#[doc(hidden)]
pub mod core;
#[doc(hidden)]
pub mod explore;
#[cfg(all(test, not(loom)))]
mod explored_once;
pub mod gate;
#[cfg(all(feature = "json", not(doctest)))]
#[doc(hidden)]
pub mod json;
#[doc(hidden)]
pub mod matrix;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod play;
#[doc(hidden)]
pub mod prove;
#[doc(hidden)]
pub mod scenario;
#[doc(hidden)]
pub mod schedule;
#[doc(hidden)]
pub mod show;
pub mod threads;
#[doc(hidden)]
pub mod transition;

// The following names are the library. `tests/it/api.rs` compares them with a list. The doc comment above explains the
// groups.

// What every test needs.
pub use claims::{Claim, Scope, State, Task};
pub use core::{Context, Controller, Effect, Input, Kind, Notice, Phase, Reason, Stage};
pub use explore::report::Check;
pub use scenario::{Rules, Scenario, Setup};

// A model of your own: actors, scripts, and what the run allows.
pub use core::{
    ActorId, Attempt, Cause, Command, Fault, PipelineController, RunRules, Script, Status, Step, TaskState, Timeout,
    Via, When, WorkerId,
};
pub use explore::orbits::Symmetric;
pub use model::{Actor, Model, World};
pub use scenario::Sequence;

// Results: reports, verdicts and traces. `BigUint` is an integer of any size.
pub use explore::limits::{Interrupt, Limit};
pub use explore::probability::{Measure, Probability};
pub use explore::replay::replay;
pub use explore::report::{Judgement, Report};
pub use explore::trace::Trace;
pub use explore::verdict::{Verdict, VerdictKind, Witness};
pub use model::{Action, Channel, Message};
pub use num_bigint::BigUint;
pub use schedule::Schedule;
pub use transition::{Dropped, Event, Reaction, TaskRun, Transition};

// Errors.
pub use explore::contract::Violation;
pub use explore::replay::ReplayError;
pub use explore::report::Broken;
pub use scenario::own::ModelError;
pub use scenario::{ScenarioError, SequenceError};
pub use schedule::ScheduleError;

// Several scenarios. The module `gate` has what its checks return.
pub use gate::suite::Suite;

// Your own code under the schedules of a model, the logs of a real system, and your own controller on threads. The
// module `conformance` has what these functions return.
#[cfg(loom)]
pub use conformance::check_threads::check_threads;
pub use conformance::conduct::conduct;
#[cfg(all(feature = "json", not(loom), not(doctest)))]
pub use conformance::log::{conforms, read_log};
pub use conformance::on_threads::point_blocking;
#[cfg(all(feature = "tokio", not(loom)))]
pub use conformance::on_tokio::point;

/// A check of every schedule of a setup: [`run`](Check::run) it, or [`expect_proved`](Check::expect_proved).
///
/// The check also tests the contract of the [`Controller`]. A clone must be equal to its original. Two controllers that
/// are equal must print the same `Debug` and have the same hash. A controller must always react to the same input in
/// the same way: this is tested three times when a controller and an input are new, and again at the end of the search,
/// at least a thousand times in total. Between these tests, its reactions are looked up. If a controller breaks the
/// contract, or if a controller or a claim panics, the check ends without a verdict and shows the schedule that leads
/// there.
///
/// Two things cannot be detected. One is state outside of the controller (a static, or a cell that clones share) that
/// the repeated calls do not reveal, such as a counter whose threshold they do not reach. The other is a field that
/// `Clone`, `Eq`, `Hash` and `Debug` all leave out.
///
/// ```
/// use startup_race::{Rules, Scenario, Setup, check};
///
/// let scenario = |protocol| Scenario::new(Rules::named(protocol).unwrap(), 2).unwrap().failing(&[2]).unwrap();
/// check(Setup::of(scenario("arroyo/before"))).expect_refuted("no-lost-failure");
/// check(Setup::of(scenario("arroyo/after"))).expect_proved();
/// ```
pub fn check<'a, C: Controller>(setup: Setup<C>) -> Check<'a, C> {
    Check::new(setup)
}
