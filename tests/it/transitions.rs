//! The golden table: every notice in every phase, for every setting of what the controller obeys, one line a transition.
//!
//! A line stands for all settings that its `where` allows: what it does not name makes no difference there. The table is
//! folded from the full product of the settings, so none is left out; what comes out alike in each state of
//! Scheduling is said once. A pipeline of three tasks is in attempt 2; a notice is of that attempt or of the one
//! before (`@1`). `Failed` is reached in the last attempt only: there none is left.
//! Deaths and finishes are told by task 3, by a panic in `on_start`; a second test shows that others differ by their
//! name alone, and a third that the controller obeys no other knob.

use std::fmt::Write as _;

use startup_race::core::{ActorId, Attempt, Cause, Controller, Input, Kind, Notice, PipelineController, Reason};
use startup_race::model::{Driver};
use startup_race::scenario::{Rules};
use startup_race::scenario::knobs::{KNOBS};
use startup_race::transition::{Dropped, Reaction, Transition};

const TASKS: u8 = 3;
const NOW: u8 = 2;
const PANICKED: Kind = Kind::Failed(Cause::Panicked);

/// What the controller obeys, in the order in which it looks.
const OBEYED: [(&str, [&str; 2]); 4] = [
    ("fence", ["none", "attempt"]),
    ("failed-while-scheduling", ["ignore", "fail"]),
    ("failed-while-running", ["ignore", "fail"]),
    ("attempts-left", ["0", "1"]),
];

/// A value of each.
type Setting = [&'static str; OBEYED.len()];

/// A state of the controller: its name, who was counted, and whether it failed after that.
type State = (&'static str, &'static [u8], bool);

/// The states, by phase.
const STATES: [(&str, &[State]); 3] = [
    (
        "Scheduling",
        &[("Scheduling {}", &[], false), ("Scheduling {1}", &[1], false), ("Scheduling {1,2}", &[1, 2], false)],
    ),
    ("Running", &[("Running", &[1, 2, 3], false)]),
    ("Failed", &[FAILED]),
];
const FAILED: State = ("Failed", &[1], true);

fn states() -> impl Iterator<Item = State> {
    STATES.iter().flat_map(|(_, states)| states.iter().copied())
}

fn settings() -> Vec<Setting> {
    (0..1 << OBEYED.len()).map(|bits: usize| std::array::from_fn(|at| OBEYED[at].1[bits >> at & 1])).collect()
}

fn rules(setting: &Setting) -> Rules {
    let mut rules = Rules::named("seed/fixed").unwrap();
    for ((name, _), value) in OBEYED.iter().zip(setting) {
        turn(&mut rules, name, value);
    }
    rules
}

fn turn(rules: &mut Rules, name: &str, value: &str) {
    if let Some(knob) = KNOBS.iter().find(|knob| knob.name == name) {
        (knob.set)(rules, value).unwrap();
    }
}

fn notice(task: u8, attempt: u8, kind: Kind) -> Input {
    Input::Notice(Notice { task: ActorId(task), attempt: Attempt(attempt), kind })
}

/// The controller in a state; none where the setting does not let it come there.
fn control(rules: Rules, left: &str, (_, counted, failed): State) -> Option<Driver<PipelineController>> {
    let mut control = Driver::new(PipelineController::new(rules), TASKS, NOW + left.parse::<u8>().unwrap());
    control.attempt = Attempt(NOW);
    for &task in counted {
        control.receive(notice(task, NOW, Kind::Started)).unwrap();
    }
    if failed {
        control.receive(Input::TimedOut).unwrap();
    }
    (control.controller.phase().is_final() == failed).then_some(control)
}

fn reaction(received: &Transition) -> String {
    let reason = |reason: Reason| match reason {
        Reason::Task(task, cause) => format!("task {} {}", task.0, format!("{cause:?}").to_lowercase()),
        Reason::TimedOut => "timed out".to_string(),
        Reason::Other(other) => other.to_string(),
    };
    match received.reaction {
        Reaction::Counted => format!("counted, {} of {TASKS}", received.counted.unwrap()),
        Reaction::Duplicate => "counted already".to_string(),
        Reaction::BecameUp => format!("Running, {} of {TASKS}", received.counted.unwrap()),
        Reaction::Acknowledged => "noted".to_string(),
        Reaction::Dropped(Dropped::In("Scheduling")) => "dropped in Scheduling".to_string(),
        Reaction::Dropped(Dropped::In("Running")) => "dropped in Running".to_string(),
        Reaction::Dropped(Dropped::Fenced) => "dropped by the fence".to_string(),
        Reaction::Dropped(Dropped::Final) => "dropped, Failed is final".to_string(),
        Reaction::Failed(why) => format!("Failed: {}", reason(why)),
        Reaction::Retry(why) => {
            let (began, counted) = (received.began.unwrap().0, received.counted.unwrap());
            format!("attempt {began}, {:?}, {counted} of {TASKS}: {}", received.after, reason(why))
        }
    }
}

/// What comes of an input; a reaction that is not a transition must leave the controller as it was.
fn outcome(mut control: Driver<PipelineController>, input: Input) -> String {
    let before = control.clone();
    let received = control.receive(input).expect("the pipeline's controller keeps its contract");
    let changes = !matches!(received.reaction, Reaction::Duplicate | Reaction::Acknowledged | Reaction::Dropped(_));
    assert_eq!(before != control, changes, "{input:?}");
    reaction(&received)
}

/// Splits the settings by what the controller obeys, until all that are left have one outcome: a line each.
fn fold(cases: &[(Setting, String)], conditions: &str, lines: &mut Vec<(String, String)>) {
    if cases.iter().all(|(_, outcome)| *outcome == cases[0].1) {
        lines.push((conditions.to_string(), cases[0].1.clone()));
        return;
    }
    let matters = |&at: &usize| {
        let twin = |setting: &Setting| cases.iter().find(|(other, _)| differs_in(setting, other, at));
        cases.iter().any(|(setting, outcome)| twin(setting).is_some_and(|(_, other)| other != outcome))
    };
    let at = (0..OBEYED.len()).find(matters).expect("settings that differ in nothing have one outcome");
    for value in OBEYED[at].1 {
        let part: Vec<_> = cases.iter().filter(|(setting, _)| setting[at] == value).cloned().collect();
        fold(&part, &format!("{conditions} {}={value}", OBEYED[at].0), lines);
    }
}

fn differs_in(setting: &Setting, other: &Setting, at: usize) -> bool {
    (0..OBEYED.len()).all(|index| (setting[index] != other[index]) == (index == at))
}

/// Every input that can come in a phase, with its name.
fn inputs(phase: &str) -> Vec<(String, Input)> {
    let kinds = [("Started", Kind::Started, 1..=3), ("Failed", PANICKED, 3..=3), ("Finished", Kind::Finished, 3..=3)];
    let mut inputs = Vec::new();
    for (name, kind, tasks) in kinds {
        for (task, attempt) in tasks.flat_map(|task| [(task, NOW), (task, NOW - 1)]) {
            let of = if attempt == NOW { "" } else { "@1" };
            inputs.push((format!("Task{name}({task}){of}"), notice(task, attempt, kind)));
        }
    }
    // The world lets a timeout through in Scheduling only.
    inputs.extend((phase == "Scheduling").then(|| ("timeout".to_string(), Input::TimedOut)));
    inputs
}

/// What can come of an input in a state: where, and what.
fn outcomes(state: State, input: Input) -> Vec<(String, String)> {
    let case = |setting: Setting| Some((setting, outcome(control(rules(&setting), setting[3], state)?, input)));
    let cases: Vec<_> = settings().into_iter().filter_map(case).collect();
    assert_eq!(cases.len(), if state == FAILED { 8 } else { 16 }, "{}", state.0);
    let mut lines = Vec::new();
    fold(&cases, "", &mut lines);
    lines
}

#[test]
fn every_input_in_every_phase_has_one_outcome_for_each_setting() {
    let mut table = String::new();
    let mut line = |state: &str, input: &str, outcome: &str, conditions: &str| {
        let line = format!("{state:17} {input:17} {outcome:47} {}", conditions.trim_start());
        writeln!(table, "{}", line.trim_end()).unwrap();
    };
    line("state", "input", "outcome", "where");
    for (phase, states) in STATES {
        let by_state = |input| -> Vec<_> { states.iter().map(|&state| outcomes(state, input)).collect() };
        let inputs = inputs(phase).into_iter().map(|(name, input)| (name, by_state(input)));
        let is_alike = |(_, found): &(String, Vec<_>)| found.windows(2).all(|pair| pair[0] == pair[1]);
        let (alike, others): (Vec<_>, Vec<_>) = inputs.partition(is_alike);
        for (index, state) in states.iter().enumerate() {
            for (input, found) in &others {
                found[index].iter().for_each(|(conditions, outcome)| line(state.0, input, outcome, conditions));
            }
        }
        for (input, found) in alike {
            found[0].iter().for_each(|(conditions, outcome)| line(phase, &input, outcome, conditions));
        }
    }
    insta::assert_snapshot!("transitions", table);
}

#[test]
fn a_death_or_a_finish_of_another_task_or_cause_differs_by_its_name_alone() {
    for state in states() {
        for setting in settings() {
            let Some(control) = control(rules(&setting), setting[3], state) else { continue };
            for (kind, other) in
                [(PANICKED, Kind::Failed(Cause::Cascaded)), (PANICKED, PANICKED), (Kind::Finished, Kind::Finished)]
            {
                for (task, attempt) in (1..=TASKS).flat_map(|task| [(task, NOW), (task, NOW - 1)]) {
                    let found = outcome(control.clone(), notice(task, attempt, other));
                    let found = found.replace(&format!("task {task} "), "task 3 ").replace("cascaded", "panicked");
                    assert_eq!(found, outcome(control.clone(), notice(3, attempt, kind)));
                }
            }
        }
    }
}

#[test]
fn the_controller_obeys_no_other_knob() {
    let mut compared = 0;
    for knob in KNOBS.iter().filter(|knob| OBEYED.iter().all(|(name, _)| *name != knob.name)) {
        for value in if knob.values.is_empty() { &["0", "1", "7"] } else { knob.values } {
            for setting in settings() {
                let mut turned = rules(&setting);
                (knob.set)(&mut turned, value).unwrap();
                for state in states() {
                    let of = |rules| control(rules, setting[3], state);
                    let (Some(one), Some(other)) = (of(rules(&setting)), of(turned)) else { continue };
                    for (_, input) in inputs(state.0) {
                        assert_eq!(outcome(one.clone(), input), outcome(other.clone(), input), "{}", knob.name);
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 5_000, "{compared}");
}
