//! The explorer for a browser: a program for `wasm32-wasip1` that is run anew for each request. Arguments in, one object of JSON on
//! stdout; exit code 2 and a message on stderr if the request is wrong.
//!
//! | arguments | answer |
//! |---|---|
//! | `check OPTIONS SECONDS` | a check of a scenario, ended after so many seconds |
//! | `replay OPTIONS SCHEDULE` | one schedule: its picture, and what can move next |
//! | `levels` | the levels of the game |
//! | `play LEVEL LINE…` | the game after these lines of a player |
//!
//! It decides nothing: it asks the library, and the library's words and pictures are handed on.

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
