//! The startup protocol on real threads: the standard library's, or loom's under `--cfg loom`.
//!
//! What the explorer steps, threads run here: the same controller behind the same [`Control`], the same startup
//! sequence, one thread a task. A run records what it did as the events of a schedule, so that it can be
//! replayed in the world; which schedules the threads can take, and that they can take no other, is for tests to show.
//!
//! | file | what it holds |
//! |---|---|
//! | `pipeline` | who runs on which thread; the controller's loop |
//! | `task` | the thread of one task |
//! | `mailbox` | how notices reach the controller |
//! | `barrier` | a worker's barrier, which nobody waits at in vain |
//! | `gate` | how a retry stops the tasks of an attempt |
//! | `health` | the published phase, and a check that reads it |
//! | `record` | what happened, and when a run may be judged |
//! | `seams` | where a mutant may bend the threads |
//! | `sync` | the standard library's threads, or loom's |
//!
//! Which knob runs where. What the explorer alone runs is refused here by a value that says why, before anything starts.
//!
//! | knob | on threads | under loom |
//! |---|---|---|
//! | `announce`, `failed-while-scheduling`, `failed-while-running`, `fence` | every value | every value: they decide what is sent and how it is taken, not who waits |
//! | `barrier` | every value | every value |
//! | `attempts`, `old-attempt` | every value | as long as the threads of all attempts fit into loom's five: 2 tasks in 2 attempts, 1 in 4, on one worker |
//! | `timeout` | every value; `hasty` with one attempt | the same, and the clock of `hasty` is one of the five threads |
//! | `cascade` | `none` | `none` |
//! | `duplicates` | 0 | 0 |
//! | workers (of the scenario) | any number | 2 with 2 tasks in one attempt: each worker has a forwarder |
//!
//! A fate that panics or vanishes runs on both, in any attempt.
//!
//! [`Control`]: crate::protocol::controller::Control

pub mod barrier;
pub mod gate;
pub mod health;
pub mod mailbox;
pub mod pipeline;
pub mod record;
pub mod seams;
pub mod sync;
pub mod task;

pub use health::{Publication, Published, Shown};
pub use pipeline::launch;
pub use record::{Ended, How, Run, Sight, Tape};
pub use seams::{Seams, Sound};

use crate::core::{Controller, Timeout};
use crate::scenario::{Setup};

/// What a run does beside running.
#[derive(Debug, Clone, Default)]
pub struct Options<S = Sound> {
    /// The controller loads every task's flag when it becomes Running. Without that an `on_start` is seen by nobody, and to
    /// a model that nobody sees is as good as done.
    pub flags: bool,
    /// How often an observer looks at what is published; it has a thread of its own. There is none if it is 0.
    pub looks: u32,
    /// How the phase is published.
    pub publication: Publication,
    /// Where the events go while the run runs.
    pub tape: Tape,
    /// The seams of the threads.
    pub seams: S,
}

impl Options {
    /// Nothing beside the run, which is recorded on this tape.
    pub fn on(tape: Tape) -> Self {
        Self { tape, ..Self::default() }
    }
}

impl<S> Options<S> {
    /// The same with other seams.
    pub fn bent<T>(self, seams: T) -> Options<T> {
        let Self { flags, looks, publication, tape, .. } = self;
        Options { flags, looks, publication, tape, seams }
    }
}

/// Why threads cannot run a setup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CannotRun {
    /// It takes so many threads, of so many.
    Threads(usize, usize),
    /// A task that runs would wait for a death that may never come: a run that waits for ever has no end to judge.
    Cascade,
    /// A channel delivers once; whether a network repeats itself is no order of the threads' operations.
    Duplicates,
    /// The clock's word would wait behind notices that were sent before it. While there is one attempt that makes no
    /// difference; after a retry it could not overtake what the attempt before has sent, as it does in the world.
    HastyRetries,
    /// The machine could not start one of so many threads.
    NoThread(usize),
    /// Inside a model nobody can wait for a run.
    Modelled,
}

/// Runs a setup on threads, to its end.
///
/// # Errors
/// If threads cannot run such a setup, if the machine has too few of them, and if they are loom's.
pub fn run<C: Controller>(setup: &Setup<C>, options: Options<impl Seams>) -> Result<Run, CannotRun> {
    if sync::MODELLED {
        return Err(CannotRun::Modelled);
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    // The receiver waits for this one message, so it is there.
    launch(setup, options, move |run| sender.send(run).unwrap_or_default())?;
    Ok(receiver.recv().expect("the last thread of a run hands it over"))
}

/// How many threads a setup takes at most, the calling one included.
pub fn threads<C: Controller, S>(setup: &Setup<C>, options: &Options<S>) -> usize {
    let (scenario, rules) = (&setup.scenario, setup.scenario.rules());
    let tasks = scenario.tasks().len() * usize::from(rules.attempts);
    let forwarders = if scenario.workers() > 1 { usize::from(scenario.workers()) } else { 0 };
    1 + tasks + forwarders + usize::from(rules.timeout == Timeout::Hasty) + usize::from(options.looks > 0)
}

/// Whether threads can run a setup.
///
/// # Errors
/// Why they cannot.
pub fn check<C: Controller, S>(setup: &Setup<C>, options: &Options<S>) -> Result<(), CannotRun> {
    let rules = setup.scenario.rules();
    match threads(setup, options) {
        _ if rules.cascade == Cascade::Chain => Err(CannotRun::Cascade),
        _ if rules.duplicates > 0 => Err(CannotRun::Duplicates),
        _ if rules.timeout == Timeout::Hasty && rules.attempts > 1 => Err(CannotRun::HastyRetries),
        needed if needed > sync::MAX_THREADS => Err(CannotRun::Threads(needed, sync::MAX_THREADS)),
        _ => Ok(()),
    }
}
