//! `startup-race replay NAME "SCHEDULE"`: steps through one schedule and shows it.

use clap::{Args, ValueEnum};

use crate::explore::state_space::StateSpace;
use crate::explore::trace::Trace;
use crate::json;
use crate::scenario::Setup;
use crate::schedule::Schedule;
use crate::show::space_time::{Marks, Panel, diagram};
use crate::show::{Style, command, dot, mermaid, table};

use super::args::{self, NameArg, ScenarioArgs};
use super::output::{Output, UsageError};

/// The arguments of `replay`.
#[derive(Args)]
pub struct ReplayArgs {
    #[command(flatten)]
    name: NameArg,
    /// The actor of each step, in order: 2 2 2 1 1 1 c c c (a task is its number, the controller is c)
    schedule: Schedule,
    /// The output format; mermaid: a sequence diagram, dot: the graph of a small scenario for Graphviz, svg: a
    /// space-time diagram
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    scenario: ScenarioArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Mermaid,
    Dot,
    Svg,
}

pub fn run(args: &ReplayArgs, style: Style) -> Result<Output, UsageError> {
    let args::Request { protocol, scenario } = args::scenario(&args.name.name, &args.scenario)?;
    let setup = Setup::of(scenario);
    let trace = Trace::of(&setup, &args.schedule)?;
    let arguments = command::arguments(&protocol, &setup.scenario);
    Ok(Output::ok(match args.format {
        Format::Json => json::print(&json::replay::Replay::of(Some(&protocol), &setup, &trace)),
        Format::Mermaid => mermaid::diagram(&setup, &trace.events, &[]),
        Format::Dot => {
            let claims = setup.standard_claims();
            let space = StateSpace::explore(&setup, &claims, dot::MAX_STATES).ok_or_else(too_large)?;
            dot::graph(&arguments, &setup, &claims, &space, &trace)
        }
        Format::Svg => {
            let heading = format!("{arguments} \"{}\"", trace.schedule.text(setup.model.inboxes()));
            diagram(&setup, &[Panel::new(heading, &trace, Marks::default())])
        }
        Format::Text => format!("replayed  {arguments}\n\n{}", table::table(&setup, &trace, None, style)),
    }))
}

fn too_large() -> UsageError {
    let most = dot::MAX_STATES;
    UsageError::new(format!(
        "--format dot: the graph has more than {most} states, too many to be read: take fewer tasks or attempts"
    ))
}
