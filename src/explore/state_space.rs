//! Every state of a small scenario, under numbers, with the steps between them and the forecast of each claim.
//!
//! A verdict needs none of this. It is kept only for what shows or walks the states themselves: the page, the picture for
//! Graphviz, the game. So it is asked for, within a limit, and this is all that may be asked of it.

use std::sync::OnceLock;

use indexmap::IndexSet;
use num_bigint::BigUint;
use num_traits::One;
use rustc_hash::FxBuildHasher;

use super::counterexample::{Space, shortest_from};
use super::forecast::Forecast;
use super::graph::{Complete, Edge, Graph, Id};
use super::limits::Limits;
use super::orbits::Permutation;
use super::probability::Measure;
use super::trace::Trace;
use crate::claims::Claim;
use crate::core::Controller;
use crate::model::World;
use crate::scenario::Setup;
use crate::schedule::Schedule;

/// Every state of a scenario. Tasks that are alike are not interchanged.
pub struct StateSpace<C> {
    worlds: IndexSet<World<C>, FxBuildHasher>,
    edges: Vec<Edge>,
    first_edge: Vec<usize>,
    layers: Vec<Vec<Id>>,
    /// By claim: whether a state is what the search looked for.
    found: Vec<Vec<bool>>,
    forecasts: Vec<OnceLock<Forecast>>,
}

impl<C: Controller> StateSpace<C> {
    /// Explores every state of a setup. None: there are more than `most`, or the controller breaks its contract.
    pub fn explore(setup: &Setup<C>, claims: &[Claim<C>], most: usize) -> Option<Self> {
        let limits = Limits::default().max_states(most);
        let graph = Graph::explore(setup, &setup.model.start(), claims, None, &limits).ok()?;
        let complete = graph.complete().filter(|_| graph.stored() <= most)?;
        Some(Self::of(setup, graph, complete))
    }

    /// The states that a complete search met, in which no tasks were interchanged.
    pub(super) fn of(setup: &Setup<C>, graph: Graph<C>, _: Complete) -> Self {
        let stored = graph.stored();
        let marks = |ids: &Vec<Id>| {
            let mut marks = vec![false; stored];
            ids.iter().for_each(|&id| marks[id as usize] = true);
            marks
        };
        Self {
            worlds: (0..stored as Id).map(|id| graph.world(setup, id)).collect(),
            found: graph.broken.iter().map(marks).collect(),
            forecasts: vec![OnceLock::new(); graph.broken.len()],
            edges: graph.edges,
            first_edge: graph.first_edge,
            layers: graph.layers,
        }
    }

    /// The states, in the order of their numbers, which count from 0. The first one is the start.
    pub fn worlds(&self) -> &IndexSet<World<C>, FxBuildHasher> {
        &self.worlds
    }

    /// The number of a state.
    pub fn find(&self, world: &World<C>) -> Option<Id> {
        self.worlds.get_index_of(world).map(|id| id as Id)
    }

    /// Where the steps from a state lead, in the order of its actions.
    pub fn targets(&self, id: Id) -> impl Iterator<Item = Id> {
        self.steps(id).iter().map(|edge| edge.to)
    }

    /// Whether no actor can move in a state.
    pub fn is_end(&self, id: Id) -> bool {
        self.steps(id).is_empty()
    }

    /// Whether a state breaks a claim; for a claim that asks for a state, whether it is that. Claims count from 0.
    pub fn is_found(&self, claim: usize, id: Id) -> bool {
        self.found[claim][id as usize]
    }

    /// The forecast of a claim in each state.
    pub fn forecast(&self, claim: usize) -> &Forecast {
        let steps = |id| self.steps(id);
        self.forecasts[claim].get_or_init(|| Forecast::of(&self.layers, steps, &self.found[claim]))
    }

    /// How many schedules there are from a state, and those among them that break a claim from there on.
    pub fn ahead(&self, claim: usize, id: Id) -> (BigUint, Measure) {
        let all = self.schedules(|_| false, id);
        let keeping = self.schedules(|id| self.is_found(claim, id), id);
        let probability = self.forecast(claim).at(id).probability();
        (all.clone(), Measure { schedules: all - keeping, probability })
    }

    /// How many schedules from a state pass through none that is avoided.
    fn schedules(&self, avoid: impl Fn(Id) -> bool, from: Id) -> BigUint {
        let mut ways = vec![BigUint::ZERO; self.worlds.len()];
        // A state may be in several layers; its steps lead to states of a later layer than its last one.
        for &id in self.layers.iter().rev().flatten() {
            ways[id as usize] = match self.is_end(id) {
                _ if avoid(id) => BigUint::ZERO,
                true => BigUint::one(),
                false => self.targets(id).map(|to| &ways[to as usize]).sum(),
            };
        }
        ways.swap_remove(from as usize)
    }

    /// The rest of the canonical schedule that breaks a claim, after a trace.
    pub fn rest(&self, setup: &Setup<C>, claim: usize, trace: &Trace<C>) -> Option<Schedule> {
        let mut layers = vec![vec![self.find(trace.last())?]];
        while !layers.last()?.iter().any(|&id| self.is_found(claim, id)) {
            let next: IndexSet<Id> = layers.last()?.iter().flat_map(|&id| self.targets(id)).collect();
            layers.push(Some(next.into_iter().collect()).filter(|next: &Vec<Id>| !next.is_empty())?);
        }
        let (start, last) = (trace.last().clone(), trace.events.last());
        shortest_from(&mut &*self, setup, (start, last), &layers, |id| self.is_found(claim, id))
    }
}

impl<C> StateSpace<C> {
    fn steps(&self, id: Id) -> &[Edge] {
        &self.edges[self.first_edge[id as usize]..self.first_edge[id as usize + 1]]
    }
}

impl<C: Controller> Space<C> for &StateSpace<C> {
    fn steps(&self, id: Id) -> &[Edge] {
        StateSpace::steps(self, id)
    }

    fn find(&mut self, world: &World<C>) -> Option<(Id, Permutation)> {
        StateSpace::find(self, world).map(|id| (id, Permutation::identity(world.attempts[0].len())))
    }
}
