//! The output of a command, and its exit code.

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, ErrorKind};

use anstream::{AutoStream, ColorChoice};
use clap::builder::Styles;

use super::{Streams, interrupt};
use crate::show::Style;
use crate::show::foreign::escaped_lines;

/// The result of a command that was carried out.
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
    /// Output with exit code 0.
    pub fn ok(text: String) -> Self {
        Self { text, warnings: Vec::new(), code: 0 }
    }
}

/// Why a request is not carried out: it is wrong, or the machine cannot do it. The message says what is wrong, where,
/// and what would be right.
#[derive(Debug)]
pub struct UsageError(String);

impl UsageError {
    /// An error with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl<E: Display> From<E> for UsageError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Prints the result and returns the exit code. If the reader has closed the pipe, this is not an error.
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

/// The result if clap returns no arguments: a help text, the version, or an error.
pub fn parsed(error: &clap::Error, arguments: &[OsString], style: Style) -> Result<Output, UsageError> {
    if !error.use_stderr() {
        let help = error.render();
        return Ok(Output::ok(if style.colour { help.ansi().to_string() } else { help.to_string() }));
    }
    // Rendered again without colours. So every escape sequence in the message comes from the arguments.
    let plain = super::command().styles(Styles::plain()).try_get_matches_from(arguments);
    let message = plain.err().map_or_else(|| error.render().to_string(), |error| error.render().ansi().to_string());
    Err(UsageError::new(message.strip_prefix("error: ").unwrap_or(&message).trim_end()))
}

/// Writes to the output and flushes it.
pub fn write(text: &str, streams: &mut Streams<'_>) -> io::Result<()> {
    let _whole = interrupt::writing();
    let written = streams.output.write_all(text.as_bytes()).and_then(|()| streams.output.flush());
    written.map_err(|error| io::Error::new(error.kind(), format!("stdout cannot be written: {error}")))
}

/// Writes a line to stderr and ignores write errors.
fn remark_on(line: &str, streams: &mut Streams<'_>) {
    let _ = writeln!(streams.errors, "{}", escaped_lines(line));
}

/// The style of the output: colours on a terminal, unless an environment variable such as NO_COLOR says otherwise;
/// always 80 columns, so that the same command prints the same text.
pub fn style() -> Style {
    Style { width: 80, colour: AutoStream::choice(&io::stdout()) != ColorChoice::Never }
}
