//! Checks real threads with a user's own controller, in every order of dependent operations that loom explores.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::orders::{Unfinished, explore};
use super::outcomes::outcomes;
use super::path::{Complaint, Outcome, action, judge, step_through};
use crate::claims::{Claim, Scope};
use crate::core::Controller;
use crate::explore::report::{Broken, Check};
use crate::explore::trace::Trace;
use crate::explore::verdict::VerdictKind;
use crate::model::World;
use crate::scenario::Setup;
use crate::threads::{Options, Run, Unsupported, check, launch};
use crate::transition::Event;

/// A check of the real threads that has not run yet: see [`check_threads`].
#[must_use = "nothing is explored until it is run"]
pub struct CheckThreads<C> {
    setup: Setup<C>,
    claims: Vec<Claim<C>>,
    flags: bool,
}

/// The result of a check of the real threads.
#[derive(Clone)]
pub struct ThreadsReport<C> {
    /// The setup that was run.
    pub setup: Setup<C>,
    /// How many executions were explored.
    pub executions: usize,
    /// How many different outcomes (ends and orders of inputs) they had. These are exactly the outcomes that the model
    /// allows.
    pub outcomes: usize,
    /// The result for each claim that was judged.
    pub claims: Vec<ThreadsJudgement<C>>,
    /// The claims that were left out: those that ask for a reachable state, and, without [`CheckThreads::flags`], those
    /// that are judged in every state.
    pub left_out: Vec<String>,
}

/// The result for one claim.
#[derive(Clone)]
pub struct ThreadsJudgement<C> {
    /// The claim.
    pub claim: Claim<C>,
    /// The verdict of the explorer. The executions agree with it: one of them breaks the claim exactly if it is
    /// `Refuted`.
    pub verdict: VerdictKind,
    /// How many of the different outcomes break it.
    pub broken: usize,
    /// An execution that breaks it, as a schedule.
    pub trace: Option<Trace<C>>,
}

/// Why there is no verdict.
#[derive(Debug)]
#[non_exhaustive]
pub enum ThreadsError {
    /// Threads cannot run this setup.
    Unsupported(Unsupported),
    /// The search was not complete.
    Unfinished(Unfinished),
    /// The controller or a claim breaks its contract.
    Broken(Broken),
    /// There was only one execution: no second thread ran, so nothing was tested.
    OneExecution,
    /// The model allows this many outcomes that no execution reaches.
    Missed(usize),
    /// The threads and the explorer disagree whether this claim is refuted.
    Differ(String),
}

/// Explores the real threads of a setup, with your own controller, under `--cfg loom`: every order of dependent
/// operations.
///
/// `PROVED` needs a complete search: every bound of loom is off, a `LOOM_*` variable that can bound the search must not
/// be set, executions are counted, and each one is judged when its last thread has ended. Each execution must be a path
/// of the model, each outcome of the model must be reached, and the explorer must refute the same claims.
///
/// Run the test with `RUSTFLAGS="--cfg loom" cargo test`. The manifest of your crate needs:
///
/// ```toml
/// [dev-dependencies]
/// startup-race = { version = "0.1", default-features = false }
///
/// [lints.rust]
/// unexpected_cfgs = { level = "warn", check-cfg = ["cfg(loom)"] }
/// ```
///
/// Every dependency is built with this cfg. If one does not build with it (such as tokio with its `net`), list it under
/// `[target.'cfg(not(loom))'.dependencies]`. Or put the controller in a crate of its own, without that dependency, and
/// run the test there, as `examples/own-crate` in the repository does.
///
/// ```no_run
/// # #[cfg(loom)] {
/// use startup_race::{Rules, Scenario, Setup, check_threads};
///
/// let scenario = Scenario::new(Rules::named("seed/fixed").unwrap(), 2).unwrap().failing(&[2]).unwrap();
/// check_threads(Setup::of(scenario)).expect_proved();
/// # }
/// ```
pub fn check_threads<C: Controller + Send + Sync>(setup: Setup<C>) -> CheckThreads<C> {
    CheckThreads { claims: setup.standard_claims(), setup, flags: false }
}

/// The result of an execution: its outcome, and whether it breaks each claim.
type Judged = (Outcome, Vec<bool>);

impl<C: Controller + Send + Sync> CheckThreads<C> {
    /// Judges these claims instead of the standard ones.
    pub fn claims(mut self, claims: Vec<Claim<C>>) -> Self {
        self.claims = claims;
        self
    }

    /// Also judges the claims that are judged in every state. The controller then reads a flag of every task when the
    /// stage becomes `Up`. This takes many more executions, but without it loom cannot observe an `on_start` that is
    /// not completed.
    pub fn flags(mut self) -> Self {
        self.flags = true;
        self
    }

    /// Explores every order of dependent operations.
    ///
    /// # Errors
    /// If there is no verdict: see [`ThreadsError`].
    pub fn run(self) -> Result<ThreadsReport<C>, ThreadsError> {
        check(&self.setup, &Options::<crate::threads::NoHooks>::default()).map_err(ThreadsError::Unsupported)?;
        let is_judged = |claim: &Claim<C>| claim.scope == Scope::AtEnd || self.flags && claim.scope == Scope::Always;
        let (claims, left_out): (Vec<Claim<C>>, Vec<Claim<C>>) = self.claims.iter().cloned().partition(is_judged);
        let found = self.explore(&claims).map_err(ThreadsError::Unfinished)?;
        if found.executions() == 1 && self.setup.model.tasks() > 1 {
            return Err(ThreadsError::OneExecution);
        }
        let reached: BTreeSet<&Outcome> = found.outcomes().map(|(outcome, _)| outcome).collect();
        let missed = outcomes(&self.setup).iter().filter(|outcome| !reached.contains(outcome)).count();
        if missed > 0 {
            return Err(ThreadsError::Missed(missed));
        }
        let explorer = Check::new(self.setup.clone()).claims(claims.clone()).run().map_err(ThreadsError::Broken)?;
        let mut judgements = Vec::new();
        for (index, claim) in claims.into_iter().enumerate() {
            let is_broken = |judged: &Judged| judged.1[index];
            // An outcome is found several times if its executions break different claims.
            let broken = found.outcomes().filter(|judged| is_broken(judged)).map(|(outcome, _)| outcome);
            let broken = broken.collect::<BTreeSet<_>>().len();
            let verdict = explorer.claims[index].verdict.kind();
            if (broken > 0) != (verdict == VerdictKind::Refuted) {
                return Err(ThreadsError::Differ(claim.id.to_string()));
            }
            let trace = found.example(is_broken).map(|execution| traced(&self.setup, &execution.events));
            judgements.push(ThreadsJudgement { claim, verdict, broken, trace });
        }
        Ok(ThreadsReport {
            executions: found.executions(),
            outcomes: reached.len(),
            setup: self.setup,
            claims: judgements,
            left_out: left_out.into_iter().map(|claim| claim.id.to_string()).collect(),
        })
    }

    fn explore(&self, claims: &[Claim<C>]) -> Result<super::orders::Finished<Judged>, Unfinished> {
        // Made outside of the loom model, which runs on a small stack.
        let (setup, claims, flags) = (Arc::new(self.setup.clone()), Arc::new(claims.to_vec()), self.flags);
        explore(move |tape, reply| {
            let (world, claims) = (Arc::clone(&setup), Arc::clone(&claims));
            let sink = move |run: Run| reply.judged(judge_all(&world, &claims, &run));
            let launched = launch(&setup, Options { flags, ..Options::on(tape) }, sink);
            launched.expect("it was checked that threads can run it");
        })
    }
}

/// The outcome of a run, and whether it breaks each claim.
fn judge_all<C: Controller>(setup: &Setup<C>, claims: &[Claim<C>], run: &Run) -> Result<Judged, Complaint> {
    let outcome = judge(setup, run)?;
    let mut world = setup.model.start();
    let broken_in =
        |world: &World<C>| -> Vec<bool> { claims.iter().map(|claim| claim.is_found_in(&setup.model, world)).collect() };
    let mut broken = broken_in(&world);
    for event in &run.events {
        step_through(setup, &mut world, std::slice::from_ref(event))?;
        broken.iter_mut().zip(broken_in(&world)).for_each(|(broken, now)| *broken |= now);
    }
    Ok((outcome, broken))
}

/// The schedule of an execution, which is a path of the model.
fn traced<C: Controller>(setup: &Setup<C>, events: &[Event]) -> Trace<C> {
    let mut trace = Trace::new(setup);
    for event in events {
        if trace.step(setup, action(event, trace.last())).is_err() {
            break;
        }
    }
    trace
}

impl<C> ThreadsReport<C> {
    /// The worst verdict. If there is no claim, nothing is proved.
    pub fn verdict(&self) -> VerdictKind {
        self.claims.iter().map(|judgement| judgement.verdict).max().unwrap_or(VerdictKind::Vacuous)
    }
}
