//! What a search found for its claims. Each schedule that it found is replayed.

use num_bigint::BigUint;

use super::contract::Violation;
use super::engine::{Answer, Complete, Outcome};
use super::limits::Limit;
use super::probability::Measure;
use super::replay::ReplayError;
use super::report::Broken;
use super::trace::Trace;
use super::verdict::Witness;
use crate::claims::{Claim, Scope};
use crate::core::Controller;
use crate::model::guard::guard;
use crate::scenario::Setup;
use crate::schedule::Schedule;

/// What a search found for a claim.
pub struct Found<C> {
    pub premise_held: BigUint,
    /// How many schedules break it (or reach the state that it asks for), and their probability, if they were counted.
    pub share: Option<Measure>,
    /// The schedule that breaks the claim, or that leads to the state that it asks for. Every broken claim has one.
    pub trace: Option<Trace<C>>,
}

/// What a search found.
pub struct Explored<C> {
    /// The token of a complete search, if every schedule was explored.
    pub complete: Option<Complete>,
    /// The limit that ended the search early, if one did.
    pub cut: Option<Limit>,
    pub states: BigUint,
    pub stored: usize,
    pub reduced: bool,
    /// The last claim, judged as the witness.
    pub witness: Option<Witness>,
    pub all: Option<Measure>,
    /// One entry for each claim.
    pub claims: Vec<Found<C>>,
}

impl<C: Controller> Explored<C> {
    /// Turns the answer of a search into what it found.
    ///
    /// # Errors
    /// If a schedule that was found does not lead to the right state.
    pub fn of(answer: Answer, setup: &Setup<C>, claims: &[Claim<C>], reduced: bool) -> Result<Self, Broken> {
        let complete = answer.complete();
        let witness = claims.len().checked_sub(1).map(|last| Witness::of(&answer, last, &claims[last]));
        let Answer { states, stored, comes_up: _, cut, canonical, all, claims: outcomes } = answer;
        let find = |(claim, outcome): (&Claim<C>, Outcome)| {
            let Outcome { premise_held, broken, measure: share, schedule } = outcome;
            let trace = broken.then(|| replayed(setup, claim, schedule.unwrap_or_default(), canonical)).transpose()?;
            Ok(Found { premise_held, share, trace })
        };
        let claims = claims.iter().zip(outcomes).map(find).collect::<Result<_, _>>()?;
        Ok(Self { complete, cut, states, stored, reduced, witness, all, claims })
    }
}

impl Witness {
    /// What a search found for the claim at this index.
    pub fn of<C>(answer: &Answer, index: usize, claim: &Claim<C>) -> Self {
        let found = &answer.claims[index];
        let is_reached = found.premise_held > BigUint::ZERO;
        let holds = is_reached && (!found.broken || claim.scope == Scope::Reachable);
        Self { holds, comes_up: answer.comes_up, complete: answer.complete(), cut: answer.cut }
    }
}

/// Replays a schedule that was found for a claim. It must lead to a state that breaks the claim, or that the claim asks
/// for.
fn replayed<C: Controller>(
    setup: &Setup<C>,
    claim: &Claim<C>,
    schedule: Schedule,
    canonical: bool,
) -> Result<Trace<C>, Broken> {
    let not_replayed = |schedule| Broken::at(setup, schedule, Violation::NotReplayed { id: claim.id.to_string() });
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
