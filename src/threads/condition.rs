//! What a task waits for: a full barrier, the request to stop, the end of the run.
//!
//! 1. A condition misses a number of arrivals. It holds when none is missing. Every task of a worker arrives at its barrier;
//!    the controller alone arrives at the request to stop; nothing arrives at the end of the run.
//! 2. The last to arrive lets the waiting tasks go, and gives each of them a handle to its inbox: a task that waits holds
//!    none, so that the inbox closes when no task can act.
//! 3. A condition that nothing can fulfil any more is *abandoned*: its waiting tasks are let go as abandoned. That is an end,
//!    not a failure.
//! 4. An arrival can be taken back, when one task is restarted or the phase is no longer Stopping. A task that relies on the
//!    condition then holds it for the length of its step.
//! 5. A lock guards the count, and each waiting task has a channel of its own. A condition variable, or parking, would cost
//!    loom many times the executions and reach no other order of notices.
//! 6. To arrive and to let the others go are two calls. Between them the caller records its arrival, so that no task is seen
//!    to pass before the last one is seen to arrive.

use super::inbox::Sender;
use super::sync::{Mutex, MutexGuard, lock, mpsc};
use crate::core::WorkerId;

/// A condition.
#[derive(Debug)]
pub struct Condition(Mutex<State>);

/// A condition that nothing changes meanwhile.
pub type Held<'a> = MutexGuard<'a, State>;

/// How many arrivals are missing, and which tasks wait for them.
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
    /// It never will.
    Abandoned,
}

/// A task that waits.
#[derive(Debug)]
pub struct Waiter {
    /// The worker that it runs on.
    pub worker: WorkerId,
    handle: Option<Sender>,
    channel: mpsc::Sender<(Wait, Option<Sender>)>,
}

impl Waiter {
    /// The same, which is given this handle to its inbox when it goes on.
    #[must_use]
    pub fn with(self, handle: Option<Sender>) -> Self {
        Self { handle, ..self }
    }

    /// Lets it go.
    pub fn release(self, wait: Wait) {
        let _ = self.channel.send((wait, self.handle));
    }
}

/// What a wait comes to.
#[derive(Debug)]
pub enum Ticket {
    /// There is nothing to wait for.
    Known(Wait),
    /// Others are missing.
    Pending(mpsc::Receiver<(Wait, Option<Sender>)>),
}

impl Condition {
    /// A condition that waits for this many arrivals.
    pub fn new(missing: usize) -> Self {
        Self(Mutex::new(State { missing, is_abandoned: false, waiters: Vec::new() }))
    }

    /// Holds the condition as it is, if it holds; else what the caller must wait for.
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

    /// Arrives. The tasks that come back with this must be told that the condition has [`Wait::Opened`].
    #[must_use = "the others wait"]
    pub fn arrive(&self) -> Vec<Waiter> {
        self.lock().arrive()
    }

    /// Arrives, and waits for the others.
    #[must_use = "the others wait"]
    pub fn arrive_and_wait(&self, worker: WorkerId) -> (Ticket, Vec<Waiter>) {
        let mut state = self.lock();
        let waiters = state.arrive();
        (state.ticket(worker), waiters)
    }

    /// Says that the condition will never hold. The tasks that come back with this must be told that it is
    /// [`Wait::Abandoned`].
    #[must_use = "the others wait"]
    pub fn abandon(&self) -> Vec<Waiter> {
        let mut state = self.lock();
        state.is_abandoned = true;
        std::mem::take(&mut state.waiters)
    }

    /// Locks it.
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
