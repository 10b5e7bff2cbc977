//! Random scenarios from a fixed sequence of numbers, and a user's own controller and claims.

use crate::common::generators::startup_knobs;
use crate::common::phases::{RUNNING, SCHEDULING, failed};
use startup_race::claims::{Claim, Scope};
use startup_race::core::{
    Context, Controller, Effect, Fault, Input, Kind, Notice, Phase, PipelineController, Reason, Stage,
};
use startup_race::explore::report::{Check, Report};
use startup_race::explore::trace::Trace;
use startup_race::explore::verdict::VerdictKind;
use startup_race::scenario::{Rules, Scenario, Setup};

pub struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn rules(&mut self) -> Rules {
        let mut rules = Rules::DEFAULT;
        for knob in startup_knobs() {
            let numbers: &[&str] = if knob.name == "attempts" { &["1", "2"] } else { &["0", "0", "1"] };
            let values = if knob.values.is_empty() { numbers } else { knob.values };
            (knob.set)(&mut rules, values[self.roll(values.len())]).expect("a value of the knob");
        }
        rules
    }

    fn scenario(&mut self) -> Scenario {
        let rules = self.rules();
        let tasks = if self.roll(4) == 0 && rules.run.attempts == 1 { 3 } else { 2 };
        let mut scenario = Scenario::new(rules, tasks).unwrap();
        if self.roll(3) == 0 {
            scenario = scenario.on_workers(if tasks == 2 { &[1, 2] } else { &[1, 2, 1] }).unwrap();
        }
        let attempts = 1..=rules.run.attempts;
        for (task, attempt) in (1..=tasks).flat_map(|task| attempts.clone().map(move |attempt| (task, attempt))) {
            let (panics, vanishes) = (Some(Fault::Panics), Some(Fault::Vanishes));
            if let Some(fault) = [None, None, panics, panics, vanishes][self.roll(5)] {
                scenario = scenario.with_fault(fault, task, &[attempt]).unwrap();
            }
        }
        scenario
    }
}

/// Counts notices instead of tasks. If `deaf`, it ignores a failure after it has counted something.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Naive {
    pub counted: u8,
    pub phase: Phase,
    pub deaf: bool,
}

impl Controller for Naive {
    fn on(&mut self, input: Input, now: &mut Context) {
        let reason = match (self.phase.stage, input) {
            (Stage::Failed(_), _) => return,
            (_, Input::TimedOut) => Reason::TimedOut,
            (Stage::Starting, Input::Notice(Notice { kind: Kind::Started, .. })) => {
                self.counted += 1;
                if self.counted == now.tasks {
                    self.phase = RUNNING;
                }
                return;
            }
            (_, Input::Notice(Notice { from, kind: Kind::Failed(cause), .. })) if !self.deaf || self.counted == 0 => {
                Reason::Task(from, cause)
            }
            _ => return,
        };
        if now.attempts_left > 0 {
            (self.phase, self.counted) = (SCHEDULING, 0);
            now.effects.push(Effect::Retry);
        } else {
            self.phase = failed(reason);
        }
    }

    fn phase(&self) -> Phase {
        self.phase
    }
}

/// Claims of a user's own.
pub fn own_claims<C: Controller>() -> Vec<Claim<C>> {
    let first_first = Claim::new(
        "first-first",
        "the second task runs: the first one runs or is dead",
        Scope::Always,
        |state| state.tasks().nth(1).is_some_and(|task| task.reached_run()),
        |state| state.tasks().next().is_some_and(|task| task.reached_run() || task.is_dead()),
    );
    let all_repeated = Claim::new(
        "all-repeated",
        "(always): the network has repeated all that it may",
        Scope::AtEnd,
        |_| true,
        |state| state.world.duplicates_left == 0,
    );
    vec![first_first, all_repeated]
}

/// The claims of the protocol, and a user's own claims.
pub fn claims<C: Controller>(setup: &Setup<C>) -> Vec<Claim<C>> {
    setup.standard_claims().into_iter().chain(own_claims()).collect()
}

pub const RULE_SETS: usize = 200;
pub const BOUND: usize = 4_000;

/// Reports on random scenarios with the built-in controller.
pub fn random_reports() -> Vec<Report<PipelineController>> {
    let mut dice = Dice(7);
    let scenarios = (0..RULE_SETS).map(|_| dice.scenario());
    scenarios
        .map(Setup::of)
        .map(|setup| Check::new(setup.clone()).claims(claims(&setup)).max_states(BOUND).run().unwrap())
        .collect()
}

pub fn random_reports_of_a_users_controller() -> Vec<Report<Naive>> {
    let mut dice = Dice(8);
    let scenarios = (0..RULE_SETS).map(|_| (dice.scenario(), dice.roll(2) == 0));
    let check = |(scenario, deaf)| {
        let setup = Setup::with(Naive { counted: 0, phase: SCHEDULING, deaf }, scenario);
        Check::new(setup.clone()).claims(claims(&setup)).max_states(BOUND).run().unwrap()
    };
    scenarios.map(check).collect()
}

/// Calls a function with every refuted claim and its counterexample. Returns how many there were.
pub fn each_refuted<C: Controller>(
    reports: &[Report<C>],
    mut then: impl FnMut(&Report<C>, &Claim<C>, &Trace<C>),
) -> usize {
    let mut refuted = 0;
    for report in reports {
        for judgement in report.claims.iter().filter(|judgement| judgement.verdict.kind() == VerdictKind::Refuted) {
            let trace =
                Trace::of(&report.setup, &judgement.trace.as_ref().expect("a counterexample").schedule).unwrap();
            then(report, &judgement.claim, &trace);
            refuted += 1;
        }
    }
    refuted
}
