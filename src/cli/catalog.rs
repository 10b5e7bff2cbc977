//! `startup-race catalog`: every named scenario with its source, judged.

use clap::{ArgMatches, Command};

use crate::catalog::{Outcome, entries};
use crate::show::{self, Style};

use super::args::Search;
use super::output::{Output, UsageError};
use super::{args, json};

pub fn subcommand() -> Command {
    Command::new("catalog")
        .about("Every named scenario with its source and its expected verdicts; judges each")
        .arg(args::format_arg())
        .args(args::search_args())
}

pub fn run(matches: &ArgMatches, style: Style) -> Result<Output, UsageError> {
    let search = Search::of(matches);
    let judge = |entry| crate::catalog::Entry::judge(entry, |check| search.bound(check));
    let outcomes: Vec<Outcome<'_>> = entries().iter().map(judge).collect::<Result<_, _>>()?;
    let warnings: Vec<String> = outcomes.iter().flat_map(Outcome::differences).map(|one| one.to_string()).collect();
    let text = if args::is_json(matches) { json::catalog(&outcomes) } else { show::catalog::text(&outcomes, style) };
    Ok(Output { text, code: u8::from(!warnings.is_empty()), warnings })
}
