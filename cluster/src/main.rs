//! `startup-race-cluster check NAME --hosts hosts.txt --process I`: a check by several processes together.

use std::io::{IsTerminal, stderr, stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use startup_race::cli::{CheckArgs, Output, Streams, UsageError, finish, guarded, run_with, style};
use startup_race_cluster::{Cluster, Hosts};

/// The explorer on several machines: every process runs the same command, with its own --process.
#[derive(Parser)]
#[command(name = "startup-race-cluster", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Explores every schedule, all processes together; process 0 prints what `startup-race check` prints
    Check(Together),
}

#[derive(Args)]
struct Together {
    /// A file with one address on each line, such as 127.0.0.1:4100; the first is that of process 0
    #[arg(long, value_name = "FILE", help_heading = "Cluster")]
    hosts: PathBuf,
    /// The number of this process in that list, counted from 0
    #[arg(long, value_name = "I", help_heading = "Cluster")]
    process: usize,
    /// Lets this process listen on an address that other machines can reach. The port has no authentication and no
    /// encryption
    #[arg(long, help_heading = "Cluster")]
    expose: bool,
    /// How many seconds to wait, at most, until all processes are connected
    #[arg(long, value_name = "SECONDS", default_value = "60", help_heading = "Cluster")]
    wait: u64,
    #[command(flatten)]
    check: CheckArgs,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let code = guarded(&arguments, || {
        let matches = Cli::command().get_matches();
        let mut streams = Streams {
            typed: stdin().is_terminal(),
            input: &mut stdin().lock(),
            output: &mut stdout(),
            errors: &mut stderr(),
            style: style(),
        };
        let done = run(&matches, &streams);
        finish(done, &mut streams)
    });
    ExitCode::from(code)
}

fn run(matches: &ArgMatches, streams: &Streams<'_>) -> Result<Output, UsageError> {
    let Command::Check(args) = Cli::from_arg_matches(matches)?.command;
    refuse(matches)?;
    let hosts = Hosts::read(&args.hosts, args.process, args.expose)?;
    let mut cluster = None;
    let done = run_with(&args.check, streams.style, &mut |check| {
        // Before this call, the request has been read. So most errors in it are reported before anything is connected.
        if cluster.is_none() {
            cluster = Some(Cluster::join(&hosts, Duration::from_secs(args.wait))?);
        }
        let cluster = cluster.as_mut().ok_or_else(|| UsageError::new("no process was joined"))?;
        let report = cluster.check(check);
        eprintln!("{}", cluster.summary());
        Ok(report?)
    });
    let Some(cluster) = cluster else { return done };
    let mut done = done;
    if let Ok(output) = &mut done {
        if cluster.is_broken() {
            output
                .warnings
                .push("another process has ended before its work was done: the search is CUT SHORT".to_string());
        }
        if args.process != 0 {
            output.text.clear();
        }
    }
    cluster.leave();
    done
}

/// Refuses what several machines cannot do.
fn refuse(matches: &ArgMatches) -> Result<(), UsageError> {
    let given = |id: &str| {
        let of_check = matches.subcommand().map(|(_, matches)| matches);
        of_check.is_some_and(|matches| matches.value_source(id) == Some(ValueSource::CommandLine))
    };
    for (id, instead) in [
        ("spill", "layers stay in memory here: add a process, or run startup-race check"),
        ("review", "run startup-race check --review on one machine"),
    ] {
        if given(id) {
            return Err(UsageError::new(format!("--{id} is not for several machines: {instead}")));
        }
    }
    Ok(())
}
