//! A check: the search of a setup, the search of its witness, and a judgement of every claim.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;

use num_bigint::BigUint;

use super::contract::Violation;
use super::engine::spill::Disk;
use super::engine::{self, Complete, NoAnswer, OnProgress, Request};
use super::explain::{Explanation, Told, explain_all};
use super::found::{Explored, Found};
use super::limits::{Interrupt, Limit, Limits};
use super::orbits::{Symmetric, Symmetry, SymmetryOf};
use super::probability::Measure;
use super::state_space::StateSpace;
use super::trace::Trace;
use super::verdict::{Kind, Verdict, Witness};
use crate::claims::{Claim, Scope, can_run};
use crate::core::Controller;
use crate::scenario::Setup;
use crate::schedule::Schedule;

/// Every state, if these were asked for.
type Kept<C> = Arc<StateSpace<C>>;

/// A check that is about to be made.
#[must_use = "nothing is searched until it runs"]
pub struct Check<'a, C> {
    pub(crate) setup: Setup<C>,
    protocol: Option<String>,
    pub(crate) claims: Vec<Claim<C>>,
    pub(crate) witness: Claim<C>,
    pub(super) allow_unmet_premise: bool,
    symmetry: Option<SymmetryOf<C>>,
    pub(crate) limits: Limits,
    jobs: NonZeroUsize,
    pub(crate) spill: Option<Disk>,
    on_progress: Box<OnProgress<'a>>,
    /// How many states the report may keep, if it is to keep them.
    keep: Option<usize>,
}

/// What a check found.
#[derive(Clone)]
#[non_exhaustive]
pub struct Report<C> {
    /// What was checked.
    pub setup: Setup<C>,
    /// The named protocol that its rules start from; none for a user's own controller.
    pub protocol: Option<String>,
    /// Whether every schedule was explored.
    pub complete: bool,
    /// What ended the search early, or the count of its schedules, if a limit did.
    pub cut: Option<Limit>,
    /// The limits of the request; explanations keep to them too.
    pub limits: Limits,
    /// How many states there are.
    pub states: BigUint,
    /// How many orbits of states were stored.
    pub orbits: usize,
    /// Whether tasks that are alike were interchanged.
    pub reduced: bool,
    /// How many schedules there are; only a complete search knows.
    pub schedules: Option<BigUint>,
    /// Whether the pipeline can start at all.
    pub witness: Witness,
    /// What that means.
    pub witness_claim: Claim<C>,
    /// A schedule without faults that refutes the witness, if one was found.
    pub witness_trace: Option<Trace<C>>,
    /// A judgement of each claim.
    pub claims: Vec<Judgement<C>>,
    /// Every state, if the check was asked to keep them and there were few enough.
    pub space: Option<Arc<StateSpace<C>>>,
    /// Whether a test accepts a claim of its own whose premise is never met.
    pub allow_unmet_premise: bool,
    explanations: OnceLock<Vec<Told<C>>>,
}

/// What a check found of one claim.
#[derive(Clone)]
#[non_exhaustive]
pub struct Judgement<C> {
    /// The claim.
    pub claim: Claim<C>,
    /// The verdict.
    pub verdict: Verdict,
    /// In how many states, or ends, its premise held.
    pub premise_held: BigUint,
    /// The schedules that break it (or that reach the state it asks for), and their probability; only a complete search knows.
    pub share: Option<Measure>,
    /// The counterexample; for a claim that asks for a state, the way there.
    pub trace: Option<Trace<C>>,
}

/// A controller or a claim that broke its contract, and the schedule that led to it. It is no verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The schedule; its last step is the one in which the contract was broken. It is empty if that was before the first.
    pub schedule: Schedule,
    /// How many workers there are, for the schedule's text.
    pub workers: u8,
    /// Whether there is more than one attempt, so that a notice shows its own.
    pub has_attempts: bool,
    /// What was broken.
    pub violation: Violation,
    /// Whether it was the scenario with every fault taken out, that of the witness.
    pub without_faults: bool,
}

impl<'a, C: Controller> Check<'a, C> {
    /// A check of the claims of the protocol.
    pub fn new(setup: Setup<C>) -> Self {
        let on_progress = Box::new(|_, _| ControlFlow::Continue(()));
        Self {
            claims: setup.standard_claims(),
            setup,
            protocol: None,
            witness: can_run(),
            allow_unmet_premise: false,
            symmetry: None,
            limits: Limits::default(),
            jobs: available_parallelism().unwrap_or(NonZeroUsize::MIN),
            spill: None,
            on_progress,
            keep: None,
        }
    }

    /// Names the protocol that the rules start from, so that a report can say how to replay a schedule.
    pub fn protocol(mut self, name: impl Into<String>) -> Self {
        self.protocol = Some(name.into());
        self
    }

    pub(crate) fn protocol_name(&self) -> Option<String> {
        self.protocol.clone()
    }

    /// Judges these claims instead.
    pub fn claims(mut self, claims: Vec<Claim<C>>) -> Self {
        self.claims = claims;
        self
    }

    /// Judges this claim too.
    pub fn claim(mut self, claim: Claim<C>) -> Self {
        self.claims.push(claim);
        self
    }

    /// Interchanges tasks that are alike: the same answers, sooner.
    pub fn symmetric(mut self) -> Self
    where
        C: Symmetric,
    {
        self.symmetry = Some(Symmetry::of);
        self
    }

    /// Keeps to these limits, which several checks of one request can share.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Stores at most so many states; a search that needs more is cut short.
    pub fn max_states(mut self, states: usize) -> Self {
        self.limits = self.limits.max_states(states);
        self
    }

    /// Keeps the states in the report if there are at most this many: for a page, or a game. Tasks that are alike are then not
    /// interchanged.
    pub fn keep_states(mut self, most: usize) -> Self {
        self.keep = Some(most);
        self
    }

    /// Uses at most so many bytes, for the searches and the explanations together; a search that needs more is cut short.
    /// They are counted from the capacities of the explorer's collections: see [`limits`](super::limits).
    pub fn memory(mut self, bytes: usize) -> Self {
        self.limits = self.limits.memory(bytes);
        self
    }

    /// Ends the check when this flag is raised; its search is then cut short.
    pub fn interrupt(mut self, interrupt: Interrupt) -> Self {
        self.limits = self.limits.interrupt(interrupt);
        self
    }

    /// Lets this many threads share the work; without this, as many as there are cores. The report is the same,
    /// whatever their number. A controller and a claim run on the thread of the caller.
    pub fn jobs(mut self, jobs: NonZeroUsize) -> Self {
        self.jobs = jobs;
        self
    }

    /// Lets layers that do not fit in memory go through files in a folder. They have no names, and are gone when the check is.
    ///
    /// # Errors
    /// If no file can be made there.
    #[cfg(feature = "spill")]
    pub fn spill(mut self, folder: &std::path::Path) -> std::io::Result<Self> {
        self.spill = Some(Disk::in_folder(folder)?);
        Ok(self)
    }

    /// Calls this now and then with the number of states stored and the layer; it may end the search, which is then cut short.
    pub fn on_progress(mut self, on_progress: impl FnMut(usize, usize) -> ControlFlow<()> + 'a) -> Self {
        self.on_progress = Box::new(on_progress);
        self
    }

    /// Explores every schedule and judges the claims.
    ///
    /// # Errors
    /// If the controller broke its contract, or a claim panicked.
    #[must_use = "the verdicts are in what it returns"]
    pub fn run(mut self) -> Result<Report<C>, Broken> {
        self.check_tasks()?;
        let setup = self.setup.clone();
        let claims = std::mem::take(&mut self.claims);
        let healthy = setup.without_faults();
        // Without a fault the scenario is that of its witness, and one search tells of both.
        let is_one = healthy.model == setup.model && self.witness.is_symmetric();
        let judged: Vec<Claim<C>> = claims.iter().chain(is_one.then_some(&self.witness)).cloned().collect();
        let (mut explored, space) = self.explore_kept(&setup, &judged)?;
        let own = explored.claims.drain(claims.len()..).next().zip(explored.witness);
        let own = own.map(|(found, witness)| (witness, found.trace));
        let (witness, witness_trace) = own.map_or_else(|| self.judge_witness(&healthy), Ok)?;
        let Explored { complete, cut, states, stored, reduced, all, claims: found, witness: _ } = explored;
        let judge = |(claim, found)| Judgement::of(claim, found, complete, witness);
        Ok(Report {
            complete: complete.is_some(),
            claims: claims.into_iter().zip(found).map(judge).collect(),
            cut,
            limits: self.limits,
            states,
            orbits: stored,
            reduced,
            schedules: all.map(|all| all.schedules),
            witness,
            witness_claim: self.witness,
            witness_trace,
            space,
            explanations: OnceLock::new(),
            allow_unmet_premise: self.allow_unmet_premise,
            protocol: self.protocol,
            setup,
        })
    }

    /// Searches the scenario with every fault taken out.
    fn judge_witness(&mut self, healthy: &Setup<C>) -> Result<(Witness, Option<Trace<C>>), Broken> {
        let claims = [self.witness.clone()];
        let explored = self.explore(healthy, &claims, false);
        let mut explored = explored.map_err(|broken| Broken { without_faults: true, ..broken })?;
        let found = explored.claims.pop().zip(explored.witness);
        Ok(found.map(|(found, witness)| (witness, found.trace)).expect("one claim was judged"))
    }

    /// Explores every state, without interchanging tasks, if its states are to be kept and there are few enough; else as it
    /// was asked.
    fn explore_kept(
        &mut self,
        setup: &Setup<C>,
        claims: &[Claim<C>],
    ) -> Result<(Explored<C>, Option<Kept<C>>), Broken> {
        let Some(most) = self.keep else { return Ok((self.explore(setup, claims, true)?, None)) };
        let (limits, symmetry) = (self.limits.clone(), self.symmetry.take());
        let is_bounded = most < limits.states();
        self.limits = limits.clone().max_states(most.min(limits.states()));
        let explored = self.explore(setup, claims, true);
        (self.limits, self.symmetry) = (limits, symmetry);
        let explored = explored?;
        match explored.cut {
            Some(Limit::States) if is_bounded || self.symmetry.is_some() => {}
            Some(Limit::Memory) if self.symmetry.is_some() => {}
            Some(_) => return Ok((explored, None)),
            None => return Ok((explored, StateSpace::explore(setup, claims, most).map(Arc::new))),
        }
        Ok((self.explore(setup, claims, true)?, None))
    }

    /// Explores every schedule. `counts`: the numbers of schedules are wanted.
    fn explore(&mut self, setup: &Setup<C>, claims: &[Claim<C>], counts: bool) -> Result<Explored<C>, Broken> {
        let (model, limits, jobs, symmetry) = (&setup.model, &self.limits, self.jobs.get(), self.symmetry);
        let request = Request {
            model,
            claims,
            symmetry,
            numbers: counts,
            schedules: true,
            limits,
            jobs,
            spill: self.spill.as_ref(),
        };
        match engine::explore(&request, &mut self.on_progress) {
            Ok(answer) => Explored::of(answer, setup, claims, symmetry.is_some()),
            Err(NoAnswer::Broken(Some(schedule), violation)) => Err(Broken::at(setup, schedule, violation)),
            // The names of a representative are not those of a schedule: the full search finds one.
            Err(NoAnswer::Asymmetric | NoAnswer::Broken(None, _)) => {
                self.symmetry = None;
                self.explore(setup, claims, counts)
            }
        }
    }
}

impl Broken {
    /// A contract that was broken in the last step of a schedule.
    pub(super) fn at<C: Controller>(setup: &Setup<C>, schedule: Schedule, violation: Violation) -> Self {
        let (workers, has_attempts) = (setup.model.inboxes(), setup.model.run().attempts > 1);
        Self { schedule, workers, has_attempts, violation, without_faults: false }
    }
}

impl<C> Judgement<C> {
    fn of(claim: Claim<C>, found: Found<C>, complete: Option<Complete>, witness: Witness) -> Self {
        let Found { premise_held, share, trace } = found;
        let verdict = match claim.scope {
            Scope::Reachable => Verdict::judge_reachable(trace.is_some(), complete),
            Scope::Always | Scope::AtEnd => Verdict::judge(trace.is_some(), complete, witness),
        };
        Self { claim, verdict, premise_held, share, trace }
    }

    /// Whether a state that is judged meets the premise. A claim whose premise is never met was never put to the test.
    pub fn premise_met(&self) -> bool {
        self.premise_held > BigUint::ZERO
    }
}

impl<C> Report<C> {
    /// The gravest verdict; of no claim at all nothing is proved.
    pub fn verdict(&self) -> Kind {
        self.claims.iter().map(|judgement| judgement.verdict.kind()).max().unwrap_or(Kind::Vacuous)
    }
}

impl<C: Controller> Report<C> {
    /// Why one of its claims is broken: made when it is first asked for, for all claims at once. None for a claim that is
    /// not broken, and for one that asks for a state. A message: the controller or the claim panicked.
    pub fn explanation(&self, judgement: &Judgement<C>) -> Option<Result<&Explanation<C>, &String>> {
        let index = self.claims.iter().position(|own| std::ptr::eq(own, judgement))?;
        let told = &self.explanations.get_or_init(|| explain_all(self))[index];
        told.as_ref().map(Result::as_ref)
    }
}
