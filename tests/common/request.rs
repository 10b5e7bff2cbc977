//! A scenario from options, as on the command line: `arroyo/before --tasks 2 --fails 2`.

#![allow(dead_code, reason = "each test file uses a part of it")]

use startup_race::core::{Fault, PipelineController};
use startup_race::explore::report::{Check, Judgement, Report};
use startup_race::scenario::knobs::KNOBS;
use startup_race::scenario::{Rules, Scenario, Setup};

/// The options that set no knob.
const NOT_KNOBS: [&str; 7] = ["tasks", "fails", "vanishes", "hangs", "dies", "workers", "names"];

/// The protocol and the scenario of these options. A wrong value fails the test, and so does an option
/// of another name.
pub fn scenario(options: &str) -> (String, Scenario) {
    let words: Vec<&str> = options.split_whitespace().collect();
    let (protocol, pairs) = (words[0], words[1..].chunks(2));
    let pairs: Vec<(&str, &str)> = pairs.map(|pair| (pair[0].trim_start_matches("--"), pair[1])).collect();
    let given = |name: &str| pairs.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
    let mut rules = Rules::named(protocol).expect("a named protocol");
    for (name, value) in &pairs {
        if !NOT_KNOBS.contains(name) {
            rules = turned(rules, name, value);
        }
    }
    let mut scenario = Scenario::new(rules, given("tasks").map_or(2, number)).unwrap();
    for (fault, name) in
        [(Fault::Panics, "fails"), (Fault::Vanishes, "vanishes"), (Fault::Hangs, "hangs"), (Fault::Dies, "dies")]
    {
        for (task, attempts) in fates(given(name).unwrap_or("none")) {
            scenario = scenario.with_fault(fault, task, &attempts).unwrap();
        }
    }
    if let Some(workers) = given("workers") {
        scenario = scenario.on_workers(&workers.split(',').map(number).collect::<Vec<_>>()).unwrap();
    }
    if let Some(names) = given("names") {
        scenario = scenario.with_names(&names.split(',').collect::<Vec<_>>()).unwrap();
    }
    (protocol.to_string(), scenario)
}

/// The rules with this knob set.
pub fn turned(mut rules: Rules, name: &str, value: &str) -> Rules {
    let knob = KNOBS.iter().find(|knob| knob.name == name).unwrap_or_else(|| panic!("--{name} is no option"));
    (knob.set)(&mut rules, value).expect("a value of the knob");
    rules
}

/// A check of these options, in which tasks that are alike are interchanged.
pub fn check<'a>(options: &str) -> Check<'a, PipelineController> {
    let (protocol, scenario) = scenario(options);
    Check::new(Setup::of(scenario)).protocol(protocol).symmetric()
}

/// The judgement of a claim in a report.
pub fn claim<'a>(report: &'a Report<PipelineController>, id: &str) -> &'a Judgement<PipelineController> {
    report.claims.iter().find(|judgement| judgement.claim.id == id).expect("the claim was judged")
}

fn fates(list: &str) -> Vec<(u8, Vec<u8>)> {
    let fate = |word: &str| match word.split_once('@') {
        Some((task, attempts)) => (number(task), attempts.split('+').map(number).collect()),
        None => (number(word), Vec::new()),
    };
    if list == "none" { Vec::new() } else { list.split(',').map(fate).collect() }
}

fn number(text: &str) -> u8 {
    text.parse().expect("a number")
}
