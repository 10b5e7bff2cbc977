//! The scenario that a command line asks for.

use std::fmt::Display;
use std::ops::{ControlFlow, RangeInclusive};
use std::str::FromStr;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches};

use crate::catalog;
use crate::core::PipelineController;
use crate::explore::limits::Limits;
use crate::explore::report::Check;
use crate::options::{self, DEFAULTS, PLAIN, ScenarioSpec};
use crate::scenario::knobs::{KNOBS, PROTOCOLS};
use crate::scenario::names;
use crate::scenario::{Rules, Scenario};

use super::limits;
use super::output::UsageError;
use super::watch::Watch;

/// The options that make a scenario of a protocol.
pub fn scenario_args() -> Vec<Arg> {
    let heading = "Scenario";
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help).help_heading(heading).action(ArgAction::Set)
    };
    let mut args = vec![
        option("tasks", "N", "How many tasks [default: 2]").value_parser(number(1..=u8::MAX)),
        option("fails", "LIST", "Who panics in on_start: 2, 1,3, 2@1 (attempt 1 only), none [default: the last task]"),
        option("vanishes", "LIST", "Who dies in on_start without a word"),
        option("hangs", "LIST", "Whose on_start does not return"),
        option("dies", "LIST", "Who dies in run, and reports it"),
        option("workers", "LIST", "The worker of each task [default: all on 1]"),
        option("names", "LIST", "The name of each task"),
    ];
    for knob in KNOBS {
        let arg = option(knob.name, "VALUE", knob_help(knob.name)).help_heading("Rules (override the protocol's)");
        args.push(match knob.values {
            [] => arg.value_name("N").value_parser(number(0..=u8::MAX)),
            values => arg.value_parser(PossibleValuesParser::new(values.iter().copied())),
        });
    }
    args
}

fn knob_help(name: &str) -> &'static str {
    super::explain::entry(name).map_or("", |entry| entry.means)
}

/// Reads a number of this range, in digits only.
pub fn number<N>(range: RangeInclusive<N>) -> impl Fn(&str) -> Result<N, String> + Clone + Send + Sync + 'static
where
    N: FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |text| {
        let number = names::number(text).filter(|number| range.contains(number));
        number.ok_or_else(|| format!("give a number from {} to {}, in digits only", range.start(), range.end()))
    }
}

/// The options of the search.
pub fn search_args() -> [Arg; 3] {
    let symmetry = Arg::new("symmetry")
        .long("symmetry")
        .help("Whether tasks that are alike are interchanged [default: on]")
        .value_name("on|off")
        .value_parser(["on", "off"])
        .help_heading("Search");
    let [max_states, memory] = limits::args();
    [symmetry, max_states, memory]
}

/// How a request searches. Its searches share one budget of memory.
pub struct Search {
    limits: Limits,
    symmetric: bool,
}

impl Search {
    /// What the options say.
    pub fn of(matches: &ArgMatches) -> Self {
        let symmetric = matches.get_one::<String>("symmetry").is_none_or(|symmetry| symmetry == "on");
        Self { limits: limits::limits(matches), symmetric }
    }

    /// A check that searches so, and tells how far it is.
    pub fn bound<'a>(&self, check: Check<'a, PipelineController>) -> Check<'a, PipelineController> {
        let mut watch = Watch::new();
        let check = check.limits(self.limits.clone()).on_progress(move |states, layer| {
            watch.look(states, layer);
            ControlFlow::Continue(())
        });
        if self.symmetric { check.symmetric() } else { check }
    }
}

/// The option that chooses between text and JSON.
pub fn format_arg() -> Arg {
    Arg::new("format").long("format").value_parser(["text", "json"]).default_value("text").help("How to print it")
}

/// Whether JSON is asked for.
pub fn is_json(matches: &ArgMatches) -> bool {
    matches.get_one::<String>("format").is_some_and(|format| format == "json")
}

/// What a name and the options beside it ask for.
pub struct Request {
    /// The protocol that the scenario starts from.
    pub protocol: String,
    /// The scenario.
    pub scenario: Scenario,
}

/// The scenario that the options make of a protocol, or of a scenario of the catalog, whose own options they override.
pub fn scenario(name: &str, matches: &ArgMatches) -> Result<Request, UsageError> {
    let (protocol, mut given) = match catalog::find(name) {
        Some(entry) if Rules::named(name).is_none() => options::split(&entry.command)?,
        _ => (name, ScenarioSpec::new()),
    };
    given.extend(self::given(matches));
    let scenario = options::scenario(rules(protocol)?, &given, DEFAULTS)?;
    Ok(Request { protocol: protocol.to_string(), scenario })
}

/// The scenario's options on a command line.
pub fn given(matches: &ArgMatches) -> ScenarioSpec {
    let names = PLAIN.into_iter().chain(KNOBS.iter().map(|knob| knob.name));
    let text = |name| matches.try_get_raw(name).ok().flatten()?.next_back()?.to_str().map(str::to_string);
    names.filter_map(|name| Some((name.to_string(), text(name)?))).collect()
}

/// The rules of a named protocol, or what there is instead.
pub fn rules(name: &str) -> Result<Rules, UsageError> {
    Rules::named(name).ok_or_else(|| {
        UsageError::new(format!(
            "there is no protocol or scenario {name:?}.{}\n\n{}",
            nearest(name, &names()),
            listing()
        ))
    })
}

/// What there is to check.
pub fn listing() -> String {
    let lines = |names: &[&str]| names.iter().map(|name| format!("  {name}")).collect::<Vec<_>>().join("\n");
    let names = names();
    let (protocols, others) = names.split_at(PROTOCOLS.len());
    format!("Protocols:\n{}\nScenarios of the catalog:\n{}", lines(protocols), lines(others))
}

/// Every name that can be checked, the protocols first.
fn names() -> Vec<&'static str> {
    let protocols = PROTOCOLS.iter().map(|&(name, _)| name);
    let others = catalog::entries().iter().map(|entry| entry.name.as_str());
    protocols.chain(others.filter(|name| Rules::named(name).is_none())).collect()
}

/// ` Did you mean …?`, where something is near.
pub fn nearest(name: &str, names: &[&str]) -> String {
    let score = |other: &&&str| (strsim::jaro_winkler(name, other) * 1000.0) as u32;
    match names.iter().max_by_key(score).filter(|other| score(other) > 700) {
        Some(nearest) => format!(" Did you mean {nearest}?"),
        None => String::new(),
    }
}
