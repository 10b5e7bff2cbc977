//! Further options of a check: a witness of your own, and the permission to pass if a premise is never met. It also
//! checks that each claim is about tasks that exist.

use super::contract::Violation;
use super::report::{Broken, Check};
use crate::claims::Claim;
use crate::core::Controller;
use crate::schedule::Schedule;

impl<C: Controller> Check<'_, C> {
    /// Uses a witness of your own instead of `can-run`. Without faults, the witness must hold in every state in which
    /// it is judged; or, if it asks for a state, that state must be reachable. If the witness does not hold, a claim is
    /// proved only if it asks for a state.
    ///
    /// A cancelled job is a healthy end that is not [`Stage::Up`](crate::Stage::Up):
    ///
    /// ```
    /// use startup_race::{Claim, Rules, Scenario, Scope, Setup, Stage, check};
    ///
    /// let mut rules = Rules::named("seed/fixed").unwrap();
    /// rules.run.stop = true;
    /// let setup = Setup::of(Scenario::new(rules, 1)?);
    /// let started = Claim::reachable("started", "the task runs", |state| state.tasks().all(|task| task.runs()));
    /// check(setup).witness(started).expect_proved();
    /// # Ok::<(), startup_race::scenario::ScenarioError>(())
    /// ```
    pub fn witness(mut self, witness: Claim<C>) -> Self {
        self.witness = witness;
        self
    }

    /// Makes [`expect_proved`](Check::expect_proved) accept a claim of your own whose premise is never met. Such a
    /// claim was never tested.
    pub fn allow_unmet_premise(mut self) -> Self {
        self.allow_unmet_premise = true;
        self
    }

    /// Checks that each claim is about tasks that exist.
    ///
    /// # Errors
    /// The first claim that is about another task, or about none.
    pub(super) fn check_tasks(&self) -> Result<(), Broken> {
        let tasks = self.setup.model.tasks();
        for claim in self.claims.iter().chain([&self.witness]) {
            let Some(about) = &claim.about else { continue };
            let stranger = about.iter().copied().find(|id| !(1..=tasks).contains(&id.0));
            if stranger.is_some() || about.is_empty() {
                let violation = Violation::NoSuchTask { id: claim.id.to_string(), task: stranger, tasks };
                return Err(Broken::at(&self.setup, Schedule::default(), violation));
            }
        }
        Ok(())
    }
}
