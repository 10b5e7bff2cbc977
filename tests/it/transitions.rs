//! Golden tables of the controller: every input in every phase, for every setting of the knobs that it obeys, with one
//! line for each transition.
//!
//! A line covers all settings that its `where` allows: knobs that it does not name make no difference. A table is
//! folded from the full product of the settings, so none is left out. A result that is the same in each state of a
//! phase has one line. A pipeline of three tasks is in attempt 2. A notice belongs to that attempt or to the previous
//! one (`@1`). `Failed` is reached only in the last attempt. Deaths and ends are reported by task 3, and the cause of a
//! death is a panic in `on_start`. Another test shows that other tasks and causes differ only in their names, and one
//! more shows that the controller obeys no other knob.
//!
//! The first table is about the startup: there is no stop and no crash. The second is about a pipeline that may be
//! asked to stop and whose controller may crash.

use std::fmt::Write as _;

use startup_race::core::{
    ActorId, Attempt, Cause, Controller, EarlyStop, Input, Kind, Notice, PipelineController, Reason,
};
use startup_race::model::Driver;
use startup_race::scenario::Rules;
use startup_race::scenario::knobs::KNOBS;
use startup_race::transition::{Dropped, Reaction, Transition};

const TASKS: u8 = 3;
const NOW: u8 = 2;
const PANICKED: Kind = Kind::Failed(Cause::Panicked);

/// A table: the knobs that the controller obeys, in the order in which it uses them, with their values; and the states
/// of each phase.
struct Table {
    obeyed: &'static [(&'static str, &'static [&'static str])],
    states: &'static [(&'static str, &'static [State])],
    stop: &'static str,
}

const IGNORE_OR_FAIL: &[&str] = &["ignore", "fail"];
const ATTEMPTS_LEFT: (&str, &[&str]) = ("attempts-left", &["0", "1"]);

const STARTUP: Table = Table {
    obeyed: &[
        ("fence", &["none", "attempt"]),
        ("failed-while-scheduling", IGNORE_OR_FAIL),
        ("failed-while-running", IGNORE_OR_FAIL),
        ATTEMPTS_LEFT,
    ],
    states: &[
        (
            "Scheduling",
            &[
                State { name: "Scheduling {}", ..NEW },
                State { name: "Scheduling {1}", counted: &[1], ..NEW },
                State { name: "Scheduling {1,2}", counted: &[1, 2], ..NEW },
            ],
        ),
        ("Running", &[State { name: "Running", counted: &[1, 2, 3], ..NEW }]),
        ("Failed", &[FAILED]),
    ],
    stop: "none",
};

const EVERY_PHASE: Table = Table {
    obeyed: &[
        ("failed-while-scheduling", IGNORE_OR_FAIL),
        ("failed-while-running", IGNORE_OR_FAIL),
        ("failed-while-stopping", &["fail", "retry", "count", "ignore"]),
        ("stop-while-scheduling", &["obey", "defer", "ignore"]),
        ("recovery", &["forgets", "asks", "remembers"]),
        ATTEMPTS_LEFT,
        ("restart", &["all", "one"]),
    ],
    states: &[
        (
            "Scheduling",
            &[
                State { name: "Scheduling {1}", counted: &[1], ..NEW },
                State { name: "Scheduling {1,2}", counted: &[1, 2], ..NEW },
                State { name: "deferred {1,2}", counted: &[1, 2], asked: true, ..NEW },
            ],
        ),
        (
            "Running",
            &[
                State { name: "Running", counted: &[1, 2, 3], ..NEW },
                State { name: "Running, over", counted: &[1, 2, 3], over: &[1, 2, 3], ..NEW },
            ],
        ),
        (
            "Stopping",
            &[
                State { name: "Stopping", counted: &[1, 2, 3], asked: true, ..NEW },
                State { name: "Stopping, 2 over", counted: &[1, 2, 3], over: &[1, 2], asked: true, ..NEW },
            ],
        ),
        ("Stopped", &[State { name: "Stopped", counted: &[1, 2, 3], over: &[1, 2, 3], asked: true, failed: false }]),
        ("Failed", &[FAILED]),
    ],
    stop: "asked",
};

/// A value of each knob, in the order of the table.
type Setting = Vec<&'static str>;

/// A state of the controller: its name, the tasks that were counted, those that were over after that, whether a stop
/// was asked for after that, and whether the controller failed then.
#[derive(Clone, Copy, PartialEq)]
struct State {
    name: &'static str,
    counted: &'static [u8],
    over: &'static [u8],
    asked: bool,
    failed: bool,
}

const NEW: State = State { name: "", counted: &[], over: &[], asked: false, failed: false };
const FAILED: State = State { name: "Failed", counted: &[1], failed: true, ..NEW };

impl Table {
    fn states(&self) -> impl Iterator<Item = (&'static str, State)> {
        self.states.iter().flat_map(|(phase, states)| states.iter().map(|state| (*phase, *state)))
    }

    /// Every setting of the knobs that the controller obeys.
    fn settings(&self) -> Vec<Setting> {
        self.obeyed.iter().fold(vec![Vec::new()], |settings: Vec<Setting>, (_, values)| {
            let with = |setting: &Setting| -> Vec<Setting> {
                values.iter().map(|value| setting.iter().copied().chain([*value]).collect()).collect()
            };
            settings.iter().flat_map(with).collect()
        })
    }

    fn rules(&self, setting: &Setting) -> Rules {
        let mut rules = Rules::named("seed/fixed").unwrap();
        turn(&mut rules, "stop", self.stop);
        for ((name, _), value) in self.obeyed.iter().zip(setting) {
            turn(&mut rules, name, value);
        }
        rules
    }

    /// How many attempts a setting leaves.
    fn left(&self, setting: &Setting) -> u8 {
        let at = self.obeyed.iter().position(|(name, _)| *name == ATTEMPTS_LEFT.0).expect("attempts-left");
        setting[at].parse().unwrap()
    }

    /// The controller in a state. `None` if the state cannot be reached with this setting.
    fn control(&self, setting: &Setting, phase: &str, state: State) -> Option<Driver<PipelineController>> {
        control(self.rules(setting), self.left(setting), phase, state)
    }

    /// The results of an input in a state: under which conditions, and which result.
    fn outcomes(&self, phase: &str, state: State, input: Input) -> Vec<(String, String)> {
        let case = |setting: Setting| Some((setting.clone(), outcome(self.control(&setting, phase, state)?, input)));
        let cases: Vec<_> = self.settings().into_iter().filter_map(case).collect();
        let (all, is_startup) = (self.settings().len(), self.stop == "none");
        assert!(!cases.is_empty(), "{} is reached under no setting", state.name);
        assert!(!is_startup || cases.len() == if state == FAILED { all / 2 } else { all }, "{}", state.name);
        let mut lines = Vec::new();
        self.fold(&cases, "", &mut lines);
        lines
    }

    /// Splits the settings by knobs until all settings of a group have the same result. Each group is a line.
    fn fold(&self, cases: &[(Setting, String)], conditions: &str, lines: &mut Vec<(String, String)>) {
        if cases.iter().all(|(_, outcome)| *outcome == cases[0].1) {
            lines.push((conditions.to_string(), cases[0].1.clone()));
            return;
        }
        let part = |at: usize, value: &str| -> Vec<_> {
            cases.iter().filter(|(setting, _)| setting[at] == value).cloned().collect()
        };
        // A knob matters if settings that differ only in it have different results.
        let matters = |&at: &usize| {
            let parts: Vec<Vec<(Setting, String)>> = self.obeyed[at].1.iter().map(|value| part(at, value)).collect();
            let others = |setting: &Setting| [&setting[..at], &setting[at + 1..]].concat();
            let known: Vec<Vec<_>> = parts
                .iter()
                .filter(|part| !part.is_empty())
                .map(|part| part.iter().map(|(setting, outcome)| (others(setting), outcome)).collect())
                .collect();
            known.windows(2).any(|pair| pair[0] != pair[1])
        };
        let at = (0..self.obeyed.len()).find(matters).expect("settings that differ in nothing have one outcome");
        let (name, values) = self.obeyed[at];
        for value in values.iter().filter(|value| !part(at, value).is_empty()) {
            self.fold(&part(at, value), &format!("{conditions} {name}={value}"), lines);
        }
    }

    fn text(&self) -> String {
        let mut table = String::new();
        let mut line = |state: &str, input: &str, outcome: &str, conditions: &str| {
            let line = format!("{state:17} {input:17} {outcome:47} {}", conditions.trim_start());
            writeln!(table, "{}", line.trim_end()).unwrap();
        };
        line("state", "input", "outcome", "where");
        for (phase, states) in self.states {
            let by_state =
                |input| -> Vec<_> { states.iter().map(|&state| self.outcomes(phase, state, input)).collect() };
            let inputs = self.inputs(phase).into_iter().map(|(name, input)| (name, by_state(input)));
            let is_alike = |(_, found): &(String, Vec<_>)| found.windows(2).all(|pair| pair[0] == pair[1]);
            let (alike, others): (Vec<_>, Vec<_>) = inputs.partition(is_alike);
            for (index, state) in states.iter().enumerate() {
                for (input, found) in &others {
                    found[index].iter().for_each(|(conditions, outcome)| line(state.name, input, outcome, conditions));
                }
            }
            for (input, found) in alike {
                found[0].iter().for_each(|(conditions, outcome)| line(phase, &input, outcome, conditions));
            }
        }
        table
    }

    /// Every input that can come in a phase, with its name. In a final phase there is no stop and no crash.
    fn inputs(&self, phase: &str) -> Vec<(String, Input)> {
        let mut inputs = notices();
        let is_final = ["Stopped", "Failed"].contains(&phase);
        if self.stop == "asked" {
            // The table of the startup shows what a fence does.
            inputs.retain(|(name, _)| !name.ends_with("@1"));
            let others = [("stop", Input::Stop), ("crash", Input::Restarted)];
            inputs.extend(others.into_iter().filter(|_| !is_final).map(|(name, input)| (name.to_string(), input)));
        }
        // In the model, a timeout can come only in Scheduling.
        inputs.extend((phase == "Scheduling").then(|| ("timeout".to_string(), Input::TimedOut)));
        inputs
    }
}

fn notices() -> Vec<(String, Input)> {
    let kinds = [("Started", Kind::Started, 1..=3), ("Failed", PANICKED, 3..=3), ("Finished", Kind::Finished, 3..=3)];
    let mut notices = Vec::new();
    for (name, kind, tasks) in kinds {
        for (task, attempt) in tasks.flat_map(|task| [(task, NOW), (task, NOW - 1)]) {
            let of = if attempt == NOW { "" } else { "@1" };
            notices.push((format!("Task{name}({task}){of}"), notice(task, attempt, kind)));
        }
    }
    notices
}

fn turn(rules: &mut Rules, name: &str, value: &str) {
    if let Some(knob) = KNOBS.iter().find(|knob| knob.name == name) {
        (knob.set)(rules, value).unwrap();
    }
}

fn notice(task: u8, attempt: u8, kind: Kind) -> Input {
    Input::Notice(Notice { from: ActorId(task), attempt: Attempt(attempt), kind })
}

/// Gives the controller an input, performs its effects, and returns what it did.
fn receive(control: &mut Driver<PipelineController>, input: Input) -> Transition {
    let old = control.clone();
    let stale = matches!(input, Input::Notice(notice) if notice.attempt != control.attempt);
    let received = control.receive(input, stale).expect("the pipeline's controller keeps its contract");
    for _ in received.effects.iter().filter(|effect| effect.begins()) {
        control.next_attempt();
    }
    Transition::of(&old, received, control)
}

/// The controller in a state. `None` if the state cannot be reached with this setting.
fn control(rules: Rules, left: u8, phase: &str, state: State) -> Option<Driver<PipelineController>> {
    let mut control = Driver::new(rules.controller(), TASKS, TASKS, NOW + left);
    control.attempt = Attempt(NOW);
    let is_early = state.asked && state.counted.len() < usize::from(TASKS);
    let counted = state.counted.iter().map(|&task| notice(task, NOW, Kind::Started));
    let over = state.over.iter().map(|&task| notice(task, NOW, Kind::Finished));
    let asked = state.asked.then_some(Input::Stop);
    for input in counted.chain(over).chain(asked).chain(state.failed.then_some(Input::TimedOut)) {
        receive(&mut control, input);
    }
    // A stop that was asked for in Scheduling is remembered there only if it is deferred.
    let is_remembered = !is_early || rules.controller.stop_while_scheduling == EarlyStop::Defer;
    (control.controller.phase().name == phase && is_remembered).then_some(control)
}

fn reaction(received: &Transition) -> String {
    let reason = |reason: Reason| match reason {
        Reason::Task(task, cause) => format!("task {} {}", task.0, format!("{cause:?}").to_lowercase()),
        Reason::TimedOut => "timed out".to_string(),
        Reason::Other(other) => other.to_string(),
    };
    let begins = |why: Reason| {
        let (began, counted) = (received.began.unwrap().0, received.counted.unwrap());
        format!("attempt {began}, {}, {counted} of {TASKS}: {}", received.after.name, reason(why))
    };
    match received.reaction {
        Reaction::Counted => format!("counted, {} of {TASKS}", received.counted.unwrap()),
        Reaction::Duplicate => "counted already".to_string(),
        Reaction::BecameUp => format!("Running, {} of {TASKS}", received.counted.unwrap()),
        Reaction::Acknowledged if received.effects.is_empty() => "noted".to_string(),
        Reaction::Acknowledged => format!("noted, {:?}", received.effects),
        Reaction::Dropped(Dropped::In(phase)) => format!("dropped in {phase}"),
        Reaction::Dropped(Dropped::Fenced) => "dropped by the fence".to_string(),
        Reaction::Dropped(Dropped::Final) => format!("dropped, {} is final", received.before.name),
        Reaction::Failed(why) => format!("Failed: {}", reason(why)),
        Reaction::Moved if received.effects.is_empty() => {
            format!("{}, {} of {TASKS}", received.after.name, received.counted.unwrap())
        }
        Reaction::Moved => {
            format!("{}, {} of {TASKS}, {:?}", received.after.name, received.counted.unwrap(), received.effects)
        }
        Reaction::Retry(why) => begins(why),
        Reaction::Restart(task, why) => format!("{}, only task {}", begins(why), task.0),
    }
}

/// The result of an input. A notice that is dropped or was counted already must not change the controller. An input
/// that is noted must not change the phase, but the controller may remember it.
fn outcome(mut control: Driver<PipelineController>, input: Input) -> String {
    let before = control.clone();
    let received = receive(&mut control, input);
    let changed = before != control;
    match received.reaction {
        Reaction::Duplicate | Reaction::Dropped(_) => assert!(!changed, "{input:?}"),
        Reaction::Acknowledged => assert_eq!(received.before, received.after, "{input:?}"),
        _ => assert!(changed, "{input:?}"),
    }
    let is_known = changed && received.reaction == Reaction::Acknowledged;
    format!("{}{}", reaction(&received), if is_known { " and remembered" } else { "" })
}

#[test]
fn every_input_in_every_phase_has_one_outcome_for_each_setting() {
    insta::assert_snapshot!("transitions", STARTUP.text());
}

#[test]
fn every_input_in_every_phase_of_a_pipeline_that_may_stop_or_crash_has_one_outcome_for_each_setting() {
    insta::assert_snapshot!("transitions_of_every_phase", EVERY_PHASE.text());
}

#[test]
fn without_a_stop_a_notice_that_is_only_noted_changes_nothing() {
    for (phase, state) in STARTUP.states() {
        for setting in STARTUP.settings() {
            let Some(control) = STARTUP.control(&setting, phase, state) else { continue };
            for (name, input) in STARTUP.inputs(phase) {
                let mut after = control.clone();
                let received = receive(&mut after, input);
                let moves =
                    !matches!(received.reaction, Reaction::Duplicate | Reaction::Acknowledged | Reaction::Dropped(_));
                assert_eq!(after != control, moves, "{} {name}", state.name);
            }
        }
    }
}

#[test]
fn a_death_or_a_finish_of_another_task_or_cause_differs_by_its_name_alone() {
    for (phase, state) in STARTUP.states() {
        for setting in STARTUP.settings() {
            let Some(control) = STARTUP.control(&setting, phase, state) else { continue };
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

/// `stop` and `restart` are left out, because the controller obeys them: the two tables differ in `stop`, and the
/// second one shows `restart`.
#[test]
fn the_controller_obeys_no_other_knob() {
    let mut compared = 0;
    for table in [STARTUP, EVERY_PHASE] {
        let is_obeyed = |name: &str| table.obeyed.iter().any(|(other, _)| *other == name);
        for knob in KNOBS.iter().filter(|knob| !is_obeyed(knob.name) && !["stop", "restart"].contains(&knob.name)) {
            for value in if knob.values.is_empty() { &["0", "1", "7"] } else { knob.values } {
                for setting in table.settings() {
                    let mut turned = table.rules(&setting);
                    (knob.set)(&mut turned, value).unwrap();
                    for (phase, state) in table.states() {
                        let of = |rules| control(rules, table.left(&setting), phase, state);
                        let (Some(one), Some(other)) = (of(table.rules(&setting)), of(turned)) else { continue };
                        for (_, input) in table.inputs(phase) {
                            assert_eq!(outcome(one.clone(), input), outcome(other.clone(), input), "{}", knob.name);
                            compared += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(compared > 5_000, "{compared}");
}
