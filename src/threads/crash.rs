//! Crashes of the controller: its thread ends with a real panic, and another thread takes over the inbox.
//!
//! 1. While crashes are left, the controller runs on a thread of its own, and the calling thread waits. A message that
//!    may come at any time makes the controller panic. When no crash is left, the calling thread runs the controller.
//! 2. The controller is handed over with the inbox. It then gets the input that it has restarted, and its rules decide
//!    whether it forgets, asks or remembers.
//! 3. The panic is caught at the end of the thread, because loom fails a model if a panic leaves a thread.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use super::Unsupported;
use super::hooks::Hooks;
use super::inbox::Message;
use super::pipeline::{Controlled, Pipeline};
use super::sync::{mpsc, spawn};
use crate::core::Controller;

/// The payload of the panic of a crash.
pub(super) struct Crashed;

/// Runs a controller to the end of the run, with at most as many crashes as the run allows.
pub(super) fn supervise<C: Controller + Send, S: Hooks>(pipeline: Box<Pipeline<C, S>>) -> Controlled<C, S> {
    let crashes = pipeline.model.run().crashes;
    let mut pipeline = pipeline;
    for _ in 0..crashes {
        let (back, done) = until_it_crashes(pipeline);
        pipeline = back;
        match done {
            None => pipeline.has_crashed = true,
            Some(done) => return (pipeline, done),
        }
    }
    let done = pipeline.control();
    (pipeline, done)
}

/// The result of a controller that has not crashed. `None` if it has.
type Done = Option<Result<(), Unsupported>>;

/// Runs a controller on a thread of its own until it crashes, or until its loop ends without a crash.
fn until_it_crashes<C: Controller + Send, S: Hooks>(mut pipeline: Box<Pipeline<C, S>>) -> (Box<Pipeline<C, S>>, Done) {
    let needed = pipeline.threads;
    let crash = pipeline.inbox.expect(1);
    let (hand_over, taken_over) = mpsc::channel();
    // If the thread cannot be started, the pipeline is still in this slot.
    let slot = Arc::new(Mutex::new(Some(pipeline)));
    let take = |slot: &Mutex<Option<_>>| slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    let given = Arc::clone(&slot);
    let spawned = spawn(move || {
        let Some(mut pipeline) = take(&given) else { return };
        let done = match catch_unwind(AssertUnwindSafe(|| pipeline.control())) {
            Ok(done) => Some(done),
            Err(payload) if payload.is::<Crashed>() => None,
            Err(payload) => resume_unwind(payload),
        };
        let _ = hand_over.send((pipeline, done));
    });
    if spawned.is_err()
        && let Some(mut pipeline) = take(&slot)
    {
        pipeline.inbox.expect_no_more(1);
        return (pipeline, Some(Err(Unsupported::NoThread(needed))));
    }
    crash.send(Message::Crash);
    taken_over.recv().expect("the controller's thread hands over")
}
