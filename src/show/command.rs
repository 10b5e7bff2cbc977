//! A scenario as the command-line options that recreate it from its named protocol.
//!
//! Tasks and failures are always named; everything else only where it differs from the protocol and from the defaults.

use super::foreign::escaped;
use super::labels::{attempts_with, turned_knobs};
use crate::core::{ActorId, Fault};
use crate::scenario::{Rules, Scenario};
use crate::schedule::Schedule;

/// The arguments: `arroyo/before --tasks 2 --fails 2`.
pub fn arguments(protocol: &str, scenario: &Scenario) -> String {
    let mut words = vec![quoted(&escaped(protocol))];
    for (name, value) in options(protocol, scenario) {
        words.extend([format!("--{name}"), quoted(&value)]);
    }
    words.join(" ")
}

/// The line that replays a schedule.
pub fn replay(protocol: &str, scenario: &Scenario, schedule: &Schedule) -> String {
    let schedule = schedule.text(scenario.workers());
    format!("startup-race replay {} \"{schedule}\"", arguments(protocol, scenario))
}

/// The options with their values, in the order in which they are written.
pub fn options(protocol: &str, scenario: &Scenario) -> Vec<(&'static str, String)> {
    let tasks = scenario.tasks();
    let mut options = vec![("tasks", tasks.len().to_string()), ("fails", fault_list(scenario, Fault::Panics))];
    for (option, fault) in [("vanishes", Fault::Vanishes), ("hangs", Fault::Hangs), ("dies", Fault::Dies)] {
        if scenario.ids().any(|task| !attempts_with(scenario, task, fault).is_empty()) {
            options.push((option, fault_list(scenario, fault)));
        }
    }
    if scenario.workers() > 1 {
        options.push(("workers", join(tasks.iter().map(|task| task.worker.0.to_string()))));
    }
    if has_own_names(scenario) {
        options.push(("names", join(tasks.iter().map(|task| task.name.clone()))));
    }
    if let Some(rules) = Rules::named(protocol) {
        options.extend(turned_knobs(scenario.rules(), &rules));
    }
    options
}

/// Whether the tasks have other names than the usual ones.
pub fn has_own_names(scenario: &Scenario) -> bool {
    let usual = u8::try_from(scenario.tasks().len()).ok().and_then(|n| Scenario::new(*scenario.rules(), n).ok());
    usual.is_none_or(|usual| usual.tasks().iter().zip(scenario.tasks()).any(|(usual, task)| usual.name != task.name))
}

/// Which tasks have a fault, as a list of the command line: `2`, `1,3`, `2@1+3`, `none`.
pub fn fault_list(scenario: &Scenario, fault: Fault) -> String {
    let budget = usize::from(scenario.rules().run.attempts);
    let word = |task: ActorId| match attempts_with(scenario, task, fault) {
        attempts if attempts.is_empty() => None,
        attempts if attempts.len() == budget => Some(task.0.to_string()),
        attempts => {
            let attempts: Vec<String> = attempts.iter().map(ToString::to_string).collect();
            Some(format!("{}@{}", task.0, attempts.join("+")))
        }
    };
    let list = join(scenario.ids().filter_map(word));
    if list.is_empty() { "none".to_string() } else { list }
}

fn join(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(",")
}

/// A word of a shell's command line.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
