//! `startup-race page NAME -o FILE`: a page to walk a scenario's graph in.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};

use crate::explore::report::Check;
use crate::protocol::controller::Pipeline;
use crate::protocol::world::Setup;
use crate::show::webpage::{Sheet, page};
use crate::show::words;

use super::output::{Done, Wrong};
use super::request;

pub fn subcommand() -> Command {
    Command::new("page")
        .about("Writes a page on which the schedules of a scenario can be walked, step by step")
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .help("A protocol, such as arroyo/before, or a scenario of the catalog"),
        )
        .arg(Arg::new("output").short('o').value_name("FILE").required(true).help("Where the page is written"))
        .arg(
            Arg::new("against").long("against").value_name("NAME").help(
                "A protocol, or a scenario of the catalog, that the page walks by the same choices beside the first",
            ),
        )
        .args(request::search_args())
        .args(request::scenario_args())
}

pub fn run(matches: &ArgMatches) -> Result<Done, Wrong> {
    let text = |name| matches.get_one::<String>(name);
    let (name, output) = (text("name").expect("clap requires it"), text("output").expect("clap requires it"));
    let file = target(output).map_err(|why| cannot(output, &why))?;
    let sheet = explored(name, matches)?;
    let against = text("against").map(|name| explored(name, matches)).transpose()?;
    write(&file, &page(&sheet, against.as_ref())).map_err(|error| cannot(output, &error.to_string()))?;
    Ok(Done::ok(format!("{output}: {name}, {}\n", carries(&sheet))))
}

/// What a page carries, in words.
fn carries(sheet: &Sheet<Pipeline>) -> String {
    let states = words::count(&sheet.report.states, "state");
    match sheet.is_whole() {
        true => states,
        false => format!("{states}, of which the page carries the {} of its counterexamples", sheet.carried()),
    }
}

/// Checks a scenario, within the bounds that the options set.
fn explored(name: &str, matches: &ArgMatches) -> Result<Sheet<Pipeline>, Wrong> {
    let request::Request { protocol, scenario } = request::scenario(name, matches)?;
    let check = Check::new(Setup::of(scenario)).protocol(protocol);
    Ok(Sheet::of(request::bounded(check, matches).run()?))
}

fn cannot(output: &str, why: &str) -> Wrong {
    Wrong::new(format!("-o {output}: the page cannot be written: {why}"))
}

/// The file to write: what a link points to; never what is no plain file, for that would be replaced by one.
fn target(output: &str) -> Result<PathBuf, String> {
    let path = Path::new(output);
    match fs::canonicalize(path) {
        Ok(found) if found.is_file() => Ok(found),
        Ok(found) if found.is_dir() => Err("it is a directory: name a file in it".to_string()),
        Ok(_) => Err("it is there, and it is no plain file".to_string()),
        Err(_) if is_in_a_directory(path) => Ok(path.to_path_buf()),
        Err(_) => Err("there is no such directory to put it in".to_string()),
    }
}

fn is_in_a_directory(path: &Path) -> bool {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => path.file_name().is_some(),
        Some(parent) => path.file_name().is_some() && parent.is_dir(),
        None => false,
    }
}

/// Writes a file whole or not at all: beside it first, then under its name.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = fs::File::create_new(&beside).and_then(|mut part| {
        part.write_all(text.as_bytes())?;
        part.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&beside, file));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}
