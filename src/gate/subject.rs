//! The parts of a check, so that it can be repeated with another controller.

use super::{MOST_STATES, NoAnswer};
use crate::claims::Claim;
use crate::core::Controller;
use crate::explore::limits::Limits;
use crate::explore::report::{Check, Report};
use crate::explore::state_space::StateSpace;
use crate::scenario::Setup;

/// A check without its search.
pub struct Subject<C> {
    pub name: String,
    pub setup: Setup<C>,
    pub claims: Vec<Claim<C>>,
    pub witness: Claim<C>,
    pub limits: Limits,
}

impl<C: Controller> Subject<C> {
    pub fn of(name: &str, check: &Check<'_, C>) -> Self {
        Self {
            name: name.to_string(),
            setup: check.setup.clone(),
            claims: check.claims.clone(),
            witness: check.witness.clone(),
            limits: check.limits.clone(),
        }
    }

    pub fn check(&self) -> Check<'static, C> {
        let check = Check::new(self.setup.clone()).claims(self.claims.clone());
        check.witness(self.witness.clone()).limits(self.limits.clone())
    }

    /// The report of the check, and all of its states.
    pub fn explored(&self) -> Result<(Report<C>, std::sync::Arc<StateSpace<C>>), NoAnswer> {
        let report = self.check().keep_states(MOST_STATES).run();
        let report = report.map_err(|broken| NoAnswer::Broken(self.name.clone(), broken))?;
        let too_many = NoAnswer::TooManyStates(self.name.clone(), MOST_STATES);
        let space = report.space.clone().ok_or(too_many)?;
        Ok((report, space))
    }
}
