//! The command `prove`: exit codes, what is refused, JSON that conforms to its schema, schedules that `replay` accepts.

#[cfg(unix)]
use std::fs;
#[cfg(unix)]
use std::path::Path;

use serde_json::Value;
use startup_race::model::ContractViolation;
use startup_race::prove::small::NotCovered;

use crate::common::cli::{is_to_paste, refused, run};

/// Requests, and how each ends.
const REQUESTS: [(&str, i32); 8] = [
    ("arroyo/after", 0),
    ("seed/fixed --workers any", 0),
    ("arroyo/handled-only", 1),
    ("arroyo/before --claim always-decides", 0),
    ("seed/fixed --announce never --claim running-runs", 4),
    ("arroyo/before --workers any --max-states 100 --claim always-decides", 3),
    ("arroyo/after --timeout patient --fates panics,vanishes", 0),
    ("arroyo/after --fates vanishes --claim always-decides", 1),
];

fn prove(line: &str) -> crate::common::cli::Output {
    let words: Vec<&str> = ["prove"].into_iter().chain(line.split_whitespace()).collect();
    run(&words)
}

#[test]
fn the_exit_code_is_that_of_the_gravest_answer() {
    for (line, code) in REQUESTS {
        let output = prove(line);
        assert_eq!((output.code, output.stderr.as_str()), (code, ""), "{line}: {}", output.stdout);
        assert_eq!(prove(line).stdout, output.stdout, "the same bytes");
        assert!(output.stdout.lines().all(|line| is_to_paste(line) || line.chars().count() <= 80));
    }
}

/// No abstract state of a pipeline without faults is Failed. A graver answer comes first.
#[test]
fn a_proof_whose_premise_must_be_met_and_is_not_is_no_pass() {
    let required = prove("arroyo/after --fates none --require-premise");
    assert_eq!((required.code, prove("arroyo/after --fates none").code), (4, 0));
    let warning = "no-false-alarm was never put to the test: its premise is never met. Change --fates";
    assert!(required.stderr.contains(warning), "{}", required.stderr);
    assert_eq!(required.stdout, prove("arroyo/after --fates none").stdout, "the answer is the same");
    let json = prove("arroyo/after --fates none --require-premise --format json");
    let answer: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((json.code, &answer["exit_code"]), (4, &Value::from(4)));
    for (met, code) in
        [("arroyo/after", 0), ("arroyo/after --fates none --claim running-runs", 0), ("arroyo/before", 1)]
    {
        let output = prove(&format!("{met} --require-premise"));
        assert_eq!((output.code, output.stderr.as_str()), (code, ""), "{met}");
    }
}

#[test]
fn json_is_what_the_schema_of_prove_describes() {
    let schema: Value = serde_json::from_str(&run(&["schema", "prove"]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for (line, code) in REQUESTS {
        let output = prove(&format!("{line} --format json"));
        let mut answer: Value = serde_json::from_str(&output.stdout).expect("JSON");
        let wrong: Vec<String> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
        assert_eq!(wrong, [""; 0], "{line}");
        assert_eq!((output.code, answer["exit_code"].as_i64()), (code, Some(i64::from(code))), "{line}");
        answer["claims"][0]["verdict"] = "PERHAPS".into();
        assert!(!validator.is_valid(&answer), "{line}: the schema has teeth");
    }
}

/// `replay` accepts every schedule that refutes a claim, as it is printed.
#[test]
fn what_is_refuted_is_replayed() {
    for line in ["seed/buggy", "arroyo/before --workers any", "arroyo/handled-only --fates vanishes"] {
        let answer: Value = serde_json::from_str(&prove(&format!("{line} --format json")).stdout).unwrap();
        let claims = answer["claims"].as_array().unwrap();
        let replays: Vec<&str> = claims.iter().filter_map(|claim| claim["counterexample"]["replay"].as_str()).collect();
        assert!(replays.len() > 1, "{line}");
        for replay in replays {
            let (options, schedule) = replay.split_once(" \"").unwrap();
            let words: Vec<&str> = options.split_whitespace().skip(1).chain([schedule.trim_end_matches('"')]).collect();
            assert_eq!(run(&words).code, 0, "{replay}");
        }
    }
}

#[test]
fn what_is_not_covered_is_named_with_the_command_that_does_the_next_best_thing() {
    let next = "the next best thing: startup-race check arroyo/after --tasks 4";
    refused(&["prove", "arroyo/after", "--cascade", "chain"], "does not cover `cascade chain`");
    refused(&["prove", "arroyo/after", "--cascade", "chain"], next);
    refused(&["prove", "arroyo/after", "--attempts", "2", "--old-attempt", "lingers"], next);
    refused(&["prove", "arroyo/after", "--tasks", "2"], "--tasks");
    refused(&["prove", "arroyo/after", "--fates", "none,panics"], "give faults or none, not both");
    refused(&["prove", "arroyo/afte"], "Did you mean arroyo/after?");
    refused(&["prove", "arroyo/after", "--claim", "no-claim"], "there is no claim");
}

#[test]
fn the_answer_about_the_fix_reads_like_this() {
    insta::assert_snapshot!(prove("arroyo/after").stdout);
}

#[test]
fn a_vacuous_answer_says_that_the_pipeline_does_not_always_run() {
    let output = prove("seed/fixed --announce never --claim running-runs");
    let text = output.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.code, 4, "{text}");
    assert!(text.contains("but without faults the pipeline does not always run with 1 task"), "{text}");
}

#[test]
fn a_broken_contract_is_told_in_words() {
    let violation = ContractViolation::Panicked("index out of bounds".to_string());
    let text = NotCovered::Contract(violation.clone()).to_string();
    assert_eq!(text, format!("the controller breaks its contract: {violation}"));
    assert!(!text.contains("Panicked("), "{text}");
}

#[test]
#[cfg(unix)]
fn a_certificate_is_written_where_a_link_leads_and_replaces_no_special_file() {
    let folder = tempfile::tempdir().unwrap();
    let (link, socket) = (folder.path().join("link.smt2"), folder.path().join("socket"));
    std::os::unix::fs::symlink("there.smt2", &link).unwrap();
    let _listens = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let certify = |file: &Path| prove(&format!("seed/fixed --certificate {}", file.display()));
    assert_eq!(certify(&link).code, 0);
    assert!(link.is_symlink());
    assert!(fs::read_to_string(folder.path().join("there.smt2")).unwrap().contains("(check-sat)"));
    let output = certify(&socket);
    assert_eq!((output.code, output.stdout.as_str()), (2, ""));
    assert!(output.stderr.contains("it exists and is no regular file"), "{}", output.stderr);
    assert!(!fs::metadata(&socket).unwrap().is_file());
}
