//! The same protocol as a user's own code: a controller that wraps the built-in one, and claims that are equal to the
//! standard ones. The search does not know that they are equal.

use startup_race::claims::{Claim, Scope, State};
use startup_race::core::PipelineController;
use startup_race::{ActorId, Context, Controller, Input, Phase, Rules, Scenario, Setup, Stage};

/// A controller that delegates to the built-in one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Own(PipelineController);

impl Controller for Own {
    fn on(&mut self, input: Input, now: &mut Context) {
        self.0.on(input, now);
    }

    fn phase(&self) -> Phase {
        self.0.phase()
    }

    fn counted(&self) -> Option<u8> {
        self.0.counted()
    }

    fn has_counted(&self, task: ActorId) -> bool {
        self.0.has_counted(task)
    }
}

/// A scenario with this controller.
pub fn setup(rules: &Rules, scenario: Scenario) -> Setup<Own> {
    Setup::with(Own(PipelineController::new(rules.controller, rules.run.stop)), scenario)
}

/// The five claims of a protocol without a stop.
pub fn claims() -> Vec<Claim<Own>> {
    type Holds = fn(&State<'_, Own>) -> bool;
    let running: Holds = |s| s.stage() == Stage::Up;
    let failed: Holds = |s| matches!(s.stage(), Stage::Failed(_));
    let claim = |id, scope, premise: Holds, conclusion: Holds| Claim::new(id, id, scope, premise, conclusion);
    vec![
        claim("started", Scope::Always, running, |s| s.tasks().all(|task| task.completed_on_start())),
        claim("alive", Scope::AtEnd, running, |s| !s.tasks().any(|task| task.is_dead())),
        claim("dead", Scope::AtEnd, failed, |s| s.tasks().any(|task| task.is_dead())),
        claim("decided", Scope::AtEnd, |_| true, |s| !matches!(s.stage(), Stage::Starting | Stage::Stopping)),
        claim("run", Scope::AtEnd, running, |s| s.tasks().all(|task| task.is_dead() || task.reached_run())),
    ]
}
