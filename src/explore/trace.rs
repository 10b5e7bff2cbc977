//! One schedule, stepped once: every state and every event. Tables, pictures and explanations are made from it.

use super::replay::ReplayError;
use super::report::Broken;
use crate::core::Controller;
use crate::model::guard::guard;
use crate::model::{Action, ContractViolation, Refused, World};
use crate::scenario::Setup;
use crate::schedule::Schedule;
use crate::transition::Event;

/// A schedule that was stepped. Steps are numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trace<C> {
    /// The actions, in the order in which they were taken.
    pub schedule: Schedule,
    /// The first state, and the state after each step.
    pub worlds: Vec<World<C>>,
    /// What happened, step by step.
    pub events: Vec<Event>,
    /// Whether it is the canonical schedule for what it shows. Only a complete search can tell.
    pub canonical: bool,
}

impl<C: Controller> Trace<C> {
    /// A trace that has not begun.
    pub fn new(setup: &Setup<C>) -> Self {
        Self { schedule: Schedule::default(), worlds: vec![setup.model.start()], events: Vec::new(), canonical: false }
    }

    /// Steps a schedule. It need not reach an end.
    ///
    /// # Errors
    /// If a step cannot be taken, or the controller breaks its contract.
    pub fn of(setup: &Setup<C>, schedule: &Schedule) -> Result<Self, ReplayError> {
        let new = guard(|| Self::new(setup));
        let mut trace = new.map_err(|panic| broken(setup, Schedule::default(), ContractViolation::Panicked(panic)))?;
        schedule.0.iter().try_for_each(|&actor| trace.step(setup, actor))?;
        Ok(trace)
    }

    /// The complete schedule that takes the first enabled action in every state. `None` if the controller breaks its
    /// contract.
    pub fn first_complete(setup: &Setup<C>) -> Option<Self> {
        let mut trace = Self::of(setup, &Schedule::default()).ok()?;
        trace.complete(setup).ok()?;
        Some(trace)
    }

    /// The actions that are enabled in the last state.
    fn enabled(&self, setup: &Setup<C>) -> Result<Vec<Action>, ReplayError> {
        let enabled = guard(|| setup.model.actions(self.last()));
        enabled.map_err(|panic| broken(setup, self.schedule.clone(), ContractViolation::Panicked(panic)))
    }

    /// Takes one more step.
    ///
    /// # Errors
    /// If it cannot be taken, or the controller breaks its contract. The trace is then unchanged.
    pub fn step(&mut self, setup: &Setup<C>, actor: Action) -> Result<(), ReplayError> {
        #[cfg(all(test, not(loom)))]
        super::searches::log_step();
        let stepped = guard(|| {
            let mut next = self.last().clone();
            setup.model.observe(&mut next, actor).map(|event| (event, next))
        });
        let (event, next) =
            match stepped.unwrap_or_else(|panic| Err(Refused::Contract(ContractViolation::Panicked(panic)))) {
                Ok(stepped) => stepped,
                Err(Refused::Blocked(why)) => {
                    let (step, workers) = (self.events.len() + 1, setup.model.inboxes());
                    let enabled = self.enabled(setup)?;
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

    /// Continues to an end in canonical order: in every state, it takes the first enabled action.
    ///
    /// # Errors
    /// If the controller breaks its contract.
    pub fn complete(&mut self, setup: &Setup<C>) -> Result<(), ReplayError> {
        while let Some(&first) = self.enabled(setup)?.first() {
            self.step(setup, first)?;
        }
        Ok(())
    }

    /// Removes the last steps, so that this many are left.
    pub fn truncate(&mut self, steps: usize) {
        self.schedule.0.truncate(steps);
        self.events.truncate(steps);
        self.worlds.truncate(steps + 1);
    }

    /// How often a step is taken by another actor than the step before.
    pub fn switches(&self) -> usize {
        self.events.windows(2).filter(|pair| pair[0].task_run() != pair[1].task_run()).count()
    }

    /// The state before a step.
    pub fn before(&self, step: usize) -> &World<C> {
        &self.worlds[step - 1]
    }

    /// The state after a step. Step 0 means the first state.
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
