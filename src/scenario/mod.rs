//! A scenario of the built-in protocol: rules, and the tasks that start under them. It is built step by step, and each
//! step refuses invalid input. A [`Model`] is made from it.

pub mod knobs;
pub mod names;
pub mod own;
pub mod setup;
pub mod spec;
pub mod values;

pub use self::knobs::Rules;
use self::names::is_printable;
use self::own::ModelError;
pub use self::setup::{Sequence, SequenceError, Setup};
use crate::core::{ActorId, Attempt, Controller, Fault, PipelineController, RunRules, Script, WorkerId};
use crate::model::{Actor, FaultSpec, Model};

/// One task of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TaskSpec {
    /// The name that is shown.
    pub name: String,
    /// The worker that it runs on.
    pub worker: WorkerId,
    /// Its fault in each attempt of the budget.
    pub faults: Vec<Option<Fault>>,
}

/// Rules and tasks.
///
/// ```
/// use startup_race::{Rules, Scenario, Setup, replay};
///
/// let scenario = Scenario::new(Rules::named("arroyo/before").unwrap(), 2)?.failing(&[2])?;
/// let trace = replay(&Setup::of(scenario), "2 2 2 1 1 1 c c c").unwrap();
/// assert_eq!(trace.last().phase().name, "Running"); // and task 2 is dead
/// # Ok::<(), startup_race::ScenarioError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scenario {
    rules: Rules,
    tasks: Vec<TaskSpec>,
}

/// Why a scenario is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScenarioError {
    /// There must be a task.
    NoTasks,
    /// There must be an attempt.
    NoAttempts,
    /// If only one task is restarted, there is no earlier attempt that could linger.
    RestartOneLingers,
    /// The list of this name has this many entries (the second value), but there are this many tasks (the third value).
    Length(&'static str, usize, usize),
    /// Two tasks have this name, or it is empty, begins with a combining mark, or holds a comma, a blank or a character
    /// that [is unseen](names::is_unseen).
    Name(String),
    /// Workers are numbered from 1 without a gap, but this is worker 0, or no task is on this worker.
    EmptyWorker(u8),
    /// There is no such task. The second value is the number of tasks.
    NoSuchTask(u8, usize),
    /// There is no such attempt. The second value is the number of attempts.
    NoSuchAttempt(u8, u8),
    /// This task has a fault in this attempt already.
    TwoFaults(u8, u8),
}

impl Scenario {
    /// A scenario with this many healthy tasks on one worker, with the usual names.
    ///
    /// # Errors
    /// If there is no task or no attempt, or if the rules restart only one task and also let old attempts linger.
    pub fn new(rules: Rules, tasks: u8) -> Result<Self, ScenarioError> {
        let faults = vec![None; usize::from(rules.run.attempts)];
        let task = |number| TaskSpec { name: usual_name(number), worker: WorkerId(1), faults: faults.clone() };
        match (tasks, rules.run.attempts) {
            (0, _) => Err(ScenarioError::NoTasks),
            (_, 0) => Err(ScenarioError::NoAttempts),
            _ if rules.controller.restart_one && rules.run.lingers => Err(ScenarioError::RestartOneLingers),
            _ => Ok(Self { rules, tasks: (1..=tasks).map(task).collect() }),
        }
    }

    /// The part of a user's own model that a scenario can express: its tasks, their workers, and each fault without a
    /// condition. The scripts may differ from those that the rules give.
    pub(crate) fn of_actors(run: RunRules, actors: &[Actor]) -> Self {
        let strikes = |spec: &&FaultSpec, now: Attempt| {
            spec.when.is_empty() && (spec.attempts.is_empty() || spec.attempts.contains(&now))
        };
        let fault = |actor: &Actor, now| actor.faults.iter().find(|spec| strikes(spec, now)).map(|spec| spec.fault);
        let task = |actor: &Actor| TaskSpec {
            name: actor.name.to_string(),
            worker: actor.worker,
            faults: (1..=run.attempts).map(|attempt| fault(actor, Attempt(attempt))).collect(),
        };
        let tasks = actors.iter().filter(|actor| actor.is_task).map(task).collect();
        Self { rules: Rules { run, ..Rules::DEFAULT }, tasks }
    }

    /// Gives the tasks these names.
    ///
    /// # Errors
    /// If there is not exactly one name for each task, or if [`ScenarioError::Name`] forbids a name.
    pub fn with_names<S: AsRef<str>>(mut self, names: &[S]) -> Result<Self, ScenarioError> {
        self.expect_one_each("names", names.len())?;
        for (index, name) in names.iter().map(AsRef::as_ref).enumerate() {
            let taken = names[..index].iter().any(|other| other.as_ref() == name);
            let odd = |c: char| c == ',' || c.is_whitespace();
            if taken || !is_printable(name) || name.contains(odd) {
                return Err(ScenarioError::Name(name.to_string()));
            }
            self.tasks[index].name = name.to_string();
        }
        Ok(self)
    }

    /// Puts the tasks on these workers.
    ///
    /// # Errors
    /// If there is not exactly one worker for each task, or if the workers are not numbered from 1 without a gap.
    pub fn on_workers(mut self, workers: &[u8]) -> Result<Self, ScenarioError> {
        self.expect_one_each("workers", workers.len())?;
        let numbered = 1..=workers.iter().copied().max().unwrap_or(1);
        let outside = workers.iter().copied().find(|worker| !numbered.contains(worker));
        if let Some(empty) = outside.or_else(|| numbered.clone().find(|worker| !workers.contains(worker))) {
            return Err(ScenarioError::EmptyWorker(empty));
        }
        self.tasks.iter_mut().zip(workers).for_each(|(task, &worker)| task.worker = WorkerId(worker));
        Ok(self)
    }

    /// Gives a task a fault in these attempts. An empty list means every attempt.
    ///
    /// # Errors
    /// If there is no such task or attempt, or if the task already has a fault in one of the attempts.
    pub fn with_fault(mut self, fault: Fault, task: u8, attempts: &[u8]) -> Result<Self, ScenarioError> {
        let budget = self.rules.run.attempts;
        let every: Vec<u8> = (1..=budget).collect();
        let (tasks, index) = (self.tasks.len(), ActorId(task).index());
        let spec = self.tasks.get_mut(index).ok_or(ScenarioError::NoSuchTask(task, tasks))?;
        for &attempt in if attempts.is_empty() { &every } else { attempts } {
            let slot = spec.faults.get_mut(usize::from(attempt).wrapping_sub(1));
            match slot.ok_or(ScenarioError::NoSuchAttempt(attempt, budget))? {
                slot @ None => *slot = Some(fault),
                Some(_) => return Err(ScenarioError::TwoFaults(task, attempt)),
            }
        }
        Ok(self)
    }

    /// Makes these tasks panic in `on_start`, in every attempt.
    ///
    /// # Errors
    /// As [`Scenario::with_fault`].
    pub fn failing(self, tasks: &[u8]) -> Result<Self, ScenarioError> {
        tasks.iter().try_fold(self, |scenario, &task| scenario.with_fault(Fault::Panics, task, &[]))
    }

    /// The same pipeline without faults: those of the tasks, the network and the controller are removed. No stop is
    /// asked for, and no timeout is hasty.
    #[must_use]
    pub fn without_faults(&self) -> Self {
        let mut healthy = self.clone();
        healthy.tasks.iter_mut().for_each(|task| task.faults.fill(None));
        healthy.rules.run = healthy.rules.run.without_faults();
        healthy
    }

    /// The same tasks under other rules.
    ///
    /// # Errors
    /// If the rules have fewer attempts than a fault needs, or contradict each other.
    pub fn under(&self, rules: Rules) -> Result<Self, ScenarioError> {
        let mut other = Self::new(rules, ActorId::at(self.tasks.len() - 1).0)?;
        for (task, number) in self.tasks.iter().zip(1..=u8::MAX) {
            let new = &mut other.tasks[usize::from(number) - 1];
            (new.name, new.worker) = (task.name.clone(), task.worker);
            for (attempt, fault) in (1..=u8::MAX).zip(&task.faults) {
                if let Some(fault) = *fault {
                    other = other.with_fault(fault, number, &[attempt])?;
                }
            }
        }
        Ok(other)
    }

    /// The tasks' numbers.
    pub fn ids(&self) -> impl Iterator<Item = ActorId> + use<> {
        (0..self.tasks.len()).map(ActorId::at)
    }

    /// A task.
    pub fn task(&self, id: ActorId) -> &TaskSpec {
        &self.tasks[id.index()]
    }

    /// A task's fault in an attempt.
    pub fn fault(&self, task: ActorId, attempt: Attempt) -> Option<Fault> {
        self.task(task).faults.get(usize::from(attempt.0).wrapping_sub(1)).copied().flatten()
    }

    /// The tasks of a worker.
    pub fn on(&self, worker: WorkerId) -> impl Iterator<Item = ActorId> + '_ {
        self.ids().filter(move |&task| self.task(task).worker == worker)
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The tasks, in their order.
    pub fn tasks(&self) -> &[TaskSpec] {
        &self.tasks
    }

    /// Whether a task has another name than its usual one.
    pub fn has_own_names(&self) -> bool {
        (1..=u8::MAX).zip(&self.tasks).any(|(number, task)| task.name != usual_name(number))
    }

    /// How many workers there are.
    pub fn workers(&self) -> u8 {
        self.tasks.iter().map(|task| task.worker.0).max().unwrap_or(1)
    }

    /// The tasks as actors of a model, each with the script that the rules give it.
    pub fn actors(&self) -> Vec<Actor> {
        let tasks = ActorId::at(self.tasks.len() - 1).0;
        let actor = |(index, task): (usize, &TaskSpec)| Actor {
            worker: task.worker,
            faults: task.faults(),
            ..Actor::task(task.name.clone(), Script::of(&self.rules.task, ActorId::at(index), tasks))
        };
        self.tasks.iter().enumerate().map(actor).collect()
    }

    /// The scenario under the built-in controller.
    pub fn model(&self) -> Model<PipelineController> {
        self.model_with(self.rules.controller()).expect("the built-in controller knows all that its tasks send")
    }

    /// The scenario under a user's controller.
    ///
    /// # Errors
    /// If the controller lists names that no task uses.
    pub fn model_with<C: Controller>(&self, controller: C) -> Result<Model<C>, ModelError> {
        Model::new(controller, self.rules.run, self.actors())
    }

    fn expect_one_each(&self, what: &'static str, given: usize) -> Result<(), ScenarioError> {
        if given == self.tasks.len() { Ok(()) } else { Err(ScenarioError::Length(what, given, self.tasks.len())) }
    }
}

impl TaskSpec {
    /// Its faults, each with the attempts in which it happens.
    fn faults(&self) -> Vec<FaultSpec> {
        let kinds = [Fault::Panics, Fault::Vanishes, Fault::Hangs, Fault::Dies];
        let kinds = kinds.into_iter().filter(|&fault| self.faults.contains(&Some(fault)));
        let spec = |fault| {
            let at = (1..=u8::MAX).zip(&self.faults).filter(|(_, one)| **one == Some(fault));
            let attempts: Vec<Attempt> = at.map(|(attempt, _)| Attempt(attempt)).collect();
            let always = attempts.len() == self.faults.len();
            FaultSpec { fault, attempts: if always { Vec::new() } else { attempts }, when: Vec::new() }
        };
        kinds.map(spec).collect()
    }
}

pub(crate) fn usual_name(task: u8) -> String {
    let usual = ["source", "transform", "sink"].get(usize::from(task) - 1);
    usual.map_or_else(|| format!("task-{task}"), ToString::to_string)
}
