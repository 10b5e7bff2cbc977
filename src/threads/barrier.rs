//! A worker's barrier, which nobody waits at in vain.
//!
//! 1. Who arrives waits until all have arrived. The last one does not wait, and lets the others go.
//! 2. When a task dies that had not arrived, the barrier can never fill: it is *abandoned*. Who waits there is let go as
//!    abandoned, and who arrives later is abandoned at once. That is an end, not a failure: nothing is sent.
//! 3. A lock guards the count, and each waiter has a channel of its own. A condition variable, or parking, would cost loom
//!    many times the executions and reach no other order of notices.
//! 4. To arrive and to let the others go are two calls. Between them the caller records its arrival, so that nobody is seen to
//!    pass before the last one is seen to arrive.

use super::sync::{Mutex, lock, mpsc};

/// A barrier for so many tasks.
#[derive(Debug)]
pub struct Barrier(Mutex<State>);

#[derive(Debug)]
struct State {
    missing: usize,
    abandoned: bool,
    waiters: Vec<Waiter>,
}

/// How a wait ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// All have arrived.
    Opened,
    /// One of them never will.
    Abandoned,
}

/// Somebody who waits.
#[derive(Debug)]
pub struct Waiter(mpsc::Sender<Wait>);

impl Waiter {
    /// Lets them go.
    pub fn release(self, wait: Wait) {
        let _ = self.0.send(wait);
    }
}

/// What an arrival comes to.
#[derive(Debug)]
pub enum Ticket {
    /// There is nothing to wait for.
    Known(Wait),
    /// Others are missing.
    Pending(mpsc::Receiver<Wait>),
}

impl Ticket {
    /// Waits.
    pub fn wait(self) -> Wait {
        match self {
            Self::Known(wait) => wait,
            Self::Pending(news) => news.recv().unwrap_or(Wait::Abandoned),
        }
    }
}

impl Barrier {
    /// A barrier for so many tasks.
    pub fn new(members: usize) -> Self {
        Self(Mutex::new(State { missing: members, abandoned: false, waiters: Vec::new() }))
    }

    /// Arrives. Whoever comes back with this must be told that it has [`Wait::Opened`].
    #[must_use = "the others wait"]
    pub fn arrive(&self) -> (Ticket, Vec<Waiter>) {
        let mut state = lock(&self.0);
        state.missing -= 1;
        if state.abandoned {
            (Ticket::Known(Wait::Abandoned), Vec::new())
        } else if state.missing == 0 {
            (Ticket::Known(Wait::Opened), std::mem::take(&mut state.waiters))
        } else {
            let (waiter, news) = mpsc::channel();
            state.waiters.push(Waiter(waiter));
            (Ticket::Pending(news), Vec::new())
        }
    }

    /// Says that somebody will never arrive. Whoever comes back with this must be told that it is [`Wait::Abandoned`].
    #[must_use = "the others wait"]
    pub fn abandon(&self) -> Vec<Waiter> {
        let mut state = lock(&self.0);
        state.abandoned = true;
        std::mem::take(&mut state.waiters)
    }
}
