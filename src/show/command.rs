//! A scenario as the command-line options that recreate it from its named protocol.
//!
//! `--tasks` and `--fails` are always included. Every other option is included only if the scenario differs from the
//! protocol or from the default there.

use super::foreign::escaped;
use crate::scenario::Scenario;
use crate::scenario::spec::ScenarioSpec;
use crate::schedule::Schedule;

/// The arguments: `arroyo/before --tasks 2 --fails 2`.
pub fn arguments(protocol: &str, scenario: &Scenario) -> String {
    let mut words = vec![quoted(&escaped(protocol))];
    for (name, value) in ScenarioSpec::of(scenario, protocol).options() {
        words.extend([format!("--{name}"), quoted(&value)]);
    }
    words.join(" ")
}

/// The line that replays a schedule.
pub fn replay(protocol: &str, scenario: &Scenario, schedule: &Schedule) -> String {
    let schedule = schedule.text(scenario.workers());
    format!("startup-race replay {} \"{schedule}\"", arguments(protocol, scenario))
}

/// A word, quoted for a shell's command line.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
