//! The published status, and a flag for each task. A reader of both can compare what the controller has published with
//! what each task has really done.
//!
//! 1. The controller publishes the stage of its phase, with the attempt, in one atomic. A task raises its flag when its
//!    `on_start` has completed, if anything reads the flag.
//! 2. A flag is raised with `Relaxed`, so the *publication* must make the flags visible. With `Release` it does, for
//!    each flag that was raised before its task sent the notice that the controller has received. With `Relaxed`, a
//!    thread that reads Running may still read such a flag as not raised.
//! 3. A flag is never lowered: each attempt has flags of its own.
//! 4. A phase is decided and recorded before it is published. An outside observer cannot know of a phase that is not
//!    published, so the controller publishes each change of the phase and each new attempt.

use super::sync::{AtomicBool, AtomicUsize, Ordering};
use crate::core::{ActorId, Attempt, Phase, Stage};
use crate::transition::TaskRun;

/// The memory ordering with which the phase is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Publication {
    /// A reader of the phase sees everything that was done before it was published.
    #[default]
    Release,
    /// A reader of the phase may see nothing but the phase.
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

/// The published value: the stage of the phase, and the attempt.
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

/// The published phase and the flags, which any thread can read.
#[derive(Debug)]
pub struct PublishedStatus {
    published: AtomicUsize,
    started: Vec<Vec<AtomicBool>>,
    publication: Publication,
}

impl PublishedStatus {
    /// The status at the start: the first attempt is in this phase.
    pub fn new(phase: Phase, attempts: u8, tasks: usize, publication: Publication) -> Self {
        let first = Published { attempt: Attempt(1), stage: phase.into() };
        let flags = || (0..tasks).map(|_| AtomicBool::new(false)).collect();
        let started = (0..attempts).map(|_| flags()).collect();
        Self { published: AtomicUsize::new(first.code()), started, publication }
    }

    /// Raises a task's flag: its `on_start` has completed.
    pub fn started(&self, attempt: Attempt, task: ActorId) {
        self.started[place(attempt)][task.index()].store(true, Ordering::Relaxed);
    }

    /// The flag of each of these tasks.
    pub fn flags(&self, tasks: impl Iterator<Item = TaskRun>) -> Vec<bool> {
        let flag = |TaskRun { task, attempt }| &self.started[place(attempt)][task.index()];
        tasks.map(|run| flag(run).load(Ordering::Relaxed)).collect()
    }

    /// The flags of an attempt. `loaded` is called with each flag as soon as it is read.
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

    /// Reads the published value.
    pub fn read(&self) -> Published {
        Published::of(self.published.load(Ordering::Acquire))
    }
}
