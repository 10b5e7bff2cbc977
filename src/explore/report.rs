//! A check: the search of a setup, the search of its witness, and a judgement of every claim.

use std::ops::ControlFlow;

use num_bigint::BigUint;

use super::contract::Violation;
use super::counterexample::{any, shortest};
use super::limits::{Interrupt, Limit, Limits};
use super::orbits::{Symmetric, Symmetry, SymmetryOf};
use super::probability::{Measure, shares};
use super::replay::ReplayError;
use super::search::{Complete, Graph, OnProgress, Place, Stopped};
use super::trace::Trace;
use super::verdict::{Kind, Verdict, Witness};
use crate::claims::{Claim, Scope, can_run};
use crate::core::Controller;
use crate::model::guard::guard;
use crate::model::{Action, Channel};
use crate::scenario::Setup;
use crate::schedule::Schedule;

/// A check that is about to be made.
pub struct Check<'a, C> {
    pub(crate) setup: Setup<C>,
    protocol: Option<String>,
    pub(crate) claims: Vec<Claim<C>>,
    pub(super) witness: Claim<C>,
    pub(super) allow_unmet_premise: bool,
    symmetry: Option<SymmetryOf<C>>,
    limits: Limits,
    on_progress: Box<OnProgress<'a>>,
}

/// What a check found.
#[derive(Clone)]
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
    /// Whether a test accepts a claim of its own whose premise is never met.
    pub allow_unmet_premise: bool,
}

/// What a check found of one claim.
#[derive(Clone)]
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
        }
    }

    /// Names the protocol that the rules start from, so that a report can say how to replay a schedule.
    #[must_use]
    pub fn protocol(mut self, name: impl Into<String>) -> Self {
        self.protocol = Some(name.into());
        self
    }

    /// Judges these claims instead.
    #[must_use]
    pub fn claims(mut self, claims: Vec<Claim<C>>) -> Self {
        self.claims = claims;
        self
    }

    /// Judges this claim too.
    #[must_use]
    pub fn claim(mut self, claim: Claim<C>) -> Self {
        self.claims.push(claim);
        self
    }

    /// Interchanges tasks that are alike: the same answers, sooner.
    #[must_use]
    pub fn symmetric(mut self) -> Self
    where
        C: Symmetric,
    {
        self.symmetry = Some(Symmetry::of);
        self
    }

    /// Keeps to these limits, which several checks of one request can share.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Stores at most so many states; a search that needs more is cut short.
    #[must_use]
    pub fn max_states(mut self, states: usize) -> Self {
        self.limits = self.limits.max_states(states);
        self
    }

    /// Uses at most so many bytes, for the searches and the explanations together; a search that needs more is cut short.
    /// They are counted from the capacities of the explorer's collections: see [`limits`](super::limits).
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> Self {
        self.limits = self.limits.memory(bytes);
        self
    }

    /// Ends the check when this flag is raised; its search is then cut short.
    #[must_use]
    pub fn interrupt(mut self, interrupt: Interrupt) -> Self {
        self.limits = self.limits.interrupt(interrupt);
        self
    }

    /// Calls this now and then with the number of states stored and the layer; it may end the search, which is then cut short.
    #[must_use]
    pub fn on_progress(mut self, on_progress: impl FnMut(usize, usize) -> ControlFlow<()> + 'a) -> Self {
        self.on_progress = Box::new(on_progress);
        self
    }

    /// Explores every schedule and judges the claims.
    ///
    /// # Errors
    /// If the controller broke its contract, or a claim panicked.
    pub fn run(mut self) -> Result<Report<C>, Broken> {
        self.check_tasks()?;
        let setup = self.setup.clone();
        let claims = std::mem::take(&mut self.claims);
        let mut graph = self.explore(&setup, &claims)?;
        let (complete, cut, mut shares) = count(&graph, &claims);
        let find = |claim| found(&mut graph, &setup, claim, complete);
        let found = claims.iter().enumerate().map(find).collect::<Result<Vec<Found<C>>, Broken>>()?;
        let (states, orbits, reduced) = (graph.states.clone(), graph.stored(), graph.is_reduced());
        // The search of the witness needs the memory.
        drop(graph);
        let (witness, witness_trace) = self.judge_witness(&setup)?;
        let judge = |((claim, found), share): ((Claim<C>, Found<C>), Option<Measure>)| {
            let verdict = match claim.scope {
                Scope::Reachable => Verdict::judge_reachable(found.broken, complete),
                Scope::Always | Scope::AtEnd => Verdict::judge(found.broken, complete, witness),
            };
            Judgement { claim, verdict, premise_held: found.premise_held, share, trace: found.trace }
        };
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
            allow_unmet_premise: self.allow_unmet_premise,
            protocol: self.protocol,
            setup,
        })
    }

    /// Searches the scenario with every fault taken out.
    fn judge_witness(&mut self, setup: &Setup<C>) -> Result<(Witness, Option<Trace<C>>), Broken> {
        let healthy = setup.without_faults();
        let (claims, without_faults) = ([self.witness.clone()], |broken| Broken { without_faults: true, ..broken });
        let mut graph = self.explore(&healthy, &claims).map_err(without_faults)?;
        let (complete, cut) = (graph.complete(), graph.cut());
        let found = found(&mut graph, &healthy, (0, &claims[0]), complete).map_err(without_faults)?;
        let is_reached = found.premise_held > BigUint::ZERO;
        let holds = is_reached && (!found.broken || self.witness.scope == Scope::Reachable);
        Ok((Witness { holds, complete, cut }, found.trace))
    }

    fn explore(&mut self, setup: &Setup<C>, claims: &[Claim<C>]) -> Result<Graph<C>, Broken> {
        let start = setup.model.start();
        let alike = claims.iter().all(|claim| claim.is_symmetric());
        let symmetry = self.symmetry.filter(|_| alike).map(|of| of(&setup.model));
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
        Self { schedule, workers: setup.model.inboxes(), violation, without_faults: false }
    }
}

/// The shortest schedule to a place, under the names of the tasks themselves; none if the controller does not let it be found.
fn way_to<C: Controller>(graph: &mut Graph<C>, setup: &Setup<C>, place: Option<Place>) -> Option<Schedule> {
    let Some((id, actor)) = place else { return Some(Schedule::default()) };
    let way = || {
        let mut schedule = shortest(graph, setup, &setup.model.start(), &[id]).ok()??;
        let trace = Trace::of(setup, &schedule).ok()?;
        let (found, naming) = graph.find(trace.last())?;
        let named = |actor| match actor {
            Action::Step(task) => Action::Step(naming.original(task)),
            Action::Linger(attempt, task) => Action::Linger(attempt, naming.original(task)),
            Action::Redeliver(Channel::Commands(task)) => Action::Redeliver(Channel::Commands(naming.original(task))),
            Action::Lose(Channel::Commands(task)) => Action::Lose(Channel::Commands(naming.original(task))),
            other => other,
        };
        schedule.0.extend(actor.map(named));
        (found == id).then_some(schedule)
    };
    guard(way).ok().flatten()
}

/// The schedule by which a place was first met, read off the steps: nothing is looked up, so no controller is compared.
fn first_way_to<C: Controller>(graph: &Graph<C>, setup: &Setup<C>, place: Option<Place>) -> Schedule {
    let Some((id, actor)) = place else { return Schedule::default() };
    let taken = |(from, nth): (u32, usize)| setup.model.actions(&graph.world(setup, from)).get(nth).copied();
    let way = || graph.first_met(id).into_iter().filter_map(taken).chain(actor).collect();
    guard(way).map_or_else(|_| Schedule(actor.into_iter().collect()), Schedule)
}

/// The shares of all schedules and of each claim, if they are known; and whether all is known, or what ended that early.
fn count<C: Controller>(
    graph: &Graph<C>,
    claims: &[Claim<C>],
) -> (Option<Complete>, Option<Limit>, Vec<Option<Measure>>) {
    let judged: Vec<Scope> = claims.iter().map(|claim| claim.scope).collect();
    let cut = match graph.complete().map(|complete| shares(graph, complete, &judged)) {
        Some(Ok((all, of_claims))) => {
            return (graph.complete(), None, [all].into_iter().chain(of_claims).map(Some).collect());
        }
        Some(Err(limit)) => Some(limit),
        None => graph.cut(),
    };
    (None, cut, vec![None; claims.len() + 1])
}

/// What a search found of a claim.
struct Found<C> {
    /// Whether it is broken; for one that asks for a state, whether that was met.
    broken: bool,
    premise_held: BigUint,
    trace: Option<Trace<C>>,
}

fn found<C: Controller>(
    graph: &mut Graph<C>,
    setup: &Setup<C>,
    (index, claim): (usize, &Claim<C>),
    complete: Option<Complete>,
) -> Result<Found<C>, Broken> {
    let wanted = std::mem::take(&mut graph.broken[index]);
    let premise_held = graph.premise_held[index].clone();
    let trace = if wanted.is_empty() { None } else { Some(trace(setup, graph, claim, &wanted, complete)?) };
    Ok(Found { broken: trace.is_some(), premise_held, trace })
}

/// The canonical schedule to one of the states that were found for a claim, replayed; another one if a limit is reached.
fn trace<C: Controller>(
    setup: &Setup<C>,
    graph: &mut Graph<C>,
    claim: &Claim<C>,
    wanted: &[u32],
    complete: Option<Complete>,
) -> Result<Trace<C>, Broken> {
    let not_replayed = |schedule| Broken::at(setup, schedule, Violation::NotReplayed { id: claim.id.to_string() });
    let start = setup.model.start();
    let found = guard(|| match shortest(graph, setup, &start, wanted) {
        Ok(schedule) => schedule.map(|schedule| (schedule, complete.is_some())),
        // States have numbers in the order of their distance.
        Err(_) => wanted.iter().min().map(|&nearest| (any(graph, setup, &start, nearest), false)),
    });
    let Some((schedule, canonical)) = found.ok().flatten() else { return Err(not_replayed(Schedule::default())) };
    let trace = match Trace::of(setup, &schedule) {
        Ok(trace) => Trace { canonical, ..trace },
        Err(ReplayError::Broken(broken)) => return Err(broken),
        Err(_) => return Err(not_replayed(schedule)),
    };
    if guard(|| claim.is_found_in(&setup.model, trace.last())).unwrap_or(false) {
        Ok(trace)
    } else {
        Err(not_replayed(schedule))
    }
}

impl<C> Judgement<C> {
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
