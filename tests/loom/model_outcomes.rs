//! Setups for the threads, and the outcomes that the model allows.

use startup_race::core::PipelineController;
use startup_race::scenario::knobs::{KNOBS, PROTOCOLS};
use startup_race::scenario::{Rules, Scenario, Setup};
use startup_race::show::command::arguments;

pub use startup_race::conformance::outcomes::outcomes;

/// A scenario of a named protocol with these knobs.
pub fn scenario(protocol: &str, knobs: &[(&str, &str)], tasks: u8) -> Scenario {
    let mut rules = Rules::named(protocol).expect("a named protocol");
    for (name, value) in knobs {
        let knob = KNOBS.iter().find(|knob| knob.name == *name).expect("a knob");
        (knob.set)(&mut rules, value).expect("a value of the knob");
    }
    Scenario::new(rules, tasks).expect("a scenario")
}

/// A setup of a named protocol with this many tasks, of which some fail.
pub fn setup(protocol: &str, tasks: u8, failing: &[u8]) -> Setup<PipelineController> {
    Setup::of(scenario(protocol, &[], tasks).failing(failing).expect("tasks of the scenario"))
}

/// A scenario as on the command line: `seed/fixed --tasks 2 --fails 2`.
pub fn told(protocol: &str, scenario: &Scenario) -> String {
    arguments(protocol, scenario)
}

/// The names of all protocols.
pub fn protocols() -> impl Iterator<Item = &'static str> {
    PROTOCOLS.iter().map(|(name, _)| *name)
}

/// Every set of the numbers 1 to n.
pub fn subsets(n: u8) -> impl Iterator<Item = Vec<u8>> {
    (0u32..1 << n).map(move |set| (1..=n).filter(|member| set & (1 << (member - 1)) != 0).collect())
}
