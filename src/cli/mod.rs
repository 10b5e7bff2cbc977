//! One file a subcommand. A command returns what is to be printed and its exit code, or says what was wrong with the
//! request; nothing is printed before that is known.

mod catalog;
mod check;
mod demo;
mod explain;
mod json;
mod matrix;
mod output;
mod page;
mod play;
mod replay;
mod request;
mod stress;
mod watch;

use std::process::ExitCode;

use clap::{Arg, ArgAction, Command, value_parser};
use clap_complete::Shell;

use output::{Done, Wrong};

/// Parses the command line and does what it asks for.
pub fn run() -> ExitCode {
    let matches = command().get_matches();
    let done = match matches.subcommand() {
        Some(("check", matches)) => check::run(matches),
        Some(("replay", matches)) => replay::run(matches),
        Some(("page", matches)) => page::run(matches),
        Some(("play", matches)) => play::run(matches),
        Some(("stress", matches)) => stress::run(matches),
        Some(("explain", matches)) => explain::run(matches),
        Some(("catalog", matches)) => catalog::run(matches),
        Some(("matrix", matches)) => matrix::run(matches),
        Some(("completions", matches)) => completions(*matches.get_one("shell").expect("clap requires it")),
        _ => demo::run(&matches),
    };
    output::finish(done)
}

/// The command line, whole.
pub fn command() -> Command {
    Command::new("startup-race")
        .version(env!("CARGO_PKG_VERSION"))
        .about("May a system say Running before every part of it has started?")
        .long_about(
            "May a system say Running before every part of it has started?\n\n\
             Without a command it tells the story of the bug; with --fixed, of the fix. `check` explores every \
             schedule of a protocol and judges what is claimed of it.",
        )
        .after_help(
            "Exit codes of check: 0 every claim judged is PROVED, 1 one is REFUTED, 3 CUT SHORT, 4 VACUOUS; \
             2 everywhere: the request is wrong.",
        )
        .args_conflicts_with_subcommands(true)
        .args(demo::args())
        .subcommand(check::subcommand())
        .subcommand(replay::subcommand())
        .subcommand(page::subcommand())
        .subcommand(explain::subcommand())
        .subcommand(catalog::subcommand())
        .subcommand(matrix::subcommand())
        .subcommand(play::subcommand())
        .subcommand(stress::subcommand())
        .subcommand(
            Command::new("completions")
                .about("Prints the completions of a shell")
                .arg(Arg::new("shell").required(true).value_parser(value_parser!(Shell)).action(ArgAction::Set)),
        )
}

fn completions(shell: Shell) -> Result<Done, Wrong> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(), "startup-race", &mut text);
    Ok(Done::ok(String::from_utf8_lossy(&text).into_owned()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }
}
