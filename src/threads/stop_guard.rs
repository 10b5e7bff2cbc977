//! What stops the tasks of an attempt that has ended: each passes its gate for every action, and a retry shuts them all.
//!
//! A flag that a task reads before each action would not do. Between the read and the action the retry could come, and a
//! task that was stopped would still act.

use super::sync::{Mutex, MutexGuard, lock};

/// A task's gate. One that can never be shut costs nothing.
#[derive(Debug)]
pub struct StopGuard(Option<Mutex<bool>>);

/// The right to take one action; none is needed at a gate that can never be shut.
pub struct Permit<'a>(#[expect(dead_code, reason = "it is held, not used")] Option<MutexGuard<'a, bool>>);

impl StopGuard {
    /// An open gate; `can_shut` says whether it may ever be shut.
    pub fn new(can_shut: bool) -> Self {
        Self(can_shut.then(|| Mutex::new(false)))
    }

    /// Whether it may ever be shut.
    pub fn can_close(&self) -> bool {
        self.0.is_some()
    }

    /// Passes for one action; not where the gate is shut.
    pub fn pass(&self) -> Option<Permit<'_>> {
        let guard = self.0.as_ref().map(lock);
        let shut = guard.as_ref().is_some_and(|guard| **guard);
        (!shut).then_some(Permit(guard))
    }

    /// Shuts the gate. No action is under way, and none begins while the guard is held; after it none ever does.
    pub fn close(&self) -> Option<MutexGuard<'_, bool>> {
        let mut guard = self.0.as_ref().map(lock)?;
        *guard = true;
        Some(guard)
    }
}
