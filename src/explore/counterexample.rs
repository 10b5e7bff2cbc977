//! The canonical rest of a schedule: the shortest one to a state; among those the one with the fewest context switches;
//! among those the first in the order of actors. A check finds its counterexamples on its way back, without a graph.
//!
//! Backwards from the states that are wanted, layer by layer, each state that lies on a shortest way learns how few
//! switches the rest costs, and which actors begin so cheap a rest. Going on with such an actor costs no
//! switch; with any other, one more. Then one walk forward takes, at each step, the first actor that is as
//! good as the best.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::actor_index::{ActorIndex, caller, slot, slot_after};
use super::steps::{Edge, Id, Steps};
use crate::core::Controller;
use crate::model::{Action, Model, World};
use crate::schedule::Schedule;
use crate::transition::{Event, TaskRun};

/// The cheapest rest of a way from a state.
#[derive(Debug, Default)]
struct Remainder {
    switches: u32,
    /// The actors that begin a rest this cheap; none where the state is wanted.
    first: Vec<ActorIndex>,
}

impl Remainder {
    /// What the rest costs after a step of this actor.
    fn after(&self, actor: ActorIndex) -> u32 {
        self.switches + u32::from(!self.first.is_empty() && !self.first.contains(&actor))
    }
}

/// The actor: a task of an attempt, or the controller.
type Identity = Option<TaskRun>;

type Remainders = HashMap<Id, Remainder, FxBuildHasher>;

/// The canonical rest of a schedule, whose last state and event are given: not to go on with its actor is a switch. So
/// the rest of a canonical schedule is again the rest that this finds. The layers begin at that state, and the last of them
/// is the first that holds a wanted one.
pub fn shortest_from<C: Controller>(
    space: &Steps<C>,
    model: &Model<C>,
    (start, last): (World<C>, Option<&Event>),
    layers: &[Vec<Id>],
    is_wanted: impl Fn(Id) -> bool,
) -> Option<Schedule> {
    let rests = remainders(space, layers, is_wanted);
    Some(walk(space, model, start, last.map(Event::task_run), rests))
}

/// What is known of each layer after the first, the last first. The wanted states are in the last layer.
fn remainders<C: Controller>(space: &Steps<C>, layers: &[Vec<Id>], is_wanted: impl Fn(Id) -> bool) -> Vec<Remainders> {
    let Some((last, before)) = layers.split_last() else { return Vec::new() };
    let wanted = last.iter().filter(|&&id| is_wanted(id)).map(|&id| (id, Remainder::default()));
    let mut rests: Vec<Remainders> = vec![wanted.collect()];
    for layer in before.iter().rev() {
        let next = &rests[rests.len() - 1];
        let here = layer.iter().filter_map(|&id| Some((id, rest(space.from(id), next)?))).collect();
        rests.push(here);
    }
    rests.pop();
    rests
}

/// The cheapest rest from a state whose next layer is known.
fn rest(steps: &[Edge], next: &Remainders) -> Option<Remainder> {
    let costs = || steps.iter().filter_map(|edge| Some((edge.actor, next.get(&edge.to)?.after(edge.after))));
    let switches = costs().map(|(_, cost)| cost).min()?;
    Some(Remainder { switches, first: costs().filter(|&(_, cost)| cost == switches).map(|(actor, _)| actor).collect() })
}

/// Walks forward; `last` acted before, and `rests` holds what is known of each layer after the first, the last first.
fn walk<C: Controller>(
    space: &Steps<C>,
    model: &Model<C>,
    mut world: World<C>,
    mut last: Option<Identity>,
    mut rests: Vec<Remainders>,
) -> Schedule {
    let mut schedule = Schedule::default();
    while let Some(rest) = rests.pop() {
        let options = model.actions(&world).into_iter().filter_map(|actor| {
            let (next, event, cost) = try_step(space, model, &world, actor, &rest)?;
            let switch = last.is_some_and(|last| last != event.task_run());
            Some((actor, next, event, cost + u32::from(switch)))
        });
        // `min_by_key` keeps the first of several minima: the canonical order.
        let Some((actor, next, event, _)) = options.min_by_key(|&(.., cost)| cost) else { break };
        schedule.0.push(actor);
        (world, last) = (next, Some(event.task_run()));
    }
    schedule
}

/// Takes a step that stays on a shortest way; returns what the rest costs after it.
fn try_step<C: Controller>(
    space: &Steps<C>,
    model: &Model<C>,
    world: &World<C>,
    actor: Action,
    rests: &Remainders,
) -> Option<(World<C>, Event, u32)> {
    let mut next = world.clone();
    let acted = slot(world, actor);
    let event = model.observe(&mut next, actor).ok()?;
    let (id, naming) = space.find(&next)?;
    let cost = rests.get(&id)?.after(slot_after(&next, acted, caller(&event), &naming));
    Some((next, event, cost))
}
