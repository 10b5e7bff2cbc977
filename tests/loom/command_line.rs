//! The command line is not built under loom, and the program says so.

use std::process::Command;

#[test]
fn a_program_that_is_built_under_loom_says_in_one_line_that_it_has_no_command_line() {
    for arguments in [&[][..], &["check", "arroyo/before"], &["stress", "arroyo/before"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_startup-race")).args(arguments).output().expect("it starts");
        let stderr = String::from_utf8(output.stderr).expect("text");
        assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]), "{arguments:?}: {stderr}");
        assert_eq!(stderr, "error: the command line is not built under loom; build it without `--cfg loom`\n");
    }
}
