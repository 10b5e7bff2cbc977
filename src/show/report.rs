//! What a check found, as text: the scenario, each claim with its verdict and what that rests on, and the verdict of all.

use num_bigint::BigUint;
use num_traits::Zero;

use super::explanation::reasons;
use super::foreign::escaped;
use super::layout::{Paint, Style, labelled};
use super::table::table;
use super::{command, labels};
use crate::claims::Scope;
use crate::core::{ActorId, Controller, OnFailure};
use crate::explore::limits::Limit;
use crate::explore::report::{Judgement, Report};
use crate::explore::trace::Trace;
use crate::explore::verdict::Kind;
use crate::model::guard::guard;
use crate::scenario::knobs::KNOBS;
use crate::scenario::{Rules, Sequence};

/// The whole report.
pub fn report<C: Controller>(report: &Report<C>, style: Style) -> String {
    let mut text = labelled("checked", &[scenario(report)], style);
    text.push_str(&labelled("search", &[explored(report)], style));
    text.push_str(&labelled("witness", &[witness(report)], style));
    for judgement in &report.claims {
        text.push('\n');
        text.push_str(&judged(report, judgement, style));
    }
    text.push('\n');
    text.push_str(&closing(report, style));
    text
}

/// What is said of a proof that no state could have refuted.
const UNMET: &str = "premise never met";

/// One claim of a report: its verdict, and what that rests on.
pub fn judged<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, style: Style) -> String {
    let (kind, claim) = (judgement.verdict.kind(), &judgement.claim);
    let (id, says) = (escaped(&claim.id), escaped(&claim.statement));
    let id = match (kind, report.complete) {
        (Kind::Refuted, false) => format!("{id} (incomplete: the search was cut short)"),
        (Kind::Proved, _) if !judgement.premise_met() => format!("{id} ({UNMET})"),
        _ => id.to_string(),
    };
    let rests_on = match (kind, claim.scope) {
        (Kind::Refuted, Scope::Reachable) => format!("no schedule reaches it, {}", extent(report)),
        (Kind::Refuted, _) => scenario(report),
        (Kind::CutShort, Scope::Reachable) => "nothing explored reaches it; what was not explored may".to_string(),
        (_, Scope::Reachable) => scenario(report),
        (Kind::Proved, _) => format!("every schedule keeps it, {}; {}", extent(report), premise(judgement)),
        (Kind::CutShort, _) if report.complete => {
            format!("no pass: nothing breaks it, but its witness is not known to hold; {}", premise(judgement))
        }
        (Kind::CutShort, _) => {
            format!("no pass: nothing explored breaks it, what was not explored may; {}", premise(judgement))
        }
        (Kind::Vacuous, _) => {
            format!("no pass: nothing breaks it, but even without faults nothing runs; {}", premise(judgement))
        }
    };
    let head = labelled(kind.name(), &[id, says.to_string(), rests_on], style);
    let mut text = head.replacen(kind.name(), &style.paint(kind.name(), paint(kind)), 1);
    if let Some(trace) = &judgement.trace {
        let told = guard(|| counterexample(report, judgement, trace, style));
        text.push_str(&told.unwrap_or_else(|panic| {
            let schedule = trace.schedule.text(report.setup.scenario.workers());
            let told = format!("\"{schedule}\"; it cannot be shown, for the controller or the claim panics: {panic}");
            labelled("schedule", &[told], style)
        }));
    }
    text
}

/// The table of a schedule that was found, and the reasons.
fn counterexample<C: Controller>(
    report: &Report<C>,
    judgement: &Judgement<C>,
    trace: &Trace<C>,
    style: Style,
) -> String {
    let broken = (judgement.claim.scope != Scope::Reachable).then_some(&judgement.claim);
    format!("\n{}\n{}", table(&report.setup, trace, broken, style), reasons(report, judgement, style))
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
    let (scenario, sequence) = (&report.setup.scenario, report.setup.sequence());
    let (rules, tasks) = (scenario.rules(), scenario.tasks());
    let mut parts = match &report.protocol {
        Some(protocol) => {
            let from = Rules::named(protocol).unwrap_or(*rules);
            let turned = labels::turned_knobs(rules, &from).into_iter().map(|(name, value)| format!("{name} {value}"));
            [escaped(protocol).into_owned()].into_iter().chain(turned).collect()
        }
        None => own_controller::<C>(rules),
    };
    if sequence != Sequence::of(rules) {
        parts.push(format!("startup sequence {}", labels::sequence(&sequence)));
    }
    let plural = if tasks.len() == 1 { "" } else { "s" };
    let mut pipeline = format!("{} task{plural}", tasks.len());
    if command::has_own_names(scenario) {
        pipeline.push_str(&format!(" ({})", labels::list(tasks.iter().map(|task| task.name.clone()))));
    }
    if scenario.workers() > 1 {
        let workers: Vec<String> = tasks.iter().map(|task| task.worker.0.to_string()).collect();
        pipeline.push_str(&format!(" on workers {}", workers.join(",")));
    }
    parts.extend([pipeline, labels::faults(scenario)]);
    parts.join(", ")
}

/// A user's own controller, and the knobs that tasks and network obey.
fn own_controller<C>(rules: &Rules) -> Vec<String> {
    let name = std::any::type_name::<C>().rsplit("::").next().unwrap_or_default();
    let plain = Rules::new(rules.task.announce, OnFailure::Retry, OnFailure::Retry, rules.task.barrier);
    let plain = Rules { controller: rules.controller, ..plain };
    let always = |name: &str| matches!(name, "announce" | "barrier");
    let shown = KNOBS.iter().filter(|knob| always(knob.name) || (knob.get)(rules) != (knob.get)(&plain));
    [format!("controller {name}")]
        .into_iter()
        .chain(shown.map(|knob| format!("{} {}", knob.name, (knob.get)(rules))))
        .collect()
}

/// How much was explored.
fn extent<C>(report: &Report<C>) -> String {
    let states = labels::count(&report.states, "state");
    match &report.schedules {
        Some(schedules) => format!("all {} through {states}", labels::number_text(schedules)),
        None => format!("{states} explored"),
    }
}

fn explored<C>(report: &Report<C>) -> String {
    let states = labels::count(&report.states, "state");
    let stored = BigUint::from(report.orbits);
    let orbits = match stored < report.states {
        true => format!(" (in {} of tasks that are alike)", labels::count(&stored, "orbit")),
        false => String::new(),
    };
    match &report.schedules {
        Some(schedules) => format!("complete: all {} through {states}{orbits}", labels::count(schedules, "schedule")),
        None => {
            format!(
                "cut short {}: {states}{orbits} explored, the rest not; {}",
                bound(report, report.cut),
                widen(report)
            )
        }
    }
}

/// What ended a search that was cut short.
fn bound<C>(report: &Report<C>, cut: Option<Limit>) -> String {
    match cut {
        Some(Limit::Memory) => format!("by the limit of {} of memory", labels::bytes(report.limits.bytes())),
        Some(Limit::Interrupted) => "by an interrupt".to_string(),
        Some(Limit::States | Limit::Effort) | None => {
            format!("by the bound of {} states", labels::number_text(&BigUint::from(report.limits.states())))
        }
    }
}

/// What would let such a search go on.
fn widen<C>(report: &Report<C>) -> &'static str {
    match report.cut {
        Some(Limit::Memory) => "a higher --memory or fewer tasks would decide more",
        Some(Limit::Interrupted) => "more time or fewer tasks would decide more",
        Some(Limit::States | Limit::Effort) | None => "a higher --max-states or fewer tasks would decide more",
    }
}

/// Where the premise of a claim held.
fn premise<C>(judgement: &Judgement<C>) -> String {
    let place = match judgement.claim.scope {
        Scope::AtEnd => "end",
        Scope::Always | Scope::Reachable => "state",
    };
    match judgement.verdict.kind() {
        _ if !judgement.premise_held.is_zero() => {
            format!("its premise held in {}", labels::count(&judgement.premise_held, place))
        }
        Kind::CutShort => "premise not met so far".to_string(),
        _ => format!("{UNMET}, in no {place}"),
    }
}

/// What the witness found.
fn witness<C: Controller>(report: &Report<C>) -> String {
    const HOLDS: &str = "can-run holds: without faults every end is Running, each task in run";
    match (report.witness.holds, report.witness.complete) {
        (true, Some(_)) => HOLDS.to_string(),
        (_, None) => format!(
            "can-run is not known to hold: its search was cut short {}, so nothing is proved",
            bound(report, report.witness.cut)
        ),
        (false, Some(_)) => match guard(|| without_faults(report)) {
            Ok(Some(end)) => format!("can-run does not hold, so nothing is proved: without faults {end}"),
            Err(_) => "can-run does not hold, so nothing is proved".to_string(),
            Ok(None) => {
                "can-run does not hold, so nothing is proved: without faults no schedule comes to an end".to_string()
            }
        },
    }
}

/// A schedule that refutes the witness, and its end.
fn without_faults<C: Controller>(report: &Report<C>) -> Option<String> {
    let trace = report.witness_trace.as_ref()?;
    let schedule = trace.schedule.text(report.setup.scenario.workers());
    let phase = labels::phase(trace.last().phase());
    Some(format!("\"{schedule}\" ends in {phase}, where {}", standings(report, trace)))
}

/// How the tasks of the current attempt stand at the end of a trace: `task 1 runs and task 2 waits at barrier`.
fn standings<C: Controller>(report: &Report<C>, trace: &Trace<C>) -> String {
    let states = &trace.last().attempts[0];
    let stands = |id: ActorId| labels::standing(states[id.index()], &report.setup.model.actor(id).script);
    labels::list(report.setup.scenario.ids().map(|id| format!("task {} {}", id.0, stands(id))))
}

fn closing<C>(report: &Report<C>, style: Style) -> String {
    let kind = report.verdict();
    let of = |kind: Kind| -> Vec<String> {
        let claims = report.claims.iter().filter(|judgement| judgement.verdict.kind() == kind);
        let unmet = |judgement: &Judgement<C>| kind == Kind::Proved && !judgement.premise_met();
        let named = |judgement: &Judgement<C>| match escaped(&judgement.claim.id) {
            id if unmet(judgement) => format!("{id} ({UNMET})"),
            id => id.into_owned(),
        };
        claims.map(named).collect()
    };
    let kinds = [Kind::Refuted, Kind::CutShort, Kind::Vacuous, Kind::Proved];
    let parts = kinds.into_iter().map(|kind| (kind, of(kind))).filter(|(_, ids)| !ids.is_empty());
    let parts: Vec<String> =
        parts.map(|(kind, ids)| format!("{} {}: {}", ids.len(), kind.name(), labels::list(ids))).collect();
    labelled("verdict", &parts, style).replacen(kind.name(), &style.paint(kind.name(), paint(kind)), 1)
}

impl<C: Controller> Report<C> {
    /// For a test: every claim is proved, and every claim of your own was put to the test: some state meets its premise,
    /// unless the check says [`allow_unmet_premise`](crate::Check::allow_unmet_premise). A standard claim passes without that, and
    /// the report says so.
    ///
    /// # Panics
    /// If one is not; the message is the report.
    #[track_caller]
    pub fn expect_proved(&self) {
        assert!(self.verdict() == Kind::Proved, "not every claim is proved\n\n{}", report(self, Style::default()));
        let is_unmet = |judgement: &&Judgement<C>| !judgement.claim.is_standard() && !judgement.premise_met();
        let unmet = self.claims.iter().filter(is_unmet).map(|judgement| escaped(&judgement.claim.id).into_owned());
        let unmet: Vec<String> = unmet.filter(|_| !self.allow_unmet_premise).collect();
        assert!(
            unmet.is_empty(),
            "premise never met: {}. No state could have broken the claim. Check a scenario that meets the premise, or say \
             `allow_unmet_premise()`\n\n{}",
            labels::list(unmet),
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
        assert!(
            self.claims.iter().any(refuted),
            "{} is not refuted\n\n{}",
            escaped(id),
            report(self, Style::default())
        );
    }
}
