//! Stops a task when a retry ends its attempt. If that can happen, the task must pass its stop guard for every action,
//! and the retry closes the guard.
//!
//! A flag that a task reads before each action would not be enough: the retry could come between the read and the
//! action, and a stopped task would still act. A task also stores its state in its guard. While the controller holds
//! the guard, this state includes every action that had to pass the guard.

use super::sync::{Mutex, MutexGuard, lock};
use crate::core::TaskState;

/// A task's stop guard.
#[derive(Debug)]
pub struct StopGuard {
    passage: Mutex<Passage>,
    guards: Guards,
}

/// Which actions must pass the guard. Under loom, each pass costs executions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guards {
    /// No action, because the controller never holds the guard.
    Nothing,
    /// The actions that can be observed when every task is asked to announce itself again.
    Answers,
    /// All actions, because the guard may be closed.
    All,
}

/// Whether a guard is closed, and the state of its task.
#[derive(Debug)]
pub struct Passage {
    is_closed: bool,
    /// The state of the task.
    pub state: TaskState,
}

/// The permission to take one action. It holds the guard if the action must pass it.
pub struct Permit<'a>(Option<MutexGuard<'a, Passage>>);

impl Permit<'_> {
    /// Whether it holds the guard.
    pub fn is_held(&self) -> bool {
        self.0.is_some()
    }

    /// The action was taken. Stores the new state of the task.
    pub fn done(mut self, state: TaskState) {
        self.0.iter_mut().for_each(|passage| passage.state = state);
    }
}

impl StopGuard {
    /// An open guard.
    pub fn new(guards: Guards, state: TaskState) -> Self {
        Self { passage: Mutex::new(Passage { is_closed: false, state }), guards }
    }

    /// Passes the guard for one action. `None` if the guard is closed. `shows` says whether the action can be observed
    /// when tasks are asked to announce themselves again.
    pub fn pass(&self, shows: bool) -> Option<Permit<'_>> {
        if self.guards == Guards::Nothing || self.guards == Guards::Answers && !shows {
            return Some(Permit(None));
        }
        let passage = lock(&self.passage);
        (!passage.is_closed).then_some(Permit(Some(passage)))
    }

    /// Holds the guard. No action that must pass it is in progress, and none can begin.
    pub fn hold(&self) -> MutexGuard<'_, Passage> {
        lock(&self.passage)
    }

    /// Holds the guard and closes it. After this, no action can begin.
    pub fn close(&self) -> MutexGuard<'_, Passage> {
        let mut passage = self.hold();
        passage.is_closed = true;
        passage
    }
}
