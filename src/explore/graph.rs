//! What a search leaves behind: the states that it met, under numbers, and the steps between them.

use num_bigint::BigUint;

use super::actor_index::ActorIndex;
use super::codec::StateCodec;
use super::keys::Keys;
use super::limits::{Account, Limit, Limits, vec_bytes};
use super::orbits::{Permutation, Symmetry};
use crate::core::{Controller, Stage};
use crate::model::{Model, World};
use crate::scenario::Setup;

/// A state's number in its graph.
pub type Id = u32;

/// A step from one state to another, under the names of the first state's representative.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    /// The actor.
    pub actor: ActorIndex,
    /// The same actor's name in the state that it leads to.
    pub permuted: ActorIndex,
    /// Where it leads.
    pub to: Id,
}

/// Every state that was met, and the steps between them.
pub struct Graph<C> {
    pub(super) keys: Keys,
    pub(super) packer: StateCodec<C>,
    pub(super) symmetry: Option<Symmetry<C>>,
    pub(super) edges: Vec<Edge>,
    pub(super) first_edge: Vec<usize>,
    /// By state: the one from whose steps it was met first.
    pub(super) parents: Vec<Id>,
    /// The states that so many actions lead to, by that number.
    pub layers: Vec<Vec<Id>>,
    /// How many states there are; an orbit counts as all that it stands for.
    pub states: BigUint,
    /// By claim: where it is broken; for one that asks for a state: where that is.
    pub broken: Vec<Vec<Id>>,
    /// By claim: in how many of the states where it is judged its premise held.
    pub premise_held: Vec<BigUint>,
    pub(super) complete: bool,
    pub(super) cut: Option<Limit>,
    /// The bytes of the layers.
    layer_bytes: usize,
    pub(super) account: Account,
}

/// A search that came to its end. Only such a search can make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Complete(());

impl<C: Controller> Graph<C> {
    /// A graph without states, of a model and this many claims.
    pub(super) fn new(model: &Model<C>, symmetry: Option<Symmetry<C>>, claims: usize, limits: &Limits) -> Self {
        Self {
            keys: Keys::default(),
            packer: StateCodec::new(model),
            symmetry,
            edges: Vec::new(),
            first_edge: vec![0],
            parents: Vec::new(),
            layers: Vec::new(),
            states: BigUint::ZERO,
            broken: vec![Vec::new(); claims],
            premise_held: vec![BigUint::ZERO; claims],
            complete: false,
            cut: None,
            layer_bytes: 0,
            account: limits.account(),
        }
    }

    /// What ended the search early, if a limit did.
    pub fn cut(&self) -> Option<Limit> {
        self.cut
    }

    /// The limits of the request that the graph belongs to.
    pub fn limits(&self) -> &Limits {
        self.account.limits()
    }

    /// Says that the graph is about to grow by so many states and steps, with keys of about this length, beside what a search holds for itself.
    pub(super) fn grow(&mut self, more: usize, length: usize, beside: usize) -> Result<(), Limit> {
        let symmetry = self.symmetry.as_ref().map_or(0, Symmetry::bytes);
        let broken: usize = self.broken.iter().map(|ids| vec_bytes(ids, more)).sum();
        let states = self.keys.bytes(more, length) + self.packer.bytes(more);
        let steps = vec_bytes(&self.edges, more) + vec_bytes(&self.first_edge, 1) + vec_bytes(&self.parents, more);
        self.account.hold(symmetry + broken + states + steps + self.layer_bytes + beside)
    }

    /// The proof that the search was complete, where it was.
    pub fn complete(&self) -> Option<Complete> {
        self.complete.then_some(Complete(()))
    }

    pub(super) fn add_layer(&mut self, layer: Vec<Id>) {
        self.layer_bytes += vec_bytes(&layer, 0);
        self.layers.push(layer);
    }

    /// Whether a controller that was met is up.
    pub fn comes_up(&self) -> bool {
        self.packer.controls().any(|control| control.controller.phase().stage == Stage::Up)
    }

    /// How many states are stored: the orbits, where tasks are interchanged.
    pub fn stored(&self) -> usize {
        self.keys.len()
    }

    /// Whether tasks were interchanged.
    pub fn is_reduced(&self) -> bool {
        self.symmetry.is_some()
    }

    /// The steps from a state; none where it is an end or was not expanded.
    pub fn edges(&self, id: Id) -> &[Edge] {
        match self.first_edge.get(id as usize + 1) {
            Some(&end) => &self.edges[self.first_edge[id as usize]..end],
            None => &[],
        }
    }

    /// Whether no actor can move in a state; false where that was not explored.
    pub fn is_end(&self, id: Id) -> bool {
        (id as usize) + 1 < self.first_edge.len() && self.edges(id).is_empty()
    }

    /// The states by which a state was first met, from the first one on: a shortest way.
    pub fn way_to(&self, id: Id) -> Vec<Id> {
        let before = |&id: &Id| (id != 0).then(|| self.parents[id as usize]);
        let mut way: Vec<Id> = std::iter::successors(Some(id), before).collect();
        way.reverse();
        way
    }

    /// The steps by which a state was first met, each as its place among those of the state before.
    pub fn first_met(&self, id: Id) -> Vec<(Id, usize)> {
        // A state whose expansion was broken off has steps that nothing follows.
        let steps = |from: Id| &self.edges[self.first_edge.get(from as usize).copied().unwrap_or(self.edges.len())..];
        let step = |pair: &[Id]| Some((pair[0], steps(pair[0]).iter().position(|edge| edge.to == pair[1])?));
        self.way_to(id).windows(2).filter_map(step).collect()
    }

    /// The different numbers of enabled actions, in rising order.
    pub fn choices(&self) -> Vec<usize> {
        let counts: std::collections::BTreeSet<usize> =
            self.first_edge.windows(2).map(|pair| pair[1] - pair[0]).filter(|&count| count > 0).collect();
        counts.into_iter().collect()
    }

    /// The number of a state, where it was met, and which task is which in its representative.
    pub fn find(&mut self, world: &World<C>) -> Option<(Id, Permutation)> {
        let (mut naming, mut key) = (Permutation::identity(world.attempts[0].len()), Vec::new());
        if let Some(symmetry) = &self.symmetry {
            symmetry.naming(world, &mut naming);
        }
        self.packer.pack(world, self.symmetry.as_ref(), &naming, &mut key);
        let id = self.keys.find(&key)?;
        Some((id, naming))
    }

    /// The representative with a number.
    pub fn world(&self, setup: &Setup<C>, id: Id) -> World<C> {
        let mut world = setup.model.start();
        self.packer.unpack(self.keys.get(id), &mut world);
        world
    }
}
