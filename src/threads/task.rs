//! The thread of one task: it walks the startup sequence that the explorer steps, and nothing else.
//!
//! 1. What comes next is asked of [`Life::next`], and [`Life::take`] takes it: the thread adds only the waiting.
//! 2. A panic in `on_start` is a real one. It is caught here, and its typed payload says why the task is dead.
//! 3. The thread ends when nothing is left to do, when its barrier is abandoned, or when its gate is shut.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::barrier::{Barrier, Ticket, Wait, Waiter};
use super::gate::Gate;
use super::health::Board;
use super::mailbox::{Mail, Sender};
use super::record::{Ended, How, Recorder};
use super::seams::Seams;
use crate::core::{ActorId, Attempt, Cause, Fault, Notice, Step, TaskState, WorkerId};
use crate::scenario::{Sequence};
use crate::transition::{Event};

/// A task, and all that its thread needs.
pub struct Task<S> {
    /// Which task.
    pub id: ActorId,
    /// Of which attempt.
    pub attempt: Attempt,
    /// On which worker.
    pub worker: WorkerId,
    /// What becomes of it.
    pub fate: Fault,
    /// How far it has come.
    pub life: Life,
    /// What it does.
    pub sequence: Sequence,
    /// The inbox of its worker.
    pub inbox: Sender,
    /// The barrier of its worker.
    pub barrier: Arc<Barrier>,
    /// What may stop it.
    pub gate: Arc<Gate>,
    /// Where it raises its flag.
    pub board: Arc<Board>,
    /// Where its actions are recorded.
    pub recorder: Arc<Recorder>,
    /// The seams of the threads.
    pub seams: S,
}

impl<S: Seams> Task<S> {
    /// Runs the task to its end.
    pub fn run(mut self) {
        let how = self.walk();
        let Self { life, attempt, id, .. } = self;
        self.recorder.ended(attempt, id, Ended { life, how });
        let missed = how == How::Over && !life.completed(Step::Arrive, &self.sequence);
        if missed && self.sequence.steps().contains(&Step::Arrive) {
            self.seams.let_go(self.barrier.abandon(), Wait::Abandoned);
        }
    }

    fn walk(&mut self) -> How {
        let gate = Arc::clone(&self.gate);
        let mut around = Around::default();
        let mut actions = 0..;
        while let Some(act) = self.life.next(&self.sequence, around) {
            self.seams.pause(Some((self.attempt, self.id)), actions.next().unwrap_or_default());
            let Some(pass) = gate.pass() else { return How::Stopped };
            let arrival = self.take(act);
            drop(pass);
            if let Some((ticket, others)) = arrival {
                self.seams.let_go(others, Wait::Opened);
                match ticket.wait() {
                    Wait::Opened => around.barrier_full = true,
                    Wait::Abandoned => return How::Abandoned,
                }
            }
        }
        How::Over
    }

    /// Takes one action and records it.
    fn take(&mut self, act: Step) -> Option<(Ticket, Vec<Waiter>)> {
        let recorder = Arc::clone(&self.recorder);
        recorder.step(|record| {
            let struck = if act == Step::OnStart { self.try_on_start() } else { Fault::Healthy };
            let arrival = (act == Step::Arrive).then(|| self.barrier.arrive());
            let Self { attempt, id: task, worker, .. } = *self;
            let sent = self.life.take(act, struck).map(|kind| Notice { task, attempt, kind });
            let event = Event::Task { attempt, task, act, life: self.life, sent };
            let send = || sent.into_iter().for_each(|notice| self.inbox.send(Mail::Notice(worker, notice)));
            self.seams.deliver(send, || record(event));
            arrival
        })
    }

    /// Builds the task's resources, and says what became of it.
    fn try_on_start(&self) -> Fault {
        let on_start = || match self.fate {
            Fault::Healthy => {
                self.board.started(self.attempt, self.id);
                Ok(())
            }
            Fault::Panics => resume_unwind(Box::new(Cause::Panicked)),
            Fault::Vanishes => Err(Vanished),
        };
        match catch_unwind(AssertUnwindSafe(on_start)) {
            Ok(Ok(())) => Fault::Healthy,
            Ok(Err(Vanished)) => Fault::Vanishes,
            Err(payload) => match payload.downcast::<Cause>() {
                Ok(_) => Fault::Panics,
                Err(payload) => resume_unwind(payload),
            },
        }
    }
}

/// The task has died without a word.
struct Vanished;
