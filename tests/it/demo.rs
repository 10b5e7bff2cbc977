//! The demo: the two texts, byte for byte; and in other scenarios, what the demo says is true.

use startup_race::core::{PipelineController, Stage};
use startup_race::model::World;
use startup_race::scenario::{Scenario, Setup};
use startup_race::schedule::Schedule;
use startup_race::show::demo::{Version, schedule, tell};

use crate::common::cli::{Output, refused, run};

fn demo(arguments: &[&str]) -> String {
    let Output { stdout, stderr, code } = run(arguments);
    assert_eq!((code, stderr.as_str()), (0, ""));
    stdout
}

fn setup(version: Version, tasks: u8, fails: &[u8]) -> Setup<PipelineController> {
    Setup::of(Scenario::new(version.rules(), tasks).unwrap().failing(fails).unwrap())
}

/// Every set of failing tasks, given the number of tasks.
fn failing_sets(tasks: u8) -> impl Iterator<Item = Vec<u8>> {
    (0..1u8 << tasks).map(move |bits| (1..=tasks).filter(|task| bits >> (task - 1) & 1 == 1).collect())
}

#[test]
fn the_bug_is_told_to_the_byte() {
    assert_eq!(demo(&[]), include_str!("texts/demo-buggy.txt"));
}

#[test]
fn the_fix_is_told_to_the_byte() {
    assert_eq!(demo(&["--fixed"]), include_str!("texts/demo-fixed.txt"));
}

#[test]
fn each_text_tells_a_schedule_of_the_model() {
    assert_eq!(schedule(&setup(Version::Buggy, 3, &[2])).text(1), "1 2 3 c c c 1 2 2 c");
    assert_eq!(schedule(&setup(Version::Fixed, 3, &[2])).text(1), "1 2 2 c");
}

#[test]
fn every_story_is_a_schedule_of_the_model_and_ends_as_told() {
    for version in [Version::Buggy, Version::Fixed] {
        for tasks in 1..=4 {
            for fails in failing_sets(tasks) {
                let setup = setup(version, tasks, &fails);
                let text = tell(version, &setup, &schedule(&setup));
                let replayed: Schedule = schedule(&setup).text(1).parse().unwrap();
                assert_eq!(tell(version, &setup, &replayed), text);
                let mut world = setup.model.start();
                for &actor in &replayed.0 {
                    setup.model.apply(&mut world, actor).expect("every step is legal");
                }
                judge(version, &fails, &world, &text);
            }
        }
    }
}

/// Checks that what the text says about the end agrees with the model's state.
fn judge(version: Version, fails: &[u8], world: &World<PipelineController>, text: &str) {
    let phase = match world.stage() {
        Stage::Up => "Final pipeline state: Running\n",
        Stage::Failed(_) => "Final pipeline state: Failed(\"",
        Stage::Starting | Stage::Stopping | Stage::Ended => panic!("a story ends with a decision:\n{text}"),
    };
    assert!(text.contains(phase), "{text}");
    let dead: Vec<u8> =
        (1..).zip(&world.attempts[0]).filter(|(_, task)| task.is_dead()).map(|(task, _)| task).collect();
    assert_eq!(dead, fails, "every failure is told:\n{text}");
    assert_eq!(text.contains("[NO FAILURE]"), fails.is_empty(), "{text}");
    let lie = world.stage() == Stage::Up && !dead.is_empty();
    assert_eq!(text.contains("[BUG DEMONSTRATED]"), lie, "{text}");
    assert_eq!(lie, version == Version::Buggy && !fails.is_empty(), "{text}");
    for task in fails {
        let received = format!("Received TaskFailed for task {task}: ");
        assert_eq!(text.matches(&received).count(), 1, "{text}");
    }
}

#[test]
fn the_story_stops_at_the_reaction_to_the_last_failure() {
    let text = demo(&["--fails", "1,3"]);
    assert!(text.contains("tasks 1 (source) and 3 (sink) will panic during on_start"), "{text}");
    let story = text.split("\n=== Results ===").next().unwrap().trim_end();
    assert!(
        story.ends_with(
            "Received TaskFailed for task 3: sink panicked\n[BUGGY] Ignoring failure during scheduling phase!"
        )
    );
    assert!(text.contains("but tasks 1 and 3 failed!"), "{text}");
}

#[test]
fn four_tasks_with_other_names_tell_their_own_story() {
    let text = demo(&["--tasks", "4", "--fails", "3", "--names", "a,b,c,d"]);
    assert!(text.contains("Start 4 tasks, task 3 (c) will panic during on_start"), "{text}");
    assert!(text.contains("[BUGGY] Task 3 (c) PANICKED during on_start!"), "{text}");
    assert!(!text.contains("transform"), "{text}");
}

#[test]
fn if_no_task_fails_the_demo_says_so() {
    let text = demo(&["--fails", "none"]);
    assert!(text.contains("no task will panic"), "{text}");
    assert!(text.ends_with("[NO FAILURE]\nPipeline shows as 'Running' and no task failed;\nit was so before 3 of 3 had completed on_start\n"), "{text}");
    assert!(demo(&["--fixed", "--fails", "none"]).contains("every task had completed on_start before that"));
}

#[test]
fn a_second_attempt_tells_a_recovery() {
    let text = demo(&["--fixed", "--attempts", "2", "--fails", "2@1"]);
    assert!(text.contains("task 2 (transform) in attempt 1 will panic during on_start"), "{text}");
    assert!(
        text.contains("[FIXED] Failure during scheduling - triggering reschedule\n[FIXED] Attempt 2 of 2 begins"),
        "{text}"
    );
    assert!(text.contains("Final pipeline state: Running"), "{text}");
    assert!(text.contains("attempt 2 of 2 started every task"), "{text}");
}

#[test]
fn the_only_task_of_a_pipeline_fails_by_default() {
    assert!(demo(&["--tasks", "1"]).contains("Start 1 task, task 1 (source) will panic during on_start"));
}

#[test]
fn bad_input_is_refused_with_what_would_be_right() {
    refused(&["--tasks", "0"], "--tasks");
    refused(&["--tasks", "many"], "--tasks");
    refused(&["--fails", "9"], "tasks are numbered 1 to 3");
    refused(&["--fails", "0"], "give tasks from 1");
    refused(&["--fails", "x"], "give tasks from 1");
    refused(&["--fails", "2,2"], "two fates");
    refused(&["--fails", "2@2"], "the only attempt is 1");
    refused(&["--names", "a,b"], "one for each task");
    refused(&["--names", "a,b,a"], "unique");
    refused(&["--names", "a,b,"], "unique");
    refused(&["--attempts", "0"], "--attempts");
    refused(&["--unknown"], "--unknown");
    refused(&["nonsense"], "nonsense");
}

#[test]
fn help_and_version_are_what_people_expect() {
    assert!(demo(&["--help"]).contains("Usage: startup-race"));
    assert_eq!(demo(&["--version"]), format!("startup-race {}\n", env!("CARGO_PKG_VERSION")));
}

/// A stop of a running pipeline: each task finishes, and the controller is Stopped only when it has received
/// `TaskFinished` of every task.
#[test]
fn a_stop_is_told_from_the_request_to_the_last_task() {
    let text = demo(&["--fixed", "--stop", "asked"]);
    insta::assert_snapshot!(text);
    assert!(text.contains("Final pipeline state: Stopped"));
    let at = |line: &str| text.find(line).unwrap_or_else(|| panic!("{line} is not told:\n{text}"));
    assert!(at("transitioning to Running") < at("A stop was asked") && at("A stop was asked") < at("Task 1 stops"));
    assert!(at("Received TaskFinished for task 3") < at("The phase is Stopped"));
}

#[test]
fn a_stop_that_waits_for_a_dead_task_is_told_as_one_that_does_not_end() {
    let text = demo(&["--stop", "asked", "--fails", "2"]);
    assert!(text.contains("Final pipeline state: Stopping") && text.contains("task 2 will never finish"), "{text}");
    // Nothing is left to stop.
    assert!(!demo(&["--fixed", "--stop", "asked", "--fails", "2"]).contains("A stop was asked"));
    refused(&["--stop", "now"], "asked");
}

#[test]
fn a_demo_without_a_stop_is_as_it_was() {
    assert_eq!(demo(&["--stop", "none"]), include_str!("texts/demo-buggy.txt"));
    assert_eq!(demo(&["--fixed", "--stop", "none"]), include_str!("texts/demo-fixed.txt"));
}
