//! Catches the panics of a user's controller or claim.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls code that may panic.
///
/// # Errors
/// The panic's message. Anything that the code may have changed must not be used after that.
pub fn guard<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| text(payload.as_ref()).unwrap_or("no message").to_string())
}

/// The message of a panic, if it has one.
pub fn text(payload: &(dyn std::any::Any + Send)) -> Option<&str> {
    payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}
