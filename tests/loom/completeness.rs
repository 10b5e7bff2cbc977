//! Only a complete search has a result. Each way to bound a search is tried.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::model::Builder;
use startup_race::threads::{EventLog, NoHooks, Options, launch};

use crate::agreement::explore_setup;
use crate::conformance::{Complaint, judge};
use crate::model::{Reply, Unfinished, VARIABLES, explore, explore_with, unbounded};
use crate::model_outcomes;
use crate::say;

const FINISHED: &str = "a search to its end yields a result";

/// [`a_variable_that_bounds_the_search_is_refused_by_name`] runs this in a separate process with a variable set.
#[test]
fn a_small_model_finishes() {
    let found = explore_setup("a small model", &model_outcomes::setup("seed/fixed", 2, &[]), &NoHooks);
    let found = found.unwrap_or_else(|unfinished| panic!("{unfinished:?}"));
    assert_eq!(found.executions(), 2);
    say(FINISHED);
}

/// Explores a small model in a process with these variables. Returns its output, and whether it succeeds.
fn child(variables: &[(&str, &str)]) -> (String, bool) {
    let mut command = Command::new(std::env::current_exe().expect("this test has a file"));
    command.args(["--exact", "completeness::a_small_model_finishes"]);
    VARIABLES.iter().for_each(|(variable, _)| {
        command.env_remove(variable);
    });
    let output = command.envs(variables.iter().copied()).output().expect("a process");
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8_lossy(&text).into_owned(), output.status.success())
}

#[test]
fn a_variable_that_bounds_the_search_is_refused_by_name() {
    let (text, success) = child(&[]);
    assert!(success && text.contains(FINISHED), "without a variable it must finish: {text}");
    for (variable, why) in VARIABLES {
        let (text, success) = child(&[(variable, "1")]);
        assert!(!success && !text.contains(FINISHED), "{variable}: {text}");
        assert!(text.contains(variable) && text.contains(why), "{variable} is not named, or not why: {text}");
    }
}

#[test]
fn a_builder_that_is_bounded_by_hand_is_refused() {
    type Bound = (&'static str, fn(&mut Builder));
    let bounds: [Bound; 5] = [
        ("max_permutations", |builder| builder.max_permutations = Some(1_000_000)),
        ("max_duration", |builder| builder.max_duration = Some(std::time::Duration::from_secs(1_000_000))),
        ("preemption_bound", |builder| builder.preemption_bound = Some(1_000_000)),
        ("checkpoint_file", |builder| builder.checkpoint_file = Some("nowhere".into())),
        ("expect_explicit_explore", |builder| builder.expect_explicit_explore = true),
    ];
    for (field, bound) in bounds {
        let mut builder = unbounded();
        bound(&mut builder);
        let refused = explore_with(&builder, "never", |_| String::new(), |_, reply: Reply<u8>| reply.judged(Ok(0)));
        assert!(matches!(refused, Err(Unfinished::Bounded(name)) if name == field), "{field}");
    }
}

/// Shows why the bounds are refused: loom returns from a bounded search in the same way as from a complete one.
#[test]
fn loom_says_nothing_if_a_bound_ended_its_search() {
    let executions = |bound: fn(&mut Builder)| {
        let mut builder = unbounded();
        bound(&mut builder);
        let (count, setup) = (Arc::new(AtomicUsize::new(0)), model_outcomes::setup("seed/buggy", 3, &[2]));
        let inner = Arc::clone(&count);
        builder.check(move || {
            inner.fetch_add(1, Ordering::SeqCst);
            launch(&setup, Options::on(EventLog::default()), drop).expect("four threads");
        });
        count.load(Ordering::SeqCst)
    };
    let all = executions(|_| {});
    assert!(executions(|builder| (builder.max_permutations, builder.checkpoint_interval) = (Some(1), 1)) < all);
    assert!(executions(|builder| builder.preemption_bound = Some(0)) < all);
}

#[test]
fn an_execution_that_is_not_judged_is_not_a_result() {
    let refused = explore("nobody judges", |_| String::new(), |_, reply: Reply<u8>| drop(reply));
    assert!(matches!(refused, Err(Unfinished::Unjudged(1, 0))));
}

/// A complaint in the last execution is not lost, and is reported with that execution's events.
#[test]
fn one_complaint_among_all_executions_is_enough() {
    let setup = model_outcomes::setup("seed/fixed", 2, &[]);
    let count = AtomicUsize::new(0);
    let refused = explore(
        "the last execution of two complains",
        |_| String::new(),
        move |tape, reply| {
            let (world, last) = (setup.clone(), count.fetch_add(1, Ordering::SeqCst) == 1);
            let sink = move |run| match judge(&world, &run) {
                Ok(_) if last => reply.judged(Err(Complaint::Abandoned)),
                judged => reply.judged(judged),
            };
            launch(&setup, Options::on(tape), sink).expect("three threads");
        },
    );
    let Err(Unfinished::Complaint(complaint, execution)) = refused else { panic!("the complaint is lost") };
    assert_eq!((*complaint, execution.events.len()), (Complaint::Abandoned, 8));
}
