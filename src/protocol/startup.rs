//! The startup of one task, step by step: the explorer and a real thread take the same steps.
//!
//! 1. A task walks its sequence: `announce`, `on_start` and `arrive` in the order that the rules give, then `run`.
//! 2. A panic in `on_start` ends the walk; the next action, and the last, is `report`. Until then the task is not dead.
//! 3. A task that vanishes is dead after `on_start`, and nobody is told.
//! 4. After `arrive` a task waits until its worker's barrier is full.
//! 5. In a chain, a task in `run` panics once its neighbour downstream is dead (then it reports), or else
//!    finishes once its neighbour upstream is dead or has finished.
//!
//! What is not here: who the neighbours are, and where notices go; [`world`](super::world) and the threads
//! each say that in their own way.

use super::notice::{Cause, Kind};
use super::rules::{Announce, Barrier, Rules};
use super::scenario::Fate;

/// A step of a startup sequence. `run` is implied, last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Sends `TaskStarted`.
    Announce,
    /// Builds the task's resources.
    OnStart,
    /// Arrives at the worker's barrier.
    Arrive,
}

/// A startup sequence: exactly one `on_start`, at most one `announce` and one `arrive`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sequence(Vec<Step>);

/// A list of steps that is no startup sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SequenceError {
    /// `on_start` does not stand in it exactly once, but so often.
    OnStart(usize),
    /// This step stands in it more than once.
    Repeated(Step),
}

impl Sequence {
    /// The sequence of these steps, and `run`.
    ///
    /// # Errors
    /// Where the steps are no startup sequence.
    pub fn new(steps: &[Step]) -> Result<Self, SequenceError> {
        let times = |step| steps.iter().filter(|&&other| other == step).count();
        if times(Step::OnStart) != 1 {
            return Err(SequenceError::OnStart(times(Step::OnStart)));
        }
        match [Step::Announce, Step::Arrive].into_iter().find(|&step| times(step) > 1) {
            Some(step) => Err(SequenceError::Repeated(step)),
            None => Ok(Self(steps.to_vec())),
        }
    }

    /// The sequence that the rules give every task.
    pub fn of(rules: &Rules) -> Self {
        let announce = |when| (rules.announce == when).then_some(Step::Announce);
        let arrive = (rules.barrier == Barrier::PerWorker).then_some(Step::Arrive);
        let (first, second, last) = (Announce::BeforeOnStart, Announce::AfterOnStart, Announce::AfterBarrier);
        let steps = [announce(first), Some(Step::OnStart), announce(second), arrive, announce(last)];
        Self(steps.into_iter().flatten().collect())
    }

    /// The steps, without `run`.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    fn position(&self, step: Step) -> usize {
        self.0.iter().position(|&other| other == step).unwrap_or(self.0.len())
    }
}

/// An action of a task: the grain of every schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Sends `TaskStarted`.
    Announce,
    /// Builds its resources, or panics, or vanishes.
    OnStart,
    /// Sends `TaskFailed`; dead from here on.
    Report,
    /// Arrives at the barrier.
    Arrive,
    /// Enters the processing loop.
    Run,
    /// Its send downstream fails.
    Panic,
    /// Its input has ended: sends `TaskFinished`.
    Finish,
}

/// How far a task has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Life {
    /// It has taken so many steps of its sequence.
    Starting(u8),
    /// It is in its processing loop.
    Running,
    /// It panicked, and has not reported it.
    Panicked(Cause),
    /// It reported its failure.
    Dead(Cause),
    /// It died without a word.
    Vanished,
    /// It ended in good order.
    Finished,
}

/// What a task can tell of its surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Around {
    /// Every task of its worker has arrived.
    pub barrier_full: bool,
    /// Its neighbour downstream is dead.
    pub downstream_dead: bool,
    /// Its neighbour upstream is dead or has finished.
    pub upstream_gone: bool,
}

impl Life {
    /// Where every task begins.
    pub const NEW: Self = Self::Starting(0);

    /// The action that the task can take, if any.
    pub fn next(self, sequence: &Sequence, around: Around) -> Option<Act> {
        match self {
            Self::Starting(_) if self.waits(sequence) && !around.barrier_full => None,
            Self::Starting(taken) => Some(match sequence.0.get(usize::from(taken)) {
                Some(Step::Announce) => Act::Announce,
                Some(Step::OnStart) => Act::OnStart,
                Some(Step::Arrive) => Act::Arrive,
                None => Act::Run,
            }),
            Self::Panicked(_) => Some(Act::Report),
            Self::Running if around.downstream_dead => Some(Act::Panic),
            Self::Running if around.upstream_gone => Some(Act::Finish),
            Self::Running | Self::Dead(_) | Self::Vanished | Self::Finished => None,
        }
    }

    /// Takes an action; returns what it sends.
    #[must_use = "what it sends must reach the worker's inbox"]
    pub fn take(&mut self, act: Act, fate: Fate) -> Option<Kind> {
        let (next, sent) = match (act, *self) {
            (Act::OnStart, _) if fate == Fate::Panics => (Self::Panicked(Cause::Panicked), None),
            (Act::OnStart, _) if fate == Fate::Vanishes => (Self::Vanished, None),
            (Act::Announce, Self::Starting(taken)) => (Self::Starting(taken + 1), Some(Kind::Started)),
            (Act::OnStart | Act::Arrive, Self::Starting(taken)) => (Self::Starting(taken + 1), None),
            (Act::Run, _) => (Self::Running, None),
            (Act::Panic, _) => (Self::Panicked(Cause::Cascaded), None),
            (Act::Finish, _) => (Self::Finished, Some(Kind::Finished)),
            (Act::Report, Self::Panicked(cause)) => (Self::Dead(cause), Some(Kind::Failed(cause))),
            (Act::Announce | Act::OnStart | Act::Arrive | Act::Report, life) => (life, None),
        };
        *self = next;
        sent
    }

    /// Whether its last step was `arrive`: it goes on when the barrier is full.
    pub fn waits(self, sequence: &Sequence) -> bool {
        matches!(self, Self::Starting(taken) if taken > 0 && sequence.0[usize::from(taken) - 1] == Step::Arrive)
    }

    /// Whether it has completed a step of its sequence. Who panicked or vanished in `on_start` has not completed it.
    pub fn completed(self, step: Step, sequence: &Sequence) -> bool {
        let taken = match self {
            Self::Starting(taken) => usize::from(taken),
            Self::Panicked(Cause::Panicked) | Self::Dead(Cause::Panicked) | Self::Vanished => {
                sequence.position(Step::OnStart)
            }
            Self::Running | Self::Finished | Self::Panicked(_) | Self::Dead(_) => sequence.0.len(),
        };
        taken > sequence.position(step)
    }

    /// Whether it is dead: from its report on, or since it vanished.
    pub fn is_dead(self) -> bool {
        matches!(self, Self::Dead(_) | Self::Vanished)
    }
}
