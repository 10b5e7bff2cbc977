//! If every order of the steps breaks a claim: which change of a single knob fixes it.
//!
//! Only the built-in controller obeys every knob, so only its scenarios are tried. Knobs that take a number are not
//! changed.

use std::any::Any;
use std::ops::ControlFlow;

use crate::claims::{Claim, Scope, can_run};
use crate::core::{Controller, PipelineController};
use crate::explore::engine::{self, Answer, Complete, Request};
use crate::explore::limits::{Limit, Limits};
use crate::explore::orbits::{Symmetry, SymmetryOf};
use crate::explore::report::Report;
use crate::explore::verdict::{Verdict, VerdictKind, Witness};
use crate::model::Model;
use crate::scenario::knobs::KNOBS;
use crate::scenario::{Rules, Setup};

/// How many states each search for a fix may store.
pub const MAX_STATES: usize = 20_000;

/// How much effort all searches of one [`Bench`] may use.
const EFFORT: u64 = 1 << 27;

/// A knob that fixes a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    /// Which knob.
    pub knob: &'static str,
    /// The value that fixes it.
    pub value: String,
    /// The claims of the protocol that this change breaks.
    pub breaks: Vec<String>,
}

/// What was tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fixes {
    /// The changes that fix the claim.
    pub found: Vec<Mend>,
    /// The changes (knob and value) whose effect is not known, because their searches reached a limit.
    pub unknown: Vec<(&'static str, String)>,
    /// The limit of the request that ended the attempts at a fix, if one did.
    pub cut: Option<Limit>,
}

/// The attempts at a fix for a report. Each is made once for all claims of the report that treat tasks alike, and once
/// for its other claims, which must be searched without interchanging tasks.
#[derive(Default)]
pub(super) struct Tries {
    alike: Option<Tried>,
    others: Option<Tried>,
}

/// For every knob and each of its other values, the result of a search.
struct Tried {
    /// The claims of the protocol that are refuted without a change. Empty if no fix needs them.
    before: Vec<String>,
    tries: Vec<(&'static str, String, Option<Found>)>,
}

/// What a search under some rules found.
struct Found {
    /// The verdict on each claim of the [`Bench`].
    verdicts: Vec<VerdictKind>,
    /// The claims of the protocol that are refuted under these rules.
    refuted: Vec<String>,
    cut: Option<Limit>,
}

type OwnClaim = Claim<PipelineController>;

/// The knobs that fix a claim of a report. `None` for a user's own controller, model or startup sequence, and for a
/// claim that asks for a state. All claims of the protocol are judged again, even if the report judges only some of
/// them.
pub(super) fn mends<C: Controller>(report: &Report<C>, claim: &Claim<C>, tries: &mut Tries) -> Option<Fixes> {
    let is_tried = |other: &&Claim<C>| other.is_symmetric() == claim.is_symmetric() && other.scope != Scope::Reachable;
    let claims: Vec<Claim<C>> =
        report.claims.iter().map(|judgement| &judgement.claim).filter(is_tried).cloned().collect();
    let index = claims.iter().position(|other| other.id == claim.id)?;
    let any: &dyn Any = &(report.setup.clone(), claims);
    let (setup, claims) = any.downcast_ref::<(Setup<PipelineController>, Vec<OwnClaim>)>()?;
    if *setup != Setup::of(setup.scenario.clone()) {
        return None;
    }
    let slot = if claim.is_symmetric() { &mut tries.alike } else { &mut tries.others };
    Some(slot.get_or_insert_with(|| Bench::of(report, setup, claims).tried()).fixes(index))
}

impl Tried {
    /// What fixes one of the claims.
    fn fixes(&self, claim: usize) -> Fixes {
        let mut fixes = Fixes::default();
        for (knob, value, found) in &self.tries {
            let Some(Found { verdicts, refuted, cut }) = found else { continue };
            match verdicts[claim] {
                VerdictKind::Proved => {
                    let breaks = refuted.iter().filter(|id| !self.before.contains(id)).cloned().collect();
                    fixes.found.push(Mend { knob, value: value.clone(), breaks });
                }
                VerdictKind::CutShort => {
                    fixes.unknown.push((knob, value.clone()));
                    fixes.cut = fixes.cut.or(cut.filter(|cut| matches!(cut, Limit::Interrupted | Limit::Memory)));
                }
                VerdictKind::Refuted | VerdictKind::Vacuous => {}
            }
        }
        fixes
    }
}

/// Tries the knobs of a scenario.
struct Bench<'a> {
    setup: &'a Setup<PipelineController>,
    claims: &'a [OwnClaim],
    limits: Limits,
    /// The claims of the protocol that the report refutes. `None` if it judges only some of them.
    before: Option<Vec<String>>,
    /// The witness of the report, if it is the protocol's own.
    witness: Option<Witness>,
    /// The models that were searched.
    known: Vec<(Model<PipelineController>, Option<Searched>)>,
}

impl<'a> Bench<'a> {
    fn of<C: Controller>(report: &Report<C>, setup: &'a Setup<PipelineController>, claims: &'a [OwnClaim]) -> Self {
        let judged = |claim: &OwnClaim| {
            let judgement = report.claims.iter().find(|judgement| is_the_same(&judgement.claim, claim))?;
            Some((claim.id.to_string(), judgement.verdict.kind()))
        };
        let judged: Option<Vec<(String, VerdictKind)>> = setup.standard_claims().iter().map(judged).collect();
        let refuted = |(id, kind)| (kind == VerdictKind::Refuted).then_some(id);
        Self {
            setup,
            claims,
            limits: report.limits.of_a_part(MAX_STATES, EFFORT),
            before: judged.map(|judged| judged.into_iter().filter_map(refuted).collect()),
            witness: Some(report.witness).filter(|_| report.witness_claim.is_symmetric()),
            known: Vec::new(),
        }
    }

    fn tried(mut self) -> Tried {
        let rules = *self.setup.scenario.rules();
        // A knob that changes nothing in this scenario fixes nothing.
        let base = self.setup.model.clone();
        let changes = |rules: Rules| self.setup.scenario.under(rules).is_ok_and(|other| other.model() != base);
        let turned: Vec<_> = turns(rules).into_iter().filter(|(.., turned)| changes(*turned)).collect();
        let tries = turned.into_iter().map(|(knob, value, turned)| (knob, value, self.found(turned)));
        let tries: Vec<_> = tries.collect();
        let breaks = |found: &Found| found.verdicts.contains(&VerdictKind::Proved) && !found.refuted.is_empty();
        let is_asked = tries.iter().any(|(.., found)| found.as_ref().is_some_and(breaks));
        let before = match self.before.take() {
            None if is_asked => self.found(rules).map(|found| found.refuted),
            known => known,
        };
        Tried { before: before.unwrap_or_default(), tries }
    }

    /// The verdicts on the claims under these rules, and the claims of the protocol that are refuted then. `None` if
    /// the rules make no valid scenario, or if a search has no answer.
    fn found(&mut self, rules: Rules) -> Option<Found> {
        let setup = Setup::of(self.setup.scenario.under(rules).ok()?);
        let Searched { broken, refuted, complete, cut, .. } = self.searched(&setup)?;
        let witness = self.witness(&setup)?;
        let verdicts = broken.iter().map(|&broken| Verdict::judge(broken, complete, witness).kind()).collect();
        Some(Found { verdicts, refuted, cut: cut.or(witness.cut) })
    }

    /// The witness of a setup. Setups that do not differ without faults share one.
    fn witness(&mut self, setup: &Setup<PipelineController>) -> Option<Witness> {
        let healthy = setup.without_faults();
        match self.witness.filter(|_| healthy.model == self.setup.without_faults().model) {
            Some(known) => Some(known),
            None => self.searched(&healthy)?.witness,
        }
    }

    /// The result of a search of a setup. Two knobs may lead to the same model, which is searched once.
    fn searched(&mut self, setup: &Setup<PipelineController>) -> Option<Searched> {
        if let Some((_, known)) = self.known.iter().find(|(other, _)| *other == setup.model) {
            return known.clone();
        }
        let searched = self.search(setup);
        self.known.push((setup.model.clone(), searched.clone()));
        searched
    }

    fn search(&self, setup: &Setup<PipelineController>) -> Option<Searched> {
        let (standard, is_healthy) = (setup.standard_claims(), setup.without_faults().model == setup.model);
        let mut claims = self.claims.to_vec();
        claims.extend(standard.iter().filter(|claim| !self.claims.iter().any(|own| is_the_same(own, claim))).cloned());
        claims.extend(is_healthy.then(can_run));
        let answer = explored(setup, &claims, &self.limits)?;
        let broken = || answer.claims.iter().map(|outcome| outcome.broken);
        let is_refuted =
            |claim: &&OwnClaim| claims.iter().zip(broken()).any(|(other, broken)| broken && is_the_same(other, claim));
        Some(Searched {
            broken: broken().take(self.claims.len()).collect(),
            refuted: standard.iter().filter(is_refuted).map(|claim| claim.id.to_string()).collect(),
            complete: answer.complete(),
            cut: answer.cut,
            witness: is_healthy.then(|| Witness::of(&answer, claims.len() - 1, &claims[claims.len() - 1])),
        })
    }
}

/// What a search of a scenario found.
#[derive(Clone)]
struct Searched {
    /// For each claim of the [`Bench`], whether it is broken.
    broken: Vec<bool>,
    /// The claims of the protocol that are refuted.
    refuted: Vec<String>,
    complete: Option<Complete>,
    cut: Option<Limit>,
    /// The witness, if the scenario has no faults.
    witness: Option<Witness>,
}

/// Whether a claim is this claim of the protocol, and is about every task.
fn is_the_same<C: Controller>(claim: &Claim<C>, standard: &OwnClaim) -> bool {
    claim.is_standard() && claim.is_symmetric() && claim.id == standard.id
}

/// Every knob with each of its other values. A knob that takes a number is left out. (Fewer duplicates would fix
/// nothing: if every schedule breaks a claim, so do those that repeat no delivery.)
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

/// Whether a knob is tried. A stop, or the restart of one task, is removed but never added. A knob about a stop or a
/// crash is tried only if there can be one.
fn has_a_say(knob: &str, rules: &Rules) -> bool {
    match knob {
        "stop" | "stop-while-scheduling" | "failed-while-stopping" => rules.run.stop,
        "recovery" => rules.run.crashes > 0,
        "restart" => rules.controller.restart_one,
        _ => true,
    }
}

/// Explores every state, and computes only what a verdict needs.
fn explored(
    setup: &Setup<PipelineController>,
    claims: &[Claim<PipelineController>],
    limits: &Limits,
) -> Option<Answer> {
    let alike = claims.iter().all(|claim| claim.is_symmetric());
    let symmetry: Option<SymmetryOf<PipelineController>> = if alike { Some(Symmetry::of) } else { None };
    let request = Request {
        model: &setup.model,
        claims,
        symmetry,
        numbers: false,
        schedules: false,
        limits,
        jobs: 1,
        spill: None,
    };
    engine::explore(&request, &mut |_, _| ControlFlow::Continue(())).ok()
}
