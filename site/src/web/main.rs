//! The explorer for a browser: a program for `wasm32-wasip1` that is started again for each request. It takes arguments
//! and prints one JSON value on stdout. If the request is wrong, it prints a message on stderr and exits with code 2.
//!
//! | arguments | answer |
//! |---|---|
//! | `check OPTIONS SECONDS` | a check of a scenario, which is cut short if it takes more than this many seconds |
//! | `replay OPTIONS SCHEDULE` | one schedule: its picture, and what can move next |
//! | `levels` | the levels of the game |
//! | `play LEVEL LINE…` | the game after the player has said these lines |
//!
//! It has no logic of its own: it calls the library, and returns the library's text and pictures.

mod check;
mod game;
mod replay;

use std::process::ExitCode;

use startup_race::scenario::Scenario;
use startup_race::scenario::spec;
use startup_race_site::{Answer, no_request};

fn main() -> ExitCode {
    startup_race_site::run(answer)
}

fn answer(words: &[&str]) -> Answer {
    match words {
        ["check", options, seconds] => check::check(options, seconds),
        ["replay", options, schedule] => replay::replay(options, schedule),
        ["levels"] => Ok(game::levels()),
        ["play", level, lines @ ..] => game::play(level, lines),
        _ => no_request(words),
    }
}

/// The protocol and the scenario that a line of options names.
fn scenario(options: &str) -> Result<(String, Scenario), String> {
    let protocol = options.split_whitespace().next().unwrap_or_default().to_string();
    let scenario = spec::read(options).map_err(|error| error.to_string())?;
    Ok((protocol, scenario))
}
