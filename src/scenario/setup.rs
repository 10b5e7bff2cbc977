//! What is checked: a scenario in words, and the model that it makes under a controller.

use std::fmt::Debug;

use super::own::ModelError;
use super::{Rules, Scenario};
use crate::claims::{Claim, standard};
use crate::core::{ActorId, Controller, Line, PipelineController, Script, Step};
use crate::model::Model;

/// A scenario and its model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup<C> {
    /// The scenario in words: rules, names, workers, faults.
    pub scenario: Scenario,
    /// What is explored and run.
    pub model: Model<C>,
}

/// The startup of every task: exactly one `on_start`, at most one `announce` and one `arrive`; then `run`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence(Vec<Step>);

/// A list of steps that is no startup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SequenceError {
    /// `on_start` must be in it once, and is in it so many times.
    OnStart(usize),
    /// This step is in it more than once.
    Repeated(Step),
    /// This step is none of `announce`, `on_start` and `arrive`.
    NoStartup(Step),
}

impl Sequence {
    /// The startup of these steps, and `run`.
    ///
    /// # Errors
    /// If the steps are no startup.
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
    /// A scenario under the built-in controller.
    pub fn of(scenario: Scenario) -> Self {
        Self { model: scenario.model(), scenario }
    }
}

impl<C: Controller> Setup<C> {
    /// A scenario under a controller of your own that uses no names of its own.
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

    /// A scenario under a controller of your own.
    ///
    /// # Errors
    /// If the controller lists names that no task uses.
    pub fn try_with(controller: C, scenario: Scenario) -> Result<Self, ModelError> {
        Ok(Self { model: scenario.model_with(controller)?, scenario })
    }

    /// The same with a startup of your own for every task. What a task does in `run` stays as it is.
    #[must_use]
    pub fn with_sequence(mut self, sequence: &Sequence) -> Self {
        for actor in &mut self.model.actors {
            let in_run = actor.script.lines.iter().skip_while(|line| line.step != Step::Run).skip(1).cloned();
            let startup = sequence.0.iter().chain([&Step::Run]);
            let mut lines: Vec<Line> = (0..).zip(startup).map(|(position, &step)| Line::new(step, position)).collect();
            let position = lines.len() as u32;
            lines.extend(in_run.map(|line| Line { position, ..line }));
            actor.script = Script { lines };
        }
        self.model.find_barriers();
        self
    }

    /// The startup of its tasks.
    pub fn sequence(&self) -> Sequence {
        self.model.actors.first().map_or(Sequence(Vec::new()), |task| Sequence(startup(&task.script)))
    }

    /// The same with every fault taken out. The witness is searched here.
    #[must_use]
    pub fn without_faults(&self) -> Self {
        Self { scenario: self.scenario.without_faults(), model: self.model.without_faults() }
    }

    /// The claims that are judged unless others are named.
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
