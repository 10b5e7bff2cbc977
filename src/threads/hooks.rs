//! Where the threads can be bent: four decisions that a mutant makes otherwise, and two places where a test may step in.
//!
//! The defaults *are* the threads: [`NoHooks`] overrides none of them. Tests do, to show that what they assert would fail.

use super::condition::{Wait, Waiter};
use super::inbox::Forwarder;
use crate::core::{ActorId, Attempt};

/// The decisions.
pub trait Hooks: Clone + Send + 'static {
    /// Sends what a task's action sends, and records the action: when it is on the tape, it has happened.
    fn send_then_record(&self, send: impl FnOnce(), record: impl FnOnce()) {
        send();
        record();
    }

    /// Records what the controller did. If that is a retry which stops the tasks, shuts their gates before: when it is on the
    /// tape, no other action comes.
    fn close_then_record(&self, shut: impl FnOnce(), record: impl FnOnce()) {
        shut();
        record();
    }

    /// Lets the tasks go that wait for a condition.
    fn release(&self, waiters: Vec<Waiter>, wait: Wait) {
        waiters.into_iter().for_each(|waiter| waiter.release(wait));
    }

    /// Whether loom leaves out switches that make no difference: see [`Quiet`](super::sync::Quiet).
    fn merges(&self) -> bool {
        true
    }

    /// Called by a thread before each of its actions, which are numbered from 0: of a task of an attempt, or of the controller.
    /// It holds nothing then, and may touch no object of loom's.
    fn pause(&self, _who: Option<(Attempt, ActorId)>, _action: usize) {}

    /// Called by the observer when it has read what is published, before it does anything else.
    fn looked(&self) {}

    /// Passes the messages of one worker on to the controller, in order.
    fn forward(&self, mut forwarder: Forwarder) {
        while let Some(message) = forwarder.next_message() {
            forwarder.pass(message);
        }
    }
}

/// The threads as they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {}
