//! Schedules that once failed, in a file beside the test. Each is tried before a search, like the seeds of proptest.
//!
//! `STARTUP_RACE_PIN=write` appends the counterexamples of a check that fails. A schedule that cannot be taken in a
//! check belongs to another check of the file, and is skipped. A schedule that can be taken and breaks a claim is a
//! counterexample, even if another check found it.

use std::fs;
use std::io::Write;
use std::panic::Location;
use std::path::{Path, PathBuf};

/// The environment variable that makes a failing check write its counterexamples.
pub const VARIABLE: &str = "STARTUP_RACE_PIN";

const HEAD: &str =
    "# Schedules that once failed in the test file of this name. Each is tried before a search: commit this file.\n";

/// A schedule of a file, and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The schedule.
    pub schedule: String,
    /// Its line, from 1.
    pub line: usize,
}

/// The file of pins of a test file: `tests/gate.pins` beside `tests/gate.rs`. `None` if the test file is not found from
/// the current folder or a folder above it.
pub fn beside(test: &Location<'_>) -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let found = here.ancestors().map(|folder| folder.join(test.file())).find(|path| path.is_file())?;
    Some(found.with_extension("pins"))
}

/// The pins of a file. If there is no file, there are no pins.
///
/// # Errors
/// If the file cannot be read. The message names the file and the reason.
pub fn read(file: &Path) -> Result<Vec<Pin>, String> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("{} cannot be read: {error}", file.display())),
    };
    let lines = text.lines().enumerate().map(|(index, line)| {
        let schedule = line.split('#').next().unwrap_or_default().trim().to_string();
        Pin { schedule, line: index + 1 }
    });
    Ok(lines.filter(|pin| !pin.schedule.is_empty()).collect())
}

/// Appends schedules, each with the claim that it breaks, unless the file already has them. Returns how many were new.
///
/// # Errors
/// If the file cannot be read or written. The message names the file and the reason.
pub fn write(file: &Path, schedules: &[(String, String)]) -> Result<usize, String> {
    let known = read(file)?;
    let mut new: Vec<&(String, String)> = Vec::new();
    for pair in schedules {
        let is_known = known.iter().any(|pin| pin.schedule == pair.0) || new.iter().any(|other| other.0 == pair.0);
        if !is_known && !pair.0.is_empty() {
            new.push(pair);
        }
    }
    let lines = new.iter().map(|(schedule, claim)| format!("{schedule}  # {}\n", claim.replace(char::is_control, " ")));
    let text = if known.is_empty() && !file.exists() { HEAD.to_string() } else { String::new() };
    let text = text + &lines.collect::<String>();
    if new.is_empty() {
        return Ok(0);
    }
    let open = fs::OpenOptions::new().append(true).create(true).open(file);
    let written = open.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    Ok(new.len())
}

/// Whether counterexamples should be written.
///
/// # Errors
/// If the variable has an unknown value.
pub fn is_asked() -> Result<bool, String> {
    match std::env::var(VARIABLE) {
        Err(_) => Ok(false),
        Ok(value) if value == "write" => Ok(true),
        Ok(value) => Err(format!("{VARIABLE} is {value:?}: `write` is its only value. Unset it, or set it to `write`")),
    }
}
