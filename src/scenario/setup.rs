//! A setup, which is what a check takes: a scenario, and its model with a controller.

use std::fmt::Debug;

use super::own::ModelError;
use super::{Rules, Scenario, ScenarioError};
use crate::claims::{Claim, standard};
use crate::core::{ActorId, Controller, Line, PipelineController, RunRules, Script, Step};
use crate::model::{Actor, Model};

/// A scenario and its model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup<C> {
    /// The scenario: rules, names, workers, faults.
    pub scenario: Scenario,
    /// What is explored and run.
    pub model: Model<C>,
}

/// The startup of a task: exactly one `on_start`, at most one `announce`, at most one `arrive`; then `run`.
///
/// ```
/// use startup_race::{Rules, Scenario, Sequence, Setup, Step, check};
///
/// let early = Sequence::new(&[Step::ANNOUNCE, Step::OnStart])?;
/// let scenario = Scenario::new(Rules::named("seed/fixed").unwrap(), 2).unwrap().failing(&[2]).unwrap();
/// check(Setup::of(scenario).with_sequence(&early)).expect_refuted("no-false-start");
/// # Ok::<(), startup_race::SequenceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence(Vec<Step>);

/// Why a list of steps is not a startup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SequenceError {
    /// `on_start` must occur exactly once. It occurs this many times.
    OnStart(usize),
    /// This step occurs more than once.
    Repeated(Step),
    /// This step is not one of `announce`, `on_start` and `arrive`.
    NoStartup(Step),
}

impl Sequence {
    /// The startup that takes these steps, and then `run`.
    ///
    /// # Errors
    /// If the steps are not a startup.
    pub fn new(steps: &[Step]) -> Result<Self, SequenceError> {
        let known = [Step::OnStart, Step::ANNOUNCE, Step::Arrive];
        let times = |step: Step| steps.iter().filter(|&&other| other == step).count();
        if let Some(&other) = steps.iter().find(|step| !known.contains(step)) {
            return Err(SequenceError::NoStartup(other));
        }
        match known.into_iter().find(|&step| times(step) > 1) {
            _ if times(Step::OnStart) != 1 => Err(SequenceError::OnStart(times(Step::OnStart))),
            Some(step) => Err(SequenceError::Repeated(step)),
            None => Ok(Self(steps.to_vec())),
        }
    }

    /// The startup that the rules give every task.
    pub fn of(rules: &Rules) -> Self {
        Self(startup(&Script::of(&rules.task, ActorId(1), 1)))
    }

    /// The steps, without `run`.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

/// The steps of a script before `run`.
fn startup(script: &Script) -> Vec<Step> {
    script.lines.iter().map(|line| line.step).take_while(|step| *step != Step::Run).collect()
}

impl Setup<PipelineController> {
    /// A scenario with the built-in controller.
    pub fn of(scenario: Scenario) -> Self {
        Self { model: scenario.model(), scenario }
    }
}

impl<C: Controller> Setup<C> {
    /// A scenario with a controller of your own that uses no names of its own.
    ///
    /// The scenario's rules for the built-in controller then change nothing that the controller does. The other rules
    /// have their effect: `announce`, `barrier` and `cascade` say what a task does (under `seed/fixed` it builds its
    /// resources in `on_start`, announces itself, and is in `run`), and [`RunRules`] say what may happen: attempts,
    /// tasks that linger, a stop, a timeout, losses, duplicates, crashes.
    ///
    /// # Panics
    /// If the controller lists names that no task uses: see [`Setup::try_with`].
    #[track_caller]
    pub fn with(controller: C, scenario: Scenario) -> Self {
        match Self::try_with(controller, scenario) {
            Ok(setup) => setup,
            Err(error) => panic!("the controller does not fit the scenario: {error}"),
        }
    }

    /// A scenario with a controller of your own.
    ///
    /// # Errors
    /// If the controller lists names that no task uses.
    pub fn try_with(controller: C, scenario: Scenario) -> Result<Self, ModelError> {
        Ok(Self { model: scenario.model_with(controller)?, scenario })
    }

    /// A control plane of your own: a controller, what the run allows, and the actors, the tasks first.
    ///
    /// ```
    /// use startup_race::{
    ///     Actor, Claim, Context, Controller, Input, Kind, Phase, RunRules, Scope, Script, Setup, Stage, Step, check,
    /// };
    ///
    /// /// A door that opens for the first ring, and does not look at the sender.
    /// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    /// struct Door(bool);
    ///
    /// impl Controller for Door {
    ///     fn on(&mut self, input: Input, _now: &mut Context) {
    ///         self.0 |= matches!(input, Input::Notice(notice) if notice.kind == Kind::Own("ring"));
    ///     }
    ///
    ///     fn phase(&self) -> Phase {
    ///         let (name, stage) = if self.0 { ("Open", Stage::Up) } else { ("Closed", Stage::Starting) };
    ///         Phase { name, stage }
    ///     }
    ///
    ///     fn names(&self) -> &'static [&'static str] {
    ///         &["ring"]
    ///     }
    /// }
    ///
    /// let ring = Script::default().then(Step::Send(Kind::Own("ring")));
    /// let guest = Actor::task("guest", Script::default().then(Step::OnStart).then(Step::Run));
    /// let setup = Setup::own(Door(false), RunRules::DEFAULT, vec![guest, Actor::helper("child", ring)])?;
    /// let open = |state: &startup_race::State<'_, Door>| state.stage() == Stage::Up;
    /// let ready = Claim::new("ready", "Open: the guest is ready", Scope::Always, open, |state| {
    ///     state.tasks().all(|guest| guest.reached_run())
    /// });
    /// let report = check(setup).claims(vec![ready]).expect_refuted("ready");
    /// assert!(report.text().contains("child"));
    /// # Ok::<(), startup_race::ModelError>(())
    /// ```
    ///
    /// # Errors
    /// If they cannot run, or if one refers to something that does not exist.
    pub fn own(controller: C, run: RunRules, actors: Vec<Actor>) -> Result<Self, ModelError> {
        let model = Model::new(controller, run, actors)?;
        Ok(Self { scenario: Scenario::of_actors(run, &model.actors), model })
    }

    /// The same with a startup of your own for every task. What a task does in `run` does not change.
    #[must_use]
    pub fn with_sequence(mut self, sequence: &Sequence) -> Self {
        self.scenario.ids().for_each(|id| self.set_sequence(id, sequence));
        self.model.find_barriers();
        self
    }

    /// The same with a startup of your own for these tasks.
    ///
    /// ```
    /// use startup_race::{ActorId, Rules, Scenario, Sequence, Setup, Step, check};
    ///
    /// let rules = Rules::named("seed/fixed").unwrap();
    /// let hasty = Sequence::new(&[Step::ANNOUNCE, Step::OnStart])?;
    /// let setup = Setup::of(Scenario::new(rules, 2)?).with_sequence_of(&[ActorId(2)], &hasty)?;
    /// check(setup).expect_refuted("no-false-start");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such task.
    pub fn with_sequence_of(mut self, tasks: &[ActorId], sequence: &Sequence) -> Result<Self, ScenarioError> {
        let known = usize::from(self.model.tasks);
        match tasks.iter().find(|id| id.index() >= known) {
            Some(id) => return Err(ScenarioError::NoSuchTask(id.0, known)),
            None => tasks.iter().for_each(|&id| self.set_sequence(id, sequence)),
        }
        self.model.find_barriers();
        Ok(self)
    }

    fn set_sequence(&mut self, id: ActorId, sequence: &Sequence) {
        let script = &mut self.model.actors[id.index()].script;
        let in_run = script.lines.iter().skip_while(|line| line.step != Step::Run).skip(1).cloned();
        let startup = sequence.0.iter().chain([&Step::Run]);
        let mut lines: Vec<Line> = (0..).zip(startup).map(|(position, &step)| Line::new(step, position)).collect();
        let position = lines.len() as u32;
        lines.extend(in_run.map(|line| Line { position, ..line }));
        *script = Script { lines };
    }

    /// The startup of its first task.
    pub fn sequence(&self) -> Sequence {
        self.sequence_of(ActorId(1))
    }

    /// The startup of a task.
    pub(crate) fn sequence_of(&self, task: ActorId) -> Sequence {
        self.model.actors.get(task.index()).map_or(Sequence(Vec::new()), |task| Sequence(startup(&task.script)))
    }

    /// Whether it is a user's own model: it has helpers, or a task differs from the rules in more than its startup.
    pub(crate) fn is_own(&self) -> bool {
        let mut by_rule = self.clone();
        by_rule.model.actors = self.scenario.actors();
        self.scenario.ids().for_each(|id| by_rule.set_sequence(id, &self.sequence_of(id)));
        self.model.actors != by_rule.model.actors
    }

    /// Whether `TaskStarted` has a meaning: this is not a user's own model, or an actor sends it.
    pub(crate) fn announces(&self) -> bool {
        !self.is_own() || self.model.actors.iter().any(|actor| actor.script.bits(Step::ANNOUNCE) != 0)
    }

    /// Whether each task does what the rules of the scenario say, and there are no helpers.
    pub(crate) fn follows_rules(&self) -> bool {
        self.model.actors == self.scenario.actors()
    }

    /// The same without faults. The witness is judged on it.
    #[must_use]
    pub fn without_faults(&self) -> Self {
        Self { scenario: self.scenario.without_faults(), model: self.model.without_faults() }
    }

    /// The claims that are judged by default.
    pub fn standard_claims(&self) -> Vec<Claim<C>> {
        let (stop, one) = (self.model.run.stop, self.scenario.rules().controller.restart_one);
        let is_judged = |claim: &Claim<C>| match &*claim.id {
            "no-lost-stop" | "no-false-stop" => stop,
            "no-half-run" => stop || one,
            _ => true,
        };
        standard(&self.model.run).into_iter().filter(is_judged).collect()
    }
}
