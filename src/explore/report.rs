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
use super::verdict::{Verdict, VerdictKind, Witness};
use crate::claims::{Claim, Scope, can_run};
use crate::core::Controller;
use crate::scenario::Setup;
use crate::schedule::Schedule;

/// A search that replaces the engine's own.
pub type Searcher<'a, C> = dyn FnMut(&Request<'_, C>, &mut OnProgress<'_>) -> Result<engine::Answer, NoAnswer> + 'a;

/// Every state, if the caller asked for them.
type Kept<C> = Arc<StateSpace<C>>;

/// A check that has not run yet.
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
    /// The search that replaces the engine's own, if there is one.
    searcher: Option<Box<Searcher<'a, C>>>,
    /// How many states the report may keep, if it should keep them.
    keep: Option<usize>,
}

/// What a check found.
#[derive(Clone)]
#[non_exhaustive]
pub struct Report<C> {
    /// What was checked.
    pub setup: Setup<C>,
    /// The named protocol that its rules start from. `None` for a user's own controller.
    pub protocol: Option<String>,
    /// Whether every schedule was explored.
    pub complete: bool,
    /// The limit that ended the search early, if one did.
    pub cut: Option<Limit>,
    /// The limits of the request. They apply to explanations, too.
    #[doc(hidden)]
    pub limits: Limits,
    /// How many states were found. All states of an orbit count.
    pub states: BigUint,
    /// How many orbits of states were stored.
    pub orbits: usize,
    /// Whether the search interchanged tasks that are alike.
    pub reduced: bool,
    /// How many schedules there are. `None` if the search was not complete.
    pub schedules: Option<BigUint>,
    /// What the search for the witness found: whether the pipeline always runs if there is no fault.
    pub witness: Witness,
    /// The claim of the witness.
    pub witness_claim: Claim<C>,
    /// A schedule of the scenario without faults that refutes the witness, if one was found. For a witness that asks
    /// for a state: a schedule that leads there.
    pub witness_trace: Option<Trace<C>>,
    /// A judgement of each claim.
    pub claims: Vec<Judgement<C>>,
    /// Every state, if the check was asked to keep them and there were few enough.
    pub space: Option<Arc<StateSpace<C>>>,
    /// Whether a test accepts a user's own claim whose premise is never met.
    pub allow_unmet_premise: bool,
    explanations: OnceLock<Vec<Told<C>>>,
}

/// What a check found about one claim.
#[derive(Clone)]
#[non_exhaustive]
pub struct Judgement<C> {
    /// The claim.
    pub claim: Claim<C>,
    /// The verdict.
    pub verdict: Verdict,
    /// In how many states, or ends, its premise held.
    pub premise_held: BigUint,
    /// How many schedules break it (or reach the state that it asks for), and their probability. `None` if the search
    /// was not complete.
    pub share: Option<Measure>,
    /// The counterexample; or, for a claim that asks for a state, the schedule that leads there.
    pub trace: Option<Trace<C>>,
}

/// A controller or a claim broke its contract. No verdict can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The schedule. Its last step is the one in which the contract was broken, or the one that leads to the state in
    /// which a claim panicked. It is empty if that was before the first step, or if no schedule is known.
    pub schedule: Schedule,
    /// How many workers there are, for the schedule's text.
    pub workers: u8,
    /// Whether there is more than one attempt, so that the text of a notice needs its attempt.
    pub has_attempts: bool,
    /// What was broken.
    pub violation: Violation,
    /// Whether this happened in the scenario without faults, in which the witness is judged.
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
            searcher: None,
            keep: None,
        }
    }

    /// Sets the name of the protocol that the rules start from. A report needs it to say how to replay a schedule.
    pub fn protocol(mut self, name: impl Into<String>) -> Self {
        self.protocol = Some(name.into());
        self
    }

    /// Judges these claims instead of the standard ones.
    pub fn claims(mut self, claims: Vec<Claim<C>>) -> Self {
        self.claims = claims;
        self
    }

    /// Also judges this claim.
    pub fn claim(mut self, claim: Claim<C>) -> Self {
        self.claims.push(claim);
        self
    }

    /// Interchanges tasks that are alike: the answers are the same, and the search is faster.
    pub fn symmetric(mut self) -> Self
    where
        C: Symmetric,
    {
        self.symmetry = Some(Symmetry::of);
        self
    }

    /// Sets these limits. Several checks of one request can share them.
    #[doc(hidden)]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Stores at most this many states. A search that needs more is cut short.
    pub fn max_states(mut self, states: usize) -> Self {
        self.limits = self.limits.max_states(states);
        self
    }

    /// Keeps the states in the report if there are at most this many. A page or a game needs them. Tasks that are alike
    /// are then not interchanged.
    pub fn keep_states(mut self, most: usize) -> Self {
        self.keep = Some(most);
        self
    }

    /// Uses at most this many bytes for the searches and the explanations together. A search that needs more is cut
    /// short. The bytes are computed from the capacities of the explorer's collections: see [`limits`](super::limits).
    pub fn memory(mut self, bytes: usize) -> Self {
        self.limits = self.limits.memory(bytes);
        self
    }

    /// Ends the check when this flag is raised. Its search is then cut short.
    pub fn interrupt(mut self, interrupt: Interrupt) -> Self {
        self.limits = self.limits.interrupt(interrupt);
        self
    }

    /// Uses this many threads. The default is the number of cores. The report does not depend on it. A controller and a
    /// claim run on the caller's thread.
    pub fn jobs(mut self, jobs: NonZeroUsize) -> Self {
        self.jobs = jobs;
        self
    }

    /// Writes every layer to files in a folder, and reads a part of a layer at a time into memory. The files have no
    /// names, and are deleted when the check ends.
    ///
    /// # Errors
    /// If no file can be created there.
    #[cfg(feature = "spill")]
    pub fn spill(mut self, folder: &std::path::Path) -> std::io::Result<Self> {
        self.spill = Some(Disk::in_folder(folder)?);
        Ok(self)
    }

    /// Calls this function from time to time with the number of stored states and the layer. The function may end the
    /// search, which is then cut short.
    pub fn on_progress(mut self, on_progress: impl FnMut(usize, usize) -> ControlFlow<()> + 'a) -> Self {
        self.on_progress = Box::new(on_progress);
        self
    }

    /// Replaces the search of the engine. The search of several machines uses this.
    #[doc(hidden)]
    pub fn searched_by(mut self, searcher: Box<Searcher<'a, C>>) -> Self {
        self.searcher = Some(searcher);
        self
    }

    /// Explores every schedule and judges the claims.
    ///
    /// # Errors
    /// If the controller breaks its contract, or if a claim panics or is about a task that does not exist.
    #[must_use = "the verdicts are in what it returns"]
    pub fn run(mut self) -> Result<Report<C>, Broken> {
        self.check_tasks()?;
        let setup = self.setup.clone();
        let claims = std::mem::take(&mut self.claims);
        let healthy = setup.without_faults();
        // If there is no fault, the scenario is the same as that of its witness, and one search answers both. A witness
        // of the user's own gets a search of its own.
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

    /// Searches the scenario without faults.
    fn judge_witness(&mut self, healthy: &Setup<C>) -> Result<(Witness, Option<Trace<C>>), Broken> {
        let claims = [self.witness.clone()];
        let explored = self.explore(healthy, &claims, false);
        let mut explored = explored.map_err(|broken| Broken { without_faults: true, ..broken })?;
        let found = explored.claims.pop().zip(explored.witness);
        Ok(found.map(|(found, witness)| (witness, found.trace)).expect("one claim was judged"))
    }

    /// If the states are to be kept and there are few enough of them, explores without interchanging tasks, and keeps
    /// them. If not, explores as usual.
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

    /// Explores every schedule. `counts` says whether to count the schedules.
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
        let answer = match &mut self.searcher {
            None => engine::explore(&request, &mut self.on_progress),
            Some(searcher) => searcher(&request, &mut self.on_progress),
        };
        match answer {
            Ok(answer) => Explored::of(answer, setup, claims, symmetry.is_some()),
            Err(NoAnswer::Broken(Some(schedule), violation)) => Err(Broken::at(setup, schedule, violation)),
            // The names in a representative are not those in a schedule. The full search finds a schedule.
            Err(NoAnswer::Asymmetric | NoAnswer::Broken(None, _)) => {
                self.symmetry = None;
                self.explore(setup, claims, counts)
            }
        }
    }
}

impl Broken {
    /// The contract was broken in the last step of a schedule.
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

    /// Whether some state that is judged meets the premise. A claim whose premise is never met was never tested.
    pub fn premise_met(&self) -> bool {
        self.premise_held > BigUint::ZERO
    }
}

impl<C> Report<C> {
    /// The worst verdict. [`VerdictKind::Vacuous`] if there is no claim.
    pub fn verdict(&self) -> VerdictKind {
        self.claims.iter().map(|judgement| judgement.verdict.kind()).max().unwrap_or(VerdictKind::Vacuous)
    }
}

impl<C: Controller> Report<C> {
    /// The explanation of why a claim is broken, for a judgement of this report (not a clone of it). The first call
    /// makes the explanations of all claims. `None` for a claim that is not broken, and for one that asks for a state.
    /// An error message if the controller or the claim panicked.
    pub fn explanation(&self, judgement: &Judgement<C>) -> Option<Result<&Explanation<C>, &String>> {
        let index = self.claims.iter().position(|own| std::ptr::eq(own, judgement))?;
        let told = &self.explanations.get_or_init(|| explain_all(self))[index];
        told.as_ref().map(Result::as_ref)
    }
}
