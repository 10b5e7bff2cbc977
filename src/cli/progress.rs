//! The levels of the game that a player has won. For a player at a terminal, they are stored in a file, one name in
//! each line.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The environment variable that names the file. If it is set, progress is stored even if the input is not typed at a
/// terminal.
const VARIABLE: &str = "STARTUP_RACE_PROGRESS";

/// The file for the progress of a player: the one that [`VARIABLE`] names, or the usual one for a player at a terminal.
/// `None` if a script plays, or if there is no suitable folder.
pub fn file(typed: bool) -> Option<PathBuf> {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let usual = || {
        let state = variable("XDG_STATE_HOME").or_else(|| Some(variable("HOME")?.join(".local/state")))?;
        Some(state.join("startup-race/progress"))
    };
    variable(VARIABLE).or_else(|| if typed { usual() } else { None })
}

/// The levels that are won. If the file cannot be read, there are none.
pub fn won(file: Option<&Path>) -> Vec<String> {
    let text = file.and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
    text.lines().map(str::to_string).collect()
}

/// Stores that a level is won.
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
