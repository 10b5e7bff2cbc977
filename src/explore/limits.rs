//! The limits of one request: states, memory, and an interrupt.
//!
//! 1. Every loop of a search and of an explanation asks its [`Account`] or its [`Limits`] before it uses more.
//! 2. All accounts of a request use one budget of memory. Clones of [`Limits`] share it. An account gives its part back
//!    when it is dropped.
//! 3. Memory is computed from the capacities of the explorer's own collections, not from the allocator. So the same
//!    request ends at the same place in every run. A collection that is about to grow counts with its old and its new
//!    buffer, because the old one exists until the new one is filled.
//! 4. An interrupt is permanent: every later check fails too, so a request ends soon.
//!
//! Two things are not counted: heap memory of a controller of your own beyond [`CONTROLLER_BYTES`] for each task, and
//! the report itself.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use indexmap::{IndexMap, IndexSet};

use crate::core::Controller;
use crate::model::Model;

/// The default limit of stored states for one search. See [`Limits::max_states`].
pub const MAX_STATES: usize = 12_000_000;

/// The default memory limit of a request: 8 GiB, or 1 GiB if an address has 32 bits. See [`Limits::memory`].
pub const MEMORY: usize = usual_memory(usize::BITS) as usize;

/// The default for addresses of this many bits. A browser gives a page at most 4 GiB.
const fn usual_memory(address_bits: u32) -> u64 {
    if address_bits > 32 { 8 << 30 } else { 1 << 30 }
}

/// The assumed heap memory of a set of tasks in a stored controller, for each task. The built-in controller has one
/// set, whose nodes take up to ten bytes a task. If a stop may come, it uses a second set.
pub const CONTROLLER_BYTES: usize = 10;

/// What ended a search or an explanation early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// It was interrupted.
    Interrupted,
    /// The search stored as many states as the limit allows.
    States,
    /// The request used as much memory as the limit allows.
    Memory,
    /// An explanation used as much effort as the limit allows. Or a search or an explanation could not continue for a
    /// reason that has no limit of its own, such as a panic of a controller during an explanation.
    Effort,
    /// A file for the layers of a search could not be written or read: the disk may be full.
    Disk,
}

/// A flag that ends a request soon after it is raised. Clones share one flag.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Raises the flag. It is never lowered.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the flag is raised.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The limits of one request. Clones share the budget of memory, the interrupt and what is left of the effort.
#[derive(Debug, Clone)]
pub struct Limits {
    max_states: usize,
    memory: usize,
    used: Arc<AtomicUsize>,
    effort: Option<Arc<AtomicU64>>,
    interrupt: Interrupt,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_states: MAX_STATES,
            memory: MEMORY,
            used: Arc::default(),
            effort: None,
            interrupt: Interrupt::default(),
        }
    }
}

impl Limits {
    /// The same limits, with at most this many states in one search.
    #[must_use]
    pub fn max_states(mut self, states: usize) -> Self {
        self.max_states = states;
        self
    }

    /// The same limits, with a budget of this many bytes.
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// The same limits, ended by this flag.
    #[must_use]
    pub fn interrupt(mut self, interrupt: Interrupt) -> Self {
        self.interrupt = interrupt;
        self
    }

    /// The limits of a part of the request: at most this many states in one search, and this much effort in total. The
    /// memory budget and the interrupt are those of the request.
    #[must_use]
    pub(crate) fn of_a_part(&self, max_states: usize, effort: u64) -> Self {
        Self { max_states, effort: Some(Arc::new(AtomicU64::new(effort))), ..self.clone() }
    }

    /// How many states one search may store.
    pub fn states(&self) -> usize {
        self.max_states
    }

    /// How many bytes the request may use.
    pub fn bytes(&self) -> usize {
        self.memory
    }

    /// How many bytes the open accounts hold.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// A new account, which holds no memory.
    pub fn account(&self) -> Account {
        Account { limits: self.clone(), bytes: 0 }
    }

    /// Checks that the request may continue.
    ///
    /// # Errors
    /// [`Limit::Interrupted`] if it must end.
    pub fn check(&self) -> Result<(), Limit> {
        if self.interrupt.is_raised() { Err(Limit::Interrupted) } else { Ok(()) }
    }

    /// Ends the request: every later check fails.
    pub fn end(&self) {
        self.interrupt.raise();
    }

    /// Uses effort, if effort is limited: about one unit for each byte of a state that is read or copied.
    ///
    /// # Errors
    /// The limit that is reached.
    pub fn spend(&self, effort: usize) -> Result<(), Limit> {
        self.check()?;
        let Some(left) = &self.effort else { return Ok(()) };
        let rest = left.load(Ordering::Relaxed).checked_sub(effort as u64);
        left.store(rest.unwrap_or(0), Ordering::Relaxed);
        rest.map(|_| ()).ok_or(Limit::Effort)
    }
}

/// The part of a request's memory budget that one or more collections hold.
#[derive(Debug)]
pub struct Account {
    limits: Limits,
    bytes: usize,
}

impl Account {
    /// The limits that it belongs to.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How many bytes it holds.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Sets how many bytes it holds, or is about to hold.
    ///
    /// # Errors
    /// The limit that is reached. The account is then unchanged.
    pub fn hold(&mut self, bytes: usize) -> Result<(), Limit> {
        self.limits.check()?;
        let others = self.limits.used() - self.bytes;
        match others.checked_add(bytes).filter(|&used| used <= self.limits.memory) {
            Some(used) => {
                self.limits.used.store(used, Ordering::Relaxed);
                self.bytes = bytes;
                Ok(())
            }
            None => Err(Limit::Memory),
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.limits.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The bytes of a buffer with this length and capacity. If `more` items do not fit, the bytes of the larger buffer that
/// replaces it are added.
pub fn grown(len: usize, capacity: usize, more: usize, bytes_of: impl Fn(usize) -> usize) -> usize {
    let held = bytes_of(capacity);
    if capacity - len >= more { held } else { held + bytes_of((2 * capacity).max(len + more).max(4)) }
}

/// The bytes of a vector that `more` items are about to be added to.
pub fn vec_bytes<T>(vec: &Vec<T>, more: usize) -> usize {
    grown(vec.len(), vec.capacity(), more, |places| places * size_of::<T>())
}

/// The bytes of a hash table with this capacity. At most seven of eight slots are used, the number of slots is a power
/// of two, and each slot needs one more byte.
pub fn table_bytes(places: usize, each: usize) -> usize {
    if places == 0 { 0 } else { (places * 8).div_ceil(7).next_power_of_two() * (each + 1) }
}

/// The bytes of a set that `more` items are about to be added to.
pub fn set_bytes<T, S>(set: &HashSet<T, S>, more: usize) -> usize {
    grown(set.len(), set.capacity(), more, |places| table_bytes(places, size_of::<T>()))
}

/// The bytes of a map that `more` items are about to be added to.
pub fn map_bytes<K, V, S>(map: &HashMap<K, V, S>, more: usize) -> usize {
    grown(map.len(), map.capacity(), more, |places| table_bytes(places, size_of::<(K, V)>()))
}

/// The bytes of an ordered set that `more` items are about to be added to: a table of indices, and the items with their
/// hashes.
pub fn index_set_bytes<T, S>(set: &IndexSet<T, S>, more: usize) -> usize {
    let each = size_of::<T>() + size_of::<u64>();
    grown(set.len(), set.capacity(), more, |places| table_bytes(places, size_of::<usize>()) + places * each)
}

/// The bytes of an ordered map that `more` items are about to be added to.
pub fn index_map_bytes<K, V, S>(map: &IndexMap<K, V, S>, more: usize) -> usize {
    let each = size_of::<(K, V)>() + size_of::<u64>();
    grown(map.len(), map.capacity(), more, |places| table_bytes(places, size_of::<usize>()) + places * each)
}

/// The assumed heap memory of a stored controller for each set of this many tasks.
pub fn controller_bytes(tasks: usize) -> usize {
    block_bytes(CONTROLLER_BYTES * tasks)
}

/// The assumed heap memory of a stored controller of a model: one set of tasks, and a second one if a stop may come.
pub fn controller_heap<C: Controller>(model: &Model<C>) -> usize {
    controller_bytes(usize::from(model.tasks())) * if model.run().stop { 2 } else { 1 }
}

/// The bytes of a block on the heap. Allocators round up, and add a word or two.
pub fn block_bytes(len: usize) -> usize {
    (len + 8).next_multiple_of(16).max(32)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn the_usual_memory_fits_into_an_address_of_32_bits() {
        assert_eq!(usual_memory(64), 8 << 30);
        assert!((1 << 28..=2 << 30).contains(&usual_memory(32)), "8 GiB are 0 bytes on 32 bits");
        assert_eq!(MEMORY as u64, usual_memory(usize::BITS));
    }

    #[test]
    fn accounts_of_one_request_share_its_budget_and_give_it_back() {
        let limits = Limits::default().memory(100);
        let (mut one, mut other) = (limits.account(), limits.clone().account());
        assert_eq!(one.hold(60), Ok(()));
        assert_eq!(other.hold(41), Err(Limit::Memory));
        assert_eq!((other.hold(40), limits.used()), (Ok(()), 100));
        assert_eq!((one.hold(61), limits.used()), (Err(Limit::Memory), 100), "a refusal changes nothing");
        drop(one);
        assert_eq!((other.hold(100), limits.used()), (Ok(()), 100));
        drop(other);
        assert_eq!(limits.used(), 0);
    }

    #[test]
    fn an_interrupt_ends_everything_that_asks_afterwards() {
        let (interrupt, limits) = (Interrupt::default(), Limits::default());
        let limits = limits.interrupt(interrupt.clone());
        let mut account = limits.of_a_part(10, 10).account();
        assert_eq!((account.hold(1), account.limits().spend(1)), (Ok(()), Ok(())));
        interrupt.raise();
        let interrupted = Err(Limit::Interrupted);
        assert_eq!([account.hold(1), account.limits().spend(1), limits.check()], [interrupted; 3]);
    }

    #[test]
    fn effort_is_shared_by_all_clones_of_the_limits_of_a_part_and_stays_spent() {
        let part = Limits::default().of_a_part(10, 10);
        assert_eq!((part.spend(6), part.clone().spend(4)), (Ok(()), Ok(())));
        assert_eq!([part.spend(1), part.spend(1)], [Err(Limit::Effort); 2]);
        assert_eq!(Limits::default().spend(usize::MAX), Ok(()), "a search has no limit of effort");
    }

    #[test]
    fn a_collection_that_is_about_to_grow_counts_with_the_buffer_that_it_grows_into() {
        let mut vec: Vec<u32> = Vec::with_capacity(8);
        vec.extend([0; 7]);
        assert_eq!((vec_bytes(&vec, 1), vec_bytes(&vec, 2)), (32, 32 + 64));
        vec.extend([0; 2]);
        assert_eq!(vec.capacity() * 4, 64, "it grows as it is counted");
        let mut set: IndexSet<u64> = IndexSet::new();
        let mut most = 0;
        for item in 0..10_000 {
            let counted = index_set_bytes(&set, 1);
            assert!(counted >= most / 3);
            most = most.max(counted);
            set.insert(item);
        }
        assert!((10_000 * 25..10_000 * 100).contains(&most), "{most}");
    }
}
