//! `startup-race page NAME -o FILE`: writes a page in which a reader can walk through a scenario's graph.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::core::PipelineController;
use crate::explore::report::Check;
use crate::scenario::Setup;
use crate::show::foreign::escaped;
use crate::show::html::{MAX_STATES, PageData, page};
use crate::show::labels;

use super::args::{self, NameArg, ScenarioArgs, Search, SearchArgs};
use super::interrupt;
use super::output::{Output, UsageError};

/// The arguments of `page`.
#[derive(Args)]
pub struct PageArgs {
    #[command(flatten)]
    name: NameArg,
    /// Where the page is written; - is stdout
    #[arg(short, value_name = "FILE")]
    output: String,
    /// A second protocol or scenario of the catalog; the page shows it beside the first, and makes the same choices in
    /// it
    #[arg(long, value_name = "NAME")]
    against: Option<String>,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    scenario: ScenarioArgs,
}

pub fn run(args: &PageArgs) -> Result<Output, UsageError> {
    let (name, output) = (&args.name.name, &args.output);
    let file = if output == "-" {
        None
    } else {
        Some(target(Path::new(output), " (for stdout, write -o -)").map_err(|why| cannot(output, &why))?)
    };
    let search = args.search.search();
    let sheet = explored(name, &args.scenario, &search)?;
    let against = args.against.as_ref().map(|name| explored(name, &args.scenario, &search)).transpose()?;
    let page = page(&sheet, against.as_ref());
    let summary = format!("{}: {name}, {}", escaped(output), carries(&sheet));
    let Some(file) = file else { return Ok(Output { text: page, warnings: vec![summary], code: 0 }) };
    write(&file, &page).map_err(|error| cannot(output, &error.to_string()))?;
    Ok(Output::ok(format!("{summary}\n")))
}

/// How many states a scenario has, and how many of them the page carries, in words.
fn carries(sheet: &PageData<PipelineController>) -> String {
    let states = labels::count(&sheet.report.states, "state");
    match sheet.is_whole() {
        true => states,
        false => format!("{states}, of which the page carries the {} of its counterexamples", sheet.carried()),
    }
}

/// Checks a scenario within the limits that the options set.
fn explored(name: &str, args: &ScenarioArgs, search: &Search) -> Result<PageData<PipelineController>, UsageError> {
    let args::Request { protocol, scenario } = args::scenario(name, args)?;
    let check = Check::new(Setup::of(scenario)).protocol(protocol).keep_states(MAX_STATES);
    Ok(PageData::of(search.bound(check).run()?))
}

fn cannot(output: &str, why: &str) -> UsageError {
    UsageError::new(format!("-o {output}: the page cannot be written: {why}"))
}

/// The file to write. If it is a link, this is the link's target, even if the target does not exist yet. A file that is
/// not a regular file is refused, because it would be replaced; `instead` says what to do then.
pub fn target(output: &Path, instead: &str) -> Result<PathBuf, String> {
    let path = followed(output)?;
    match fs::metadata(&path) {
        Ok(found) if found.is_file() => Ok(path),
        Ok(found) if found.is_dir() => Err("it is a directory: name a file in it".to_string()),
        Ok(_) => Err(format!("it exists and is no regular file{instead}")),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.to_string()),
        Err(_) if path.file_name().is_some() && folder(&path).is_dir() => Ok(path),
        Err(_) => Err("there is no such directory to put it in".to_string()),
    }
}

/// Follows links to the end of their chain.
fn followed(path: &Path) -> Result<PathBuf, String> {
    let mut path = path.to_path_buf();
    for _ in 0..40 {
        let Ok(next) = fs::read_link(&path) else { return Ok(path) };
        path = folder(&path).join(next);
    }
    Err("its links lead to no end".to_string())
}

/// The directory that a file is in.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file completely or not at all: it writes a temporary file and renames it. An existing file keeps its mode.
pub fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".startup-race-").suffix(".part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let _whole = interrupt::writing();
    let mut part = builder.tempfile_in(folder(file))?;
    part.write_all(text.as_bytes())?;
    if let Ok(there) = fs::metadata(file) {
        part.as_file().set_permissions(there.permissions())?;
    }
    part.as_file().sync_all()?;
    part.persist(file)?;
    Ok(())
}
