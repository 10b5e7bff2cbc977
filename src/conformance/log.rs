//! Whether a log of events is a path of the model, and if not, which event is the first that the model does not allow.
//!
//! An event of a log may leave out details: then every path that agrees with the event is followed. What the event does
//! say must be equal to what the model says.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::core::{Attempt, Controller};
use crate::explore::replay::ReplayError;
use crate::explore::trace::Trace;
use crate::json::step::{Action, Notice, Outcome, Reaction, Step};
use crate::model::World;
use crate::scenario::Setup;

/// One event of a log, which is one action. Every key but `actor` and `action` may be left out. `at` is for the reader
/// and is not compared.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogEvent {
    /// `task 2`, `task 2@1` if it lingers from an earlier attempt, `helper 3`, `controller`, `network`, `user`.
    pub actor: String,
    /// What it did.
    pub action: Action,
    /// The outcome of `on_start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The attempt of the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u8>,
    /// The notice that the task sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sends: Option<Notice>,
    /// The command that the task took, or that was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The worker whose inbox was read or lost a notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<u8>,
    /// The notice that was read or lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    /// What the controller did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reaction: Option<Reaction>,
    /// The phase that is published after the event, whichever actor acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// The time or the place of the event. It is not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Value>,
}

/// Whether a log is a path of the model.
#[derive(Debug, Clone)]
pub enum LogVerdict<C> {
    /// It is a path of the model: the path, and whether it reaches an end. If it does not, the log is incomplete.
    Path(Trace<C>, bool),
    /// It is not a path of the model.
    Parted(Box<LogParted<C>>),
}

/// The first event that the model does not allow.
#[derive(Debug, Clone)]
pub struct LogParted<C> {
    /// A path of the model for the events before it.
    pub before: Trace<C>,
    /// The number of the event, from 1.
    pub event: usize,
    /// The event.
    pub said: LogEvent,
    /// What the model allows after the path `before`, instead of the event.
    pub allowed: Vec<Allowed>,
}

/// A step that the model allows, and how the event differs from it.
#[derive(Debug, Clone)]
pub struct Allowed {
    /// The step.
    pub step: Step,
    /// The keys that differ, each with the value in the log and the value in the model.
    pub differs: Vec<(String, String, String)>,
}

/// Why a log cannot be compared.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum LogError {
    /// A line is not an event.
    Line {
        /// Which line, from 1.
        line: usize,
        /// Why.
        why: String,
    },
    /// The log has no event.
    Empty,
    /// The log says too little: more paths agree with it, up to the event with this number, than can be followed.
    Ambiguous(usize),
    /// The controller breaks its contract.
    Replay(ReplayError),
}

impl std::error::Error for LogError {}

/// How many paths that agree with a log are followed at most.
const MOST_PATHS: usize = 10_000;

/// Reads a log of JSON lines, with one event in each line. Empty lines are skipped.
///
/// # Errors
/// The first line that is not an event, with the reason; or that there is no event.
pub fn read_log(text: &str) -> Result<Vec<LogEvent>, LogError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let event = |(index, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| LogError::Line { line: index + 1, why: error.to_string() })
    };
    let events = lines.map(event).collect::<Result<Vec<LogEvent>, LogError>>()?;
    if events.is_empty() { Err(LogError::Empty) } else { Ok(events) }
}

/// Compares a log of events of a real system with the model: is it a path of the model?
///
/// # Errors
/// If the log says too little, or if the controller breaks its contract.
pub fn conforms<C: Controller>(setup: &Setup<C>, events: &[LogEvent]) -> Result<LogVerdict<C>, LogError> {
    let start = Trace::of(setup, &crate::schedule::Schedule::default()).map_err(LogError::Replay)?;
    let mut paths = vec![start];
    for (index, said) in events.iter().enumerate() {
        let mut next: IndexMap<World<C>, Trace<C>, FxBuildHasher> = IndexMap::default();
        let mut allowed = Vec::new();
        for (nth, path) in paths.iter().enumerate() {
            for (trace, step) in steps(setup, path)? {
                let differs = differences(said, &step, trace.last().phase().name);
                if differs.is_empty() {
                    next.entry(trace.last().clone()).or_insert(trace);
                } else if nth == 0 {
                    allowed.push(Allowed { step, differs });
                }
            }
        }
        if next.is_empty() {
            let parted = LogParted { before: paths.swap_remove(0), event: index + 1, said: said.clone(), allowed };
            return Ok(LogVerdict::Parted(Box::new(parted)));
        }
        if next.len() > MOST_PATHS {
            return Err(LogError::Ambiguous(index + 1));
        }
        paths = next.into_values().collect();
    }
    let is_end = |path: &Trace<C>| setup.model.actions(path.last()).is_empty();
    let at = paths.iter().position(is_end);
    Ok(LogVerdict::Path(paths.swap_remove(at.unwrap_or(0)), at.is_some()))
}

/// Each step that can be taken after a trace, with the model's description of it.
fn steps<C: Controller>(setup: &Setup<C>, path: &Trace<C>) -> Result<Vec<(Trace<C>, Step)>, LogError> {
    let current = path.last().driver.attempt;
    let step = |action| {
        let mut trace = path.clone();
        trace.step(setup, action).map_err(LogError::Replay)?;
        let told = Step::of(setup, trace.event(trace.events.len()), Attempt(current.0));
        Ok((trace, told))
    };
    setup.model.actions(path.last()).into_iter().map(step).collect()
}

/// The differences between an event of a log and a step of the model.
fn differences(said: &LogEvent, step: &Step, phase: &str) -> Vec<(String, String, String)> {
    let (mut said, mut model) = (keys(said), keys(step));
    said.remove("at");
    model.insert("phase".to_string(), phase.into());
    let differs = |(key, value): (String, Value)| {
        let other = model.get(&key);
        let shown = other.map_or_else(|| "nothing".to_string(), Value::to_string);
        (other != Some(&value)).then(|| (key, value.to_string(), shown))
    };
    said.into_iter().filter_map(differs).collect()
}

fn keys(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(keys)) => keys,
        _ => Map::new(),
    }
}
