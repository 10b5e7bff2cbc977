//! Ctrl-C: the first one ends the request, and a claim that is not decided yet is then CUT SHORT. A second one ends the
//! program. In both cases, output that is being written is completed, unless its reader is stalled.

use std::process;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use crate::explore::limits::Interrupt;

static INTERRUPT: LazyLock<Interrupt> = LazyLock::new(Interrupt::default);

static WRITING: Mutex<()> = Mutex::new(());

/// How many milliseconds a second interrupt waits for output that is being written. A reader that takes longer is
/// considered stalled.
const PATIENCE: u32 = 500;

/// The flag that Ctrl-C raises. Before the first call of this function, Ctrl-C kills the program.
pub fn listen() -> Interrupt {
    // This fails only if the handler is already installed.
    let _ = ctrlc::set_handler(|| {
        if INTERRUPT.is_raised() {
            let _whole = (0..PATIENCE).find_map(|_| {
                let free = WRITING.try_lock().ok();
                if free.is_none() {
                    sleep(Duration::from_millis(1));
                }
                free
            });
            process::exit(130);
        }
        INTERRUPT.raise();
    });
    INTERRUPT.clone()
}

/// While this guard is held, a second interrupt waits, but no longer than [`PATIENCE`].
pub fn writing() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}
