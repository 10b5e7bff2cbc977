//! A status check: what the controller has published, and what each task has really done.
//!
//! 1. The controller publishes its phase, with the attempt, in one atomic; a task raises its flag when `on_start` has run.
//! 2. A flag is raised `Relaxed`: it is the *publication* that must carry the flags along. With `Release` it does, for the
//!    controller has received each task's notice; with `Relaxed` a reader of Running may still read a flag that was not raised.
//! 3. A flag is never lowered: each attempt has flags of its own.
//! 4. What is published has been decided and recorded before. What is not published has not happened, for all that anybody
//!    outside can tell: so the controller publishes each change of the phase, and each new attempt.

use super::sync::{AtomicBool, AtomicUsize, Ordering};
use crate::core::{ActorId, Attempt, Phase, Stage};
use crate::transition::TaskRun;

/// With which memory ordering the phase is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Publication {
    /// A reader of the phase sees all that was done before.
    #[default]
    Release,
    /// A reader of the phase sees the phase, and maybe nothing else.
    Relaxed,
}

/// A stage without its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shown {
    /// The controller waits for the tasks.
    Starting,
    /// The pipeline is said to be up.
    Up,
    /// A stop is under way.
    Stopping,
    /// The pipeline ended as asked.
    Ended,
    /// The pipeline has failed.
    Failed,
}

impl Shown {
    const ALL: [Self; 5] = [Self::Starting, Self::Up, Self::Stopping, Self::Ended, Self::Failed];
}

impl From<Phase> for Shown {
    fn from(phase: Phase) -> Self {
        match phase.stage {
            Stage::Starting => Self::Starting,
            Stage::Up => Self::Up,
            Stage::Stopping => Self::Stopping,
            Stage::Ended => Self::Ended,
            Stage::Failed(_) => Self::Failed,
        }
    }
}

/// What the board shows: the stage of the phase, and the attempt that is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Published {
    /// The attempt.
    pub attempt: Attempt,
    /// Its stage.
    pub stage: Shown,
}

impl Published {
    fn code(self) -> usize {
        place(self.attempt) * Shown::ALL.len() + self.stage as usize
    }

    fn of(code: usize) -> Self {
        let (attempt, stage) = (code / Shown::ALL.len(), code % Shown::ALL.len());
        let attempt = Attempt(u8::try_from(attempt + 1).unwrap_or(u8::MAX));
        Self { attempt, stage: Shown::ALL[stage] }
    }
}

/// The position of an attempt, counted from 0.
fn place(attempt: Attempt) -> usize {
    usize::from(attempt.0).saturating_sub(1)
}

/// The phase and the flags, for all to read.
#[derive(Debug)]
pub struct PublishedStatus {
    published: AtomicUsize,
    started: Vec<Vec<AtomicBool>>,
    publication: Publication,
}

impl PublishedStatus {
    /// A board on which nothing has happened: the first attempt is in this phase.
    pub fn new(phase: Phase, attempts: u8, tasks: usize, publication: Publication) -> Self {
        let first = Published { attempt: Attempt(1), stage: phase.into() };
        let flags = || (0..tasks).map(|_| AtomicBool::new(false)).collect();
        let started = (0..attempts).map(|_| flags()).collect();
        Self { published: AtomicUsize::new(first.code()), started, publication }
    }

    /// Raises a task's flag: its `on_start` has run.
    pub fn started(&self, attempt: Attempt, task: ActorId) {
        self.started[place(attempt)][task.index()].store(true, Ordering::Relaxed);
    }

    /// The flag of each of these tasks.
    pub fn flags(&self, tasks: impl Iterator<Item = TaskRun>) -> Vec<bool> {
        let flag = |TaskRun { task, attempt }| &self.started[place(attempt)][task.index()];
        tasks.map(|run| flag(run).load(Ordering::Relaxed)).collect()
    }

    /// The flags of an attempt. Each is handed on as soon as it is read.
    pub fn flags_of(&self, attempt: Attempt, loaded: impl Fn(TaskRun, bool)) -> Vec<bool> {
        let flag = |(index, flag): (usize, &AtomicBool)| {
            let raised = flag.load(Ordering::Relaxed);
            loaded(TaskRun { task: ActorId::at(index), attempt }, raised);
            raised
        };
        self.started[place(attempt)].iter().enumerate().map(flag).collect()
    }

    /// Publishes the phase of an attempt.
    pub fn publish(&self, attempt: Attempt, phase: Phase) {
        let ordering = match self.publication {
            Publication::Release => Ordering::Release,
            Publication::Relaxed => Ordering::Relaxed,
        };
        let published = Published { attempt, stage: phase.into() };
        self.published.store(published.code(), ordering);
    }

    /// Reads what is published.
    pub fn read(&self) -> Published {
        Published::of(self.published.load(Ordering::Acquire))
    }
}
