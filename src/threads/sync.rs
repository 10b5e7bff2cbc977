//! Threads, channels, locks and atomics: those of the standard library, or loom's under `--cfg loom`.
//!
//! 1. This is the only file that names loom, and the only one in `src` that looks at the cfg.
//! 2. What both have is used under one name. What differs is hidden here: see [`Turn`] and [`may_send`].
//! 3. `Arc` is always the standard library's: who lets go of what last is not under test, and loom's own would cost
//!    executions. So are the locks of the recorder, which no thread holds while it does anything else.

#[cfg(not(loom))]
pub use std::{
    sync::{Mutex, MutexGuard, atomic::AtomicBool, atomic::AtomicUsize, atomic::Ordering, mpsc},
    thread,
};

#[cfg(loom)]
pub use loom::{
    sync::{Mutex, MutexGuard, atomic::AtomicBool, atomic::AtomicUsize, atomic::Ordering, mpsc},
    thread,
};

use std::sync::PoisonError;

/// Whether the threads are loom's: a run is then one execution of a model, and can only be launched inside one.
pub const MODELLED: bool = cfg!(loom);

/// How many threads one run may have, the calling one included. Loom has five; natively the number only keeps a
/// wish from exhausting the machine.
pub const MAX_THREADS: usize = if MODELLED { 5 } else { 4096 };

/// Locks. Nobody panics while holding a lock here, so none is ever poisoned.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The turn to act: while one thread acts and records what it did, no other does.
///
/// Natively this is a lock. Under loom one thread runs at a time, and changes only just before it touches a loom
/// object: what follows that touch is in the same turn, up to the next. A standard lock held across a touch would
/// hang for ever, and a loom lock would cost executions and add an order that the real threads do not have.
#[derive(Debug, Default)]
pub struct Turn(#[cfg(not(loom))] Mutex<()>);

impl Turn {
    /// Takes a step as one. It may touch at most one loom object, and must record after that.
    pub fn take<T>(&self, step: impl FnOnce() -> T) -> T {
        #[cfg(not(loom))]
        let _held = lock(&self.0);
        step()
    }
}

/// Whether a destructor may still send. A loom execution that fails unwinds the thread that it stands in, and to touch
/// a loom object there is a second panic, which aborts the process and hides the first.
pub fn may_send() -> bool {
    !(MODELLED && std::thread::panicking())
}
