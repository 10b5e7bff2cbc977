//! `startup-race play [LEVEL]`: the game, in which the player is the scheduler.

use std::io::{BufRead, ErrorKind};
use std::path::Path;

use clap::Args;

use crate::play::game::Game;
use crate::play::levels::{LEVELS, Level};
use crate::show::play::{answer, input_ended, levels, opening};

use super::output::{Output, UsageError, write};
use super::{Streams, args, progress};

/// The arguments of `play`.
#[derive(Args)]
pub struct PlayArgs {
    /// The name or the number of a level, such as lie or 3; without it, the levels are listed
    level: Option<String>,
    /// The first lines of the game, one in each argument, such as "2 2 2" why; after them, the input is read
    #[arg(value_name = "LINE")]
    say: Vec<String>,
}

pub fn run(args: &PlayArgs, streams: &mut Streams<'_>) -> Result<Output, UsageError> {
    let file = progress::file(streams.typed);
    let Some(id) = &args.level else { return Ok(Output::ok(levels(&progress::won(file.as_deref())))) };
    let level = Level::find(id).ok_or_else(|| {
        let ids: Vec<&str> = LEVELS.iter().map(|level| level.id).collect();
        UsageError::new(format!("there is no level {id:?}.{}\n\n{}", args::nearest(id, &ids), levels(&[])))
    })?;
    match play(level, args.say.clone(), file.as_deref(), streams) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Output::ok(String::new())),
        other => Ok(other?),
    }
}

/// Plays until the level is over or the input ends. If the player continues with the next level, plays that too. If the
/// input is not typed at a terminal, each line is printed too, so that the output shows commands and answers.
fn play(
    level: &'static Level,
    said: Vec<String>,
    file: Option<&Path>,
    streams: &mut Streams<'_>,
) -> std::io::Result<Output> {
    let (mut game, mut said, style) = (Game::new(level), said.into_iter(), streams.style);
    write(&opening(&game, style), streams)?;
    loop {
        write("\n> ", streams)?;
        let given = said.next();
        let typed = given.is_none() && streams.typed;
        let Some(line) = given.map_or_else(|| read_line(streams.input), |line| Ok(Some(line)))? else {
            return Ok(Output::ok(input_ended(&game)));
        };
        if !typed {
            let shown: String = line.trim_end().escape_debug().take(70).collect();
            write(&format!("{shown}\n"), streams)?;
        }
        let reply = answer(&mut game, &line, style);
        if let Some(next) = reply.next {
            game = Game::new(next);
            write(&format!("\n{}", opening(&game, style)), streams)?;
        } else if reply.over {
            let kept = if reply.won { progress::add(file, game.level.id) } else { Ok(()) };
            let warnings = kept.err().map(|error| format!("your progress is not kept: {error}"));
            return Ok(Output { warnings: warnings.into_iter().collect(), ..Output::ok(format!("\n{}", reply.text)) });
        } else {
            write(&format!("\n{}", reply.text), streams)?;
        }
    }
}

/// The next line of the input. `None` at the end. Bytes that are not text are shown with a replacement character, and
/// are not a valid command.
fn read_line(input: &mut dyn BufRead) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    let read = input.read_until(b'\n', &mut line)?;
    Ok((read > 0).then(|| String::from_utf8_lossy(&line).into_owned()))
}
