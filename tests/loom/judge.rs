//! Whether what the threads did is a path of the world, and what it came to.

use startup_race::protocol::controller::{Breach, Controller, Input, Phase};
use startup_race::protocol::event::{Actor, Event};
use startup_race::protocol::notice::{Attempt, Notice};
use startup_race::protocol::startup::{Around, Life};
use startup_race::protocol::world::{Refused, Setup, World};
use startup_race::show::words;
use startup_race::threads::{Ended, How, Published, Run};

/// What a schedule comes to: what the controller received, in order, and how it ended. The world and the threads are
/// compared by these.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// Each input: the worker's number and its notice; for a timeout neither.
    pub order: Order,
    pub end: End,
}

pub type Order = Vec<Option<(u8, Notice)>>;

/// The phase with its reason, and each task's last step: of the current attempt, then of those that linger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    pub phase: Phase,
    pub crews: Vec<Vec<Life>>,
}

/// The input of an event of the controller, as an [`Outcome`] holds it.
pub fn received(event: &Event) -> Option<Option<(u8, Notice)>> {
    match *event {
        Event::Controller { inbox, received, .. } => Some(match (inbox, received.input) {
            (Some(worker), Input::Notice(notice)) => Some((worker.0, notice)),
            _ => None,
        }),
        Event::Task { .. } => None,
    }
}

/// Why a run is none that the world allows. It is made where little stack is left, so its text is made elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Complaint {
    /// The world cannot take this step, from 0.
    NotAPath(usize, Refused),
    /// The world takes it, and something else happens.
    Differs(usize, Event),
    /// The run has ended, and in the world somebody can still move.
    NotAnEnd(Actor),
    /// The run ended elsewhere than its events lead.
    OtherEnd(End),
    /// Abandoned is who waits at a barrier at the end, and nobody else.
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
    Breach(Breach),
}

/// Steps the world through events, each of which must be just what happens there.
pub fn step_through<C: Controller>(setup: &Setup<C>, world: &mut World<C>, events: &[Event]) -> Result<(), Complaint> {
    for (step, event) in events.iter().enumerate() {
        let stepped = world.step(setup, actor(event, world.control.attempt));
        let expected = stepped.map_err(|refused| Complaint::NotAPath(step, refused))?;
        if expected != *event {
            return Err(Complaint::Differs(step, expected));
        }
    }
    Ok(())
}

/// Replays a run in the world; returns the world's state at its end.
pub fn replay<C: Controller>(setup: &Setup<C>, run: &Run) -> Result<World<C>, Complaint> {
    let mut world = World::start(setup);
    step_through(setup, &mut world, &run.events)?;
    if let Some(breach) = &run.breach {
        return Err(Complaint::Breach(breach.clone()));
    }
    match world.enabled(setup).first() {
        Some(&actor) => Err(Complaint::NotAnEnd(actor)),
        None => ended_there(setup, &world, run)
            .and_then(|()| stopped_rightly(setup, &world, run))
            .and_then(|()| published_rightly(setup, run))
            .map(|()| world),
    }
}

/// Whether the tasks of the attempts that a retry stopped say what ended them: they were stopped if they had something left
/// to do, they were let go if they waited at a barrier, and else they were over.
fn stopped_rightly<C: Controller>(setup: &Setup<C>, world: &World<C>, run: &Run) -> Result<(), Complaint> {
    let stopped = &run.crews[..run.crews.len() - world.crews.len()];
    let opened = Around { barrier_full: true, ..Around::default() };
    let rightly = |ended: &Ended| match ended.how {
        How::Over => ended.life.next(&setup.sequence, opened).is_none(),
        How::Stopped => ended.life.next(&setup.sequence, opened).is_some(),
        How::Abandoned => ended.life.waits(&setup.sequence),
    };
    if stopped.iter().flatten().all(rightly) { Ok(()) } else { Err(Complaint::Stopped) }
}

/// What the controller decided, in order: each phase that it came to, with the attempt, and after how many of its
/// reactions. The first stands before any.
pub fn decisions<C: Controller>(setup: &Setup<C>, events: &[Event]) -> Vec<(Published, usize)> {
    let first = Published { attempt: Attempt(1), phase: setup.controller.phase().into() };
    let (mut decided, mut reactions) = (vec![(first, 0)], 0);
    for event in events {
        let Event::Controller { received, .. } = event else { continue };
        reactions += 1;
        let (last, _) = decided[decided.len() - 1];
        let next = Published { attempt: received.began.unwrap_or(last.attempt), phase: received.after.into() };
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

/// Who acted.
pub fn actor(event: &Event, current: Attempt) -> Actor {
    match *event {
        Event::Task { attempt, task, .. } if attempt == current => Actor::Task(task),
        Event::Task { attempt, task, .. } => Actor::Lingering(attempt, task),
        Event::Controller { inbox: None, .. } => Actor::Timeout,
        Event::Controller { inbox: Some(worker), kept: false, .. } => Actor::Receive(worker),
        Event::Controller { inbox: Some(worker), kept: true, .. } => Actor::Keep(worker),
    }
}

/// Whether the threads themselves say that they ended where their events lead.
fn ended_there<C: Controller>(setup: &Setup<C>, world: &World<C>, run: &Run) -> Result<(), Complaint> {
    let mut crews = run.crews.iter().rev().take(world.crews.len());
    let lives: Vec<Vec<Life>> = crews.clone().map(|crew| crew.iter().map(|ended| ended.life).collect()).collect();
    let end = End { phase: run.phase, crews: lives };
    if end != end_of(world) || run.crews.len() != usize::from(world.control.attempt.0) {
        return Err(Complaint::OtherEnd(end));
    }
    let rightly = crews.all(|crew| {
        crew.iter().all(|ended| ended.how == if ended.life.waits(&setup.sequence) { How::Abandoned } else { How::Over })
    });
    if rightly { Ok(()) } else { Err(Complaint::Abandoned) }
}

/// The end that a state is, where it is one.
pub fn end_of<C: Controller>(world: &World<C>) -> End {
    End { phase: world.phase(), crews: world.crews.clone() }
}

/// Judges a run: what it came to, if it is a path of the world.
pub fn judge<C: Controller>(setup: &Setup<C>, run: &Run) -> Result<Outcome, Complaint> {
    let world = replay(setup, run)?;
    Ok(Outcome { order: run.events.iter().filter_map(received).collect(), end: end_of(&world) })
}

/// A run as people read it, one line an action.
pub fn trace(events: &[Event]) -> String {
    let line = |(step, event): (usize, &Event)| {
        let (actor, done) = (words::event_actor(event), told(event));
        let attempt = event.identity().map_or(String::new(), |(attempt, _)| format!("@{}", attempt.0));
        format!("{:4}  {:12}{done}\n", step + 1, actor + &attempt)
    };
    events.iter().enumerate().map(line).collect()
}

fn told(event: &Event) -> String {
    match *event {
        Event::Task { act, life, sent, .. } => {
            let sent = sent.map_or(String::new(), |notice| format!(", sends {}", words::notice(notice, true)));
            format!("{}{sent}", words::task_event(act, life))
        }
        Event::Controller { inbox, received, .. } => {
            let from = inbox.map_or(String::new(), |worker| format!(" from worker {}", worker.0));
            let (input, reaction) = (words::input(received.input, true), words::reaction(received.reaction));
            format!("{input}{from}: {reaction}; {}", words::phase(received.after))
        }
    }
}
