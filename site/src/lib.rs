//! Code that the programs for the browser share: a request as arguments, and one answer on stdout.

use std::io::Write;
use std::process::ExitCode;

use serde_json::Value;

/// An answer, or what is wrong with the request.
pub type Answer = Result<Value, String>;

/// Answers the request in the program's arguments with one JSON value on stdout. If the request is wrong, prints a
/// message on stderr and returns exit code 2.
pub fn run(answer: impl FnOnce(&[&str]) -> Answer) -> ExitCode {
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

/// The message about a request that does not exist.
///
/// # Errors
/// Always.
pub fn no_request(words: &[&str]) -> Answer {
    Err(format!("there is no such request: {}", words.join(" ")))
}
