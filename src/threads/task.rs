//! The thread of one task. It walks through the same script that the explorer steps.
//!
//! 1. [`TaskState::next`] says which step comes next, and [`TaskState::take`] takes it. The thread adds no rule: it
//!    waits, sends and records.
//! 2. A panic in `on_start` or in `run` is a real one. It is caught here, and its typed payload says why the task died.
//! 3. A task that waits (at its barrier, or in `run` for a request to stop) has no handle to its inbox. It gets one
//!    when it continues.
//! 4. A task that hangs stays in its `on_start` until the run is over, and also has no handle.
//! 5. The thread ends when nothing is left to do, when the condition that it waits for is abandoned, or when its stop
//!    guard is closed.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::condition::{Condition, Held, Ticket, Wait, Waiter};
use super::hooks::Hooks;
use super::inbox::{Message, Sender};
use super::record::{EndReason, Recorder, TaskEnd};
use super::status::PublishedStatus;
use super::stop_guard::StopGuard;
use super::sync::Quiet;
use crate::core::{ActorId, Attempt, Cause, Fault, Notice, Script, Status, Step, TaskState, When, WorkerId};
use crate::transition::{Event, TaskRun};

/// A task, with everything that its thread needs.
pub struct Task<S> {
    /// Which task.
    pub id: ActorId,
    /// Its attempt.
    pub attempt: Attempt,
    /// Its worker.
    pub worker: WorkerId,
    /// What goes wrong with it.
    pub fault: Option<Fault>,
    /// How far it has come.
    pub state: TaskState,
    /// What it does.
    pub script: Script,
    /// The inbox of its worker. `None` while it waits.
    pub inbox: Option<Sender>,
    /// The barrier of its worker.
    pub barrier: Arc<Condition>,
    /// Whether the barrier may stop being full, because one of its tasks may be restarted.
    pub is_barrier_undone: bool,
    /// The request to stop, if there can be one.
    pub stop: Option<Arc<Condition>>,
    /// The end of the run.
    pub end_of_run: Arc<Condition>,
    /// Its stop guard.
    pub gate: Arc<StopGuard>,
    /// The published status, in which it raises its flag.
    pub board: Arc<PublishedStatus>,
    /// Whether anything reads its flag.
    pub is_watched: bool,
    /// The recorder of its actions.
    pub recorder: Arc<Recorder>,
    /// Whether its thread's last operation was quiet.
    pub quiet: Quiet,
    /// The hooks of the threads.
    pub hooks: S,
}

impl<S: Hooks> Task<S> {
    /// Runs the task to its end.
    pub fn run(mut self) {
        let how = self.walk();
        let Self { state, attempt, id: task, .. } = self;
        let hangs = state.status == Status::Hung;
        let how = if hangs && how == EndReason::Completed { EndReason::Hung } else { how };
        self.recorder.ended(TaskRun { task, attempt }, TaskEnd { state, how });
        drop(self.inbox.take());
        if how == EndReason::Hung {
            let end_of_run = Arc::clone(&self.end_of_run);
            end_of_run.hold(self.worker).err().map(|ticket| self.wait(ticket));
        }
    }

    fn walk(&mut self) -> EndReason {
        let gate = Arc::clone(&self.gate);
        let mut actions = 0..;
        while let Some((step, awaited)) = self.next() {
            self.hooks.pause(Some((self.attempt, self.id)), actions.next().unwrap_or_default());
            let Some(pass) = gate.pass(self.shows(step)) else { return EndReason::Stopped };
            if pass.is_held() {
                self.quiet.set();
            }
            let goes_on = match awaited.as_ref().map(|condition| self.hold(condition)).transpose() {
                Ok(held) => {
                    let arrival = self.take(step);
                    pass.done(self.state);
                    drop(held);
                    arrival.is_none_or(|(ticket, others)| self.meet(ticket, others))
                }
                Err(ticket) => {
                    drop(pass);
                    self.wait(ticket)
                }
            };
            if !goes_on {
                return if self.state.is_at_barrier(&self.script) {
                    EndReason::Abandoned
                } else {
                    EndReason::Completed
                };
            }
        }
        EndReason::Completed
    }

    /// Whether a step can be observed when all tasks are asked to announce themselves again. It can if it changes
    /// whether the task would announce itself again, or if it sends a notice, which must come before or after all
    /// announcements.
    fn shows(&self, step: Step) -> bool {
        let struck = self.fault.filter(|fault| step == Step::OnStart && *fault != Fault::Dies);
        let mut next = self.state;
        let sent = next.take(step, &self.script, struck).ok().flatten();
        let answer = |state: TaskState| state.is_past(Step::ANNOUNCE, &self.script);
        sent.is_some() || answer(next) != answer(self.state)
    }

    /// Holds a condition for its next step, or returns a ticket to wait with.
    fn hold<'a>(&mut self, condition: &'a Condition) -> Result<Held<'a>, Ticket> {
        let held = self.quiet.operate(|| condition.hold(self.worker))?;
        self.quiet.set();
        Ok(held)
    }

    /// Releases the others if it was the last to arrive. If not, waits for them.
    fn meet(&mut self, ticket: Ticket, others: Vec<Waiter>) -> bool {
        let others = others.into_iter().map(|waiter| waiter.with(self.inbox.clone()));
        self.hooks.release(others.collect(), Wait::Opened);
        self.wait(ticket)
    }

    /// Waits. Returns whether the condition holds.
    fn wait(&mut self, ticket: Ticket) -> bool {
        let news = match ticket {
            Ticket::Known(wait) => return wait == Wait::Opened,
            Ticket::Pending(news) => news,
        };
        drop(self.inbox.take());
        let (wait, handle) = news.recv().unwrap_or((Wait::Abandoned, None));
        self.quiet.set();
        self.inbox = handle;
        wait == Wait::Opened
    }

    /// The next step, and the condition that the task must hold during this step, if there is one. Only the barrier and
    /// a stop can be conditions here: see [`check`](super::check).
    fn next(&self) -> Option<(Step, Option<Arc<Condition>>)> {
        let holds = |when| when == When::BarrierFull || when == When::Stopping && self.stop.is_some();
        let (step, line) = self.state.next(&self.script, self.fault, holds)?;
        let waits_for_stop = line.is_some_and(|line| line.when.contains(&When::Stopping));
        let awaited = match () {
            () if waits_for_stop => self.stop.clone(),
            () if self.is_barrier_undone && self.state.is_at_barrier(&self.script) => Some(Arc::clone(&self.barrier)),
            () => None,
        };
        Some((step, awaited))
    }

    /// Takes one step and records it.
    fn take(&mut self, step: Step) -> Option<(Ticket, Vec<Waiter>)> {
        let recorder = Arc::clone(&self.recorder);
        recorder.step(|record| {
            let struck = match step {
                Step::OnStart => self.try_on_start(),
                Step::Panic(cause) => panics(cause),
                _ => None,
            };
            let arrives = || self.quiet.operate(|| self.barrier.arrive_and_wait(self.worker));
            let arrival = (step == Step::Arrive).then(arrives);
            let Self { attempt, id: task, worker, .. } = *self;
            let sent = self.state.take(step, &self.script, struck).expect("the next step is allowed");
            let sent = sent.map(|kind| Notice { from: task, attempt, kind });
            let event = Event::Task { task, attempt, step, state: self.state, command: None, sent, called: None };
            let send = || {
                if let (Some(inbox), Some(notice)) = (&self.inbox, sent) {
                    self.quiet.operate(|| inbox.send(Message::Notice(worker, notice)));
                }
            };
            self.hooks.send_then_record(send, || record(event));
            arrival
        })
    }

    /// Builds the task's resources. Returns the fault that happened, if one did.
    fn try_on_start(&mut self) -> Option<Fault> {
        match self.fault {
            Some(Fault::Panics) => panics(Cause::Panicked),
            Some(silent @ (Fault::Vanishes | Fault::Hangs)) => Some(silent),
            Some(Fault::Dies) | None => {
                if self.is_watched {
                    self.quiet.operate(|| self.board.started(self.attempt, self.id));
                }
                None
            }
        }
    }
}

/// Panics, and catches the panic.
fn panics(cause: Cause) -> Option<Fault> {
    match catch_unwind(AssertUnwindSafe(|| resume_unwind(Box::new(cause)))) {
        Ok(fault) => fault,
        Err(payload) => match payload.downcast::<Cause>() {
            Ok(_) => Some(Fault::Panics),
            Err(payload) => resume_unwind(payload),
        },
    }
}
