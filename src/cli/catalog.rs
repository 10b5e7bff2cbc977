//! `startup-race catalog`: every named scenario with its source, judged.

use clap::Args;

use crate::catalog::{Entry, Outcome, entries};
use crate::json;
use crate::show::{self, Style};

use super::args::{Format, FormatArg, SearchArgs};
use super::output::{Output, UsageError};

/// The arguments of `catalog`.
#[derive(Args)]
pub struct CatalogArgs {
    #[command(flatten)]
    format: FormatArg,
    #[command(flatten)]
    search: SearchArgs,
}

pub fn run(args: &CatalogArgs, style: Style) -> Result<Output, UsageError> {
    let search = args.search.search();
    let judge = |entry| Entry::judge(entry, |check| search.bound(check));
    let outcomes: Vec<Outcome<'_>> = entries().iter().map(judge).collect::<Result<_, _>>()?;
    let warnings: Vec<String> = outcomes.iter().flat_map(Outcome::differences).map(|one| one.to_string()).collect();
    let text = match args.format.format {
        Format::Json => json::print(&json::catalog::Catalog::of(&outcomes)),
        Format::Text => show::catalog::text(&outcomes, style),
    };
    Ok(Output { text, code: u8::from(!warnings.is_empty()), warnings })
}
