//! The library's check of the threads: it is one line, and passes only after a complete search.

use std::process::Command;

use startup_race::conformance::ThreadsError;
use startup_race::conformance::orders::VARIABLES;
use startup_race::explore::verdict::VerdictKind;
use startup_race::{ActorId, Claim, PipelineController, Scope, Setup, Stage, check, check_threads};

use crate::model_outcomes::setup;

#[test]
fn the_fix_is_proved_on_threads_and_the_bug_is_refuted_with_a_schedule_of_the_model() {
    for failing in [&[][..], &[1], &[2]] {
        let report = check_threads(setup("seed/fixed", 2, failing)).expect_proved();
        assert!(report.executions > 1 && report.left_out == ["no-false-start"], "{}", report.text());
    }
    let bug = setup("arroyo/before", 2, &[2]);
    let report = check_threads(bug.clone()).expect_refuted("no-lost-failure");
    let broken = report.claims.iter().find(|judgement| judgement.claim.id == "no-lost-failure").unwrap();
    let schedule = broken.trace.as_ref().expect("an execution").schedule.text(1);
    assert!(check(bug).broken_by(&schedule).unwrap().contains(&"no-lost-failure".to_string()), "{schedule}");
    let text = report.text();
    assert!(text.contains("TaskFailed(2): dropped") && text.contains(&format!("\"{schedule}\"")), "{text}");
    assert!(report.mermaid().expect("a diagram").starts_with("sequenceDiagram"));
}

#[test]
fn what_is_judged_in_every_state_is_judged_if_the_controller_looks_at_the_tasks() {
    let report = check_threads(setup("arroyo/before", 2, &[])).flags().expect_refuted("no-false-start");
    assert!(report.left_out.is_empty(), "{}", report.text());
    check_threads(setup("seed/fixed", 2, &[])).flags().expect_proved();
}

/// In Running, this task has completed `on_start`.
fn has_started(id: &'static str, task: u8) -> Claim<PipelineController> {
    Claim::new(
        id,
        "says",
        Scope::Always,
        |state| state.stage() == Stage::Up,
        move |state| state.task(ActorId(task)).is_none_or(|task| task.completed_on_start()),
    )
}

/// One outcome may break both claims in one execution, and one of them in another execution.
#[test]
fn an_outcome_that_breaks_a_claim_in_several_executions_is_counted_once() {
    let claims = vec![has_started("first", 1), has_started("second", 2)];
    let report = check_threads(setup("arroyo/before", 2, &[])).claims(claims).flags().expect_refuted("first");
    for judgement in &report.claims {
        let (broken, outcomes) = (judgement.broken, report.outcomes);
        assert!((1..=outcomes).contains(&broken), "{}: {broken} of {outcomes} outcomes", judgement.claim.id);
    }
}

#[test]
fn a_claim_that_asks_for_a_state_is_said_to_be_not_judged() {
    let mut claims = check_threads(setup("seed/fixed", 2, &[])).run().unwrap().claims;
    let ends = claims.remove(0).claim;
    let up = Claim::new("comes-up", "says", Scope::Reachable, |state| state.stage() == Stage::Up, |_| true);
    let alone = check_threads(setup("seed/fixed", 2, &[])).claims(vec![up.clone()]).flags().run().unwrap();
    assert_eq!((alone.verdict(), alone.left_out.as_slice()), (VerdictKind::Vacuous, &["comes-up".to_string()][..]));
    let report = check_threads(setup("seed/fixed", 2, &[])).claims(vec![ends, up]).flags().expect_proved();
    let text = report.text();
    assert!(text.contains("left out  comes-up is not judged"), "{text}");
}

#[test]
fn a_claim_that_is_refuted_fails_the_test_with_the_execution_as_a_table() {
    let failed = std::panic::catch_unwind(|| check_threads(setup("arroyo/before", 2, &[2])).expect_proved());
    let message = failed.err().expect("the bug").downcast::<String>().expect("a message");
    assert!(message.contains("REFUTED  no-lost-failure") && message.contains("on_start: PANIC"), "{message}");
    let drawn = message.lines().skip_while(|line| *line != "drawn").nth(1).expect("the file of the diagram");
    assert!(drawn.contains("check_threads-"), "{drawn}");
    let diagram = std::fs::read_to_string(drawn).expect("it was written");
    assert!(diagram.starts_with("sequenceDiagram") && diagram.contains("TaskFailed(2): dropped"), "{diagram}");
    let failed =
        std::panic::catch_unwind(|| check_threads(setup("seed/fixed", 2, &[2])).expect_refuted("no-lost-failure"));
    let message = failed.err().expect("the fix").downcast::<String>().expect("a message");
    assert!(message.starts_with("no-lost-failure is not refuted"), "{message}");
}

#[test]
fn nothing_is_proved_of_no_claim_and_a_vacuous_model_is_no_pass() {
    let none = check_threads(setup("seed/fixed", 2, &[])).claims(Vec::new()).run().expect("a report");
    assert_eq!(none.verdict(), VerdictKind::Vacuous);
    let scenario = crate::model_outcomes::scenario("seed/fixed", &[("announce", "never")], 2);
    let found = check_threads(Setup::of(scenario)).run();
    assert!(
        matches!(&found, Err(ThreadsError::OneExecution))
            || found.is_ok_and(|report| report.verdict() != VerdictKind::Proved)
    );
}

#[test]
fn a_setup_that_threads_cannot_run_is_said_to_be_one() {
    let error = check_threads(setup("seed/fixed", 5, &[])).run().err().expect("six threads");
    assert!(matches!(error, ThreadsError::Unsupported(_)) && error.to_string().contains("threads"), "{error}");
    let claims = check(setup("seed/fixed", 2, &[])).run().unwrap().claims;
    assert!(claims.iter().any(|judgement| judgement.claim.scope == Scope::Always), "one claim is left out");
}

/// [`a_bound_in_the_environment_is_refused`] runs this in a separate process.
#[test]
#[ignore = "another test runs it"]
fn a_small_check() {
    check_threads(setup("seed/fixed", 2, &[2])).expect_proved();
}

#[test]
fn a_bound_in_the_environment_is_refused() {
    let child = |variable: Option<&str>| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "check_threads::a_small_check", "--ignored"]);
        for (name, _) in VARIABLES {
            command.env_remove(name);
        }
        command.envs(variable.map(|name| (name, "1000000")));
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    assert!(child(None).0, "without a bound it passes");
    for (name, why) in VARIABLES {
        let (passes, text) = child(Some(name));
        assert!(!passes && text.contains(name) && text.contains(why), "{name}: {text}");
    }
}
