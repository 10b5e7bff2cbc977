//! A scenario read from options: `arroyo/after --tasks 2 --fails 2@1 --attempts 2`. The command line, the catalog and
//! the lessons all read it here; [`show::command`](crate::show::command) writes it.
//!
//! An option that is not given has its usual value: two tasks, of which the last one fails, or none if another fault is
//! given. Lists are `2`, `1,3`, `2@1` (attempt 1 only), `2@1+3`, `none`.

use std::collections::BTreeMap;
use std::fmt;

use crate::core::Fault;
use crate::scenario::knobs::KNOBS;
use crate::scenario::names;
use crate::scenario::{Rules, Scenario};

/// The options that are given, by name, each with its text. One that is given again counts as given last.
pub type ScenarioSpec = BTreeMap<String, String>;

/// An option that cannot be read: which one, what is wrong with it, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionError(String);

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OptionError {}

/// What an option that is not given stands for.
#[derive(Debug, Clone, Copy)]
pub struct Defaults {
    /// How many tasks.
    pub tasks: u8,
    /// The task that fails, of so many.
    pub fails: fn(u8) -> u8,
}

/// Two tasks, of which the last one fails.
pub const DEFAULTS: Defaults = Defaults { tasks: 2, fails: |tasks| tasks };

/// The names of the options that are no knob.
pub const PLAIN: [&str; 7] = ["tasks", "fails", "vanishes", "hangs", "dies", "workers", "names"];

/// The options that give a fault, beside `fails`.
pub const OTHER_FAULTS: [(&str, Fault); 3] =
    [("vanishes", Fault::Vanishes), ("hangs", Fault::Hangs), ("dies", Fault::Dies)];

/// Splits a line into its first word and its options.
///
/// # Errors
/// Where a word is neither an option nor the value of one.
pub fn split(line: &str) -> Result<(&str, ScenarioSpec), OptionError> {
    let mut words = line.split_whitespace();
    let (first, mut given) = (words.next().unwrap_or_default(), ScenarioSpec::new());
    while let Some(word) = words.next() {
        let name = word.strip_prefix("--").ok_or_else(|| OptionError(format!("{word:?} is no option")))?;
        let value = words.next().ok_or_else(|| wrong(name, &"a value is missing"))?;
        given.insert(name.to_string(), value.to_string());
    }
    Ok((first, given))
}

/// Reads a scenario from a line: a named protocol, and options.
///
/// # Errors
/// As [`split`] and [`scenario`]; where no protocol has the name.
pub fn read(line: &str) -> Result<Scenario, OptionError> {
    let (protocol, given) = split(line)?;
    let rules = Rules::named(protocol).ok_or_else(|| OptionError(format!("{protocol:?} names no protocol")))?;
    scenario(rules, &given, DEFAULTS)
}

/// The scenario that the options make of these rules.
///
/// # Errors
/// Where one cannot be read, is unknown, or makes no sense beside the others.
pub fn scenario(mut rules: Rules, given: &ScenarioSpec, usual: Defaults) -> Result<Scenario, OptionError> {
    for (name, text) in given.iter().filter(|(name, _)| !PLAIN.contains(&name.as_str())) {
        let knob = KNOBS.iter().find(|knob| knob.name == name);
        let knob = knob.ok_or_else(|| OptionError(format!("--{name} is no option of a scenario")))?;
        (knob.set)(&mut rules, text).ok_or_else(|| wrong(name, &format!("{text:?}: {}", values(knob.values))))?;
    }
    let text = |name: &str| given.get(name).map(String::as_str);
    let tasks = text("tasks").map_or(Ok(usual.tasks), |text| number("tasks", text))?;
    let mut scenario = Scenario::new(rules, tasks).map_err(|error| OptionError(error.to_string()))?;
    if let Some(names) = text("names") {
        let names: Vec<&str> = names.split(',').collect();
        scenario = scenario.with_names(&names).map_err(|error| wrong("names", &error))?;
    }
    if let Some(workers) = text("workers") {
        let workers: Vec<u8> = workers.split(',').map(|text| number("workers", text)).collect::<Result<_, _>>()?;
        scenario = scenario.on_workers(&workers).map_err(|error| wrong("workers", &error))?;
    }
    let has_another = OTHER_FAULTS.iter().any(|(option, _)| text(option).is_some());
    let last = if has_another { "none".to_string() } else { (usual.fails)(tasks).to_string() };
    let scenario = with_fault(scenario, Fault::Panics, "fails", text("fails").unwrap_or(&last))?;
    OTHER_FAULTS.iter().try_fold(scenario, |scenario, &(option, fault)| {
        with_fault(scenario, fault, option, text(option).unwrap_or("none"))
    })
}

fn with_fault(scenario: Scenario, fault: Fault, option: &str, list: &str) -> Result<Scenario, OptionError> {
    let mut items = list.split(',').filter(|_| list != "none");
    items.try_fold(scenario, |scenario, item| {
        let (task, attempts) = item.split_once('@').map_or((item, None), |(task, rest)| (task, Some(rest)));
        let attempts: Vec<u8> = attempts
            .into_iter()
            .flat_map(|list| list.split('+'))
            .map(|text| number(option, text))
            .collect::<Result<_, _>>()?;
        scenario.with_fault(fault, number(option, task)?, &attempts).map_err(|error| wrong(option, &error))
    })
}

fn number(option: &str, text: &str) -> Result<u8, OptionError> {
    let right = match option {
        "fails" | "vanishes" | "hangs" | "dies" => {
            "give tasks from 1, as in 2 or 1,3 (2@1 for attempt 1 only, 2@1+3 for two), or none"
        }
        "workers" => "give a worker from 1 for each task, as in 1,1,2",
        _ => "give a number from 1 to 255",
    };
    let number = names::number(text).filter(|&number: &u8| number > 0);
    number.ok_or_else(|| wrong(option, &format!("{text:?} is no number here: {right}")))
}

fn values(values: &[&str]) -> String {
    if values.is_empty() {
        "give a number from 0 to 255".to_string()
    } else {
        format!("give one of {}", values.join(", "))
    }
}

fn wrong(option: &str, what: &dyn fmt::Display) -> OptionError {
    OptionError(format!("--{option}: {what}"))
}
