//! The threads tell loom before which operations a thread switch makes no difference (see `Quiet`). In this file, a
//! second search runs without these hints: loom finds the same in more executions.
//!
//! Every comparison with the model already shows that no outcome is missed. This test also compares what an observer
//! reads, which the model does not have.

use std::collections::BTreeSet;

use startup_race::core::{Fault, PipelineController, Step};
use startup_race::scenario::Setup;
use startup_race::threads::{Hooks, NoHooks, Options, Publication, Published, Run, launch};
use startup_race::transition::{Event, TaskRun};

use crate::conformance::{Complaint, Outcome, judge};
use crate::model::{Finished, explore};
use crate::model_outcomes::{protocols, scenario, subsets, told};

/// Hooks with which loom skips no thread switch.
#[derive(Debug, Clone)]
struct Unmerged;

impl Hooks for Unmerged {
    fn merges(&self) -> bool {
        false
    }
}

/// How often the observer reads, whether the controller reads the flags, and how the phase is published.
#[derive(Debug, Clone, Copy)]
struct Looks {
    observer: u32,
    flags: bool,
    publication: Publication,
}

const NONE: Looks = Looks { observer: 0, flags: false, publication: Publication::Release };

/// Everything about a run that some thread can observe: its outcome, the order in which tasks arrived at their
/// barriers, the flags that the controller read, and what the observer read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    outcome: Outcome,
    arrivals: Vec<TaskRun>,
    flags: Vec<Vec<bool>>,
    read: Vec<(Published, Option<Vec<bool>>)>,
}

impl Told {
    fn of(setup: &Setup<PipelineController>, run: &Run) -> Result<Self, Complaint> {
        let outcome = judge(setup, run)?;
        let arrives = |event: &&Event| matches!(event, Event::Task { step: Step::Arrive, .. });
        let arrivals = run.events.iter().filter(arrives).filter_map(Event::task_run).collect();
        let read = run.seen.iter().map(|sight| (sight.published, sight.flags.clone())).collect();
        Ok(Self { outcome, arrivals, flags: run.shown.clone(), read })
    }
}

fn explored(
    name: &str,
    setup: &Setup<PipelineController>,
    looks: Looks,
    hooks: &(impl Hooks + Sync),
) -> Finished<Told> {
    let (setup, hooks) = (setup.clone(), hooks.clone());
    let tell = |found: &Finished<Told>| format!("{} different results", found.outcomes().count());
    let found = explore(name, tell, move |tape, reply| {
        let (world, hooks) = (setup.clone(), hooks.clone());
        let Looks { observer, flags, publication } = looks;
        let options = Options { looks: observer, flags, publication, ..Options::on(tape) }.with_hooks(hooks);
        let sink = move |run: Run| reply.judged(Told::of(&world, &run));
        launch(&setup, options, sink).expect("loom has threads enough");
    });
    found.expect(name)
}

/// Asserts that the results are equal. Returns how many executions are skipped.
fn left_out(protocol: &str, setup: &Setup<PipelineController>, looks: Looks) -> usize {
    let Looks { observer, flags, publication } = looks;
    let name = format!("{}, {observer} looks, flags {flags}, {publication:?}", told(protocol, &setup.scenario));
    let merged = explored(&name, setup, looks, &NoHooks);
    let unmerged = explored(&format!("{name}, and every switch"), setup, looks, &Unmerged);
    let [few, all] = [&merged, &unmerged].map(|found| found.outcomes().collect::<BTreeSet<_>>());
    assert_eq!(few, all, "{name}: left, what is found with switches left out");
    unmerged.executions().checked_sub(merged.executions()).expect("no execution is added")
}

/// Asserts that the results are equal for every set of failing tasks, and that fewer executions are needed in total.
fn makes_no_difference(protocol: &str, knobs: &[(&str, &str)], tasks: u8, looks: Looks) {
    let setups = subsets(tasks).map(|failing| Setup::of(scenario(protocol, knobs, tasks).failing(&failing).unwrap()));
    assert!(
        setups.map(|setup| left_out(protocol, &setup, looks)).sum::<usize>() > 0,
        "{protocol}, {knobs:?}: nothing is left out"
    );
}

#[test]
fn switches_that_are_left_out_make_no_difference_to_the_outcomes_of_runs() {
    for protocol in protocols() {
        makes_no_difference(protocol, &[], 2, NONE);
        makes_no_difference(protocol, &[("timeout", "hasty")], 2, NONE);
        let vanishes = scenario(protocol, &[("timeout", "patient")], 2).with_fault(Fault::Vanishes, 2, &[]).unwrap();
        left_out(protocol, &Setup::of(vanishes), NONE);
    }
    let stopped = scenario("seed/fixed", &[("attempts", "2")], 2).with_fault(Fault::Panics, 2, &[1]).unwrap();
    assert!(left_out("seed/fixed", &Setup::of(stopped), NONE) > 0);
    for knobs in [&[("crashes", "1"), ("recovery", "asks")][..], &[("attempts", "2"), ("restart", "one")]] {
        let fails = scenario("seed/fixed", knobs, 2).with_fault(Fault::Panics, 2, &[1]).unwrap();
        assert!(left_out("seed/fixed", &Setup::of(fails), NONE) > 0);
    }
    let stops = scenario("arroyo/after", &[("stop", "asked")], 1);
    left_out("arroyo/after", &Setup::of(stops), NONE);
}

#[test]
fn switches_that_are_left_out_make_no_difference_to_what_is_read() {
    for protocol in ["seed/fixed", "seed/buggy"] {
        makes_no_difference(protocol, &[], 2, Looks { flags: true, ..NONE });
        for publication in [Publication::Release, Publication::Relaxed] {
            makes_no_difference(protocol, &[], 2, Looks { observer: 1, publication, ..NONE });
        }
    }
    makes_no_difference("arroyo/handled-only", &[("barrier", "none")], 2, Looks { observer: 2, ..NONE });
    makes_no_difference("arroyo/after", &[], 2, Looks { observer: 1, ..NONE });
}

#[test]
#[ignore = "without merging it takes minutes: cargo loom --test loom -- --ignored"]
fn switches_that_are_left_out_make_no_difference_in_larger_models() {
    for protocol in protocols() {
        let tasks = if protocol.starts_with("seed/") { 4 } else { 3 };
        makes_no_difference(protocol, &[], tasks, NONE);
        makes_no_difference(protocol, &[], 2, Looks { observer: 2, ..NONE });
    }
    makes_no_difference("seed/fixed", &[("attempts", "2"), ("old-attempt", "lingers")], 2, NONE);
}
