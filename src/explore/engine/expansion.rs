//! Computes the steps of all states of a bucket. The threads look up what is known. Only the thread that owns the
//! controller can learn what is not known yet. It expands a sample of the states first, so that the other threads miss
//! little.
//!
//! What is learned, and in which order, does not depend on the number of threads. The sample comes first, then the
//! other states, both in the order of the states.

use super::bucket::{BETWEEN, Record, Room, Segment, spread};
use super::expand::{Book, Expander, Step};
use super::key::{Key, Layout};
use super::knowledge::Knowledge;
use super::limbs::Limb;
use super::parts::Unlearned;
use super::tables::Missing;
use crate::explore::limits::Limit;

/// One state in this many is expanded before the others.
const SAMPLE: usize = 16;

/// A list of steps doubles when it grows, but only up to this many bytes.
const DOUBLES_UP_TO: usize = 1 << 20;

/// The result of expanding one segment.
#[derive(Debug, Default)]
pub struct Expanded<const N: usize> {
    /// The steps into the next bucket.
    pub near: Vec<Record<N>>,
    /// The steps into later buckets, each with the amount by which the potential falls.
    pub far: Vec<(u32, Record<N>)>,
    /// For each state, how many actions are enabled.
    pub degrees: Vec<u32>,
    /// The states whose steps were not all known.
    missed: Vec<u32>,
    /// The limit that ended the expansion before its last state.
    ended: Option<Limit>,
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
        Self::Unlearned(limit.into())
    }
}

impl<const N: usize> Expanded<N> {
    fn of(states: usize) -> Self {
        Self { degrees: vec![0; states], ..Self::default() }
    }

    /// Adds the steps of one state; if they are not all known, adds none.
    fn state(&mut self, book: Book<'_>, key: Key<N>, row: u32) -> Result<(), Missing> {
        let (near, far, mut degree) = (self.near.len(), self.far.len(), 0);
        let Self { near: nears, far: fars, at, .. } = self;
        let steps = at.steps(book, key, |step: Step<N>| {
            let record = Record { key: step.to, row, times: step.times };
            degree += step.times;
            match step.drop {
                1 => push(nears, record),
                drop => push(fars, (drop, record)),
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

    /// The steps of these states, as far as they are known.
    fn look_up(mut self, book: Book<'_>, keys: &[Key<N>], rows: impl Iterator<Item = u32>, room: &Room<'_>) -> Self {
        let mut counted = self.steps();
        for (nth, row) in rows.enumerate() {
            if nth % BETWEEN == 0 {
                let more = self.steps() - std::mem::replace(&mut counted, self.steps());
                self.ended = room.take(more).err();
                if self.ended.is_some() {
                    break;
                }
            }
            if self.state(book, keys[row as usize], row).is_err() {
                self.missed.push(row);
            }
        }
        self
    }

    fn steps(&self) -> usize {
        self.near.len() + self.far.len()
    }
}

/// Appends a step. A large list grows by an eighth instead of doubling, because the room for steps is computed from
/// their number.
fn push<T>(steps: &mut Vec<T>, step: T) {
    if steps.len() == steps.capacity() && size_of_val(steps.as_slice()) > DOUBLES_UP_TO {
        steps.reserve_exact(steps.len() / 8);
    }
    steps.push(step);
}

/// Every step of a bucket. There must be room for all of them.
///
/// # Errors
/// The reason why they could not be computed.
pub fn expand<const N: usize, L: Limb>(
    known: &mut dyn Knowledge,
    layout: &Layout,
    bucket: &[Segment<N, L>],
    room: &Room<'_>,
) -> Result<Vec<Expanded<N>>, Unexpanded> {
    let keys: Vec<&[Key<N>]> = bucket.iter().map(|segment| segment.keys.as_slice()).collect();
    let mut all: Vec<Expanded<N>> = keys.iter().map(|keys| Expanded::of(keys.len())).collect();
    let firsts = keys.iter().scan(0, |first, keys| Some(std::mem::replace(first, *first + keys.len())));
    let firsts: Vec<usize> = firsts.collect();
    let rows = |segment: usize, of_sample: bool| {
        let first = firsts[segment];
        let is_first = move |row: &u32| (first + *row as usize).is_multiple_of(SAMPLE) == of_sample;
        (0..keys[segment].len() as u32).filter(is_first)
    };
    for (index, expanded) in all.iter_mut().enumerate() {
        learn(expanded, known, layout, keys[index], rows(index, true), room)?;
    }
    let book = known.book(layout);
    let work = all.into_iter().enumerate().collect();
    all = spread(work, |(index, expanded): (usize, Expanded<N>)| {
        expanded.look_up(book, keys[index], rows(index, false), room)
    });
    if let Some(limit) = all.iter().find_map(|expanded| expanded.ended) {
        return Err(limit.into());
    }
    for (index, expanded) in all.iter_mut().enumerate() {
        let missed = std::mem::take(&mut expanded.missed);
        learn(expanded, known, layout, keys[index], missed.into_iter(), room)?;
    }
    let steps: usize = all.iter().map(Expanded::steps).sum();
    Ok(room.again().take(steps).map(|()| all)?)
}

/// Expands these states, and learns what is not known yet.
fn learn<const N: usize>(
    expanded: &mut Expanded<N>,
    known: &mut dyn Knowledge,
    layout: &Layout,
    keys: &[Key<N>],
    rows: impl Iterator<Item = u32>,
    room: &Room<'_>,
) -> Result<(), Unexpanded> {
    let mut counted = expanded.steps();
    for (nth, row) in rows.enumerate() {
        if nth % BETWEEN == 0 {
            room.take(expanded.steps() - std::mem::replace(&mut counted, expanded.steps()))?;
        }
        while let Err(missing) = expanded.state(known.book(layout), keys[row as usize], row) {
            if matches!(missing, Missing::Bits) {
                return Err(Unexpanded::Bits);
            }
            let ids = std::mem::take(&mut expanded.at.ids);
            known.learn(missing, &ids, room.limits).map_err(Unexpanded::Unlearned)?;
            expanded.at.ids = ids;
        }
    }
    Ok(())
}
