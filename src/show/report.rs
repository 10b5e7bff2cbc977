//! The report of a check, as text: the scenario, each claim with its verdict and its evidence, and the overall verdict.

use num_bigint::BigUint;
use num_traits::Zero;

use super::explanation::reasons;
use super::foreign::escaped;
use super::labels;
use super::layout::{Paint, Style, labelled};
use super::names::Names;
use super::table::table;
use crate::claims::{Claim, Scope};
use crate::core::{ActorId, Controller, OnFailure};
use crate::explore::explain::Explanation;
use crate::explore::limits::Limit;
use crate::explore::report::{Judgement, Report};
use crate::explore::trace::Trace;
use crate::explore::verdict::VerdictKind;
use crate::model::guard::guard;
use crate::model::{Actor, FaultSpec};
use crate::scenario::knobs::KNOBS;
use crate::scenario::{Rules, Sequence, Setup};

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

/// The remark on a proof if no state met the premise.
const UNMET: &str = "premise never met";

/// One claim of a report: its verdict and its evidence.
pub fn judged<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, style: Style) -> String {
    let (kind, claim) = (judgement.verdict.kind(), &judgement.claim);
    let (id, says) = (escaped(&claim.id), statement(report, claim));
    let id = match (kind, report.complete) {
        (VerdictKind::Refuted, false) => format!("{id} (incomplete: the search was cut short)"),
        (VerdictKind::Proved, _) if !judgement.premise_met() => format!("{id} ({UNMET})"),
        _ => id.to_string(),
    };
    let rests_on = match (kind, claim.scope) {
        (VerdictKind::Refuted, Scope::Reachable) => format!("no schedule reaches it, {}", extent(report)),
        (VerdictKind::Refuted, _) => scenario(report),
        (VerdictKind::CutShort, Scope::Reachable) => {
            "nothing explored reaches it; what was not explored may".to_string()
        }
        (_, Scope::Reachable) => scenario(report),
        (VerdictKind::Proved, _) => format!("every schedule keeps it, {}; {}", extent(report), premise(judgement)),
        (VerdictKind::CutShort, _) if report.complete => {
            format!("no pass: nothing breaks it, but its witness is not known to hold; {}", premise(judgement))
        }
        (VerdictKind::CutShort, _) => {
            format!("no pass: nothing explored breaks it, what was not explored may; {}", premise(judgement))
        }
        (VerdictKind::Vacuous, _) => {
            let why = match (report.witness_claim.is_standard(), report.witness.comes_up) {
                (true, false) => "the fault-free pipeline never reaches Running".to_string(),
                (true, true) => "without faults not every end is Running with each task in run".to_string(),
                (false, _) => format!("even without faults {} does not hold", escaped(&report.witness_claim.id)),
            };
            format!("no pass: nothing breaks it, but {why}; {}", premise(judgement))
        }
    };
    let head = labelled(kind.name(), &[id, says.clone(), rests_on], style);
    let mut text = head.replacen(kind.name(), &style.paint(kind.name(), paint(kind)), 1);
    if let Some(trace) = &judgement.trace {
        let explanation = report.explanation(judgement).transpose().map_err(String::clone);
        let told = explanation.and_then(|why| guard(|| counterexample(report, judgement, trace, why, style)));
        text.push_str(&told.unwrap_or_else(|panic| {
            let schedule = trace.schedule.text(report.setup.model.inboxes());
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
    explanation: Option<&Explanation<C>>,
    style: Style,
) -> String {
    let broken = (judgement.claim.scope != Scope::Reachable).then_some(&judgement.claim);
    format!("\n{}\n{}", table(&report.setup, trace, broken, style), reasons(report, judgement, explanation, style))
}

fn paint(kind: VerdictKind) -> Paint {
    match kind {
        VerdictKind::Proved => Paint::Good,
        VerdictKind::Refuted => Paint::Bad,
        VerdictKind::CutShort | VerdictKind::Vacuous => Paint::Unsure,
    }
}

/// What was checked, in one sentence: `arroyo/before, 2 tasks, task 2 panics in on_start`.
pub fn scenario<C: Controller>(report: &Report<C>) -> String {
    let setup = &report.setup;
    let (scenario, model) = (&setup.scenario, &setup.model);
    let (rules, names) = (scenario.rules(), Names::of(model));
    let mut parts = match &report.protocol {
        Some(protocol) => {
            let from = Rules::named(protocol).unwrap_or(*rules);
            let turned = labels::turned_knobs(rules, &from).into_iter().map(|(name, value)| format!("{name} {value}"));
            [escaped(protocol).into_owned()].into_iter().chain(turned).collect()
        }
        None => own_controller(setup),
    };
    parts.extend(startups(setup));
    let workers: Vec<String> = scenario.tasks().iter().map(|task| task.worker.0.to_string()).collect();
    let on = if scenario.workers() > 1 { format!(" on workers {}", workers.join(",")) } else { String::new() };
    let of = |noun: &str, is_task: bool| {
        let actors: Vec<ActorId> = model.actors().filter(|(_, one)| one.is_task == is_task).map(|(id, _)| id).collect();
        let own = if names.are_own() { format!(" ({})", names.several(&actors)) } else { String::new() };
        (!actors.is_empty()).then(|| format!("{}{own}", labels::count(&BigUint::from(actors.len()), noun)))
    };
    parts.extend(of("task", true).map(|tasks| format!("{tasks}{on}")));
    parts.extend(of("helper", false));
    let others = other_faults(setup);
    let is_healthy = scenario.tasks().iter().all(|task| task.faults.iter().all(Option::is_none));
    parts.extend(Some(labels::faults(scenario, names)).filter(|_| !is_healthy || others.is_empty()));
    parts.extend(others);
    parts.join(", ")
}

/// The user's own startups, with the tasks that have each. Empty if every task follows the rules.
fn startups<C: Controller>(setup: &Setup<C>) -> Vec<String> {
    let by_rule = Sequence::of(setup.scenario.rules());
    let own: Vec<(ActorId, Sequence)> = setup.scenario.ids().map(|id| (id, setup.sequence_of(id))).collect();
    // The scripts of a user's own model do more than a startup.
    if setup.is_own() || own.iter().all(|(_, sequence)| *sequence == by_rule) {
        return Vec::new();
    }
    let alike: Vec<&[(ActorId, Sequence)]> = own.chunk_by(|one, next| one.1 == next.1).collect();
    let text = |tasks: &&[(ActorId, Sequence)]| {
        let ids: Vec<ActorId> = tasks.iter().map(|(id, _)| *id).collect();
        let of =
            if alike.len() == 1 { String::new() } else { format!(" of {}", Names::of(&setup.model).several(&ids)) };
        format!("startup sequence{of} {}", labels::sequence(&tasks[0].1))
    };
    alike.iter().map(text).collect()
}

/// The faults that the text of a scenario does not cover: those of helpers, and those with a condition.
fn other_faults<C: Controller>(setup: &Setup<C>) -> Vec<String> {
    let names = Names::of(&setup.model);
    let of = |(id, actor): (ActorId, &Actor)| {
        let others = actor.faults.iter().filter(|spec| !actor.is_task || !spec.when.is_empty());
        let text = move |spec: &FaultSpec| {
            let on = if spec.when.is_empty() { "" } else { " on a condition" };
            format!("{} {}{on}", names.one(id), labels::fault_verb(spec.fault, 1))
        };
        others.map(text).collect::<Vec<_>>()
    };
    setup.model.actors().flat_map(of).collect()
}

/// A user's own controller, and the knobs that the tasks and the network obey. A user's own startup obeys no knob
/// except a chain.
fn own_controller<C: Controller>(setup: &Setup<C>) -> Vec<String> {
    let rules = setup.scenario.rules();
    let name = std::any::type_name::<C>().rsplit("::").next().unwrap_or_default();
    let plain = Rules::new(rules.task.announce, OnFailure::Retry, OnFailure::Retry, rules.task.barrier);
    let plain = Rules { controller: rules.controller, ..plain };
    let follows = setup.follows_rules();
    let always = |name: &str| follows && matches!(name, "announce" | "barrier");
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

/// What ended a search. `Effort` limits explanations only: a search that ends with it has lost its way.
fn bound<C>(report: &Report<C>, cut: Option<Limit>) -> String {
    match cut {
        Some(Limit::Memory) => format!("by the limit of {} of memory", labels::bytes(report.limits.bytes())),
        Some(Limit::Interrupted) => "by an interrupt".to_string(),
        Some(Limit::Disk) => "by a file in the folder of --spill that could not be written or read".to_string(),
        Some(Limit::Effort) => "because it could not go on".to_string(),
        Some(Limit::States) | None => {
            format!("by the bound of {} states", labels::number_text(&BigUint::from(report.limits.states())))
        }
    }
}

/// What would let the search decide more.
fn widen<C>(report: &Report<C>) -> &'static str {
    match report.cut {
        Some(Limit::Memory) => "a higher --memory or fewer tasks would decide more",
        Some(Limit::Interrupted) => "more time or fewer tasks would decide more",
        Some(Limit::Disk) => "more room on its disk or fewer tasks would decide more",
        Some(Limit::Effort) => "fewer tasks may decide more",
        Some(Limit::States) | None => "a higher --max-states or fewer tasks would decide more",
    }
}

/// In how many states the premise of a claim held.
fn premise<C>(judgement: &Judgement<C>) -> String {
    let place = match judgement.claim.scope {
        Scope::AtEnd => "end",
        Scope::Always | Scope::Reachable => "state",
    };
    match judgement.verdict.kind() {
        _ if !judgement.premise_held.is_zero() => {
            format!("its premise held in {}", labels::count(&judgement.premise_held, place))
        }
        VerdictKind::CutShort => "premise not met so far".to_string(),
        _ => format!("{UNMET}, in no {place}"),
    }
}

/// What the witness found.
fn witness<C: Controller>(report: &Report<C>) -> String {
    let (claim, id) = (&report.witness_claim, escaped(&report.witness_claim.id));
    let so = hollow(report);
    match (report.witness.holds, report.witness.complete) {
        (true, Some(_)) if claim.is_standard() => {
            format!("{id} holds: without faults every end is {}, each task in run", up(report))
        }
        (true, Some(_)) if claim.scope == Scope::Reachable => {
            format!("{id} holds: without faults a schedule reaches it ({})", escaped(&claim.statement))
        }
        (true, Some(_)) => format!("{id} holds without faults: {}", escaped(&claim.statement)),
        (_, None) => {
            format!("{id} is not known to hold: its search was cut short {}{so}", bound(report, report.witness.cut))
        }
        (false, Some(_)) if claim.scope == Scope::Reachable => {
            format!("{id} does not hold{so}: without faults no schedule reaches it ({})", escaped(&claim.statement))
        }
        (false, Some(_)) => match guard(|| without_faults(report)) {
            Ok(Some(end)) => format!("{id} does not hold{so}: without faults {end}"),
            Err(_) => format!("{id} does not hold{so}"),
            Ok(None) => format!("{id} does not hold{so}: without faults no schedule comes to an end"),
        },
    }
}

/// What follows if the witness does not hold. A claim that asks for a state needs no witness.
fn hollow<C>(report: &Report<C>) -> &'static str {
    let asks = |judgement: &Judgement<C>| judgement.claim.scope == Scope::Reachable;
    match (report.claims.iter().any(asks), report.claims.iter().all(asks)) {
        (false, _) => ", so nothing is proved",
        (true, true) => "",
        (true, false) => ", so nothing is proved but what asks for a state",
    }
}

/// The name of the phase in which every part is up. A controller with phases of its own has another name for it.
fn up<C: Controller>(report: &Report<C>) -> &'static str {
    let start = guard(|| report.setup.model.controller().phase().name);
    if start.is_ok_and(|name| name == "Scheduling") { "Running" } else { "up" }
}

/// The statement of a claim. If the controller has phases of its own, a claim of the protocol names stages.
fn statement<C: Controller>(report: &Report<C>, claim: &Claim<C>) -> String {
    if !claim.is_standard() || up(report) == "Running" {
        return escaped(&claim.statement).into_owned();
    }
    match &*claim.id {
        "always-decides" => "(always): the controller is neither starting nor stopping".to_string(),
        "no-lost-stop" => "a stop was asked: the controller is not up".to_string(),
        _ => claim.statement.replace("Running:", "up:").replace("Failed:", "failed:").replace("Stopped:", "stopped:"),
    }
}

/// A schedule that refutes the witness, and its end.
fn without_faults<C: Controller>(report: &Report<C>) -> Option<String> {
    let trace = report.witness_trace.as_ref()?;
    let schedule = trace.schedule.text(report.setup.model.inboxes());
    let phase = labels::phase(trace.last().phase(), Names::of(&report.setup.model));
    Some(format!("\"{schedule}\" ends in {phase}, where {}", standings(report, trace)))
}

/// How far the tasks of the current attempt have come at the end of a trace: `task 1 runs and task 2 waits at barrier`.
fn standings<C: Controller>(report: &Report<C>, trace: &Trace<C>) -> String {
    let states = &trace.last().attempts[0];
    let stands = |id: ActorId| labels::standing(states[id.index()], &report.setup.model.actor(id).script);
    let names = Names::of(&report.setup.model);
    labels::list(report.setup.scenario.ids().map(|id| format!("{} {}", names.one(id), stands(id))))
}

fn closing<C>(report: &Report<C>, style: Style) -> String {
    let kind = report.verdict();
    let of = |kind: VerdictKind| -> Vec<String> {
        let claims = report.claims.iter().filter(|judgement| judgement.verdict.kind() == kind);
        let unmet = |judgement: &Judgement<C>| kind == VerdictKind::Proved && !judgement.premise_met();
        let named = |judgement: &Judgement<C>| match escaped(&judgement.claim.id) {
            id if unmet(judgement) => format!("{id} ({UNMET})"),
            id => id.into_owned(),
        };
        claims.map(named).collect()
    };
    let kinds = [VerdictKind::Refuted, VerdictKind::CutShort, VerdictKind::Vacuous, VerdictKind::Proved];
    let parts = kinds.into_iter().map(|kind| (kind, of(kind))).filter(|(_, ids)| !ids.is_empty());
    let parts: Vec<String> =
        parts.map(|(kind, ids)| format!("{} {}: {}", ids.len(), kind.name(), labels::list(ids))).collect();
    labelled("verdict", &parts, style).replacen(kind.name(), &style.paint(kind.name(), paint(kind)), 1)
}

impl<C: Controller> Report<C> {
    /// For a test: expects that every claim is proved. The premise of every claim of your own must be met in some
    /// state, unless the check calls [`allow_unmet_premise`](crate::Check::allow_unmet_premise). A standard claim may
    /// pass with an unmet premise, and then the report says so.
    ///
    /// # Panics
    /// If this is not so. The message is the report.
    #[track_caller]
    pub fn expect_proved(&self) {
        assert!(
            self.verdict() == VerdictKind::Proved,
            "not every claim is proved\n\n{}",
            report(self, Style::default())
        );
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

    /// For a test: expects that this claim is refuted.
    ///
    /// # Panics
    /// If it is not, or was not judged. The message is the report.
    #[track_caller]
    pub fn expect_refuted(&self, id: &str) {
        let refuted =
            |judgement: &Judgement<C>| judgement.claim.id == id && judgement.verdict.kind() == VerdictKind::Refuted;
        assert!(
            self.claims.iter().any(refuted),
            "{} is not refuted\n\n{}",
            escaped(id),
            report(self, Style::default())
        );
    }
}
