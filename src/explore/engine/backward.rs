//! The canonical counterexamples, of all claims in one pass: the shortest schedule; among those the one with the fewest
//! context switches; among those the first in the order of actors.
//!
//! Backwards through the buckets, the lowest potential first, each state that lies on a shortest way learns how few switches
//! the rest costs, and which actors begin so cheap a rest. A step counts only if it leads one action further away from the first
//! state. Then one walk forward steps the model itself, and takes at each state the first actor that is as good as the best.

use std::collections::BTreeMap;

use super::expand::{Expander, Step};
use super::key::Key;
use super::names::Order;
use super::parts::{Parts, Unlearned};
use super::search::{Found, Layer};
use crate::core::Controller;
use crate::explore::limits::Limits;
use crate::model::{Action, Channel, Event, World};
use crate::schedule::Schedule;
use crate::transition::TaskRun;

/// No rest leads to a state that is wanted.
const NOWHERE: u16 = u16::MAX;

/// Of each state of a bucket and each claim, the cheapest rest: how few switches it costs, and its first actors as a mask.
struct Layered {
    switches: Vec<u16>,
    first: Vec<u64>,
}

/// The rests of all buckets on shortest ways.
struct Rests {
    claims: Vec<usize>,
    /// The words of a mask of actors.
    mask: usize,
    by_potential: BTreeMap<u32, Layered>,
}

impl Rests {
    /// What the rest from a state costs after a step of this actor.
    fn after(&self, layer: &Layered, place: usize, claim: usize, actor: u16) -> Option<u16> {
        let at = place * self.claims.len() + claim;
        let first = &layer.first[at * self.mask..][..self.mask];
        let ends = first.iter().all(|&word| word == 0);
        let goes_on = first.get(usize::from(actor) / 64).is_some_and(|word| word >> (actor % 64) & 1 == 1);
        let switches = layer.switches[at];
        (switches != NOWHERE).then(|| switches + u16::from(!ends && !goes_on))
    }

    /// Learns of a rest that begins with this actor.
    fn offer(&self, layer: &mut Layered, place: usize, claim: usize, cost: u16, actor: u16) {
        let at = place * self.claims.len() + claim;
        let first = &mut layer.first[at * self.mask..][..self.mask];
        if cost < layer.switches[at] {
            layer.switches[at] = cost;
            first.fill(0);
        }
        if cost == layer.switches[at] {
            first[usize::from(actor) / 64] |= 1 << (actor % 64);
        }
    }
}

/// The canonical schedule to each claim's breaking states, if it has any.
///
/// # Errors
/// If a limit is reached.
pub fn canonical<const N: usize, C: Controller>(
    parts: &mut Parts<'_, C>,
    found: &mut Found<N>,
    limits: &Limits,
) -> Result<Vec<Option<Schedule>>, Unlearned> {
    let wide = found.layout.clone();
    for layer in found.archive.values_mut() {
        layer.layout.carry(&mut layer.keys, &wide);
        layer.layout = wide.clone();
    }
    let claims: Vec<usize> = (0..found.shortest.len()).filter(|&claim| found.shortest[claim].is_some()).collect();
    let mask = (usize::from(parts.tables.controller()) + 1).div_ceil(64);
    let mut rests = Rests { claims, mask, by_potential: BTreeMap::new() };
    let deepest = found.shortest.iter().flatten().copied().max().unwrap_or(0);
    for (&potential, layer) in found.archive.iter().filter(|_| !rests.claims.is_empty()) {
        limits.check().map_err(|limit| Unlearned::Stopped(limit.into()))?;
        if layer.depths.iter().any(|&depth| depth <= deepest) {
            let here = layer_of(parts, found, &rests, potential, layer, deepest)?;
            rests.by_potential.insert(potential, here);
        }
    }
    let schedule = |claim: usize| {
        let Some(index) = rests.claims.iter().position(|&other| other == claim) else { return Ok(None) };
        walk(parts, found, &rests, index, found.shortest[claim].unwrap_or(0)).map(Some)
    };
    (0..found.shortest.len()).map(schedule).collect()
}

/// A step on the way back: who acts, and the tasks that tie with the actor.
struct Back<const N: usize> {
    to: Key<N>,
    parent: u32,
    actor: u16,
    image: u16,
    times: u16,
}

/// The rests of the states of a bucket, of which those of all lower ones are known.
fn layer_of<const N: usize, C: Controller>(
    parts: &mut Parts<'_, C>,
    found: &Found<N>,
    rests: &Rests,
    potential: u32,
    layer: &Layer<N>,
    deepest: u32,
) -> Result<Layered, Unlearned> {
    let places = layer.keys.len() * rests.claims.len();
    let mut here = Layered { switches: vec![NOWHERE; places], first: vec![0; places * rests.mask] };
    for (drop, mut steps) in steps_of(parts, found, layer, deepest)? {
        let to = potential - drop;
        let (Some(there), Some(next)) = (rests.by_potential.get(&to), found.archive.get(&to)) else { continue };
        steps.sort_unstable_by_key(|step| step.to);
        let mut place = 0;
        for Back { to, parent, actor, image, times } in steps {
            while next.keys[place] < to {
                place += 1;
            }
            if next.depths[place] != layer.depths[parent as usize] + 1 {
                continue;
            }
            for claim in 0..rests.claims.len() {
                if let Some(cost) = rests.after(there, place, claim, image) {
                    let tied = actor..actor + times;
                    tied.for_each(|actor| rests.offer(&mut here, parent as usize, claim, cost, actor));
                }
            }
        }
    }
    for (index, &claim) in rests.claims.iter().enumerate() {
        for &(_, place) in found.wanted[claim].iter().filter(|(bucket, _)| *bucket == potential) {
            let at = place * rests.claims.len() + index;
            here.switches[at] = 0;
            here.first[at * rests.mask..][..rests.mask].fill(0);
        }
    }
    Ok(here)
}

/// The steps of a bucket, by how far they lead down.
fn steps_of<const N: usize, C: Controller>(
    parts: &mut Parts<'_, C>,
    found: &Found<N>,
    layer: &Layer<N>,
    deepest: u32,
) -> Result<BTreeMap<u32, Vec<Back<N>>>, Unlearned> {
    let (mut all, mut near): (BTreeMap<u32, Vec<Back<N>>>, _) = (BTreeMap::new(), Vec::new());
    let mut at = Expander::default();
    for (parent, &key) in layer.keys.iter().enumerate().filter(|(place, _)| layer.depths[*place] < deepest) {
        let told = at.steps(parts.book(&found.layout), key, |Step { to, drop, actor, image, times }| {
            let steps = if drop == 1 { &mut near } else { all.entry(drop).or_default() };
            steps.push(Back { to, parent: parent as u32, actor, image, times: times as u16 });
        });
        // The search has met every step.
        told.map_err(|_| Unlearned::Unfit)?;
    }
    if !near.is_empty() {
        all.insert(1, near);
    }
    Ok(all)
}

/// Walks forward, and steps the model.
fn walk<const N: usize, C: Controller>(
    parts: &mut Parts<'_, C>,
    found: &Found<N>,
    rests: &Rests,
    claim: usize,
    length: u32,
) -> Result<Schedule, Unlearned> {
    let (mut world, mut last, mut schedule) = (parts.model.start(), None, Schedule::default());
    for depth in 1..=length {
        let mut best: Option<(u16, Action, World<C>, Option<TaskRun>)> = None;
        for action in parts.model.actions(&world) {
            let Some((next, actor, cost)) = try_step(parts, found, rests, (claim, depth), &world, action)? else {
                continue;
            };
            let cost = cost + u16::from(last.is_some_and(|last| last != actor));
            if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
                best = Some((cost, action, next, actor));
            }
        }
        let Some((_, action, next, actor)) = best else { return Err(Unlearned::Unfit) };
        schedule.0.push(action);
        (world, last) = (next, Some(actor));
    }
    Ok(schedule)
}

/// Takes a step that stays on a shortest way. Returns who acted, and what the rest costs after it.
type Tried<C> = Option<(World<C>, Option<TaskRun>, u16)>;

fn try_step<const N: usize, C: Controller>(
    parts: &mut Parts<'_, C>,
    found: &Found<N>,
    rests: &Rests,
    (claim, depth): (usize, u32),
    world: &World<C>,
    action: Action,
) -> Result<Tried<C>, Unlearned> {
    let mut next = world.clone();
    let Ok(event) = parts.model.apply(&mut next, action) else { return Err(Unlearned::Unfit) };
    let (ids, order) = parts.representative(&next)?;
    let potential = parts.tables.potential(&ids);
    let place = found.layout.pack(&ids).and_then(|key: Key<N>| {
        let layer = found.archive.get(&potential)?;
        layer.keys.binary_search(&key).ok().filter(|&place| layer.depths[place] == depth)
    });
    let (Some(place), Some(layer)) = (place, rests.by_potential.get(&potential)) else { return Ok(None) };
    let image = image(parts, world, &next, action, &event, order);
    let actor = match event {
        Event::Task { task, attempt, .. } => Some(TaskRun { task, attempt }),
        Event::Controller { .. } | Event::Lost(..) => None,
    };
    Ok(rests.after(layer, place, claim, image).map(|cost| (next, actor, cost)))
}

/// The actor of a step as a number within the representative of the state after it.
fn image<C: Controller, T>(
    parts: &Parts<'_, C>,
    before: &World<C>,
    after: &World<C>,
    action: Action,
    event: &Event<T>,
    order: Order,
) -> u16 {
    let (stride, controller) = (parts.tables.shape.actors, parts.tables.controller());
    let place = |world: &World<C>, task: TaskRun| {
        let index = task.task.index();
        let is_it =
            |group: &Vec<crate::core::TaskState>| group.get(index).is_some_and(|state| state.attempt == task.attempt);
        let age = world.attempts.iter().position(is_it)?;
        let group = if age == 0 { 0 } else { world.attempts.len() - age };
        Some((group * stride) as u16 + order.name(index as u16))
    };
    match (action, event) {
        (
            Action::Step(_) | Action::Linger(..) | Action::Redeliver(Channel::Commands(_)),
            Event::Task { task, attempt, called, .. },
        ) => {
            let run = TaskRun { task: *task, attempt: *attempt };
            let world = if called.is_some() { after } else { before };
            place(world, run).unwrap_or(controller + 1)
        }
        _ => controller,
    }
}
