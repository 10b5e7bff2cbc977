//! A check, for the laboratory.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use startup_race::core::PipelineController;
use startup_race::explore::limits::Interrupt;
use startup_race::explore::report::{Check, Judgement, Report};
use startup_race::scenario::Setup;
use startup_race::show::{Style, command, explanation, labels, probability, report, space_time};

use super::{Answer, scenario};

/// Checks a scenario. A search that takes more than `seconds` is cut short.
pub fn check(options: &str, seconds: &str) -> Answer {
    let (protocol, scenario) = scenario(options)?;
    let seconds: u64 = seconds.parse().map_err(|_| format!("{seconds:?} is not a number of seconds"))?;
    let (begin, interrupt) = (Instant::now(), Interrupt::default());
    let late = interrupt.clone();
    let watch = move |_, _| {
        if begin.elapsed() > Duration::from_secs(seconds) {
            late.raise();
        }
        ControlFlow::Continue(())
    };
    let check = Check::new(Setup::of(scenario)).protocol(protocol).symmetric();
    let report = check.interrupt(interrupt).on_progress(watch).run().map_err(|broken| broken.to_string())?;
    Ok(found(&report))
}

fn found(report: &Report<PipelineController>) -> Value {
    let scenario = &report.setup.scenario;
    let protocol = report.protocol.as_deref().unwrap_or_default();
    json!({
        "json": startup_race::json::check::Check::of(report),
        "command": format!("startup-race check {}", command::arguments(protocol, scenario)),
        "scenario": report::scenario(report),
        "verdict": report.verdict().name(),
        "complete": report.complete,
        "cut_short_by": report.cut.map(labels::limit),
        "states": labels::number_text(&report.states),
        "schedules": report.schedules.as_ref().map(labels::number_text),
        "witness": report.witness.holds,
        "picture": space_time::of_witness(report),
        "claims": report.claims.iter().map(|judgement| claim(report, judgement)).collect::<Vec<_>>(),
        "text": report::report(report, Style::default()),
    })
}

fn claim(report: &Report<PipelineController>, judgement: &Judgement<PipelineController>) -> Value {
    let share = judgement.share.as_ref();
    let mut value = json!({
        "id": judgement.claim.id,
        "statement": judgement.claim.statement,
        "verdict": judgement.verdict.kind().name(),
        "premise_met": judgement.premise_met(),
        "breaking": share.map(|share| labels::number_text(&share.schedules)),
        "probability": share.map(|share| share.probability.to_string()),
        "runs": share.map(|share| probability::runs(&share.probability)),
    });
    if let Some(trace) = &judgement.trace {
        value["schedule"] = json!(trace.schedule.text(report.setup.model.inboxes()));
        value["replay"] = json!(explanation::replay(report, &trace.schedule));
        value["picture"] = json!(space_time::of_claim(report, judgement));
        if let Some(Ok(explained)) = report.explanation(judgement) {
            value["because"] = json!(explanation::because(report, judgement, explained));
            value["stuck"] = json!(explanation::stuck(report, judgement, explained));
            value["decides"] = json!(explanation::decides(report, judgement, explained));
        }
    }
    value
}
