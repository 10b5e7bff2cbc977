//! One file a subcommand. A command returns what is to be printed and its exit code, or says what was wrong with the
//! request; nothing is printed before that is known.

#![cfg(not(loom))]

mod args;
mod bug;
mod catalog;
mod check;
mod demo;
mod explain;
mod interrupt;
mod json;
mod limits;
mod matrix;
mod output;
mod page;
mod play;
mod replay;
mod stress;
mod watch;

use std::ffi::OsString;
use std::io::{BufRead, IsTerminal, Write, stdin};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use clap_complete::Shell;

use crate::show::Style;
pub use bug::guarded;
use output::{Output, UsageError};

/// What a command reads and writes, and how its text is laid out.
pub struct Streams<'a> {
    /// The input.
    pub input: &'a mut dyn BufRead,
    /// Whether a person types the input at a terminal.
    pub typed: bool,
    /// For results.
    pub output: &'a mut dyn Write,
    /// For messages.
    pub errors: &'a mut dyn Write,
    /// The width and the colours of the output.
    pub style: Style,
}

/// The program: runs the command line of this process on its own streams.
pub fn main() -> ExitCode {
    let mut streams = Streams {
        typed: stdin().is_terminal(),
        input: &mut stdin().lock(),
        output: &mut std::io::stdout(),
        errors: &mut std::io::stderr(),
        style: output::style(),
    };
    let arguments: Vec<_> = std::env::args_os().collect();
    ExitCode::from(guarded(&arguments, || run(&arguments, &mut streams)))
}

/// Does what a command line asks for, the program's name included, and returns the exit code.
pub fn run(arguments: &[OsString], streams: &mut Streams<'_>) -> u8 {
    let done = match command().try_get_matches_from(arguments) {
        Ok(matches) => dispatch(&matches, streams),
        Err(error) => output::parsed(&error, arguments, streams.style),
    };
    output::finish(done, streams)
}

fn dispatch(matches: &ArgMatches, streams: &mut Streams<'_>) -> Result<Output, UsageError> {
    let style = streams.style;
    match matches.subcommand() {
        Some(("check", matches)) => check::run(matches, style),
        Some(("replay", matches)) => replay::run(matches, style),
        Some(("page", matches)) => page::run(matches),
        Some(("play", matches)) => play::run(matches, streams),
        Some(("stress", matches)) => stress::run(matches, style),
        Some(("explain", matches)) => explain::run(matches, style),
        Some(("catalog", matches)) => catalog::run(matches, style),
        Some(("matrix", matches)) => matrix::run(matches, style),
        Some(("completions", matches)) => completions(*matches.get_one("shell").expect("clap requires it")),
        _ => demo::run(matches),
    }
}

/// The command line, whole.
fn command() -> Command {
    Command::new("startup-race")
        .version(env!("CARGO_PKG_VERSION"))
        .term_width(80)
        .about("May a system say Running before every part of it has started?")
        .long_about(
            "May a system say Running before every part of it has started?\n\n\
             Without a command it tells the story of the bug; with --fixed, of the fix. `check` explores every \
             schedule of a protocol and judges what is claimed of it.",
        )
        .after_help(
            "Exit codes of check: 0 every claim judged is PROVED, 1 one is REFUTED, 3 CUT SHORT, 4 VACUOUS; \
             everywhere: 2 the request is wrong or the machine cannot do it, 101 a bug of the program.",
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

fn completions(shell: Shell) -> Result<Output, UsageError> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(), "startup-race", &mut text);
    Ok(Output::ok(String::from_utf8_lossy(&text).into_owned()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }
}
