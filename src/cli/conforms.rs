//! `startup-race conforms NAME --log FILE`: whether a log of events is a path of the model.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use crate::conformance::log::{LogVerdict, conforms, read_log};
use crate::json;
use crate::scenario::Setup;

use super::args::{self, Format, NameArg, ScenarioArgs};
use super::output::{Output, UsageError};

/// The arguments of `conforms`.
#[derive(Args)]
pub struct ConformsArgs {
    #[command(flatten)]
    name: NameArg,
    /// The log, as JSON lines: each line is an event, which records one action; `startup-race schema log` describes a
    /// line
    #[arg(long, value_name = "FILE")]
    log: PathBuf,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    scenario: ScenarioArgs,
}

pub fn run(args: &ConformsArgs) -> Result<Output, UsageError> {
    let args::Request { protocol, scenario } = args::scenario(&args.name.name, &args.scenario)?;
    let text = fs::read_to_string(&args.log);
    let text = text.map_err(|error| UsageError::new(format!("--log {}: {error}", args.log.display())))?;
    let setup = Setup::of(scenario);
    let verdict = conforms(&setup, &read_log(&text)?)?;
    let text = match args.format {
        Format::Text => verdict.text(&setup),
        Format::Json => json::print(&json::conforms::Conforms::of(&protocol, &setup, &verdict)),
    };
    let code = u8::from(matches!(verdict, LogVerdict::Parted(_)));
    Ok(Output { text, warnings: Vec::new(), code })
}
