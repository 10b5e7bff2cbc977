//! Whether a run of the threads is a path of the model, and its outcome.

use crate::core::{ActorId, Attempt, Controller, Input, Notice, Phase, Status, TaskState, When};
use crate::model::{Action, Actor, Channel, ContractViolation, Message, Refused, World};
use crate::scenario::Setup;
use crate::show::labels;
use crate::show::names::Names;
use crate::show::observer;
use crate::threads::{EndReason, Load, Published, Run, TaskEnd};
use crate::transition::{Event, TaskRun};

/// The outcome of a schedule: what the controller received, in order, and the end. The model and the threads are
/// compared by their outcomes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// Each input or loss: the action, and its notice if there is one.
    pub order: Order,
    pub end: End,
}

pub type Order = Vec<(Action, Option<Notice>)>;

/// An end: the phase with its reason, and the states of all tasks, first those of the current attempt, then the
/// lingering ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    pub phase: Phase,
    pub attempts: Vec<Vec<TaskState>>,
}

/// What the controller receives, or what a channel loses, in the form of an [`Outcome`].
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

/// Why the model does not allow a run. It is made on a small stack, so its text is made elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Complaint {
    /// The model cannot take this step. Steps are numbered from 0.
    NotAPath(usize, Refused),
    /// The model can take this step, but something else happens.
    Differs(usize, Box<Event>),
    /// The run has ended, but in the model this action is still enabled.
    NotAnEnd(Action),
    /// A task of the model did not start.
    NotStarted,
    /// The run did not end in the state that its events lead to.
    OtherEnd(End),
    /// A task gives the wrong reason for its end. It must be abandoned exactly if it waits at a barrier at the end, and
    /// hung exactly if it hangs.
    Abandoned,
    /// A task of an attempt that a retry ended gives the wrong reason for its end.
    Stopped,
    /// This is published at the end, but it is not the last decision.
    PublishedAtTheEnd(Published),
    /// The observer read this in a poll (numbered from 0), but it was never decided, or was decided before what was
    /// read earlier.
    NotDecided(usize, Published),
    /// The observer read this in a poll (numbered from 0) before it was decided.
    ReadBeforeItWasDecided(usize, Published),
    /// The controller breaks its contract.
    Breach(ContractViolation),
}

/// Steps the model through events. Each event must be exactly what happens in the model.
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

/// Replays a run in the model. Returns the state at its end.
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

/// Checks the ends of the tasks whose attempt was stopped by a retry. A task with something left to do must have been
/// stopped, a task that waited at a barrier abandoned, a task that hung hung, and any other task completed.
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
            // The task may have been asked to stop, and then have been stopped by a retry.
            EndReason::Stopped => has_more(setup.model.run().stop),
            EndReason::Abandoned => ended.state.is_at_barrier(script),
            EndReason::Hung => ended.state.status == Status::Hung,
        }
    };
    if stopped.into_iter().all(rightly) { Ok(()) } else { Err(Complaint::Stopped) }
}

/// The decisions of the controller, in order: each phase, with its attempt, and the number of the reaction that decided
/// it. The first phase was decided before any reaction: its number is 0.
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

/// Checks that the published values that were read were decided, in this order, and that the last decision is published
/// at the end.
fn published_rightly<C: Controller>(setup: &Setup<C>, run: &Run) -> Result<(), Complaint> {
    let decided = decisions(setup, &run.events);
    seen_rightly(run, &decided, &[])?;
    match decided.last() {
        Some(&(last, _)) if last == run.published => Ok(()),
        _ => Err(Complaint::PublishedAtTheEnd(run.published)),
    }
}

/// Checks that the observer read only decisions, in their order. If `reactions` says after how many reactions of the
/// controller each poll was made, also checks that no value was read before its decision.
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

/// The action of an event of the controller or the network.
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

/// Checks that the threads report the end that their events lead to.
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

/// The phase and the tasks of a state, in the form of an [`End`].
pub fn end_of<C: Controller>(world: &World<C>) -> End {
    End { phase: world.phase(), attempts: world.attempts.clone() }
}

/// Judges a run. Returns its outcome, if it is a path of the model.
pub fn judge<C: Controller>(setup: &Setup<C>, run: &Run) -> Result<Outcome, Complaint> {
    let world = replay(setup, run)?;
    Ok(Outcome { order: run.events.iter().filter_map(received).collect(), end: end_of(&world) })
}

/// A run as text, one line for each action and each load of the observer.
pub fn trace(events: &[Event], loads: &[Load]) -> String {
    let line = |(step, event): (usize, &Event)| {
        let (actor, done) = (labels::event_actor(event, Names::NUMBERS), told(event));
        let attempt = event.task_run().map_or(String::new(), |TaskRun { attempt, .. }| format!("@{}", attempt.0));
        format!("{:4}  {:12}{done}\n{}", step + 1, actor + &attempt, read(step + 1, loads))
    };
    read(0, loads) + &events.iter().enumerate().map(line).collect::<String>()
}

/// What the observer read after this many steps. A load is not a step.
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
