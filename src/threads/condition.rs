//! The conditions that a task waits for: a full barrier, the request to stop, the end of the run.
//!
//! 1. A condition has a number of missing arrivals. It holds when this number is 0. Every task of a worker arrives at
//!    its barrier. Only the controller arrives at the request to stop. Nothing arrives at the end of the run.
//! 2. The last one to arrive releases the waiting tasks, and gives each of them a handle to its inbox. A waiting task
//!    has no handle, so the inbox closes when no task can act.
//! 3. A condition that can never hold is *abandoned*: its waiting tasks are released as abandoned. This is an end, not
//!    a failure.
//! 4. An arrival can be taken back when one task is restarted, or when the phase is no longer Stopping. If this can
//!    happen, a task that relies on the condition holds it during its step.
//! 5. A lock guards the count, and each waiting task has a channel of its own. With a condition variable, or with
//!    parking, loom would need many times more executions but reach no other order of notices.
//! 6. Arriving and releasing the others are two calls. Between them, the caller records its arrival, so that no task is
//!    recorded to pass before the last one is recorded to arrive.

use super::inbox::Sender;
use super::sync::{Mutex, MutexGuard, lock, mpsc};
use crate::core::WorkerId;

/// A condition.
#[derive(Debug)]
pub struct Condition(Mutex<State>);

/// A locked condition, which does not change while it is held.
pub type Held<'a> = MutexGuard<'a, State>;

/// The number of missing arrivals, and the tasks that wait for them.
#[derive(Debug)]
pub struct State {
    missing: usize,
    is_abandoned: bool,
    waiters: Vec<Waiter>,
}

/// How a wait ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The condition holds.
    Opened,
    /// The condition will never hold.
    Abandoned,
}

/// A waiting task.
#[derive(Debug)]
pub struct Waiter {
    /// The worker that it runs on.
    pub worker: WorkerId,
    handle: Option<Sender>,
    channel: mpsc::Sender<(Wait, Option<Sender>)>,
}

impl Waiter {
    /// The same task. It gets this handle to its inbox when it continues.
    #[must_use]
    pub fn with(self, handle: Option<Sender>) -> Self {
        Self { handle, ..self }
    }

    /// Releases the task.
    pub fn release(self, wait: Wait) {
        let _ = self.channel.send((wait, self.handle));
    }
}

/// The result of a request to wait.
#[derive(Debug)]
pub enum Ticket {
    /// The result is already known.
    Known(Wait),
    /// Arrivals are missing: wait for this message.
    Pending(mpsc::Receiver<(Wait, Option<Sender>)>),
}

impl Condition {
    /// A condition with this many missing arrivals.
    pub fn new(missing: usize) -> Self {
        Self(Mutex::new(State { missing, is_abandoned: false, waiters: Vec::new() }))
    }

    /// Locks the condition if it holds. If not, returns a ticket to wait with.
    ///
    /// # Errors
    /// If it does not hold.
    pub fn hold(&self, worker: WorkerId) -> Result<Held<'_>, Ticket> {
        let mut state = self.lock();
        match state.ticket(worker) {
            Ticket::Known(Wait::Opened) => Ok(state),
            ticket => Err(ticket),
        }
    }

    /// Arrives. The caller must release the returned tasks with [`Wait::Opened`].
    #[must_use = "the others wait"]
    pub fn arrive(&self) -> Vec<Waiter> {
        self.lock().arrive()
    }

    /// Arrives. Returns a ticket with which the caller waits for the others, and the tasks that the caller must release
    /// with [`Wait::Opened`].
    #[must_use = "the others wait"]
    pub fn arrive_and_wait(&self, worker: WorkerId) -> (Ticket, Vec<Waiter>) {
        let mut state = self.lock();
        let waiters = state.arrive();
        (state.ticket(worker), waiters)
    }

    /// Declares that the condition will never hold. The caller must release the returned tasks with
    /// [`Wait::Abandoned`].
    #[must_use = "the others wait"]
    pub fn abandon(&self) -> Vec<Waiter> {
        let mut state = self.lock();
        state.is_abandoned = true;
        std::mem::take(&mut state.waiters)
    }

    /// Locks the condition.
    pub fn lock(&self) -> Held<'_> {
        lock(&self.0)
    }
}

impl State {
    /// Takes an arrival back.
    pub fn depart(&mut self) {
        self.missing += 1;
    }

    fn arrive(&mut self) -> Vec<Waiter> {
        self.missing = self.missing.saturating_sub(1);
        if self.missing == 0 { std::mem::take(&mut self.waiters) } else { Vec::new() }
    }

    fn ticket(&mut self, worker: WorkerId) -> Ticket {
        if self.is_abandoned {
            return Ticket::Known(Wait::Abandoned);
        }
        if self.missing == 0 {
            return Ticket::Known(Wait::Opened);
        }
        let (channel, news) = mpsc::channel();
        self.waiters.push(Waiter { worker, handle: None, channel });
        Ticket::Pending(news)
    }
}
