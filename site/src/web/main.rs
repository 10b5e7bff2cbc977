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

use std::io::Write;
use std::process::ExitCode;

use serde_json::Value;
use startup_race::scenario::Scenario;
use startup_race::scenario::spec;

/// An answer, or what is wrong with the request.
type Answer = Result<Value, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match answer(&words) {
        Ok(answer) => match std::io::stdout().write_all(answer.to_string().as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn answer(words: &[&str]) -> Answer {
    match words {
        ["check", options, seconds] => check::check(options, seconds),
        ["replay", options, schedule] => replay::replay(options, schedule),
        ["levels"] => Ok(game::levels()),
        ["play", level, lines @ ..] => game::play(level, lines),
        _ => Err(format!("this is no request: {}", words.join(" "))),
    }
}

/// The protocol and the scenario that a line of options names.
fn scenario(options: &str) -> Result<(String, Scenario), String> {
    let protocol = options.split_whitespace().next().unwrap_or_default().to_string();
    let scenario = spec::read(options).map_err(|error| error.to_string())?;
    Ok((protocol, scenario))
}
