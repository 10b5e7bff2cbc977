//! One global state: the controller, the actors, the channels; which actions are enabled; one step.
//!
//! 1. An action is atomic: no state between its beginning and its end is visible. Two actions together are not atomic.
//! 2. A channel is first in, first out. There is no order between channels.
//! 3. A retry is part of the action that causes it. Every actor that is renewed begins again, and the channels keep
//!    their messages. The old tasks stop, or linger with their own faults and their own barrier. A restart begins only
//!    one actor again.
//! 4. While duplicates are left, a message may be delivered and kept. While losses are left, a message may be lost.
//! 5. No schedule is complete while a stop or a crash can come. A patient timeout waits for every step and every
//!    delivery, but not for a stop or a crash.

use std::collections::VecDeque;

use super::actors::Model;
use super::driver::{ContractViolation, Driver, Received};
use super::event::{Action, Channel, Event, Message};
use crate::core::{
    ActorId, Attempt, Command, Controller, Effect, Input, Kind, NextStep, Notice, Phase, Stage, Status, Step,
    TaskState, Timeout, Via, When, WorkerId,
};

/// A state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World<C> {
    /// The controller, the attempt and the budget.
    pub driver: Driver<C>,
    /// The states of the actors. The first list has the current tasks, then the helpers. Each further list has the
    /// tasks of an earlier attempt that linger, the youngest attempt first.
    pub attempts: Vec<Vec<TaskState>>,
    /// For each worker, the notices that were sent and not yet received, oldest first. [`Model::notice`] reads them.
    pub inboxes: Vec<VecDeque<QueuedNotice>>,
    /// For each actor, the commands that were sent and not yet taken, oldest first. Empty if no actor waits for
    /// commands.
    pub commands: Vec<VecDeque<Command>>,
    /// Whether a user has asked for a stop.
    pub stop_asked: bool,
    /// How often a delivery may still be repeated.
    pub duplicates_left: u8,
    /// How often a message may still be lost.
    pub losses_left: u8,
    /// How often the controller may still crash.
    pub crashes_left: u8,
}

/// A notice in an inbox. A state holds many of them, so the kind is stored as a number: its index in [`Model::kinds`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueuedNotice {
    /// The sender.
    pub from: ActorId,
    /// The sender's attempt when it sent the notice.
    pub attempt: Attempt,
    /// The index of its kind.
    pub kind: u16,
}

/// Why an action is not enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// The scenario has no such actor or channel, or does not have it in this state.
    NoSuchActor,
    /// The task waits for its worker's barrier to fill.
    AtBarrier,
    /// The actor waits for another condition of its next step.
    Waiting,
    /// The actor is in `run` and stays there, hangs, or has ended.
    Over(TaskState),
    /// The channel holds no message.
    InboxEmpty,
    /// The actor does not take the oldest command now.
    NotTaken,
    /// The network has repeated all that it may.
    NoDuplicateLeft,
    /// The network has lost all that it may.
    NoLossLeft,
    /// The controller has crashed as often as it may.
    NoCrashLeft,
    /// The rules have no stop.
    NoStop,
    /// A stop was already asked for.
    StopAsked,
    /// The stage is final.
    Final,
    /// The rules have no timeout.
    NoTimeout,
    /// A timeout is possible in the starting stage only.
    NotStarting,
    /// A patient timeout waits until no actor can take a step and no notice can be delivered.
    OthersCanMove,
}

/// An action that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is not enabled. The state is unchanged.
    Blocked(Blocked),
    /// The controller broke its contract. The state must not be used any more.
    Contract(ContractViolation),
}

impl From<Blocked> for Refused {
    fn from(blocked: Blocked) -> Self {
        Self::Blocked(blocked)
    }
}

impl<C: Controller> Model<C> {
    /// The first state.
    pub fn start(&self) -> World<C> {
        let (run, actors) = (self.run, self.actors.len());
        World {
            driver: Driver::new(self.controller.clone(), self.tasks, ActorId::at(actors - 1).0, run.attempts),
            attempts: vec![vec![TaskState::new(Attempt(1)); actors]],
            inboxes: vec![VecDeque::new(); self.barriers.len()],
            commands: vec![VecDeque::new(); if self.has_commands { actors } else { 0 }],
            stop_asked: false,
            duplicates_left: run.duplicates,
            losses_left: run.losses,
            crashes_left: run.crashes,
        }
    }

    /// The notice that was queued.
    pub fn notice(&self, QueuedNotice { from, attempt, kind }: QueuedNotice) -> Notice {
        Notice { from, attempt, kind: self.kinds[usize::from(kind)] }
    }

    fn send(&self, world: &mut World<C>, worker: WorkerId, Notice { from, attempt, kind }: Notice) {
        let kind = self.kinds.iter().position(|&other| other == kind).and_then(|kind| u16::try_from(kind).ok());
        let queued = kind.map(|kind| QueuedNotice { from, attempt, kind });
        world.inboxes[worker.index()].extend(queued);
    }

    /// The enabled actions, in canonical order. If there are none, the state is an end.
    pub fn actions(&self, world: &World<C>) -> Vec<Action> {
        let mut actions = self.candidates(world);
        actions.retain(|&action| self.check(world, action).is_ok());
        actions
    }

    /// Every action that could be enabled, in canonical order.
    pub fn candidates(&self, world: &World<C>) -> Vec<Action> {
        let inboxes = || (1..=self.inboxes()).map(WorkerId);
        let commands = || (0..world.commands.len()).map(|index| Channel::Commands(ActorId::at(index)));
        let channels = || inboxes().map(Channel::Inbox).chain(commands());
        let mut all = Vec::with_capacity(2 * self.actors.len() + 8);
        all.extend((0..self.actors.len()).map(|index| Action::Step(ActorId::at(index))));
        for tasks in &world.attempts[1..] {
            all.extend(tasks.iter().enumerate().map(|(index, task)| Action::Linger(task.attempt, ActorId::at(index))));
        }
        all.extend(inboxes().map(Action::Receive));
        all.extend(channels().filter(|_| self.run.duplicates > 0).map(Action::Redeliver));
        all.extend(channels().filter(|_| self.run.losses > 0).map(Action::Lose));
        all.extend(Some(Action::Stop).filter(|_| self.run.stop));
        all.extend(Some(Action::TimeOut).filter(|_| self.run.timeout != Timeout::None));
        all.extend(Some(Action::Crash).filter(|_| self.run.crashes > 0));
        all
    }

    /// Checks that an action is enabled.
    ///
    /// # Errors
    /// The reason why it is not enabled.
    pub fn check(&self, world: &World<C>, action: Action) -> Result<(), Blocked> {
        match action {
            Action::Step(id) => self.next(world, 0, id).map(|_| ()),
            Action::Linger(attempt, id) => self.next(world, world.age(attempt, id)?, id).map(|_| ()),
            Action::Receive(worker) => world.expect_message(Channel::Inbox(worker)),
            Action::Redeliver(_) if world.duplicates_left == 0 => Err(Blocked::NoDuplicateLeft),
            Action::Redeliver(Channel::Commands(id)) if !self.next(world, 0, id).is_ok_and(takes_command) => {
                Err(Blocked::NotTaken)
            }
            Action::Lose(_) if world.losses_left == 0 => Err(Blocked::NoLossLeft),
            Action::Redeliver(channel) | Action::Lose(channel) => world.expect_message(channel),
            Action::Stop if !self.run.stop => Err(Blocked::NoStop),
            Action::Stop if world.stop_asked => Err(Blocked::StopAsked),
            Action::Crash if world.crashes_left == 0 => Err(Blocked::NoCrashLeft),
            Action::Stop | Action::Crash if world.stage().is_final() => Err(Blocked::Final),
            Action::TimeOut if self.run.timeout == Timeout::None => Err(Blocked::NoTimeout),
            Action::TimeOut if world.stage() != Stage::Starting => Err(Blocked::NotStarting),
            Action::TimeOut if self.run.timeout == Timeout::Patient && self.is_busy(world) => {
                Err(Blocked::OthersCanMove)
            }
            Action::Stop | Action::TimeOut | Action::Crash => Ok(()),
        }
    }

    /// Whether an actor can take a step or a notice can be delivered.
    fn is_busy(&self, world: &World<C>) -> bool {
        let moves = |action: &Action| matches!(action, Action::Step(_) | Action::Linger(..) | Action::Receive(_));
        self.candidates(world).into_iter().filter(moves).any(|action| self.check(world, action).is_ok())
    }

    /// The next step of an actor, and the line of its script for it. `age` 0 is the current attempt.
    pub(crate) fn next(&self, world: &World<C>, age: usize, id: ActorId) -> Result<NextStep<'_>, Blocked> {
        let state = *world.attempts[age].get(id.index()).ok_or(Blocked::NoSuchActor)?;
        let (actor, holds) = (self.actor(id), |when| self.holds(world, age, id, when));
        let (script, command) = (&actor.script, world.commands.get(id.index()).and_then(VecDeque::front));
        let is_discarded = || age == 0 && command.is_some_and(|&command| state.discards(script, command));
        match state.next(script, actor.fault(state.attempt, holds), holds) {
            Some(next) => Ok(next),
            None if is_discarded() => Ok((Step::Discard, None)),
            None if state.status != Status::Live || state.has_completed(Step::Run, script) => Err(Blocked::Over(state)),
            None if state.is_at_barrier(script) && !holds(When::BarrierFull) => Err(Blocked::AtBarrier),
            None => Err(Blocked::Waiting),
        }
    }

    fn holds(&self, world: &World<C>, age: usize, id: ActorId, when: When) -> bool {
        let state = |id: ActorId| *world.attempts[age].get(id.index()).unwrap_or(&world.attempts[0][id.index()]);
        let completed = |id: ActorId, step| state(id).has_completed(step, &self.actor(id).script);
        match when {
            When::After(other, step) => completed(other, step),
            When::Before(other, step) => !completed(other, step),
            When::Dead(other) => state(other).is_dead(),
            When::Gone(other) => state(other).is_gone(),
            When::Stopping => age == 0 && world.stage() == Stage::Stopping,
            When::Command(command) => age == 0 && world.commands[id.index()].front() == Some(&command),
            When::BarrierFull => {
                let members = &self.barriers[self.actor(id).worker.index()];
                members.iter().all(|&(other, arrival)| state(other).completed & arrival != 0)
            }
        }
    }

    /// Takes an action.
    ///
    /// # Errors
    /// If it is not enabled, or the controller breaks its contract.
    pub fn apply(&self, world: &mut World<C>, action: Action) -> Result<Event<Received>, Refused> {
        match action {
            // Taking a step checks whether the actor can take it.
            Action::Step(_) | Action::Linger(..) => {}
            _ => self.check(world, action)?,
        }
        match action {
            Action::Step(id) => self.step(world, 0, id),
            Action::Linger(attempt, id) => self.step(world, world.age(attempt, id)?, id),
            Action::Receive(worker) => self.deliver(world, worker, false),
            Action::Redeliver(channel) => {
                world.duplicates_left -= 1;
                match channel {
                    Channel::Inbox(worker) => self.deliver(world, worker, true),
                    Channel::Commands(id) => {
                        let oldest = world.commands[id.index()].front().copied();
                        let event = self.step(world, 0, id)?;
                        oldest.into_iter().for_each(|command| world.commands[id.index()].push_front(command));
                        Ok(event)
                    }
                }
            }
            Action::Lose(channel) => {
                world.losses_left -= 1;
                Ok(Event::Lost(channel, self.pop(world, channel).ok_or(Blocked::InboxEmpty)?))
            }
            Action::Stop => self.react_alone(world, Input::Stop),
            Action::TimeOut => self.react_alone(world, Input::TimedOut),
            Action::Crash => self.react_alone(world, Input::Restarted),
        }
    }

    fn pop(&self, world: &mut World<C>, channel: Channel) -> Option<Message> {
        let notice = |queued| Message::Notice(self.notice(queued));
        match channel {
            Channel::Inbox(worker) => world.inboxes[worker.index()].pop_front().map(notice),
            Channel::Commands(id) => world.commands[id.index()].pop_front().map(Message::Command),
        }
    }

    /// A stop, a timeout or a crash.
    fn react_alone(&self, world: &mut World<C>, input: Input) -> Result<Event<Received>, Refused> {
        world.stop_asked |= input == Input::Stop;
        world.crashes_left -= u8::from(input == Input::Restarted);
        Ok(Event::Controller { inbox: None, redelivered: false, transition: self.react(world, input)? })
    }

    fn deliver(&self, world: &mut World<C>, worker: WorkerId, redelivered: bool) -> Result<Event<Received>, Refused> {
        let inbox = &mut world.inboxes[worker.index()];
        let oldest = if redelivered { inbox.front().copied() } else { inbox.pop_front() };
        let input = Input::Notice(self.notice(oldest.ok_or(Blocked::InboxEmpty)?));
        Ok(Event::Controller { inbox: Some(worker), redelivered, transition: self.react(world, input)? })
    }

    fn step(&self, world: &mut World<C>, age: usize, id: ActorId) -> Result<Event<Received>, Refused> {
        let (mut event, via) = self.advance(world, age, id)?;
        if let Event::Task { sent: Some(notice), called, .. } = &mut event {
            match via {
                Via::Worker => self.send(world, self.actor(id).worker, *notice),
                Via::Inbox(inbox) => self.send(world, inbox, *notice),
                Via::Call => *called = Some(self.react(world, Input::Notice(*notice))?),
            }
        }
        Ok(event)
    }

    /// Takes the next step of an actor, but does not send its notice yet. Also returns how the notice is sent.
    pub(crate) fn advance(&self, world: &mut World<C>, age: usize, task: ActorId) -> Result<Advanced, Blocked> {
        let (next, actor) = (self.next(world, age, task)?, self.actor(task));
        let (mut state, (step, line)) = (world.attempts[age][task.index()], next);
        let attempt = state.attempt;
        let fault = actor.fault(attempt, |when| self.holds(world, age, task, when));
        let sent = state.take(step, &actor.script, fault).map_err(|_| Blocked::Waiting)?;
        let sent = sent.map(|kind| Notice { from: task, attempt, kind });
        world.attempts[age][task.index()] = state;
        let command = if takes_command(next) { world.commands[task.index()].pop_front() } else { None };
        let event = Event::Task { task, attempt, step, state, command, sent, called: None };
        Ok((event, line.map_or(Via::Worker, |line| line.via)))
    }

    fn react(&self, world: &mut World<C>, input: Input) -> Result<Received, Refused> {
        let stale = world.is_stale(input);
        let received = world.driver.receive(input, stale).map_err(Refused::Contract)?;
        received.effects.iter().for_each(|&effect| self.perform(world, effect));
        Ok(received)
    }

    /// Does what the controller asked for.
    pub(crate) fn perform(&self, world: &mut World<C>, effect: Effect) {
        match effect {
            // If no script of the model waits for commands, a command is discarded at once.
            Effect::Send(id, command) => {
                world.commands.get_mut(id.index()).into_iter().for_each(|to| to.push_back(command));
            }
            Effect::Restart(id) => world.attempts[0][id.index()] = TaskState::new(world.driver.next_attempt()),
            Effect::Retry => {
                let new = TaskState::new(world.driver.next_attempt());
                if self.run.lingers {
                    let old = world.attempts[0][..usize::from(self.tasks)].to_vec();
                    world.attempts.insert(1, old);
                }
                let actors = world.attempts[0].iter_mut().zip(&self.actors);
                actors.filter(|(_, actor)| actor.renewed).for_each(|(state, _)| *state = new);
            }
            Effect::Reannounce => {
                for (from, actor) in self.actors().take(usize::from(self.tasks)) {
                    let task = world.attempts[0][from.index()];
                    if task.is_past(Step::ANNOUNCE, &actor.script) {
                        self.send(world, actor.worker, Notice { from, attempt: task.attempt, kind: Kind::Started });
                    }
                }
            }
        }
    }
}

/// A step, and how its notice is sent.
pub(crate) type Advanced = (Event<Received>, Via);

fn takes_command((step, line): NextStep<'_>) -> bool {
    step == Step::Discard || line.is_some_and(|line| line.when.iter().any(|when| matches!(when, When::Command(_))))
}

impl<C: Controller> World<C> {
    /// The phase that the controller publishes.
    pub fn phase(&self) -> Phase {
        self.driver.controller.phase()
    }

    /// The stage of that phase.
    pub fn stage(&self) -> Stage {
        self.phase().stage
    }

    /// Whether an input is a notice of an attempt that its sender has left.
    pub fn is_stale(&self, input: Input) -> bool {
        let has_left = |notice: Notice| notice.attempt != self.attempts[0][notice.from.index()].attempt;
        matches!(input, Input::Notice(notice) if has_left(notice))
    }

    /// The index in `attempts` of an earlier attempt whose tasks linger.
    pub(crate) fn age(&self, attempt: Attempt, id: ActorId) -> Result<usize, Blocked> {
        let is_it = |tasks: &Vec<TaskState>| tasks.get(id.index()).is_some_and(|task| task.attempt == attempt);
        self.attempts[1..].iter().position(is_it).map(|index| index + 1).ok_or(Blocked::NoSuchActor)
    }

    /// Checks that a channel holds a message.
    fn expect_message(&self, channel: Channel) -> Result<(), Blocked> {
        let is_empty = match channel {
            Channel::Inbox(worker) => self.inboxes.get(worker.index()).map(VecDeque::is_empty),
            Channel::Commands(id) => self.commands.get(id.index()).map(VecDeque::is_empty),
        };
        if is_empty.ok_or(Blocked::NoSuchActor)? { Err(Blocked::InboxEmpty) } else { Ok(()) }
    }
}
