//! Finds the canonical counterexamples of all claims: one pass backwards for all claims, then one pass forward for
//! each. A canonical counterexample is the shortest schedule; among those, it has the fewest context switches; among
//! those, it is the first in the order of actors.
//!
//! The backward pass goes through the buckets, from the lowest potential. For each state on a shortest path, it
//! computes the smallest number of switches in the rest, and the actors that begin such a rest. A step counts only if
//! it leads one action further away from the first state. A forward pass steps the model itself. In each state, it
//! takes the first action with the lowest cost.

use super::expand::{Expander, Step};
use super::found::Found;
use super::key::Key;
use super::knowledge::{Knowledge, Next};
use super::parts::{Place, Unlearned};
use super::rests::Rests;
use crate::explore::limits::Limits;
use crate::schedule::Schedule;
use crate::transition::TaskRun;

/// For each claim, the canonical schedule to a state that breaks it, if such a state was found.
///
/// # Errors
/// If a limit is reached, or the controller breaks its contract.
pub fn canonical<const N: usize>(
    known: &mut dyn Knowledge,
    found: &mut Found<N>,
    (limits, threads): (&Limits, usize),
) -> Result<Vec<Option<Schedule>>, Unlearned> {
    let rests = Rests::learn(known, found, (limits, threads))?;
    let schedule = |claim: usize| {
        let Some(index) = rests.claims.iter().position(|&other| other == claim) else { return Ok(None) };
        walk(known, found, &rests, index, found.shortest[claim].unwrap_or(0)).map(Some)
    };
    (0..found.shortest.len()).map(schedule).collect()
}

/// A path through states in reverse order: for each state its potential, its key, and its depth.
type Way<const N: usize> = Vec<(u32, Key<N>, u32)>;

/// For each claim, a shortest schedule to a state that breaks it. It need not be the canonical one. This needs little
/// memory.
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
        Some(vec![(potential, layer.keys[place], layer.depths.at(place))])
    };
    let mut ways: Vec<Option<Way<N>>> = targets.iter().map(begin).collect();
    for potential in found.kept() {
        let is_open = |way: &Way<N>| way.last().is_some_and(|&(at, _, depth)| at < potential && depth > 0);
        if !ways.iter().flatten().any(is_open) {
            continue;
        }
        let (mut at, Some(layer)) = (Expander::default(), layer(potential)) else { continue };
        for (place, &key) in layer.keys.iter().enumerate() {
            let depth = layer.depths.at(place);
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
    let depth = found.layer(target.0).ok()??.depths.at(target.1);
    (found.shortest, found.wanted) = (vec![Some(depth)], vec![vec![target]]);
    let mut schedule = canonical(known, found, (&Limits::default(), 1)).ok()?.pop()??;
    let ids = known.go_to(&schedule).ok()?;
    if let Some(input) = place.input {
        schedule.0.push(known.asks(input)?);
    }
    (ids == place.ids).then_some(schedule)
}

/// Some schedule to a state in which a contract was broken, computed from the stored states alone. This gives the
/// controller no input, so it also works if the controller contradicts itself. Tasks must not be interchanged.
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

/// The forward pass for one claim, which steps the model.
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
            let Some(rest) = rests.cost(known, found, (claim, depth), &next)? else { continue };
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
