//! Shows a failing execution: the message has the trace, its schedule, and the names of the files with its pictures: a
//! diagram and, if it is small enough, a graph.
//!
//! The diagram shows what the threads did, even if it is not a path of the model. The graph is the model's; the
//! execution is drawn thick in it, as far as it is a path. The files are in cargo's folder for test output, not beside
//! the source.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::{fs, io};

use startup_race::core::Controller;
use startup_race::explore::state_space::StateSpace;
use startup_race::explore::trace::Trace;
use startup_race::scenario::Setup;
use startup_race::show::{dot, mermaid};
use startup_race::transition::Event;

use crate::agreement::{explore_against, explored};
use crate::claims::runs_with_a_failed_task;
use crate::conformance::action;
use crate::model::{Execution, Finished, Unfinished};
use crate::model_outcomes;

const FOLDER: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/traces");

/// The result of a search that must be complete. If it is not, shows the execution on which it failed.
pub fn finished<O: Ord, C: Controller>(
    name: &str,
    setup: &Setup<C>,
    found: Result<Finished<O>, Unfinished>,
) -> Finished<O> {
    found.unwrap_or_else(|unfinished| panic!("{name}: {unfinished:?}\n{}", drawn(name, setup, &unfinished.execution())))
}

/// Asserts that no such outcome was found. If one was, shows its first execution.
pub fn never<O: Ord, C: Controller>(
    name: &str,
    setup: &Setup<C>,
    found: &Finished<O>,
    like: impl Fn(&O) -> bool + Copy,
) {
    if let Some(execution) = found.example(like) {
        let (count, executions) = (found.count(like), found.executions());
        let (trace, drawn) = (execution.trace(), drawn(name, setup, execution));
        panic!("{name}: it happens in {count} of {executions} executions. The first:\n{trace}{drawn}");
    }
}

/// Draws an execution. Returns its schedule and the paths of the pictures, as text.
fn drawn<C: Controller>(name: &str, setup: &Setup<C>, execution: &Execution) -> String {
    let events = &execution.events;
    let trace = traced(setup, events);
    let schedule = trace.schedule.text(setup.scenario.workers());
    let beyond = if trace.events.len() < events.len() { ", and then what the model cannot do" } else { "" };
    let files = write(name, setup, execution, &trace).map_or_else(
        |error| format!("not drawn: {error}"),
        |files| files.iter().map(|file| format!("drawn     {}\n", file.display())).collect(),
    );
    format!("schedule  \"{schedule}\"{beyond}\n{files}")
}

/// The model's trace of these events, as far as they are a path.
pub fn traced<C: Controller>(setup: &Setup<C>, events: &[Event]) -> Trace<C> {
    let mut trace = Trace::new(setup);
    for event in events {
        let mut next = trace.clone();
        let stepped = next.step(setup, action(event, trace.last()));
        if stepped.is_err() || next.events.last() != Some(event) {
            break;
        }
        trace = next;
    }
    trace
}

/// Writes the diagram; and the graph, if it is small enough to be read.
fn write<C: Controller>(
    name: &str,
    setup: &Setup<C>,
    execution: &Execution,
    trace: &Trace<C>,
) -> io::Result<Vec<PathBuf>> {
    let Execution { events, loads } = execution;
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let file = |ending| PathBuf::from(FOLDER).join(name.chars().map(plain).collect::<String>()).with_extension(ending);
    let claims = setup.standard_claims();
    let space = StateSpace::explore(setup, &claims, dot::MAX_STATES);
    let graph = space.map(|space| dot::graph(name, setup, &claims, &space, trace));
    let pictures = [(file("mmd"), Some(mermaid::diagram(setup, events, loads))), (file("dot"), graph)];
    fs::create_dir_all(FOLDER)?;
    let mut files = Vec::new();
    for (file, text) in pictures {
        if let Some(text) = text {
            fs::write(&file, text)?;
            files.push(file);
        }
    }
    Ok(files)
}

/// The message of a failing assertion, and its two pictures. The files are removed.
fn shown(fails: impl FnOnce()) -> (String, [String; 2]) {
    let message =
        *catch_unwind(AssertUnwindSafe(fails)).expect_err("it must fail").downcast::<String>().expect("a text");
    let files = message.lines().filter_map(|line| line.strip_prefix("drawn     ")).collect::<Vec<_>>();
    let taken = <[&str; 2]>::try_from(files).expect("two pictures").map(|file| {
        let text = fs::read_to_string(file).expect("the message names a file that is there");
        fs::remove_file(file).expect("it is ours");
        text
    });
    (message, taken)
}

#[test]
fn a_lost_failure_under_loom_is_told_and_drawn() {
    let setup = model_outcomes::setup("seed/buggy", 2, &[2]);
    let found = explored("seed/buggy", 2, &[2]);
    let (message, [diagram, graph]) = shown(|| never("seed/buggy, shown", &setup, &found, runs_with_a_failed_task));
    let told = message.lines().filter(|line| !line.starts_with("drawn"));
    insta::assert_snapshot!("message", told.collect::<Vec<_>>().join("\n"));
    insta::assert_snapshot!("mermaid", diagram);
    insta::assert_snapshot!("dot", graph);
}

#[test]
fn an_execution_that_is_no_path_is_drawn_as_it_happened() {
    let [threads, world] = ["seed/buggy", "seed/fixed"].map(|protocol| model_outcomes::setup(protocol, 2, &[2]));
    let name = "seed/buggy judged as seed/fixed, shown";
    let refused = explore_against(name, &threads, &world, &startup_race::threads::NoHooks);
    let Err(Unfinished::Complaint(_, execution)) = &refused else { panic!("it is no path") };
    let (events, steps) = (execution.events.clone(), traced(&world, &execution.events).events.len());
    assert!(steps < events.len());
    let (message, [diagram, graph]) = shown(|| drop(finished(name, &world, refused)));
    assert!(message.contains("and then what the model cannot do"), "{message}");
    assert_eq!(diagram, mermaid::diagram(&world, &events, &[]));
    assert_eq!(graph.lines().filter(|line| line.contains(" -> ") && line.contains("penwidth=3")).count(), steps);
}

#[test]
fn what_never_happens_is_not_shown() {
    let setup = model_outcomes::setup("seed/fixed", 2, &[2]);
    never("seed/fixed, shown", &setup, &explored("seed/fixed", 2, &[2]), runs_with_a_failed_task);
}
