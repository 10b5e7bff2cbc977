//! Reports the progress of a search on stderr, if it takes more than a second.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// The state of the progress report.
pub struct Watch {
    started: Instant,
    next: Duration,
    terminal: bool,
}

impl Watch {
    /// Starts the clock.
    pub fn new() -> Self {
        Self { started: Instant::now(), next: Duration::from_secs(1), terminal: std::io::stderr().is_terminal() }
    }

    /// Takes the progress of a search, and reports it from time to time.
    pub fn look(&mut self, states: usize, layer: usize) {
        let elapsed = self.started.elapsed();
        if elapsed >= self.next {
            self.next = if self.terminal { elapsed + Duration::from_millis(250) } else { elapsed * 2 };
            let (before, after) = if self.terminal { ("\r", "  ") } else { ("", "\n") };
            let rate = 1000 * states as u128 / elapsed.as_millis().max(1);
            let _ = write!(
                std::io::stderr(),
                "{before}searching: {states} states, layer {layer}, {rate} states a second{after}"
            );
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.terminal && self.next > Duration::from_secs(1) {
            let _ = write!(std::io::stderr(), "\r{:60}\r", "");
        }
    }
}
