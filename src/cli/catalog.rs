//! `startup-race catalog`: every named scenario with its source, judged.

use clap::{ArgMatches, Command};

use crate::catalog::{Outcome, entries};
use crate::show::{self, Style};

use super::output::{Done, Wrong};
use super::request::Search;
use super::{json, request};

pub fn subcommand() -> Command {
    Command::new("catalog")
        .about("Every named scenario with its source and its expected verdicts; judges each")
        .arg(request::format_arg())
        .args(request::search_args())
}

pub fn run(matches: &ArgMatches, style: Style) -> Result<Done, Wrong> {
    let search = Search::of(matches);
    let judge = |entry| crate::catalog::Entry::judge(entry, |check| search.bound(check));
    let outcomes: Vec<Outcome<'_>> = entries().iter().map(judge).collect::<Result<_, _>>()?;
    let remarks: Vec<String> = outcomes.iter().flat_map(Outcome::differences).map(|one| one.to_string()).collect();
    let text = if request::is_json(matches) { json::catalog(&outcomes) } else { show::catalog::text(&outcomes, style) };
    Ok(Done { text, code: u8::from(!remarks.is_empty()), remarks })
}
