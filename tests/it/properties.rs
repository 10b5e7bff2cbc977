//! Properties of random rules (every knob), scenarios (one to four tasks, workers, faults) and schedules.
//!
//! Text
//! 1. A schedule that is written is read back as the same schedule, and so are the rules, knob by knob. A text that can
//!    be read as a schedule is the same schedule when it is written and read again.
//!
//! Stepping
//! 2. Stepping is deterministic.
//! 3. An enabled action can be taken, no other can, and a refused action changes nothing.
//! 4. A task that can take a step can take the same step after any step of another actor, with two exceptions: a retry
//!    with `old-attempt stopped` ends the task, and in a chain a `finish` may become a `panic`.
//! 5. Every schedule ends, at the latest after 8 actions for each task and attempt, and one for each duplicate and each
//!    timeout.
//! 6. Without faults there is one end, whatever the schedule: the order of healthy starts does not matter.
//!
//! The controller
//! 7. It keeps its contract.
//! 8. It counts tasks, not notices: its count is the number of tasks whose `TaskStarted` it has read in this attempt
//!    and not dropped.
//! 9. Its state does not depend on the order of healthy starts, nor on how often each is delivered.
//! 10. `Failed` is final, and is reached only in the last attempt. Each retry raises the attempt by one; nothing else
//!     does.
//! 11. With a fence, no notice of another attempt changes it.
//!
//! Claims
//! 12. With a fence, a protocol whose tasks announce after `on_start` never breaks `no-false-start`.
//! 13. With a timeout, the controller has decided at every end.
//! 14. The fixed protocols keep every claim. The conditions are: tasks announce after `on_start`; a failure while
//!     Scheduling fails the attempt; with more than one attempt there is a fence; no timeout is hasty; and if a task
//!     can vanish, there is a patient timeout. Each of these is needed, and nothing else is: then the reaction to a
//!     failure while Running makes no difference.
//!
//! The explorer
//! 15. It refutes the claims that a walk breaks, and proves those of property 14.
//! 16. The end of a walk is an end that the explorer finds.
//! 17. Interchanging tasks that are alike does not change its answer.
//! 18. With one attempt, duplicates change no verdict.
//!
//! Every phase: a stop, losses, crashes, a restart of one task
//! 19. Rules that are written are read back as the same rules. 20. A schedule ends, keeps the contract, and is read
//!     back as the same schedule.
//!
//! `property_negative.rs` shows that no property is trivial, and that each condition is needed.
//!
//! The gate draws the same cases each time. `PROPTEST_RNG_SEED=7` draws others, `PROPTEST_CASES=10000` more. A failing
//! case is shrunk, stored in `proptest-regressions/`, and from then on tried first.

use std::collections::BTreeSet;

use crate::common::generators::{Case, Walk, any_walk, rules, rules_of_every_phase, scenario, under, walk};
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed};
use startup_race::claims::{Claim, Scope};
use startup_race::core::{
    ActorId, Announce, Attempt, Cause, Controller, Fault, Input, Kind, Notice, OnFailure, PipelineController, Stage,
    Step, Timeout, WorkerId,
};
use startup_race::explore::report::{Check, Report};
use startup_race::model::{Action, Channel, Driver, Model, Refused, World};
use startup_race::scenario::knobs::KNOBS;
use startup_race::scenario::{Rules, Scenario, Setup};
use startup_race::schedule::Schedule;
use startup_race::transition::{Dropped, Event, Reaction};

/// How many states a case may have. A larger one is drawn again, and too many of them fail the test.
const MAX_STATES: usize = 4_000;

const GATE_SEED: u64 = 1;

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        rng_seed: match default.rng_seed {
            RngSeed::Random => RngSeed::Fixed(GATE_SEED),
            RngSeed::Fixed(chosen) => RngSeed::Fixed(chosen),
        },
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("proptest-regressions/properties.txt"))),
        max_global_rejects: default.cases / 3,
        ..default
    }
}

/// Scenarios that are mostly small enough to be explored.
fn small(rules: impl Strategy<Value = Rules>) -> impl Strategy<Value = Case> {
    let few = |mut rules: Rules| {
        rules.run.attempts = rules.run.attempts.min(2);
        rules.run.duplicates = rules.run.duplicates.min(1);
        rules
    };
    scenario(rules.prop_map(few), 3)
}

fn fenced() -> impl Strategy<Value = Rules> {
    rules().prop_map(|mut rules| {
        rules.controller.fence = true;
        rules
    })
}

fn one_attempt() -> impl Strategy<Value = Rules> {
    rules().prop_map(|mut rules| {
        rules.run.attempts = 1;
        rules
    })
}

/// Rules with a fence under which tasks announce after `on_start`.
fn fenced_and_late() -> impl Strategy<Value = Rules> {
    let late = prop_oneof![Just(Announce::AfterOnStart), Just(Announce::AfterBarrier)];
    (fenced(), late).prop_map(|(mut rules, announce)| {
        rules.task.announce = announce;
        rules
    })
}

/// Scenarios in which the fixed protocols keep every claim: see property 14.
fn fixed(tasks: usize) -> impl Strategy<Value = Case> {
    let fixed = (fenced_and_late(), any::<bool>()).prop_map(|(mut rules, one)| {
        if one {
            (rules.run.attempts, rules.controller.fence) = (1, false);
        }
        rules.controller.failed_while_scheduling = OnFailure::Retry;
        if rules.run.timeout == Timeout::Hasty {
            rules.run.timeout = Timeout::None;
        }
        rules
    });
    let vanish = Some(Fault::Vanishes);
    let vanishes = move |scenario: &Scenario| scenario.tasks().iter().any(|task| task.faults.contains(&vanish));
    scenario(fixed, tasks).prop_filter("a task that vanishes needs a patient timeout", move |Case(scenario)| {
        scenario.rules().run.timeout == Timeout::Patient || !vanishes(scenario)
    })
}

/// The explorer's report on a scenario. The case is rejected if the scenario is too large.
fn explore(check: Check<'_, PipelineController>) -> Result<Report<PipelineController>, TestCaseError> {
    let report = check.max_states(MAX_STATES).run().expect("the pipeline's controller keeps its contract");
    if report.complete { Ok(report) } else { Err(TestCaseError::reject("too many states")) }
}

fn verdicts(report: &Report<PipelineController>) -> Vec<(String, String)> {
    report.claims.iter().map(|judged| (judged.claim.id.to_string(), judged.verdict.to_string())).collect()
}

/// An action that a schedule can name, on this many workers. It is not a stop, a loss or a crash.
fn actor(workers: u8) -> impl Strategy<Value = Action> {
    let worker = move || (1..=workers).prop_map(WorkerId);
    prop_oneof![
        (1..=u8::MAX).prop_map(|task| Action::Step(ActorId(task))),
        (1..=u8::MAX, 1..=u8::MAX).prop_map(|(attempt, task)| Action::Linger(Attempt(attempt), ActorId(task))),
        worker().prop_map(Action::Receive),
        worker().prop_map(|worker| Action::Redeliver(Channel::Inbox(worker))),
        Just(Action::TimeOut),
    ]
}

/// The step of a task's action. `None` if the action is not enabled, or is not a task's.
fn step_of(model: &Model<PipelineController>, world: &World<PipelineController>, action: Action) -> Option<Step> {
    match model.observe(&mut world.clone(), action) {
        Ok(Event::Task { step, .. }) => Some(step),
        _ => None,
    }
}

proptest! {
    #![proptest_config(config())]

    // Text

    #[test]
    fn a_schedule_reads_back_as_itself(
        (workers, actors) in (1..9u8).prop_flat_map(|workers| (Just(workers), prop::collection::vec(actor(workers), 0..20)))
    ) {
        let schedule = Schedule(actors);
        prop_assert_eq!(schedule.text(workers).parse::<Schedule>(), Ok(schedule));
    }

    #[test]
    fn what_reads_as_a_schedule_is_written_and_read_again_alike(text in "[0-9cdt@+\\- é]{0,12}") {
        if let Ok(schedule) = text.parse::<Schedule>() {
            prop_assert_eq!(schedule.text(2).parse::<Schedule>(), Ok(schedule));
        }
    }

    #[test]
    fn rules_read_back_as_themselves_knob_by_knob(rules in rules()) {
        let mut read = Rules::DEFAULT;
        for knob in KNOBS {
            prop_assert_eq!((knob.set)(&mut read, &(knob.get)(&rules)), Some(()));
        }
        prop_assert_eq!(read, rules);
    }

    // Stepping

    #[test]
    fn stepping_is_deterministic(walk in any_walk()) {
        let mut world = walk.setup.model.start();
        for (from, actor, event, to) in walk.steps() {
            prop_assert_eq!(&world, from);
            prop_assert_eq!(walk.setup.model.actions(&world), walk.setup.model.actions(from));
            prop_assert_eq!(walk.setup.model.observe(&mut world, actor), Ok(event.clone()));
            prop_assert_eq!(&world, to);
        }
    }

    #[test]
    fn what_is_enabled_can_move_and_nothing_else_can(walk in any_walk(), stray in actor(4)) {
        for world in &walk.states {
            let model = &walk.setup.model;
            let (enabled, actors) = (model.actions(world), model.candidates(world));
            prop_assert!(enabled.iter().all(|actor| actors.contains(actor)));
            for actor in actors.into_iter().chain([stray]) {
                let mut next = world.clone();
                let stepped = model.observe(&mut next, actor);
                prop_assert_eq!(stepped.is_ok(), enabled.contains(&actor), "{:?}", actor);
                if let Err(refused) = stepped {
                    prop_assert!(matches!(refused, Refused::Blocked(_)));
                    prop_assert_eq!(&next, world);
                }
            }
        }
    }

    #[test]
    fn an_enabled_task_stays_enabled_until_it_moves_or_a_retry_stops_it(walk in any_walk()) {
        let (model, chain) = (&walk.setup.model, walk.rules().task.chain);
        for (from, moved, _, to) in walk.steps() {
            let retried = from.driver.attempt != to.driver.attempt;
            for waiting in model.actions(from).into_iter().filter(|&actor| actor != moved) {
                let Some(before) = step_of(model, from, waiting) else { continue };
                if retried && !walk.rules().run.lingers {
                    continue;
                }
                let renamed = match waiting {
                    Action::Step(task) if retried => Action::Linger(from.driver.attempt, task),
                    same => same,
                };
                let Some(after) = step_of(model, to, renamed) else {
                    return Err(TestCaseError::fail(format!("{waiting:?} can move no more after {moved:?}")));
                };
                prop_assert!(after == before || chain && (before, after) == (Step::FINISH, Step::Panic(Cause::Cascaded)));
            }
        }
    }

    #[test]
    fn every_schedule_ends(walk in any_walk()) {
        let scenario = &walk.setup.scenario;
        let [attempts, duplicates] = [walk.rules().run.attempts, walk.rules().run.duplicates].map(usize::from);
        let most = 8 * scenario.tasks().len() * attempts + duplicates + attempts;
        prop_assert!(walk.setup.model.actions(walk.end()).is_empty());
        prop_assert!(walk.events.len() <= most, "{} of {most}", walk.events.len());
    }

    #[test]
    fn without_faults_there_is_one_end(Case(scenario) in scenario(rules(), 4), picks in prop::collection::vec(any::<u8>(), 0..80)) {
        let healthy = scenario.without_faults();
        let (one, other) = (Walk::new(healthy.clone(), &picks), Walk::new(healthy, &[]));
        prop_assert_eq!(one.end(), other.end());
    }

    // The controller

    #[test]
    fn the_controller_keeps_its_contract(walk in any_walk()) {
        prop_assert_eq!(walk.refused, None);
    }

    #[test]
    fn a_task_is_counted_once(walk in any_walk()) {
        let mut counted = BTreeSet::new();
        for (from, received, _) in walk.reactions() {
            let dropped = matches!(received.reaction, Reaction::Dropped(_));
            match received.input {
                Input::Notice(Notice { from: task, kind: Kind::Started, .. }) if !dropped => {
                    counted.insert(task);
                    let whole = counted.len() == walk.setup.scenario.tasks().len();
                    let became = received.reaction == Reaction::BecameUp;
                    prop_assert_eq!(became, whole && from.stage() == Stage::Starting);
                }
                _ if received.began.is_some() => counted.clear(),
                _ => {}
            }
            prop_assert_eq!(received.counted.map(usize::from), Some(counted.len()));
        }
    }

    #[test]
    fn the_order_of_healthy_starts_does_not_matter(rules in rules(), starts in prop::collection::vec(1..=4u8, 0..12)) {
        let after = |tasks: &[u8]| {
            let mut control = Driver::new(rules.controller(), 4, 4, rules.run.attempts);
            for &task in tasks {
                let start = Notice { from: ActorId(task), attempt: Attempt(1), kind: Kind::Started };
                control.receive(Input::Notice(start), false).expect("the pipeline's controller keeps its contract");
            }
            control
        };
        let sorted: Vec<u8> = starts.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        prop_assert_eq!(after(&starts).controller.phase().stage == Stage::Up, sorted.len() == 4);
        prop_assert_eq!(after(&starts), after(&sorted));
    }

    #[test]
    fn failed_is_final(walk in any_walk()) {
        for (from, received, to) in walk.reactions().filter(|(from, ..)| from.stage().is_final()) {
            prop_assert_eq!(received.reaction, Reaction::Dropped(Dropped::Final));
            prop_assert_eq!(&from.driver, &to.driver);
        }
    }

    #[test]
    fn a_retry_raises_the_attempt_by_one_and_failed_comes_in_the_last(walk in any_walk()) {
        for (from, _, event, to) in walk.steps() {
            let retried = event.transition().is_some_and(|received| matches!(received.reaction, Reaction::Retry(_)));
            prop_assert_eq!(to.driver.attempt.0, from.driver.attempt.0 + u8::from(retried));
            prop_assert!(to.driver.attempt.0 <= walk.rules().run.attempts);
            prop_assert!(!to.stage().is_final() || to.driver.attempt.0 == walk.rules().run.attempts);
        }
    }

    #[test]
    fn behind_a_fence_no_notice_of_another_attempt_changes_the_controller(walk in walk(scenario(fenced(), 4))) {
        for (from, received, to) in walk.reactions() {
            if matches!(received.input, Input::Notice(notice) if notice.attempt != from.driver.attempt) {
                prop_assert_eq!(&from.driver, &to.driver);
            }
        }
    }

    // Claims

    #[test]
    fn with_a_fence_tasks_that_announce_after_on_start_make_no_false_start(walk in walk(scenario(fenced_and_late(), 4))) {
        prop_assert!(!walk.broken().contains("no-false-start"));
    }

    #[test]
    fn with_a_timeout_every_end_decides(walk in any_walk()) {
        prop_assert!(walk.rules().run.timeout == Timeout::None || walk.end().stage() != Stage::Starting);
    }

    #[test]
    fn the_fixed_protocols_hold_every_claim_on_any_walk(walk in walk(fixed(4))) {
        prop_assert_eq!(walk.broken(), BTreeSet::new());
    }

    // The explorer

    #[test]
    fn the_explorer_proves_the_fixed_protocols(Case(scenario) in fixed(3)) {
        let report = explore(Check::new(Setup::of(scenario)).symmetric())?;
        prop_assert!(report.claims.iter().all(|judged| judged.verdict.is_proved()), "{:?}", verdicts(&report));
    }

    #[test]
    fn the_explorer_refutes_what_a_walk_breaks_and_knows_its_end(walk in walk(small(rules()))) {
        let end = walk.end().clone();
        let is_end = Claim::new("not-there", "this is no end", Scope::AtEnd, move |state| *state.world == end, |_| false);
        let report = explore(Check::new(walk.setup.clone()).claim(is_end))?;
        let says = verdicts(&report);
        let refuted = |id: &str| says.contains(&(id.to_string(), "REFUTED".to_string()));
        prop_assert!(refuted("not-there"));
        prop_assert!(walk.broken().iter().all(|id| refuted(id)), "{says:?}");
    }

    #[test]
    fn interchanging_tasks_that_are_alike_changes_nothing(Case(scenario) in small(rules())) {
        let full = explore(Check::new(Setup::of(scenario.clone())))?;
        let reduced = explore(Check::new(Setup::of(scenario)).symmetric())?;
        prop_assert!(reduced.reduced);
        prop_assert_eq!((&full.states, &full.schedules, full.witness), (&reduced.states, &reduced.schedules, reduced.witness));
        for (full, reduced) in full.claims.iter().zip(&reduced.claims) {
            prop_assert_eq!((full.verdict, &full.premise_held), (reduced.verdict, &reduced.premise_held));
            prop_assert_eq!((&full.share, &full.trace), (&reduced.share, &reduced.trace));
        }
    }

    // Every phase

    #[test]
    fn rules_of_every_phase_read_back_as_themselves(rules in rules_of_every_phase()) {
        let mut read = Rules::DEFAULT;
        for knob in KNOBS {
            prop_assert_eq!((knob.set)(&mut read, &(knob.get)(&rules)), Some(()));
        }
        prop_assert_eq!(read, rules);
    }

    #[test]
    fn in_every_phase_a_schedule_ends_keeps_the_contract_and_reads_back(
        walk in walk(scenario(rules_of_every_phase(), 4))
    ) {
        prop_assert_eq!(&walk.refused, &None);
        prop_assert!(walk.setup.model.actions(walk.end()).is_empty());
        let text = walk.schedule.text(walk.setup.scenario.workers());
        prop_assert_eq!(text.parse::<Schedule>(), Ok(walk.schedule));
    }

    #[test]
    fn in_one_attempt_duplicates_change_no_verdict(Case(scenario) in small(one_attempt()), duplicates in 1..=2u8) {
        let with = |duplicates| {
            let mut rules = *scenario.rules();
            rules.run.duplicates = duplicates;
            explore(Check::new(Setup::of(under(rules, &scenario))).symmetric())
        };
        prop_assert_eq!(verdicts(&with(0)?), verdicts(&with(duplicates)?));
    }
}
