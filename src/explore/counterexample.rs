//! The canonical rest of a schedule: the shortest that leads to a wanted state; of the shortest, the one with the
//! fewest context switches; of those, the first in the order of actors. (The engine finds its counterexamples in its
//! backward pass, without a graph.)
//!
//! The first pass goes backwards from the wanted states, layer by layer. For each state on a shortest path, it computes
//! the smallest number of switches in the rest, and the actors that begin a rest with that number. If the step before
//! was taken by one of these actors, the rest costs that number; if not, it costs one switch more. The second pass goes
//! forward: at each step it takes the first actor with the lowest cost.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::actor_index::{ActorIndex, caller, slot, slot_after};
use super::steps::{Edge, Id, Steps};
use crate::core::Controller;
use crate::model::{Action, Model, World};
use crate::schedule::Schedule;
use crate::transition::{Event, TaskRun};

/// The cheapest rest of a path from a state.
#[derive(Debug, Default)]
struct Remainder {
    switches: u32,
    /// The actors that begin a rest of this cost. Empty if the state is wanted.
    first: Vec<ActorIndex>,
}

impl Remainder {
    /// The cost of the rest after a step of this actor.
    fn after(&self, actor: ActorIndex) -> u32 {
        self.switches + u32::from(!self.first.is_empty() && !self.first.contains(&actor))
    }
}

/// The actor: a task of an attempt, or the controller.
type Identity = Option<TaskRun>;

type Remainders = HashMap<Id, Remainder, FxBuildHasher>;

/// The canonical rest of a schedule. `start` is the last state of the schedule. `last` is its last event, because a
/// continuation by another actor is a switch. So a canonical schedule that is cut anywhere gets the same rest back.
/// `layers` begins with `start`, and only its last layer contains wanted states.
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

/// The remainders of each layer after the first one, in reverse order. The wanted states are in the last layer.
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

/// The cheapest rest from a state, given the remainders of the next layer.
fn rest(steps: &[Edge], next: &Remainders) -> Option<Remainder> {
    let costs = || steps.iter().filter_map(|edge| Some((edge.actor, next.get(&edge.to)?.after(edge.after))));
    let switches = costs().map(|(_, cost)| cost).min()?;
    Some(Remainder { switches, first: costs().filter(|&(_, cost)| cost == switches).map(|(actor, _)| actor).collect() })
}

/// The forward pass. `last` is the actor of the previous step, and `rests` has the remainders in reverse order.
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

/// Takes a step that stays on a shortest path, and returns the cost of the rest after it.
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
