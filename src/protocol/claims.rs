//! What is claimed of a startup: a premise, a conclusion, and where they are judged.
//!
//! The two are kept apart so that a claim which holds because its premise never does can be told from one that is
//! borne out.

use std::borrow::Cow;
use std::sync::Arc;

use super::controller::{Controller, Phase};
use super::notice::{Cause, TaskId};
use super::startup::{Life, Step};
use super::world::{Setup, World};

/// Where a claim is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Judged {
    /// In every state, the first one and the ends included.
    EveryState,
    /// Where no actor can move.
    EveryEnd,
    /// It asks for a state, anywhere: it holds when one is found.
    SomeState,
}

/// A state as claims see it.
#[derive(Debug)]
pub struct State<'a, C> {
    /// What does not change.
    pub setup: &'a Setup<C>,
    /// The state.
    pub world: &'a World<C>,
}

impl<'a, C: Controller> State<'a, C> {
    /// The phase that the controller publishes.
    pub fn phase(&self) -> Phase {
        self.world.phase()
    }

    /// The tasks of the current attempt.
    pub fn tasks(&self) -> impl Iterator<Item = TaskState<'a, C>> + use<'a, C> {
        let (setup, lives) = (self.setup, &self.world.crews[0]);
        lives.iter().enumerate().map(|(index, &life)| TaskState { id: TaskId::at(index), life, setup })
    }
}

/// A task of the current attempt, as claims see it.
#[derive(Debug)]
pub struct TaskState<'a, C> {
    /// Which task.
    pub id: TaskId,
    /// How far it has come.
    pub life: Life,
    setup: &'a Setup<C>,
}

impl<C> TaskState<'_, C> {
    /// Whether its `on_start` has returned.
    pub fn completed_on_start(&self) -> bool {
        self.life.completed(Step::OnStart, &self.setup.sequence)
    }

    /// Whether it is dead: from its report on, or since it vanished.
    pub fn is_dead(&self) -> bool {
        self.life.is_dead()
    }

    /// Whether it has reached `run`.
    pub fn reached_run(&self) -> bool {
        matches!(self.life, Life::Running | Life::Finished | Life::Panicked(Cause::Cascaded))
    }
}

type Predicate<C> = Arc<dyn Fn(&State<'_, C>) -> bool + Send + Sync>;

/// A claim.
#[derive(Clone)]
pub struct Claim<C> {
    /// Its name, as people type it.
    pub id: Cow<'static, str>,
    /// The claim in one line, `premise: conclusion`.
    pub says: Cow<'static, str>,
    /// Where it is judged.
    pub judged: Judged,
    /// Whether it treats tasks alike, so that interchanging them cannot change its verdict.
    pub(crate) symmetric: bool,
    /// Whether it is one of the protocol's own.
    pub(crate) standard: bool,
    premise: Predicate<C>,
    conclusion: Predicate<C>,
}

impl<C: Controller> Claim<C> {
    /// A claim of your own: wherever `premise` holds, `conclusion` must.
    pub fn new(
        id: impl Into<Cow<'static, str>>,
        says: impl Into<Cow<'static, str>>,
        judged: Judged,
        premise: impl Fn(&State<'_, C>) -> bool + Send + Sync + 'static,
        conclusion: impl Fn(&State<'_, C>) -> bool + Send + Sync + 'static,
    ) -> Self {
        let (premise, conclusion) = (Arc::new(premise), Arc::new(conclusion));
        Self { id: id.into(), says: says.into(), judged, symmetric: false, standard: false, premise, conclusion }
    }

    /// Asks for a state: the claim that one can be reached.
    pub fn reachable(
        id: impl Into<Cow<'static, str>>,
        says: impl Into<Cow<'static, str>>,
        wanted: impl Fn(&State<'_, C>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::new(id, says, Judged::SomeState, wanted, |_| true)
    }

    /// Says that the claim is the protocol's own, and names no task: nothing could check that of another one.
    fn of_the_protocol(mut self) -> Self {
        (self.symmetric, self.standard) = (true, true);
        self
    }

    /// Whether the premise holds in a state.
    pub fn applies(&self, state: &State<'_, C>) -> bool {
        (self.premise)(state)
    }

    /// Whether the conclusion holds in a state.
    pub fn holds(&self, state: &State<'_, C>) -> bool {
        (self.conclusion)(state)
    }

    /// Whether the premise holds in a state and the conclusion does not.
    pub fn is_broken_in(&self, state: &State<'_, C>) -> bool {
        self.applies(state) && !self.holds(state)
    }
}

/// The claims of the protocol, in the order in which people read them.
pub fn standard<C: Controller>() -> Vec<Claim<C>> {
    use Judged::{EveryEnd, EveryState};
    type Holds<C> = fn(&State<'_, C>) -> bool;
    let running: Holds<C> = |s| s.phase() == Phase::Running;
    let failed: Holds<C> = |s| s.phase().is_final();
    let claim = |id, judged, says, premise: Holds<C>, conclusion: Holds<C>| {
        Claim::new(id, says, judged, premise, conclusion).of_the_protocol()
    };
    vec![
        claim("no-false-start", EveryState, "Running: every task has completed on_start", running, |s| {
            s.tasks().all(|task| task.completed_on_start())
        }),
        claim("no-lost-failure", EveryEnd, "Running: no task is dead", running, |s| {
            !s.tasks().any(|task| task.is_dead())
        }),
        claim("no-false-alarm", EveryEnd, "Failed: a task is dead", failed, |s| s.tasks().any(|task| task.is_dead())),
        claim(
            "always-decides",
            EveryEnd,
            "(always): the phase is not Scheduling",
            |_| true,
            |s| s.phase() != Phase::Scheduling,
        ),
        claim("running-runs", EveryEnd, "Running: every task that is not dead has reached run", running, |s| {
            s.tasks().all(|task| task.is_dead() || task.reached_run())
        }),
    ]
}

/// The witness: with every fault taken out, every end is Running with every task in `run`. It guards each
/// proof against holding only because nothing happens.
pub fn can_run<C: Controller>() -> Claim<C> {
    let says = "with every fault taken out, every end is Running with every task in run";
    let runs = |s: &State<'_, C>| s.phase() == Phase::Running && s.tasks().all(|task| task.life == Life::Running);
    Claim::new("can-run", says, Judged::EveryEnd, |_| true, runs).of_the_protocol()
}
