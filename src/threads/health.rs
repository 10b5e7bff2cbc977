//! A health check: what the controller has published, and what each task has really done.
//!
//! 1. The controller publishes its phase, with the attempt, in one atomic; a task raises its flag when `on_start` has run.
//! 2. A flag is raised `Relaxed`: it is the *publication* that must carry the flags along. With `Release` it does, for the
//!    controller has received each task's notice; with `Relaxed` who reads Running may still read a flag that was not raised.
//! 3. A flag is never lowered: each attempt has flags of its own.
//! 4. What is published has been decided and recorded before. What is not published has not happened, for all that anybody
//!    outside can tell: so the controller publishes each change of the phase, and each new attempt.

use super::sync::{AtomicBool, AtomicUsize, Ordering};
use crate::core::{ActorId, Attempt, Phase};

/// With which memory ordering the phase is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Publication {
    /// Who reads the phase sees all that was done before.
    #[default]
    Release,
    /// Who reads the phase sees the phase, and maybe nothing else.
    Relaxed,
}

/// A phase without its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shown {
    /// The controller waits for the tasks.
    Scheduling,
    /// The pipeline is said to run.
    Running,
    /// The pipeline has failed.
    Failed,
}

impl Shown {
    const ALL: [Self; 3] = [Self::Scheduling, Self::Running, Self::Failed];
}

impl From<Phase> for Shown {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Scheduling => Self::Scheduling,
            Phase::Running => Self::Running,
            Phase::Failed(_) => Self::Failed,
        }
    }
}

/// What the board shows: a phase, and the attempt that is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Published {
    /// The attempt.
    pub attempt: Attempt,
    /// Its phase.
    pub phase: Shown,
}

impl Published {
    fn code(self) -> usize {
        self.attempt.index() * Shown::ALL.len() + self.phase as usize
    }

    fn of(code: usize) -> Self {
        Self { attempt: Attempt::at(code / Shown::ALL.len()), phase: Shown::ALL[code % Shown::ALL.len()] }
    }
}

/// The phase and the flags, for all to read.
#[derive(Debug)]
pub struct Board {
    published: AtomicUsize,
    started: Vec<Vec<AtomicBool>>,
    publication: Publication,
}

impl Board {
    /// A board on which nothing has happened: the first attempt is in this phase.
    pub fn new(phase: Phase, attempts: u8, tasks: usize, publication: Publication) -> Self {
        let first = Published { attempt: Attempt(1), phase: phase.into() };
        let flags = || (0..tasks).map(|_| AtomicBool::new(false)).collect();
        let started = (0..attempts).map(|_| flags()).collect();
        Self { published: AtomicUsize::new(first.code()), started, publication }
    }

    /// Raises a task's flag: its `on_start` has run.
    pub fn started(&self, attempt: Attempt, task: ActorId) {
        self.started[attempt.index()][task.index()].store(true, Ordering::Relaxed);
    }

    /// The flags of an attempt.
    pub fn flags(&self, attempt: Attempt) -> Vec<bool> {
        self.started[attempt.index()].iter().map(|flag| flag.load(Ordering::Relaxed)).collect()
    }

    /// Publishes the phase of an attempt.
    pub fn publish(&self, attempt: Attempt, phase: Phase) {
        let ordering = match self.publication {
            Publication::Release => Ordering::Release,
            Publication::Relaxed => Ordering::Relaxed,
        };
        let published = Published { attempt, phase: phase.into() };
        self.published.store(published.code(), ordering);
    }

    /// Reads what is published.
    pub fn read(&self) -> Published {
        Published::of(self.published.load(Ordering::Acquire))
    }
}
