//! Whether what the threads did is a path of the world, and what it came to.

use crate::core::{ActorId, Attempt, Controller, Input, Notice, Phase, Status, TaskState, When};
use crate::model::{Action, Actor, Channel, ContractViolation, Message, Refused, World};
use crate::scenario::Setup;
use crate::show::labels;
use crate::show::names::Names;
use crate::show::observer;
use crate::threads::{EndReason, Load, Published, Run, TaskEnd};
use crate::transition::{Event, TaskRun};

/// What a schedule comes to: what the controller received, in order, and how it ended. The world and the threads are
/// compared by these.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// Each input, or loss: the action, and its notice if there is one.
    pub order: Order,
    pub end: End,
}

pub type Order = Vec<(Action, Option<Notice>)>;

/// The phase with its reason, and how far each task came: of the current attempt, then of those that linger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    pub phase: Phase,
    pub attempts: Vec<Vec<TaskState>>,
}

/// What a channel delivers to the controller, or loses, as an [`Outcome`] holds it.
pub fn received(event: &Event) -> Option<(Action, Option<Notice>)> {
    let action = of_the_controller(event)?;
    Some(match event {
        Event::Controller { transition, .. } => match transition.input {
            Input::Notice(notice) => (action, Some(notice)),
            Input::Stop | Input::TimedOut | Input::Restarted => (action, None),
        },
        Event::Lost(_, Message::Notice(notice)) => (action, Some(*notice)),
        Event::Task { .. } | Event::Lost(..) => return None,
    })
}

/// Why a run is none that the world allows. It is made where little stack is left, so its text is made elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Complaint {
    /// The world cannot take this step, from 0.
    NotAPath(usize, Refused),
    /// The world takes it, and something else happens.
    Differs(usize, Box<Event>),
    /// The run has ended, and in the world somebody can still move.
    NotAnEnd(Action),
    /// A task that the world has did not start.
    NotStarted,
    /// The run ended elsewhere than its events lead.
    OtherEnd(End),
    /// Exactly the tasks that wait at a barrier at the end are abandoned.
    Abandoned,
    /// A task of an attempt that a retry ended says that something else ended it than did.
    Stopped,
    /// At the end this is published, and it is not what was decided last.
    PublishedAtTheEnd(Published),
    /// The observer read this in a look, from 0, and it was never decided, or before what was read earlier.
    NotDecided(usize, Published),
    /// The observer read this in a look, from 0, and the decision was not yet there.
    ReadBeforeItWasDecided(usize, Published),
    /// The controller broke its contract.
    Breach(ContractViolation),
}

/// Steps the world through events, each of which must be just what happens there.
pub fn step_through<C: Controller>(setup: &Setup<C>, world: &mut World<C>, events: &[Event]) -> Result<(), Complaint> {
    for (step, event) in events.iter().enumerate() {
        let action = action(event, world);
        let stepped = setup.model.observe(world, action);
        let expected = stepped.map_err(|refused| Complaint::NotAPath(step, refused))?;
        if expected != *event {
            return Err(Complaint::Differs(step, Box::new(expected)));
        }
    }
    Ok(())
}

/// Replays a run in the world; returns the world's state at its end.
pub fn replay<C: Controller>(setup: &Setup<C>, run: &Run) -> Result<World<C>, Complaint> {
    let mut world = setup.model.start();
    step_through(setup, &mut world, &run.events)?;
    if let Some(breach) = &run.breach {
        return Err(Complaint::Breach(breach.clone()));
    }
    match setup.model.actions(&world).first() {
        Some(&action) => Err(Complaint::NotAnEnd(action)),
        None => ended_there(setup, &world, run)
            .and_then(|()| stopped_rightly(setup, &world, run))
            .and_then(|()| published_rightly(setup, run))
            .map(|()| world),
    }
}

/// Whether the tasks of the attempts that a retry stopped say what ended them: they were stopped if they had something left
/// to do, they were let go if they waited at a barrier, and else they were over.
fn stopped_rightly<C: Controller>(setup: &Setup<C>, world: &World<C>, run: &Run) -> Result<(), Complaint> {
    let is_there = |run: &TaskRun| {
        world.attempts.iter().any(|tasks| tasks.get(run.task.index()).is_some_and(|task| task.attempt == run.attempt))
    };
    let stopped = run.ends.iter().filter(|(run, _)| !is_there(run));
    let rightly = |(run, ended): (&TaskRun, &TaskEnd)| {
        let actor = setup.model.actor(run.task);
        let (script, fault) = (&actor.script, actor.fault(run.attempt, |_| false));
        let has_more = |may_stop| {
            let holds = |when| when == When::BarrierFull || may_stop && when == When::Stopping;
            ended.state.next(script, fault, holds).is_some()
        };
        match ended.how {
            EndReason::Completed => !has_more(false),
            // It may have been asked to stop, and then stopped by a retry.
            EndReason::Stopped => has_more(setup.model.run().stop),
            EndReason::Abandoned => ended.state.is_at_barrier(script),
            EndReason::Hung => ended.state.status == Status::Hung,
        }
    };
    if stopped.into_iter().all(rightly) { Ok(()) } else { Err(Complaint::Stopped) }
}

/// What the controller decided, in order: each phase that it came to, with the attempt, and after how many of its
/// reactions. The first is before any.
pub fn decisions<C: Controller>(setup: &Setup<C>, events: &[Event]) -> Vec<(Published, usize)> {
    let first = Published { attempt: Attempt(1), stage: setup.model.controller().phase().into() };
    let (mut decided, mut reactions) = (vec![(first, 0)], 0);
    for event in events {
        let Event::Controller { transition, .. } = event else { continue };
        reactions += 1;
        let (last, _) = decided[decided.len() - 1];
        let attempt = transition.began.unwrap_or(last.attempt);
        let next = Published { attempt, stage: transition.after.into() };
        if next != last {
            decided.push((next, reactions));
        }
    }
    decided
}

/// Whether what was published, as far as it was read, is what was decided, in that order, and at the end the last of it.
fn published_rightly<C: Controller>(setup: &Setup<C>, run: &Run) -> Result<(), Complaint> {
    let decided = decisions(setup, &run.events);
    seen_rightly(run, &decided, &[])?;
    match decided.last() {
        Some(&(last, _)) if last == run.published => Ok(()),
        _ => Err(Complaint::PublishedAtTheEnd(run.published)),
    }
}

/// Whether the observer read a part of what was decided, in that order. `reactions` says after how many reactions of the
/// controller it looked, as far as the looks were counted: none came before its decision.
pub fn seen_rightly(run: &Run, decided: &[(Published, usize)], reactions: &[usize]) -> Result<(), Complaint> {
    let mut from = 0;
    for (look, sight) in run.seen.iter().enumerate() {
        let read = sight.published;
        let Some(at) = decided[from..].iter().position(|&(published, _)| published == read) else {
            return Err(Complaint::NotDecided(look, read));
        };
        from += at;
        if reactions.get(look).is_some_and(|&reactions| reactions < decided[from].1) {
            return Err(Complaint::ReadBeforeItWasDecided(look, read));
        }
    }
    Ok(())
}

/// The action of an event that happens in this state.
pub fn action<C: Controller>(event: &Event, world: &World<C>) -> Action {
    match (event.task_run(), of_the_controller(event)) {
        (Some(TaskRun { task, attempt }), _) => {
            let is_current = world.attempts[0].get(task.index()).is_some_and(|state| state.attempt == attempt);
            if is_current { Action::Step(task) } else { Action::Linger(attempt, task) }
        }
        (None, action) => action.expect("an event is a task's or the controller's"),
    }
}

/// The action of an event that is not a task's.
fn of_the_controller(event: &Event) -> Option<Action> {
    Some(match *event {
        Event::Task { .. } => return None,
        Event::Controller { inbox: Some(worker), redelivered: false, .. } => Action::Receive(worker),
        Event::Controller { inbox: Some(worker), redelivered: true, .. } => Action::Redeliver(Channel::Inbox(worker)),
        Event::Controller { inbox: None, ref transition, .. } => match transition.input {
            Input::Stop => Action::Stop,
            Input::Restarted => Action::Crash,
            Input::Notice(_) | Input::TimedOut => Action::TimeOut,
        },
        Event::Lost(channel, _) => Action::Lose(channel),
    })
}

/// Whether the threads themselves say that they ended where their events lead.
fn ended_there<C: Controller>(setup: &Setup<C>, world: &World<C>, run: &Run) -> Result<(), Complaint> {
    let end_of = |(index, state): (usize, &TaskState)| {
        run.ends.get(&TaskRun { task: ActorId::at(index), attempt: state.attempt }).copied()
    };
    let ends: Option<Vec<Vec<TaskEnd>>> =
        world.attempts.iter().map(|tasks| tasks.iter().enumerate().map(end_of).collect()).collect();
    let Some(ends) = ends else { return Err(Complaint::NotStarted) };
    let states = ends.iter().map(|tasks| tasks.iter().map(|ended| ended.state).collect()).collect();
    let end = End { phase: run.phase, attempts: states };
    let last = run.ends.keys().map(|run| run.attempt).max();
    if end != self::end_of(world) || last != Some(world.driver.attempt) {
        return Err(Complaint::OtherEnd(end));
    }
    let rightly = |(ended, (_, actor)): (&TaskEnd, (ActorId, &Actor))| {
        let expected = match ended.state.status {
            Status::Hung => EndReason::Hung,
            _ if ended.state.is_at_barrier(&actor.script) => EndReason::Abandoned,
            _ => EndReason::Completed,
        };
        ended.how == expected
    };
    let all = ends.iter().all(|tasks| tasks.iter().zip(setup.model.actors()).all(rightly));
    if all { Ok(()) } else { Err(Complaint::Abandoned) }
}

/// The end that a state is, where it is one.
pub fn end_of<C: Controller>(world: &World<C>) -> End {
    End { phase: world.phase(), attempts: world.attempts.clone() }
}

/// Judges a run: what it came to, if it is a path of the world.
pub fn judge<C: Controller>(setup: &Setup<C>, run: &Run) -> Result<Outcome, Complaint> {
    let world = replay(setup, run)?;
    Ok(Outcome { order: run.events.iter().filter_map(received).collect(), end: end_of(&world) })
}

/// A run as people read it, one line an action.
pub fn trace(events: &[Event], loads: &[Load]) -> String {
    let line = |(step, event): (usize, &Event)| {
        let (actor, done) = (labels::event_actor(event, Names::NUMBERS), told(event));
        let attempt = event.task_run().map_or(String::new(), |TaskRun { attempt, .. }| format!("@{}", attempt.0));
        format!("{:4}  {:12}{done}\n{}", step + 1, actor + &attempt, read(step + 1, loads))
    };
    read(0, loads) + &events.iter().enumerate().map(line).collect::<String>()
}

/// What the observer read after this many steps. A load is no step.
fn read(after: usize, loads: &[Load]) -> String {
    let now = loads.iter().filter(|load| load.after == after);
    now.map(|load| format!("      {:12}reads {}\n", "observer", observer::text(load.read))).collect()
}

fn told(event: &Event) -> String {
    match *event {
        Event::Task { step, state, sent, .. } => {
            let sent =
                sent.map_or(String::new(), |notice| format!(", sends {}", labels::notice(notice, Names::NUMBERS)));
            format!("{}{sent}", labels::task_event(step, state))
        }
        Event::Controller { inbox, ref transition, .. } => {
            let from = inbox.map_or(String::new(), |worker| format!(" from worker {}", worker.0));
            let names = Names::NUMBERS;
            let (input, reaction) = (labels::input(transition.input, names), labels::reaction(transition, names));
            format!("{input}{from}: {reaction}; {}", labels::phase(transition.after, names))
        }
        Event::Lost(channel, message) => format!("{} is lost", labels::message(channel, message, Names::NUMBERS)),
    }
}
