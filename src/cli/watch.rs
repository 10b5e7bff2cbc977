//! Progress of a search, on stderr once it takes over a second; Ctrl-C ends it, and what it found is then CUT SHORT.

use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// What watches a search.
pub struct Watch {
    started: Instant,
    next: Duration,
    terminal: bool,
}

impl Watch {
    /// Begins to watch. The first Ctrl-C ends the search, a second one the program.
    pub fn new() -> Self {
        // Fails only where a handler is there already: one of an earlier search.
        let _ = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        });
        Self { started: Instant::now(), next: Duration::from_secs(1), terminal: std::io::stderr().is_terminal() }
    }

    /// Looks at a search; says now and then how far it is.
    pub fn look(&mut self, states: usize, layer: usize) -> ControlFlow<()> {
        let elapsed = self.started.elapsed();
        if elapsed >= self.next {
            self.next = if self.terminal { elapsed + Duration::from_millis(250) } else { elapsed * 2 };
            let (before, after) = if self.terminal { ("\r", "  ") } else { ("", "\n") };
            let _ = write!(std::io::stderr(), "{before}searching: {states} states, layer {layer}{after}");
        }
        if INTERRUPTED.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.terminal && self.next > Duration::from_secs(1) {
            let _ = write!(std::io::stderr(), "\r{:60}\r", "");
        }
    }
}
