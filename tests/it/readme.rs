//! The first page: its pictures are the program's own, and its commands work where a reader pastes them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::cli::run;

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("the first page")
}

/// The blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let (page, fence) = (readme(), format!("```{language}\n"));
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or_default().to_string()).collect()
}

/// The commands that call the program, as they are typed.
fn commands() -> Vec<String> {
    let lines: Vec<String> = blocks("console").iter().flat_map(|block| block.lines().map(str::to_string)).collect();
    lines.into_iter().filter(|line| line.starts_with("startup-race ")).collect()
}

#[test]
fn the_diagram_is_the_programs() {
    let output = run(&["replay", "arroyo/before", "--format", "mermaid", "2 2 2 1 1 1 c c c"]);
    assert_eq!(blocks("mermaid"), [output.stdout]);
}

#[test]
fn the_counterexample_is_the_programs() {
    let output = run(&["check", "arroyo/before", "--claim", "no-lost-failure"]).stdout;
    let [shown] = <[String; 1]>::try_from(blocks("text")).expect("one block of text");
    assert!(output.contains(&shown), "{output}");
    assert!(shown.starts_with("REFUTED") && shown.contains("<- claim broken"));
}

#[test]
fn every_command_of_the_program_works() {
    let folder = std::env::temp_dir().join(format!("startup-race-readme-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder of our own");
    let program = Path::new(env!("CARGO_BIN_EXE_startup-race")).parent().expect("it lies in a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    assert!(commands().len() >= 6, "{:?}", commands());
    for command in commands() {
        let mut shell = Command::new("sh");
        shell.args(["-c", &command]).current_dir(&folder).env("PATH", &path).stdin(Stdio::null());
        let output = shell.output().expect("a shell");
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    fs::remove_dir_all(&folder).expect("it is ours");
}
