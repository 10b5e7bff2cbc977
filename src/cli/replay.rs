//! `startup-race replay NAME "SCHEDULE"`: steps one schedule and shows it.

use clap::{Arg, ArgMatches, Command};

use crate::explore::trace::Trace;
use crate::scenario::Setup;
use crate::show::{Style, command, dot, mermaid, table};

use super::output::{Output, UsageError};
use super::{args, json};

pub fn subcommand() -> Command {
    Command::new("replay")
        .about("Steps one schedule, or its beginning, and shows it")
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .help("A protocol, such as arroyo/before, or a scenario of the catalog"),
        )
        .arg(
            Arg::new("schedule")
                .value_name("SCHEDULE")
                .required(true)
                .help("Who acts, in order: 2 2 2 1 1 1 c c c (a task is its number, the controller is c)"),
        )
        .arg(
            Arg::new("format")
                .long("format")
                .value_parser(["text", "json", "mermaid", "dot"])
                .default_value("text")
                .help("How to print it; mermaid: a sequence diagram, dot: the graph of a small scenario for Graphviz"),
        )
        .args(args::scenario_args())
}

pub fn run(matches: &ArgMatches, style: Style) -> Result<Output, UsageError> {
    let text = |name| matches.get_one::<String>(name).expect("clap requires it");
    let args::Request { protocol, scenario } = args::scenario(text("name"), matches)?;
    let setup = Setup::of(scenario);
    let trace = Trace::of(&setup, &text("schedule").parse()?)?;
    let arguments = command::arguments(&protocol, &setup.scenario);
    Ok(Output::ok(match text("format").as_str() {
        "json" => json::replay(&protocol, &setup, &trace),
        "mermaid" => mermaid::diagram(&setup, &trace.events),
        "dot" => dot::graph(&arguments, &setup, &trace).ok_or_else(too_large)?,
        _ => format!("replayed  {arguments}\n\n{}", table::table(&setup, &trace, None, style)),
    }))
}

fn too_large() -> UsageError {
    let most = dot::MAX_STATES;
    UsageError::new(format!(
        "--format dot: the graph has more than {most} states, too many to be read: take fewer tasks or attempts"
    ))
}
