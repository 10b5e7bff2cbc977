//! The canonical counterexample: the shortest schedule to a state; among those the one with the fewest context
//! switches; among those the first in the order of actors.
//!
//! Backwards from the states that are wanted, layer by layer, each state that lies on a shortest way learns how few
//! switches the rest costs, and which actors begin so cheap a rest. Going on with such an actor costs no
//! switch; with any other, one more. Then one walk forward takes, at each step, the first actor that is as
//! good as the best.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::actor_index::{ActorIndex, caller, slot, slot_after};
use super::limits::{Account, Limit, Limits, block_bytes, map_bytes, vec_bytes};
use super::orbits::Permutation;
use super::search::{Edge, Graph, Id};
use crate::core::Controller;
use crate::model::{Action, World};
use crate::scenario::Setup;
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

/// What a counterexample is read off: states under numbers, with the steps between them.
pub trait Space<C> {
    /// The steps from a state.
    fn steps(&self, id: Id) -> &[Edge];

    /// The number of a state, and which task is which in its representative.
    fn find(&mut self, world: &World<C>) -> Option<(Id, Permutation)>;
}

impl<C: Controller> Space<C> for Graph<C> {
    fn steps(&self, id: Id) -> &[Edge] {
        self.edges(id)
    }

    fn find(&mut self, world: &World<C>) -> Option<(Id, Permutation)> {
        Graph::find(self, world)
    }
}

/// The canonical schedule to one of the `wanted` states, if the search met one.
///
/// # Errors
/// The limit of the request that ended the search for it.
pub fn shortest<C: Controller>(
    graph: &mut Graph<C>,
    setup: &Setup<C>,
    wanted: &[Id],
) -> Result<Option<Schedule>, Limit> {
    let mut account = graph.limits().account();
    account.hold(graph.stored())?;
    let mut is_wanted = vec![false; graph.stored()];
    wanted.iter().for_each(|&id| is_wanted[id as usize] = true);
    let layers = graph.layers.iter().position(|layer| layer.iter().any(|&id| is_wanted[id as usize]));
    let Some(depth) = layers else { return Ok(None) };
    let rests = remainders(graph, &graph.layers[..=depth], |id| is_wanted[id as usize], &mut account)?;
    Ok(Some(walk(graph, setup, setup.model.start(), None, rests)))
}

/// The same for the rest of a schedule, whose last state and event are given: not to go on with its actor is a switch. So
/// the rest of a canonical schedule is again the rest that this finds. The layers begin at that state, and the last of them
/// is the first that holds a wanted one.
pub fn shortest_from<C: Controller, S: Space<C>>(
    space: &mut S,
    setup: &Setup<C>,
    (start, last): (World<C>, Option<&Event>),
    layers: &[Vec<Id>],
    is_wanted: impl Fn(Id) -> bool,
) -> Option<Schedule> {
    let rests = remainders(space, layers, is_wanted, &mut Limits::default().account()).ok()?;
    Some(walk(space, setup, start, last.map(Event::task_run), rests))
}

/// What is known of each layer after the first, the last first. The wanted states are in the last layer.
fn remainders<C, S: Space<C>>(
    space: &S,
    layers: &[Vec<Id>],
    is_wanted: impl Fn(Id) -> bool,
    account: &mut Account,
) -> Result<Vec<Remainders>, Limit> {
    let Some((last, before)) = layers.split_last() else { return Ok(Vec::new()) };
    let wanted = last.iter().filter(|&&id| is_wanted(id)).map(|&id| (id, Remainder::default()));
    let mut rests: Vec<Remainders> = vec![wanted.collect()];
    let mut held = account.bytes() + map_bytes(&rests[0], 0);
    for layer in before.iter().rev() {
        let (next, mut here) = (&rests[rests.len() - 1], Remainders::default());
        for &id in layer {
            account.hold(held + map_bytes(&here, 1))?;
            if let Some(rest) = rest(space.steps(id), next) {
                held += block_bytes(vec_bytes(&rest.first, 0));
                here.insert(id, rest);
            }
        }
        held += map_bytes(&here, 0);
        rests.push(here);
    }
    rests.pop();
    Ok(rests)
}

/// Some schedule to a state, as short as any: it needs no memory to speak of, and is found at once.
pub fn any<C: Controller>(graph: &mut Graph<C>, setup: &Setup<C>, to: Id) -> Schedule {
    let (mut schedule, mut world) = (Schedule::default(), setup.model.start());
    for id in graph.way_to(to).into_iter().skip(1) {
        let step = setup.model.actions(&world).into_iter().find_map(|actor| {
            let mut next = world.clone();
            setup.model.apply(&mut next, actor).ok()?;
            graph.find(&next).is_some_and(|(found, _)| found == id).then_some((actor, next))
        });
        let Some((actor, next)) = step else { break };
        schedule.0.push(actor);
        world = next;
    }
    schedule
}

/// The cheapest rest from a state whose next layer is known.
fn rest(steps: &[Edge], next: &Remainders) -> Option<Remainder> {
    let costs = || steps.iter().filter_map(|edge| Some((edge.actor, next.get(&edge.to)?.after(edge.permuted))));
    let switches = costs().map(|(_, cost)| cost).min()?;
    Some(Remainder { switches, first: costs().filter(|&(_, cost)| cost == switches).map(|(actor, _)| actor).collect() })
}

/// Walks forward; `last` acted before, and `rests` holds what is known of each layer after the first, the last first.
fn walk<C: Controller, S: Space<C>>(
    space: &mut S,
    setup: &Setup<C>,
    mut world: World<C>,
    mut last: Option<Identity>,
    mut rests: Vec<Remainders>,
) -> Schedule {
    let mut schedule = Schedule::default();
    while let Some(rest) = rests.pop() {
        let options = setup.model.actions(&world).into_iter().filter_map(|actor| {
            let (next, event, cost) = try_step(space, setup, &world, actor, &rest)?;
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
fn try_step<C: Controller, S: Space<C>>(
    space: &mut S,
    setup: &Setup<C>,
    world: &World<C>,
    actor: Action,
    rests: &Remainders,
) -> Option<(World<C>, Event, u32)> {
    let mut next = world.clone();
    let acted = slot(world, actor);
    let event = setup.model.observe(&mut next, actor).ok()?;
    let (id, naming) = space.find(&next)?;
    let cost = rests.get(&id)?.after(slot_after(&next, acted, caller(&event), &naming));
    Some((next, event, cost))
}
