//! Every state that is reachable from a given one, numbered in the order of discovery, with the steps between them.
//!
//! The [`engine`](super::engine) keeps no such graph. This one is for code that needs the states themselves, and for
//! [`plain`](super::plain). The model itself takes each step.

use std::collections::VecDeque;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::actor_index::{ActorIndex, caller, slot, slot_after};
use super::limits::{Account, Limit, Limits, block_bytes, controller_heap, index_set_bytes, vec_bytes};
use super::orbits::{Permutation, Symmetry};
use crate::core::{Command, Controller, TaskState};
use crate::model::{Action, Model, QueuedNotice, Refused, World};

/// A state's number.
pub type Id = u32;

/// A step from one state to another.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    /// The actor.
    pub actor: ActorIndex,
    /// The number of the same actor in the state that the step leads to.
    pub after: ActorIndex,
    /// The state that the step leads to.
    pub to: Id,
}

/// States, and the steps between them.
pub struct Steps<C> {
    /// The states, in the order of their numbers.
    pub worlds: IndexSet<World<C>, FxBuildHasher>,
    /// For each state, the number of states in its orbit.
    pub orbits: Vec<u128>,
    edges: Vec<Edge>,
    first_edge: Vec<usize>,
    /// For each number of actions, the states that so many actions lead to. A state may be in several layers, for
    /// example if there are retries.
    pub layers: Vec<Vec<Id>>,
    /// The symmetry, if tasks are interchanged.
    pub symmetry: Option<Symmetry<C>>,
    account: Account,
}

/// Why the exploration is not complete.
#[derive(Debug)]
pub enum Unfinished {
    /// A limit was reached.
    Limit(Limit),
    /// This action could not be taken in this state.
    Refused(Id, Action, Refused),
}

impl From<Limit> for Unfinished {
    fn from(limit: Limit) -> Self {
        Self::Limit(limit)
    }
}

impl<C: Controller> Steps<C> {
    /// Every state that is reachable from this one.
    ///
    /// # Errors
    /// The limit that is reached. [`Limit::Effort`] if a step cannot be taken.
    pub fn of(model: &Model<C>, from: &World<C>, limits: &Limits) -> Result<Self, Limit> {
        #[cfg(all(test, not(loom)))]
        super::searches::log_states(model, from);
        let mut steps = Self::begin(from, None, limits);
        match steps.explore(model, &mut |_, _| Ok(())) {
            Ok(()) => Ok(steps),
            Err(Unfinished::Limit(limit)) => Err(limit),
            Err(Unfinished::Refused(..)) => Err(Limit::Effort),
        }
    }

    /// Begins with the first state. No step has been taken.
    pub fn begin(from: &World<C>, symmetry: Option<Symmetry<C>>, limits: &Limits) -> Self {
        let mut steps = Self {
            worlds: IndexSet::default(),
            orbits: Vec::new(),
            edges: Vec::new(),
            first_edge: vec![0],
            layers: Vec::new(),
            symmetry,
            account: limits.account(),
        };
        let (start, _) = steps.add(from.clone());
        steps.layers.push(vec![start]);
        steps
    }

    /// Takes every step. `look` is called with each state before its steps are taken.
    ///
    /// # Errors
    /// Why the exploration is not complete.
    pub fn explore(
        &mut self,
        model: &Model<C>,
        look: &mut dyn FnMut(&mut Self, Id) -> Result<(), Unfinished>,
    ) -> Result<(), Unfinished> {
        let (mut last_layer, mut layer_bytes, heap) = (vec![0], 0, controller_heap(model));
        while let Some(layer) = self.layers.last().filter(|layer| !layer.is_empty()).cloned() {
            let (mut reached, depth) = (Vec::new(), self.layers.len());
            for id in layer {
                let lists = layer_bytes + vec_bytes(&reached, 1) + vec_bytes(&last_layer, 1);
                self.account.hold(self.bytes(heap) + lists)?;
                if id as usize + 1 == self.first_edge.len() {
                    look(self, id)?;
                    self.expand(model, id)?;
                }
                self.account.limits().spend(8 * (1 + self.from(id).len()))?;
                last_layer.resize(self.worlds.len(), 0);
                let is_new = |&to: &Id| std::mem::replace(&mut last_layer[to as usize], depth) != depth;
                reached.extend(self.from(id).iter().map(|edge| edge.to).filter(is_new));
            }
            layer_bytes += vec_bytes(&reached, 0);
            self.layers.push(reached);
        }
        self.layers.pop();
        self.check_states()
    }

    /// The steps from a state, in the order of its actions. Empty if they were not taken.
    pub fn from(&self, id: Id) -> &[Edge] {
        match self.first_edge.get(id as usize + 1) {
            Some(&end) => &self.edges[self.first_edge[id as usize]..end],
            None => &[],
        }
    }

    /// Whether no actor can move in a state whose steps were taken.
    pub fn is_end(&self, id: Id) -> bool {
        (id as usize) + 1 < self.first_edge.len() && self.from(id).is_empty()
    }

    /// The number of a state, and the names of its tasks in the representative. `None` if it was not found.
    pub fn find(&self, world: &World<C>) -> Option<(Id, Permutation)> {
        let mut naming = Permutation::identity(world.attempts[0].len());
        let Some(symmetry) = &self.symmetry else {
            return self.worlds.get_index_of(world).map(|id| (id as Id, naming));
        };
        let mut world = world.clone();
        symmetry.represent(&mut world, &mut naming);
        self.worlds.get_index_of(&world).map(|id| (id as Id, naming))
    }

    fn add(&mut self, mut world: World<C>) -> (Id, Permutation) {
        let mut naming = Permutation::identity(world.attempts[0].len());
        if let Some(symmetry) = &self.symmetry {
            symmetry.represent(&mut world, &mut naming);
        }
        let (id, is_new) = self.worlds.insert_full(world);
        if is_new {
            self.orbits.push(self.symmetry.as_ref().map_or(1, |symmetry| symmetry.orbit(&naming)));
        }
        (id as Id, naming)
    }

    fn check_states(&self) -> Result<(), Unfinished> {
        let fits = self.worlds.len() <= self.account.limits().states();
        if fits { Ok(()) } else { Err(Limit::States.into()) }
    }

    fn expand(&mut self, model: &Model<C>, id: Id) -> Result<(), Unfinished> {
        self.check_states()?;
        let world = self.worlds[id as usize].clone();
        let actions = model.actions(&world);
        self.account.limits().spend(heap_bytes(&world) * (1 + actions.len()))?;
        for action in actions {
            let mut next = world.clone();
            let event = model.apply(&mut next, action).map_err(|refused| Unfinished::Refused(id, action, refused))?;
            let actor = slot(&world, action);
            let (to, naming) = self.add(next.clone());
            let after = slot_after(&next, actor, caller(&event), &naming);
            self.edges.push(Edge { actor, after, to });
        }
        self.first_edge.push(self.edges.len());
        Ok(())
    }

    fn bytes(&self, heap: usize) -> usize {
        let world = self.worlds.last().map_or(0, heap_bytes) + heap;
        index_set_bytes(&self.worlds, 1)
            + self.worlds.len() * world
            + vec_bytes(&self.orbits, 1)
            + vec_bytes(&self.edges, 1)
            + vec_bytes(&self.first_edge, 1)
    }
}

/// The heap memory of a state, without that of its controller.
fn heap_bytes<C>(world: &World<C>) -> usize {
    let group = |group: &Vec<TaskState>| size_of_val(group) + block_bytes(size_of_val(group.as_slice()));
    let inbox = |length: usize| block_bytes(length * size_of::<QueuedNotice>()) + size_of::<Vec<QueuedNotice>>();
    let commands = |length: usize| block_bytes(length * size_of::<Command>()) + size_of::<VecDeque<Command>>();
    world.attempts.iter().map(group).sum::<usize>()
        + world.inboxes.iter().map(|mail| inbox(mail.len())).sum::<usize>()
        + world.commands.iter().map(|queue| commands(queue.len())).sum::<usize>()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::scenario::{Rules, Scenario, Setup};

    #[test]
    fn the_commands_of_a_state_are_part_of_its_memory() {
        let scenario = Scenario::new(Rules::named("seed/fixed").expect("a protocol"), 2).expect("two tasks");
        let without = Setup::of(scenario).model.start();
        let mut with = without.clone();
        with.commands = vec![VecDeque::from(vec![Command("go"); 100]); 2];
        assert!(heap_bytes(&with) - heap_bytes(&without) >= 2 * 100 * size_of::<Command>());
    }
}
