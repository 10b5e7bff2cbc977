//! Changed hooks of the threads that more than one file needs.

use startup_race::threads::condition::{Wait, Waiter};
use startup_race::threads::{Hooks, NoHooks};

/// The barrier forgets a waiter when it opens.
#[derive(Clone)]
pub struct ForgetsAWaiter;

impl Hooks for ForgetsAWaiter {
    fn release(&self, mut waiters: Vec<Waiter>, wait: Wait) {
        if wait == Wait::Opened {
            waiters.pop();
        }
        NoHooks.release(waiters, wait);
    }
}
