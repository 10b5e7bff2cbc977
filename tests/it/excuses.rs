//! `tests/MUTANTS.md` excuses mutants that survive cargo-mutants: it names the file, the function, the change and the
//! text of the changed line. `.ci/survivors` reads it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An excuse, as it is written.
struct Excuse {
    file: String,
    change: String,
    line: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn excuses() -> Vec<Excuse> {
    let text = fs::read_to_string(root().join("tests/MUTANTS.md")).expect("the list is there");
    let lines: Vec<&str> = text.lines().collect();
    let begins = |line: &&[&str]| line[0].starts_with("- ");
    let read = |pair: &[&str]| {
        let named = pair[0].strip_prefix("- `").and_then(|rest| rest.strip_suffix("`,"));
        let line = pair[1].strip_prefix("  in `").and_then(|rest| rest.strip_suffix("`:"));
        let (file, change) = named.and_then(|named| named.split_once(": ")).expect("a file and a change");
        let line = line.expect("the changed line").to_string();
        Excuse { file: file.to_string(), change: change.to_string(), line }
    };
    let excuses: Vec<Excuse> = lines.windows(2).filter(begins).map(read).collect();
    assert!(!excuses.is_empty(), "the list is empty");
    excuses
}

impl Excuse {
    /// The numbers of the lines with this text, from 1.
    fn places(&self) -> Vec<usize> {
        let text = fs::read_to_string(root().join(&self.file)).expect("the file is there");
        text.lines().enumerate().filter(|(_, line)| line.trim() == self.line).map(|(at, _)| at + 1).collect()
    }

    /// The name of the function that holds that line.
    fn function(&self, number: usize) -> Option<String> {
        let text = fs::read_to_string(root().join(&self.file)).expect("the file is there");
        let before: Vec<&str> = text.lines().take(number).collect();
        let name = before.iter().rev().find_map(|line| Some(line.split_once("fn ")?.1))?;
        Some(name.split(['(', '<']).next()?.to_string())
    }

    /// The function that the change names, without its path.
    fn named(&self) -> &str {
        let path = match self.change.rsplit_once(" in ") {
            Some((_, path)) => path,
            None => self.change.trim_start_matches("replace ").split(" -> ").next().unwrap_or_default(),
        };
        path.rsplit("::").next().unwrap_or_default()
    }

    /// How often the line has the changed text: an operator, or a guard.
    fn times(&self) -> usize {
        match self.change.strip_prefix("replace ").and_then(|rest| rest.split_once(" with ")) {
            Some((guard, _)) if guard.starts_with("match guard ") => {
                self.line.matches(guard.trim_start_matches("match guard ")).count()
            }
            Some((operator, _)) if !operator.contains(" -> ") => {
                self.line.split_whitespace().filter(|word| *word == operator).count()
            }
            _ => 1,
        }
    }
}

#[test]
fn an_excuse_names_one_line_that_is_there_in_the_function_that_it_says() {
    for excuse in excuses() {
        let (places, what) = (excuse.places(), format!("{}: {}", excuse.file, excuse.change));
        assert_eq!(places.len(), 1, "{what}: the line {:?} must be there once", excuse.line);
        assert_eq!(excuse.function(places[0]).as_deref(), Some(excuse.named()), "{what}");
        assert_eq!(excuse.times(), 1, "{what}: the change fits more than one place of its line, or none");
    }
}

/// Whether `.ci/survivors` lets these changes through, and what it says.
fn lets_through(name: &str, missed: &[String]) -> (bool, String) {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("missed-{name}.txt"));
    fs::write(&file, missed.join("\n")).expect("a file");
    let output = Command::new("bash").arg(root().join(".ci/survivors")).arg(&file).output().expect("bash runs");
    fs::remove_file(&file).expect("it is ours");
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn what_is_excused_passes_and_the_same_change_in_another_line_does_not() {
    let excuses = excuses();
    let missed =
        |excuse: &Excuse, by: usize| format!("{}:{}:9: {}", excuse.file, excuse.places()[0] + by, excuse.change);
    let all: Vec<String> = excuses.iter().map(|excuse| missed(excuse, 0)).collect();
    assert_eq!(lets_through("excused", &all), (true, String::new()));
    let elsewhere: Vec<String> = excuses.iter().map(|excuse| missed(excuse, 1)).collect();
    let (passes, said) = lets_through("elsewhere", &elsewhere);
    assert!(!passes);
    elsewhere.iter().for_each(|change| assert!(said.contains(change.as_str()), "{change} is let through"));
    // Another change of an excused line, and the same change in another function.
    for (said, instead) in [("== with !=", "== with <"), ("::mark", "::swap")] {
        let other = [all[0].replace(said, instead)];
        assert!(other[0] != all[0] && !lets_through("other", &other).0, "{other:?}");
    }
    assert_eq!(lets_through("none", &[]), (true, String::new()));
}
