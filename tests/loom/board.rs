//! The published status. An observer that reads at any time reads only phases that the controller has already decided,
//! with their attempts, in the right order; and every decided phase can be read. A phase that is decided but never
//! published would be the bug that this project is about: a pipeline that has failed but is shown as Running.
//!
//! Every run is judged by the first rule (see `judge` in `conformance`), and every model with an observer by the
//! second. This file has the models with many phases: a failure after Running, retries, a third attempt.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use startup_race::core::{Attempt, Controller, PipelineController};
use startup_race::scenario::Setup;
use startup_race::scenario::spec;
use startup_race::threads::Shown::{self, Failed, Starting, Up};
use startup_race::threads::sync::{AtomicUsize, Ordering};
use startup_race::threads::{EventLog, Hooks, NoHooks, Options, Publication, Published, Run, launch};

use crate::conformance::{Complaint, decisions, replay, seen_rightly};
use crate::model::{Finished, Unfinished, explore};
use crate::pictures::finished;

/// How an observer reads. More than one of these at once would cost tens of thousands of executions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Once.
    Once,
    /// Twice, so that it may read two phases: they must come in their order.
    Twice,
    /// Once, and then it reads how many reactions of the controller there were: a reader of a phase must see that it
    /// was decided. The controller counts its reactions for this, because loom ignores an order that no thread
    /// observes.
    OnceAndCounts,
}

/// Counts the controller's reactions, if this is wanted, and records their number after each read of the observer.
#[derive(Debug, Clone)]
struct Counts {
    reactions: Option<Arc<AtomicUsize>>,
    after_looks: Arc<Mutex<Vec<usize>>>,
}

impl Counts {
    fn of(look: Look) -> Self {
        Self { reactions: (look == Look::OnceAndCounts).then(Arc::default), after_looks: Arc::default() }
    }

    fn after_looks(&self) -> Vec<usize> {
        self.after_looks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Hooks for Counts {
    fn close_then_record(&self, shut: impl FnOnce(), record: impl FnOnce()) {
        NoHooks.close_then_record(shut, record);
        if let Some(reactions) = &self.reactions {
            reactions.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn looked(&self) {
        if let Some(reactions) = &self.reactions {
            let count = reactions.load(Ordering::Relaxed);
            self.after_looks.lock().unwrap_or_else(PoisonError::into_inner).push(count);
        }
    }
}

/// What was decided in an execution, in order, and what the observer read, without repeats.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Watched {
    decided: Vec<Published>,
    seen: Vec<Published>,
}

impl Watched {
    /// The decisions and the reads of a run. `reactions` says after how many reactions of the controller the observer
    /// read, if they were counted.
    pub fn of<C: Controller>(setup: &Setup<C>, run: &Run, reactions: &[usize]) -> Result<Self, Complaint> {
        replay(setup, run)?;
        let decided = decisions(setup, &run.events);
        seen_rightly(run, &decided, reactions)?;
        let mut seen: Vec<_> = run.seen.iter().map(|sight| sight.published).collect();
        seen.dedup();
        Ok(Self { decided: decided.into_iter().map(|(published, _)| published).collect(), seen })
    }
}

/// Asserts that everything that some execution decides is read in some execution. Returns all of it.
pub fn all_is_seen<'a>(name: &str, watched: impl Iterator<Item = &'a Watched> + Clone) -> BTreeSet<Published> {
    let decided: BTreeSet<_> = watched.clone().flat_map(|watched| &watched.decided).copied().collect();
    let seen: BTreeSet<_> = watched.flat_map(|watched| &watched.seen).copied().collect();
    assert_eq!(seen, decided, "{name}: left, what the observer reads, right, what is decided");
    decided
}

/// Explores a setup with an observer.
fn explore_watched(
    name: &str,
    setup: &Setup<PipelineController>,
    look: Look,
    publication: Publication,
) -> Result<Finished<Watched>, Unfinished> {
    let tell = |found: &Finished<Watched>| {
        let seen: BTreeSet<_> = found.outcomes().flat_map(|watched| &watched.seen).collect();
        format!("the observer reads {} different phases", seen.len())
    };
    let setup = setup.clone();
    explore(name, tell, move |tape: EventLog, reply| {
        let (world, counts) = (setup.clone(), Counts::of(look));
        let looks = if look == Look::Twice { 2 } else { 1 };
        let options = Options { looks, publication, ..Options::on(tape) }.with_hooks(counts.clone());
        let sink = move |run: Run| reply.judged(Watched::of(&world, &run, &counts.after_looks()));
        launch(&setup, options, sink).expect("loom has threads enough");
    })
}

/// Asserts that exactly these phases are decided in a setup, and that an observer reads them.
fn decides_and_shows(line: &str, look: Look, expected: &[(u8, Shown)]) {
    let setup = Setup::of(spec::read(line).expect("a scenario"));
    let name = format!("{line}, an observer looks: {look:?}");
    let found = finished(&name, &setup, explore_watched(&name, &setup, look, Publication::Release));
    let decided = all_is_seen(&name, found.outcomes());
    let published = |&(attempt, stage): &(u8, Shown)| Published { attempt: Attempt(attempt), stage };
    assert_eq!(decided, expected.iter().map(published).collect(), "{name}");
    let both = found.count(|watched| watched.seen.len() > 1);
    assert_eq!(both > 0, look == Look::Twice, "{name}: two phases are read in {both} executions");
}

/// Announces early, so that a failure comes after Running. It has no barrier, which would cost many executions.
const EARLY: &str = "arroyo/handled-only --barrier none";

#[test]
fn a_failure_after_running_is_published() {
    let phases = [(1, Starting), (1, Up), (1, Failed)];
    for look in [Look::Twice, Look::OnceAndCounts] {
        decides_and_shows(&format!("{EARLY} --tasks 1 --fails 1"), look, &phases);
        for fails in ["1", "2", "1,2"] {
            decides_and_shows(&format!("{EARLY} --tasks 2 --fails {fails}"), look, &phases);
        }
        decides_and_shows("arroyo/before --tasks 2 --fails 2", look, &phases);
    }
}

#[test]
fn a_retry_after_running_is_published_with_its_attempt() {
    let phases = [(1, Starting), (1, Up), (2, Starting), (2, Up), (2, Failed)];
    let retry = |old_attempt: &str| format!("{EARLY} --tasks 1 --attempts 2 --old-attempt {old_attempt}");
    for old_attempt in ["stopped", "lingers"] {
        decides_and_shows(&format!("{} --fails 1@1", retry(old_attempt)), Look::Once, &phases[..4]);
        decides_and_shows(&format!("{} --fails 1", retry(old_attempt)), Look::Once, &phases);
    }
    decides_and_shows(&format!("{} --fails 1", retry("lingers")), Look::Twice, &phases);
    decides_and_shows(&format!("{} --fails 1@1", retry("lingers")), Look::OnceAndCounts, &phases[..4]);
}

#[test]
fn a_retry_and_a_failure_before_running_are_published_with_their_attempts() {
    let attempts = [(1, Starting), (2, Starting), (3, Starting)];
    let retry = "seed/fixed --tasks 1 --attempts 3";
    decides_and_shows(&format!("{retry} --fails 1@1,1@2"), Look::Once, &[&attempts[..], &[(3, Up)]].concat());
    decides_and_shows(&format!("{retry} --fails 1"), Look::Once, &[&attempts[..], &[(3, Failed)]].concat());
    decides_and_shows("seed/fixed --tasks 2 --fails 2", Look::OnceAndCounts, &[(1, Starting), (1, Failed)]);
}

#[test]
fn what_a_timeout_decides_is_published() {
    let vanishes = "seed/fixed --tasks 1 --vanishes 1@1 --timeout patient";
    let hasty = "seed/fixed --tasks 1 --fails none --timeout hasty";
    for look in [Look::Once, Look::OnceAndCounts] {
        decides_and_shows(vanishes, look, &[(1, Starting), (1, Failed)]);
        decides_and_shows(&format!("{vanishes} --attempts 2"), look, &[(1, Starting), (2, Starting), (2, Up)]);
        decides_and_shows(hasty, look, &[(1, Starting), (1, Up), (1, Failed)]);
    }
}

/// The test can fail: with `Relaxed`, a phase may be read before its decision.
#[test]
fn a_relaxed_phase_may_be_read_before_its_decision() {
    let setup = Setup::of(spec::read(&format!("{EARLY} --tasks 1 --fails 1")).expect("a scenario"));
    let relaxed = explore_watched("published Relaxed, counted", &setup, Look::OnceAndCounts, Publication::Relaxed);
    let complaint = relaxed.as_ref().err().and_then(Unfinished::complaint);
    assert!(matches!(complaint, Some(Complaint::ReadBeforeItWasDecided(..))), "{complaint:?}");
}
