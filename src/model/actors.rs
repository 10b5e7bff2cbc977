//! The actors of a run: tasks and helpers, with their scripts and their faults.

use std::borrow::Cow;

use crate::core::{ActorId, Attempt, Fault, Kind, RunRules, Script, When, WorkerId};

/// A task or a helper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The name that is shown.
    pub name: Cow<'static, str>,
    /// Whether it is a task. The standard claims, the witness and a controller's count refer to tasks only.
    pub is_task: bool,
    /// What it does.
    pub script: Script,
    /// The worker that it runs on.
    pub worker: WorkerId,
    /// Whether [`Effect::Retry`](crate::core::Effect::Retry) begins it again.
    pub renewed: bool,
    /// Whether it represents a fault. The witness is judged without it.
    pub is_fault: bool,
    /// What goes wrong with it.
    pub faults: Vec<FaultSpec>,
}

/// A fault of an actor, and when it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultSpec {
    /// The fault.
    pub fault: Fault,
    /// The attempts in which it happens. An empty list means every attempt.
    pub attempts: Vec<Attempt>,
    /// The conditions under which it happens: all of them must hold.
    pub when: Vec<When>,
}

/// What does not change from state to state: the controller as it begins, the actors, what the run allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model<C> {
    pub(crate) controller: C,
    pub(crate) run: RunRules,
    pub(crate) actors: Vec<Actor>,
    /// How many of the actors are tasks. They come first.
    pub(crate) tasks: u8,
    /// For each worker, the actors that use its barrier, each with the lines that arrive there.
    pub(crate) barriers: Vec<Vec<(ActorId, u32)>>,
    /// Every kind of notice that there is.
    pub(crate) kinds: Vec<Kind>,
    /// Whether an actor waits for commands.
    pub(crate) has_commands: bool,
    /// Whether an actor calls the controller.
    pub(crate) has_calls: bool,
}

impl Actor {
    /// The actor's fault in an attempt, if there is one and its conditions hold.
    pub fn fault(&self, now: Attempt, holds: impl Fn(When) -> bool) -> Option<Fault> {
        let strikes = |spec: &&FaultSpec| {
            (spec.attempts.is_empty() || spec.attempts.contains(&now)) && spec.when.iter().all(|&when| holds(when))
        };
        self.faults.iter().find(strikes).map(|spec| spec.fault)
    }
}
