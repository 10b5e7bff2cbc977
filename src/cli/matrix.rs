//! `startup-race matrix`: the combinations of the three causes, judged.

use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::explore::verdict::VerdictKind;
use crate::gate::suite::unmet;
use crate::json;
use crate::matrix::{KNOBS_SET, Matrix, TASKS, one_at_a_time};
use crate::scenario::spec::{DEFAULTS, ScenarioSpec};
use crate::scenario::values::FaultList;
use crate::show::{self, Style};

use super::args::{self, Format, FormatArg, PremiseArg, ScenarioArgs, SearchArgs};
use super::output::{Output, UsageError};

/// The arguments of `matrix`.
#[derive(Args)]
pub struct MatrixArgs {
    #[command(flatten)]
    format: FormatArg,
    #[command(flatten)]
    premise: PremiseArg,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    scenario: MatrixScenario,
}

/// The options of a scenario. Two of them have other defaults here than elsewhere.
struct MatrixScenario(ScenarioArgs);

impl Args for MatrixScenario {
    fn augment_args(command: Command) -> Command {
        ScenarioArgs::augment_args(command)
            .mut_arg("tasks", |arg| arg.help("How many tasks [default: 3]"))
            .mut_arg("fails", |arg| {
                arg.help("Tasks that panic in on_start [default: each task in turn; none if another fault is given]")
            })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for MatrixScenario {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        ScenarioArgs::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

pub fn run(args: &MatrixArgs, style: Style) -> Result<Output, UsageError> {
    let spec = args.scenario.0.spec();
    let is_set = |knob: &&&str| spec.settings.iter().any(|setting| setting.knob().name == **knob);
    if let Some(knob) = KNOBS_SET.iter().find(is_set) {
        return Err(UsageError::new(format!("--{knob}: the matrix sets this knob itself; leave it out")));
    }
    let has_fault = spec.has_fault();
    let usual = ScenarioSpec { tasks: Some(TASKS), fails: Some(FaultList::default()), ..ScenarioSpec::default() };
    let scenario = spec.or(usual).build(args::rules("arroyo/before")?, DEFAULTS)?;
    let cases = if has_fault { vec![scenario] } else { one_at_a_time(&scenario)? };
    let search = args.search.search();
    let matrix = Matrix::explore(cases, |check| search.bound(check))?;
    let text = match args.format.format {
        Format::Json => json::print(&json::matrix::Matrix::of(&matrix)),
        Format::Text => show::matrix::text(&matrix, style),
    };
    let code = if matrix.complete() { 0 } else { VerdictKind::CutShort.exit_code() };
    let reports = matrix.cells.iter().map(|cell| &cell.report);
    let (code, warnings) =
        args.premise.demand(code, &unmet(reports), "Change the scenario, so that the premise is met");
    Ok(Output { text, warnings, code })
}
