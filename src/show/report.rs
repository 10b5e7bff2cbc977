//! What a check found, as text: the scenario, each claim with its verdict and what that rests on, and the verdict of all.

use num_bigint::BigUint;
use num_traits::Zero;

use super::page::{Paint, Style, labelled};
use super::reasons::{reasons, shares};
use super::table::table;
use super::{command, words};
use crate::explore::replay::Walk;
use crate::explore::report::{Judgement, Report};
use crate::explore::verdict::Kind;
use crate::protocol::claims::Judged;
use crate::protocol::controller::Controller;
use crate::protocol::rules::{KNOBS, Rules};
use crate::protocol::startup::Sequence;
use crate::protocol::world::Setup;

/// The whole report.
pub fn report<C: Controller + 'static>(report: &Report<C>, style: Style) -> String {
    let mut text = labelled("checked", &[scenario(report)], style) + &labelled("search", &[explored(report)], style);
    for judgement in &report.claims {
        text.push('\n');
        text.push_str(&judged(report, judgement, style));
    }
    text.push('\n');
    text.push_str(&closing(report, style));
    text
}

/// One claim of a report: its verdict, and what that rests on.
pub fn judged<C: Controller + 'static>(report: &Report<C>, judgement: &Judgement<C>, style: Style) -> String {
    let kind = judgement.verdict.kind();
    let id = match (kind, report.complete) {
        (Kind::Refuted, false) => format!("{}  (incomplete: the search was cut short)", judgement.claim.id),
        _ => judgement.claim.id.to_string(),
    };
    let is_refuted = kind == Kind::Refuted;
    let scenario = is_refuted.then(|| scenario(report));
    let lines: Vec<String> = [id, judgement.claim.says.to_string()].into_iter().chain(scenario).collect();
    let mut text =
        labelled(kind.name(), &lines, style).replacen(kind.name(), &style.paint(kind.name(), paint(kind)), 1);
    if is_refuted || judgement.trace.is_some() {
        text.push('\n');
    }
    text.push_str(&match (kind, judgement.claim.judged) {
        (Kind::Refuted, Judged::EveryState | Judged::EveryEnd) => refuted(report, judgement, style),
        (_, Judged::SomeState) => reachable(report, judgement, style),
        (Kind::Proved, _) => {
            labelled("search", &[explored(report)], style) + &premise(judgement, style) + &witness(report, style)
        }
        (Kind::CutShort, _) => cut_short(report, judgement, style),
        (Kind::Vacuous, _) => vacuous(report, judgement, style),
    });
    text
}

fn paint(kind: Kind) -> Paint {
    match kind {
        Kind::Proved => Paint::Good,
        Kind::Refuted => Paint::Bad,
        Kind::CutShort | Kind::Vacuous => Paint::Unsure,
    }
}

/// What was checked, in one sentence: `arroyo/before, 2 tasks, task 2 panics in on_start`.
pub fn scenario<C: Controller>(report: &Report<C>) -> String {
    let Setup { scenario, sequence, .. } = &report.setup;
    let (rules, tasks) = (scenario.rules(), scenario.tasks());
    let mut parts = match &report.protocol {
        Some(protocol) => {
            let from = Rules::named(protocol).unwrap_or(*rules);
            let turned = words::turned_knobs(rules, &from).into_iter().map(|(name, value)| format!("{name} {value}"));
            [protocol.clone()].into_iter().chain(turned).collect()
        }
        None => own_controller::<C>(rules),
    };
    if *sequence != Sequence::of(rules) {
        parts.push(format!("startup sequence {}", words::sequence(sequence)));
    }
    let plural = if tasks.len() == 1 { "" } else { "s" };
    let mut pipeline = format!("{} task{plural}", tasks.len());
    if command::has_own_names(scenario) {
        pipeline.push_str(&format!(" ({})", words::list(tasks.iter().map(|task| task.name.clone()))));
    }
    if scenario.workers() > 1 {
        let workers: Vec<String> = tasks.iter().map(|task| task.worker.0.to_string()).collect();
        pipeline.push_str(&format!(" on workers {}", workers.join(",")));
    }
    parts.extend([pipeline, words::fates(scenario)]);
    parts.join(", ")
}

/// A user's own controller, and the knobs that tasks and network obey.
fn own_controller<C>(rules: &Rules) -> Vec<String> {
    let name = std::any::type_name::<C>().rsplit("::").next().unwrap_or_default();
    let usual = |name: &str| !matches!(name, "failed-while-scheduling" | "failed-while-running" | "fence");
    let plain = Rules::new(rules.announce, rules.failed_while_scheduling, rules.failed_while_running, rules.barrier);
    let always = |name: &str| matches!(name, "announce" | "barrier");
    let knobs = KNOBS.iter().filter(|knob| usual(knob.name));
    let shown = knobs.filter(|knob| always(knob.name) || (knob.get)(rules) != (knob.get)(&plain));
    [format!("controller {name}")]
        .into_iter()
        .chain(shown.map(|knob| format!("{} {}", knob.name, (knob.get)(rules))))
        .collect()
}

fn explored<C>(report: &Report<C>) -> String {
    let states = words::count(&report.states, "state");
    let stored = BigUint::from(report.orbits);
    let orbits = match stored < report.states {
        true => format!(" (in {} of tasks that are alike)", words::count(&stored, "orbit")),
        false => String::new(),
    };
    match &report.schedules {
        Some(schedules) => format!("every schedule, {} through {states}{orbits}", words::number_text(schedules)),
        None => format!("{states}{orbits}; then the search was cut short, and some schedules were not explored"),
    }
}

fn premise<C>(judgement: &Judgement<C>, style: Style) -> String {
    let place = match judgement.claim.judged {
        Judged::EveryEnd => "end",
        Judged::EveryState | Judged::SomeState => "state",
    };
    let held = words::count(&judgement.premise_held, place);
    if !judgement.premise_held.is_zero() {
        labelled("premise", &[format!("held in {held}, and the conclusion with it")], style)
    } else if judgement.verdict.kind() == Kind::CutShort {
        labelled("note", &[format!("premise not met so far: it held in no {place}")], style)
    } else {
        labelled("note", &[format!("premise never met: it held in no {place}")], style)
    }
}

fn witness<C>(report: &Report<C>, style: Style) -> String {
    let says = match (report.witness.holds, report.witness.complete) {
        (true, Some(_)) => "can-run holds: without faults every end is Running, each task in run",
        (false, Some(_)) => {
            "can-run does not hold: even with every fault taken out, not every end is Running with every task in run"
        }
        (_, None) => {
            "can-run is not known to hold, for its search was cut short: that with every fault taken out every end is \
             Running with every task in run"
        }
    };
    labelled("witness", &[says], style)
}

fn cut_short<C>(report: &Report<C>, judgement: &Judgement<C>, style: Style) -> String {
    let bound = match report.complete {
        _ if report.orbits > report.max_states => format!("the bound of {} states", report.max_states),
        false => "an interrupt".to_string(),
        true => "a bound".to_string(),
    };
    let search = if report.complete { "the search of the witness" } else { "the search" };
    let means = format!(
        "{bound} ended {search}: nothing that was explored breaks the claim, and what was not explored may. This is \
         no pass. A higher --max-states or fewer tasks would decide it"
    );
    let text = labelled("bound", &[means], style) + &labelled("search", &[explored(report)], style);
    text + &premise(judgement, style) + &witness(report, style)
}

fn vacuous<C>(report: &Report<C>, judgement: &Judgement<C>, style: Style) -> String {
    let means = "nothing breaks the claim, but nothing happens either: these rules cannot bring a healthy pipeline to \
                 Running, so they prove nothing";
    labelled("vacuous", &[means], style)
        + &labelled("search", &[explored(report)], style)
        + &premise(judgement, style)
        + &witness(report, style)
}

fn refuted<C: Controller + 'static>(report: &Report<C>, judgement: &Judgement<C>, style: Style) -> String {
    let Some(walk) = walk_of(report, judgement) else { return String::new() };
    table(&report.setup, &walk, Some(&judgement.claim), style) + "\n" + &reasons(report, judgement, style)
}

fn walk_of<C: Controller>(report: &Report<C>, judgement: &Judgement<C>) -> Option<Walk<C>> {
    judgement.trace.as_ref().and_then(|trace| Walk::of(&report.setup, &trace.schedule).ok())
}

/// A claim that asks for a state.
fn reachable<C: Controller + 'static>(report: &Report<C>, judgement: &Judgement<C>, style: Style) -> String {
    match walk_of(report, judgement) {
        Some(walk) => table(&report.setup, &walk, None, style) + "\n" + &shares(report, judgement, style),
        None => labelled("search", &[format!("{}; none reaches such a state", explored(report))], style),
    }
}

fn closing<C>(report: &Report<C>, style: Style) -> String {
    let kind = report.verdict();
    let of = |kind: Kind| -> Vec<String> {
        let claims = report.claims.iter().filter(|judgement| judgement.verdict.kind() == kind);
        claims.map(|judgement| judgement.claim.id.to_string()).collect()
    };
    let kinds = [Kind::Refuted, Kind::CutShort, Kind::Vacuous, Kind::Proved];
    let parts = kinds.into_iter().map(|kind| (kind, of(kind))).filter(|(_, ids)| !ids.is_empty());
    let parts: Vec<String> =
        parts.map(|(kind, ids)| format!("{} {}: {}", ids.len(), kind.name(), words::list(ids))).collect();
    labelled("verdict", &parts, style).replacen(kind.name(), &style.paint(kind.name(), paint(kind)), 1)
}

impl<C: Controller + 'static> Report<C> {
    /// For a test: every claim is proved.
    ///
    /// # Panics
    /// Where one is not; the message is the report.
    #[track_caller]
    pub fn expect_proved(&self) {
        assert!(
            self.verdict() == Kind::Proved && !self.claims.is_empty(),
            "not every claim is proved\n\n{}",
            report(self, Style::default())
        );
    }

    /// For a test: this claim is refuted.
    ///
    /// # Panics
    /// Where it is not, or was not judged; the message is the report.
    #[track_caller]
    pub fn expect_refuted(&self, id: &str) {
        let refuted = |judgement: &Judgement<C>| judgement.claim.id == id && judgement.verdict.kind() == Kind::Refuted;
        assert!(self.claims.iter().any(refuted), "{id} is not refuted\n\n{}", report(self, Style::default()));
    }
}
