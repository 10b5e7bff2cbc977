//! Whether a broken claim can still become true. Every continuation of the state is explored to find out.

use num_bigint::BigUint;

use super::cause::Recovery;
use crate::claims::{Claim, Scope};
use crate::core::Controller;
use crate::explore::actor_index::ActorIndex;
use crate::explore::limits::{Limit, Limits};
use crate::explore::steps::{Id, Steps};
use crate::model::World;
use crate::model::guard::guard;
use crate::scenario::Setup;

/// How many states one search may store.
pub const MAX_STATES: usize = 100_000;

/// How much effort one search may use.
const EFFORT: u64 = 1 << 26;

/// The continuations of states. Each state is explored once for all claims that are judged at the ends.
pub(super) struct Continuations<C> {
    claims: Vec<Claim<C>>,
    limits: Limits,
    explored: Vec<(World<C>, Explored)>,
}

/// The result of a search of all continuations of a state.
struct Explored {
    states: BigUint,
    ends: usize,
    /// For each claim, in how many ends it is broken.
    broken: Vec<usize>,
    /// Whether an action can still come that is not a step of a task or a helper, such as a delivery or a stop; or a
    /// step that calls the controller.
    is_told: bool,
    cut: Option<Limit>,
}

impl<C: Controller> Continuations<C> {
    /// Begins for these claims. Nothing is explored yet.
    pub fn new(mut claims: Vec<Claim<C>>, limits: &Limits) -> Self {
        claims.retain(|claim| claim.scope == Scope::AtEnd);
        Self { claims, limits: limits.clone(), explored: Vec::new() }
    }

    /// What can happen after a state, for one of the claims.
    pub fn outlook(&mut self, setup: &Setup<C>, from: &World<C>, claim: &Claim<C>) -> Recovery {
        if setup.model.actions(from).is_empty() {
            return Recovery::Over;
        }
        let index = self.claims.iter().position(|other| other.id == claim.id);
        let explored = self.after(setup, from);
        match (explored.cut, index.map(|index| explored.broken[index])) {
            (Some(limit), _) => Recovery::Unknown(limit),
            (None, None) => Recovery::Unknown(Limit::Effort),
            (None, Some(broken)) if broken < explored.ends => Recovery::Mendable,
            (None, Some(_)) if explored.is_told => Recovery::NothingMends(explored.states.clone()),
            (None, Some(_)) => Recovery::NoNoticeLeft,
        }
    }

    fn after(&mut self, setup: &Setup<C>, from: &World<C>) -> &Explored {
        let index = self.explored.iter().position(|(other, _)| other == from);
        let index = index.unwrap_or_else(|| {
            let limits = self.limits.of_a_part(MAX_STATES, EFFORT);
            let explored = Explored::of(setup, from, &self.claims, &limits);
            self.explored.push((from.clone(), explored));
            self.explored.len() - 1
        });
        &self.explored[index].1
    }
}

impl Explored {
    fn of<C: Controller>(setup: &Setup<C>, from: &World<C>, claims: &[Claim<C>], limits: &Limits) -> Self {
        let steps = match guard(|| Steps::of(&setup.model, from, limits)).unwrap_or(Err(Limit::Effort)) {
            Ok(steps) => steps,
            Err(limit) => {
                let broken = vec![0; claims.len()];
                return Self { states: BigUint::ZERO, ends: 0, broken, is_told: false, cut: Some(limit) };
            }
        };
        let ids = || (0..steps.worlds.len()).map(|id| id as Id);
        let ends = || ids().filter(|&id| steps.from(id).is_empty()).map(|id| &steps.worlds[id as usize]);
        let is_told = |id| steps.from(id).iter().any(|edge| edge.actor == ActorIndex::CONTROLLER);
        let calls = |world: &World<C>| {
            let mut actions = setup.model.actions(world).into_iter();
            setup.model.has_calls && actions.any(|action| setup.model.input(world, action).is_some())
        };
        let broken = |claim: &Claim<C>| ends().filter(|world| claim.is_broken_in(&setup.model, world)).count();
        match guard(|| claims.iter().map(broken).collect()) {
            Ok(broken) => Self {
                states: steps.worlds.len().into(),
                ends: ends().count(),
                broken,
                is_told: ids().any(is_told) || steps.worlds.iter().any(calls),
                cut: None,
            },
            Err(_) => {
                let cut = Some(Limit::Effort);
                Self { states: BigUint::ZERO, ends: 0, broken: vec![0; claims.len()], is_told: false, cut }
            }
        }
    }
}
