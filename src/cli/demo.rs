//! `startup-race [--fixed]`: tells the story of the bug, or of the fix.

use clap::{Arg, ArgAction, ArgMatches};

use crate::options::{self, Defaults};
use crate::scenario::Setup;
use crate::show::demo::{Version, schedule, tell};

use super::args;
use super::output::{Output, UsageError};

pub fn args() -> [Arg; 5] {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help).action(ArgAction::Set)
    };
    [
        Arg::new("fixed").long("fixed").help("Tells of the fix").action(ArgAction::SetTrue),
        option("tasks", "N", "How many tasks [default: 3]").value_parser(args::number(1..=u8::MAX)),
        option("fails", "LIST", "Who panics in on_start: 2, 1,3, 2@1 (attempt 1 only), none [default: 2]"),
        option("names", "LIST", "The name of each task"),
        option("attempts", "N", "How many attempts there are [default: 1]").value_parser(args::number(1..=u8::MAX)),
    ]
}

pub fn run(matches: &ArgMatches) -> Result<Output, UsageError> {
    let version = if matches.get_flag("fixed") { Version::Fixed } else { Version::Buggy };
    let rules = version.rules();
    let usual = Defaults { tasks: 3, fails: |tasks| tasks.min(2) };
    let setup = Setup::of(options::scenario(rules, &args::given(matches), usual)?);
    Ok(Output::ok(tell(version, &setup, &schedule(&setup))))
}
