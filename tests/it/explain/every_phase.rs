//! Explanations of failures in every phase, and of user-defined controllers that count differently.

use crate::common::phases::{RUNNING, SCHEDULING};
use crate::common::request::{check, scenario};
use startup_race::core::{ActorId, Context, Controller, Effect, Input, Kind, Phase, Stage};
use startup_race::explore::explain::annotations;
use startup_race::scenario::Setup;
use startup_race::{Check, Report};

use super::fact_check::{Shown, moved};

/// A scenario, a claim that it refutes, and sentences of the explanation.
const SAID: [(&str, &str, &[&str]); 12] = [
    (
        "seed/fixed --tasks 2 --fails 2 --losses 1",
        "always-decides",
        &[
            "TaskFailed(2): lost <- lost here",
            "because task 2 panicked at 4 and reported it at 5; the network lost TaskFailed(2) at 7; TaskStarted(2) never \
             comes: task 2 died before that; no actor can move, and there is no timeout stuck",
        ],
    ),
    (
        "arroyo/after --tasks 2 --fails 2@1 --attempts 2 --restart one --crashes 1",
        "always-decides",
        &["because at 5 the controller restarted task 2 alone; TaskStarted(1@1) was counted at 13 and forgotten"],
    ),
    (
        "seed/fixed --tasks 2 --fails none --dies 2 --losses 1",
        "no-lost-failure",
        &["became Running; the network lost TaskFailed(2) at 11; no notice is left"],
    ),
    (
        "arroyo/before --tasks 2 --fails none --hangs 2 --barrier none",
        "running-runs",
        &["because task 2 hangs in on_start since 5; at 7 the controller counted the last task and became Running"],
    ),
    (
        "seed/fixed --tasks 2 --fails none --stop asked --stop-while-scheduling ignore",
        "no-lost-stop",
        &["the user asked for a stop at 8, in Scheduling, where this protocol drops it; at 9 the controller counted"],
    ),
    (
        "seed/fixed --tasks 2 --fails none --stop asked --crashes 1",
        "no-lost-stop",
        &[
            "the user asked for a stop at 7, and the phase became Stopping; at 8 the controller crashed and forgot the stop: \
             the phase was Scheduling again; at 10 it counted the last task and became Running",
        ],
    ),
    (
        "seed/fixed --tasks 2 --fails none --stop asked --crashes 1",
        "no-half-run",
        &["task 2 stopped at 8; at 9 the controller crashed and forgot the stop"],
    ),
    (
        "seed/fixed --tasks 2 --fails none --dies 2@1 --stop asked --attempts 2 --failed-while-stopping retry",
        "no-lost-stop",
        &["read TaskFailed(2@1) and began attempt 2 instead of stopping"],
    ),
    (
        "seed/fixed --tasks 2 --fails none --stop asked --losses 1",
        "always-decides",
        &[
            "TaskFinished(2), sent at 9, was lost by the network at 13",
            "stuck the controller waits in Stopping for the end of task 2, whose notice was lost at 13",
        ],
    ),
    (
        "arroyo/before --tasks 2 --fails none --hangs 2 --barrier none --stop asked",
        "always-decides",
        &[
            "task 2 never ends: it hangs in on_start",
            "stuck the controller waits in Stopping for the end of task 2, which hangs in on_start",
        ],
    ),
    (
        "seed/fixed --tasks 2 --fails none --dies 2 --stop asked --failed-while-stopping ignore",
        "always-decides",
        &[
            "task 2 is dead, and this protocol does not count that",
            "stuck the controller waits in Stopping for the end of task 2, which is dead since 5",
        ],
    ),
    (
        "arroyo/after --tasks 2 --attempts 2 --fails 2@1 --old-attempt lingers --stop asked",
        "no-false-stop",
        &["read TaskFinished(1@2) and became Stopped; by then task 1 of attempt 1 had neither died nor finished"],
    ),
];

fn said<C: Controller>(report: &Report<C>) -> String {
    report.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_goes_wrong_in_any_phase_is_named_as_the_cause() {
    for (line, id, parts) in SAID {
        let (_, scenario) = scenario(line);
        let setup = Setup::of(scenario);
        let claims = setup.standard_claims().into_iter().filter(|claim| claim.id == id).collect();
        let report = check(line).claims(claims).run().unwrap();
        let text = said(&report);
        for part in parts {
            assert!(text.contains(part), "{line}: {part}\n{}", report.text());
        }
        let judgement = &report.claims[0];
        let shown = Shown { setup: &report.setup, trace: judgement.trace.as_ref().unwrap(), claim: &judgement.claim };
        let explanation = report.explanation(judgement).unwrap().unwrap();
        for fact in explanation.because.facts() {
            assert!(shown.holds(fact), "{line}: {fact:?}");
            assert!(moved(fact).iter().all(|moved| !shown.holds(moved)), "{line}: {fact:?} moved");
        }
    }
}

/// Counts in its own way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Own {
    way: Way,
    counted: Vec<ActorId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// It keeps its count at a retry.
    Keeps,
    /// A `TaskFailed` counts like a `TaskStarted`.
    AnyNotice,
    /// It never leaves Scheduling.
    Stays,
    /// A task that finishes is no longer counted, and the controller never leaves Scheduling.
    GoesDown,
}

impl Controller for Own {
    fn on(&mut self, input: Input, now: &mut Context) {
        let Input::Notice(notice) = input else { return };
        let is_new = !self.counted.contains(&notice.from);
        match notice.kind {
            Kind::Failed(_) if self.way == Way::Keeps && now.attempts_left > 0 => now.effects.push(Effect::Retry),
            Kind::Failed(_) if is_new && self.way == Way::AnyNotice => self.counted.push(notice.from),
            Kind::Started if is_new => self.counted.push(notice.from),
            Kind::Finished if self.way == Way::GoesDown => self.counted.retain(|&task| task != notice.from),
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        let is_up = self.counted.len() == 2 && matches!(self.way, Way::Keeps | Way::AnyNotice);
        if is_up { RUNNING } else { SCHEDULING }
    }

    fn counted(&self) -> Option<u8> {
        u8::try_from(self.counted.len()).ok()
    }

    fn has_counted(&self, task: ActorId) -> bool {
        self.counted.contains(&task)
    }
}

fn own(way: Way, line: &str) -> Report<Own> {
    let (_, scenario) = scenario(line);
    Check::new(Setup::with(Own { way, counted: Vec::new() }, scenario)).run().unwrap()
}

#[test]
fn a_count_that_a_controller_keeps_at_a_retry_is_named() {
    let report = own(Way::Keeps, "seed/fixed --tasks 2 --fails 2@1 --attempts 2");
    let text = said(&report);
    assert!(text.contains("and kept that when attempt 2 began at "), "{}", report.text());
    assert!(!text.contains("had counted no TaskStarted"), "{}", report.text());
}

#[test]
fn a_task_that_is_counted_for_its_report_did_not_announce_itself() {
    let report = own(Way::AnyNotice, "seed/fixed --tasks 2 --fails 2");
    let text = said(&report);
    assert!(
        text.contains("the controller counted task 2 at ") && text.contains(" for TaskFailed(2), sent at "),
        "{}",
        report.text()
    );
    assert!(!text.contains("task 2 announced itself"), "{}", report.text());
}

#[test]
fn a_controller_that_has_counted_all_and_does_not_decide_is_said_to_stay() {
    let report = own(Way::Stays, "seed/fixed --tasks 2");
    let text = said(&report);
    let stuck = "stuck the controller has read TaskStarted of every task, counts 2 of 2 and stays in Scheduling";
    assert!(text.contains(stuck), "{}", report.text());
    let report = own(Way::GoesDown, "arroyo/before --tasks 2 --barrier none --cascade chain --dies 1");
    let text = said(&report);
    assert!(!text.contains("TaskStarted of decides"), "{}", report.text());
    assert!(text.contains("counts 1 of 2 and stays in Scheduling"), "{}", report.text());
}

#[test]
fn the_name_of_a_phase_is_the_controllers_own_also_in_a_reaction() {
    use startup_race::show::labels;
    use startup_race::show::names::Names;
    let report = own(Way::AnyNotice, "seed/fixed --tasks 2 --fails 2");
    let trace = report.claims.iter().find_map(|claim| claim.trace.as_ref()).unwrap();
    let mut up = trace
        .events
        .iter()
        .filter_map(|event| event.transition())
        .find(|it| it.after.stage == Stage::Up)
        .unwrap()
        .clone();
    assert_eq!(labels::reaction(&up, Names::NUMBERS), "became Running");
    up.after.name = "Active";
    assert_eq!(labels::reaction(&up, Names::NUMBERS), "became Active");
}

#[test]
fn the_report_says_that_a_pipeline_never_reaches_running() {
    let report = check("seed/fixed --tasks 1 --fails none --announce never").run().unwrap();
    let text = said(&report);
    assert!(text.contains("nothing breaks it, but the fault-free pipeline never reaches Running; premise"), "{text}");
    assert!(text.contains("where task 1 runs") && !text.contains("nothing runs"), "{text}");
}

#[test]
fn a_report_that_the_network_lost_is_marked() {
    let report = check("seed/fixed --tasks 2 --fails 2 --losses 1").run().unwrap();
    let trace = report.claims.iter().find_map(|claim| claim.trace.as_ref()).unwrap();
    assert_eq!(annotations::lost(trace), [7]);
}

#[test]
fn the_notice_that_the_network_would_have_lost_is_that_of_the_passing_schedule() {
    let report = check("seed/fixed --tasks 2 --fails 2 --losses 1").run().unwrap();
    let text = said(&report);
    let had = "6 before 7: had the network lost TaskStarted(1) before the controller read TaskFailed(2)";
    assert!(text.contains(had), "the channel is first in, first out: {text}");
}
