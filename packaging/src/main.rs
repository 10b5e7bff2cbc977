//! `cargo run -p packaging -- FOLDER`: writes the manual (`man/`) and the completions of every shell (`completions/`).

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use clap_complete::Shell;

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1) else {
        eprintln!("error: give the folder to write to, as in: cargo run -p packaging -- dist");
        return ExitCode::from(2);
    };
    match write(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}: {error}", Path::new(&folder).display());
            ExitCode::from(2)
        }
    }
}

/// Writes a page for the program and one for each command, and the completions.
fn write(folder: &Path) -> io::Result<()> {
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    fs::create_dir_all(&man)?;
    fs::create_dir_all(&completions)?;
    clap_mangen::generate_to(startup_race::cli::command(), &man)?;
    for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
        clap_complete::generate_to(shell, &mut startup_race::cli::command(), "startup-race", &completions)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_and_every_shell_its_completions() {
        let folder = env::temp_dir().join(format!("startup-race-packaging-{}", std::process::id()));
        write(&folder).unwrap();
        for command in startup_race::cli::command().get_subcommands() {
            let page = fs::read_to_string(folder.join(format!("man/startup-race-{}.1", command.get_name()))).unwrap();
            assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"), "{}", command.get_name());
        }
        assert!(fs::read_to_string(folder.join("man/startup-race.1")).unwrap().contains("Exit codes of check"));
        assert_eq!(fs::read_dir(folder.join("completions")).unwrap().count(), 5);
        fs::remove_dir_all(folder).unwrap();
    }
}
