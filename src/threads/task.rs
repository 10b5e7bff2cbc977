//! The thread of one task: it walks the script that the explorer steps, and nothing else.
//!
//! 1. [`TaskState::next`] says what comes next, and [`TaskState::take`] takes it: the thread adds only the waiting.
//! 2. A panic in `on_start` is a real one. It is caught here, and its typed payload says why the task is dead.
//! 3. The thread ends when nothing is left to do, when its barrier is abandoned, or when its gate is shut.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::barrier::{Barrier, Ticket, Wait, Waiter};
use super::hooks::Hooks;
use super::inbox::{Message, Sender};
use super::record::{EndReason, Recorder, TaskEnd};
use super::status::PublishedStatus;
use super::stop_guard::StopGuard;
use super::sync::Quiet;
use crate::core::{ActorId, Attempt, Cause, Fault, Notice, Script, Step, TaskState, When, WorkerId};
use crate::transition::Event;

/// A task, and all that its thread needs.
pub struct Task<S> {
    /// Which task.
    pub id: ActorId,
    /// Of which attempt.
    pub attempt: Attempt,
    /// On which worker.
    pub worker: WorkerId,
    /// What goes wrong with it.
    pub fault: Option<Fault>,
    /// How far it has come.
    pub state: TaskState,
    /// What it does.
    pub script: Script,
    /// The inbox of its worker.
    pub inbox: Sender,
    /// The barrier of its worker.
    pub barrier: Arc<Barrier>,
    /// What may stop it.
    pub gate: Arc<StopGuard>,
    /// Where it raises its flag.
    pub board: Arc<PublishedStatus>,
    /// Where its actions are recorded.
    pub recorder: Arc<Recorder>,
    /// Whether anything reads its flag.
    pub is_watched: bool,
    /// What its thread did last.
    pub quiet: Quiet,
    /// The hooks of the threads.
    pub hooks: S,
}

impl<S: Hooks> Task<S> {
    /// Runs the task to its end.
    pub fn run(mut self) {
        let how = self.walk();
        let Self { state, attempt, id, .. } = self;
        self.recorder.ended(attempt, id, TaskEnd { state, how });
        let missed = how == EndReason::Completed && !state.has_completed(Step::Arrive, &self.script);
        if missed && self.script.bits(Step::Arrive) != 0 {
            self.hooks.release(self.barrier.abandon(), Wait::Abandoned);
        }
    }

    fn walk(&mut self) -> EndReason {
        let gate = Arc::clone(&self.gate);
        let mut is_barrier_full = false;
        let mut actions = 0..;
        while let Some(step) = self.next(is_barrier_full) {
            self.hooks.pause(Some((self.attempt, self.id)), actions.next().unwrap_or_default());
            let Some(pass) = gate.pass() else { return EndReason::Stopped };
            if gate.can_close() {
                self.quiet.set();
            }
            let arrival = self.take(step);
            drop(pass);
            if let Some((ticket, others)) = arrival {
                self.hooks.release(others, Wait::Opened);
                match self.wait(ticket) {
                    Wait::Opened => is_barrier_full = true,
                    Wait::Abandoned => return EndReason::Abandoned,
                }
            }
        }
        EndReason::Completed
    }

    fn wait(&mut self, ticket: Ticket) -> Wait {
        if matches!(ticket, Ticket::Pending(_)) {
            self.quiet.set();
        }
        ticket.wait()
    }

    /// The next step. Of all conditions only that of the barrier can hold: see [`check`](super::check).
    fn next(&self, is_barrier_full: bool) -> Option<Step> {
        let holds = |when| when == When::BarrierFull && is_barrier_full;
        self.state.next(&self.script, self.fault, holds).map(|(step, _)| step)
    }

    /// Takes one step and records it.
    fn take(&mut self, step: Step) -> Option<(Ticket, Vec<Waiter>)> {
        let recorder = Arc::clone(&self.recorder);
        recorder.step(|record| {
            let struck = if step == Step::OnStart { self.try_on_start() } else { None };
            let arrival = (step == Step::Arrive).then(|| self.quiet.operate(|| self.barrier.arrive()));
            let Self { attempt, id: task, worker, .. } = *self;
            let sent = self.state.take(step, &self.script, struck).expect("the next step is allowed");
            let sent = sent.map(|kind| Notice { from: task, attempt, kind });
            let event = Event::Task { task, attempt, step, state: self.state, command: None, sent, called: None };
            let message = sent.map(|notice| Message::Notice(worker, notice));
            let send = || message.into_iter().for_each(|message| self.quiet.operate(|| self.inbox.send(message)));
            self.hooks.send_then_record(send, || record(event));
            arrival
        })
    }

    /// Builds the task's resources, and says what went wrong.
    fn try_on_start(&mut self) -> Option<Fault> {
        let on_start = || match self.fault {
            Some(Fault::Panics) => resume_unwind(Box::new(Cause::Panicked)),
            Some(silent @ (Fault::Vanishes | Fault::Hangs)) => Some(silent),
            Some(Fault::Dies) | None => {
                if self.is_watched {
                    self.quiet.operate(|| self.board.started(self.attempt, self.id));
                }
                None
            }
        };
        match catch_unwind(AssertUnwindSafe(on_start)) {
            Ok(fault) => fault,
            Err(payload) => match payload.downcast::<Cause>() {
                Ok(_) => Some(Fault::Panics),
                Err(payload) => resume_unwind(payload),
            },
        }
    }
}
