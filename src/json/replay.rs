//! One schedule, stepped.

use schemars::JsonSchema;
use serde::Serialize;

use super::scenario::Scenario;
use super::step::{Step, steps};
use crate::core::Controller;
use crate::explore::trace::Trace;
use crate::scenario::Setup;

/// The answer of `replay`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Replay {
    /// This version of the format.
    #[schemars(extend("const" = "startup-race/replay/2"))]
    pub schema: &'static str,
    /// The scenario.
    pub scenario: Scenario,
    /// The actor of each step, in order.
    #[schemars(regex(pattern = "^[0-9@cdlstx ]*$"))]
    pub schedule: String,
    /// How many steps there are.
    pub actions: usize,
    /// How often a step is taken by another actor than the step before. The controller, the network and the user count
    /// as one actor.
    pub switches: usize,
    /// The steps.
    pub steps: Vec<Step>,
}

impl Replay {
    /// The answer for a trace of a setup. `protocol` is the named protocol that the rules start from.
    pub fn of<C: Controller>(protocol: Option<&str>, setup: &Setup<C>, trace: &Trace<C>) -> Self {
        Self {
            schema: "startup-race/replay/2",
            scenario: Scenario::of(protocol, &setup.scenario),
            schedule: trace.schedule.text(setup.model.inboxes()),
            actions: trace.events.len(),
            switches: trace.switches(),
            steps: steps(setup, &trace.events),
        }
    }
}
