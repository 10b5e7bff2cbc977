//! Finds the canonical counterexamples of all claims in one pass. A canonical counterexample is the shortest schedule;
//! among those, it has the fewest context switches; among those, it is the first in the order of actors.
//!
//! The first pass goes backwards through the buckets, from the lowest potential. For each state on a shortest path, it
//! computes the smallest number of switches in the rest, and the actors that begin such a rest. A step counts only if
//! it leads one action further away from the first state. The second pass goes forward and steps the model itself. In
//! each state, it takes the first actor with the lowest cost.

use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use super::expand::{Expander, Step};
use super::found::{Found, Layer};
use super::key::Key;
use super::knowledge::{Knowledge, Next};
use super::memory;
use super::parts::{Place, Unlearned};
use super::shelf::Shelf;
use crate::explore::limits::{Limit, Limits};
use crate::schedule::Schedule;
use crate::transition::TaskRun;

/// No rest leads to a wanted state.
const NOWHERE: u16 = u16::MAX;

/// The steps of this many states are sorted together. The index of a state in its chunk has 16 bits.
const CHUNK: usize = 1 << 16;

/// The same if layers are written to files, because memory is then scarce.
const SMALL_CHUNK: usize = 1 << 11;

/// The cheapest rest for each state of a bucket and each claim: its number of switches, and its first actors as a bit
/// mask.
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

/// The rests for all buckets on shortest paths.
struct Rests {
    claims: Vec<usize>,
    /// The steps of this many states are sorted at once.
    chunk: usize,
    /// How many bytes a mask of actors has.
    mask: usize,
    by_potential: Shelf<Layered>,
}

impl Rests {
    /// The cost of the rest from a state after a step of this actor.
    fn after(&self, layer: &Layered, place: usize, claim: usize, actor: u16) -> Option<u16> {
        let at = place * self.claims.len() + claim;
        let switches = layer.switches[at];
        if switches == NOWHERE {
            return None;
        }
        let first = &layer.first[at * self.mask..][..self.mask];
        let ends = || first.iter().all(|&byte| byte == 0);
        let goes_on = first.get(usize::from(actor) / 8).is_some_and(|byte| byte >> (actor % 8) & 1 == 1);
        Some(switches + u16::from(!goes_on && !ends()))
    }

    /// Records a rest that begins with this actor, if it is as cheap as the best so far.
    fn offer(&self, layer: &mut Layered, place: usize, claim: usize, cost: u16, actor: u16) {
        let at = place * self.claims.len() + claim;
        let first = &mut layer.first[at * self.mask..][..self.mask];
        if cost < layer.switches[at] {
            layer.switches[at] = cost;
            first.fill(0);
        }
        if cost == layer.switches[at] {
            first[usize::from(actor) / 8] |= 1 << (actor % 8);
        }
    }

    /// The bytes of a bucket with this many states.
    fn bytes(&self, states: usize) -> usize {
        states * self.claims.len() * (size_of::<u16>() + self.mask)
    }
}

/// The canonical schedule to each claim's breaking states, if it has any.
///
/// # Errors
/// If a limit is reached.
pub fn canonical<const N: usize>(
    known: &mut dyn Knowledge,
    found: &mut Found<N>,
    limits: &Limits,
) -> Result<Vec<Option<Schedule>>, Unlearned> {
    found.unify();
    let claims: Vec<usize> = (0..found.shortest.len()).filter(|&claim| found.shortest[claim].is_some()).collect();
    let mask = (usize::from(known.tables().controller()) + 1).div_ceil(8);
    let by_potential = Shelf::new(found.disk.as_ref()).map_err(Limit::from)?;
    let chunk = if by_potential.is_a_file() { SMALL_CHUNK } else { CHUNK };
    let mut rests = Rests { claims, chunk, mask, by_potential };
    let deepest = found.shortest.iter().flatten().copied().max().unwrap_or(0);
    let mut held = known.bytes() + found.archived;
    let kept = if rests.claims.is_empty() { Vec::new() } else { found.kept() };
    for potential in kept {
        limits.check()?;
        let Some(layer) = found.layer(potential)? else { continue };
        if layer.depths.iter().any(|&depth| depth <= deepest) {
            let here = rests.bytes(layer.keys.len());
            let chunk = chunk.min(layer.keys.len()) * found.widest as usize * size_of::<Back<N>>();
            // Data that was read from a file is kept while the buckets above it are processed.
            let beside = if found.disk.is_some() { memory::states::<N, u64>(layer.keys.len(), 0) } else { 0 };
            found.account.hold(held + here + 2 * chunk + beside)?;
            held += if found.disk.is_some() { 0 } else { here };
            let here = rests.layer(known, found, potential, &layer, deepest)?;
            rests.by_potential.put(potential, here, Layered::bytes).map_err(Limit::from)?;
        }
    }
    let schedule = |claim: usize| {
        let Some(index) = rests.claims.iter().position(|&other| other == claim) else { return Ok(None) };
        walk(known, found, &rests, index, found.shortest[claim].unwrap_or(0)).map(Some)
    };
    (0..found.shortest.len()).map(schedule).collect()
}

/// A step in the backward pass: the index in the chunk of its first state, the actor, and the number of tasks that tie
/// with the actor.
struct Back<const N: usize> {
    to: Key<N>,
    parent: u16,
    actor: u16,
    image: u16,
    times: u16,
}

impl Rests {
    /// The rests of the states of a bucket. Those of all lower buckets are known.
    fn layer<const N: usize>(
        &self,
        known: &dyn Knowledge,
        found: &Found<N>,
        potential: u32,
        layer: &Layer<N>,
        deepest: u32,
    ) -> Result<Layered, Limit> {
        let places = layer.keys.len() * self.claims.len();
        let mut here = Layered { switches: vec![NOWHERE; places], first: vec![0; places * self.mask] };
        for from in (0..layer.keys.len()).step_by(self.chunk) {
            for (drop, mut steps) in steps_of(known, found, layer, (from, self.chunk), deepest) {
                let to = potential - drop;
                if let (Some(there), Some(next)) = (self.at(to)?, found.layer(to)?) {
                    steps.sort_unstable_by_key(|step| step.to);
                    self.join(&steps, (layer, from), (&next, &there), &mut here);
                }
            }
        }
        for (index, &claim) in self.claims.iter().enumerate() {
            for &(_, place) in found.wanted[claim].iter().filter(|(bucket, _)| *bucket == potential) {
                let at = place * self.claims.len() + index;
                here.switches[at] = 0;
                here.first[at * self.mask..][..self.mask].fill(0);
            }
        }
        Ok(here)
    }

    /// The rests of a bucket, if it has any.
    fn at(&self, potential: u32) -> Result<Option<Rc<Layered>>, Limit> {
        Ok(self.by_potential.get(potential, Layered::of)?)
    }

    /// Combines steps, sorted by the states that they lead to, with the rests of those states.
    fn join<const N: usize>(
        &self,
        steps: &[Back<N>],
        (layer, from): (&Layer<N>, usize),
        (next, there): (&Layer<N>, &Layered),
        here: &mut Layered,
    ) {
        let mut place = steps.first().map_or(0, |first| next.keys.partition_point(|key| *key < first.to));
        for &Back { to, parent, actor, image, times } in steps {
            while next.keys.get(place).is_some_and(|key| *key < to) {
                place += 1;
            }
            // A search that was cut short has not found every state.
            let (is_known, parent) = (next.keys.get(place) == Some(&to), from + usize::from(parent));
            if !is_known || next.depths[place] != layer.depths[parent] + 1 {
                continue;
            }
            for claim in 0..self.claims.len() {
                if let Some(cost) = self.after(there, place, claim, image) {
                    (actor..actor + times).for_each(|actor| self.offer(here, parent, claim, cost, actor));
                }
            }
        }
    }
}

/// The steps of a chunk of a bucket, grouped by how far the potential falls. A state that was not expanded has no
/// steps.
fn steps_of<const N: usize>(
    known: &dyn Knowledge,
    found: &Found<N>,
    layer: &Layer<N>,
    (from, chunk): (usize, usize),
    deepest: u32,
) -> BTreeMap<u32, Vec<Back<N>>> {
    let (mut all, mut near): (BTreeMap<u32, Vec<Back<N>>>, _) = (BTreeMap::new(), Vec::new());
    let mut at = Expander::default();
    let states = layer.keys[from..].iter().zip(&layer.depths[from..]).take(chunk).enumerate();
    for (parent, (&key, _)) in states.filter(|(_, (_, depth))| **depth < deepest) {
        let told = at.steps(known.book(&found.layout), key, |step: Step<N>| {
            let Step { to, drop, actor, image, times } = step;
            let steps = if drop == 1 { &mut near } else { all.entry(drop).or_default() };
            steps.push(Back { to, parent: parent as u16, actor, image, times: times as u16 });
        });
        debug_assert!(told.is_ok() || found.cut.is_some() || found.broken.is_some(), "the search has met every step");
    }
    if !near.is_empty() {
        all.insert(1, near);
    }
    all
}

/// A path through states in reverse order: for each state its potential, its key, and its distance.
type Way<const N: usize> = Vec<(u32, Key<N>, u32)>;

/// A shortest schedule to each claim's breaking states, which need not be the canonical one. This needs little memory.
pub fn any<const N: usize>(known: &mut dyn Knowledge, found: &mut Found<N>) -> Vec<Option<Schedule>> {
    found.unify();
    let target = |claim: usize| found.wanted[claim].first().copied();
    let targets: Vec<_> = (0..found.wanted.len()).map(target).collect();
    let ways = ways(known, found, &targets);
    ways.into_iter().map(|way| way.and_then(|way| follow(known, found, &way))).collect()
}

/// A path to each of these states, which are given by potential and index.
fn ways<const N: usize>(
    known: &dyn Knowledge,
    found: &Found<N>,
    targets: &[Option<(u32, usize)>],
) -> Vec<Option<Way<N>>> {
    let layer = |potential| found.layer(potential).ok().flatten();
    let begin = |target: &Option<(u32, usize)>| {
        let (potential, place) = (*target)?;
        let layer = layer(potential)?;
        Some(vec![(potential, layer.keys[place], layer.depths[place])])
    };
    let mut ways: Vec<Option<Way<N>>> = targets.iter().map(begin).collect();
    for potential in found.kept() {
        let is_open = |way: &Way<N>| way.last().is_some_and(|&(at, _, depth)| at < potential && depth > 0);
        if !ways.iter().flatten().any(is_open) {
            continue;
        }
        let (mut at, Some(layer)) = (Expander::default(), layer(potential)) else { continue };
        for (&key, &depth) in layer.keys.iter().zip(&layer.depths) {
            let _ = at.steps(known.book(&found.layout), key, |step: Step<N>| {
                let leads_to = (potential - step.drop, step.to, depth + 1);
                let wanted = ways.iter_mut().flatten().filter(|way| way.last() == Some(&leads_to));
                wanted.for_each(|way| way.push((potential, key, depth)));
            });
        }
    }
    ways
}

/// The first schedule through these representatives.
fn follow<const N: usize>(known: &mut dyn Knowledge, found: &Found<N>, way: &Way<N>) -> Option<Schedule> {
    let mut schedule = Schedule::default();
    known.go_to(&schedule).ok()?;
    for (_, key, _) in way.iter().rev().skip(1) {
        let leads_on = |next: &Next| found.layout.pack(&next.ids) == Some(*key);
        let action = known.options().ok()?.into_iter().find(leads_on)?.action;
        known.take(action).ok()?;
        schedule.0.push(action);
    }
    Some(schedule)
}

/// The canonical schedule to a state in which a contract was broken, with the action that broke it. `None` if the
/// controller's behaviour prevents finding it.
pub fn way_to<const N: usize>(known: &mut dyn Knowledge, found: &mut Found<N>, place: &Place) -> Option<Schedule> {
    let target = target(known, found, place)?;
    let depth = found.layer(target.0).ok()??.depths[target.1];
    (found.shortest, found.wanted) = (vec![Some(depth)], vec![vec![target]]);
    let mut schedule = canonical(known, found, &Limits::default()).ok()?.pop()??;
    let ids = known.go_to(&schedule).ok()?;
    if let Some(input) = place.input {
        schedule.0.push(known.asks(input)?);
    }
    (ids == place.ids).then_some(schedule)
}

/// Some path to such a state, computed from the states alone. This does not call the controller, so it also works if
/// the controller contradicts itself. Tasks must not be interchanged.
pub fn first_way_to<const N: usize>(known: &mut dyn Knowledge, found: &mut Found<N>, place: &Place) -> Schedule {
    let mut schedule = Schedule::default();
    if let Some(target) = target(known, found, place)
        && let Some(way) = ways(known, found, &[Some(target)]).pop().flatten()
    {
        for pair in way.windows(2).rev() {
            schedule.0.extend(action_between(known, found, &pair[1].1, &pair[0].1));
        }
    }
    known.go_to_state(&place.ids);
    schedule.0.extend(place.input.and_then(|input| known.asks(input)));
    schedule
}

/// The action that leads from one state to another. The steps of a state are reported in the order of its actions.
fn action_between<const N: usize>(
    known: &mut dyn Knowledge,
    found: &Found<N>,
    from: &Key<N>,
    to: &Key<N>,
) -> Option<crate::model::Action> {
    let (mut at, mut nth, mut told) = (Expander::default(), None, 0);
    let _ = at.steps(known.book(&found.layout), *from, |step: Step<N>| {
        nth = nth.or_else(|| (step.to == *to).then_some(told));
        told += 1;
    });
    known.go_to_state(&at.ids);
    known.actions().get(nth?).copied()
}

/// The potential of this state, and its index in the bucket.
fn target<const N: usize>(known: &dyn Knowledge, found: &mut Found<N>, place: &Place) -> Option<(u32, usize)> {
    found.unify();
    let potential = known.tables().potential(&place.ids);
    let at = found.layer(potential).ok()??.keys.binary_search(&found.layout.pack(&place.ids)?).ok()?;
    Some((potential, at))
}

/// The forward pass, which steps the model.
fn walk<const N: usize>(
    known: &mut dyn Knowledge,
    found: &Found<N>,
    rests: &Rests,
    claim: usize,
    length: u32,
) -> Result<Schedule, Unlearned> {
    let (mut last, mut schedule): (Option<Option<TaskRun>>, _) = (None, Schedule::default());
    known.go_to(&schedule)?;
    for depth in 1..=length {
        let mut best: Option<(u16, Next)> = None;
        for next in known.options()? {
            let Some(rest) = rest_after(known, found, rests, (claim, depth), &next)? else { continue };
            let cost = rest + u16::from(last.is_some_and(|last| last != next.actor));
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, next));
            }
        }
        let Some((_, Next { action, actor, .. })) = best else { return Err(Unlearned::Lost) };
        known.take(action)?;
        schedule.0.push(action);
        last = Some(actor);
    }
    Ok(schedule)
}

/// The cost of the rest after a step, if the step stays on a shortest path.
fn rest_after<const N: usize>(
    known: &dyn Knowledge,
    found: &Found<N>,
    rests: &Rests,
    (claim, depth): (usize, u32),
    next: &Next,
) -> Result<Option<u16>, Limit> {
    let potential = known.tables().potential(&next.ids);
    let (Some(layer), Some(there)) = (found.layer(potential)?, rests.at(potential)?) else { return Ok(None) };
    let place = found.layout.pack(&next.ids).and_then(|key: Key<N>| layer.keys.binary_search(&key).ok());
    let place = place.filter(|&place| layer.depths[place] == depth);
    Ok(place.and_then(|place| rests.after(&there, place, claim, next.image)))
}
