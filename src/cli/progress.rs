//! Which levels of the game are won: kept in a file, a name a line, for a player at a terminal.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Names the file. Then it is kept also if no one types at a terminal.
const VARIABLE: &str = "STARTUP_RACE_PROGRESS";

/// Where the progress of a player is kept. None: a script plays, or there is no place for it.
pub fn file(typed: bool) -> Option<PathBuf> {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let usual = || {
        let state = variable("XDG_STATE_HOME").or_else(|| Some(variable("HOME")?.join(".local/state")))?;
        Some(state.join("startup-race/progress"))
    };
    variable(VARIABLE).or_else(|| if typed { usual() } else { None })
}

/// The levels that are won. A file that cannot be read holds none.
pub fn won(file: Option<&Path>) -> Vec<String> {
    let text = file.and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
    text.lines().map(str::to_string).collect()
}

/// Keeps that a level is won.
///
/// # Errors
/// If the file cannot be written.
pub fn add(file: Option<&Path>, level: &str) -> io::Result<()> {
    let (Some(path), mut levels) = (file, won(file)) else { return Ok(()) };
    if levels.iter().any(|won| won == level) {
        return Ok(());
    }
    levels.push(level.to_string());
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, levels.join("\n") + "\n")
}
