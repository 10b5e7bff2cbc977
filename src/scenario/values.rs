//! The values of the options of a scenario. They are typed, parsed once, and printed in the form in which they are
//! parsed.

use std::fmt;
use std::str::FromStr;

use super::knobs::Knob;
use super::names::number;
use super::{Rules, Scenario, ScenarioError};
use crate::core::{ActorId, Fault};

/// A knob and the value that it is set to.
#[derive(Clone, Copy)]
pub struct Setting {
    knob: &'static Knob,
    value: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Name(&'static str),
    Number(u8),
}

/// Tasks that have a fault: `2`, `1,3`, `2@1+3`, `none`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaultList(Vec<FaultyTask>);

/// A task, and the attempts in which it has a fault. An empty list means every attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FaultyTask {
    task: u8,
    attempts: Vec<u8>,
}

/// The worker of each task: `1,1,2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workers(pub Vec<u8>);

/// The name of each task: `source,sink`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

/// Why a value cannot be read: its text, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError(String);

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ValueError {}

impl Setting {
    /// The setting of a knob to the value that a text names.
    ///
    /// # Errors
    /// If the knob has no such value.
    pub fn new(knob: &'static Knob, text: &str) -> Result<Self, ValueError> {
        let value = match knob.values {
            [] => number(text).map(Value::Number),
            values => values.iter().find(|name| **name == text).map(|name| Value::Name(name)),
        };
        let right = || match knob.values {
            [] => "give a number from 0 to 255".to_string(),
            values => format!("give one of {}", values.join(", ")),
        };
        value.map(|value| Self { knob, value }).ok_or_else(|| ValueError(format!("{text:?}: {}", right())))
    }

    /// The knob.
    pub fn knob(&self) -> &'static Knob {
        self.knob
    }

    pub(crate) fn apply(self, rules: &mut Rules) {
        let set = (self.knob.set)(rules, &self.to_string());
        debug_assert!(set.is_some(), "a setting is a value of its knob");
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Value::Name(name) => f.write_str(name),
            Value::Number(number) => number.fmt(f),
        }
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {self}", self.knob.name)
    }
}

impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        (self.knob.name, self.value) == (other.knob.name, other.value)
    }
}

impl Eq for Setting {}

/// Reads a number from 1 to 255. The error message says what would be right.
pub(super) fn positive(text: &str, right: &str) -> Result<u8, ValueError> {
    let number = number(text).filter(|&number: &u8| number > 0);
    number.ok_or_else(|| ValueError(format!("{text:?} is not valid here: give {right}")))
}

impl FromStr for FaultList {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        const RIGHT: &str = "tasks from 1, as in 2 or 1,3 (2@1 in attempt 1 only, 2@1+3 in attempts 1 and 3), or none";
        let read = |item: &str| {
            let (task, attempts) = item.split_once('@').map_or((item, None), |(task, rest)| (task, Some(rest)));
            let attempts = attempts.into_iter().flat_map(|list| list.split('+')).map(|text| positive(text, RIGHT));
            let attempts = attempts.collect::<Result<_, _>>()?;
            Ok(FaultyTask { task: positive(task, RIGHT)?, attempts })
        };
        let items = text.split(',').filter(|_| text != "none").map(read);
        Ok(Self(items.collect::<Result<_, ValueError>>()?))
    }
}

impl fmt::Display for FaultList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let item = |item: &FaultyTask| match item.attempts.as_slice() {
            [] => item.task.to_string(),
            attempts => format!("{}@{}", item.task, joined(attempts, "+")),
        };
        match self.0.as_slice() {
            [] => f.write_str("none"),
            items => f.write_str(&items.iter().map(item).collect::<Vec<_>>().join(",")),
        }
    }
}

impl FaultList {
    /// A task, in every attempt.
    pub(super) fn only(task: u8) -> Self {
        Self(vec![FaultyTask { task, attempts: Vec::new() }])
    }

    /// The tasks of a scenario that have this fault.
    pub fn of(scenario: &Scenario, fault: Fault) -> Self {
        let attempts = |task: ActorId| -> Vec<u8> {
            let faults = (1..=u8::MAX).zip(&scenario.task(task).faults);
            faults.filter(|(_, one)| **one == Some(fault)).map(|(attempt, _)| attempt).collect()
        };
        let budget = usize::from(scenario.rules().run.attempts);
        let item = |task: ActorId| match attempts(task) {
            none if none.is_empty() => None,
            all if all.len() == budget => Some(FaultyTask { task: task.0, attempts: Vec::new() }),
            attempts => Some(FaultyTask { task: task.0, attempts }),
        };
        Self(scenario.ids().filter_map(item).collect())
    }

    pub(super) fn add_to(&self, scenario: Scenario, fault: Fault) -> Result<Scenario, ScenarioError> {
        self.0.iter().try_fold(scenario, |scenario, item| scenario.with_fault(fault, item.task, &item.attempts))
    }
}

impl FromStr for Workers {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let read = |text| positive(text, "a worker from 1 for each task, as in 1,1,2");
        Ok(Self(text.split(',').map(read).collect::<Result<_, _>>()?))
    }
}

impl fmt::Display for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&joined(&self.0, ","))
    }
}

impl From<&str> for Names {
    fn from(text: &str) -> Self {
        Self(text.split(',').map(str::to_string).collect())
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&joined(&self.0, ","))
    }
}

fn joined<T: ToString>(items: &[T], by: &str) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(by)
}
