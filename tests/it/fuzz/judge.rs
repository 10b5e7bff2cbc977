//! The properties of every run.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use schemars::Schema;
use serde_json::Value;
use startup_race::cli::{Streams, run};
use startup_race::json::SCHEMAS;
use startup_race::scenario::names::is_unseen;
use startup_race::show::Style;
use unicode_width::UnicodeWidthStr;

use super::draw::Input;

/// The output and the exit code of a run.
struct Ran {
    stdout: String,
    stderr: String,
    code: u8,
}

pub struct Judge {
    schemas: Vec<(String, jsonschema::Validator)>,
}

fn ran(input: &Input) -> Result<Ran, TestCaseError> {
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let style = Style { width: input.width, colour: input.colour };
    let mut streams =
        Streams { input: &mut input.typed.as_bytes(), typed: false, output: &mut output, errors: &mut errors, style };
    let code = run(&input.arguments(), &mut streams);
    let text = |bytes| String::from_utf8(bytes).map_err(|error| TestCaseError::fail(error.to_string()));
    Ok(Ran { stdout: text(output)?, stderr: text(errors)?, code })
}

/// The text without its colours.
fn plain(text: &str) -> String {
    ["\u{1b}[0m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m", "\u{1b}[1m", "\u{1b}[4m"]
        .iter()
        .fold(text.to_string(), |text, colour| text.replace(colour, ""))
}

/// Whether a line may be wider than the output, because it has a command to be copied.
fn is_command(line: &str) -> bool {
    line.contains("startup-race ") || line.starts_with("replayed  ")
}

impl Judge {
    pub fn new() -> Self {
        let validator = |schema: Schema| jsonschema::validator_for(schema.as_value()).expect("a schema");
        let schemas = SCHEMAS.map(|(name, schema)| (format!("startup-race/{name}/2"), validator(schema())));
        Self { schemas: schemas.into() }
    }

    /// Runs an input, and returns its exit code.
    pub fn judge(&self, input: &Input) -> Result<u8, TestCaseError> {
        let Ran { stdout, stderr, code } = ran(input)?;
        let asks = |word: &str| input.words.iter().any(|other| other == word);
        prop_assert!([0, 1, 2, 3, 4].contains(&code), "exit code {code}");
        if code == 2 {
            prop_assert_eq!(&stdout, "");
        }
        prop_assert!(code != 2 || stderr.starts_with("error: "), "{}", stderr);
        let coloured = input.colour || input.words.iter().any(|word| word.starts_with("--color"));
        let shown = if coloured { plain(&stdout) } else { stdout.clone() };
        let unseen = |c: char| c != '\n' && is_unseen(c);
        prop_assert!(!shown.contains(unseen) && !stderr.contains(unseen), "{:?} {:?}", shown, stderr);
        if code == 2 || asks("completions") || shown.starts_with("<!doctype html>") {
            return Ok(code);
        }
        match shown.trim_start().starts_with(['{', '[']) {
            true => self.is_described(&shown)?,
            // The demo has a fixed text. The output of the others is for other programs.
            false if input.command() == "demo" || asks("mermaid") || asks("dot") => {}
            false => keeps_within(&shown, input.width.max(60))?,
        }
        if input.command() == "check" && shown.starts_with(['{', '[']) {
            says_the_same_without_symmetry(input, code)?;
        }
        Ok(code)
    }

    fn is_described(&self, text: &str) -> Result<(), TestCaseError> {
        let json: Value = serde_json::from_str(text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        if json["$schema"].is_string() {
            prop_assert!(jsonschema::validator_for(&json).is_ok());
            return Ok(());
        }
        // An array has several checks.
        let name = json["schema"].as_str().unwrap_or("startup-race/check/2");
        let validator = self.schemas.iter().find(|(schema, _)| *schema == name);
        let Some((_, validator)) = validator else { return Err(TestCaseError::fail(format!("{name} has no schema"))) };
        let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        prop_assert!(errors.is_empty(), "{errors:#?}");
        Ok(())
    }
}

/// A check gives the same answer, except for the orbits, if tasks that are alike are not interchanged. If one of the
/// two is cut short, neither proves what the other refutes.
fn says_the_same_without_symmetry(input: &Input, code: u8) -> Result<(), TestCaseError> {
    let (Some(on), Some(off)) = (checks(input, "on")?, checks(input, "off")?) else { return Ok(()) };
    prop_assert_eq!(on.1.len(), off.1.len());
    let mut is_whole = true;
    for (on, off) in on.1.iter().zip(&off.1) {
        if is_complete(on) && is_complete(off) {
            prop_assert_eq!(on, off);
            continue;
        }
        is_whole = false;
        for (on, off) in claims(on).zip(claims(off)) {
            let both = [verdict(on), verdict(off)];
            prop_assert!(!(both.contains(&"PROVED") && both.contains(&"REFUTED")), "{on} {off}");
        }
    }
    if is_whole {
        prop_assert_eq!((on.0, off.0), (code, code));
    }
    Ok(())
}

/// Checks that lines without a command are not wider than the output.
fn keeps_within(text: &str, width: usize) -> Result<(), TestCaseError> {
    for line in text.lines().filter(|line| !is_command(line)) {
        prop_assert!(line.width() <= width, "{} columns: {line}\n\n{text}", line.width());
    }
    Ok(())
}

/// The exit code and the checks as JSON, without their orbits, of the same request, but in JSON and with this symmetry.
/// `None` if the program then prints no JSON.
fn checks(input: &Input, symmetry: &str) -> Result<Option<(u8, Vec<Value>)>, TestCaseError> {
    let mut words = input.words.clone();
    for option in ["--format", "--symmetry"] {
        words.retain(|word| !word.starts_with(&format!("{option}=")));
        while let Some(at) = words.iter().position(|word| word == option) {
            words.drain(at..words.len().min(at + 2));
        }
    }
    words.splice(1..1, ["--format", "json", "--symmetry", symmetry].map(String::from));
    let Ran { stdout, code, .. } = ran(&Input { words, ..input.clone() })?;
    let Ok(json) = serde_json::from_str::<Value>(&stdout) else { return Ok(None) };
    let mut checks = if let Value::Array(checks) = json { checks } else { vec![json] };
    checks.iter_mut().filter_map(Value::as_object_mut).for_each(|check| drop(check.remove("orbits")));
    Ok(Some((code, checks)))
}

/// Whether the search of the claims and that of the witness were complete.
fn is_complete(check: &Value) -> bool {
    check["complete"] == true && check["witness"]["complete"] == true
}

fn claims(check: &Value) -> impl Iterator<Item = &Value> {
    check["claims"].as_array().into_iter().flatten()
}

fn verdict(claim: &Value) -> &str {
    claim["verdict"].as_str().unwrap_or_default()
}
