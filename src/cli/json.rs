//! JSON, for scripts. Its shape is a contract, written down in `check.schema.json`.

use num_bigint::BigUint;
use num_traits::ToPrimitive;
use serde_json::{Map, Value, json};

use crate::catalog::reports::REPORTS;
use crate::catalog::{self, Outcome};
use crate::core::{ActorId, Attempt, Fault, Input, PipelineController, Status, Step};
use crate::explore::limits::Limit;
use crate::explore::probability::runs_for_95_percent;
use crate::explore::report::{Judgement, Report};
use crate::explore::trace::Trace;
use crate::explore::verdict::Witness;
use crate::matrix::{Cell, Combination, Matrix};
use crate::model::{Channel, Message};
use crate::scenario::knobs::KNOBS;
use crate::scenario::values::FaultList;
use crate::scenario::{Rules, Scenario, Setup};
use crate::show::names::Names;
use crate::show::{explanation, labels};
use crate::transition::{Event, Transition};

/// The answer of `check`: one object, or an array where several names were given.
pub fn checks(reports: &[Report<PipelineController>]) -> String {
    match reports {
        [one] => print(&check(one)),
        several => print(&Value::Array(several.iter().map(check).collect())),
    }
}

/// The answer of `replay`.
pub fn replay(name: &str, setup: &Setup<PipelineController>, trace: &Trace<PipelineController>) -> String {
    print(&json!({
        "schema": "startup-race/replay/1",
        "scenario": scenario(Some(name), &setup.scenario),
        "schedule": trace.schedule.text(setup.model.inboxes()),
        "actions": trace.events.len(),
        "switches": trace.switches(),
        "steps": steps(setup, &trace.events),
    }))
}

fn print(value: &Value) -> String {
    format!("{value:#}\n")
}

fn check(report: &Report<PipelineController>) -> Value {
    let mut value = json!({
        "schema": "startup-race/check/1",
        "scenario": scenario(report.protocol.as_deref(), &report.setup.scenario),
        "verdict": report.verdict().name(),
        "complete": report.complete,
        "states": count(&report.states),
        "orbits": report.orbits,
        "schedules": report.schedules.as_ref().map(ToString::to_string),
        "witness": witness(report.witness),
        "claims": report.claims.iter().map(|judgement| claim(report, judgement)).collect::<Vec<_>>(),
    });
    name_limit(&mut value, report.cut);
    value
}

fn witness(witness: Witness) -> Value {
    let mut value = json!({ "id": "can-run", "holds": witness.holds, "complete": witness.complete.is_some() });
    name_limit(&mut value, witness.cut);
    value
}

/// Names the limit that ended a search, if one did.
fn name_limit(value: &mut Value, cut: Option<Limit>) {
    if let Some(limit) = cut {
        value["cut_short_by"] = json!(labels::limit(limit));
    }
}

/// A count that a script can read as a number; as a string of digits from 2^53 on.
fn count(count: &BigUint) -> Value {
    match count.to_u64() {
        Some(small) if small < 1 << 53 => json!(small),
        _ => json!(count.to_string()),
    }
}

/// A scenario; the knobs of one attempt always, the others where they are not at their default.
pub fn scenario(protocol: Option<&str>, scenario: &Scenario) -> Value {
    let rules = scenario.rules();
    let always = ["announce", "failed-while-scheduling", "failed-while-running", "barrier"];
    let turned =
        KNOBS.iter().filter(|knob| always.contains(&knob.name) || (knob.get)(rules) != (knob.get)(&Rules::DEFAULT));
    let rules: Map<String, Value> = turned
        .map(|knob| {
            let text = (knob.get)(rules);
            let value = if knob.values.is_empty() { json!(text.parse::<u64>().unwrap_or(0)) } else { json!(text) };
            (knob.name.to_string(), value)
        })
        .collect();
    let mut value = json!({
        "protocol": protocol,
        "tasks": scenario.tasks().len(),
        "names": scenario.tasks().iter().map(|task| task.name.as_str()).collect::<Vec<_>>(),
        "fails": FaultList::of(scenario, Fault::Panics).to_string(),
        "vanishes": FaultList::of(scenario, Fault::Vanishes).to_string(),
        "workers": scenario.tasks().iter().map(|task| task.worker.0).collect::<Vec<_>>(),
        "rules": rules,
    });
    for (option, fault) in [("hangs", Fault::Hangs), ("dies", Fault::Dies)] {
        if scenario.tasks().iter().any(|task| task.faults.contains(&Some(fault))) {
            value[option] = json!(FaultList::of(scenario, fault).to_string());
        }
    }
    value
}

fn claim(report: &Report<PipelineController>, judgement: &Judgement<PipelineController>) -> Value {
    let share = judgement.share.as_ref();
    let mut value = json!({
        "id": judgement.claim.id,
        "says": judgement.claim.statement,
        "verdict": judgement.verdict.kind().name(),
        "premise_held": count(&judgement.premise_held),
        "premise_met": (judgement.premise_met() || report.complete).then(|| judgement.premise_met()),
        "breaking_schedules": share.map(|share| share.schedules.to_string()),
        "probability": share.map(|share| share.probability.to_string()),
        "runs_for_95_percent": share.and_then(|share| runs_for_95_percent(&share.probability)).map(|runs| runs.to_string()),
    });
    if let (Some(trace), Some(fields)) = (&judgement.trace, value.as_object_mut()) {
        fields.insert("counterexample".to_string(), counterexample(report, judgement, trace));
    }
    value
}

fn counterexample(
    report: &Report<PipelineController>,
    judgement: &Judgement<PipelineController>,
    trace: &Trace<PipelineController>,
) -> Value {
    let mut value = json!({
        "schedule": trace.schedule.text(report.setup.model.inboxes()),
        "actions": trace.events.len(),
        "switches": trace.switches(),
        "canonical": trace.canonical,
        "steps": steps(&report.setup, &trace.events),
    });
    if let Some(Ok(why)) = report.explanation(judgement) {
        value["because"] = json!(explanation::because(report, judgement, why));
        value["stuck"] = json!(explanation::stuck(report, judgement, why));
        value["decides"] = json!(explanation::decides(report, judgement, why));
    }
    value
}

fn steps(setup: &Setup<PipelineController>, events: &[Event]) -> Vec<Value> {
    let run = setup.scenario.rules().run;
    let names = Names::numbers(run.attempts > 1);
    let mut current = Attempt(1);
    let step = |event: &Event| {
        let step = match event {
            Event::Task { .. } => task_step(event, run.lingers.then_some(current), names),
            Event::Controller { inbox, redelivered, transition } => {
                let mut step = json!({ "actor": "controller", "action": action(transition.input, *redelivered) });
                if let (Some(worker), Input::Notice(notice)) = (inbox, transition.input) {
                    step["worker"] = json!(worker.0);
                    step["notice"] = json!(labels::notice(notice, names));
                }
                add_reaction(&mut step, transition, names);
                step
            }
            Event::Lost(channel, message) => lost(*channel, *message, names),
        };
        current = event.transition().and_then(|transition| transition.began).unwrap_or(current);
        step
    };
    events.iter().map(step).collect()
}

fn task_step(event: &Event, current: Option<Attempt>, names: Names<'_>) -> Value {
    let Event::Task { task, attempt, step, state, sent, called, .. } = event else { return Value::Null };
    let mut value = json!({ "actor": actor(*task, *attempt, current, names), "action": labels::act(*step) });
    match (step, state.status) {
        (Step::OnStart, Status::Panicked(_)) => value["outcome"] = json!("panicked"),
        (Step::OnStart, Status::Dead(_)) => value["outcome"] = json!("vanished"),
        (Step::OnStart, Status::Hung) => value["outcome"] = json!("hangs"),
        _ => {}
    }
    if let Some(sent) = sent {
        value["sends"] = json!(labels::notice(*sent, names));
    }
    if names.attempts {
        value["attempt"] = json!(attempt.0);
    }
    called.iter().for_each(|transition| add_reaction(&mut value, transition, names));
    value
}

/// What the controller does on an input.
fn action(input: Input, redelivered: bool) -> &'static str {
    match input {
        Input::Notice(_) if redelivered => "keep",
        Input::Notice(_) => "receive",
        Input::Stop => "stop",
        Input::TimedOut => "timeout",
        Input::Restarted => "crash",
    }
}

fn add_reaction(step: &mut Value, transition: &Transition, names: Names<'_>) {
    step["reaction"] = json!(labels::reaction(transition.reaction, names));
    step["phase"] = json!(labels::phase(transition.after, names));
    if let Some(began) = transition.began {
        step["began_attempt"] = json!(began.0);
    }
}

fn lost(channel: Channel, message: Message, names: Names<'_>) -> Value {
    let mut step = json!({ "actor": "controller", "action": "lose" });
    if let Channel::Inbox(worker) = channel {
        step["worker"] = json!(worker.0);
    }
    step["notice"] = match message {
        Message::Notice(notice) => json!(labels::notice(notice, names)),
        Message::Command(command) => json!(command.0),
    };
    step
}

/// `task 2`; `task 2@1` for one that lingers. Without a current attempt none does.
fn actor(task: ActorId, attempt: Attempt, current: Option<Attempt>, names: Names<'_>) -> String {
    let lingers = current.is_some_and(|current| current != attempt);
    if lingers { format!("{}@{}", names.one(task), attempt.0) } else { names.one(task) }
}

/// The answer of `catalog`.
pub fn catalog(outcomes: &[Outcome<'_>]) -> String {
    let entry = |outcome: &Outcome<'_>| {
        let (entry, record) = (outcome.entry, outcome.entry.record);
        let claims = outcome.report.claims.iter().map(|judgement| {
            json!({
                "id": judgement.claim.id,
                "expected": entry.expected(&judgement.claim.id).name(),
                "verdict": judgement.verdict.kind().name(),
            })
        });
        json!({
            "name": entry.name,
            "group": record.group.name(),
            "evidence": record.evidence.name(),
            "source": record.source.to_string(),
            "models": record.models,
            "command": format!("startup-race check {}", entry.command),
            "scenario": scenario(Some(entry.protocol()), &outcome.report.setup.scenario),
            "mended": entry.is_mended,
            "mend": record.mend,
            "complete": outcome.report.complete,
            "as_expected": outcome.differences().is_empty(),
            "claims": claims.collect::<Vec<_>>(),
        })
    };
    let report = |report: &catalog::reports::Report| {
        json!({
            "name": report.name,
            "source": report.source.to_string(),
            "says": report.says,
            "told_in": report.file(),
            "refused": report.refused,
        })
    };
    print(&json!({
        "schema": "startup-race/catalog/1",
        "as_expected": outcomes.iter().all(|outcome| outcome.differences().is_empty()),
        "entries": outcomes.iter().map(entry).collect::<Vec<_>>(),
        "reports": REPORTS.iter().map(report).collect::<Vec<_>>(),
    }))
}

/// The answer of `matrix`: each cell is what `check` prints of it.
pub fn matrix(matrix: &Matrix) -> String {
    let causes = |combination: Combination| -> Vec<&str> {
        combination.causes().into_iter().map(|cause| cause.words().0).collect()
    };
    let cell = |cell: &Cell| {
        json!({
            "causes": causes(cell.combination),
            "fails": matrix.failing(cell.case).iter().map(|task| task.0).collect::<Vec<_>>(),
            "check": check(&cell.report),
        })
    };
    let needs = |case: usize| {
        json!({
            "fails": matrix.failing(case).iter().map(|task| task.0).collect::<Vec<_>>(),
            "smallest_sets_of_causes": matrix.minimal(case).map(|sets| sets.into_iter().map(causes).collect::<Vec<_>>()),
            "all_needed": matrix.all_needed(case),
        })
    };
    print(&json!({
        "schema": "startup-race/matrix/1",
        "complete": matrix.complete(),
        "cells": matrix.cells.iter().map(cell).collect::<Vec<_>>(),
        "needs": (0..matrix.cases.len()).map(needs).collect::<Vec<_>>(),
    }))
}
