//! Can anything still mend it? Every continuation of a state is explored before that is said.

use super::cause::Recovery;
use crate::claims::Claim;
use crate::core::Controller;
use crate::explore::actor_index::ActorIndex;
use crate::explore::limits::{Limit, Limits};
use crate::explore::search::Graph;
use crate::model::World;
use crate::scenario::Setup;

/// How many states one such search may store.
pub const MAX_STATES: usize = 100_000;

/// How much effort one such search may take.
const EFFORT: u64 = 1 << 26;

/// What can come after a state, for a claim that is judged at the ends.
pub fn outlook<C: Controller>(setup: &Setup<C>, from: &World<C>, claim: &Claim<C>, limits: &Limits) -> Recovery {
    if setup.model.actions(from).is_empty() {
        return Recovery::Over;
    }
    let limits = limits.of_a_part(MAX_STATES, EFFORT);
    let Ok(graph) = Graph::explore(setup, from, std::slice::from_ref(claim), None, &limits) else {
        return Recovery::Unknown(Limit::Effort);
    };
    let ids = || 0..u32::try_from(graph.stored()).unwrap_or(u32::MAX);
    let ends = ids().filter(|&id| graph.is_end(id)).count();
    let is_told = |id| graph.edges(id).iter().any(|edge| edge.actor == ActorIndex::CONTROLLER);
    match graph.complete() {
        None => Recovery::Unknown(graph.cut().unwrap_or(Limit::Effort)),
        Some(_) if graph.broken[0].len() < ends => Recovery::Mendable,
        Some(_) if ids().any(is_told) => Recovery::NothingMends(graph.states.clone()),
        Some(_) => Recovery::NoNoticeLeft,
    }
}
