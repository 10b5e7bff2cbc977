//! Every state of a small scenario, numbered, with the steps between them and the forecast of each claim.
//!
//! A verdict does not need this. Only code that shows the states, or walks through them, does: the page, the picture
//! for Graphviz, and the game. So it is made only on request, within a limit.

use std::sync::OnceLock;

use indexmap::IndexSet;
use num_bigint::BigUint;
use num_traits::One;
use rustc_hash::FxBuildHasher;

use super::counterexample::shortest_from;
use super::forecast::Forecast;
use super::limits::Limits;
use super::probability::Measure;
use super::steps::{Id, Steps};
use super::trace::Trace;
use crate::claims::{Claim, Scope};
use crate::core::Controller;
use crate::model::World;
use crate::model::guard::guard;
use crate::scenario::Setup;
use crate::schedule::Schedule;

/// Every state of a scenario. Tasks that are alike are not interchanged.
pub struct StateSpace<C> {
    steps: Steps<C>,
    /// For each claim and each state, whether the state breaks the claim, or is one that the claim asks for.
    found: Vec<Vec<bool>>,
    forecasts: Vec<OnceLock<Forecast>>,
}

impl<C: Controller> StateSpace<C> {
    /// Every state of a setup. `None` if there are more than `most`, if they exceed the default limit of memory, or if
    /// the controller or a claim breaks its contract.
    pub fn explore(setup: &Setup<C>, claims: &[Claim<C>], most: usize) -> Option<Self> {
        let limits = Limits::default().max_states(most);
        guard(|| {
            let steps = Steps::of(&setup.model, &setup.model.start(), &limits).ok()?;
            let judged = |claim: &Claim<C>, id: Id| claim.scope != Scope::AtEnd || steps.from(id).is_empty();
            let is_found = |claim: &Claim<C>, id: Id| {
                judged(claim, id) && claim.is_found_in(&setup.model, &steps.worlds[id as usize])
            };
            let marks = |claim| (0..steps.worlds.len() as Id).map(|id| is_found(claim, id)).collect();
            let found: Vec<Vec<bool>> = claims.iter().map(marks).collect();
            Some(Self { forecasts: vec![OnceLock::new(); found.len()], found, steps })
        })
        .ok()?
    }

    /// The states, in the order of their numbers, which begin at 0. The first one is the initial state.
    pub fn worlds(&self) -> &IndexSet<World<C>, FxBuildHasher> {
        &self.steps.worlds
    }

    /// The number of a state. `None` if it is not one of these states.
    pub fn find(&self, world: &World<C>) -> Option<Id> {
        self.steps.worlds.get_index_of(world).map(|id| id as Id)
    }

    /// The states that the steps from a state lead to, in the order of its actions.
    pub fn targets(&self, id: Id) -> impl Iterator<Item = Id> {
        self.steps.from(id).iter().map(|edge| edge.to)
    }

    /// Whether no actor can move in a state.
    pub fn is_end(&self, id: Id) -> bool {
        self.steps.from(id).is_empty()
    }

    /// Whether a state breaks a claim; or, if the claim asks for a state, whether it is such a state. Claims are
    /// numbered from 0.
    pub fn is_found(&self, claim: usize, id: Id) -> bool {
        self.found[claim][id as usize]
    }

    /// The forecast of a claim in each state.
    pub fn forecast(&self, claim: usize) -> &Forecast {
        let steps = |id| self.steps.from(id);
        self.forecasts[claim].get_or_init(|| Forecast::of(&self.steps.layers, steps, &self.found[claim]))
    }

    /// How many schedules there are from a state, and how many of them break a claim from there on.
    pub fn ahead(&self, claim: usize, id: Id) -> (BigUint, Measure) {
        let all = self.schedules(|_| false, id);
        let keeping = self.schedules(|id| self.is_found(claim, id), id);
        let probability = self.forecast(claim).at(id).probability();
        (all.clone(), Measure { schedules: all - keeping, probability })
    }

    /// How many schedules from a state pass through no avoided state.
    fn schedules(&self, avoid: impl Fn(Id) -> bool, from: Id) -> BigUint {
        let mut ways = vec![BigUint::ZERO; self.steps.worlds.len()];
        // A state may be in several layers. Its steps lead to states that are also in a layer after the last of these.
        for &id in self.steps.layers.iter().rev().flatten() {
            ways[id as usize] = match self.is_end(id) {
                _ if avoid(id) => BigUint::ZERO,
                true => BigUint::one(),
                false => self.targets(id).map(|to| &ways[to as usize]).sum(),
            };
        }
        ways.swap_remove(from as usize)
    }

    /// The canonical continuation of a trace to a state that breaks a claim. `None` if there is none.
    pub fn rest(&self, setup: &Setup<C>, claim: usize, trace: &Trace<C>) -> Option<Schedule> {
        let mut layers = vec![vec![self.find(trace.last())?]];
        while !layers.last()?.iter().any(|&id| self.is_found(claim, id)) {
            let next: IndexSet<Id> = layers.last()?.iter().flat_map(|&id| self.targets(id)).collect();
            layers.push(Some(next.into_iter().collect()).filter(|next: &Vec<Id>| !next.is_empty())?);
        }
        let (start, last) = (trace.last().clone(), trace.events.last());
        shortest_from(&self.steps, &setup.model, (start, last), &layers, |id| self.is_found(claim, id))
    }
}
