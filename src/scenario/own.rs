//! A user's own model: how its actors and scripts are written, and what is refused.

use std::borrow::Cow;

use crate::core::{
    ActorId, Attempt, Cause, Controller, Fault, Kind, Line, RunRules, Script, Step, Timeout, Via, When, WorkerId,
};
use crate::model::{Actor, FaultSpec, Model};

use super::names::is_printable;

impl Script {
    /// Adds a step at a new position.
    #[must_use]
    pub fn then(self, step: Step) -> Self {
        let position = self.lines.last().map_or(0, |line| line.position + 1);
        self.line(step, position)
    }

    /// Adds an alternative at the last position: it can be taken only if no line before it at this position is enabled.
    #[must_use]
    pub fn or(self, step: Step) -> Self {
        let position = self.lines.last().map_or(0, |line| line.position);
        self.line(step, position)
    }

    /// Adds a condition to the last line.
    #[must_use]
    pub fn when(mut self, when: When) -> Self {
        self.lines.last_mut().into_iter().for_each(|line| line.when.push(when));
        self
    }

    /// Sets how the notice of the last line reaches the controller.
    #[must_use]
    pub fn via(mut self, via: Via) -> Self {
        self.lines.last_mut().into_iter().for_each(|line| line.via = via);
        self
    }

    fn line(mut self, step: Step, position: u32) -> Self {
        self.lines.push(Line::new(step, position));
        self
    }
}

impl Actor {
    /// A task on worker 1.
    pub fn task(name: impl Into<Cow<'static, str>>, script: Script) -> Self {
        let (name, worker) = (name.into(), WorkerId(1));
        Self { name, is_task: true, script, worker, renewed: true, is_fault: false, faults: Vec::new() }
    }

    /// A helper on worker 1: no standard claim is about it, and a retry does not change it.
    pub fn helper(name: impl Into<Cow<'static, str>>, script: Script) -> Self {
        Self { is_task: false, renewed: false, ..Self::task(name, script) }
    }

    /// Sets its worker.
    #[must_use]
    pub fn on(self, worker: u8) -> Self {
        Self { worker: WorkerId(worker), ..self }
    }

    /// Gives it a fault in these attempts, under these conditions. An empty list of attempts means every attempt.
    #[must_use]
    pub fn with(mut self, fault: Fault, attempts: &[u8], when: &[When]) -> Self {
        let attempts = attempts.iter().copied().map(Attempt).collect();
        self.faults.push(FaultSpec { fault, attempts, when: when.to_vec() });
        self
    }

    fn conditions(&self) -> impl Iterator<Item = When> {
        let of_lines = self.script.lines.iter().flat_map(|line| &line.when);
        of_lines.chain(self.faults.iter().flat_map(|spec| &spec.when)).copied()
    }

    /// The inboxes that it may send to: its worker's, and those that its lines name.
    fn inboxes(&self) -> impl Iterator<Item = WorkerId> {
        let others = self.script.lines.iter().filter_map(|line| match line.via {
            Via::Inbox(inbox) => Some(inbox),
            Via::Worker | Via::Call => None,
        });
        others.chain([self.worker])
    }

    /// The user-defined names that it uses: the kinds that it sends, and the commands that it waits for.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        let kinds = self.script.lines.iter().filter_map(|line| match line.step {
            Step::Send(Kind::Own(kind)) => Some(kind),
            _ => None,
        });
        kinds.chain(self.conditions().filter_map(waits_for))
    }
}

fn waits_for(when: When) -> Option<&'static str> {
    match when {
        When::Command(command) => Some(command.0),
        _ => None,
    }
}

/// Why a model is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelError {
    /// The first actor must be a task.
    NoTasks,
    /// There must be an attempt.
    NoAttempts,
    /// There are too many actors: this many. At most 255 are allowed, including at most [`MAX_HELPERS`] helpers.
    TooManyActors(usize),
    /// There are too many helpers: this many. At most [`MAX_HELPERS`] are allowed.
    TooManyHelpers(usize),
    /// This task comes after a helper. Tasks must come first.
    AfterHelper(ActorId),
    /// The script of this actor has too many lines: this many. At most [`MAX_LINES`] are allowed.
    TooManyLines(ActorId, usize),
    /// The name of this actor is not unique, is empty, begins with a combining mark, or contains an invisible
    /// character.
    Name(ActorId),
    /// This actor uses worker or inbox 0. They are numbered from 1.
    NoSuchWorker(ActorId),
    /// The first actor refers to the second, which does not exist.
    NoSuchActor(ActorId, ActorId),
    /// A condition of the first actor refers to this step of the second, but the script of the second has no such step.
    NoSuchStep(ActorId, ActorId, Step),
    /// This actor sends a kind of notice, or waits for a command, that the controller does not list.
    Unlisted(ActorId, &'static str),
    /// The controller lists this name, but no actor sends it or waits for it.
    Unused(&'static str),
    /// A line of this actor discards but waits for no command: it could be taken endlessly.
    EndlessDiscard(ActorId),
    /// A retry does not restart this task, and the previous attempt lingers: the task would be in two attempts.
    InTwoAttempts(ActorId),
}

/// How many helpers a model may have.
pub const MAX_HELPERS: usize = 16;

/// How many lines a script may have.
pub const MAX_LINES: usize = 32;

impl RunRules {
    /// One attempt; no timeout, no stop, and no fault of the network or of the controller.
    pub const DEFAULT: Self =
        Self { attempts: 1, lingers: false, timeout: Timeout::None, stop: false, duplicates: 0, losses: 0, crashes: 0 };

    /// The same without faults of the network and of the controller. No stop is asked for, and no timeout is hasty.
    #[must_use]
    pub fn without_faults(self) -> Self {
        let timeout = if self.timeout == Timeout::Hasty { Timeout::None } else { self.timeout };
        Self { timeout, stop: false, duplicates: 0, losses: 0, crashes: 0, ..self }
    }
}

impl<C: Controller> Model<C> {
    /// The same run without its faults: those of the actors, the network and the controller. An actor that represents a
    /// fault does nothing. No stop is asked for, and no timeout is hasty.
    #[must_use]
    pub fn without_faults(&self) -> Self {
        let healthy = |actor: &Actor| {
            let script = if actor.is_fault { Script::default() } else { actor.script.clone() };
            Actor { script, faults: Vec::new(), ..actor.clone() }
        };
        Self { run: self.run.without_faults(), actors: self.actors.iter().map(healthy).collect(), ..self.clone() }
    }

    /// A controller and its actors, the tasks first.
    ///
    /// # Errors
    /// If they cannot run, or if one refers to something that does not exist.
    pub fn new(controller: C, run: RunRules, actors: Vec<Actor>) -> Result<Self, ModelError> {
        let tasks = actors.iter().take_while(|actor| actor.is_task).count();
        let helpers = actors.len() - tasks;
        let stray = actors[tasks..].iter().position(|actor| actor.is_task).map(|index| ActorId::at(tasks + index));
        let checked = match stray {
            _ if tasks == 0 => Err(ModelError::NoTasks),
            _ if run.attempts == 0 => Err(ModelError::NoAttempts),
            Some(id) => Err(ModelError::AfterHelper(id)),
            None if helpers > MAX_HELPERS => Err(ModelError::TooManyHelpers(helpers)),
            None if actors.len() > usize::from(u8::MAX) => Err(ModelError::TooManyActors(actors.len())),
            None => check_actors(&actors, run, controller.names()),
        };
        checked.map(|()| {
            let inboxes = actors.iter().flat_map(Actor::inboxes).max().map_or(1, |last| last.0);
            let has_commands = actors.iter().flat_map(Actor::conditions).any(|when| waits_for(when).is_some());
            let has_calls = actors.iter().flat_map(|actor| &actor.script.lines).any(|line| line.via == Via::Call);
            let kinds = built_in_kinds().chain(controller.names().iter().copied().map(Kind::Own)).collect();
            let barriers = (1..=inboxes).map(|worker| members(&actors, WorkerId(worker))).collect();
            Self { controller, run, actors, tasks: ActorId::at(tasks - 1).0, barriers, kinds, has_commands, has_calls }
        })
    }
}

impl<C> Model<C> {
    /// Lists anew which actors use each barrier, after a script has changed.
    pub(crate) fn find_barriers(&mut self) {
        for (index, barrier) in self.barriers.iter_mut().enumerate() {
            *barrier = members(&self.actors, WorkerId(ActorId::at(index).0));
        }
    }

    /// The controller before its first input.
    pub fn controller(&self) -> &C {
        &self.controller
    }

    /// Every actor, with its number: the tasks, then the helpers.
    pub fn actors(&self) -> impl Iterator<Item = (ActorId, &Actor)> {
        self.actors.iter().enumerate().map(|(index, actor)| (ActorId::at(index), actor))
    }

    /// An actor.
    pub fn actor(&self, id: ActorId) -> &Actor {
        &self.actors[id.index()]
    }

    /// How many inboxes the controller has.
    pub fn inboxes(&self) -> u8 {
        ActorId::at(self.barriers.len() - 1).0
    }

    /// What the run allows.
    pub fn run(&self) -> &RunRules {
        &self.run
    }

    /// How many tasks there are.
    pub fn tasks(&self) -> u8 {
        self.tasks
    }

    /// Every kind of notice that there is: the built-in ones, then the controller's own.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }
}

/// The actors that use a worker's barrier, each with the lines that arrive there.
fn members(actors: &[Actor], worker: WorkerId) -> Vec<(ActorId, u32)> {
    let arrivals = actors.iter().enumerate().filter(|(_, actor)| actor.worker == worker);
    let arrivals = arrivals.map(|(index, actor)| (ActorId::at(index), actor.script.bits(Step::Arrive)));
    arrivals.filter(|(_, bits)| *bits != 0).collect()
}

fn built_in_kinds() -> impl Iterator<Item = Kind> {
    let causes = [Cause::Panicked, Cause::Cascaded, Cause::Died, Cause::Vanished];
    [Kind::Started, Kind::Finished].into_iter().chain(causes.map(Kind::Failed))
}

fn check_actors(actors: &[Actor], run: RunRules, names: &[&'static str]) -> Result<(), ModelError> {
    for (index, actor) in actors.iter().enumerate() {
        let (id, lines) = (ActorId::at(index), actor.script.lines.len());
        if lines > MAX_LINES {
            return Err(ModelError::TooManyLines(id, lines));
        }
        if !is_printable(&actor.name) || actors[..index].iter().any(|other| other.name == actor.name) {
            return Err(ModelError::Name(id));
        }
        if actor.inboxes().any(|worker| worker.0 == 0) {
            return Err(ModelError::NoSuchWorker(id));
        }
        if let Some(name) = actor.names().find(|name| !names.contains(name)) {
            return Err(ModelError::Unlisted(id, name));
        }
        let waits = |line: &Line| line.when.iter().any(|when| waits_for(*when).is_some());
        if actor.script.lines.iter().any(|line| line.step == Step::Discard && !waits(line)) {
            return Err(ModelError::EndlessDiscard(id));
        }
        if run.lingers && run.attempts > 1 && actor.is_task && !actor.renewed {
            return Err(ModelError::InTwoAttempts(id));
        }
        actor.conditions().try_for_each(|when| check_reference(actors, id, when))?;
    }
    let is_used = |name: &str| actors.iter().flat_map(Actor::names).any(|used| used == name);
    names.iter().find(|name| !is_used(name)).map_or(Ok(()), |name| Err(ModelError::Unused(name)))
}

fn check_reference(actors: &[Actor], from: ActorId, when: When) -> Result<(), ModelError> {
    let (id, step) = match when {
        When::After(id, step) | When::Before(id, step) => (id, Some(step)),
        When::Dead(id) | When::Gone(id) => (id, None),
        When::Command(_) | When::Stopping | When::BarrierFull => return Ok(()),
    };
    let other = actors.get(id.index()).ok_or(ModelError::NoSuchActor(from, id))?;
    let has = |step| step == Step::FINISH || other.script.bits(step) != 0;
    step.filter(|&step| !has(step)).map_or(Ok(()), |step| Err(ModelError::NoSuchStep(from, id, step)))
}
