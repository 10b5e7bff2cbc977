//! A check: the search of a setup, the search of its witness, and a judgement of every claim.

use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use num_bigint::BigUint;

use super::contract::Violation;
use super::explain::{Explanation, Told, explain_all};
use super::found::{Found, count, first_way_to, found, way_to};
use super::limits::{Interrupt, Limit, Limits};
use super::orbits::{Symmetric, Symmetry, SymmetryOf};
use super::probability::Measure;
use super::search::{Complete, Graph, OnProgress, Stopped};
use super::state_space::StateSpace;
use super::trace::Trace;
use super::verdict::{Kind, Verdict, Witness};
use crate::claims::{Claim, Scope, can_run};
use crate::core::Controller;
use crate::scenario::Setup;
use crate::schedule::Schedule;

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
        let mut graph = self.explore_kept(&setup, &judged)?;
        let (complete, cut, mut shares) = count(&graph, &claims);
        let find = |claim| found(&mut graph, &setup, claim, complete);
        let mut found = judged.iter().enumerate().map(find).collect::<Result<Vec<Found<C>>, Broken>>()?;
        let own_witness = found
            .drain(claims.len()..)
            .next()
            .map(|found| (Witness::of(&graph, claims.len(), &self.witness), found.trace));
        let (states, orbits, reduced) = (graph.states.clone(), graph.stored(), graph.is_reduced());
        // The search of the witness needs the memory.
        let space = complete.and_then(|complete| self.kept(&setup, graph, complete));
        let (witness, witness_trace) = own_witness.map_or_else(|| self.judge_witness(&healthy), Ok)?;
        let judge = |((claim, found), share)| Judgement::of(claim, found, share, complete, witness);
        let schedules = shares.remove(0).map(|all| all.schedules);
        Ok(Report {
            complete: complete.is_some(),
            claims: claims.into_iter().zip(found).zip(shares).map(judge).collect(),
            cut,
            limits: self.limits,
            states,
            orbits,
            reduced,
            schedules,
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
        let (claims, without_faults) = ([self.witness.clone()], |broken| Broken { without_faults: true, ..broken });
        let mut graph = self.explore(healthy, &claims).map_err(without_faults)?;
        let witness = Witness::of(&graph, 0, &claims[0]);
        let found = found(&mut graph, healthy, (0, &claims[0]), witness.complete).map_err(without_faults)?;
        Ok((witness, found.trace))
    }

    /// Explores every state, without interchanging tasks, if its states are to be kept and there are few enough; else as it
    /// was asked.
    fn explore_kept(&mut self, setup: &Setup<C>, claims: &[Claim<C>]) -> Result<Graph<C>, Broken> {
        let Some(most) = self.keep else { return self.explore(setup, claims) };
        let (limits, symmetry) = (self.limits.clone(), self.symmetry.take());
        let is_bounded = most < limits.states();
        self.limits = limits.clone().max_states(most.min(limits.states()));
        let graph = self.explore(setup, claims);
        (self.limits, self.symmetry) = (limits, symmetry);
        let graph = graph?;
        match graph.cut() {
            Some(Limit::States) if is_bounded || self.symmetry.is_some() => {}
            Some(Limit::Memory) if self.symmetry.is_some() => {}
            _ => return Ok(graph),
        }
        drop(graph);
        self.explore(setup, claims)
    }

    /// The states of a search, if they are to be kept and there are few enough.
    fn kept(&self, setup: &Setup<C>, graph: Graph<C>, complete: Complete) -> Option<Arc<StateSpace<C>>> {
        let is_small = !graph.is_reduced() && self.keep.is_some_and(|most| graph.stored() <= most);
        is_small.then(|| Arc::new(StateSpace::of(setup, graph, complete)))
    }

    fn explore(&mut self, setup: &Setup<C>, claims: &[Claim<C>]) -> Result<Graph<C>, Broken> {
        let start = setup.model.start();
        let symmetry = self.symmetry.map(|of| {
            let mut symmetry = of(&setup.model);
            claims.iter().filter_map(|claim| claim.about.as_ref()).for_each(|tasks| symmetry.leave_out(tasks));
            symmetry
        });
        match Graph::explore_watched(setup, &start, claims, symmetry, &self.limits, &mut self.on_progress) {
            Ok(graph) => Ok(graph),
            Err(stopped) => match *stopped {
                (_, Stopped::Asymmetric) => self.explore_fully(setup, claims),
                (mut graph, Stopped::Broken(place, violation)) => match way_to(&mut graph, setup, place) {
                    Some(schedule) => Err(Broken::at(setup, schedule, violation)),
                    // The names of a representative are not those of a schedule: the full search finds one.
                    None if graph.is_reduced() => self.explore_fully(setup, claims),
                    None => Err(Broken::at(setup, first_way_to(&graph, setup, place), violation)),
                },
                (graph, Stopped::Limit(_)) => Ok(graph),
            },
        }
    }

    fn explore_fully(&mut self, setup: &Setup<C>, claims: &[Claim<C>]) -> Result<Graph<C>, Broken> {
        self.symmetry = None;
        self.explore(setup, claims)
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
    fn of(
        claim: Claim<C>,
        found: Found<C>,
        share: Option<Measure>,
        complete: Option<Complete>,
        witness: Witness,
    ) -> Self {
        let Found { premise_held, trace } = found;
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
