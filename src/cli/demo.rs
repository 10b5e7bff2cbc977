//! `startup-race [--fixed]`: narrates the bug or the fix.

use clap::Args;

use crate::scenario::Setup;
use crate::scenario::knobs::KNOBS;
use crate::scenario::spec::{Defaults, ScenarioSpec};
use crate::scenario::values::{FaultList, Names, Setting};
use crate::show::demo::{Version, schedule, tell};

use super::args::number;
use super::output::{Output, UsageError};

/// The arguments of the program if no command is given.
#[derive(Args)]
pub struct DemoArgs {
    /// Tells the story of the fix
    #[arg(long)]
    fixed: bool,
    /// How many tasks [default: 3]
    #[arg(long, value_name = "N", value_parser = number(1..=u8::MAX))]
    tasks: Option<u8>,
    /// Tasks that panic in on_start, such as 2 or 1,3 or 2@1 (in attempt 1 only) or none [default: 2; 1 if there is
    /// only one task; none with --stop asked]
    #[arg(long, value_name = "LIST")]
    fails: Option<FaultList>,
    /// The name of each task
    #[arg(long, value_name = "LIST")]
    names: Option<Names>,
    /// How many attempts there are [default: 1]
    #[arg(long, value_name = "N", value_parser = number(1..=u8::MAX))]
    attempts: Option<u8>,
    /// Whether a user asks for a stop once the tasks have started; if so, no task fails unless --fails says so
    /// [default: none]
    #[arg(long, value_name = "none|asked", value_parser = ["none", "asked"], hide_possible_values = true)]
    stop: Option<String>,
}

pub fn run(args: &DemoArgs) -> Result<Output, UsageError> {
    let version = if args.fixed { Version::Fixed } else { Version::Buggy };
    let usual = Defaults { tasks: 3, fails: |tasks| tasks.min(2) };
    let is_stopped = args.stop.as_deref() == Some("asked");
    let knobs = [("attempts", args.attempts.map(|attempts| attempts.to_string())), ("stop", args.stop.clone())];
    let set = |(name, value): (&str, Option<String>)| {
        KNOBS.iter().find(|knob| knob.name == name).zip(value).map(|(knob, value)| Setting::new(knob, &value))
    };
    let fails = args.fails.clone();
    let spec = ScenarioSpec {
        tasks: args.tasks,
        fails: if is_stopped { Some(fails.unwrap_or_default()) } else { fails },
        names: args.names.clone(),
        settings: knobs.into_iter().filter_map(set).collect::<Result<_, _>>()?,
        ..ScenarioSpec::default()
    };
    let setup = Setup::of(spec.build(version.rules(), usual)?);
    Ok(Output::ok(tell(version, &setup, &schedule(&setup))))
}
