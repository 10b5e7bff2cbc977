//! Threads, channels, locks and atomics: those of the standard library, or loom's under `--cfg loom`.
//!
//! 1. This is the only file that uses loom. Other files use the cfg `loom` only to choose what is built under loom and
//!    what is not, such as the command line and the page.
//! 2. What both libraries have is used under one name. Their differences are hidden here: see [`StepLock`] and
//!    [`may_send`].
//! 3. `Arc` is always the standard library's: it is not tested which thread drops a value last, and loom's `Arc` would
//!    cost executions. The recorder's locks are also the standard library's, because no thread does anything else while
//!    it holds one.
//! 4. If a build is asked for loom but built without it, the build fails here. Its tests would pass without exploring
//!    any order.

#[cfg(not(loom))]
pub use std::{
    sync::{Mutex, MutexGuard, atomic::AtomicBool, atomic::AtomicUsize, atomic::Ordering, mpsc},
    thread,
};

/// Loom's builder, which explores a model.
#[cfg(loom)]
pub use loom::model::Builder;

#[cfg(loom)]
pub use loom::{
    sync::{Mutex, MutexGuard, atomic::AtomicBool, atomic::AtomicUsize, atomic::Ordering, mpsc},
    thread,
};

use std::sync::PoisonError;

/// Whether the threads are loom's. A run is then one execution of a loom model, and can only be launched inside one.
pub const MODELLED: bool = cfg!(loom);

const _: () = assert!(
    MODELLED || !is_asked_for_loom(),
    "loom is asked for, and this build is without it: other flags override `--cfg loom`, or they give the cfg a \
     value. Unset every RUSTFLAGS variable and run `cargo loom`, or set only RUSTFLAGS=\"--cfg loom\"."
);

/// Whether the environment of this build asks for loom. The flags of a config file are not visible in it.
const fn is_asked_for_loom() -> bool {
    option_env!("STARTUP_RACE_LOOM").is_some()
        || pass_loom(option_env!("CARGO_ENCODED_RUSTFLAGS"))
        || pass_loom(option_env!("RUSTFLAGS"))
        || pass_loom(option_env!("CARGO_BUILD_RUSTFLAGS"))
}

/// Whether these flags set the cfg `loom`, with or without a value. `CARGO_ENCODED_RUSTFLAGS` separates its flags by
/// 0x1f, the others by spaces.
const fn pass_loom(flags: Option<&str>) -> bool {
    let mut rest = match flags {
        Some(flags) => flags.as_bytes(),
        None => return false,
    };
    let mut is_start = true;
    while let [first, others @ ..] = rest {
        if is_start && is_cfg_loom(rest) {
            return true;
        }
        is_start = is_separator(*first);
        rest = others;
    }
    false
}

/// Whether the first of these flags is `--cfg loom`, in any spelling.
const fn is_cfg_loom(flags: &[u8]) -> bool {
    let [b'-', b'-', b'c', b'f', b'g', after_cfg, value @ ..] = flags else { return false };
    let [b'l', b'o', b'o', b'm', after_name @ ..] = value.trim_ascii_start() else { return false };
    ends_a_word(*after_cfg) && (after_name.is_empty() || ends_a_word(after_name[0]))
}

const fn ends_a_word(byte: u8) -> bool {
    byte == b'=' || is_separator(byte)
}

const fn is_separator(byte: u8) -> bool {
    byte == b'\x1f' || byte.is_ascii_whitespace()
}

/// How many threads one run may have, including the calling one. Loom allows five. Natively, the number only prevents a
/// request from exhausting the machine.
pub const MAX_THREADS: usize = if MODELLED { 5 } else { 4096 };

/// Starts a thread, if the machine has one left.
pub fn spawn(work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    thread::Builder::new().spawn(work).map(drop)
}

/// Takes a lock. A panic that begins while a lock is held is also caught while it is held, so no lock is ever poisoned.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes acting and recording one step: while one thread acts and records, no other thread does.
///
/// Natively this is a lock. Loom runs one thread at a time, and switches only directly before an operation on a loom
/// object. So everything from such an operation up to the next one is one step. A standard lock that is held across
/// such an operation could block for ever. A loom lock would cost executions, and would add an order that the protocol
/// does not have.
#[derive(Debug, Default)]
pub struct StepLock(#[cfg(not(loom))] Mutex<()>);

impl StepLock {
    /// Takes a step atomically. The step may operate on at most one loom object, and must record after that.
    pub fn take<T>(&self, step: impl FnOnce() -> T) -> T {
        #[cfg(not(loom))]
        let _held = lock(&self.0);
        step()
    }
}

/// Whether the last operation of a thread was *quiet*: no other thread can observe it, and it wakes no thread.
///
/// Loom may switch threads before each operation. It does not know that a switch before a quiet operation and a switch
/// after it are equivalent, and explores both. With four threads, this takes up to 34 times as many executions. So no
/// switch is allowed before the operation that follows a quiet one, only before the quiet one itself. Natively, this
/// does nothing.
#[derive(Debug)]
pub struct Quiet {
    is_quiet: bool,
    is_merged: bool,
}

impl Quiet {
    /// The state of a thread that has just started, which counts as quiet. `is_merged` says whether switches are
    /// skipped at all.
    pub fn started(is_merged: bool) -> Self {
        Self { is_quiet: true, is_merged }
    }

    /// The thread has received from a channel that only it reads, or taken a lock that it holds beyond its next
    /// operation.
    pub fn set(&mut self) {
        self.is_quiet = true;
    }

    /// The thread has done something else.
    pub fn clear(&mut self) {
        self.is_quiet = false;
    }

    /// Executes one operation, which must neither wait nor load.
    pub fn operate<T>(&mut self, operation: impl FnOnce() -> T) -> T {
        let is_merged = std::mem::take(&mut self.is_quiet) && self.is_merged;
        if is_merged { without_a_switch(operation) } else { operation() }
    }
}

#[cfg(not(loom))]
fn without_a_switch<T>(operation: impl FnOnce() -> T) -> T {
    operation()
}

/// If loom wants to switch at a point at which it may not, it switches at the last earlier point at which it may.
#[cfg(loom)]
fn without_a_switch<T>(operation: impl FnOnce() -> T) -> T {
    loom::stop_exploring();
    let result = operation();
    loom::explore();
    result
}

/// Whether a destructor may still send. A failing loom execution unwinds its thread. An operation on a loom object
/// would then be a second panic, which aborts the process and hides the first one.
pub fn may_send() -> bool {
    !(MODELLED && std::thread::panicking())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_that_pass_the_cfg_loom_ask_for_it_however_they_are_written() {
        for flags in [
            "--cfg loom",
            "--cfg=loom",
            "--cfg  loom",
            "--cfg loom=\"1\"",
            "--cfg=loom=\"1\"",
            "-C debuginfo=0 --cfg loom -C opt-level=1",
            " --cfg\tloom",
            "--cfg\x1floom",
            "--cfg\x1floom = \"1\"",
            "-Cdebuginfo=0\x1f--cfg=loom\x1f-v",
        ] {
            assert!(pass_loom(Some(flags)), "{flags:?}");
        }
    }

    #[test]
    fn other_flags_do_not_ask_for_loom() {
        for flags in [
            "",
            " ",
            "loom",
            "--cfg",
            "--cfg loo",
            "--cfg looms",
            "--cfg loom_like",
            "--cfg other=\"loom\"",
            "--cfg other loom",
            "--check-cfg cfg(loom)",
            "--check-cfg=cfg(loom)",
            "-Clink-arg=--cfg loom",
            "---cfg loom",
        ] {
            assert!(!pass_loom(Some(flags)), "{flags:?}");
        }
        assert!(!pass_loom(None));
    }
}
