//! The program, run as a user runs it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// The output and the exit code of a run.
#[derive(Debug)]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

/// Runs the program with these arguments.
pub fn run(arguments: &[&str]) -> Output {
    Output::of(Command::new(env!("CARGO_BIN_EXE_startup-race")).args(arguments).output().expect("the program starts"))
}

/// Runs the program with these arguments in a folder.
pub fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_startup-race"));
    Output::of(command.args(arguments).current_dir(folder).output().expect("the program starts"))
}

impl Output {
    fn of(output: std::process::Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
            code: output.status.code().expect("an exit code"),
        }
    }
}

/// Runs the program with these arguments and this input.
pub fn run_with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_startup-race"));
    let piped = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the program starts");
    // The program may end before it has read everything.
    let _ = child.stdin.take().expect("stdin is piped").write_all(input);
    Output::of(child.wait_with_output().expect("the program ends"))
}

/// Asserts that a request is refused: exit code 2, nothing on stdout, and a message with this text.
pub fn refused(arguments: &[&str], message: &str) {
    let Output { stdout, stderr, code } = run(arguments);
    assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
    assert!(stderr.contains(message), "{arguments:?} should say {message:?}, and says: {stderr}");
}

/// Whether a line is to be copied. Such a line is never broken, however long it is.
pub fn is_to_paste(line: &str) -> bool {
    ["startup-race ", "startup_race::replay("].iter().any(|begins| line.starts_with(begins))
}
