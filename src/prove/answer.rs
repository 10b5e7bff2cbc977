//! The answer for every number of tasks. It combines the abstract search, its witness, and, for refuted claims,
//! schedules of the model.

use super::invariant::{Conjunct, invariant};
use super::local::{Control, Local};
use super::no_certificate::NoCertificate;
use super::parametric::Parametric;
use super::scenarios::scenarios;
use super::search::{Exhausted, Label, Search, Stopped, Workers};
use super::small::{Make, NotCovered};
use super::table::Table;
use crate::claims::{Claim, can_run};
use crate::core::Fault;
use crate::explore::limits::{Limit, Limits};
use crate::explore::report::{Broken, Check, Report};
use crate::scenario::{Rules, Scenario, Setup};

/// A schedule of the model is searched for with up to this many tasks.
pub const MOST_TASKS: u8 = 4;

/// When the searches for a schedule that breaks a claim have visited more states than this, no further scenario is
/// searched for that claim. A proof does not depend on these searches.
const MOST_STATES: u64 = 300_000;

/// What should be proved for every number of tasks.
pub struct Question<'a, C> {
    /// The named protocol that the rules start from, so that a report can say how to replay a schedule.
    pub protocol: Option<String>,
    /// The knobs.
    pub rules: Rules,
    /// The workers that the tasks run on.
    pub workers: Workers,
    /// The faults that any task may have, in any attempt.
    pub fates: Vec<Fault>,
    /// The claims. All of them must be the protocol's own.
    pub claims: Vec<Claim<C>>,
    /// Makes the model of a scenario.
    pub make: Make<'a, C>,
    /// The limits of the request.
    pub limits: Limits,
}

/// The result of a proof.
pub struct Proof<'a, C> {
    /// The abstract states, and everything that was computed from the model.
    pub search: Search<'a, C>,
    /// The limit that ended the search early, if one did.
    pub cut: Option<Limit>,
    /// The result for each claim.
    pub claims: Vec<Judged<C>>,
}

/// The result for one claim.
#[derive(Clone)]
pub struct Judged<C> {
    /// The claim.
    pub claim: Claim<C>,
    /// The answer.
    pub answer: Answer<C>,
    /// Whether some state that is judged meets the premise. `None` if the search was cut short before it found such a
    /// state.
    pub premise_met: Option<bool>,
}

/// An answer. `Proved` needs an [`Exhausted`] search.
#[derive(Clone)]
pub enum Answer<C> {
    /// The claim holds for every number of tasks and every set of faults, and the pipeline can run.
    Proved(Exhausted),
    /// A schedule of the model breaks the claim. The report judges only this claim, with the smallest number of tasks
    /// for which a schedule was found.
    Refuted(Box<Report<C>>),
    /// No abstract state breaks the claim, but without faults a pipeline with this many tasks does not always run.
    Vacuous(u8),
    /// An abstract state breaks the claim (or the witness), but no schedule of the model was found that does.
    Unknown(Vec<AbstractStep<C>>),
    /// A limit ended the search of the claim or of its witness.
    CutShort(Limit),
}

/// A step of an abstract counterexample, and the state after it.
#[derive(Debug, Clone)]
pub struct AbstractStep<C> {
    /// The step, with the local states of the task before and after it. `None` at the start.
    pub cause: Option<(Label, Option<(Local, Local)>)>,
    /// The control.
    pub control: Control<C>,
    /// The local states that a task is in.
    pub locals: Vec<Local>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// The abstraction does not cover the question.
    NotCovered(NotCovered),
    /// A controller or a claim broke its contract.
    Broken(Box<Broken>),
}

impl From<NotCovered> for NoAnswer {
    fn from(why: NotCovered) -> Self {
        Self::NotCovered(why)
    }
}

impl From<Broken> for NoAnswer {
    fn from(broken: Broken) -> Self {
        Self::Broken(Box::new(broken))
    }
}

/// Whether the pipeline can run without a fault.
enum Witness<C> {
    Holds(Exhausted),
    Cut(Limit),
    Fails(Vec<AbstractStep<C>>),
}

impl<'a, C: Parametric> Question<'a, C> {
    /// Computes the answer for every number of tasks.
    ///
    /// # Errors
    /// If the question is not covered, or if the controller or a claim breaks its contract.
    pub fn answer(&self) -> Result<Proof<'a, C>, NoAnswer> {
        if let Some(own) = self.claims.iter().find(|claim| !claim.is_symmetric()) {
            return Err(NotCovered::OwnClaim(own.id.to_string()).into());
        }
        let (search, cut) = self.explore(&self.fates, self.make)?;
        let mut proof = Proof { search, cut, claims: Vec::new() };
        let witness = self.witness()?;
        for claim in &self.claims {
            let (broken, met) = proof.search.judge(claim);
            let premise_met = (met > 0 || cut.is_none()).then_some(met > 0);
            let answer = match (broken, proof.search.exhausted()) {
                (Some(index), _) => self.refute(claim, proof.search.path(index))?,
                (None, None) => Answer::CutShort(cut.unwrap_or(Limit::States)),
                (None, Some(exhausted)) => self.proved(exhausted, &witness)?,
            };
            proof.claims.push(Judged { claim: claim.clone(), answer, premise_met });
        }
        Ok(proof)
    }

    fn explore<'b>(&self, fates: &[Fault], make: Make<'b, C>) -> Result<(Search<'b, C>, Option<Limit>), NotCovered> {
        let mut search = Search::new(self.rules, self.workers, fates, make)?;
        match search.explore(&self.limits) {
            Ok(_) => Ok((search, None)),
            Err(Stopped::Limit(limit)) => Ok((search, Some(limit))),
            Err(Stopped::NotCovered(why)) => Err(why),
        }
    }

    /// The witness: without any fault, there must be an end, and every end must be Running with every task in `run`.
    fn witness(&self) -> Result<Witness<C>, NotCovered> {
        let healthy = |scenario: &Scenario| (self.make)(scenario).without_faults();
        let (mut search, cut) = self.explore(&[], &healthy)?;
        let (broken, met) = search.judge(&can_run());
        Ok(match (broken, search.exhausted()) {
            (Some(index), _) => Witness::Fails(search.path(index)),
            (None, Some(exhausted)) if met > 0 => Witness::Holds(exhausted),
            (None, Some(_)) => Witness::Fails(Vec::new()),
            (None, None) => Witness::Cut(cut.unwrap_or(Limit::States)),
        })
    }

    /// The answer for a claim that no abstract state breaks. It is proved if the pipeline can run.
    fn proved(&self, exhausted: Exhausted, witness: &Witness<C>) -> Result<Answer<C>, Broken> {
        match witness {
            Witness::Holds(_) => Ok(Answer::Proved(exhausted)),
            Witness::Cut(limit) => Ok(Answer::CutShort(*limit)),
            Witness::Fails(path) => {
                let healthy = |tasks: u8| scenarios(self.rules, self.workers, &[], tasks).into_iter().next();
                for tasks in 1..=MOST_TASKS {
                    let Some(scenario) = healthy(tasks) else { break };
                    let report = self.check((self.make)(&scenario), Vec::new())?;
                    if !report.witness.holds && report.witness.complete.is_some() {
                        return Ok(Answer::Vacuous(tasks));
                    }
                }
                Ok(Answer::Unknown(path.clone()))
            }
        }
    }

    /// Looks for a schedule of the model that breaks the claim, with the smallest number of tasks.
    fn refute(&self, claim: &Claim<C>, path: Vec<AbstractStep<C>>) -> Result<Answer<C>, Broken> {
        let mut states = 0;
        for tasks in 1..=MOST_TASKS {
            for scenario in scenarios(self.rules, self.workers, &self.fates, tasks) {
                let report = self.check((self.make)(&scenario), vec![claim.clone()])?;
                if report.claims.iter().any(|judgement| judgement.trace.is_some()) {
                    return Ok(Answer::Refuted(Box::new(report)));
                }
                states += u64::try_from(&report.states).unwrap_or(MOST_STATES);
                if states > MOST_STATES || self.limits.check().is_err() {
                    return Ok(Answer::Unknown(path));
                }
            }
        }
        Ok(Answer::Unknown(path))
    }

    fn check(&self, setup: Setup<C>, claims: Vec<Claim<C>>) -> Result<Report<C>, Broken> {
        let check = Check::new(setup).claims(claims).limits(self.limits.clone());
        self.protocol.iter().fold(check, |check, name| check.protocol(name)).run()
    }
}

impl<C: Parametric> Search<'_, C> {
    /// The path by which a state was first found, from the start.
    pub fn path(&self, index: u32) -> Vec<AbstractStep<C>> {
        let (mut path, mut at) = (Vec::new(), Some(index));
        while let Some(index) = at {
            let state = self.states[index as usize];
            let met = self.met[index as usize];
            path.push(AbstractStep {
                cause: met.map(|(_, label)| (label, self.between(label))),
                control: self.controls[usize::from(state.control)].clone(),
                locals: state.locals.iter().map(|id| self.locals[usize::from(id)].clone()).collect(),
            });
            at = met.map(|(from, _)| from);
        }
        path.reverse();
        path
    }

    fn between(&self, label: Label) -> Option<(Local, Local)> {
        let local = |id: u16| self.locals[usize::from(id)].clone();
        match label {
            Label::Step(from, to) | Label::Deliver(_, from, to) => Some((local(from), local(to))),
            Label::Input(_) => None,
        }
    }
}

impl<C> Answer<C> {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Proved(_) => "PROVED",
            Self::Refuted(_) => "REFUTED",
            Self::Vacuous(_) => "VACUOUS",
            Self::Unknown(_) => "UNKNOWN",
            Self::CutShort(_) => "CUT SHORT",
        }
    }

    /// The exit code of a request whose worst answer this is.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Proved(_) => 0,
            Self::Refuted(_) => 1,
            Self::Vacuous(_) => 4,
            Self::Unknown(_) | Self::CutShort(_) => 3,
        }
    }
}

impl<C: Parametric> Proof<'_, C> {
    /// The content of a certificate: the tables of the protocol, and an invariant that implies the claims. Every claim
    /// must be proved.
    ///
    /// # Errors
    /// If a claim is not proved, or a certificate does not cover the question.
    pub fn certify(&mut self) -> Result<(Table<C>, Vec<Conjunct>), NoCertificate> {
        let is_proved = |judged: &&Judged<C>| matches!(judged.answer, Answer::Proved(_));
        if let Some(judged) = self.claims.iter().find(|judged| !is_proved(judged)) {
            return Err(NoCertificate::NotProved(judged.claim.id.to_string()));
        }
        let claims: Vec<Claim<C>> = self.claims.iter().map(|judged| judged.claim.clone()).collect();
        let table = Table::read(&mut self.search, &claims)?;
        let conjuncts = invariant(&table, &self.search)?;
        Ok((table, conjuncts))
    }
}

impl<C> Proof<'_, C> {
    /// The exit code: the first of 1, 3 and 4 that applies to a claim, or 0 if every claim is proved. If there is no
    /// claim, nothing is proved: the exit code is then 4.
    pub fn exit_code(&self) -> u8 {
        let codes: Vec<u8> = self.claims.iter().map(|judged| judged.answer.exit_code()).collect();
        let has = |code: &u8| codes.contains(code);
        let proved = if codes.is_empty() { 4 } else { 0 };
        [1, 3, 4].into_iter().find(has).unwrap_or(proved)
    }

    /// The claims that were never tested, because no abstract state meets their premise.
    pub fn unmet(&self) -> Vec<&str> {
        let unmet = self.claims.iter().filter(|judged| judged.premise_met == Some(false));
        unmet.map(|judged| judged.claim.id.as_ref()).collect()
    }
}
