//! A bug in the program prints one line, which asks for a report, instead of a backtrace. The exit code is 101.

use std::ffi::OsString;
use std::io::Write;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::show::command::quoted;
use crate::show::foreign::escaped;

/// The exit code of a bug.
pub const CODE: u8 = 101;

/// Runs a command. The first panic of any thread is reported on stderr, together with the command line.
pub fn guarded(arguments: &[OsString], command: impl FnOnce() -> u8) -> u8 {
    let has_panicked = Arc::new(AtomicBool::new(false));
    let (flag, line) = (Arc::clone(&has_panicked), line(arguments));
    set_hook(Box::new(move |panic| {
        if !flag.swap(true, Ordering::SeqCst) {
            let _ = writeln!(std::io::stderr(), "{}", report(panic, &line));
        }
    }));
    let code = catch_unwind(AssertUnwindSafe(command)).unwrap_or(CODE);
    if has_panicked.load(Ordering::SeqCst) { CODE } else { code }
}

fn report(panic: &PanicHookInfo<'_>, line: &str) -> String {
    let place = panic.location().map_or(String::new(), |place| format!(" ({place})"));
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied().or(payload.downcast_ref().map(String::as_str));
    let message = escaped(text.unwrap_or("a panic without a message"));
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "error: this is a bug in startup-race {version}: {message}{place}; please report it, with this command: {line}"
    )
}

/// The command line, quoted for a shell.
fn line(arguments: &[OsString]) -> String {
    let words = arguments.iter().skip(1).map(|word| quoted(&escaped(&word.to_string_lossy())));
    ["startup-race".to_string()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
}
