//! The arguments that several commands share. clap parses each of them once, into a value of its own type.

use std::fmt::Display;
use std::num::NonZeroUsize;
use std::ops::{ControlFlow, RangeInclusive};
use std::path::Path;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, ValueEnum};

use crate::catalog;
use crate::core::PipelineController;
use crate::explore::engine::spill::Disk;
use crate::explore::limits::Limits;
use crate::explore::report::Check;
use crate::explore::verdict::VerdictKind;
use crate::scenario::knobs::{KNOBS, Knob, PROTOCOLS};
use crate::scenario::names;
use crate::scenario::spec::{DEFAULTS, ScenarioSpec, split};
use crate::scenario::values::{FaultList, Names, Setting, Workers};
use crate::scenario::{Rules, Scenario};

use super::limits::LimitArgs;
use super::output::UsageError;
use super::watch::Watch;

/// The options that make a scenario of a protocol.
#[derive(Args, Clone)]
pub struct ScenarioArgs {
    /// How many tasks [default: 2, or as in the catalog]
    #[arg(long, value_name = "N", value_parser = number(1..=u8::MAX), help_heading = "Scenario")]
    tasks: Option<u8>,
    /// Tasks that panic in on_start, such as 2 or 1,3 or 2@1 (in attempt 1 only) or none [default: the last task; none
    /// if another fault is given; or as in the catalog]
    #[arg(long, value_name = "LIST", help_heading = "Scenario")]
    fails: Option<FaultList>,
    /// Tasks that die in on_start and do not report it
    #[arg(long, value_name = "LIST", help_heading = "Scenario")]
    vanishes: Option<FaultList>,
    /// Tasks whose on_start does not return
    #[arg(long, value_name = "LIST", help_heading = "Scenario")]
    hangs: Option<FaultList>,
    /// Tasks that die in run, and report it
    #[arg(long, value_name = "LIST", help_heading = "Scenario")]
    dies: Option<FaultList>,
    /// The worker of each task, such as 1,1,2 [default: all on 1, or as in the catalog]
    #[arg(long, value_name = "LIST", help_heading = "Scenario")]
    workers: Option<Workers>,
    /// The name of each task
    #[arg(long, value_name = "LIST", help_heading = "Scenario")]
    names: Option<Names>,
    #[command(flatten)]
    knobs: KnobArgs,
}

impl ScenarioArgs {
    /// The options that are given.
    pub fn spec(&self) -> ScenarioSpec {
        let Self { tasks, fails, vanishes, hangs, dies, workers, names, knobs } = self.clone();
        ScenarioSpec { tasks, fails, vanishes, hangs, dies, workers, names, settings: knobs.0 }
    }
}

/// An option for each knob. The options are generated from [`KNOBS`], so a new knob needs no code here.
#[derive(Clone)]
pub struct KnobArgs(pub Vec<Setting>);

impl Args for KnobArgs {
    fn augment_args(command: Command) -> Command {
        command.args(KNOBS.iter().map(knob_arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for KnobArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(KNOBS.iter().filter_map(|knob| matches.get_one::<Setting>(knob.name).copied()).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        Self::from_arg_matches(matches).map(|args| *self = args)
    }
}

fn knob_arg(knob: &'static Knob) -> Arg {
    let means = super::explain::entry(knob.name).map_or("", |entry| entry.means);
    let arg = Arg::new(knob.name).long(knob.name).help(means).help_heading("Rules (override the protocol's)");
    let setting = move |text: String| Setting::new(knob, &text);
    match knob.values {
        [] => {
            arg.value_name("N").value_parser(number(0..=u8::MAX).map(move |number| number.to_string()).try_map(setting))
        }
        values => arg.value_name("VALUE").value_parser(PossibleValuesParser::new(values).try_map(setting)),
    }
}

/// Parses a number in this range. Only digits are allowed.
pub fn number<N>(range: RangeInclusive<N>) -> impl TypedValueParser<Value = N>
where
    N: FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |text: &str| {
        let number = names::number(text).filter(|number| range.contains(number));
        number.ok_or_else(|| format!("give a number from {} to {}, in digits only", range.start(), range.end()))
    }
}

/// The options of the search.
#[derive(Args)]
pub struct SearchArgs {
    /// Whether states that differ only by an exchange of identical tasks are explored as one; this changes no verdict
    /// of a complete search [default: on]
    #[arg(long, value_name = "on|off", hide_possible_values = false, help_heading = "Search")]
    symmetry: Option<Switch>,
    /// How many threads share a search; the output does not depend on it [default: as many as there are cores]
    #[arg(long, value_name = "N", value_parser = number(1..=u16::MAX), help_heading = "Search")]
    jobs: Option<u16>,
    /// A folder for temporary files: the states that wait are stored there, not in memory; its disk needs enough room
    #[arg(long, value_name = "DIR", value_parser = folder, help_heading = "Search")]
    spill: Option<Disk>,
    #[command(flatten)]
    limits: LimitArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl SearchArgs {
    /// How a request searches.
    pub fn search(&self) -> Search {
        let jobs = self.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into()));
        Search {
            limits: self.limits.limits(),
            symmetric: self.symmetry != Some(Switch::Off),
            jobs,
            spill: self.spill.clone(),
        }
    }
}

/// How a request searches. All of its searches share one budget of memory.
pub struct Search {
    limits: Limits,
    symmetric: bool,
    jobs: Option<NonZeroUsize>,
    spill: Option<Disk>,
}

/// Parses the name of a folder in which files can be created.
fn folder(text: &str) -> Result<Disk, String> {
    Disk::in_folder(Path::new(text)).map_err(|error| format!("no file can be made there: {error}"))
}

impl Search {
    /// A check with these options that reports its progress.
    pub fn bound<'a>(&self, check: Check<'a, PipelineController>) -> Check<'a, PipelineController> {
        let mut watch = Watch::new();
        let check = check.limits(self.limits.clone()).on_progress(move |states, layer| {
            watch.look(states, layer);
            ControlFlow::Continue(())
        });
        let mut check = self.jobs.into_iter().fold(check, Check::jobs);
        check.spill.clone_from(&self.spill);
        if self.symmetric { check.symmetric() } else { check }
    }
}

/// The option that requires the premise of each claim to be met.
#[derive(Args)]
pub struct PremiseArg {
    /// Exits with 4 instead of 0 if the premise of a judged claim is never met, so that nothing puts the claim to the
    /// test
    #[arg(long)]
    require_premise: bool,
}

impl PremiseArg {
    /// The exit code and the warnings of a request, given the claims that were never tested. `mend` says what would
    /// test them.
    pub fn demand(&self, code: u8, unmet: &[&str], mend: &str) -> (u8, Vec<String>) {
        if !self.require_premise || unmet.is_empty() {
            return (code, Vec::new());
        }
        let warning = |id: &&str| format!("{id} was never put to the test: its premise is never met. {mend}");
        (if code == 0 { VerdictKind::Vacuous.exit_code() } else { code }, unmet.iter().map(warning).collect())
    }
}

/// Text or JSON.
#[derive(Args)]
pub struct FormatArg {
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
}

/// The argument NAME, which several commands take.
#[derive(Args)]
pub struct NameArg {
    /// A protocol, such as arroyo/before, or a scenario of the catalog
    pub name: String,
}

/// The scenario that a name and options ask for.
pub struct Request {
    /// The protocol that the scenario starts from.
    pub protocol: String,
    /// The scenario.
    pub scenario: Scenario,
}

/// The scenario of a name with these options. The name is a protocol or a scenario of the catalog; the options override
/// those of the catalog.
pub fn scenario(name: &str, args: &ScenarioArgs) -> Result<Request, UsageError> {
    let (protocol, own) = match catalog::find(name) {
        Some(entry) if Rules::named(name).is_none() => split(&entry.command)?,
        _ => (name, ScenarioSpec::default()),
    };
    let scenario = args.spec().or(own).build(rules(protocol)?, DEFAULTS)?;
    Ok(Request { protocol: protocol.to_string(), scenario })
}

/// The rules of a named protocol. If the name is that of a bug report, the error says why it cannot be checked; for any
/// other unknown name, the error lists the names that exist.
pub fn rules(name: &str) -> Result<Rules, UsageError> {
    if let Some(report) = catalog::reports::REPORTS.iter().find(|report| report.name == name) {
        return Err(UsageError::new(report.not_checked()));
    }
    Rules::named(name).ok_or_else(|| {
        UsageError::new(format!(
            "there is no protocol or scenario {name:?}.{}\n\n{}",
            nearest(name, &names()),
            listing()
        ))
    })
}

/// The list of names that can be checked.
pub fn listing() -> String {
    let lines = |names: &[&str]| names.iter().map(|name| format!("  {name}")).collect::<Vec<_>>().join("\n");
    let names = names();
    let (protocols, others) = names.split_at(PROTOCOLS.len());
    format!("Protocols:\n{}\nScenarios of the catalog:\n{}", lines(protocols), lines(others))
}

/// Every name that can be checked. Protocols come first.
fn names() -> Vec<&'static str> {
    let protocols = PROTOCOLS.iter().map(|&(name, _)| name);
    let others = catalog::entries().iter().map(|entry| entry.name.as_str());
    protocols.chain(others.filter(|name| Rules::named(name).is_none())).collect()
}

/// ` Did you mean …?`, if there is a similar name.
pub fn nearest(name: &str, names: &[&str]) -> String {
    let score = |other: &&&str| (strsim::jaro_winkler(name, other) * 1000.0) as u32;
    match names.iter().max_by_key(score).filter(|other| score(other) > 700) {
        Some(nearest) => format!(" Did you mean {nearest}?"),
        None => String::new(),
    }
}
