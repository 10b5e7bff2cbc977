//! Whether the claims of a check, or of a suite, kill mutants of the controller.

use super::NoAnswer;
use super::coverage::{Coverage, InputKind};
use super::mutant::{Flaw, Mutant};
use super::subject::Subject;
use super::suite::Suite;
use crate::claims::{Claim, Scope, State};
use crate::core::{ActorId, Controller, Kind, Phase};
use crate::explore::report::{Check, Report};
use crate::explore::trace::Trace;
use crate::explore::verdict::VerdictKind;
use crate::model::{Model, World};
use crate::scenario::Setup;
use crate::schedule::Schedule;

/// The fate of each mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teeth {
    /// The names of the scenarios.
    pub scenarios: Vec<String>,
    /// Each flaw, and the fate of the mutant that has it.
    pub mutants: Vec<(Flaw, Fate)>,
}

/// What happened to a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// A check found that something is wrong with it.
    Killed {
        /// In which scenario.
        scenario: String,
        /// What killed it.
        by: Killer,
    },
    /// It behaves differently from the controller, but this breaks no claim.
    Survived(Difference),
    /// It behaves the same as the controller in every state of every scenario.
    Same,
    /// The search of this scenario was cut short.
    CutShort {
        /// Which scenario.
        scenario: String,
    },
}

/// What kills a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Killer {
    /// A claim, and the schedule that breaks it. No schedule if the claim asks for a state that none reaches.
    Claim(String, Option<String>),
    /// The witness of this name: it fails.
    Witness(String),
    /// It breaks the contract of a controller.
    Contract,
}

/// The shortest schedule after which a mutant differs from its controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// In which scenario.
    pub scenario: String,
    /// The schedule.
    pub schedule: String,
    /// The phase of the controller after it.
    pub sound: Phase,
    /// The phase of the mutant after it.
    pub mutant: Phase,
}

impl Teeth {
    /// The mutants that survived, and those whose search was cut short. A mutant that survived shows that the claims
    /// test too little.
    pub fn survivors(&self) -> impl Iterator<Item = &(Flaw, Fate)> {
        self.mutants.iter().filter(|(_, fate)| matches!(fate, Fate::Survived(_) | Fate::CutShort { .. }))
    }
}

impl<C: Controller + Send + Sync> Check<'_, C> {
    /// Tests the claims with mutants of the controller. Each mutant has one flaw: it forgets a task, drops the first
    /// input of some kind, takes an input twice, answers late, or comes up one notice early. Each must break a claim,
    /// the witness or the contract, unless it behaves the same as the controller in this scenario.
    ///
    /// ```
    /// use startup_race::gate::{Fate, Flaw, InputKind};
    /// use startup_race::{Rules, Scenario, Setup, check};
    ///
    /// let setup = Setup::of(Scenario::new(Rules::named("seed/fixed").unwrap(), 2)?.failing(&[2])?);
    /// let teeth = check(setup).teeth()?;
    /// let (_, fate) = teeth.mutants.iter().find(|(flaw, _)| *flaw == Flaw::DropsFirst(InputKind::Failed)).unwrap();
    /// assert!(matches!(fate, Fate::Killed { .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the check itself does not pass: see [`NoAnswer`].
    pub fn teeth(self) -> Result<Teeth, NoAnswer> {
        of(&[Subject::of("the scenario", &self)])
    }
}

impl<C: Controller + Send + Sync> Suite<C> {
    /// Like [`Check::teeth`], for all scenarios together: each mutant must be killed in one of them, or behave the same
    /// in all of them.
    ///
    /// # Errors
    /// The same as for [`Check::teeth`].
    pub fn teeth(&self) -> Result<Teeth, NoAnswer> {
        of(&self.subjects())
    }
}

fn of<C: Controller + Send + Sync>(subjects: &[Subject<C>]) -> Result<Teeth, NoAnswer> {
    let mut coverage = Coverage::default();
    for subject in subjects {
        let (report, space) = subject.explored()?;
        if report.verdict() != VerdictKind::Proved {
            return Err(NoAnswer::NotProved(subject.name.clone()));
        }
        coverage.add(&subject.setup, &space);
    }
    let tasks = subjects.iter().map(|subject| subject.setup.model.tasks()).max().unwrap_or(0);
    let mutants = flaws(tasks, &coverage.inputs).into_iter().map(|flaw| (flaw, fate(subjects, flaw))).collect();
    Ok(Teeth { scenarios: subjects.iter().map(|subject| subject.name.clone()).collect(), mutants })
}

/// The flaws that scenarios with this many tasks and these inputs can show.
fn flaws(tasks: u8, inputs: &[InputKind]) -> Vec<Flaw> {
    let counted = |kind: &&InputKind| matches!(kind, InputKind::Started | InputKind::Own(_));
    let others = |kind: &&InputKind| {
        matches!(kind, InputKind::Failed | InputKind::Finished | InputKind::Own(_) | InputKind::Stop)
    };
    let mut flaws: Vec<Flaw> = (1..=tasks).map(|task| Flaw::ForgetsTask(ActorId(task))).collect();
    flaws.extend(inputs.iter().filter(others).map(|&kind| Flaw::DropsFirst(kind)));
    flaws.extend(inputs.iter().filter(counted).map(|&kind| Flaw::CountsTwice(kind)));
    flaws.extend(inputs.iter().filter(others).map(|&kind| Flaw::AnswersLate(kind)));
    flaws.push(Flaw::UpOneEarly);
    flaws
}

/// The fate of a mutant. It comes from the first scenario that kills the mutant. If there is none, it comes from the
/// first scenario whose search was cut short; if there is none of these either, from the first in which the mutant
/// differs.
fn fate<C: Controller + Send + Sync>(subjects: &[Subject<C>], flaw: Flaw) -> Fate {
    let fates: Vec<Fate> = subjects.iter().map(|subject| fate_in(subject, flaw)).collect();
    let first = |wanted: fn(&&Fate) -> bool| fates.iter().find(wanted).cloned();
    first(|fate| matches!(fate, Fate::Killed { .. }))
        .or_else(|| first(|fate| matches!(fate, Fate::CutShort { .. })))
        .or_else(|| first(|fate| matches!(fate, Fate::Survived(_))))
        .unwrap_or(Fate::Same)
}

fn fate_in<C: Controller + Send + Sync>(subject: &Subject<C>, flaw: Flaw) -> Fate {
    let scenario = subject.name.clone();
    let setup = mutated(&subject.setup, flaw);
    let sound_model = subject.setup.model.clone();
    let mut claims: Vec<_> = subject.claims.iter().map(|claim| of_inner(claim, &sound_model)).collect();
    claims.push(Claim::reachable(TOLD_APART, "the mutant behaves otherwise", |state: &State<'_, Mutant<C>>| {
        state.controller().sound.is_none()
    }));
    let check = Check::new(setup).claims(claims).witness(of_inner(&subject.witness, &sound_model));
    match check.limits(subject.limits.clone()).run() {
        Ok(report) => judge(subject, &report),
        Err(_) => Fate::Killed { scenario, by: Killer::Contract },
    }
}

/// The claim that finds the first state in which a mutant differs from its controller.
const TOLD_APART: &str = "told-apart";

fn judge<C: Controller>(subject: &Subject<C>, report: &Report<Mutant<C>>) -> Fate {
    let scenario = subject.name.clone();
    // The last claim is the one that was added.
    let (judged, told_apart) = report.claims.split_at(report.claims.len() - 1);
    let of_kind = |kind| judged.iter().find(|judgement| judgement.verdict.kind() == kind);
    if let Some(broken) = of_kind(VerdictKind::Refuted) {
        let schedule = broken.trace.as_ref().map(|trace| text(&subject.setup, &trace.schedule));
        let by = Killer::Claim(broken.claim.id.to_string(), schedule);
        return Fate::Killed { scenario, by };
    }
    if of_kind(VerdictKind::Vacuous).is_some() {
        return Fate::Killed { scenario, by: Killer::Witness(subject.witness.id.to_string()) };
    }
    match &told_apart[0].trace {
        _ if of_kind(VerdictKind::CutShort).is_some() || !report.complete => Fate::CutShort { scenario },
        None => Fate::Same,
        Some(trace) => {
            let sound = sound_phase(&subject.setup, &trace.schedule).unwrap_or_else(|| trace.last().phase());
            let schedule = text(&subject.setup, &trace.schedule);
            Fate::Survived(Difference { scenario, schedule, sound, mutant: trace.last().phase() })
        }
    }
}

fn text<C: Controller>(setup: &Setup<C>, schedule: &Schedule) -> String {
    schedule.text(setup.model.inboxes())
}

/// The phase of the unchanged controller after a schedule of its mutant. The two do the same up to the last step.
fn sound_phase<C: Controller>(setup: &Setup<C>, schedule: &Schedule) -> Option<Phase> {
    Trace::of(setup, schedule).ok().map(|trace| trace.last().phase())
}

/// The same setup with a mutant instead of its controller.
fn mutated<C: Controller>(setup: &Setup<C>, flaw: Flaw) -> Setup<Mutant<C>> {
    let model = setup.model.clone();
    let own = model.kinds.iter().copied().filter(|kind| matches!(kind, Kind::Started | Kind::Own(_)));
    let controller = Mutant::new(model.controller, flaw, own.collect());
    Setup {
        scenario: setup.scenario.clone(),
        model: Model {
            controller,
            run: model.run,
            actors: model.actors,
            tasks: model.tasks,
            barriers: model.barriers,
            kinds: model.kinds,
            has_commands: model.has_commands,
            has_calls: model.has_calls,
        },
    }
}

/// A claim about the controller, as a claim about its mutant.
fn of_inner<C: Controller + Send + Sync>(claim: &Claim<C>, model: &Model<C>) -> Claim<Mutant<C>> {
    let (premise, conclusion) = ((claim.clone(), model.clone()), (claim.clone(), model.clone()));
    let (id, statement, scope) = (claim.id.clone(), claim.statement.clone(), claim.scope);
    let applies = move |state: &State<'_, Mutant<C>>| premise.0.applies(&premise.1, &inner(&premise.1, state.world));
    if scope == Scope::Reachable {
        return Claim::reachable(id, statement, applies);
    }
    Claim::new(id, statement, scope, applies, move |state: &State<'_, Mutant<C>>| {
        conclusion.0.holds(&conclusion.1, &inner(&conclusion.1, state.world))
    })
}

/// The state with the inner controller of the mutant.
fn inner<C: Controller>(model: &Model<C>, world: &World<Mutant<C>>) -> World<C> {
    let mut inner = model.start();
    inner.driver.controller.clone_from(&world.driver.controller.inner);
    inner.driver.attempt = world.driver.attempt;
    inner.attempts.clone_from(&world.attempts);
    inner.inboxes.clone_from(&world.inboxes);
    inner.commands.clone_from(&world.commands);
    let World { stop_asked, duplicates_left, losses_left, crashes_left, .. } = *world;
    World { stop_asked, duplicates_left, losses_left, crashes_left, ..inner }
}
