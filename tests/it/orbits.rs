//! Interchanging tasks that are alike changes no answer. It is not done if the controller does not treat tasks alike,
//! even if the controller claims to: a false PROVED must not happen.

use std::cell::Cell;

use crate::common::generators::options;
use crate::common::phases::{RUNNING, failed};
use crate::common::request::turned;
use num_bigint::BigUint;
use startup_race::claims::Claim;
use startup_race::core::{
    self, ActorId, Cause, Context, Controller, Input, Kind, Notice, Phase, PipelineController, Reason,
};
use startup_race::explore::limits::Limit;
use startup_race::explore::orbits::Symmetric;
use startup_race::explore::report::{Check, Report};
use startup_race::model::Action;
use startup_race::scenario::knobs::PROTOCOLS;
use startup_race::scenario::{Rules, Scenario, Setup};

/// Searches with and without interchanging tasks, asserts that the answers are equal, and returns both.
fn alike<C: Symmetric>(setup: &Setup<C>) -> (Report<C>, Report<C>) {
    let full = Check::new(setup.clone()).run().unwrap();
    let reduced = Check::new(setup.clone()).symmetric().run().unwrap();
    let name = options(&setup.scenario);
    assert!(full.complete && reduced.complete && !full.reduced, "{name}");
    assert_eq!((&full.states, full.witness), (&reduced.states, reduced.witness), "{name}");
    assert_eq!(BigUint::from(full.orbits), full.states, "{name}");
    assert_eq!(full.schedules, reduced.schedules, "{name}");
    for (full, reduced) in full.claims.iter().zip(&reduced.claims) {
        assert_eq!((full.verdict, &full.premise_held), (reduced.verdict, &reduced.premise_held), "{name}");
        assert_eq!((&full.share, &full.trace), (&reduced.share, &reduced.trace), "{name} {}", full.claim.id);
    }
    (full, reduced)
}

fn healthy(protocol: &str, tasks: u8) -> Scenario {
    Scenario::new(Rules::named(protocol).unwrap(), tasks).unwrap()
}

#[test]
fn every_protocol_and_failing_set_of_up_to_four_tasks_gives_the_same_answers() {
    let (mut states, mut orbits) = (0, 0);
    for (_, rules) in PROTOCOLS {
        for tasks in 1..=4u8 {
            for set in 0..1u8 << tasks {
                let fails: Vec<u8> = (1..=tasks).filter(|task| set >> (task - 1) & 1 == 1).collect();
                let setup = Setup::of(Scenario::new(rules, tasks).unwrap().failing(&fails).unwrap());
                let (full, reduced) = alike(&setup);
                let alone = fails.len() < 2 && usize::from(tasks) - fails.len() < 2;
                assert!(reduced.reduced);
                assert_eq!(reduced.orbits < full.orbits, !alone, "{}", options(&setup.scenario));
                (states, orbits) = (states + full.orbits, orbits + reduced.orbits);
            }
        }
    }
    println!("{states} states, {orbits} orbits in all");
    assert!(orbits * 4 < states, "{orbits} orbits of {states} states");
}

#[test]
fn knobs_of_retries_timeouts_and_duplicates_give_the_same_answers_for_two_tasks_that_are_alike() {
    let mut all = vec![healthy("seed/fixed", 2), healthy("arroyo/after", 2)];
    for (name, values) in [
        ("attempts", ["1", "2"]),
        ("old-attempt", ["stopped", "lingers"]),
        ("fence", ["none", "attempt"]),
        ("timeout", ["none", "hasty"]),
        ("duplicates", ["0", "1"]),
    ] {
        let with = |scenario: &Scenario, value| Scenario::new(turned(*scenario.rules(), name, value), 2).unwrap();
        all = all.iter().flat_map(|scenario| values.map(|value| with(scenario, value))).collect();
    }
    for scenario in all {
        let failing = scenario
            .with_fault(core::Fault::Panics, 1, &[1])
            .unwrap()
            .with_fault(core::Fault::Panics, 2, &[1])
            .unwrap();
        let (full, reduced) = alike(&Setup::of(failing));
        assert!(reduced.orbits < full.orbits, "{}", options(&full.setup.scenario));
    }
}

#[test]
fn tasks_that_differ_in_worker_or_fault_or_place_in_a_chain_are_not_interchanged() {
    let orbits = |scenario: Scenario| {
        let (full, reduced) = alike(&Setup::of(scenario));
        (full.orbits, reduced.orbits)
    };
    let two = || healthy("arroyo/before", 2);
    let (states, fewer) = orbits(two());
    assert!(fewer < states);
    let apart = [
        two().on_workers(&[1, 2]).unwrap(),
        two().failing(&[2]).unwrap(),
        two().with_fault(core::Fault::Panics, 1, &[]).unwrap().with_fault(core::Fault::Vanishes, 2, &[]).unwrap(),
        Scenario::new(turned(*two().rules(), "cascade", "chain"), 2).unwrap(),
    ];
    for scenario in apart {
        let name = options(&scenario);
        let (states, same) = orbits(scenario);
        assert_eq!(states, same, "{name}");
    }
}

/// There are a million ways to count some of twenty tasks, and for each of them twenty possible next senders.
#[test]
fn a_controller_with_too_many_renamings_to_check_is_searched_fully() {
    let orbits = |tasks: u8| {
        let setup = under(Fault::None, healthy("seed/fixed", tasks));
        let report = Check::new(setup).symmetric().max_states(30_000).memory(256 << 20).run().unwrap();
        (report.cut, report.reduced)
    };
    assert_eq!(orbits(4), (None, true));
    assert_eq!(orbits(20), (Some(Limit::States), false));
}

/// A task's sort key has room for sixteen attempts.
#[test]
fn with_more_than_sixteen_attempts_no_task_is_interchanged() {
    let fewer = |attempts: u8| {
        let rules = turned(Rules::named("seed/fixed").unwrap(), "attempts", &attempts.to_string());
        let (full, reduced) = alike(&Setup::of(Scenario::new(rules, 2).unwrap()));
        reduced.orbits < full.orbits
    };
    assert_eq!([15, 16, 17, 18].map(fewer), [true, true, false, false]);
}

/// A fault of a controller, or of its claim to treat tasks alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Fault {
    /// Nothing.
    None,
    /// It becomes Running at once if task 3 is the first to start.
    FavoursTaskThree,
    /// Its marks are all equal, although it remembers which tasks were counted.
    MarksNobody,
    /// Its marks name the task.
    MarksByName,
    /// It swaps no task.
    SwapsNobody,
    /// It does not swap two tasks if the mark of the first is the smaller one.
    SwapsHalf,
    /// It remembers which task sent the first notice, but neither its marks nor its swaps include this.
    RemembersTheFirst,
    /// It blames task 1 for a timeout.
    BlamesTaskOne,
}

/// The built-in controller with a fault. It claims to treat tasks alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Claims {
    inner: PipelineController,
    fault: Fault,
    fooled: bool,
    first: Option<ActorId>,
    blamed: Option<Reason>,
}

impl Controller for Claims {
    fn on(&mut self, input: Input, now: &mut Context) {
        let start_of_three = matches!(input, Input::Notice(Notice { from: ActorId(3), kind: Kind::Started, .. }));
        if self.fooled {
            return;
        }
        if let (Fault::RemembersTheFirst, Input::Notice(notice), None) = (self.fault, input, self.first) {
            self.first = Some(notice.from);
        }
        if (self.fault, input) == (Fault::BlamesTaskOne, Input::TimedOut) {
            self.blamed = Some(Reason::Task(ActorId(1), Cause::Panicked));
        } else if self.fault == Fault::FavoursTaskThree && start_of_three && self.inner.counted() == Some(0) {
            self.fooled = true;
        } else {
            self.inner.on(input, now);
        }
    }

    fn phase(&self) -> Phase {
        match self.blamed {
            Some(reason) => failed(reason),
            None if self.fooled => RUNNING,
            None => self.inner.phase(),
        }
    }
}

impl Symmetric for Claims {
    fn mark(&self, task: ActorId) -> u64 {
        match self.fault {
            Fault::MarksNobody => 0,
            Fault::MarksByName => task.0.into(),
            _ => self.inner.mark(task),
        }
    }

    fn swap(&mut self, a: ActorId, b: ActorId) {
        match self.fault {
            Fault::SwapsNobody => {}
            Fault::SwapsHalf if self.inner.mark(a) < self.inner.mark(b) => {}
            _ => self.inner.swap(a, b),
        }
    }
}

fn three_tasks_under(fault: Fault) -> Setup<Claims> {
    under(fault, healthy("seed/fixed", 3))
}

fn under(fault: Fault, scenario: Scenario) -> Setup<Claims> {
    let inner = scenario.rules().controller();
    Setup::with(Claims { inner, fault, fooled: false, first: None, blamed: None }, scenario)
}

#[test]
fn a_controller_that_names_a_task_is_searched_in_full_and_its_bug_is_found() {
    let (_, honest) = alike(&three_tasks_under(Fault::None));
    assert!(honest.reduced && honest.claims.iter().all(|judged| judged.verdict.is_proved()));
    let (_, report) = alike(&three_tasks_under(Fault::FavoursTaskThree));
    assert!(!report.reduced);
    let false_start = &report.claims[0];
    assert_eq!(false_start.verdict.to_string(), "REFUTED");
    let trace = false_start.trace.as_ref().unwrap();
    assert_eq!((trace.schedule.text(1).as_str(), trace.canonical), ("3 3 c", true));
}

#[test]
fn a_controller_whose_marks_or_swaps_are_wrong_is_searched_in_full() {
    for fault in
        [Fault::MarksNobody, Fault::MarksByName, Fault::SwapsNobody, Fault::SwapsHalf, Fault::RemembersTheFirst]
    {
        let (full, report) = alike(&three_tasks_under(fault));
        assert!(!report.reduced, "{fault:?}");
        assert_eq!(full.orbits, report.orbits, "{fault:?}");
    }
}

/// The timeout happens in one state only: this is checked, too.
#[test]
fn a_controller_that_blames_a_task_by_name_in_one_state_is_searched_in_full() {
    let rules = turned(Rules::named("seed/fixed").unwrap(), "timeout", "patient");
    let vanishing = || {
        let two = Scenario::new(rules, 2).unwrap();
        two.with_fault(core::Fault::Vanishes, 1, &[]).unwrap().with_fault(core::Fault::Vanishes, 2, &[]).unwrap()
    };
    assert!(alike(&under(Fault::None, vanishing())).1.reduced);
    assert!(!alike(&under(Fault::BlamesTaskOne, vanishing())).1.reduced);
}

#[test]
fn a_claim_of_ones_own_that_names_tasks_is_searched_in_full() {
    let setup = Setup::of(healthy("seed/fixed", 3));
    let two_runs_first = Claim::reachable("two-first", "task 2 runs before task 1 has begun", |state| {
        let tasks: Vec<_> = state.tasks().collect();
        tasks[0].state.completed == 0 && tasks[0].state.status == core::Status::Live && tasks[1].runs()
    });
    let report = Check::new(setup).claim(two_runs_first).symmetric().run().unwrap();
    assert!(!report.reduced && report.complete);
    assert!(report.claims[5].verdict.is_proved());
}

thread_local! {
    /// How many calls of `mark` are left until one panics.
    static CALLS_LEFT: Cell<usize> = const { Cell::new(0) };
}

/// The built-in controller, but one call of its `mark` panics. This can happen in any step, also in a task's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct PanicsOnce(PipelineController);

impl Controller for PanicsOnce {
    fn on(&mut self, input: Input, now: &mut Context) {
        self.0.on(input, now);
    }

    fn phase(&self) -> Phase {
        self.0.phase()
    }
}

impl Symmetric for PanicsOnce {
    fn mark(&self, task: ActorId) -> u64 {
        CALLS_LEFT.set(CALLS_LEFT.get().wrapping_sub(1));
        if CALLS_LEFT.get() == 0 {
            std::panic::resume_unwind(Box::new("once"));
        }
        self.0.mark(task)
    }

    fn swap(&mut self, a: ActorId, b: ActorId) {
        self.0.swap(a, b);
    }
}

/// A stored state represents others in which its tasks have other names. The schedule of a breach must use the names on
/// the path that leads there.
#[test]
fn the_schedule_of_a_panic_can_be_stepped_whichever_task_acts_last() {
    let scenario = healthy("arroyo/after", 3);
    let plain = Setup::of(scenario.clone());
    let setup = Setup::with(PanicsOnce(scenario.rules().controller()), scenario);
    let (mut by_tasks, mut calls) = (0, 1);
    loop {
        CALLS_LEFT.set(calls);
        let Err(broken) = Check::new(setup.clone()).symmetric().run() else { break };
        let schedule = broken.schedule.text(1);
        let stepped = startup_race::replay(&plain, &schedule);
        assert!(stepped.is_ok(), "a panic at call {calls}, \"{schedule}\": {stepped:?}");
        by_tasks += usize::from(matches!(broken.schedule.0.last(), Some(Action::Step(_))));
        calls += 1;
    }
    println!("{calls} calls, {by_tasks} of them in the step of a task");
    assert!(calls > 100 && by_tasks > 0, "{by_tasks} of {calls} calls in the step of a task");
}
