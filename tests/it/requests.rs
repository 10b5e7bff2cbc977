//! The requested scenario is the one that is judged, and the JSON names the actor of each step. A premise can be
//! required.

use crate::common::cli::{Output, run};

/// What the program prints as JSON.
fn json_of(arguments: &[&str]) -> serde_json::Value {
    let Output { stdout, stderr, .. } = run(&[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"))
}

#[test]
fn an_option_beside_a_scenario_of_the_catalog_overrides_that_of_its_entry() {
    let name = "hazard/stale-worker-same-run";
    let (own, other) = (json_of(&["check", name]), json_of(&["check", name, "--fails", "2", "--attempts", "1"]));
    assert_eq!((&own["scenario"]["fails"], &own["scenario"]["rules"]["attempts"]), (&"1@1".into(), &2.into()));
    assert_eq!((&other["scenario"]["fails"], &other["scenario"]["rules"].get("attempts")), (&"2".into(), &None));
    // Options that are not given keep the value of the entry.
    assert_eq!(own["scenario"]["workers"], other["scenario"]["workers"]);
    assert_eq!(own["scenario"]["workers"], serde_json::json!([1, 2]));
}

#[test]
fn json_tells_a_task_that_lingers_from_one_of_the_current_attempt() {
    let replayed = ["replay", "seed/fixed", "--fails", "2@1", "--attempts", "2", "--old-attempt", "lingers"];
    let json = json_of(&[&replayed[..], &["1 2 2 c 1 1@1 2"]].concat());
    let steps = json["steps"].as_array().expect("steps");
    let told: Vec<_> = steps.iter().map(|step| (step["actor"].as_str(), step["attempt"].as_u64())).collect();
    let actors = ["task 1", "task 2", "task 2", "controller", "task 1", "task 1@1", "task 2"].map(Some);
    let attempts = [Some(1), Some(1), Some(1), None, Some(2), Some(1), Some(2)];
    assert_eq!(told, actors.into_iter().zip(attempts).collect::<Vec<_>>());
}

#[test]
fn the_matrix_of_tasks_that_vanish_has_one_case() {
    let fates = |options: &[&str]| {
        let json = json_of(&[&["matrix"], options].concat());
        let cells = json["cells"].as_array().expect("cells").clone();
        let fates = cells.iter().map(|cell| cell["check"]["scenario"]["vanishes"].clone());
        (json["needs"].as_array().expect("cases").len(), fates.collect::<Vec<_>>())
    };
    assert_eq!(fates(&["--vanishes", "2"]), (1, vec!["2".into(); 8]));
    assert_eq!(fates(&[]), (3, vec!["none".into(); 24]));
}

/// If no task fails, no end is Failed.
#[test]
fn a_matrix_whose_premises_must_be_met_and_are_not_is_no_pass() {
    let matrix = |more: &[&str]| run(&[&["matrix", "--tasks", "2"], more].concat());
    let required = matrix(&["--fails", "none", "--require-premise"]);
    assert_eq!((required.code, matrix(&["--fails", "none"]).code), (4, 0));
    let warning = "no-false-alarm was never put to the test: its premise is never met. Change the scenario";
    assert!(required.stderr.contains(warning), "{}", required.stderr);
    let met = matrix(&["--require-premise"]);
    assert_eq!((met.code, met.stderr.as_str()), (0, ""));
    assert_eq!(
        matrix(&["--fails", "none", "--require-premise", "--max-states", "5"]).code,
        3,
        "what is graver comes first"
    );
}
