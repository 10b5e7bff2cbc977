//! What the observer of a run on threads read, as rows between the steps of the trace.

use crate::core::{Controller, Step};
use crate::explore::trace::Trace;
use crate::scenario::Setup;
use crate::threads::{Load, Loaded, Shown};
use crate::transition::TaskRun;

/// A load as a row.
#[derive(Clone)]
pub struct Row {
    /// The step that it follows.
    pub after: usize,
    /// What was read.
    pub text: String,
    /// Whether the flag of a task was read as not set although the task had completed `on_start`.
    pub is_stale: bool,
}

/// The loads of an observer as rows, up to the end of the trace.
pub fn rows<C: Controller>(setup: &Setup<C>, trace: &Trace<C>, loads: &[Load]) -> Vec<Row> {
    let has_started = |after: usize, run: TaskRun| {
        let script = &setup.model.actor(run.task).script;
        let states = trace.after(after).attempts.iter().filter_map(|states| states.get(run.task.index()));
        let mut own = states.filter(|state| state.attempt == run.attempt);
        own.any(|state| state.has_completed(Step::OnStart, script))
    };
    let row = |load: &Load| Row {
        after: load.after,
        text: text(load.read),
        is_stale: matches!(load.read, Loaded::Flag(run, false) if has_started(load.after, run)),
    };
    loads.iter().filter(|load| load.after <= trace.events.len()).map(row).collect()
}

/// The heading of the observer's column.
pub const HEAD: &str = "observer reads";

/// What was read: `Running`, `flag 2: not set`.
pub fn text(read: Loaded) -> String {
    match read {
        Loaded::Published(published) => stage(published.stage).to_string(),
        Loaded::Flag(run, raised) => format!("flag {}: {}", run.task.0, if raised { "set" } else { "not set" }),
    }
}

fn stage(stage: Shown) -> &'static str {
    match stage {
        Shown::Starting => "Scheduling",
        Shown::Up => "Running",
        Shown::Stopping => "Stopping",
        Shown::Ended => "Stopped",
        Shown::Failed => "Failed",
    }
}
