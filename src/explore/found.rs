//! What a search found of its claims: counts, and the schedule to a place.

use num_bigint::BigUint;

use super::contract::Violation;
use super::counterexample::{any, shortest};
use super::limits::Limit;
use super::probability::{Measure, shares};
use super::replay::ReplayError;
use super::report::Broken;
use super::search::{Complete, Graph, Place};
use super::trace::Trace;
use super::verdict::Witness;
use crate::claims::{Claim, Scope};
use crate::core::Controller;
use crate::model::guard::guard;
use crate::model::{Action, Channel};
use crate::scenario::Setup;
use crate::schedule::Schedule;

/// The shortest schedule to a place, under the names of the tasks themselves; none if the controller does not let it be found.
pub fn way_to<C: Controller>(graph: &mut Graph<C>, setup: &Setup<C>, place: Option<Place>) -> Option<Schedule> {
    let Some((id, actor)) = place else { return Some(Schedule::default()) };
    let way = || {
        let mut schedule = shortest(graph, setup, &[id]).ok()??;
        let trace = Trace::of(setup, &schedule).ok()?;
        let (found, naming) = graph.find(trace.last())?;
        let named = |actor| match actor {
            Action::Step(task) => Action::Step(naming.original(task)),
            Action::Linger(attempt, task) => Action::Linger(attempt, naming.original(task)),
            Action::Redeliver(Channel::Commands(task)) => Action::Redeliver(Channel::Commands(naming.original(task))),
            Action::Lose(Channel::Commands(task)) => Action::Lose(Channel::Commands(naming.original(task))),
            other => other,
        };
        schedule.0.extend(actor.map(named));
        (found == id).then_some(schedule)
    };
    guard(way).ok().flatten()
}

/// The schedule by which a place was first met, read off the steps: nothing is looked up, so no controller is compared.
pub fn first_way_to<C: Controller>(graph: &Graph<C>, setup: &Setup<C>, place: Option<Place>) -> Schedule {
    let Some((id, actor)) = place else { return Schedule::default() };
    let taken = |(from, nth): (u32, usize)| setup.model.actions(&graph.world(setup, from)).get(nth).copied();
    let way = || graph.first_met(id).into_iter().filter_map(taken).chain(actor).collect();
    guard(way).map_or_else(|_| Schedule(actor.into_iter().collect()), Schedule)
}

/// The shares of all schedules and of each claim, if they are known; and whether all is known, or what ended that early.
pub fn count<C: Controller>(
    graph: &Graph<C>,
    claims: &[Claim<C>],
) -> (Option<Complete>, Option<Limit>, Vec<Option<Measure>>) {
    let judged: Vec<Scope> = claims.iter().map(|claim| claim.scope).collect();
    let cut = match graph.complete().map(|complete| shares(graph, complete, &judged)) {
        Some(Ok((all, of_claims))) => {
            return (graph.complete(), None, [all].into_iter().chain(of_claims).map(Some).collect());
        }
        Some(Err(limit)) => Some(limit),
        None => graph.cut(),
    };
    (None, cut, vec![None; claims.len() + 1])
}

/// What a search found of a claim.
pub struct Found<C> {
    pub premise_held: BigUint,
    /// The schedule that breaks it; for one that asks for a state, the way there. Every claim that is broken has one.
    pub trace: Option<Trace<C>>,
}

pub fn found<C: Controller>(
    graph: &mut Graph<C>,
    setup: &Setup<C>,
    (index, claim): (usize, &Claim<C>),
    complete: Option<Complete>,
) -> Result<Found<C>, Broken> {
    let wanted = std::mem::take(&mut graph.broken[index]);
    let premise_held = graph.premise_held[index].clone();
    let trace = if wanted.is_empty() { None } else { Some(trace(setup, graph, claim, &wanted, complete)?) };
    graph.broken[index] = wanted;
    Ok(Found { premise_held, trace })
}

/// The canonical schedule to one of the states that were found for a claim, replayed; another one if a limit is reached.
fn trace<C: Controller>(
    setup: &Setup<C>,
    graph: &mut Graph<C>,
    claim: &Claim<C>,
    wanted: &[u32],
    complete: Option<Complete>,
) -> Result<Trace<C>, Broken> {
    let not_replayed = |schedule| Broken::at(setup, schedule, Violation::NotReplayed { id: claim.id.to_string() });
    let found = guard(|| match shortest(graph, setup, wanted) {
        Ok(schedule) => schedule.map(|schedule| (schedule, complete.is_some())),
        // States have numbers in the order of their distance.
        Err(_) => wanted.iter().min().map(|&nearest| (any(graph, setup, nearest), false)),
    });
    let Some((schedule, canonical)) = found.ok().flatten() else { return Err(not_replayed(Schedule::default())) };
    let trace = match Trace::of(setup, &schedule) {
        Ok(trace) => Trace { canonical, ..trace },
        Err(ReplayError::Broken(broken)) => return Err(broken),
        Err(_) => return Err(not_replayed(schedule)),
    };
    if guard(|| claim.is_found_in(&setup.model, trace.last())).unwrap_or(false) {
        Ok(trace)
    } else {
        Err(not_replayed(schedule))
    }
}

impl Witness {
    /// What a search found of its claim; `index` is the claim's place among those judged.
    pub fn of<C: Controller>(graph: &Graph<C>, index: usize, claim: &Claim<C>) -> Self {
        let is_reached = graph.premise_held[index] > BigUint::ZERO;
        let holds = is_reached && (graph.broken[index].is_empty() || claim.scope == Scope::Reachable);
        Self { holds, comes_up: graph.comes_up(), complete: graph.complete(), cut: graph.cut() }
    }
}
