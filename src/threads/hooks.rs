//! Hooks into the threads: four decisions that a mutant makes differently, a setting of the exploration under loom, and
//! two points at which a test can run code.
//!
//! The default methods are the real behaviour: [`NoHooks`] overrides none of them. Tests override them, to show that
//! their assertions can fail.

use super::condition::{Wait, Waiter};
use super::inbox::Forwarder;
use crate::core::{ActorId, Attempt};

/// The hooks.
pub trait Hooks: Clone + Send + 'static {
    /// Sends the notice of a task's action, and then records the action. So an action that is in the log has happened.
    fn send_then_record(&self, send: impl FnOnce(), record: impl FnOnce()) {
        send();
        record();
    }

    /// Holds everything that an action of the controller changes for the tasks, and then records the action. If it is a
    /// retry that stops tasks, their guards are closed first. So when the retry is in the log, the stopped tasks do not
    /// act any more.
    fn close_then_record(&self, shut: impl FnOnce(), record: impl FnOnce()) {
        shut();
        record();
    }

    /// Releases the tasks that wait for a condition.
    fn release(&self, waiters: Vec<Waiter>, wait: Wait) {
        waiters.into_iter().for_each(|waiter| waiter.release(wait));
    }

    /// Whether loom skips thread switches that make no difference: see [`Quiet`](super::sync::Quiet).
    fn merges(&self) -> bool {
        true
    }

    /// Called by the thread of a task or of the controller (`None`) before each action that it tries to take. The calls
    /// of a thread are numbered from 0. The thread holds no lock at that time. The hook must not touch an object of
    /// loom's.
    fn pause(&self, _who: Option<(Attempt, ActorId)>, _action: usize) {}

    /// Called by the observer directly after it has read the published status.
    fn looked(&self) {}

    /// Forwards the messages of one worker to the controller, in order.
    fn forward(&self, mut forwarder: Forwarder) {
        while let Some(message) = forwarder.next_message() {
            forwarder.pass(message);
        }
    }
}

/// The hooks that change nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {}
