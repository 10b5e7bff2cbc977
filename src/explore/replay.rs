//! Replays a schedule that is given as text, and judges it by the claims of a check.

use super::contract::Violation;
use super::report::{Broken, Check};
use super::trace::Trace;
use crate::claims::{Claim, Scope};
use crate::core::Controller;
use crate::model::guard::guard;
use crate::model::{Action, Blocked};
use crate::scenario::Setup;
use crate::schedule::{Schedule, ScheduleError};

/// Why a schedule cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayError {
    /// The text is not a schedule.
    Text(ScheduleError),
    /// A step cannot be taken.
    Blocked {
        /// Which step, from 1.
        step: usize,
        /// The action that the schedule names.
        actor: Action,
        /// Why it could not.
        why: Blocked,
        /// The actions that were enabled.
        enabled: Vec<Action>,
        /// How many workers there are, for the schedule's text.
        workers: u8,
    },
    /// The controller broke its contract.
    Broken(Broken),
}

/// Replays a schedule given as text.
///
/// # Errors
/// If the text is not a schedule, if a step cannot be taken, or if the controller breaks its contract.
pub fn replay<C: Controller>(setup: &Setup<C>, schedule: &str) -> Result<Trace<C>, ReplayError> {
    Trace::of(setup, &schedule.parse().map_err(ReplayError::Text)?)
}

impl<C: Controller> Check<'_, C> {
    /// The claims of this check that a schedule breaks, by name. If the schedule stops before an end, it is completed
    /// in canonical order: in every state, the first enabled action is taken. So claims that are judged at the ends are
    /// judged, too. A claim that asks for a state is not judged: no single schedule breaks it.
    ///
    /// # Errors
    /// The same as for [`replay`], and if a claim panics or is about a task that does not exist.
    pub fn broken_by(&self, schedule: &str) -> Result<Vec<String>, ReplayError> {
        let (_, broken) = self.trace(schedule)?;
        Ok(broken.into_iter().map(|claim| claim.id.to_string()).collect())
    }

    /// The trace of a schedule that is completed to an end, and the claims that it breaks.
    pub(crate) fn trace(&self, schedule: &str) -> Result<(Trace<C>, Vec<&Claim<C>>), ReplayError> {
        let schedule: Schedule = schedule.parse().map_err(ReplayError::Text)?;
        self.check_tasks().map_err(ReplayError::Broken)?;
        let mut trace = Trace::of(&self.setup, &schedule)?;
        trace.complete(&self.setup)?;
        let mut broken = Vec::new();
        for claim in &self.claims {
            if self.breaks(&trace, claim)? {
                broken.push(claim);
            }
        }
        Ok((trace, broken))
    }

    fn breaks(&self, trace: &Trace<C>, claim: &Claim<C>) -> Result<bool, ReplayError> {
        if claim.scope == Scope::Reachable {
            return Ok(false);
        }
        for (step, world) in trace.worlds.iter().enumerate() {
            match guard(|| claim.is_found_in(&self.setup.model, world)) {
                Ok(false) => {}
                Ok(true) => return Ok(true),
                Err(panic) => {
                    let schedule = Schedule(trace.schedule.0[..step].to_vec());
                    let violation = Violation::Claim { id: claim.id.to_string(), panic };
                    return Err(ReplayError::Broken(Broken::at(&self.setup, schedule, violation)));
                }
            }
        }
        Ok(false)
    }
}
