//! The command line. Each subcommand but `completions` has a file of its own. A command returns its output and its exit code, or an error that says what was wrong
//! with the request. Before a command returns, only the game prints to stdout, and only progress goes to stderr.

#![allow(clippy::doc_markdown, reason = "clap prints the comments of arguments as they are")]
#![cfg(not(loom))]

mod args;
mod bug;
mod catalog;
mod chaos;
mod check;
mod conforms;
mod demo;
mod explain;
mod interrupt;
mod limits;
mod matrix;
mod output;
mod page;
mod play;
mod progress;
mod prove;
mod replay;
mod schema;
mod stress;
mod watch;

use std::ffi::OsString;
use std::io::{BufRead, IsTerminal, Write, stdin};
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::show::Style;
pub use bug::guarded;
pub use check::{CheckArgs, run_with};
pub use output::{Output, UsageError, finish, style};

/// What a command reads and writes, and how its text is laid out.
pub struct Streams<'a> {
    /// The input.
    pub input: &'a mut dyn BufRead,
    /// Whether the input is typed at a terminal.
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
        output: &mut AutoStream::new(std::io::stdout(), ColorChoice::Always),
        errors: &mut std::io::stderr(),
        style: output::style(),
    };
    let arguments: Vec<_> = std::env::args_os().collect();
    // Help on a terminal is as wide as the terminal. All other text is laid out for 80 columns, so that the same
    // command prints the same text.
    let command = if std::io::stdout().is_terminal() { Cli::command() } else { command() };
    ExitCode::from(guarded(&arguments, || run_as(command, &arguments, &mut streams)))
}

/// May a system say Running before every part of it has started?
///
/// Without a command, the program tells the story of the bug; with --fixed, the story of the fix. `check` explores
/// every schedule of a protocol and judges the claims about it.
#[derive(Parser)]
#[command(
    name = "startup-race",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Exit codes of check, without --expect and --require-premise: 0 if every judged claim is PROVED; 1 if \
                  one is REFUTED; otherwise 3 if one is CUT SHORT; otherwise 4 (VACUOUS). Exit codes of every command: \
                  2 if the request is wrong or the machine cannot carry it out, 101 if the program has a bug."
)]
struct Cli {
    #[command(flatten)]
    demo: demo::DemoArgs,
    /// Whether text has colours; auto: on a terminal, unless NO_COLOR, CLICOLOR or CLICOLOR_FORCE says otherwise
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    color: Color,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
enum Command {
    /// Explores every schedule, judges the claims, and explains the refuted ones
    Check(check::CheckArgs),
    /// Judges the claims for every number of tasks and every set of tasks that fail
    Prove(prove::ProveArgs),
    /// Steps through a schedule, or the beginning of one, and shows it
    Replay(replay::ReplayArgs),
    /// Says whether the log of a real system is a path of the model
    Conforms(conforms::ConformsArgs),
    /// Writes a page on which the schedules of a scenario can be walked, step by step
    Page(page::PageArgs),
    /// Explains a claim, a knob, a protocol or a word, with an example to run
    Explain(explain::ExplainArgs),
    /// Judges every named scenario, and lists its source and its expected verdicts
    Catalog(catalog::CatalogArgs),
    /// Judges every combination of the three causes of the bug, for each task that may fail
    Matrix(matrix::MatrixArgs),
    /// Be the scheduler: break a claim yourself, or say that nothing can
    Play(play::PlayArgs),
    /// Runs a protocol on real threads, many times, and counts how often a claim is broken
    Stress(stress::StressArgs),
    /// Prints the schema of the JSON that a command prints or reads
    Schema(schema::SchemaArgs),
    /// Prints the completions for a shell
    Completions { shell: Shell },
}

/// The definition of the command line, laid out for 80 columns.
pub fn command() -> clap::Command {
    Cli::command().term_width(80)
}

/// Executes a command line, which begins with the program's name, and returns the exit code.
pub fn run(arguments: &[OsString], streams: &mut Streams<'_>) -> u8 {
    run_as(command(), arguments, streams)
}

fn run_as(command: clap::Command, arguments: &[OsString], streams: &mut Streams<'_>) -> u8 {
    let parsed = command.try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    let done = match parsed {
        Ok(cli) => dispatch(&cli, streams),
        Err(error) => output::parsed(&error, arguments, streams.style),
    };
    output::finish(done, streams)
}

fn dispatch(cli: &Cli, streams: &mut Streams<'_>) -> Result<Output, UsageError> {
    streams.style.colour = match cli.color {
        Color::Auto => streams.style.colour,
        Color::Always => true,
        Color::Never => false,
    };
    let style = streams.style;
    match &cli.command {
        None => demo::run(&cli.demo),
        Some(Command::Check(args)) => check::run(args, style),
        Some(Command::Prove(args)) => prove::run(args, style),
        Some(Command::Replay(args)) => replay::run(args, style),
        Some(Command::Conforms(args)) => conforms::run(args),
        Some(Command::Page(args)) => page::run(args),
        Some(Command::Explain(args)) => explain::run(args, style),
        Some(Command::Catalog(args)) => catalog::run(args, style),
        Some(Command::Matrix(args)) => matrix::run(args, style),
        Some(Command::Play(args)) => play::run(args, streams),
        Some(Command::Stress(args)) => stress::run(args, style),
        Some(Command::Schema(args)) => Ok(schema::run(args)),
        Some(Command::Completions { shell }) => Ok(completions(*shell)),
    }
}

fn completions(shell: Shell) -> Output {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "startup-race", &mut text);
    Output::ok(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(all(test, not(loom)))]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        <super::Cli as clap::CommandFactory>::command().debug_assert();
    }
}
