//! A health check: what the controller has published, and what each task has really done.
//!
//! 1. The controller publishes its phase, with the attempt, in one atomic; a task raises its flag when `on_start` has run.
//! 2. A flag is raised `Relaxed`: it is the *publication* that must carry the flags along. With `Release` it does, for the
//!    controller has received each task's notice; with `Relaxed` who reads Running may still read a flag that was not raised.
//! 3. A flag is never lowered: each attempt has flags of its own.

use super::sync::{AtomicBool, AtomicUsize, Ordering, thread};
use crate::protocol::controller::Phase;
use crate::protocol::notice::{Attempt, TaskId};

/// With which memory ordering the phase is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Publication {
    /// Who reads the phase sees all that was done before.
    #[default]
    Release,
    /// Who reads the phase sees the phase, and maybe nothing else.
    Relaxed,
}

/// The phase and the flags, for all to read.
#[derive(Debug)]
pub struct Board {
    phase: AtomicUsize,
    started: Vec<Vec<AtomicBool>>,
    publication: Publication,
}

const PHASES: usize = 3;
const RUNNING: usize = 1;

impl Board {
    /// A board on which nothing has happened.
    pub fn new(attempts: u8, tasks: usize, publication: Publication) -> Self {
        let flags = || (0..tasks).map(|_| AtomicBool::new(false)).collect();
        Self { phase: AtomicUsize::new(0), started: (0..attempts).map(|_| flags()).collect(), publication }
    }

    /// Raises a task's flag: its `on_start` has run.
    pub fn started(&self, attempt: Attempt, task: TaskId) {
        self.started[attempt.index()][task.index()].store(true, Ordering::Relaxed);
    }

    /// The flags of an attempt.
    pub fn flags(&self, attempt: Attempt) -> Vec<bool> {
        self.started[attempt.index()].iter().map(|flag| flag.load(Ordering::Relaxed)).collect()
    }

    /// Publishes the phase of an attempt.
    pub fn publish(&self, attempt: Attempt, phase: Phase) {
        let code = match phase {
            Phase::Scheduling => 0,
            Phase::Running => RUNNING,
            Phase::Failed(_) => 2,
        };
        let ordering = match self.publication {
            Publication::Release => Ordering::Release,
            Publication::Relaxed => Ordering::Relaxed,
        };
        self.phase.store(attempt.index() * PHASES + code, ordering);
    }

    /// Looks once: the flags, where the phase reads Running.
    pub fn look(&self) -> Option<Vec<bool>> {
        let published = self.phase.load(Ordering::Acquire);
        (published % PHASES == RUNNING).then(|| self.flags(Attempt::at(published / PHASES)))
    }

    /// Looks so many times, until the phase reads Running.
    pub fn watch(&self, looks: u32) -> Option<Vec<bool>> {
        (0..looks).find_map(|look| {
            if look > 0 {
                thread::yield_now();
            }
            self.look()
        })
    }
}
