//! A scenario as one line of options: `arroyo/after --tasks 2 --fails 2@1 --attempts 2`.
//!
//! The options are those of the command line, with the same defaults: two tasks, of which the last one fails, or
//! nobody where somebody vanishes. An option that is given twice counts as given last: so a mend is the options that
//! it changes.

use std::collections::BTreeMap;

use crate::protocol::rules::{KNOBS, Rules};
use crate::protocol::scenario::{Fate, Scenario, ScenarioError};

/// Reads a scenario.
///
/// # Errors
/// What is wrong with the line.
pub fn read(line: &str) -> Result<Scenario, String> {
    let mut words = line.split_whitespace();
    let protocol = words.next().unwrap_or_default();
    let mut rules = Rules::named(protocol).ok_or_else(|| format!("no protocol is named '{protocol}'"))?;
    let mut given = BTreeMap::new();
    while let Some(word) = words.next() {
        let name = word.strip_prefix("--").ok_or_else(|| format!("'{word}' is not an option"))?;
        given.insert(name, words.next().ok_or_else(|| format!("--{name} needs a value"))?);
    }
    for knob in KNOBS {
        if let Some(value) = given.remove(knob.name) {
            (knob.set)(&mut rules, value).ok_or_else(|| format!("--{}: no such value: '{value}'", knob.name))?;
        }
    }
    let scenario = tasks(rules, &mut given)?;
    given.keys().next().map_or(Ok(scenario), |name| Err(format!("--{name} is not an option of a scenario")))
}

fn tasks(rules: Rules, given: &mut BTreeMap<&str, &str>) -> Result<Scenario, String> {
    let tasks = given.remove("tasks").map_or(Ok(2), number)?;
    let last = if given.contains_key("vanishes") { "none".to_string() } else { tasks.to_string() };
    let fails = given.remove("fails").unwrap_or(&last);
    let vanishes = given.remove("vanishes").unwrap_or("none");
    let mut scenario = Scenario::new(rules, tasks).map_err(refused)?;
    for (fate, list) in [(Fate::Panics, fails), (Fate::Vanishes, vanishes)] {
        for item in list.split(',').filter(|_| list != "none") {
            let (task, attempts) = item.split_once('@').unwrap_or((item, ""));
            let attempts = attempts.split('+').filter(|text| !text.is_empty()).map(number);
            let attempts: Vec<u8> = attempts.collect::<Result<_, _>>()?;
            scenario = scenario.with_fate(fate, number(task)?, &attempts).map_err(refused)?;
        }
    }
    if let Some(list) = given.remove("workers") {
        let workers: Vec<u8> = list.split(',').map(number).collect::<Result<_, _>>()?;
        scenario = scenario.on_workers(&workers).map_err(refused)?;
    }
    match given.remove("names") {
        Some(list) => scenario.with_names(&list.split(',').collect::<Vec<_>>()).map_err(refused),
        None => Ok(scenario),
    }
}

fn number(text: &str) -> Result<u8, String> {
    text.parse().map_err(|_| format!("'{text}' is not a number from 0 to 255"))
}

fn refused(error: ScenarioError) -> String {
    format!("not a scenario: {error:?}")
}
