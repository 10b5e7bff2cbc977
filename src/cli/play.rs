//! `startup-race play [LEVEL]`: be the scheduler.

use std::io::{BufRead, ErrorKind, IsTerminal};

use clap::{Arg, ArgMatches, Command};

use startup_race::play::game::Game;
use startup_race::play::levels::{LEVELS, Level};
use startup_race::show::play::{answer, input_ended, levels, opening};

use super::output::{Done, Wrong, style, write};
use super::request;

pub fn subcommand() -> Command {
    Command::new("play")
        .about("Be the scheduler: break a claim yourself, or say that nothing can")
        .arg(Arg::new("level").value_name("LEVEL").help("Such as lie; without one, the levels are listed"))
}

pub fn run(matches: &ArgMatches) -> Result<Done, Wrong> {
    let Some(id) = matches.get_one::<String>("level") else { return Ok(Done::ok(levels())) };
    let level = Level::named(id).ok_or_else(|| {
        let ids: Vec<&str> = LEVELS.iter().map(|level| level.id).collect();
        Wrong::new(format!("there is no level {id:?}.{}\n\n{}", request::nearest(id, &ids), levels()))
    })?;
    match play(&mut Game::new(level)) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Done::ok(String::new())),
        other => Ok(other?),
    }
}

/// Plays until the level is over or the input ends. What does not come from a terminal is repeated, so that the output
/// reads as what was said and answered.
fn play(game: &mut Game) -> std::io::Result<Done> {
    let (mut input, echo) = (std::io::stdin().lock(), !std::io::stdin().is_terminal());
    write(&opening(game, style()))?;
    loop {
        write("\n> ")?;
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(Done::ok(input_ended(game)));
        }
        let line = String::from_utf8_lossy(&line);
        if echo {
            let shown: String = line.trim_end().escape_debug().take(70).collect();
            write(&format!("{shown}\n"))?;
        }
        let reply = answer(game, &line, style());
        if reply.over {
            return Ok(Done::ok(format!("\n{}", reply.text)));
        }
        write(&format!("\n{}", reply.text))?;
    }
}
