//! `startup-race [--fixed]`: tells the story of the bug, or of the fix.

use clap::Args;

use crate::scenario::Setup;
use crate::scenario::knobs::KNOBS;
use crate::scenario::spec::{Defaults, ScenarioSpec};
use crate::scenario::values::{FaultList, Names, Setting};
use crate::show::demo::{Version, schedule, tell};

use super::args::number;
use super::output::{Output, UsageError};

/// The arguments without a command.
#[derive(Args)]
pub struct DemoArgs {
    /// Tells of the fix
    #[arg(long)]
    fixed: bool,
    /// How many tasks [default: 3]
    #[arg(long, value_name = "N", value_parser = number(1..=u8::MAX))]
    tasks: Option<u8>,
    /// Who panics in on_start: 2, 1,3, 2@1 (attempt 1 only), none [default: 2]
    #[arg(long, value_name = "LIST")]
    fails: Option<FaultList>,
    /// The name of each task
    #[arg(long, value_name = "LIST")]
    names: Option<Names>,
    /// How many attempts there are [default: 1]
    #[arg(long, value_name = "N", value_parser = number(1..=u8::MAX))]
    attempts: Option<u8>,
}

pub fn run(args: &DemoArgs) -> Result<Output, UsageError> {
    let version = if args.fixed { Version::Fixed } else { Version::Buggy };
    let usual = Defaults { tasks: 3, fails: |tasks| tasks.min(2) };
    let attempts = KNOBS.iter().find(|knob| knob.name == "attempts").zip(args.attempts);
    let attempts = attempts.map(|(knob, attempts)| Setting::new(knob, &attempts.to_string())).transpose()?;
    let spec = ScenarioSpec {
        tasks: args.tasks,
        fails: args.fails.clone(),
        names: args.names.clone(),
        settings: attempts.into_iter().collect(),
        ..ScenarioSpec::default()
    };
    let setup = Setup::of(spec.build(version.rules(), usual)?);
    Ok(Output::ok(tell(version, &setup, &schedule(&setup))))
}
