//! What a command prints, and how it ends.

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, ErrorKind};

use anstream::{AutoStream, ColorChoice};
use clap::builder::Styles;

use super::{Streams, interrupt};
use crate::show::Style;
use crate::show::foreign::escaped_lines;

/// A command that did what was asked.
#[derive(Debug)]
pub struct Output {
    /// For stdout.
    pub text: String,
    /// For stderr.
    pub warnings: Vec<String>,
    /// The exit code.
    pub code: u8,
}

impl Output {
    /// Text, and success.
    pub fn ok(text: String) -> Self {
        Self { text, warnings: Vec::new(), code: 0 }
    }
}

/// A request that is wrong: what, where, and what would be right.
#[derive(Debug)]
pub struct UsageError(String);

impl UsageError {
    /// A message of more than one part.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl<E: Display> From<E> for UsageError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Prints, and returns the exit code. A reader that has gone away is no error.
pub fn finish(done: Result<Output, UsageError>, streams: &mut Streams<'_>) -> u8 {
    let (text, warnings, code) = match done {
        Ok(Output { text, warnings, code }) => (text, warnings, code),
        Err(UsageError(message)) => (String::new(), vec![format!("error: {message}")], 2),
    };
    warnings.iter().for_each(|remark| remark_on(remark, streams));
    match write(&text, streams) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            remark_on(&format!("error: {error}"), streams);
            2
        }
        _ => code,
    }
}

/// What clap answers instead of what it has parsed: a help text, or what is wrong with the arguments.
pub fn parsed(error: &clap::Error, arguments: &[OsString], style: Style) -> Result<Output, UsageError> {
    if !error.use_stderr() {
        let help = error.render();
        return Ok(Output::ok(if style.colour { help.ansi().to_string() } else { help.to_string() }));
    }
    // Once more without colours, so that every escape sequence in the message is one of the arguments' own.
    let plain = super::command().styles(Styles::plain()).try_get_matches_from(arguments);
    let message = plain.err().map_or_else(|| error.render().to_string(), |error| error.render().ansi().to_string());
    Err(UsageError::new(message.strip_prefix("error: ").unwrap_or(&message).trim_end()))
}

/// Writes to the output, at once.
pub fn write(text: &str, streams: &mut Streams<'_>) -> io::Result<()> {
    let _whole = interrupt::writing();
    let written = streams.output.write_all(text.as_bytes()).and_then(|()| streams.output.flush());
    written.map_err(|error| io::Error::new(error.kind(), format!("stdout cannot be written: {error}")))
}

/// Writes a line for a person to stderr and ignores write errors.
fn remark_on(line: &str, streams: &mut Streams<'_>) {
    let _ = writeln!(streams.errors, "{}", escaped_lines(line));
}

/// How text is laid out: in colour on a terminal, unless NO_COLOR is set; always 80 columns, so that the same command prints the same.
pub fn style() -> Style {
    Style { width: 80, colour: AutoStream::choice(&io::stdout()) != ColorChoice::Never }
}
