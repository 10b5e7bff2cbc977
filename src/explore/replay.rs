//! One schedule, stepped: every state on the way and every event. What explanations and tables are made from.

use super::contract::Violation;
use super::report::{Broken, Check, Trace};
use crate::claims::{Claim, Scope};
use crate::core::Controller;
use crate::model::guard::guard;
use crate::model::{Action, Blocked, ContractViolation, Refused, World};
use crate::scenario::Setup;
use crate::schedule::{Schedule, ScheduleError};
use crate::transition::Event;

/// A schedule that was stepped. Steps count from 1.
#[derive(Debug, Clone)]
pub struct Walk<C> {
    /// Who acted.
    pub schedule: Schedule,
    /// The first state, and the state after each step.
    pub worlds: Vec<World<C>>,
    /// What happened, step by step.
    pub events: Vec<Event>,
}

/// Why a schedule cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplayError {
    /// The text is no schedule.
    Text(ScheduleError),
    /// A step cannot be taken.
    Blocked {
        /// Which step, from 1.
        step: usize,
        /// Who should have taken it.
        actor: Action,
        /// Why it cannot.
        why: Blocked,
        /// Who could have.
        enabled: Vec<Action>,
        /// How many workers there are, for the schedule's text.
        workers: u8,
    },
    /// The controller broke its contract.
    Broken(Broken),
}

impl<C: Controller> Walk<C> {
    /// A walk that has not begun.
    pub fn new(setup: &Setup<C>) -> Self {
        Self { schedule: Schedule::default(), worlds: vec![setup.model.start()], events: Vec::new() }
    }

    /// Steps a schedule; a part of one will do.
    ///
    /// # Errors
    /// Where a step cannot be taken, or the controller breaks its contract.
    pub fn of(setup: &Setup<C>, schedule: &Schedule) -> Result<Self, ReplayError> {
        let new = guard(|| Self::new(setup));
        let mut walk = new.map_err(|panic| broken(setup, Schedule::default(), ContractViolation::Panicked(panic)))?;
        schedule.0.iter().try_for_each(|&actor| walk.step(setup, actor))?;
        Ok(walk)
    }

    /// Takes one more step.
    ///
    /// # Errors
    /// Where it cannot be taken, or the controller breaks its contract. The walk is then as it was.
    pub fn step(&mut self, setup: &Setup<C>, actor: Action) -> Result<(), ReplayError> {
        let stepped = guard(|| {
            let mut next = self.last().clone();
            setup.model.observe(&mut next, actor).map(|event| (event, next))
        });
        let (event, next) =
            match stepped.unwrap_or_else(|panic| Err(Refused::Contract(ContractViolation::Panicked(panic)))) {
                Ok(stepped) => stepped,
                Err(Refused::Blocked(why)) => {
                    let (step, workers) = (self.events.len() + 1, setup.model.inboxes());
                    let enabled = setup.model.actions(self.last());
                    return Err(ReplayError::Blocked { step, actor, why, enabled, workers });
                }
                Err(Refused::Contract(breach)) => {
                    let mut schedule = self.schedule.clone();
                    schedule.0.push(actor);
                    return Err(broken(setup, schedule, breach));
                }
            };
        self.events.push(event);
        self.schedule.0.push(actor);
        self.worlds.push(next);
        Ok(())
    }

    /// Goes on to an end in canonical order: at each step the first actor that can move.
    ///
    /// # Errors
    /// Where the controller breaks its contract.
    pub fn complete(&mut self, setup: &Setup<C>) -> Result<(), ReplayError> {
        while let Some(&first) = setup.model.actions(self.last()).first() {
            self.step(setup, first)?;
        }
        Ok(())
    }

    /// The state before a step.
    pub fn before(&self, step: usize) -> &World<C> {
        &self.worlds[step - 1]
    }

    /// The state after a step; after step 0 the first one.
    pub fn after(&self, step: usize) -> &World<C> {
        &self.worlds[step]
    }

    /// The last state.
    pub fn last(&self) -> &World<C> {
        &self.worlds[self.events.len()]
    }

    /// The event of a step.
    pub fn event(&self, step: usize) -> &Event {
        &self.events[step - 1]
    }

    /// The steps with their events.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = (usize, &Event)> {
        self.events.iter().enumerate().map(|(index, event)| (index + 1, event))
    }
}

fn broken<C: Controller>(setup: &Setup<C>, schedule: Schedule, breach: ContractViolation) -> ReplayError {
    ReplayError::Broken(Broken::at(setup, schedule, breach.into()))
}

/// Replays a schedule given as text.
///
/// # Errors
/// Where the text is no schedule, a step cannot be taken, or the controller breaks its contract.
pub fn replay<C: Controller>(setup: &Setup<C>, schedule: &str) -> Result<Trace, ReplayError> {
    let schedule: Schedule = schedule.parse().map_err(ReplayError::Text)?;
    let Walk { schedule, events, .. } = Walk::of(setup, &schedule)?;
    Ok(Trace { schedule, events, canonical: false })
}

impl<C: Controller> Check<'_, C> {
    /// The claims of this check that a schedule breaks, by name. A schedule that stops before an end goes on in canonical
    /// order, at each step the first actor that can move, so that a claim which is judged at the ends is judged. A claim
    /// that asks for a state is not: no single schedule breaks it.
    ///
    /// # Errors
    /// As [`replay`]; also if a claim panics.
    pub fn broken_by(&self, schedule: &str) -> Result<Vec<String>, ReplayError> {
        let (_, broken) = self.walk(schedule)?;
        Ok(broken.into_iter().map(|claim| claim.id.to_string()).collect())
    }

    /// A schedule, stepped to an end, and the claims that it breaks.
    pub(crate) fn walk(&self, schedule: &str) -> Result<(Walk<C>, Vec<&Claim<C>>), ReplayError> {
        let schedule: Schedule = schedule.parse().map_err(ReplayError::Text)?;
        let mut walk = Walk::of(&self.setup, &schedule)?;
        walk.complete(&self.setup)?;
        let mut broken = Vec::new();
        for claim in &self.claims {
            if self.breaks(&walk, claim)? {
                broken.push(claim);
            }
        }
        Ok((walk, broken))
    }

    fn breaks(&self, walk: &Walk<C>, claim: &Claim<C>) -> Result<bool, ReplayError> {
        let last = walk.worlds.len() - 1;
        for (step, world) in walk.worlds.iter().enumerate() {
            let is_judged = match claim.scope {
                Scope::Always => true,
                Scope::AtEnd => step == last,
                Scope::Reachable => false,
            };
            let is_broken = guard(|| is_judged && claim.is_broken_in(&self.setup.model, world));
            match is_broken {
                Ok(false) => {}
                Ok(true) => return Ok(true),
                Err(panic) => {
                    let schedule = Schedule(walk.schedule.0[..step].to_vec());
                    let violation = Violation::Claim { id: claim.id.to_string(), panic };
                    return Err(ReplayError::Broken(Broken::at(&self.setup, schedule, violation)));
                }
            }
        }
        Ok(false)
    }
}
