//! A scenario: the options that recreate it, and its rules.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::core::Fault;
use crate::scenario::knobs::KNOBS;
use crate::scenario::values::FaultList;
use crate::scenario::{self, Rules};

/// A scenario: its tasks with their faults and workers, and its rules.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Scenario {
    /// The named protocol that the rules start from; null if none is named.
    #[schemars(extend("x-free-text" = true))]
    pub protocol: Option<String>,
    /// How many tasks there are.
    #[schemars(range(min = 1))]
    pub tasks: usize,
    /// Their names: free text of the user.
    #[schemars(extend("x-free-text" = true))]
    pub names: Vec<String>,
    /// The tasks that panic in `on_start`.
    pub fails: List,
    /// The tasks that die in `on_start` without a notice.
    pub vanishes: List,
    /// The tasks whose `on_start` does not return, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hangs: Option<List>,
    /// The tasks that die in `run`, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dies: Option<List>,
    /// The worker of each task.
    pub workers: Vec<u8>,
    /// The knobs. The first four are always present, the others only if they are not at their default.
    pub rules: Knobs,
}

/// A list of tasks, as on the command line: `2`, `1,3`, `2@1+3` (task 2 in attempts 1 and 3), `none`.
#[derive(Debug, Clone)]
pub struct List(FaultList);

/// Knobs with their values.
#[derive(Debug, Clone)]
pub struct Knobs(Rules);

impl Scenario {
    /// The JSON of a scenario. `protocol` is the named protocol that its rules start from.
    pub fn of(protocol: Option<&str>, scenario: &scenario::Scenario) -> Self {
        let list = |fault| FaultList::of(scenario, fault);
        let if_any = |fault| Some(List(list(fault))).filter(|list| list.0 != FaultList::default());
        let tasks = scenario.tasks();
        Self {
            protocol: protocol.map(str::to_string),
            tasks: tasks.len(),
            names: tasks.iter().map(|task| task.name.clone()).collect(),
            fails: List(list(Fault::Panics)),
            vanishes: List(list(Fault::Vanishes)),
            hangs: if_any(Fault::Hangs),
            dies: if_any(Fault::Dies),
            workers: tasks.iter().map(|task| task.worker.0).collect(),
            rules: Knobs(*scenario.rules()),
        }
    }
}

impl From<Rules> for Knobs {
    fn from(rules: Rules) -> Self {
        Self(rules)
    }
}

/// The knobs that are always present.
const ALWAYS: [&str; 4] = ["announce", "failed-while-scheduling", "failed-while-running", "barrier"];

impl Serialize for Knobs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for knob in KNOBS {
            let value = (knob.get)(&self.0);
            if !ALWAYS.contains(&knob.name) && value == (knob.get)(&Rules::DEFAULT) {
                continue;
            }
            match value.parse::<u8>() {
                Ok(number) if knob.values.is_empty() => map.serialize_entry(knob.name, &number)?,
                _ => map.serialize_entry(knob.name, &value)?,
            }
        }
        map.end()
    }
}

impl JsonSchema for Knobs {
    fn schema_name() -> Cow<'static, str> {
        "Knobs".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let knobs = KNOBS.iter().map(|knob| {
            let value = match knob.values {
                [] => json!({ "type": "integer", "minimum": 0, "maximum": 255 }),
                values => json!({ "enum": values }),
            };
            (knob.name.to_string(), value)
        });
        json_schema!({
            "type": "object",
            "required": ALWAYS,
            "properties": knobs.collect::<Map<String, Value>>(),
            "additionalProperties": false,
        })
    }
}

impl Serialize for List {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl JsonSchema for List {
    fn schema_name() -> Cow<'static, str> {
        "List".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A list of tasks, as on the command line; 2@1+3 is task 2 in attempts 1 and 3",
            "type": "string",
            "pattern": "^(none|[0-9]+(@[0-9]+([+][0-9]+)*)?(,[0-9]+(@[0-9]+([+][0-9]+)*)?)*)$",
        })
    }
}
