//! The controller's transition function, and the budget of attempts.
//!
//! The phases: `Scheduling`, then `Running` or `Failed`. A retry begins `Scheduling` anew.
//!
//! 1. In Scheduling a `TaskStarted` is counted, in a set: a second one of the same task changes nothing.
//! 2. When the set is whole, the phase is Running.
//! 3. A `TaskFailed` is dropped, or it fails the attempt, as the rule of the phase says.
//! 4. A `TaskFinished` is dropped in Scheduling; in Running it changes no phase.
//! 5. `Failed` is final: every notice is dropped there.
//! 6. A fence drops every notice of an attempt that is not the current one.
//! 7. Who fails an attempt *asks* for the next ([`Reaction::Retry`]) while one is left; [`Control`] *grants* it.
//!
//! A controller of your own is another [`Controller`]; a mutant is one that wraps another. What is not
//! here: tasks and inboxes. A controller sees one input at a time and nothing else.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::hash::Hash;

use super::notice::{Attempt, Cause, Kind, Notice, TaskId};
use super::rules::{Fence, OnFailure, Rules};
use crate::guard::guard;

/// Why the pipeline, or an attempt, failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A task died.
    Task(TaskId, Cause),
    /// The controller waited too long.
    TimedOut,
    /// A reason of a user's own controller.
    Other(&'static str),
}

/// What the controller tells the world about the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Not every task has been counted.
    Scheduling,
    /// The pipeline is said to run.
    Running,
    /// The end.
    Failed(Reason),
}

/// What a controller reacts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Input {
    /// A notice was delivered.
    Notice(Notice),
    /// The wait in Scheduling timed out.
    TimedOut,
}

/// What a controller may know beside its own state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Situation {
    /// How many tasks the pipeline has.
    pub tasks: u8,
    /// The current attempt.
    pub attempt: Attempt,
    /// How many attempts are left after this one.
    pub attempts_left: u8,
}

/// What the controller did with an input.
#[must_use = "a reaction says what its input changed"]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reaction {
    /// The task was counted; others are missing.
    Counted,
    /// The task had been counted before; nothing changed.
    CountedAlready,
    /// The last missing task was counted: the phase is Running.
    BecameRunning,
    /// Taken in, and no phase changed.
    Noted,
    /// Not acted upon; nothing changed.
    Dropped(Dropped),
    /// The end: the phase is Failed.
    Failed(Reason),
    /// The attempt is over and the next one asked for; the phase is Scheduling, nothing is counted.
    Retry(Reason),
}

/// Why a notice was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dropped {
    /// Scheduling has no use for it.
    InScheduling,
    /// Running has no use for it.
    InRunning,
    /// It is of another attempt.
    Fenced,
    /// The pipeline has failed.
    Final,
}

/// A transition function: one input in, one reaction out. It must be deterministic, and all that it remembers must be
/// part of its `Eq`, `Hash` and `Debug`, and kept by its `Clone`. Derive them. [`check`](crate::check()) tests this.
pub trait Controller: Clone + Eq + Hash + Debug + 'static {
    /// Reacts to an input. After [`Reaction::Retry`] the phase is Scheduling.
    fn on(&mut self, input: Input, now: Situation) -> Reaction;

    /// The phase it publishes.
    fn phase(&self) -> Phase;

    /// How many tasks it has counted, where it counts.
    fn counted(&self) -> Option<u8> {
        None
    }
}

/// The pipeline's own controller.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pipeline {
    rules: Rules,
    pub(crate) phase: Phase,
    pub(crate) counted: BTreeSet<TaskId>,
}

impl Pipeline {
    /// A controller that has received nothing.
    pub fn new(rules: Rules) -> Self {
        Self { rules, phase: Phase::Scheduling, counted: BTreeSet::new() }
    }

    fn receive(&mut self, notice: Notice, now: Situation) -> Reaction {
        let Rules { fence, failed_while_scheduling, failed_while_running, .. } = self.rules;
        match (self.phase, notice.kind) {
            (Phase::Failed(_), _) => Reaction::Dropped(Dropped::Final),
            _ if fence == Fence::Attempt && notice.attempt != now.attempt => Reaction::Dropped(Dropped::Fenced),
            (Phase::Scheduling, Kind::Started) => self.count(notice.task, now),
            (Phase::Running, Kind::Started) => Reaction::CountedAlready,
            (Phase::Scheduling, Kind::Failed(cause)) if failed_while_scheduling == OnFailure::Fail => {
                self.fail(Reason::Task(notice.task, cause), now)
            }
            (Phase::Running, Kind::Failed(cause)) if failed_while_running == OnFailure::Fail => {
                self.fail(Reason::Task(notice.task, cause), now)
            }
            (Phase::Scheduling, Kind::Failed(_) | Kind::Finished) => Reaction::Dropped(Dropped::InScheduling),
            (Phase::Running, Kind::Failed(_)) => Reaction::Dropped(Dropped::InRunning),
            (Phase::Running, Kind::Finished) => Reaction::Noted,
        }
    }

    fn count(&mut self, task: TaskId, now: Situation) -> Reaction {
        if !self.counted.insert(task) {
            Reaction::CountedAlready
        } else if self.counted.len() < usize::from(now.tasks) {
            Reaction::Counted
        } else {
            self.phase = Phase::Running;
            Reaction::BecameRunning
        }
    }

    fn fail(&mut self, reason: Reason, now: Situation) -> Reaction {
        if now.attempts_left == 0 {
            self.phase = Phase::Failed(reason);
            return Reaction::Failed(reason);
        }
        self.phase = Phase::Scheduling;
        self.counted.clear();
        Reaction::Retry(reason)
    }
}

impl Controller for Pipeline {
    fn on(&mut self, input: Input, now: Situation) -> Reaction {
        match input {
            Input::Notice(notice) => self.receive(notice, now),
            Input::TimedOut => self.fail(Reason::TimedOut, now),
        }
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn counted(&self) -> Option<u8> {
        u8::try_from(self.counted.len()).ok()
    }
}

/// One input and what came of it: how every surface learns of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Received {
    /// The input.
    pub input: Input,
    /// The phase before.
    pub before: Phase,
    /// The phase after.
    pub after: Phase,
    /// What the controller did.
    pub reaction: Reaction,
    /// How many tasks are counted after it.
    pub counted: Option<u8>,
    /// The attempt that it began, if it did.
    pub began: Option<Attempt>,
}

/// A controller that broke its contract. No verdict can be made of its runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breach {
    /// It panicked, with this message.
    Panicked(String),
    /// What it says it did is not what its phases show, or is not allowed now.
    Contradiction(Received),
}

/// Drives a controller: the one way in, for the explorer and for real threads alike. It holds the
/// attempt and the budget, and lets no contradiction pass.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Control<C> {
    /// The controller, as it is now.
    pub controller: C,
    /// The current attempt.
    pub attempt: Attempt,
    budget: u8,
    tasks: u8,
}

impl<C: Controller> Control<C> {
    /// The first attempt of `budget`, of a pipeline of `tasks` tasks.
    pub fn new(controller: C, tasks: u8, budget: u8) -> Self {
        Self { controller, attempt: Attempt(1), budget, tasks }
    }

    /// Hands the controller an input and grants what it asks for.
    ///
    /// # Errors
    /// A [`Breach`] if the controller panics or contradicts itself. It must not be used after that.
    pub fn receive(&mut self, input: Input) -> Result<Received, Breach> {
        let now = Situation { tasks: self.tasks, attempt: self.attempt, attempts_left: self.budget - self.attempt.0 };
        let react = || {
            let (before, reaction) = (self.controller.phase(), self.controller.on(input, now));
            let (after, counted) = (self.controller.phase(), self.controller.counted());
            Received { input, before, after, reaction, counted, began: None }
        };
        let mut received = guard(react).map_err(Breach::Panicked)?;
        if !received.is_allowed(now) {
            return Err(Breach::Contradiction(received));
        }
        if let Reaction::Retry(_) = received.reaction {
            self.attempt.0 += 1;
            received.began = Some(self.attempt);
        }
        Ok(received)
    }
}

impl Received {
    /// Whether the phases show what the reaction says, a retry is within the budget, and a timeout ends the attempt.
    fn is_allowed(&self, now: Situation) -> bool {
        match self.reaction {
            Reaction::Failed(reason) => !self.before.is_final() && self.after == Phase::Failed(reason),
            Reaction::Retry(_) => now.attempts_left > 0 && !self.before.is_final() && self.after == Phase::Scheduling,
            _ if self.input == Input::TimedOut => false,
            Reaction::BecameRunning => (self.before, self.after) == (Phase::Scheduling, Phase::Running),
            _ => self.before == self.after,
        }
    }
}

impl Phase {
    /// Whether no input can change it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Failed(_))
    }
}
