//! What a command prints, and how it ends.

use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use startup_race::show::Style;

/// A command that did what was asked.
#[derive(Debug)]
pub struct Done {
    /// For stdout.
    pub text: String,
    /// For stderr.
    pub remarks: Vec<String>,
    /// The exit code.
    pub code: u8,
}

impl Done {
    /// Text, and success.
    pub fn ok(text: String) -> Self {
        Self { text, remarks: Vec::new(), code: 0 }
    }
}

/// A request that is wrong: what, where, and what would be right.
#[derive(Debug)]
pub struct Wrong(String);

impl Wrong {
    /// A message of more than one part.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl<E: Display> From<E> for Wrong {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Prints, and ends. A reader that has gone away is no error.
pub fn finish(done: Result<Done, Wrong>) -> ExitCode {
    match done {
        Ok(done) => {
            done.remarks.iter().for_each(|remark| remark_on(remark));
            match write(&done.text) {
                Ok(()) => ExitCode::from(done.code),
                Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(done.code),
                Err(error) => {
                    remark_on(&format!("error: stdout cannot be written: {error}"));
                    ExitCode::from(2)
                }
            }
        }
        Err(Wrong(message)) => {
            remark_on(&format!("error: {message}"));
            ExitCode::from(2)
        }
    }
}

/// Writes to stdout, at once.
pub fn write(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
}

/// A line for a person, on stderr; nobody is told where that cannot be written.
pub fn remark_on(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// How text is laid out: in colour on a terminal, unless NO_COLOR is set; always 80 columns, so that the same command prints the same.
pub fn style() -> Style {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Style { width: 80, colour: std::io::stdout().is_terminal() && !no_colour }
}
