//! The actors of a run: tasks and helpers, with their scripts and their faults.

use std::borrow::Cow;

use crate::core::{ActorId, Attempt, Fault, Kind, RunRules, Script, When, WorkerId};

/// A task or a helper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Its name, for people.
    pub name: Cow<'static, str>,
    /// Claims, the witness and a controller's count speak of tasks only.
    pub is_task: bool,
    /// What it does.
    pub script: Script,
    /// The worker that it runs on.
    pub worker: WorkerId,
    /// It begins anew with every attempt.
    pub renewed: bool,
    /// It is itself a fault: the witness runs without it.
    pub is_fault: bool,
    /// What goes wrong with it.
    pub faults: Vec<FaultSpec>,
}

/// A fault of an actor, and when it strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultSpec {
    /// The fault.
    pub fault: Fault,
    /// The attempts in which it strikes. None listed: every attempt.
    pub attempts: Vec<Attempt>,
    /// The conditions on which it strikes: all of them must hold.
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
    /// By worker: the actors that meet at its barrier, each with the lines that arrive there.
    pub(crate) barriers: Vec<Vec<(ActorId, u32)>>,
    /// Every kind of notice that there is.
    pub(crate) kinds: Vec<Kind>,
    /// Whether an actor waits for commands.
    pub(crate) has_commands: bool,
    /// Whether an actor calls the controller.
    pub(crate) has_calls: bool,
}

impl Actor {
    /// The fault that strikes it in an attempt, if these conditions hold.
    pub fn fault(&self, now: Attempt, holds: impl Fn(When) -> bool) -> Option<Fault> {
        let strikes = |spec: &&FaultSpec| {
            (spec.attempts.is_empty() || spec.attempts.contains(&now)) && spec.when.iter().all(|&when| holds(when))
        };
        self.faults.iter().find(strikes).map(|spec| spec.fault)
    }
}
