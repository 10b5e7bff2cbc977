//! `startup-race matrix`: the combinations of the three causes, judged.

use clap::{ArgMatches, Command};

use crate::explore::verdict::Kind;
use crate::matrix::{KNOBS_SET, Matrix, TASKS, one_at_a_time};
use crate::options::{self, DEFAULTS, OTHER_FAULTS};
use crate::show::{self, Style};

use super::args::Search;
use super::output::{Output, UsageError};
use super::{args, json};

pub fn subcommand() -> Command {
    let args = args::scenario_args().into_iter().map(|arg| match arg.get_id().as_str() {
        "tasks" => arg.help("How many tasks [default: 3]"),
        "fails" => arg.help("Who panics in on_start [default: each task in turn]"),
        _ => arg,
    });
    Command::new("matrix")
        .about("The combinations of the three causes of the bug, judged for each task that may fail")
        .arg(args::format_arg())
        .args(args::search_args())
        .args(args)
}

pub fn run(matches: &ArgMatches, style: Style) -> Result<Output, UsageError> {
    let mut given = args::given(matches);
    if let Some(knob) = KNOBS_SET.iter().find(|knob| given.contains_key(**knob)) {
        return Err(UsageError::new(format!("--{knob}: the matrix turns it itself; leave it out")));
    }
    let fated = given.contains_key("fails") || OTHER_FAULTS.iter().any(|(option, _)| given.contains_key(*option));
    given.entry("tasks".to_string()).or_insert(TASKS.to_string());
    given.entry("fails".to_string()).or_insert("none".to_string());
    let scenario = options::scenario(args::rules("arroyo/before")?, &given, DEFAULTS)?;
    let cases = if fated { vec![scenario] } else { one_at_a_time(&scenario)? };
    let search = Search::of(matches);
    let matrix = Matrix::explore(cases, |check| search.bound(check))?;
    let text = if args::is_json(matches) { json::matrix(&matrix) } else { show::matrix::text(&matrix, style) };
    let code = if matrix.complete() { 0 } else { Kind::CutShort.exit_code() };
    Ok(Output { text, warnings: Vec::new(), code })
}
