//! Whether a log of events is a path of the model: the command, and the library.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use startup_race::conformance::LogVerdict;
use startup_race::{PipelineController, Rules, Scenario, Setup, conforms, read_log};

use crate::common::cli::{Output, refused, run};

/// Writes a log file, and returns its path.
fn log(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.jsonl"));
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// The steps of a schedule, as `replay` prints them.
fn steps(schedule: &str) -> Vec<Value> {
    let Output { stdout, .. } = run(&["replay", "arroyo/before", schedule, "--format", "json"]);
    let json: Value = serde_json::from_str(&stdout).unwrap();
    json["steps"].as_array().unwrap().clone()
}

fn lines(steps: &[Value]) -> String {
    steps.iter().map(|step| step.to_string() + "\n").collect()
}

/// The steps without these keys.
fn pruned(mut steps: Vec<Value>, keys: &[&str]) -> Vec<Value> {
    for step in &mut steps {
        let step = step.as_object_mut().unwrap();
        step.retain(|key, _| !keys.contains(&key.as_str()));
    }
    steps
}

const LIE: &str = "2 2 2 1 1 1 c c c";
const ONLY_IN_A_REPLAY: [&str; 3] = ["dropped_by", "failed_because", "began_attempt"];

fn setup() -> Setup<PipelineController> {
    Setup::of(Scenario::new(Rules::named("arroyo/before").unwrap(), 2).unwrap().failing(&[2]).unwrap())
}

#[test]
fn what_replay_prints_is_a_path_of_the_model() {
    let file = log("whole", &lines(&pruned(steps(LIE), &ONLY_IN_A_REPLAY)));
    let Output { stdout, code, .. } = run(&["conforms", "arroyo/before", "--log", &file]);
    assert_eq!(code, 0);
    assert!(stdout.starts_with("conforms  the log is a path of the model to its end, 9 events:"), "{stdout}");
    assert!(stdout.contains(&format!("\"{LIE}\"")), "{stdout}");
    // The schedule with the bug is not a path of the fixed protocol.
    let Output { stdout, code, .. } = run(&["conforms", "arroyo/after", "--log", &file]);
    assert_eq!(code, 1);
    assert!(stdout.starts_with("diverges  event 1 is none that the model allows there:"), "{stdout}");
}

#[test]
fn a_log_that_stops_early_is_incomplete_and_passes() {
    let file = log("early", &lines(&pruned(steps("2 2 2 1"), &ONLY_IN_A_REPLAY)));
    let Output { stdout, code, .. } = run(&["conforms", "arroyo/before", "--log", &file]);
    assert_eq!((code, stdout.starts_with("incomplete")), (0, true), "{stdout}");
}

#[test]
fn the_first_event_that_the_model_does_not_allow_is_shown_with_what_it_allows_and_why() {
    let mut steps = pruned(steps(LIE), &ONLY_IN_A_REPLAY);
    steps[7]["phase"] = json!("Failed");
    let file = log("wrong", &lines(&steps));
    let Output { stdout, code, .. } = run(&["conforms", "arroyo/before", "--log", &file]);
    let text = stdout.replace("\n         ", " ");
    assert_eq!(code, 1);
    assert!(text.starts_with("diverges  event 8 is none that the model allows there:"), "{stdout}");
    assert!(text.contains("`phase` is \"Failed\" in the log and \"Scheduling\" in the model"), "{stdout}");
    assert!(stdout.contains("TaskStarted(2): 1 of 2"), "the path before it is a table: {stdout}");
    let Output { stdout, .. } = run(&["conforms", "arroyo/before", "--log", &file, "--format", "json"]);
    let json: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&json["conforms"], &json["parted"]["event"]), (&json!(false), &json!(8)));
    assert_eq!(json["schedule"], "2 2 2 1 1 1 c");
    assert_eq!(json["parted"]["allowed"][0]["notice"]["kind"], "TaskFailed");
}

#[test]
fn a_log_may_leave_out_what_it_does_not_know() {
    let bare = ["attempt", "sends", "worker", "notice", "reaction", "phase", "outcome"];
    let all = pruned(pruned(steps(LIE), &ONLY_IN_A_REPLAY), &bare);
    let events = read_log(&lines(&all)).unwrap();
    let LogVerdict::Path(trace, true) = conforms(&setup(), &events).unwrap() else { panic!("it is a path") };
    assert_eq!(trace.schedule.text(1), LIE);
    // If the log names a notice, it is compared. Here the order of two notices is wrong.
    let mut steps = pruned(steps(LIE), &ONLY_IN_A_REPLAY);
    steps.swap(6, 7);
    let events = read_log(&lines(&steps)).unwrap();
    assert!(matches!(conforms(&setup(), &events).unwrap(), LogVerdict::Parted(parted) if parted.event == 7));
}

#[test]
fn the_time_of_an_event_is_not_compared_and_a_line_that_is_no_event_is_refused() {
    let text = "{\"actor\":\"task 2\",\"action\":\"announce\",\"at\":\"12:00:01\"}\n\n";
    assert_eq!(run(&["conforms", "arroyo/before", "--log", &log("at", text)]).code, 0);
    let conforms =
        |name: &str, text: &str| ["conforms", "arroyo/before", "--log", &log(name, text)].map(str::to_string);
    let refuse = |arguments: [String; 4], says: &str| refused(&arguments.each_ref().map(String::as_str), says);
    refuse(
        conforms("typo", &format!("{text}{{\"actor\":\"task 2\",\"action\":\"jump\"}}\n")),
        "line 3 of the log is no event",
    );
    refuse(conforms("key", "{\"actor\":\"task 2\",\"action\":\"announce\",\"worke\":1}\n"), "unknown field `worke`");
    refuse(conforms("empty", "\n"), "the log has no event");
    refused(&["conforms", "arroyo/before", "--log", "no-such-file.jsonl"], "no-such-file.jsonl");
}

#[test]
fn the_log_and_the_answer_are_what_their_schemas_say() {
    let schema = |name: &str| serde_json::from_str::<Value>(&run(&["schema", name]).stdout).unwrap();
    let (line, answer) = (schema("log"), schema("conforms"));
    for step in pruned(steps(LIE), &ONLY_IN_A_REPLAY) {
        assert!(jsonschema::is_valid(&line, &step), "{step}");
    }
    assert!(!jsonschema::is_valid(&line, &json!({ "actor": "task 2", "action": "announce", "worke": 1 })));
    for text in
        [lines(&pruned(steps(LIE), &ONLY_IN_A_REPLAY)), "{\"actor\":\"task 1\",\"action\":\"run\"}\n".to_string()]
    {
        let Output { stdout, .. } =
            run(&["conforms", "arroyo/before", "--log", &log("schema", &text), "--format", "json"]);
        assert!(jsonschema::is_valid(&answer, &serde_json::from_str(&stdout).unwrap()), "{stdout}");
    }
}
