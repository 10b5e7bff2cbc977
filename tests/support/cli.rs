//! The program, run as a user runs it.

use std::process::Command;

/// What a run printed, and how it ended.
#[derive(Debug)]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

/// Runs the program with these arguments.
pub fn run(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_startup-race")).args(arguments).output().expect("the program starts");
    Output {
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
        code: output.status.code().expect("an exit code"),
    }
}

/// Asserts that a request is refused: exit code 2, nothing on stdout, and a message that holds this.
pub fn refused(arguments: &[&str], message: &str) {
    let Output { stdout, stderr, code } = run(arguments);
    assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
    assert!(stderr.contains(message), "{arguments:?} should say {message:?}, and says: {stderr}");
}
