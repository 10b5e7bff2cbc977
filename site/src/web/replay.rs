//! A reader's own schedule, for the laboratory.

use serde_json::{Value, json};
use startup_race::core::PipelineController;
use startup_race::explore::trace::Trace;
use startup_race::model::Action;
use startup_race::scenario::Setup;
use startup_race::schedule::Schedule;
use startup_race::show::names::Names;
use startup_race::show::space_time::{Marks, Panel, diagram};
use startup_race::show::{command, labels};

use super::{Answer, scenario};

/// Steps a schedule as far as it leads.
pub fn replay(options: &str, schedule: &str) -> Answer {
    let (protocol, scenario) = scenario(options)?;
    let setup = Setup::of(scenario);
    let schedule: Schedule = schedule.parse().map_err(|error| format!("{error}"))?;
    let (trace, stopped) = stepped(&setup, &schedule)?;
    let actions = setup.model.actions(trace.last());
    Ok(json!({
        "schedule": trace.schedule.text(setup.model.inboxes()),
        "stopped": stopped,
        "command": command::replay(&protocol, &setup.scenario, &trace.schedule),
        "picture": picture(&setup, &trace, true),
        "moves": actions.iter().map(|&action| name(&setup, action)).collect::<Vec<_>>(),
        "phase": labels::phase(trace.last().phase(), Names::of(&setup.model)),
    }))
}

/// The trace of the steps that can be taken, and why the next step cannot be taken, if there is one.
fn stepped(
    setup: &Setup<PipelineController>,
    schedule: &Schedule,
) -> Result<(Trace<PipelineController>, Option<String>), String> {
    let mut trace = Trace::of(setup, &Schedule::default()).map_err(|error| error.to_string())?;
    for &action in &schedule.0 {
        if let Err(error) = trace.step(setup, action) {
            return Ok((trace, Some(error.to_string())));
        }
    }
    Ok((trace, None))
}

/// The picture of a reader's own schedule. `lost` says whether the picture marks the steps in which a failure was lost.
pub fn picture(setup: &Setup<PipelineController>, trace: &Trace<PipelineController>, lost: bool) -> String {
    let heading = "your schedule".to_string();
    diagram(setup, &[Panel::new(heading, trace, Marks { lost, ..Marks::default() })])
}

/// An actor: its word in a schedule, and its name.
pub fn name(setup: &Setup<PipelineController>, action: Action) -> Value {
    json!({
        "word": labels::actors(&[action], setup.model.inboxes()),
        "name": labels::actor(action, Names::of(&setup.model)),
    })
}
