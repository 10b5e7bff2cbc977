//! Questions to a schedule that was stepped: who died when, who sent and who read a notice, when a phase began.

use super::cause::{Death, How, Who};
use super::marks::read;
use crate::explore::replay::Walk;
use crate::core::{ActorId, Attempt, Cause, Controller, Input, Kind, Notice, Step, TaskState};
use crate::scenario::{Setup};
use crate::transition::{Event, Reaction, Transition};

/// The step in which a task took an action.
pub fn took<C: Controller>(walk: &Walk<C>, who: Who, wanted: Step) -> Option<usize> {
    walk.steps()
        .find(|(_, event)| matches!(**event, Event::Task { attempt, task, act, .. } if Who { task, attempt } == who && act == wanted))
        .map(|(step, _)| step)
}

/// The step that sent a notice.
pub fn sent<C: Controller>(walk: &Walk<C>, notice: Notice) -> Option<usize> {
    walk.steps()
        .find(|(_, event)| matches!(**event, Event::Task { sent, .. } if sent == Some(notice)))
        .map(|(step, _)| step)
}

/// The steps that read a notice.
pub fn readings<C: Controller>(walk: &Walk<C>, notice: Notice) -> Vec<usize> {
    let reads = |event: &Event| read(event).is_some_and(|(other, _)| other == notice);
    walk.steps().filter(|(_, event)| reads(event)).map(|(step, _)| step).collect()
}

/// The reaction of a step of the controller.
pub fn received(event: &Event) -> Option<&Transition> {
    match event {
        Event::Controller { transition, .. } => Some(received),
        Event::Task { .. } => None,
    }
}

/// The step in which an attempt began; none for the first.
pub fn began<C: Controller>(walk: &Walk<C>, attempt: Attempt) -> Option<usize> {
    let begins = |event: &Event| received(event).is_some_and(|received| received.began == Some(attempt));
    walk.steps().find(|(_, event)| begins(event)).map(|(step, _)| step)
}

/// The step since which the phase is what it is in the last state; none where it never changed.
pub fn entered<C: Controller>(walk: &Walk<C>) -> Option<usize> {
    let phase = walk.last().phase();
    let since = walk.worlds.iter().rev().take_while(|world| world.phase() == phase).count();
    Some(walk.worlds.len() - since).filter(|&step| step > 0)
}

/// The tasks of the current attempt with how far each has come.
pub fn crew<C: Controller>(walk: &Walk<C>) -> impl Iterator<Item = (Who, Life)> + '_ {
    let attempt = walk.last().driver.attempt;
    let who = move |index| Who { task: ActorId::at(index), attempt };
    walk.last().attempts[0].iter().enumerate().map(move |(index, &life)| (who(index), life))
}

/// The death of a task, where it died; also where it panicked and has not reported it.
pub fn death<C: Controller>(walk: &Walk<C>, who: Who) -> Option<Death> {
    let ended = |event: &Event| match *event {
        Event::Task { attempt, task, act, life, .. } if Who { task, attempt } == who => match (act, life) {
            (Step::OnStart, Life::Panicked(_)) => Some(How::Panicked),
            (Step::OnStart, Life::Vanished) => Some(How::Vanished),
            (Step::Panic, _) => Some(How::SendFailed),
            _ => None,
        },
        _ => None,
    };
    let (at, how) = walk.steps().find_map(|(step, event)| Some((step, ended(event)?)))?;
    Some(Death { who, how, at, reported: took(walk, who, Step::Report) })
}

/// The report of a death.
pub fn report(death: &Death) -> Option<Notice> {
    let cause = match death.how {
        How::Panicked => Cause::Panicked,
        How::SendFailed => Cause::Cascaded,
        How::Vanished => return None,
    };
    let Who { task, attempt } = death.who;
    Some(Notice { task, attempt, kind: Kind::Failed(cause) })
}

/// The `TaskStarted` of a task.
pub fn started(who: Who) -> Notice {
    Notice { task: who.task, attempt: who.attempt, kind: Kind::Started }
}

/// The notices that the controller counted in the current attempt, up to its last step.
pub fn counted<C: Controller>(walk: &Walk<C>) -> Vec<(usize, Notice)> {
    let since = began(walk, walk.last().driver.attempt).unwrap_or(0);
    let counts = |(step, event): (usize, &Event)| {
        let received = received(event)?;
        match (received.reaction, received.input) {
            (Reaction::Counted | Reaction::BecameUp, Input::Notice(notice)) if step > since => {
                Some((step, notice))
            }
            _ => None,
        }
    };
    walk.steps().filter_map(counts).collect()
}

/// Those whom a task that waits at its barrier waits for; `crew` is its attempt's place among the crews.
pub fn awaited<C: Controller>(setup: &Setup<C>, walk: &Walk<C>, crew: usize, who: Who) -> Vec<Who> {
    let scenario = &setup.scenario;
    let has_arrived = |task: ActorId| walk.last().attempts[crew][task.index()].completed(Step::Arrive, &setup.sequence);
    let missing = scenario.on(scenario.task(who.task).worker).filter(|&task| !has_arrived(task));
    missing.map(|task| Who { task, attempt: who.attempt }).collect()
}
