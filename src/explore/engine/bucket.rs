//! The states of one potential. The steps into a bucket are sorted, and steps into equal states are merged.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::key::Key;
use super::limbs::{Limb, add_times};
use crate::explore::limits::{Limit, Limits};

/// States of one bucket in ascending order.
#[derive(Debug)]
pub struct Segment<const N: usize, L> {
    pub keys: Vec<Key<N>>,
    /// The numbers that each state carries, row by row.
    pub rows: Vec<L>,
    /// For each state, the smallest number of actions that lead to it.
    pub depths: Vec<u32>,
}

/// A step into a state, with the index of the row that it carries, and the number of tied tasks that it stands for.
#[derive(Debug, Clone, Copy)]
pub struct Record<const N: usize> {
    pub key: Key<N>,
    pub row: u32,
    pub times: u32,
}

/// Sorted steps into one bucket, with the rows and the depths that they carry.
#[derive(Debug)]
pub struct Source<const N: usize, L> {
    pub records: Vec<Record<N>>,
    pub rows: Vec<L>,
    pub depths: Vec<u32>,
}

impl<const N: usize, L: Limb> Segment<N, L> {
    /// A bucket without states.
    pub fn new() -> Self {
        Self { keys: Vec::new(), rows: Vec::new(), depths: Vec::new() }
    }

    /// Splits the states into at most this many segments of about the same size.
    pub fn split(mut self, parts: usize, row: usize) -> Vec<Self> {
        let size = self.keys.len().div_ceil(parts).max(1);
        let mut split = Vec::new();
        while self.keys.len() > size {
            let from = (self.keys.len() - 1) / size * size;
            let (keys, depths) = (self.keys.split_off(from), self.depths.split_off(from));
            split.push(Self { keys, rows: self.rows.split_off(from * row), depths });
        }
        split.push(self);
        split.reverse();
        split
    }

    /// Keeps only the first states.
    pub fn truncate(&mut self, states: usize, row: usize) {
        self.keys.truncate(states);
        self.depths.truncate(states);
        self.rows.truncate(states * row);
    }

    /// Adds a step into a state. The state must be the last one, or come after it.
    pub fn add(&mut self, record: Record<N>, row: &[L], depth: u32) {
        if self.keys.last() == Some(&record.key) {
            let last = self.depths.len() - 1;
            self.depths[last] = depth.min(self.depths[last]);
        } else {
            self.keys.push(record.key);
            self.depths.push(depth);
            self.rows.resize(self.rows.len() + row.len(), L::default());
        }
        let into = self.rows.len() - row.len();
        if !row.is_empty() {
            add_times(&mut self.rows[into..], row, record.times.into());
        }
    }
}

/// Processes each item on a thread of its own. The last one is processed on the calling thread.
pub fn spread<T: Send, R: Send>(mut things: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let Some(last) = things.pop() else { return Vec::new() };
    std::thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = things.into_iter().map(|thing| scope.spawn(move || work(thing))).collect();
        let last = work(last);
        let joined = |handle: std::thread::ScopedJoinHandle<'_, R>| {
            handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        others.into_iter().map(joined).chain([last]).collect::<Vec<R>>()
    })
}

/// How many states are processed between two checks of the limits.
pub const BETWEEN: usize = 1024;

/// A shared counter of how many items there is room for. The total does not depend on the number of threads.
pub struct Room<'a> {
    pub limits: &'a Limits,
    pub most: usize,
    taken: AtomicUsize,
}

impl<'a> Room<'a> {
    /// Room for this many items.
    pub fn of(most: usize, limits: &'a Limits) -> Self {
        Self { limits, most, taken: AtomicUsize::new(0) }
    }

    /// The same room, with nothing taken.
    pub fn again(&self) -> Self {
        Self::of(self.most, self.limits)
    }

    /// Takes room for this many more items.
    ///
    /// # Errors
    /// If there is not enough room, or the request was interrupted.
    pub fn take(&self, more: usize) -> Result<(), Limit> {
        self.limits.check()?;
        let taken = self.taken.fetch_add(more, Ordering::Relaxed) + more;
        if taken > self.most { Err(Limit::Memory) } else { Ok(()) }
    }
}

/// Merges the sources into at most one segment for each thread. About the same number of steps leads into each.
///
/// # Errors
/// If there is no room for this many states, or the request was interrupted.
pub fn merge<const N: usize, L: Limb>(
    sources: &[Source<N, L>],
    row: usize,
    threads: usize,
    room: &Room<'_>,
) -> Result<Vec<Segment<N, L>>, Limit> {
    let borders = borders(sources, threads);
    let at = |border: &Key<N>| -> Vec<usize> {
        sources.iter().map(|source| source.records.partition_point(|record| record.key < *border)).collect()
    };
    let mut cuts = vec![vec![0; sources.len()]];
    cuts.extend(borders.iter().map(at));
    cuts.push(sources.iter().map(|source| source.records.len()).collect());
    spread(cuts.windows(2).collect(), |range| merge_range(sources, row, (&range[0], &range[1]), room))
        .into_iter()
        .collect()
}

/// At most this many steps of each source are compared to find the borders between the threads' shares.
const PROBES: usize = 64;

/// The states at which the threads' shares of the sorted steps begin, except for the first share. All shares have about
/// the same number of steps.
fn borders<const N: usize, L: Limb>(sources: &[Source<N, L>], threads: usize) -> BTreeSet<Key<N>> {
    let probes = |source: &Source<N, L>| {
        let (records, each) = (&source.records, source.records.len().div_ceil(PROBES).max(1));
        records.iter().step_by(each).map(|record| (record.key, each)).collect::<Vec<_>>()
    };
    let mut probes: Vec<(Key<N>, usize)> = sources.iter().flat_map(probes).collect();
    probes.sort_unstable();
    let (all, mut before) = (probes.iter().map(|(_, steps)| steps).sum::<usize>(), 0);
    let share = |steps: usize| steps * threads / all;
    let begins = probes.into_iter().filter(|&(_, steps)| {
        before += steps;
        share(before - steps) < share(before) && before < all
    });
    begins.map(|(key, _)| key).collect()
}

fn merge_range<const N: usize, L: Limb>(
    sources: &[Source<N, L>],
    row: usize,
    (from, to): (&[usize], &[usize]),
    room: &Room<'_>,
) -> Result<Segment<N, L>, Limit> {
    let (mut merged, mut counted) = (Segment::new(), 0);
    let range = |(source, (&from, &to)): (_, (&usize, &usize))| {
        let source: &Source<N, L> = source;
        (source, &source.records[from..to])
    };
    let mut rest: Vec<_> = sources.iter().zip(from.iter().zip(to)).map(range).collect();
    rest.retain(|(_, records)| !records.is_empty());
    while let Some(least) = (0..rest.len()).reduce(|a, b| if rest[b].1[0].key < rest[a].1[0].key { b } else { a }) {
        let (source, records) = rest[least];
        let record = records[0];
        let numbers = &source.rows[record.row as usize * row..][..row];
        if merged.keys.len() == counted + BETWEEN {
            room.take(BETWEEN)?;
            counted += BETWEEN;
        }
        merged.add(record, numbers, source.depths[record.row as usize]);
        rest[least].1 = &records[1..];
        if records.len() == 1 {
            rest.swap_remove(least);
        }
    }
    room.take(merged.keys.len() - counted).map(|()| merged)
}
