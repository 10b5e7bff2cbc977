//! One global state: the controller, the tasks, the inboxes; which actors can move; one step.
//!
//! 1. An action is whole: nothing smaller is visible, nothing larger is atomic.
//! 2. A task sends into its worker's inbox, which is first in, first out. Between workers there is no order.
//! 3. `receive` takes the oldest notice of an inbox. While the network may still repeat a delivery, the
//!    notice may instead be reacted to and kept.
//! 4. A retry is part of the action that causes it: every task begins anew, and the inboxes keep what
//!    they hold. The old tasks stop, or linger with their own fates and their own barrier.
//! 5. A patient timeout comes where nothing else can; a hasty one at any time. Both only in Scheduling.

use std::collections::VecDeque;

use super::controller::{Breach, Control, Controller, Input, Phase, Pipeline, Received};
use super::event::{Actor, Event};
use super::notice::{Attempt, Notice, TaskId, WorkerId};
use super::rules::{Cascade, OldAttempt, Timeout};
use super::scenario::Scenario;
use super::startup::{Act, Around, Life, Sequence, Step};

/// What does not change from state to state: the scenario, the controller as it begins, the startup sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup<C> {
    /// The rules and the tasks.
    pub scenario: Scenario,
    /// The controller before its first input.
    pub controller: C,
    /// What each task does.
    pub sequence: Sequence,
}

impl Setup<Pipeline> {
    /// A scenario under the pipeline's own controller, with the startup sequence of its rules.
    pub fn of(scenario: Scenario) -> Self {
        Self::with(Pipeline::new(*scenario.rules()), scenario)
    }
}

impl<C> Setup<C> {
    /// A scenario under a user's controller, with the startup sequence of the scenario's rules.
    pub fn with(controller: C, scenario: Scenario) -> Self {
        Self { sequence: Sequence::of(scenario.rules()), controller, scenario }
    }
}

/// The tasks of one attempt.
pub type Crew = Vec<Life>;

/// A state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World<C> {
    /// The controller, the attempt and the budget.
    pub control: Control<C>,
    /// The tasks: first the current attempt's, then those of the attempts before that linger.
    pub crews: Vec<Crew>,
    /// The inboxes, by worker; the oldest notice of each first.
    pub inboxes: Vec<VecDeque<Notice>>,
    /// How often the network may still repeat a delivery.
    pub duplicates_left: u8,
}

/// An action that an actor can take now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Of a task: its crew (0 is the current attempt's, 1 that of the attempt before, …) and the act.
    Task(usize, TaskId, Act),
    /// Of the controller: react to the oldest notice of an inbox, and keep it there or not.
    Receive(WorkerId, bool),
    /// Of the controller: give up waiting.
    Timeout,
}

/// Why an actor cannot move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// The scenario has no such actor, or not now.
    NoSuchActor,
    /// The task waits for its worker's barrier to fill.
    AtBarrier,
    /// The task has nothing left to do.
    Over(Life),
    /// The inbox is empty.
    InboxEmpty,
    /// The network has repeated all that it may.
    NoDuplicateLeft,
    /// The rules have no timeout.
    NoTimeout,
    /// A timeout ends only Scheduling.
    NotScheduling,
    /// A patient timeout waits until nothing else can happen.
    OthersCanMove,
}

/// A step that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The actor cannot move.
    Blocked(Blocked),
    /// The controller broke its contract; the state is lost.
    Breach(Breach),
}

impl<C: Controller> World<C> {
    /// The first state.
    pub fn start(setup: &Setup<C>) -> Self {
        let (scenario, rules) = (&setup.scenario, setup.scenario.rules());
        let tasks = scenario.tasks().len();
        Self {
            control: Control::new(setup.controller.clone(), TaskId::at(tasks - 1).0, rules.attempts),
            crews: vec![vec![Life::NEW; tasks]],
            inboxes: vec![VecDeque::new(); usize::from(scenario.workers())],
            duplicates_left: rules.duplicates,
        }
    }

    /// Every actor there is now, able to move or not, in canonical order.
    pub fn actors(&self, setup: &Setup<C>) -> Vec<Actor> {
        let rules = setup.scenario.rules();
        let inboxes = || (0..self.inboxes.len()).map(WorkerId::at);
        let mut actors: Vec<_> = setup.scenario.ids().map(Actor::Task).collect();
        for crew in 1..self.crews.len() {
            actors.extend(setup.scenario.ids().map(|task| Actor::Lingering(self.attempt_of(crew), task)));
        }
        actors.extend(inboxes().map(Actor::Receive));
        if rules.duplicates > 0 {
            actors.extend(inboxes().map(Actor::Keep));
        }
        if rules.timeout != Timeout::None {
            actors.push(Actor::Timeout);
        }
        actors
    }

    /// The actors that can move, in canonical order. None: the state is an end.
    pub fn enabled(&self, setup: &Setup<C>) -> Vec<Actor> {
        let mut actors = self.actors(setup);
        actors.retain(|&actor| self.action(setup, actor).is_ok());
        actors
    }

    /// What an actor would do now.
    ///
    /// # Errors
    /// Why it cannot move.
    pub fn action(&self, setup: &Setup<C>, actor: Actor) -> Result<Action, Blocked> {
        match actor {
            Actor::Task(task) => self.task_action(setup, 0, task),
            Actor::Lingering(attempt, task) => {
                let crew = (1..self.crews.len()).find(|&crew| self.attempt_of(crew) == attempt);
                self.task_action(setup, crew.ok_or(Blocked::NoSuchActor)?, task)
            }
            Actor::Receive(worker) => self.receive_action(worker, false),
            Actor::Keep(worker) if self.duplicates_left > 0 => self.receive_action(worker, true),
            Actor::Keep(_) => Err(Blocked::NoDuplicateLeft),
            Actor::Timeout => match setup.scenario.rules().timeout {
                Timeout::None => Err(Blocked::NoTimeout),
                _ if self.phase() != Phase::Scheduling => Err(Blocked::NotScheduling),
                Timeout::Patient if self.others_can_move(setup) => Err(Blocked::OthersCanMove),
                Timeout::Patient | Timeout::Hasty => Ok(Action::Timeout),
            },
        }
    }

    fn task_action(&self, setup: &Setup<C>, crew: usize, task: TaskId) -> Result<Action, Blocked> {
        let life = *self.crews[crew].get(task.index()).ok_or(Blocked::NoSuchActor)?;
        match life.next(&setup.sequence, self.around(setup, crew, task)) {
            Some(act) => Ok(Action::Task(crew, task, act)),
            None if life.waits(&setup.sequence) => Err(Blocked::AtBarrier),
            None => Err(Blocked::Over(life)),
        }
    }

    fn receive_action(&self, worker: WorkerId, keep: bool) -> Result<Action, Blocked> {
        match self.inboxes.get(worker.index()) {
            None => Err(Blocked::NoSuchActor),
            Some(inbox) if inbox.is_empty() => Err(Blocked::InboxEmpty),
            Some(_) => Ok(Action::Receive(worker, keep)),
        }
    }

    fn others_can_move(&self, setup: &Setup<C>) -> bool {
        self.actors(setup).iter().any(|&actor| actor != Actor::Timeout && self.action(setup, actor).is_ok())
    }

    /// What a task can tell of its surroundings; looked at only where its next action depends on it.
    fn around(&self, setup: &Setup<C>, crew: usize, task: TaskId) -> Around {
        let (lives, index, scenario) = (&self.crews[crew], task.index(), &setup.scenario);
        let arrived = |other: TaskId| lives[other.index()].completed(Step::Arrive, &setup.sequence);
        let chained = scenario.rules().cascade == Cascade::Chain && lives[index] == Life::Running;
        let gone = |life: &Life| life.is_dead() || *life == Life::Finished;
        Around {
            barrier_full: lives[index].waits(&setup.sequence) && scenario.on(scenario.task(task).worker).all(arrived),
            downstream_dead: chained && lives.get(index + 1).is_some_and(|life| life.is_dead()),
            upstream_gone: chained && index > 0 && gone(&lives[index - 1]),
        }
    }

    /// Takes one step.
    ///
    /// # Errors
    /// Where the actor cannot move, or the controller breaks its contract.
    pub fn step(&mut self, setup: &Setup<C>, actor: Actor) -> Result<Event, Refused> {
        match self.action(setup, actor).map_err(Refused::Blocked)? {
            Action::Task(crew, task, act) => Ok(self.step_task(setup, crew, task, act)),
            Action::Receive(worker, kept) => {
                let inbox = &mut self.inboxes[worker.index()];
                let oldest = if kept { inbox.front().copied() } else { inbox.pop_front() };
                let notice = oldest.ok_or(Refused::Blocked(Blocked::InboxEmpty))?;
                self.duplicates_left -= u8::from(kept);
                let received = self.react(setup, Input::Notice(notice))?;
                Ok(Event::Controller { inbox: Some(worker), kept, received })
            }
            Action::Timeout => self.react(setup, Input::TimedOut).map(|received| Event::Controller {
                inbox: None,
                kept: false,
                received,
            }),
        }
    }

    fn step_task(&mut self, setup: &Setup<C>, crew: usize, task: TaskId, act: Act) -> Event {
        let (attempt, spec) = (self.attempt_of(crew), setup.scenario.task(task));
        let life = &mut self.crews[crew][task.index()];
        let sent = life.take(act, spec.fates[attempt.index()]).map(|kind| Notice { task, attempt, kind });
        self.inboxes[spec.worker.index()].extend(sent);
        Event::Task { attempt, task, act, life: *life, sent }
    }

    fn react(&mut self, setup: &Setup<C>, input: Input) -> Result<Received, Refused> {
        let received = self.control.receive(input).map_err(Refused::Breach)?;
        if received.began.is_some() {
            if setup.scenario.rules().old_attempt == OldAttempt::Stopped {
                self.crews.clear();
            }
            self.crews.insert(0, vec![Life::NEW; setup.scenario.tasks().len()]);
        }
        Ok(received)
    }

    fn attempt_of(&self, crew: usize) -> Attempt {
        Attempt(self.control.attempt.0 - u8::try_from(crew).unwrap_or(0))
    }

    /// The published phase.
    pub fn phase(&self) -> Phase {
        self.control.controller.phase()
    }
}
