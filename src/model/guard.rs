//! The one place that catches a panic: in code that is not the library's own, a user's controller or claim.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls code that may panic.
///
/// # Errors
/// The panic's message. What the code could change must not be used after that.
pub fn guard<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(ToString::to_string);
        text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_string())
    })
}
