//! `startup-race schema NAME`: the JSON schema of an output.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use schemars::Schema;

use super::output::Output;
use crate::json::{SCHEMAS, print};

/// The arguments of `schema`.
#[derive(Args)]
pub struct SchemaArgs {
    /// The command whose JSON is described
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
