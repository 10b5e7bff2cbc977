//! The controller: it takes one input and returns effects. Its memory is private to it.
//!
//! ```text
//!                    every task counted
//!     ┌────────────┐ ──────────────────► ┌─────────┐
//! ──► │ Scheduling │                     │ Running │
//!     └────────────┘ ◄────────────────── └─────────┘
//!        │      ▲        retry, crash         │
//!   stop │      │ retry, crash                │ stop
//!        ▼      │                             │
//!     ┌────────────┐ ◄────────────────────────┘
//!     │  Stopping  │ ──────────────────► ┌─────────┐
//!     └────────────┘   every task over   │ Stopped │
//!                                        └─────────┘
//!     Scheduling, Running, Stopping ───► ┌────────┐
//!       a failure or a timeout ends it   │ Failed │
//!                                        └────────┘
//! ```
//!
//! | notice         | Scheduling             | Running                  | Stopping | Stopped, Failed |
//! |----------------|------------------------|--------------------------|----------|-----------------|
//! | `TaskStarted`  | count the task         | –                        | –        | –               |
//! | `TaskFailed`   | drop or retry, by rule | drop or retry, by rule   | by rule  | –               |
//! | `TaskFinished` | –                      | over, if a stop may come | over     | –               |
//!
//! "–": the state stays as it is.
//!
//! 1. In Scheduling, a `TaskStarted` is counted in a set: a second one from the same task changes nothing.
//! 2. When the set is complete, the phase becomes Running, or Stopping if a stop was deferred.
//! 3. The rule of the phase decides what a `TaskFailed` does: it is dropped, it fails the pipeline, it counts its task
//!    as over, or it asks for a retry.
//! 4. A retry asks for the next attempt and leads to Scheduling. If no attempt is left, it leads to Failed.
//! 5. A `TaskFinished` marks its task as over in Stopping, and in Running if a stop may come. When every task is over,
//!    Stopping becomes Stopped.
//! 6. Stopped and Failed are final: no notice and no stop changes the state, and a model lets no timeout or crash come.
//! 7. A fence drops a stale notice: one from an attempt that its sender has left.
//! 8. After a crash, the rule decides whether the controller is as it began or as it was before. Its phase follows from
//!    what it remembers.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::hash::Hash;

use super::message::{ActorId, Attempt, Cause, Command, Kind, Notice};
use super::rules::{ControllerRules, EarlyStop, OnFailure, Recovery};

/// The stage of a phase. A controller names its phases freely, but each of them has one of these stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Not every part is said to be up yet.
    Starting,
    /// Every part is said to be up.
    Up,
    /// A stop is under way.
    Stopping,
    /// Final: the pipeline ended as asked.
    Ended,
    /// Final: the pipeline failed.
    Failed(Reason),
}

/// Why the pipeline, or an attempt, failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A task died.
    Task(ActorId, Cause),
    /// The controller waited too long.
    TimedOut,
    /// A reason of a user's own controller.
    Other(&'static str),
}

/// A phase: the controller's own name for it, and its stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phase {
    /// Its name.
    pub name: &'static str,
    /// What the phase means, whatever its name is.
    pub stage: Stage,
}

/// What a controller reacts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Input {
    /// A notice was delivered.
    Notice(Notice),
    /// A user asks for a stop.
    Stop,
    /// The wait in the starting stage timed out.
    TimedOut,
    /// The controller crashed and restarted: it must forget what was not stored.
    Restarted,
}

/// What a controller asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Begins the next attempt: every actor that the model renews begins again. By default, these are the tasks.
    Retry,
    /// Begins the next attempt for this actor. The others go on.
    Restart(ActorId),
    /// Sends a command to an actor.
    Send(ActorId, Command),
    /// Makes every live task that has announced itself do so again. Only in answer to [`Input::Restarted`].
    Reannounce,
}

/// What a controller may know in addition to its own state, and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// How many tasks there are.
    pub tasks: u8,
    /// The current attempt.
    pub attempt: Attempt,
    /// How many attempts are left after this one.
    pub attempts_left: u8,
    /// What is to be done, in this order. Most inputs have no effect.
    pub effects: Vec<Effect>,
    /// Whether the input is a notice of an attempt that its sender has left.
    pub(crate) stale: bool,
    /// Whether the input is stale and the controller has asked about that.
    pub(crate) fenced: bool,
}

impl Context {
    /// Whether the input is a notice of an attempt that its sender has left. A controller that drops such a notice
    /// has a fence.
    pub fn is_stale(&mut self) -> bool {
        self.fenced = self.stale;
        self.stale
    }
}

/// A controller. It must be deterministic. Its `Eq`, `Hash`, `Debug` and `Clone` must cover everything that it
/// remembers: derive them.
///
/// What fits: phases under names of its own, each of one [`Stage`]; kinds of notice and commands of its own; a retry
/// and the restart of one task, within the budget; a stop, a timeout, a crash. Every other participant (a user, a
/// timer, a store) is a helper with a script.
///
/// What does not fit:
/// - *Several controllers.* A model has one. A second leader can be modelled as a helper: it can send notices, but no
///   commands, and no claim can refer to its phase.
/// - *Clocks.* A timeout is an input like any other, and a helper can be a timer: both come at any time that their
///   conditions allow. "Within five seconds" cannot be expressed; "before this step" can.
/// - *Fairness.* Every schedule ends, and a claim is judged in every state or at every end. A run that never ends
///   cannot be expressed.
pub trait Controller: Clone + Eq + Hash + Debug + 'static {
    /// Reacts to an input.
    fn on(&mut self, input: Input, now: &mut Context);

    /// The phase that it publishes.
    fn phase(&self) -> Phase;

    /// How many tasks it has counted, if it counts.
    fn counted(&self) -> Option<u8> {
        None
    }

    /// Whether it has counted a task, if it remembers which.
    fn has_counted(&self, _task: ActorId) -> bool {
        false
    }

    /// The kinds of notice of its own that it knows, and the commands that it may send. A model refuses a name that
    /// only one side uses: with such a typo, a claim could hold only because nothing happens.
    fn names(&self) -> &'static [&'static str] {
        &[]
    }
}

/// The built-in controller. Each of its phases is a stage of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PipelineController {
    rules: ControllerRules,
    stop_may_come: bool,
    pub(crate) stage: Stage,
    pub(crate) counted: BTreeSet<ActorId>,
    pub(crate) over: BTreeSet<ActorId>,
    stop_deferred: bool,
}

use Stage::{Ended as Stopped, Failed, Starting as Scheduling, Stopping, Up as Running};

impl PipelineController {
    /// A controller that has received nothing.
    pub fn new(rules: ControllerRules, stop_may_come: bool) -> Self {
        let (counted, over) = (BTreeSet::new(), BTreeSet::new());
        Self { rules, stop_may_come, stage: Scheduling, counted, over, stop_deferred: false }
    }

    fn receive(&mut self, notice: Notice, now: &mut Context) {
        let (task, rules) = (notice.from, self.rules);
        match (self.stage, notice.kind) {
            (Stopped | Failed(_), _) | (_, Kind::Own(_)) => {}
            _ if rules.fence && now.is_stale() => {}
            (Scheduling, Kind::Started) => self.count(task, now),
            // In Running every task is counted already. After a stop it is too late.
            (Running | Stopping, Kind::Started) => {}
            // The notice comes too early and is lost: a stop that comes later does not know that this task is over.
            (Scheduling, Kind::Finished) => {}
            // If no stop can come, it does not matter whether a task is over.
            (Running, Kind::Finished) if !self.stop_may_come => {}
            (Running | Stopping, Kind::Finished) => self.finish(task, now),
            (Scheduling, Kind::Failed(cause)) => self.fail(rules.failed_while_scheduling, task, cause, now),
            (Running, Kind::Failed(cause)) => self.fail(rules.failed_while_running, task, cause, now),
            (Stopping, Kind::Failed(cause)) => self.fail(rules.failed_while_stopping, task, cause, now),
        }
    }

    fn count(&mut self, task: ActorId, now: &Context) {
        self.counted.insert(task);
        match self.counted.len() == usize::from(now.tasks) {
            true if self.stop_deferred => self.stop(now),
            true => self.stage = Running,
            false => {}
        }
    }

    fn finish(&mut self, task: ActorId, now: &Context) {
        self.over.insert(task);
        if self.stage == Stopping {
            self.stop(now);
        }
    }

    /// Enters Stopping, or Stopped at once if every task is already over.
    fn stop(&mut self, now: &Context) {
        self.stop_deferred = false;
        self.stage = if self.over.len() == usize::from(now.tasks) { Stopped } else { Stopping };
    }

    fn fail(&mut self, rule: OnFailure, task: ActorId, cause: Cause, now: &mut Context) {
        let reason = Reason::Task(task, cause);
        match rule {
            OnFailure::Ignore => {}
            OnFailure::Count => self.finish(task, now),
            OnFailure::Fail => self.stage = Failed(reason),
            OnFailure::Retry => self.retry(reason, self.rules.restart_one.then_some(task), now),
        }
    }

    /// Begins every task again, or only the task that `only` names. If no attempt is left, the pipeline fails.
    fn retry(&mut self, reason: Reason, only: Option<ActorId>, now: &mut Context) {
        if now.attempts_left == 0 {
            self.stage = Failed(reason);
            return;
        }
        let goes_on = |task: &ActorId| only.is_some_and(|only| only != *task);
        self.stage = Scheduling;
        self.counted.retain(goes_on);
        self.over.retain(goes_on);
        now.effects.push(only.map_or(Effect::Retry, Effect::Restart));
    }

    fn ask_to_stop(&mut self, now: &Context) {
        match (self.stage, self.rules.stop_while_scheduling) {
            (Running, _) | (Scheduling, EarlyStop::Obey) => self.stop(now),
            (Scheduling, EarlyStop::Defer) => self.stop_deferred = true,
            (Scheduling, EarlyStop::Ignore) | (Stopping | Stopped | Failed(_), _) => {}
        }
    }

    fn recover(&mut self, now: &mut Context) {
        if self.rules.recovery != Recovery::Remembers {
            *self = Self::new(self.rules, self.stop_may_come);
        }
        if self.rules.recovery == Recovery::Asks {
            now.effects.push(Effect::Reannounce);
        }
    }
}

impl Controller for PipelineController {
    fn on(&mut self, input: Input, now: &mut Context) {
        match input {
            Input::Notice(notice) => self.receive(notice, now),
            Input::Stop => self.ask_to_stop(now),
            Input::TimedOut => self.retry(Reason::TimedOut, None, now),
            Input::Restarted => self.recover(now),
        }
    }

    fn phase(&self) -> Phase {
        let name = match self.stage {
            Scheduling => "Scheduling",
            Running => "Running",
            Stopping => "Stopping",
            Stopped => "Stopped",
            Failed(_) => "Failed",
        };
        Phase { name, stage: self.stage }
    }

    fn counted(&self) -> Option<u8> {
        u8::try_from(self.counted.len()).ok()
    }

    fn has_counted(&self, task: ActorId) -> bool {
        self.counted.contains(&task)
    }
}

impl Stage {
    /// Whether no input can change it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Ended | Self::Failed(_))
    }
}
