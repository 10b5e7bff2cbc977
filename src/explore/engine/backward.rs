//! The canonical counterexamples, of all claims in one pass: the shortest schedule; among those the one with the fewest
//! context switches; among those the first in the order of actors.
//!
//! Backwards through the buckets, the lowest potential first, each state that lies on a shortest way learns how few switches
//! the rest costs, and which actors begin so cheap a rest. A step counts only if it leads one action further away from the first
//! state. Then one walk forward steps the model itself, and takes at each state the first actor that is as good as the best.

use std::collections::BTreeMap;

use super::expand::{Expander, Step};
use super::found::{Found, Layer};
use super::key::Key;
use super::names::Order;
use super::parts::{Parts, Place, Unlearned};
use crate::core::{ActorId, Controller, Input};
use crate::explore::limits::Limits;
use crate::explore::permute::rename_input;
use crate::model::{Action, Channel, Event, World};
use crate::schedule::Schedule;
use crate::transition::TaskRun;

/// No rest leads to a state that is wanted.
const NOWHERE: u16 = u16::MAX;

/// The steps of this many states are sorted at once.
const CHUNK: usize = 1 << 16;

/// Of each state of a bucket and each claim, the cheapest rest: how few switches it costs, and its first actors as a mask.
struct Layered {
    switches: Vec<u16>,
    first: Vec<u8>,
}

/// The rests of all buckets on shortest ways.
struct Rests {
    claims: Vec<usize>,
    /// The bytes of a mask of actors.
    mask: usize,
    by_potential: BTreeMap<u32, Layered>,
}

impl Rests {
    /// What the rest from a state costs after a step of this actor.
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

    /// Learns of a rest that begins with this actor.
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
pub fn canonical<const N: usize, C: Controller>(
    parts: &mut Parts<'_, C>,
    found: &mut Found<N>,
    limits: &Limits,
) -> Result<Vec<Option<Schedule>>, Unlearned> {
    found.unify();
    let claims: Vec<usize> = (0..found.shortest.len()).filter(|&claim| found.shortest[claim].is_some()).collect();
    let mask = (usize::from(parts.tables.controller()) + 1).div_ceil(8);
    let mut rests = Rests { claims, mask, by_potential: BTreeMap::new() };
    let deepest = found.shortest.iter().flatten().copied().max().unwrap_or(0);
    let mut held = parts.bytes() + found.archived;
    for (&potential, layer) in found.archive.iter().filter(|_| !rests.claims.is_empty()) {
        limits.check()?;
        if layer.depths.iter().any(|&depth| depth <= deepest) {
            held += rests.bytes(layer.keys.len());
            let chunk = CHUNK.min(layer.keys.len()) * found.widest as usize * size_of::<Back<N>>();
            found.account.hold(held + 2 * chunk)?;
            let here = rests.layer(parts, found, potential, layer, deepest);
            rests.by_potential.insert(potential, here);
        }
    }
    let schedule = |claim: usize| {
        let Some(index) = rests.claims.iter().position(|&other| other == claim) else { return Ok(None) };
        walk(parts, found, &rests, index, found.shortest[claim].unwrap_or(0)).map(Some)
    };
    (0..found.shortest.len()).map(schedule).collect()
}

/// A step on the way back: the actor, and the tasks that tie with the actor.
struct Back<const N: usize> {
    to: Key<N>,
    parent: u32,
    actor: u16,
    image: u16,
    times: u16,
}

impl Rests {
    /// The rests of the states of a bucket, of which those of all lower ones are known.
    fn layer<const N: usize, C: Controller>(
        &self,
        parts: &Parts<'_, C>,
        found: &Found<N>,
        potential: u32,
        layer: &Layer<N>,
        deepest: u32,
    ) -> Layered {
        let places = layer.keys.len() * self.claims.len();
        let mut here = Layered { switches: vec![NOWHERE; places], first: vec![0; places * self.mask] };
        for from in (0..layer.keys.len()).step_by(CHUNK) {
            let states = (from..layer.keys.len().min(from + CHUNK)).filter(|&place| layer.depths[place] < deepest);
            for (drop, mut steps) in steps_of(parts, found, layer, states) {
                let to = potential - drop;
                if let (Some(there), Some(next)) = (self.by_potential.get(&to), found.archive.get(&to)) {
                    steps.sort_unstable_by_key(|step| step.to);
                    self.join(&steps, layer, (next, there), &mut here);
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
        here
    }

    /// Learns from steps, in the order of where they lead, and from the rests there.
    fn join<const N: usize>(
        &self,
        steps: &[Back<N>],
        layer: &Layer<N>,
        (next, there): (&Layer<N>, &Layered),
        here: &mut Layered,
    ) {
        let mut place = steps.first().map_or(0, |first| next.keys.partition_point(|key| *key < first.to));
        for &Back { to, parent, actor, image, times } in steps {
            while next.keys.get(place).is_some_and(|key| *key < to) {
                place += 1;
            }
            // A search that was cut short has not met every state.
            let is_known = next.keys.get(place) == Some(&to);
            if !is_known || next.depths[place] != layer.depths[parent as usize] + 1 {
                continue;
            }
            for claim in 0..self.claims.len() {
                if let Some(cost) = self.after(there, place, claim, image) {
                    (actor..actor + times).for_each(|actor| self.offer(here, parent as usize, claim, cost, actor));
                }
            }
        }
    }
}

/// The steps of these states of a bucket, by how far they lead down. What was not expanded has none.
fn steps_of<const N: usize, C: Controller>(
    parts: &Parts<'_, C>,
    found: &Found<N>,
    layer: &Layer<N>,
    states: impl Iterator<Item = usize>,
) -> BTreeMap<u32, Vec<Back<N>>> {
    let (mut all, mut near): (BTreeMap<u32, Vec<Back<N>>>, _) = (BTreeMap::new(), Vec::new());
    let mut at = Expander::default();
    for parent in states {
        let told = at.steps(parts.book(&found.layout), layer.keys[parent], |step: Step<N>| {
            let Step { to, drop, actor, image, times } = step;
            let steps = if drop == 1 { &mut near } else { all.entry(drop).or_default() };
            steps.push(Back { to, parent: parent as u32, actor, image, times: times as u16 });
        });
        debug_assert!(told.is_ok() || found.cut.is_some() || found.broken.is_some(), "the search has met every step");
    }
    if !near.is_empty() {
        all.insert(1, near);
    }
    all
}

/// Some schedule to each claim's breaking states, as short as any. It needs little memory.
pub fn any<const N: usize, C: Controller>(parts: &mut Parts<'_, C>, found: &mut Found<N>) -> Vec<Option<Schedule>> {
    found.unify();
    let target = |claim: usize| {
        let &(potential, place) = found.wanted[claim].first()?;
        Some(vec![(potential, found.archive.get(&potential)?.keys[place], found.shortest[claim]?)])
    };
    let mut ways: Vec<Option<Vec<(u32, Key<N>, u32)>>> = (0..found.wanted.len()).map(target).collect();
    for (&potential, layer) in &found.archive {
        let is_open =
            |way: &Vec<(u32, Key<N>, u32)>| way.last().is_some_and(|&(at, _, depth)| at < potential && depth > 0);
        if !ways.iter().flatten().any(is_open) {
            continue;
        }
        let mut at = Expander::default();
        for (&key, &depth) in layer.keys.iter().zip(&layer.depths) {
            let _ = at.steps(parts.book(&found.layout), key, |step: Step<N>| {
                let leads_to = (potential - step.drop, step.to, depth + 1);
                let wanted = ways.iter_mut().flatten().filter(|way| way.last() == Some(&leads_to));
                wanted.for_each(|way| way.push((potential, key, depth)));
            });
        }
    }
    let ways = ways.into_iter().map(|way| way.and_then(|way| follow(parts, found, &way)));
    ways.collect()
}

/// The first schedule through these representatives, the last of them first.
fn follow<const N: usize, C: Controller>(
    parts: &mut Parts<'_, C>,
    found: &Found<N>,
    way: &[(u32, Key<N>, u32)],
) -> Option<Schedule> {
    let (mut world, mut schedule) = (parts.model.start(), Schedule::default());
    for (_, key, _) in way.iter().rev().skip(1) {
        let step = parts.model.actions(&world).into_iter().find_map(|action| {
            let mut next = world.clone();
            parts.model.apply(&mut next, action).ok()?;
            let (ids, _) = parts.representative(&next).ok()?;
            (found.layout.pack(&ids) == Some(*key)).then_some((action, next))
        });
        let (action, next) = step?;
        schedule.0.push(action);
        world = next;
    }
    Some(schedule)
}

/// The canonical schedule to a place at which a contract was broken, with the action that broke it. None if the controller
/// does not let it be found.
pub fn way_to<const N: usize, C: Controller>(
    parts: &mut Parts<'_, C>,
    found: &mut Found<N>,
    place: &Place,
) -> Option<Schedule> {
    found.unify();
    let potential = parts.tables.potential(&place.ids);
    let layer = found.archive.get(&potential)?;
    let at = layer.keys.binary_search(&found.layout.pack(&place.ids)?).ok()?;
    (found.shortest, found.wanted) = (vec![Some(layer.depths[at])], vec![vec![(potential, at)]]);
    let mut schedule = canonical(parts, found, &Limits::default()).ok()?.pop()??;
    let Some(input) = place.input else { return Some(schedule) };
    let mut world = parts.model.start();
    schedule.0.iter().try_for_each(|&action| parts.model.apply(&mut world, action).map(|_| ())).ok()?;
    let (ids, order) = parts.representative(&world).ok()?;
    let (asked, is_stale) = parts.input(input);
    let renamed = |input: Input| rename_input(input, &|task| ActorId::at(order.name(task.index() as u16).into()));
    let asks = |action: &Action| {
        let input = parts.model.input(&world, *action);
        input.is_some_and(|input| renamed(input) == asked && world.is_stale(input) == is_stale)
    };
    let action = parts.model.actions(&world).into_iter().find(asks)?;
    schedule.0.push(action);
    (ids == place.ids).then_some(schedule)
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

/// Takes a step that stays on a shortest way. Returns the actor, and what the rest costs after it.
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
