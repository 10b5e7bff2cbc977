//! JSON conforms to its schema and agrees with the reference numbers. Each of its texts is a token or is marked as
//! free.

use serde_json::{Value, json};

use crate::common::cli::{Output, refused, run};

/// What the program prints as JSON.
fn json_of(arguments: &[&str]) -> Value {
    let Output { stdout, stderr, .. } = run(&[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("JSON and nothing else: {error}: {stderr}"))
}

fn schema(name: &str) -> Value {
    let Output { stdout, code, .. } = run(&["schema", name]);
    assert_eq!(code, 0);
    serde_json::from_str(&stdout).expect("JSON")
}

fn validator(name: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&schema(name)).expect("a schema")
}

fn assert_described(validator: &jsonschema::Validator, json: &Value, what: &[&str]) {
    let errors: Vec<String> =
        validator.iter_errors(json).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what:?}: {errors:#?}");
}

/// Requests. Each has a different kind of verdict, fact or step.
const CHECKS: &[&[&str]] = &[
    &["arroyo/before"],
    &["arroyo/after"],
    &["seed/buggy", "seed/fixed"],
    &["arroyo/before", "--max-states", "60"],
    &["arroyo/before", "--max-states", "1"],
    &["seed/fixed", "--announce", "never"],
    &["arroyo/before", "--tasks", "5", "--fails", "1,3", "--names", "a,b,c,d,e"],
    &["arroyo/after", "--attempts", "2", "--fails", "2@1", "--workers", "1,2", "--old-attempt", "lingers"],
    &["arroyo/after", "--attempts", "2", "--fails", "1@1,2@1"],
    &["arroyo/after", "--fails", "none", "--timeout", "hasty", "--duplicates", "1"],
    &["arroyo/after", "--attempts", "2", "--fails", "2@1", "--duplicates", "1"],
    &["arroyo/handled-only", "--vanishes", "2"],
    &["arroyo/late-only", "--tasks", "3"],
    &["arroyo/before", "--barrier", "none", "--cascade", "chain", "--tasks", "3", "--fails", "1"],
    &["arroyo/after", "--fails", "none", "--losses", "1"],
    &["arroyo/after", "--fails", "none", "--crashes", "1"],
    &["arroyo/after", "--stop", "asked", "--fails", "none", "--stop-while-scheduling", "ignore"],
    &["arroyo/after", "--hangs", "2", "--dies", "1"],
];

#[test]
fn what_check_prints_is_what_its_schema_describes() {
    let validator = validator("check");
    for request in CHECKS {
        assert_described(&validator, &json_of(&[&["check"], *request].concat()), request);
    }
}

#[test]
fn what_replay_catalog_and_matrix_print_is_what_their_schemas_describe() {
    for request in [
        &["replay", "arroyo/before", "2 2 2 1 1 1 c c c"][..],
        &["replay", "arroyo/after", "--losses", "1", "--crashes", "1", "--stop", "asked", "1 1 2 x s"],
        &["replay", "seed/fixed", "--fails", "2@1", "--attempts", "2", "--old-attempt", "lingers", "1 2 2 c 1 1@1 2"],
        &["replay", "seed/fixed", ""],
        &["matrix", "--tasks", "2"],
        &["matrix", "--tasks", "2", "--max-states", "50"],
        &["catalog"],
    ] {
        assert_described(&validator(request[0]), &json_of(request), request);
    }
    refused(&["schema"], "<NAME>");
    refused(&["schema", "stress"], "check, replay, catalog, matrix, prove");
}

/// JSON that a schema must refuse.
#[test]
fn a_schema_refuses_what_a_script_would_misread() {
    let validator = validator("check");
    let good = json_of(&["check", "arroyo/before"]);
    let refuses = |change: &dyn Fn(&mut Value)| {
        let mut json = good.clone();
        change(&mut json);
        assert_ne!(json, good, "the change changes something");
        !validator.is_valid(&json)
    };
    assert!(validator.is_valid(&good));
    assert!(refuses(&|json| json["schedules"] = 545.into()), "a count that is a number");
    assert!(refuses(&|json| json["claims"][1]["probability"] = "0.125".into()), "a probability that is no fraction");
    assert!(refuses(&|json| drop(json["claims"][1].as_object_mut().unwrap().remove("counterexample"))));
    assert!(refuses(&|json| drop(json.as_object_mut().unwrap().remove("orbits"))));
    assert!(refuses(&|json| json["complete"] = false.into()), "cut short, with an exact number of schedules");
    assert!(refuses(&|json| json["odd"] = 1.into()), "a key that is not described");
    assert!(refuses(&|json| json["schema"] = "startup-race/check/1".into()));
    let fact = |json: &mut Value| json["claims"][1]["counterexample"]["because"][0]["fact"] = "task 2 panicked".into();
    assert!(refuses(&fact), "a sentence for a fact");
    assert!(refuses(&|json| json["claims"][1]["counterexample"]["steps"][6]["reaction"] = "counted already".into()));
}

/// The places of a schema that allow any text and are not marked.
fn free_text(schema: &Value, place: &str, found: &mut Vec<String>) {
    let Some(object) = schema.as_object() else { return };
    let is_text = match &schema["type"] {
        Value::String(one) => one == "string",
        Value::Array(several) => several.contains(&"string".into()),
        _ => false,
    };
    if schema["x-free-text"] == true {
        return;
    }
    if is_text && !["enum", "const", "pattern"].iter().any(|key| object.contains_key(*key)) {
        found.push(place.to_string());
    }
    for key in ["properties", "$defs"] {
        for (name, schema) in schema[key].as_object().into_iter().flatten() {
            free_text(schema, &format!("{place}/{name}"), found);
        }
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        schema[key].as_array().into_iter().flatten().for_each(|schema| free_text(schema, place, found));
    }
    free_text(&schema["items"], place, found);
}

#[test]
fn every_text_is_a_token_or_is_marked_as_free() {
    for name in ["check", "replay", "catalog", "matrix", "prove"] {
        let mut found = Vec::new();
        free_text(&schema(name), name, &mut found);
        assert_eq!(found, [""; 0]);
    }
    let mut found = Vec::new();
    free_text(&json!({ "properties": { "a": { "type": ["string", "null"] } } }), "", &mut found);
    assert_eq!(found, ["/a"], "a text that is not marked is found");
}

#[test]
fn json_says_what_the_reference_says() {
    let json = json_of(&["check", "arroyo/before"]);
    assert_eq!(json["schema"], "startup-race/check/2");
    assert_eq!((&json["states"], &json["orbits"], &json["schedules"]), (&"74".into(), &"74".into(), &"545".into()));
    let lost = &json["claims"][1];
    assert_eq!((&lost["id"], &lost["statement"]), (&"no-lost-failure".into(), &"Running: no task is dead".into()));
    assert_eq!((&lost["breaking_schedules"], &lost["probability"]), (&"37".into(), &"1/8".into()));
    assert_eq!((&lost["premise_held"], &lost["runs_for_95_percent"]), (&"1".into(), &"23".into()));
    let counterexample = &lost["counterexample"];
    assert_eq!(counterexample["schedule"], "2 2 2 1 1 1 c c c");
    assert_eq!((&counterexample["actions"], &counterexample["switches"]), (&9.into(), &2.into()));
    let expected = json!({
        "actor": "controller", "action": "receive", "worker": 1,
        "notice": { "kind": "TaskStarted", "task": 2, "attempt": 1 }, "reaction": "counted", "phase": "Scheduling",
    });
    assert_eq!(counterexample["steps"][6], expected);
    assert_eq!(
        counterexample["because"],
        json!([
            { "fact": "panicked", "task": 2, "attempt": 1, "step": 2, "reported": 3 },
            { "fact": "dropped", "task": 2, "attempt": 1, "step": 8, "phase": "Scheduling", "counted": 1 },
            { "fact": "became_up", "step": 9, "input": "notice", "all_counted": true },
            { "fact": "recovery", "recovery": "over" },
            { "fact": "broken", "step": 9 },
        ])
    );
    assert_eq!(counterexample["decides"]["passing_schedule"], "2 2 1 2 1 1 c c c");
    assert_eq!(counterexample["decides"]["left_out"], json!([]));
    let unbroken = &json["claims"][3];
    assert_eq!((&unbroken["breaking_schedules"], &unbroken["probability"]), (&"0".into(), &"0".into()));
    assert!(unbroken.get("counterexample").is_none());
}

/// Each setting is a knob and its value, with the claims that it then breaks.
#[test]
fn what_fixes_a_claim_is_a_list_of_settings() {
    let json = json_of(&["check", "arroyo/late-only", "--claim", "always-decides"]);
    let decides = &json["claims"][0]["counterexample"]["decides"];
    assert_eq!((&decides["decides"], &decides["schedules"]), (&"no_order".into(), &"10".into()));
    let fixes: Vec<String> =
        decides["fixes"].as_array().unwrap().iter().map(|fix| format!("{} {}", fix["knob"], fix["value"])).collect();
    assert!(fixes.contains(&"\"failed-while-scheduling\" \"fail\"".to_string()), "{fixes:?}");
    assert_eq!(decides["fixes"][0]["breaks"], json!(["no-false-start", "no-lost-failure", "running-runs"]));
}

#[test]
fn a_passing_schedule_says_which_steps_it_leaves_out() {
    let claim = ["--timeout", "hasty", "--claim", "no-false-alarm"];
    let json = json_of(&[&["check", "seed/fixed", "--tasks", "1", "--fails", "none"][..], &claim].concat());
    let decides = &json["claims"][0]["counterexample"]["decides"];
    assert_eq!((&decides["passing_schedule"], &decides["left_out"]), (&json!("1 1 1 c"), &json!([4])));
}
