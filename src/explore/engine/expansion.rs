//! The steps of all states of a bucket. Threads look up what is known; what is not known yet is learned by the thread that
//! holds the controller, which expands one state in so many first, so that little is left over.

use super::bucket::{Record, Segment, spread};
use super::expand::{Book, Expander, Step};
use super::key::{Key, Layout};
use super::parts::{Parts, Unlearned};
use super::tables::Missing;
use crate::core::Controller;
use crate::explore::limits::{Limit, Limits};
use crate::explore::search::Stopped;

/// With several threads, one state in so many is expanded before the others.
const SAMPLE: usize = 16;

/// How many states are expanded between two looks at the limits.
const BETWEEN: usize = 1024;

/// What expanding one segment makes.
#[derive(Debug, Default)]
pub struct Expanded<const N: usize> {
    /// The steps into the next bucket.
    pub near: Vec<Record<N>>,
    /// The steps into a later one, with the distance.
    pub far: Vec<(u32, Record<N>)>,
    /// By state: how many actions are enabled.
    pub degrees: Vec<u32>,
    /// The states whose steps were not all known.
    missed: Vec<u32>,
    at: Expander,
}

/// Why a bucket was not expanded.
pub enum Unexpanded {
    /// A part has outgrown its bits: the bucket begins again in a wider layout.
    Bits,
    /// Something could not be learned.
    Unlearned(Unlearned),
}

impl From<Limit> for Unexpanded {
    fn from(limit: Limit) -> Self {
        Self::Unlearned(Unlearned::Stopped(Stopped::Limit(limit)))
    }
}

impl<const N: usize> Expanded<N> {
    fn of(states: usize) -> Self {
        Self { degrees: vec![0; states], ..Self::default() }
    }

    /// The steps of one state, or none of them.
    fn state(&mut self, book: Book<'_>, key: Key<N>, row: u32) -> Result<(), Missing> {
        let (near, far, mut degree) = (self.near.len(), self.far.len(), 0);
        let Self { near: nears, far: fars, at, .. } = self;
        let steps = at.steps(book, key, |step: Step<N>| {
            let record = Record { key: step.to, row, times: step.times };
            degree += step.times;
            match step.drop {
                1 => nears.push(record),
                drop => fars.push((drop, record)),
            }
        });
        match steps {
            Ok(()) => self.degrees[row as usize] = degree,
            Err(_) => {
                self.near.truncate(near);
                self.far.truncate(far);
            }
        }
        steps
    }

    /// The steps of all states but the sample, as far as they are known.
    fn look_up(mut self, book: Book<'_>, keys: &[Key<N>], limits: &Limits) -> Self {
        for (row, &key) in keys.iter().enumerate().filter(|(row, _)| row % SAMPLE != 0) {
            if row % BETWEEN == 1 && limits.check().is_err() {
                break;
            }
            if self.state(book, key, row as u32).is_err() {
                self.missed.push(row as u32);
            }
        }
        self
    }
}

/// Every step of a bucket.
///
/// # Errors
/// Why there are none.
pub fn expand<const N: usize, L, C: Controller>(
    parts: &mut Parts<'_, C>,
    layout: &Layout,
    bucket: &[Segment<N, L>],
    limits: &Limits,
) -> Result<Vec<Expanded<N>>, Unexpanded> {
    let keys: Vec<&[Key<N>]> = bucket.iter().map(|segment| segment.keys.as_slice()).collect();
    let mut all: Vec<Expanded<N>> = keys.iter().map(|keys| Expanded::of(keys.len())).collect();
    let first = if keys.len() > 1 { SAMPLE } else { 1 };
    for (expanded, keys) in all.iter_mut().zip(&keys) {
        learn(expanded, parts, layout, keys, (0..keys.len() as u32).step_by(first), limits)?;
    }
    if keys.len() > 1 {
        let book = parts.book(layout);
        let work = all.into_iter().zip(&keys).collect();
        all = spread(work, |(expanded, keys): (Expanded<N>, &&[Key<N>])| expanded.look_up(book, keys, limits));
        limits.check()?;
        for (expanded, keys) in all.iter_mut().zip(&keys) {
            let missed = std::mem::take(&mut expanded.missed);
            learn(expanded, parts, layout, keys, missed.into_iter(), limits)?;
        }
    }
    Ok(all)
}

/// Expands these states, and learns what is not known.
fn learn<const N: usize, C: Controller>(
    expanded: &mut Expanded<N>,
    parts: &mut Parts<'_, C>,
    layout: &Layout,
    keys: &[Key<N>],
    rows: impl Iterator<Item = u32>,
    limits: &Limits,
) -> Result<(), Unexpanded> {
    for (nth, row) in rows.enumerate() {
        if nth % BETWEEN == 0 {
            limits.check()?;
        }
        while let Err(missing) = expanded.state(parts.book(layout), keys[row as usize], row) {
            if matches!(missing, Missing::Bits) {
                return Err(Unexpanded::Bits);
            }
            let ids = std::mem::take(&mut expanded.at.ids);
            parts.learn(missing, &ids, limits).map_err(Unexpanded::Unlearned)?;
            expanded.at.ids = ids;
        }
    }
    Ok(())
}
