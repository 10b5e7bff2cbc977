//! Can anything still mend it? Every continuation of a state is explored before that is said.

use std::ops::ControlFlow;

use super::cause::Outlook;
use crate::explore::search::{Bounds, Graph, Slot};
use crate::protocol::claims::Claim;
use crate::protocol::controller::Controller;
use crate::protocol::world::{Setup, World};

/// How many states one such search may store.
pub const MAX_STATES: usize = 100_000;

/// What can come after a state, for a claim that is judged at the ends.
pub fn outlook<C: Controller>(setup: &Setup<C>, from: &World<C>, claim: &Claim<C>) -> Outlook {
    if from.enabled(setup).is_empty() {
        return Outlook::Over;
    }
    let mut watch = |_, _| ControlFlow::Continue(());
    let mut bounds = Bounds { max_states: MAX_STATES, watch: &mut watch };
    let Ok(graph) = Graph::explore(setup, from, std::slice::from_ref(claim), None, &mut bounds) else {
        return Outlook::Unknown;
    };
    let ids = || 0..u32::try_from(graph.stored()).unwrap_or(u32::MAX);
    let ends = ids().filter(|&id| graph.is_end(id)).count();
    let is_told = |id| graph.edges(id).iter().any(|edge| edge.actor == Slot::CONTROLLER);
    match graph.complete() {
        None => Outlook::Unknown,
        Some(_) if graph.broken[0].len() < ends => Outlook::Mendable,
        Some(_) if ids().any(is_told) => Outlook::NothingMends(graph.states.clone()),
        Some(_) => Outlook::NoNoticeLeft,
    }
}
