//! A scenario in words: `arroyo/after --tasks 2 --fails 2@1 --attempts 2`. The catalog, the levels and the site read
//! their scenarios with this parser. The command line parses the options itself, and then builds the same
//! [`ScenarioSpec`]. Text that this module writes is read back as the same scenario.
//!
//! An option that is not given has its usual value: two tasks, and the last one fails. If another fault is given, no
//! task fails by default. A list of tasks is written `2`, `1,3`, `2@1` (in attempt 1 only), `2@1+3` (in attempts 1 and
//! 3) or `none`.

use std::fmt;
use std::str::FromStr;

use super::knobs::{KNOBS, Knob};
use super::values::{FaultList, Names, Setting, ValueError, Workers, positive};
use super::{Rules, Scenario, ScenarioError};
use crate::core::Fault;

/// The options that are given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScenarioSpec {
    /// How many tasks.
    pub tasks: Option<u8>,
    /// The tasks that panic in `on_start`.
    pub fails: Option<FaultList>,
    /// The tasks that die in `on_start` without a notice.
    pub vanishes: Option<FaultList>,
    /// The tasks whose `on_start` does not return.
    pub hangs: Option<FaultList>,
    /// The tasks that die in `run`.
    pub dies: Option<FaultList>,
    /// The worker of each task.
    pub workers: Option<Workers>,
    /// The name of each task.
    pub names: Option<Names>,
    /// The knobs that are set. If a knob is set twice, the last value counts.
    pub settings: Vec<Setting>,
}

/// The values of options that are not given.
#[derive(Debug, Clone, Copy)]
pub struct Defaults {
    /// How many tasks.
    pub tasks: u8,
    /// The task that fails if no fault is given. The argument is the number of tasks.
    pub fails: fn(u8) -> u8,
}

/// Two tasks, of which the last one fails.
pub const DEFAULTS: Defaults = Defaults { tasks: 2, fails: |tasks| tasks };

/// What is wrong with the options of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpecError {
    /// No protocol has this name.
    NoProtocol(String),
    /// This word is neither an option nor the value of one.
    NoOption(String),
    /// There is no option of this name.
    Unknown(String),
    /// After this option, its value is missing.
    NoValue(String),
    /// The value of this option cannot be read.
    Value(String, ValueError),
    /// The scenario cannot have the value that this option has.
    Impossible(&'static str, ScenarioError),
    /// No scenario can have these rules, or no tasks.
    Scenario(ScenarioError),
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProtocol(name) => write!(f, "{name:?} names no protocol"),
            Self::NoOption(word) => write!(f, "{word:?} is no option"),
            Self::Unknown(name) => write!(f, "--{name} is no option of a scenario"),
            Self::NoValue(name) => write!(f, "--{name}: a value is missing"),
            Self::Value(name, error) => write!(f, "--{name}: {error}"),
            Self::Impossible(name, error) => write!(f, "--{name}: {error}"),
            Self::Scenario(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SpecError {}

impl ScenarioSpec {
    /// The options that, added to a protocol, describe a scenario. `tasks` and `fails` are always included. Every other
    /// option is included only if it differs from its usual value, which for a knob is the protocol's.
    pub fn of(scenario: &Scenario, protocol: &str) -> Self {
        let list = |fault| Some(FaultList::of(scenario, fault)).filter(|list| *list != FaultList::default());
        let (tasks, rules) = (scenario.tasks(), scenario.rules());
        let turned = |from: Rules| {
            let differs = |knob: &&Knob| (knob.get)(rules) != (knob.get)(&from);
            KNOBS.iter().filter(differs).filter_map(|knob| Setting::new(knob, &(knob.get)(rules)).ok()).collect()
        };
        Self {
            tasks: u8::try_from(tasks.len()).ok(),
            fails: Some(FaultList::of(scenario, Fault::Panics)),
            vanishes: list(Fault::Vanishes),
            hangs: list(Fault::Hangs),
            dies: list(Fault::Dies),
            workers: (scenario.workers() > 1).then(|| Workers(tasks.iter().map(|task| task.worker.0).collect())),
            names: scenario.has_own_names().then(|| Names(tasks.iter().map(|task| task.name.clone()).collect())),
            settings: Rules::named(protocol).map_or(Vec::new(), turned),
        }
    }

    /// These options. If one is not given, it is taken from `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            tasks: self.tasks.or(other.tasks),
            fails: self.fails.or(other.fails),
            vanishes: self.vanishes.or(other.vanishes),
            hangs: self.hangs.or(other.hangs),
            dies: self.dies.or(other.dies),
            workers: self.workers.or(other.workers),
            names: self.names.or(other.names),
            settings: [other.settings, self.settings].concat(),
        }
    }

    /// Whether an option for the faults of tasks is given, even if its value is `none`.
    pub fn has_fault(&self) -> bool {
        self.fails.is_some() || self.has_another_fault()
    }

    fn has_another_fault(&self) -> bool {
        [&self.vanishes, &self.hangs, &self.dies].into_iter().any(Option::is_some)
    }

    /// Builds the scenario from these rules and the options.
    ///
    /// # Errors
    /// If an option has an impossible value, or the options contradict each other.
    pub fn build(&self, mut rules: Rules, usual: Defaults) -> Result<Scenario, SpecError> {
        self.settings.iter().for_each(|setting| setting.apply(&mut rules));
        let of = |option| move |error| SpecError::Impossible(option, error);
        let tasks = self.tasks.unwrap_or(usual.tasks);
        let mut scenario = Scenario::new(rules, tasks).map_err(SpecError::Scenario)?;
        if let Some(Names(names)) = &self.names {
            scenario = scenario.with_names(names).map_err(of("names"))?;
        }
        if let Some(Workers(workers)) = &self.workers {
            scenario = scenario.on_workers(workers).map_err(of("workers"))?;
        }
        let last = (!self.has_another_fault()).then(|| FaultList::only((usual.fails)(tasks)));
        let faults = [
            ("fails", Fault::Panics, self.fails.as_ref().or(last.as_ref())),
            ("vanishes", Fault::Vanishes, self.vanishes.as_ref()),
            ("hangs", Fault::Hangs, self.hangs.as_ref()),
            ("dies", Fault::Dies, self.dies.as_ref()),
        ];
        faults.into_iter().try_fold(scenario, |scenario, (option, fault, list)| match list {
            Some(list) => list.add_to(scenario, fault).map_err(of(option)),
            None => Ok(scenario),
        })
    }

    /// The options with their values, in the order in which they are written.
    pub fn options(&self) -> Vec<(&'static str, String)> {
        let given = [
            ("tasks", self.tasks.as_ref().map(ToString::to_string)),
            ("fails", self.fails.as_ref().map(ToString::to_string)),
            ("vanishes", self.vanishes.as_ref().map(ToString::to_string)),
            ("hangs", self.hangs.as_ref().map(ToString::to_string)),
            ("dies", self.dies.as_ref().map(ToString::to_string)),
            ("workers", self.workers.as_ref().map(ToString::to_string)),
            ("names", self.names.as_ref().map(ToString::to_string)),
        ];
        let given = given.into_iter().filter_map(|(option, value)| Some((option, value?)));
        given.chain(self.settings.iter().map(|setting| (setting.knob().name, setting.to_string()))).collect()
    }

    fn give(&mut self, option: &str, text: &str) -> Result<(), SpecError> {
        let of = |error| SpecError::Value(option.to_string(), error);
        match option {
            "tasks" => self.tasks = Some(positive(text, "a number from 1 to 255").map_err(of)?),
            "fails" => self.fails = Some(text.parse().map_err(of)?),
            "vanishes" => self.vanishes = Some(text.parse().map_err(of)?),
            "hangs" => self.hangs = Some(text.parse().map_err(of)?),
            "dies" => self.dies = Some(text.parse().map_err(of)?),
            "workers" => self.workers = Some(text.parse().map_err(of)?),
            "names" => self.names = Some(text.into()),
            _ => {
                let knob = KNOBS.iter().find(|knob| knob.name == option);
                let knob = knob.ok_or_else(|| SpecError::Unknown(option.to_string()))?;
                self.settings.push(Setting::new(knob, text).map_err(of)?);
            }
        }
        Ok(())
    }
}

impl FromStr for ScenarioSpec {
    type Err = SpecError;

    fn from_str(line: &str) -> Result<Self, SpecError> {
        let (mut words, mut spec) = (line.split_whitespace(), Self::default());
        while let Some(word) = words.next() {
            let option = word.strip_prefix("--").ok_or_else(|| SpecError::NoOption(word.to_string()))?;
            let value = words.next().ok_or_else(|| SpecError::NoValue(option.to_string()))?;
            spec.give(option, value)?;
        }
        Ok(spec)
    }
}

impl fmt::Display for ScenarioSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.options().into_iter().map(|(option, value)| format!("--{option} {value}"));
        f.write_str(&words.collect::<Vec<_>>().join(" "))
    }
}

/// Splits a line into its first word, which names a protocol, and its options.
///
/// # Errors
/// If an option cannot be read.
pub fn split(line: &str) -> Result<(&str, ScenarioSpec), SpecError> {
    let (first, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
    Ok((first, rest.parse()?))
}

/// Reads a scenario from a line: a named protocol, and options.
///
/// # Errors
/// If no protocol has the name, if an option cannot be read, or if no scenario has these options.
pub fn read(line: &str) -> Result<Scenario, SpecError> {
    let (protocol, spec) = split(line)?;
    let rules = Rules::named(protocol).ok_or_else(|| SpecError::NoProtocol(protocol.to_string()))?;
    spec.build(rules, DEFAULTS)
}
