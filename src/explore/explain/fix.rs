//! Where every order breaks a claim: which knob, turned alone, mends it.
//!
//! Only the pipeline's own controller obeys every knob, so only its scenarios are tried. A numeric knob is not turned,
//! but for duplicates, which are taken away.

use std::any::Any;

use num_bigint::BigUint;

use crate::claims::{Claim, can_run};
use crate::core::{Controller, PipelineController};
use crate::explore::limits::{Limit, Limits};
use crate::explore::orbits::Symmetry;
use crate::explore::report::Report;
use crate::explore::search::Graph;
use crate::explore::verdict::{Kind, Verdict, Witness};
use crate::scenario::knobs::KNOBS;
use crate::scenario::{Rules, Scenario, Setup};

/// How many states each try may store.
pub const MAX_STATES: usize = 20_000;

/// How much effort all tries of a claim may take.
const EFFORT: u64 = 1 << 27;

/// A knob that mends a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    /// Which knob.
    pub knob: &'static str,
    /// Turned to which value.
    pub value: String,
    /// The claims that it breaks instead.
    pub breaks: Vec<String>,
}

/// What was tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fixes {
    /// What mends the claim.
    pub found: Vec<Mend>,
    /// What is not known, knob and value: these searches reached a limit.
    pub unknown: Vec<(&'static str, String)>,
    /// The limit of the request that ended the tries, if one did.
    pub cut: Option<Limit>,
}

/// The knobs that mend a claim of a report; none for a user's own controller or startup sequence. The claims of the
/// protocol are all judged anew, whichever the report judges.
pub fn mends<C: Controller>(report: &Report<C>, claim: &Claim<C>) -> Option<Fixes> {
    let any: &dyn Any = &(report.setup.clone(), claim.clone());
    let (setup, claim) = any.downcast_ref::<(Setup<PipelineController>, Claim<PipelineController>)>()?;
    if *setup != Setup::of(setup.scenario.clone()) {
        return None;
    }
    let rules = *setup.scenario.rules();
    let limits = report.limits.of_a_part(MAX_STATES, EFFORT);
    let before = refuted(&setup.scenario, rules, claim, &limits)?;
    let mut mends = Fixes::default();
    for (knob, value, turned) in turns(rules) {
        match refuted(&setup.scenario, turned, claim, &limits) {
            Some(Found { verdict: Kind::Proved, refuted, .. }) => {
                let breaks = refuted.into_iter().filter(|id| !before.refuted.contains(id)).collect();
                mends.found.push(Mend { knob, value, breaks });
            }
            Some(Found { verdict: Kind::CutShort, cut, .. }) => {
                mends.unknown.push((knob, value));
                mends.cut = mends.cut.or(cut.filter(|cut| matches!(cut, Limit::Interrupted | Limit::Memory)));
            }
            Some(Found { verdict: Kind::Refuted | Kind::Vacuous, .. }) | None => {}
        }
    }
    Some(mends)
}

/// Every knob at each of its other values. Fewer duplicates are not among them: where every schedule breaks a claim, so do
/// those that repeat no delivery.
fn turns(rules: Rules) -> Vec<(&'static str, String, Rules)> {
    let mut turns = Vec::new();
    for knob in KNOBS.iter().filter(|knob| has_a_say(knob.name, &rules)) {
        for value in knob.values.iter().filter(|value| **value != (knob.get)(&rules)) {
            let mut turned = rules;
            if (knob.set)(&mut turned, value).is_some() {
                turns.push((knob.name, value.to_string(), turned));
            }
        }
    }
    turns
}

/// Whether a knob has a say in what happens: one that only a stop, a crash or a restart of one task obeys has none
/// without it.
fn has_a_say(knob: &str, rules: &Rules) -> bool {
    match knob {
        "stop" | "stop-while-scheduling" | "failed-while-stopping" => rules.run.stop,
        "recovery" => rules.run.crashes > 0,
        "restart" => rules.controller.restart_one,
        _ => true,
    }
}

/// The verdict of a claim under some rules, and the claims of the protocol that are refuted there.
struct Found {
    verdict: Kind,
    refuted: Vec<String>,
    cut: Option<Limit>,
}

fn refuted(scenario: &Scenario, rules: Rules, claim: &Claim<PipelineController>, limits: &Limits) -> Option<Found> {
    let setup = Setup::of(with_rules(scenario, rules)?);
    let claims: Vec<Claim<PipelineController>> = [claim.clone()].into_iter().chain(setup.standard_claims()).collect();
    let graph = explored(&setup, &claims, limits)?;
    let (complete, cut) = (graph.complete(), graph.cut());
    let broken: Vec<bool> = graph.broken.iter().map(|ids| !ids.is_empty()).collect();
    drop(graph);
    let witness = witness(&setup, limits)?;
    let verdict = Verdict::judge(broken[0], complete, witness).kind();
    let refuted = claims.iter().zip(&broken).skip(1).filter(|(_, broken)| **broken);
    let refuted = refuted.map(|(claim, _)| claim.id.to_string()).collect();
    Some(Found { verdict, refuted, cut: cut.or(witness.cut) })
}

fn witness(setup: &Setup<PipelineController>, limits: &Limits) -> Option<Witness> {
    let healthy = Setup::of(setup.scenario.without_faults());
    let graph = explored(&healthy, &[can_run()], limits)?;
    let holds = graph.broken[0].is_empty() && graph.premise_held[0] > BigUint::ZERO;
    Some(Witness { holds, complete: graph.complete(), cut: graph.cut() })
}

/// Every state, and no more than that: what a verdict needs.
fn explored(
    setup: &Setup<PipelineController>,
    claims: &[Claim<PipelineController>],
    limits: &Limits,
) -> Option<Graph<PipelineController>> {
    let alike = claims.iter().all(|claim| claim.is_symmetric());
    let symmetry = alike.then(|| Symmetry::of(&setup.model));
    Graph::explore(setup, &setup.model.start(), claims, symmetry, limits).ok()
}

/// The same tasks under other rules.
fn with_rules(scenario: &Scenario, rules: Rules) -> Option<Scenario> {
    let tasks = scenario.tasks();
    let mut other = Scenario::new(rules, u8::try_from(tasks.len()).ok()?).ok()?;
    other = other.with_names(&tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>()).ok()?;
    other = other.on_workers(&tasks.iter().map(|task| task.worker.0).collect::<Vec<_>>()).ok()?;
    for id in scenario.ids() {
        for (attempt, fault) in (1..=u8::MAX).zip(&scenario.task(id).faults) {
            if let Some(fault) = *fault {
                other = other.with_fault(fault, id.0, &[attempt]).ok()?;
            }
        }
    }
    Some(other)
}
