//! What stops a task of an attempt that has ended: it passes its gate for every action, and a retry closes it.
//!
//! A flag that a task reads before each action would not do. Between the read and the action the retry could come, and a
//! task that was stopped would still act. A task leaves behind at its gate how far it has come: what the controller reads
//! there is true for as long as it holds the gate.

use super::sync::{Mutex, MutexGuard, lock};
use crate::core::TaskState;

/// A task's gate.
#[derive(Debug)]
pub struct StopGuard {
    passage: Mutex<Passage>,
    guards: Guards,
}

/// Which actions must pass a gate. Under loom each passage costs executions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guards {
    /// None: the controller never holds it.
    Nothing,
    /// Those that show when every task is asked whether it has announced itself.
    Answers,
    /// All: it may be closed.
    All,
}

/// Whether a gate is closed, and how far its task has come.
#[derive(Debug)]
pub struct Passage {
    is_closed: bool,
    /// The state of the task.
    pub state: TaskState,
}

/// The right to take one action. It holds the gate if the action must pass it.
pub struct Permit<'a>(Option<MutexGuard<'a, Passage>>);

impl Permit<'_> {
    /// Whether it holds the gate.
    pub fn is_held(&self) -> bool {
        self.0.is_some()
    }

    /// The action is taken: the task has come so far.
    pub fn done(mut self, state: TaskState) {
        self.0.iter_mut().for_each(|passage| passage.state = state);
    }
}

impl StopGuard {
    /// An open gate.
    pub fn new(guards: Guards, state: TaskState) -> Self {
        Self { passage: Mutex::new(Passage { is_closed: false, state }), guards }
    }

    /// Passes for one action; not if the gate is closed. `shows`: whether it shows in the answers.
    pub fn pass(&self, shows: bool) -> Option<Permit<'_>> {
        if self.guards == Guards::Nothing || self.guards == Guards::Answers && !shows {
            return Some(Permit(None));
        }
        let passage = lock(&self.passage);
        (!passage.is_closed).then_some(Permit(Some(passage)))
    }

    /// Holds the gate: no action that must pass it is under way, and none begins.
    pub fn hold(&self) -> MutexGuard<'_, Passage> {
        lock(&self.passage)
    }

    /// Holds the gate and closes it: after this no action ever begins.
    pub fn close(&self) -> MutexGuard<'_, Passage> {
        let mut passage = self.hold();
        passage.is_closed = true;
        passage
    }
}
