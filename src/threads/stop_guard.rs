//! What stops a task of an attempt that has ended: it passes its gate for every action, and a retry closes it.
//!
//! A flag that a task reads before each action would not do. Between the read and the action the retry could come, and a
//! task that was stopped would still act. A task leaves behind at its gate how far it has come: what the controller reads
//! there is true for as long as it holds the gate.

use super::sync::{Mutex, MutexGuard, lock};
use crate::core::TaskState;

/// A task's gate. One that the controller never holds costs nothing.
#[derive(Debug)]
pub struct StopGuard(Option<Mutex<Passage>>);

/// Whether a gate is closed, and how far its task has come.
#[derive(Debug)]
pub struct Passage {
    is_closed: bool,
    /// The state of the task.
    pub state: TaskState,
}

/// The right to take one action; none is needed at a gate that the controller never holds.
pub struct Permit<'a>(Option<MutexGuard<'a, Passage>>);

impl Permit<'_> {
    /// The action is taken: the task has come so far.
    pub fn done(mut self, state: TaskState) {
        self.0.iter_mut().for_each(|passage| passage.state = state);
    }
}

impl StopGuard {
    /// An open gate; `is_guarded` says whether the controller may ever hold it.
    pub fn new(is_guarded: bool, state: TaskState) -> Self {
        Self(is_guarded.then(|| Mutex::new(Passage { is_closed: false, state })))
    }

    /// Whether the controller may ever hold it.
    pub fn is_guarded(&self) -> bool {
        self.0.is_some()
    }

    /// Passes for one action; not if the gate is closed.
    pub fn pass(&self) -> Option<Permit<'_>> {
        let passage = self.0.as_ref().map(lock);
        let is_closed = passage.as_ref().is_some_and(|passage| passage.is_closed);
        (!is_closed).then_some(Permit(passage))
    }

    /// Holds the gate: no action is under way, and none begins.
    pub fn hold(&self) -> Option<MutexGuard<'_, Passage>> {
        self.0.as_ref().map(lock)
    }

    /// Holds the gate and closes it: after this no action ever begins.
    pub fn close(&self) -> Option<MutexGuard<'_, Passage>> {
        let mut passage = self.hold()?;
        passage.is_closed = true;
        Some(passage)
    }
}
