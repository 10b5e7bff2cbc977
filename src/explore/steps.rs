//! Every state from a given one on, under numbers in the order in which they are met, with the steps between them.
//!
//! A check keeps no such graph: see [`engine`](super::engine). This is for what asks for the states themselves, so it is plain:
//! each step is taken by the model, and nothing is put to the test.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::actor_index::{ActorIndex, caller, slot, slot_after};
use super::limits::{Limit, Limits, block_bytes, controller_heap, index_set_bytes, vec_bytes};
use crate::core::{Controller, TaskState};
use crate::model::{QueuedNotice, World};
use crate::scenario::Setup;

/// A state's number.
pub type Id = u32;

/// A step from one state to another.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    /// The actor.
    pub actor: ActorIndex,
    /// The number of the same actor in the state that it leads to.
    pub after: ActorIndex,
    /// Where it leads.
    pub to: Id,
}

/// States, and the steps between them.
pub struct Steps<C> {
    /// By number.
    pub worlds: IndexSet<World<C>, FxBuildHasher>,
    edges: Vec<Edge>,
    first_edge: Vec<usize>,
    /// The states that so many actions lead to, by that number. After a retry a state may be in several.
    pub layers: Vec<Vec<Id>>,
}

impl<C: Controller> Steps<C> {
    /// Every state from this one on.
    ///
    /// # Errors
    /// The limit that is reached; if a step cannot be taken, that of effort.
    pub fn of(setup: &Setup<C>, from: &World<C>, limits: &Limits) -> Result<Self, Limit> {
        #[cfg(test)]
        super::searches::log_states(&setup.model, from);
        let mut steps = Self {
            worlds: IndexSet::from_iter([from.clone()]),
            edges: Vec::new(),
            first_edge: vec![0],
            layers: vec![vec![0]],
        };
        let (mut account, mut last_layer, mut layer_bytes) = (limits.account(), vec![0], 0);
        let heap = controller_heap(&setup.model);
        while let Some(layer) = steps.layers.last().filter(|layer| !layer.is_empty()).cloned() {
            let (mut reached, depth) = (Vec::new(), steps.layers.len());
            for id in layer {
                account.hold(steps.bytes(heap) + layer_bytes + vec_bytes(&reached, 1) + vec_bytes(&last_layer, 1))?;
                if id as usize + 1 == steps.first_edge.len() {
                    steps.expand(setup, id, limits)?;
                }
                limits.spend(8 * (1 + steps.from(id).len()))?;
                last_layer.resize(steps.worlds.len(), 0);
                let is_new = |&to: &Id| std::mem::replace(&mut last_layer[to as usize], depth) != depth;
                reached.extend(steps.from(id).iter().map(|edge| edge.to).filter(is_new));
            }
            layer_bytes += vec_bytes(&reached, 0);
            steps.layers.push(reached);
        }
        steps.layers.pop();
        if steps.worlds.len() > limits.states() { Err(Limit::States) } else { Ok(steps) }
    }

    /// The steps from a state, in the order of its actions.
    pub fn from(&self, id: Id) -> &[Edge] {
        &self.edges[self.first_edge[id as usize]..self.first_edge[id as usize + 1]]
    }

    fn expand(&mut self, setup: &Setup<C>, id: Id, limits: &Limits) -> Result<(), Limit> {
        if self.worlds.len() > limits.states() {
            return Err(Limit::States);
        }
        let world = self.worlds[id as usize].clone();
        let actions = setup.model.actions(&world);
        limits.spend(heap_bytes(&world) * (1 + actions.len()))?;
        for action in actions {
            let mut next = world.clone();
            let event = setup.model.apply(&mut next, action).map_err(|_| Limit::Effort)?;
            let actor = slot(&world, action);
            let after = slot_after(&next, actor, caller(&event));
            let (to, _) = self.worlds.insert_full(next);
            self.edges.push(Edge { actor, after, to: to as Id });
        }
        self.first_edge.push(self.edges.len());
        Ok(())
    }

    fn bytes(&self, heap: usize) -> usize {
        let world = self.worlds.last().map_or(0, heap_bytes) + heap;
        index_set_bytes(&self.worlds, 1)
            + self.worlds.len() * world
            + vec_bytes(&self.edges, 1)
            + vec_bytes(&self.first_edge, 1)
    }
}

/// What a state keeps on the heap beside its controller's part.
fn heap_bytes<C>(world: &World<C>) -> usize {
    let group = |group: &Vec<TaskState>| size_of_val(group) + block_bytes(size_of_val(group.as_slice()));
    let inbox = |length: usize| block_bytes(length * size_of::<QueuedNotice>()) + size_of::<Vec<QueuedNotice>>();
    world.attempts.iter().map(group).sum::<usize>() + world.inboxes.iter().map(|mail| inbox(mail.len())).sum::<usize>()
}
