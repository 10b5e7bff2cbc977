//! Claims about a run. A claim has a premise, a conclusion, and a scope: the states in which it is judged.
//!
//! Premise and conclusion are separate, because a claim whose premise never holds must be distinguished from one that
//! is tested.

use std::borrow::Cow;
use std::sync::Arc;

use crate::core::{ActorId, Controller, Phase, RunRules, Script, Stage, Status, Step, TaskState};
use crate::model::{Model, World};

/// Where a claim is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In every state, including the first one and the ends.
    Always,
    /// In every state in which no action is enabled.
    AtEnd,
    /// In every state, until one meets the premise: the claim holds if such a state is reachable.
    Reachable,
}

/// A state as a claim sees it. Its lists of tasks have only the tasks that the claim is about.
#[derive(Debug)]
pub struct State<'a, C> {
    /// What does not change.
    pub model: &'a Model<C>,
    /// The state.
    pub world: &'a World<C>,
    about: Option<&'a [ActorId]>,
}

/// A task as a claim sees it.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// Its number.
    pub id: ActorId,
    /// How far it has come.
    pub state: TaskState,
    /// What it does.
    pub script: &'a Script,
}

impl Task<'_> {
    /// Whether it has completed a step of its script.
    pub fn has_completed(&self, step: Step) -> bool {
        self.state.has_completed(step, self.script)
    }

    /// Whether its `on_start` has returned.
    pub fn completed_on_start(&self) -> bool {
        self.has_completed(Step::OnStart)
    }

    /// Whether it has reached `run`.
    pub fn reached_run(&self) -> bool {
        self.has_completed(Step::Run)
    }

    /// Whether it is in `run` now.
    pub fn runs(&self) -> bool {
        self.state.is_past(Step::Run, self.script)
    }

    /// Whether it is dead: from its report on, or since it vanished.
    pub fn is_dead(&self) -> bool {
        self.state.is_dead()
    }

    /// Whether it ended in good order.
    pub fn is_finished(&self) -> bool {
        self.state.status == Status::Finished
    }
}

impl<'a, C: Controller> State<'a, C> {
    /// A state, with all of its tasks.
    pub fn new(model: &'a Model<C>, world: &'a World<C>) -> Self {
        Self { model, world, about: None }
    }

    /// The phase that the controller publishes.
    pub fn phase(&self) -> Phase {
        self.world.phase()
    }

    /// The stage of that phase.
    pub fn stage(&self) -> Stage {
        self.world.stage()
    }

    /// The controller itself.
    pub fn controller(&self) -> &'a C {
        &self.world.driver.controller
    }

    /// The tasks of the current attempt.
    pub fn tasks(&self) -> impl Iterator<Item = Task<'a>> + use<'a, C> {
        tasks_of(self.model, self.about, &self.world.attempts[0])
    }

    /// The tasks of earlier attempts that linger.
    pub fn lingering(&self) -> impl Iterator<Item = Task<'a>> + use<'a, C> {
        let (model, about) = (self.model, self.about);
        self.world.attempts[1..].iter().flat_map(move |states| tasks_of(model, about, states))
    }

    /// A task of the current attempt, or a helper. `None` if there is no such actor.
    pub fn task(&self, id: ActorId) -> Option<Task<'a>> {
        let state = *self.world.attempts[0].get(id.index())?;
        Some(Task { id, state, script: &self.model.actor(id).script })
    }
}

/// The tasks of an attempt that a claim is about.
fn tasks_of<'a, C: Controller>(
    model: &'a Model<C>,
    about: Option<&'a [ActorId]>,
    states: &'a [TaskState],
) -> impl Iterator<Item = Task<'a>> + use<'a, C> {
    let tasks = model.actors().take(usize::from(model.tasks())).zip(states);
    let tasks = tasks.map(|((id, actor), &state)| Task { id, state, script: &actor.script });
    tasks.filter(move |task| about.is_none_or(|ids| ids.contains(&task.id)))
}

type Predicate<C> = Arc<dyn Fn(&State<'_, C>) -> bool + Send + Sync>;

/// A claim.
#[derive(Clone)]
pub struct Claim<C> {
    /// Its name, as it is typed on the command line.
    pub id: Cow<'static, str>,
    /// The claim in one line: `premise: conclusion`, or the state that must be reachable.
    pub statement: Cow<'static, str>,
    /// Where it is judged.
    pub scope: Scope,
    symmetric: bool,
    standard: bool,
    pub(crate) about: Option<Vec<ActorId>>,
    premise: Predicate<C>,
    conclusion: Predicate<C>,
}

impl<C: Controller> Claim<C> {
    /// A claim of your own: in each state in which it is judged, `conclusion` must hold if `premise` holds. With
    /// [`Scope::Reachable`], some state must meet `premise`, and `conclusion` is not used.
    pub fn new(
        id: impl Into<Cow<'static, str>>,
        statement: impl Into<Cow<'static, str>>,
        scope: Scope,
        premise: impl Fn(&State<'_, C>) -> bool + Send + Sync + 'static,
        conclusion: impl Fn(&State<'_, C>) -> bool + Send + Sync + 'static,
    ) -> Self {
        let (premise, conclusion) = (Arc::new(premise), Arc::new(conclusion));
        Self {
            id: id.into(),
            statement: statement.into(),
            scope,
            symmetric: false,
            standard: false,
            about: None,
            premise,
            conclusion,
        }
    }

    /// The claim that a state with this property can be reached.
    pub fn reachable(
        id: impl Into<Cow<'static, str>>,
        statement: impl Into<Cow<'static, str>>,
        wanted: impl Fn(&State<'_, C>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::new(id, statement, Scope::Reachable, wanted, |_| true)
    }

    /// The same claim about these tasks only. A check refuses an empty list, and a task that does not exist.
    ///
    /// ```
    /// use startup_race::{ActorId, PipelineController, Rules, Scenario, Setup, check, claims::standard};
    ///
    /// let setup = Setup::of(Scenario::new(Rules::named("seed/buggy").unwrap(), 2)?.failing(&[2])?);
    /// let claims = standard::<PipelineController>(setup.model.run());
    /// let first = claims.into_iter().map(|claim| claim.about(&[ActorId(1)]));
    /// let lost = first.filter(|claim| claim.id == "no-lost-failure").collect();
    /// check(setup).claims(lost).expect_proved(); // task 1 does not fail
    /// # Ok::<(), startup_race::scenario::ScenarioError>(())
    /// ```
    #[must_use]
    pub fn about(self, tasks: &[ActorId]) -> Self {
        Self { about: Some(tasks.to_vec()), symmetric: false, ..self }
    }

    /// Marks the claim as one of the protocol's own. Each of these treats all tasks alike. Whether another claim does
    /// is not known: a search that interchanges tasks has to check it.
    fn of_the_protocol(self) -> Self {
        Self { symmetric: true, standard: true, ..self }
    }

    /// Whether it is known to treat all tasks alike, so that interchanging them cannot change its verdict.
    pub fn is_symmetric(&self) -> bool {
        self.symmetric
    }

    /// Whether it is one of the protocol's own, about all tasks or about some.
    pub fn is_standard(&self) -> bool {
        self.standard
    }

    /// Whether the claim is judged in this state, and the state breaks it; or, if the claim asks for a state, whether
    /// this is such a state.
    pub fn is_found_in(&self, model: &Model<C>, world: &World<C>) -> bool {
        match self.scope {
            Scope::Always => self.is_broken_in(model, world),
            Scope::AtEnd => model.actions(world).is_empty() && self.is_broken_in(model, world),
            Scope::Reachable => self.applies(model, world),
        }
    }

    /// Whether the premise holds in a state and the conclusion does not. The scope of the claim does not matter here.
    pub fn is_broken_in(&self, model: &Model<C>, world: &World<C>) -> bool {
        self.applies(model, world) && !self.holds(model, world)
    }

    fn state<'a>(&'a self, model: &'a Model<C>, world: &'a World<C>) -> State<'a, C> {
        State { about: self.about.as_deref(), ..State::new(model, world) }
    }

    /// Whether the premise holds in a state.
    pub fn applies(&self, model: &Model<C>, world: &World<C>) -> bool {
        (self.premise)(&self.state(model, world))
    }

    /// Whether the conclusion holds in a state.
    pub fn holds(&self, model: &Model<C>, world: &World<C>) -> bool {
        (self.conclusion)(&self.state(model, world))
    }
}

/// The claims of the protocol, in the order in which they are listed.
pub fn standard<C: Controller>(run: &RunRules) -> Vec<Claim<C>> {
    use Scope::{Always, AtEnd};
    type Holds<C> = fn(&State<'_, C>) -> bool;
    let running: Holds<C> = |s| s.stage() == Stage::Up;
    let failed: Holds<C> = |s| matches!(s.stage(), Stage::Failed(_));
    let stopped: Holds<C> = |s| s.stage() == Stage::Ended;
    let asked: Holds<C> = |s| s.world.stop_asked;
    let decided = match run.stop {
        true => "(always): the phase is neither Scheduling nor Stopping",
        false => "(always): the phase is not Scheduling",
    };
    let claim = |id, scope, statement, premise: Holds<C>, conclusion: Holds<C>| {
        Claim::new(id, statement, scope, premise, conclusion).of_the_protocol()
    };
    vec![
        claim("no-false-start", Always, "Running: every task has completed on_start", running, |s| {
            s.tasks().all(|task| task.completed_on_start())
        }),
        claim("no-lost-failure", AtEnd, "Running: no task is dead", running, |s| !s.tasks().any(|task| task.is_dead())),
        claim("no-false-alarm", AtEnd, "Failed: a task is dead", failed, |s| s.tasks().any(|task| task.is_dead())),
        claim("always-decides", AtEnd, decided, |_| true, |s| !matches!(s.stage(), Stage::Starting | Stage::Stopping)),
        claim("running-runs", AtEnd, "Running: every task that is not dead has reached run", running, |s| {
            s.tasks().all(|task| task.is_dead() || task.reached_run())
        }),
        claim("no-lost-stop", AtEnd, "a stop was asked: the phase is not Running", asked, |s| s.stage() != Stage::Up),
        claim(
            "no-false-stop",
            Always,
            "Stopped: every task is dead or finished, also one that lingers",
            stopped,
            |s| s.tasks().chain(s.lingering()).all(|task| task.state.is_gone()),
        ),
        claim("no-half-run", AtEnd, "Running: no task is finished", running, |s| {
            !s.tasks().any(|task| task.is_finished())
        }),
    ]
}

/// The witness: without any fault, every end is Running with every task in `run`. It shows that the claims do not hold
/// only because nothing happens.
pub fn can_run<C: Controller>() -> Claim<C> {
    let statement = "with every fault taken out, every end is Running with every task in run";
    let runs = |s: &State<'_, C>| s.stage() == Stage::Up && s.tasks().all(|task| task.runs());
    Claim::new("can-run", statement, Scope::AtEnd, |_| true, runs).of_the_protocol()
}
