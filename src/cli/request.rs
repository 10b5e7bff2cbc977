//! The scenario that a command line asks for.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, value_parser};

use startup_race::protocol::rules::{KNOBS, PROTOCOLS, Rules};
use startup_race::protocol::scenario::{Fate, Scenario};

use super::lists;
use super::output::Wrong;

/// The options that make a scenario of a protocol.
pub fn scenario_args() -> Vec<Arg> {
    let heading = "Scenario";
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help).help_heading(heading).action(ArgAction::Set)
    };
    let mut args = vec![
        option("tasks", "N", "How many tasks [default: 2]").value_parser(value_parser!(u8).range(1..)),
        option("fails", "LIST", "Who panics in on_start: 2, 1,3, 2@1 (attempt 1 only), none [default: the last task]"),
        option("vanishes", "LIST", "Who dies in on_start without a word"),
        option("workers", "LIST", "The worker of each task [default: all on 1]"),
        option("names", "LIST", "The name of each task"),
    ];
    for knob in KNOBS {
        let arg = option(knob.name, "VALUE", knob_help(knob.name)).help_heading("Rules (override the protocol's)");
        args.push(match knob.values {
            [] => arg.value_name("N").value_parser(value_parser!(u8)),
            values => arg.value_parser(PossibleValuesParser::new(values.iter().copied())),
        });
    }
    args
}

fn knob_help(name: &str) -> &'static str {
    super::explain::entry(name).map_or("", |entry| entry.means)
}

/// The options of the search.
pub fn search_args() -> [Arg; 2] {
    let heading = "Search";
    [
        Arg::new("symmetry")
            .long("symmetry")
            .help("Whether tasks that are alike are interchanged [default: on]")
            .value_name("on|off")
            .value_parser(["on", "off"])
            .help_heading(heading),
        Arg::new("max-states")
            .long("max-states")
            .help("How many states may be stored; where it bites, the verdict is CUT SHORT")
            .value_name("N")
            .value_parser(value_parser!(u64).range(1..))
            .help_heading(heading),
    ]
}

/// The option that chooses between text and JSON.
pub fn format_arg() -> Arg {
    Arg::new("format").long("format").value_parser(["text", "json"]).default_value("text").help("How to print it")
}

/// Whether JSON is asked for.
pub fn is_json(matches: &ArgMatches) -> bool {
    matches.get_one::<String>("format").is_some_and(|format| format == "json")
}

/// The scenario that the options make of a named protocol.
pub fn scenario(name: &str, matches: &ArgMatches) -> Result<Scenario, Wrong> {
    let mut rules = rules(name)?;
    for knob in KNOBS {
        let text = match knob.values {
            [] => matches.get_one::<u8>(knob.name).map(ToString::to_string),
            _ => matches.get_one::<String>(knob.name).cloned(),
        };
        if let Some(text) = text {
            (knob.set)(&mut rules, &text)
                .ok_or_else(|| Wrong::new(format!("--{}: {text:?} is no value", knob.name)))?;
        }
    }
    build(rules, matches, 2, |tasks| tasks)
}

/// Builds a scenario of rules; `failing` is the task that fails where nobody says, of so many.
pub fn build(rules: Rules, matches: &ArgMatches, tasks: u8, failing: fn(u8) -> u8) -> Result<Scenario, Wrong> {
    let tasks = matches.get_one::<u8>("tasks").copied().unwrap_or(tasks);
    let text = |option: &str| matches.try_get_one::<String>(option).ok().flatten();
    let mut scenario = Scenario::new(rules, tasks)?;
    if let Some(names) = text("names") {
        scenario = scenario.with_names(&names.split(',').collect::<Vec<_>>()).map_err(|error| of("names", error))?;
    }
    if let Some(workers) = text("workers") {
        scenario = scenario.on_workers(&lists::numbers("workers", workers)?).map_err(|error| of("workers", error))?;
    }
    let vanishing = text("vanishes").map_or(Ok(Vec::new()), |list| lists::tasks("vanishes", list))?;
    let panicking = match (text("fails"), text("vanishes")) {
        (Some(list), _) => lists::tasks("fails", list)?,
        (None, Some(_)) => Vec::new(),
        (None, None) => vec![(failing(tasks), Vec::new())],
    };
    for (option, fate, list) in [("fails", Fate::Panics, panicking), ("vanishes", Fate::Vanishes, vanishing)] {
        for (task, attempts) in list {
            scenario = scenario.with_fate(fate, task, &attempts).map_err(|error| of(option, error))?;
        }
    }
    Ok(scenario)
}

fn of(option: &str, error: impl std::fmt::Display) -> Wrong {
    Wrong::new(format!("--{option}: {error}"))
}

/// The rules of a named protocol, or what there is instead.
pub fn rules(name: &str) -> Result<Rules, Wrong> {
    Rules::named(name).ok_or_else(|| {
        let names: Vec<&str> = PROTOCOLS.iter().map(|&(name, _)| name).collect();
        Wrong::new(format!("there is no protocol {name:?}.{}\n\n{}", nearest(name, &names), listing()))
    })
}

/// What there is to check.
pub fn listing() -> String {
    let names: Vec<String> = PROTOCOLS.iter().map(|(name, _)| format!("  {name}")).collect();
    format!("Protocols:\n{}", names.join("\n"))
}

/// ` Did you mean …?`, where something is near.
pub fn nearest(name: &str, names: &[&str]) -> String {
    let score = |other: &&&str| (strsim::jaro_winkler(name, other) * 1000.0) as u32;
    match names.iter().max_by_key(score).filter(|other| score(other) > 700) {
        Some(nearest) => format!(" Did you mean {nearest}?"),
        None => String::new(),
    }
}
