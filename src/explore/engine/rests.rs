//! Computes the rest of a schedule from each state on a shortest path to a wanted state: its smallest number of context
//! switches, and the actors that begin such a rest. It goes backwards through the buckets, from the lowest potential.

use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use super::bucket::spread;
use super::expand::{Book, Expander, Step};
use super::found::{Found, Layer};
use super::key::Key;
use super::knowledge::{Knowledge, Next};
use super::memory;
use super::parts::Unlearned;
use super::shelf::Shelf;
use crate::explore::limits::{Limit, Limits};

/// No rest leads to a wanted state.
const NOWHERE: u16 = u16::MAX;

/// The steps of this many states are processed together. The index of a state among them has 16 bits.
const CHUNK: usize = 1 << 16;

/// The same if layers are written to files, because memory is then scarce. A chunk with fewer states is not divided
/// among threads.
const SMALL_CHUNK: usize = 1 << 11;

/// The cheapest rest for each state of a bucket and each claim: its number of switches, and the actors that can begin
/// it as a bit mask.
struct Layered {
    switches: Vec<u16>,
    first: Vec<u8>,
}

impl Layered {
    fn bytes(&self) -> Vec<u8> {
        let switches = self.switches.iter().flat_map(|switches| switches.to_le_bytes());
        let count = (self.switches.len() as u64).to_le_bytes();
        count.into_iter().chain(switches).chain(self.first.iter().copied()).collect()
    }

    fn of(pieces: &[Vec<u8>]) -> io::Result<Self> {
        let read = || {
            let (count, rest) = pieces.first()?.split_first_chunk::<8>()?;
            let (switches, first) = rest.split_at_checked(2 * u64::from_le_bytes(*count) as usize)?;
            let switches = switches.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            Some(Self { switches, first: first.to_vec() })
        };
        read().ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// How many of these sorted states come before another state. This is fast if the number is small.
fn before<const N: usize>(keys: &[Key<N>], other: &Key<N>) -> usize {
    let mut reach = 1;
    while keys.get(reach - 1).is_some_and(|key| key < other) {
        reach *= 2;
    }
    let from = reach / 2;
    from + keys[from..keys.len().min(reach)].partition_point(|key| key < other)
}

/// The rests for all buckets on shortest paths.
pub struct Rests {
    /// The claims that are broken.
    pub claims: Vec<usize>,
    width: Width,
    /// The steps of this many states are processed together.
    chunk: usize,
    threads: usize,
    by_potential: Shelf<Layered>,
}

/// The size of what is stored for each state.
#[derive(Clone, Copy)]
struct Width {
    claims: usize,
    /// How many bytes a mask of actors has.
    mask: usize,
}

impl Width {
    /// The cost of the rest from a state after a step of this actor.
    fn after(self, there: &Layered, place: usize, claim: usize, actor: u16) -> Option<u16> {
        let at = place * self.claims + claim;
        let switches = there.switches[at];
        if switches == NOWHERE {
            return None;
        }
        let first = &there.first[at * self.mask..][..self.mask];
        let ends = || first.iter().all(|&byte| byte == 0);
        let goes_on = first.get(usize::from(actor) / 8).is_some_and(|byte| byte >> (actor % 8) & 1 == 1);
        Some(switches + u16::from(!goes_on && !ends()))
    }

    /// Records a rest that begins with this actor, if it is as cheap as the best so far.
    fn offer(self, here: &mut Piece<'_>, at: usize, cost: u16, actor: u16) {
        let first = &mut here.first[at * self.mask..][..self.mask];
        if cost < here.switches[at] {
            here.switches[at] = cost;
            first.fill(0);
        }
        if cost == here.switches[at] {
            first[usize::from(actor) / 8] |= 1 << (actor % 8);
        }
    }

    /// The bytes of a bucket with this many states.
    fn bytes(self, states: usize) -> usize {
        states * self.claims * (size_of::<u16>() + self.mask)
    }
}

/// The rests of consecutive states of a bucket, of which the first has the index `begin`.
struct Piece<'a> {
    begin: usize,
    switches: &'a mut [u16],
    first: &'a mut [u8],
}

/// A step in the backward pass: the state that it leads to, the index (in its piece) of the state that it comes from,
/// the actor before and after the step, and how many tied tasks the step stands for.
struct Back<const N: usize> {
    to: Key<N>,
    parent: u16,
    actor: u16,
    image: u16,
    times: u16,
}

/// Steps, grouped by how far the potential falls.
type Steps<const N: usize> = BTreeMap<u32, Vec<Back<N>>>;

/// The bucket whose rests are being computed.
struct Now<'a, const N: usize> {
    width: Width,
    book: Book<'a>,
    layer: &'a Layer<N>,
    /// The next bucket, if it has rests.
    near: Option<Below<'a, N>>,
    deepest: u32,
    /// Whether the search found every step.
    is_whole: bool,
}

impl Rests {
    /// Computes the rests for the broken claims.
    ///
    /// # Errors
    /// If a limit is reached.
    pub fn learn<const N: usize>(
        known: &dyn Knowledge,
        found: &mut Found<N>,
        (limits, threads): (&Limits, usize),
    ) -> Result<Self, Unlearned> {
        found.unify();
        let claims: Vec<usize> = (0..found.shortest.len()).filter(|&claim| found.shortest[claim].is_some()).collect();
        let mask = (usize::from(known.tables().controller()) + 1).div_ceil(8);
        let by_potential = Shelf::new(found.disk.as_ref()).map_err(Limit::from)?;
        let chunk = if by_potential.is_a_file() { SMALL_CHUNK } else { CHUNK };
        let width = Width { claims: claims.len(), mask };
        let mut rests = Rests { claims, width, chunk, threads, by_potential };
        let deepest = found.shortest.iter().flatten().copied().max().unwrap_or(0);
        let mut held = known.bytes() + found.archived;
        let kept = if rests.claims.is_empty() { Vec::new() } else { found.kept() };
        for potential in kept {
            limits.check()?;
            let Some(layer) = found.layer(potential)? else { continue };
            if layer.depths.least().is_some_and(|depth| depth <= deepest) {
                let here = rests.width.bytes(layer.keys.len());
                let chunk = chunk.min(layer.keys.len()) * found.widest as usize * size_of::<Back<N>>();
                // Data that was read from a file is kept while the buckets above it are processed.
                let beside = if found.disk.is_some() { memory::states::<N, u64>(layer.keys.len(), 0) } else { 0 };
                found.account.hold(held + here + 2 * chunk + beside)?;
                held += if found.disk.is_some() { 0 } else { here };
                let here = rests.layer(known, found, potential, &layer, deepest)?;
                rests.by_potential.put(potential, here, Layered::bytes).map_err(Limit::from)?;
            }
        }
        Ok(rests)
    }

    /// The cost of the rest after a step, if the step stays on a shortest path. `claim` is an index into the broken
    /// claims.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn cost<const N: usize>(
        &self,
        known: &dyn Knowledge,
        found: &Found<N>,
        (claim, depth): (usize, u32),
        next: &Next,
    ) -> Result<Option<u16>, Limit> {
        let Some((layer, there)) = self.below(found, known.tables().potential(&next.ids))? else { return Ok(None) };
        let place = found.layout.pack(&next.ids).and_then(|key: Key<N>| layer.keys.binary_search(&key).ok());
        let place = place.filter(|&place| layer.depths.at(place) == depth);
        Ok(place.and_then(|place| self.width.after(&there, place, claim, next.image)))
    }

    /// The rests of the states of a bucket. Those of all lower buckets are known.
    fn layer<const N: usize>(
        &self,
        known: &dyn Knowledge,
        found: &Found<N>,
        potential: u32,
        layer: &Layer<N>,
        deepest: u32,
    ) -> Result<Layered, Limit> {
        let (states, width) = (layer.keys.len(), self.width);
        let places = states * width.claims;
        let mut here = Layered { switches: vec![NOWHERE; places], first: vec![0; places * width.mask] };
        let near = potential.checked_sub(1).map(|to| self.below(found, to)).transpose()?.flatten();
        let near = near.as_ref().map(|(layer, rests)| (&**layer, &**rests));
        let is_whole = found.cut.is_none() && found.broken.is_none();
        let now = Now { width, book: known.book(&found.layout), layer, near, deepest, is_whole };
        for begin in (0..states).step_by(self.chunk) {
            let pieces = self.pieces(&mut here, begin, states);
            for (begin, far) in spread(pieces, |piece| now.learn(piece)) {
                for (drop, steps) in far {
                    let Some((layer, rests)) = self.below(found, potential - drop)? else { continue };
                    let switches = &mut here.switches[begin * width.claims..];
                    let first = &mut here.first[begin * width.claims * width.mask..];
                    now.join(&mut Piece { begin, switches, first }, (&layer, &rests), steps);
                }
            }
        }
        self.begin_at_wanted(found, potential, &mut here);
        Ok(here)
    }

    /// The rest of a wanted state is empty.
    fn begin_at_wanted<const N: usize>(&self, found: &Found<N>, potential: u32, here: &mut Layered) {
        for (index, &claim) in self.claims.iter().enumerate() {
            for &(_, place) in found.wanted[claim].iter().filter(|(bucket, _)| *bucket == potential) {
                let at = place * self.width.claims + index;
                here.switches[at] = 0;
                here.first[at * self.width.mask..][..self.width.mask].fill(0);
            }
        }
    }

    /// Divides the next chunk of states, from the index `begin` on, among the threads. A small chunk is one piece.
    fn pieces<'a>(&self, here: &'a mut Layered, begin: usize, states: usize) -> Vec<Piece<'a>> {
        let states = (states - begin).min(self.chunk);
        let threads = if states < SMALL_CHUNK { 1 } else { self.threads };
        let (size, Width { claims, mask }) = (states.div_ceil(threads), self.width);
        let switches = here.switches[begin * claims..][..states * claims].chunks_mut(size * claims);
        let first = here.first[begin * claims * mask..][..states * claims * mask].chunks_mut(size * claims * mask);
        let pieces = (begin..).step_by(size).zip(switches.zip(first));
        pieces.map(|(begin, (switches, first))| Piece { begin, switches, first }).collect()
    }

    /// The states of a bucket and their rests, if it has any.
    fn below<const N: usize>(&self, found: &Found<N>, potential: u32) -> Result<Option<Shelved<N>>, Limit> {
        Ok(self.at(potential)?.zip(found.layer(potential)?).map(|(rests, layer)| (layer, rests)))
    }

    /// The rests of a bucket, if it has any.
    fn at(&self, potential: u32) -> Result<Option<Rc<Layered>>, Limit> {
        Ok(self.by_potential.get(potential, Layered::of)?)
    }
}

/// The states of a bucket, and their rests.
type Shelved<const N: usize> = (Rc<Layer<N>>, Rc<Layered>);

/// A bucket that steps lead to, and its rests.
type Below<'a, const N: usize> = (&'a Layer<N>, &'a Layered);

impl<const N: usize> Now<'_, N> {
    /// Combines the steps into the next bucket with the rests there. Returns the steps that lead past it.
    fn learn(&self, mut here: Piece<'_>) -> (usize, Steps<N>) {
        let mut steps = self.steps(&here);
        if let (Some(near), Some(below)) = (steps.remove(&1), self.near) {
            self.join(&mut here, below, near);
        }
        (here.begin, steps)
    }

    /// The steps of a piece, as far as they are known. The search knows all of them, unless it ended early.
    fn steps(&self, here: &Piece<'_>) -> Steps<N> {
        let (mut all, mut near, mut at) = (Steps::new(), Vec::new(), Expander::default());
        let states = here.begin..here.begin + here.switches.len() / self.width.claims;
        for (parent, place) in states.enumerate().filter(|(_, place)| self.layer.depths.at(*place) < self.deepest) {
            let told = at.steps(self.book, self.layer.keys[place], |step: Step<N>| {
                let Step { to, drop, actor, image, times } = step;
                let steps = if drop == 1 { &mut near } else { all.entry(drop).or_default() };
                steps.push(Back { to, parent: parent as u16, actor, image, times: times as u16 });
            });
            debug_assert!(told.is_ok() || !self.is_whole, "the search has met every step");
        }
        all.insert(1, near);
        all
    }

    /// Sorts steps by the states that they lead to, and combines them with the rests of those states.
    fn join(&self, here: &mut Piece<'_>, (next, there): Below<'_, N>, mut steps: Vec<Back<N>>) {
        steps.sort_unstable_by_key(|step| step.to);
        let mut place = 0;
        for Back { to, parent, actor, image, times } in steps {
            place += before(&next.keys[place..], &to);
            // A search that was cut short has not found every state.
            let (is_known, parent) = (next.keys.get(place) == Some(&to), usize::from(parent));
            if !is_known || next.depths.at(place) != self.layer.depths.at(here.begin + parent) + 1 {
                continue;
            }
            for claim in 0..self.width.claims {
                if let Some(cost) = self.width.after(there, place, claim, image) {
                    let at = parent * self.width.claims + claim;
                    (actor..actor + times).for_each(|actor| self.width.offer(here, at, cost, actor));
                }
            }
        }
    }
}
