//! `startup-race schema NAME`: the schema of the JSON that a command prints, or of the log that `conforms` reads.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use schemars::Schema;

use super::output::Output;
use crate::json::{SCHEMAS, print};

/// The arguments of `schema`.
#[derive(Args)]
pub struct SchemaArgs {
    /// The command whose JSON output is described; log: a line of the log that conforms reads
    #[arg(value_parser = PossibleValuesParser::new(SCHEMAS.map(|(name, _)| name)).map(|name| schema_of(&name)))]
    name: fn() -> Schema,
}

fn schema_of(name: &str) -> fn() -> Schema {
    let found = SCHEMAS.into_iter().find(|(other, _)| *other == name);
    found.expect("clap takes no other name").1
}

pub fn run(args: &SchemaArgs) -> Output {
    Output::ok(print(&(args.name)()))
}
