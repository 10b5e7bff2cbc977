//! Whether a log is a path of the model.

use schemars::JsonSchema;
use serde::Serialize;

use super::scenario::Scenario;
use super::step::{Step, steps};
use crate::conformance::log::{Allowed, LogEvent, LogVerdict};
use crate::core::Controller;
use crate::scenario::Setup;

/// The answer of `conforms`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Conforms {
    /// This version of the format.
    #[schemars(extend("const" = "startup-race/conforms/1"))]
    pub schema: &'static str,
    /// The model.
    pub scenario: Scenario,
    /// Whether the log is a path of the model.
    pub conforms: bool,
    /// Whether the path reaches an end. If it does not, the log is incomplete.
    pub complete: bool,
    /// The path; up to the event that the model does not allow, if there is one.
    #[schemars(regex(pattern = "^[0-9@cdlstx ]*$"))]
    pub schedule: String,
    /// The steps of that path.
    pub steps: Vec<Step>,
    /// The event that the model does not allow, and what the model would have allowed instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parted: Option<Parted>,
}

/// An event that the model does not allow.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Parted {
    /// The number of the event, from 1.
    pub event: usize,
    /// The event in the log.
    pub said: LogEvent,
    /// What the model would have allowed instead.
    pub allowed: Vec<Step>,
}

impl Conforms {
    /// A verdict on a log.
    pub fn of<C: Controller>(protocol: &str, setup: &Setup<C>, verdict: &LogVerdict<C>) -> Self {
        let (trace, conforms, complete, parted) = match verdict {
            LogVerdict::Path(trace, complete) => (trace, true, *complete, None),
            LogVerdict::Parted(parted) => {
                let allowed = parted.allowed.iter().map(|Allowed { step, .. }| step.clone()).collect();
                let told = Parted { event: parted.event, said: parted.said.clone(), allowed };
                (&parted.before, false, false, Some(told))
            }
        };
        Self {
            schema: "startup-race/conforms/1",
            scenario: Scenario::of(Some(protocol), &setup.scenario),
            conforms,
            complete,
            schedule: trace.schedule.text(setup.model.inboxes()),
            steps: steps(setup, &trace.events),
            parted,
        }
    }
}
