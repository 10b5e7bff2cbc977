//! Queries about a trace: when a task died, when a notice was sent and read, when a phase began.

use super::annotations::read;
use super::cause::{Death, How, TaskRun};
use crate::core::{ActorId, Attempt, Controller, Effect, Input, Kind, Notice, Stage, Status, Step, TaskState};
use crate::explore::trace::Trace;
use crate::model::Message;
use crate::scenario::Setup;
use crate::transition::{Event, Reaction};

/// The step in which a task took an action.
pub fn took<C: Controller>(trace: &Trace<C>, who: TaskRun, wanted: Step) -> Option<usize> {
    let is_it = |event: &Event| match *event {
        Event::Task { attempt, task, step, .. } => TaskRun { task, attempt } == who && step == wanted,
        Event::Controller { .. } | Event::Lost(..) => false,
    };
    trace.steps().find(|(_, event)| is_it(event)).map(|(step, _)| step)
}

/// The step that sent a notice.
pub fn sent<C: Controller>(trace: &Trace<C>, notice: Notice) -> Option<usize> {
    trace
        .steps()
        .find(|(_, event)| matches!(**event, Event::Task { sent, .. } if sent == Some(notice)))
        .map(|(step, _)| step)
}

/// The steps that read a notice.
pub fn readings<C: Controller>(trace: &Trace<C>, notice: Notice) -> Vec<usize> {
    let reads = |event: &Event| read(event).is_some_and(|(other, _)| other == notice);
    trace.steps().filter(|(_, event)| reads(event)).map(|(step, _)| step).collect()
}

/// The step in which the network lost a notice.
pub fn lost<C: Controller>(trace: &Trace<C>, notice: Notice) -> Option<usize> {
    let loses = |event: &Event| matches!(event, Event::Lost(_, Message::Notice(lost)) if *lost == notice);
    trace.steps().find(|(_, event)| loses(event)).map(|(step, _)| step)
}

/// The step in which an attempt began. `None` for the first attempt.
pub fn began<C: Controller>(trace: &Trace<C>, attempt: Attempt) -> Option<usize> {
    let begins = |event: &Event| event.transition().is_some_and(|transition| transition.began == Some(attempt));
    trace.steps().find(|(_, event)| begins(event)).map(|(step, _)| step)
}

/// The step that entered the phase of the last state. `None` if the phase never changed.
pub fn entered<C: Controller>(trace: &Trace<C>) -> Option<usize> {
    let phase = trace.last().phase();
    let since = trace.worlds.iter().rev().take_while(|world| world.phase() == phase).count();
    Some(trace.worlds.len() - since).filter(|&step| step > 0)
}

/// The tasks of the current attempt, with their states.
pub fn crew<'a, C: Controller>(
    setup: &Setup<C>,
    trace: &'a Trace<C>,
) -> impl Iterator<Item = (TaskRun, TaskState)> + use<'a, C> {
    let tasks = trace.last().attempts[0].iter().take(usize::from(setup.model.tasks())).enumerate();
    tasks.map(|(index, &state)| (TaskRun { task: ActorId::at(index), attempt: state.attempt }, state))
}

/// Whether a task of the current attempt has completed a step in the last state.
pub fn has_completed<C: Controller>(setup: &Setup<C>, trace: &Trace<C>, who: TaskRun, step: Step) -> bool {
    let state = trace.last().attempts[0][who.task.index()];
    state.has_completed(step, &setup.model.actor(who.task).script)
}

/// The death of a task, if it died, or if it panicked and has not yet reported it.
pub fn death<C: Controller>(trace: &Trace<C>, who: TaskRun) -> Option<Death> {
    let ended = |event: &Event| match *event {
        Event::Task { attempt, task, step, state, .. } if TaskRun { task, attempt } == who => {
            match (step, state.status) {
                (Step::OnStart, Status::Panicked(how) | Status::Dead(how)) => Some(how),
                (Step::Panic(how) | Step::Send(Kind::Failed(how)), _) => Some(how),
                _ => None,
            }
        }
        _ => None,
    };
    let (at, how) = trace.steps().find_map(|(step, event)| Some((step, ended(event)?)))?;
    Some(Death { who, how, at, reported: took(trace, who, Step::Send(Kind::Failed(how))) })
}

/// The report of a death. `None` if the task vanished: it sends none.
pub fn report(death: &Death) -> Option<Notice> {
    let TaskRun { task, attempt } = death.who;
    (death.how != How::Vanished).then_some(Notice { from: task, attempt, kind: Kind::Failed(death.how) })
}

/// The `TaskStarted` of a task.
pub fn started(who: TaskRun) -> Notice {
    Notice { from: who.task, attempt: who.attempt, kind: Kind::Started }
}

/// The notices that are counted at the end of the trace, each with the step that read it. A notice is left out if the
/// controller forgot it in a crash, or if its task began again since then and the controller no longer counts it.
pub fn counted<C: Controller>(trace: &Trace<C>) -> Vec<(usize, Notice)> {
    let is_kept = |&(step, notice): &(usize, Notice)| {
        let mut later = trace.steps().skip(step - 1);
        !later.any(|(at, event)| begins_anew(event, notice.from) && !remembers(trace, at, notice.from))
    };
    let since = forgot(trace).unwrap_or(0);
    counted_ever(trace).into_iter().filter(|(step, _)| *step > since).filter(is_kept).collect()
}

/// Whether a task begins again with an event.
pub fn begins_anew(event: &Event, task: ActorId) -> bool {
    let effects = event.transition().map_or(&[][..], |transition| &transition.effects);
    effects.iter().any(|effect| *effect == Effect::Retry || *effect == Effect::Restart(task))
}

/// Whether the controller still counts a task after the step in which the task began again.
fn remembers<C: Controller>(trace: &Trace<C>, step: usize, task: ActorId) -> bool {
    let (before, after) = (&trace.before(step).driver.controller, &trace.after(step).driver.controller);
    let keeps_all = after.counted().is_some_and(|counted| counted > 0) && before.counted() == after.counted();
    keeps_all || after.has_counted(task)
}

/// Every notice that the controller ever counted, with the step that read it. If a controller does not say how many it
/// has counted, a `TaskStarted` is assumed to be counted if the controller used it, even if only to go from one
/// starting phase to another.
pub fn counted_ever<C: Controller>(trace: &Trace<C>) -> Vec<(usize, Notice)> {
    let counts = |(step, event): (usize, &Event)| {
        let transition = event.transition()?;
        match (transition.reaction, transition.input) {
            (Reaction::Counted | Reaction::BecameUp, Input::Notice(notice)) => Some((step, notice)),
            (Reaction::Acknowledged, Input::Notice(notice)) => {
                (transition.counted.is_none() && notice.kind == Kind::Started).then_some((step, notice))
            }
            (Reaction::Moved, Input::Notice(notice)) => {
                let before = trace.before(step).driver.controller.counted();
                let is_more = transition.counted.is_none() || transition.counted > before;
                let is_starting = transition.after.stage == Stage::Starting && notice.kind == Kind::Started;
                (is_more && is_starting).then_some((step, notice))
            }
            _ => None,
        }
    };
    trace.steps().filter_map(counts).collect()
}

/// The last crash after which the controller had counted no task.
pub fn forgot<C: Controller>(trace: &Trace<C>) -> Option<usize> {
    let is_crash = |event: &Event| event.transition().is_some_and(|transition| transition.input == Input::Restarted);
    let forgets = |step: usize| trace.after(step).driver.controller.counted() == Some(0);
    trace.steps().rev().find(|(step, event)| is_crash(event) && forgets(*step)).map(|(step, _)| step)
}

/// The tasks that a task at its barrier waits for. `age` 0 is the current attempt.
pub fn awaited<C: Controller>(setup: &Setup<C>, trace: &Trace<C>, age: usize, who: TaskRun) -> Vec<TaskRun> {
    let (scenario, states) = (&setup.scenario, &trace.last().attempts[age]);
    let has_arrived = |task: ActorId| states[task.index()].has_completed(Step::Arrive, &setup.model.actor(task).script);
    let missing = scenario.on(scenario.task(who.task).worker).filter(|&task| !has_arrived(task));
    missing.map(|task| TaskRun { task, attempt: states[task.index()].attempt }).collect()
}
