//! Threads that are bent at a seam, as more than one file needs them.

use startup_race::threads::barrier::{Wait, Waiter};
use startup_race::threads::{Seams, Sound};

/// The barrier forgets a waiter when it opens.
#[derive(Clone)]
pub struct ForgetsAWaiter;

impl Seams for ForgetsAWaiter {
    fn let_go(&self, mut waiters: Vec<Waiter>, wait: Wait) {
        if wait == Wait::Opened {
            waiters.pop();
        }
        Sound.let_go(waiters, wait);
    }
}
