//! The names of the protocol's values, as they are shown.
//!
//! 1. If a scenario has only one attempt, no attempt is shown: `TaskStarted(2)`. If it has several, every notice of a
//!    task shows its attempt, as in `TaskStarted(2@1)`, so that a reader sees at once whether it belongs to the current
//!    attempt.
//! 2. A number is exact, or has the word `about`.

use num_bigint::BigUint;

pub use super::faults::{attempts_with, fault_verb, faults};
use super::foreign::escaped;
use super::names::Names;
use crate::core::{
    ActorId, Attempt, Cause, Command, Controller, Effect, Input, Kind, Notice, Phase, Reason, Script, Stage, Status,
    Step, TaskState,
};
use crate::explore::limits::Limit;
use crate::model::{Action, Channel, Message};
use crate::scenario::knobs::KNOBS;
use crate::scenario::{Rules, Sequence, Setup};
use crate::schedule::Schedule;
use crate::transition::{Dropped, Event, Reaction, Transition};

/// The name of a step.
pub fn act(step: Step) -> &'static str {
    match step {
        Step::ANNOUNCE => "announce",
        Step::FINISH => "finish",
        Step::Send(Kind::Failed(_)) => "report",
        Step::Send(kind) => self::kind(kind),
        Step::OnStart => "on_start",
        Step::Arrive => "arrive",
        Step::Run => "run",
        Step::Stop => "stop",
        Step::Panic(_) => "panic",
        Step::Discard => "discard",
    }
}

/// A startup sequence: `on_start, announce, run`.
pub fn sequence(sequence: &Sequence) -> String {
    let steps = sequence.steps().iter().map(|&one| act(one));
    steps.chain(["run"]).collect::<Vec<_>>().join(", ")
}

/// What a task did: its step, and the outcome of `on_start`.
pub fn task_event(step: Step, state: TaskState) -> &'static str {
    match (step, state.status) {
        (Step::OnStart, Status::Panicked(_)) => "on_start: PANIC",
        (Step::OnStart, Status::Dead(_)) => "on_start: VANISH",
        (Step::OnStart, Status::Hung) => "on_start: HANG",
        (Step::Panic(Cause::Cascaded), _) => "send: PANIC",
        (Step::Panic(_), _) => "run: PANIC",
        _ => act(step),
    }
}

/// The same in at most eight characters. A user's own notice keeps its name.
pub fn task_event_short(step: Step, state: TaskState) -> &'static str {
    match (step, state.status) {
        (Step::OnStart, Status::Panicked(_)) | (Step::Panic(_), _) => "PANIC",
        (Step::OnStart, Status::Dead(_)) => "VANISH",
        (Step::OnStart, Status::Hung) => "HANG",
        _ => act(step),
    }
}

/// The name of a kind of notice.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Started => "TaskStarted",
        Kind::Failed(_) => "TaskFailed",
        Kind::Finished => "TaskFinished",
        Kind::Own(name) => name,
    }
}

/// A notice: `TaskStarted(2)`; if attempts are shown `TaskStarted(2@1)`.
pub fn notice(notice: Notice, names: Names<'_>) -> String {
    format!("{}({})", escaped(kind(notice.kind)), names.bare(notice.from, notice.attempt))
}

/// An input of the controller.
pub fn input(input: Input, names: Names<'_>) -> String {
    match input {
        Input::Notice(one) => notice(one, names),
        Input::TimedOut => "timeout".to_string(),
        Input::Stop => "stop".to_string(),
        Input::Restarted => "crash".to_string(),
    }
}

/// A message in a channel: a notice, or a command with its receiver, `rebuild to 2`.
pub fn message(channel: Channel, message: Message, names: Names<'_>) -> String {
    match (message, channel) {
        (Message::Notice(one), _) => notice(one, names),
        (Message::Command(command), Channel::Commands(actor)) => {
            format!("{} to {}", escaped(command.0), names.one(actor))
        }
        (Message::Command(command), Channel::Inbox(_)) => escaped(command.0).into_owned(),
    }
}

/// The name of a phase, without its reason.
pub fn phase_name(phase: Phase) -> &'static str {
    phase.name
}

/// A phase with its reason: `Failed: task 2 panicked`.
pub fn phase(phase: Phase, names: Names<'_>) -> String {
    let name = escaped(phase.name);
    match phase.stage {
        Stage::Failed(why) => format!("{name}: {}", reason(why, names)),
        Stage::Starting | Stage::Up | Stage::Stopping | Stage::Ended => name.into_owned(),
    }
}

/// Why an attempt failed.
pub fn reason(reason: Reason, names: Names<'_>) -> String {
    let task = |id| names.one(id);
    match reason {
        Reason::Task(id, Cause::Panicked) => format!("{} panicked", task(id)),
        Reason::Task(id, Cause::Cascaded) => format!("{}'s send failed", task(id)),
        Reason::Task(id, Cause::Vanished) => format!("{} vanished", task(id)),
        Reason::Task(id, Cause::Died) => format!("{} died", task(id)),
        Reason::TimedOut => "timed out".to_string(),
        Reason::Other(text) => escaped(text).into_owned(),
    }
}

/// The name of a reaction.
pub fn reaction(transition: &Transition, names: Names<'_>) -> String {
    let name = match transition.reaction {
        Reaction::Counted => "counted",
        Reaction::Duplicate => "counted already",
        Reaction::BecameUp => return format!("became {}", escaped(transition.after.name)),
        Reaction::Acknowledged => "noted",
        Reaction::Dropped(Dropped::In(phase)) => return format!("dropped in {}", escaped(phase)),
        Reaction::Dropped(Dropped::Fenced) => "dropped by the fence",
        Reaction::Dropped(Dropped::Final) => "dropped when final",
        Reaction::Failed(_) => "failed",
        Reaction::Moved => "moved",
        Reaction::Retry(_) => "retry",
        Reaction::Restart(task, _) => return format!("restart of {}", names.one(task)),
    };
    name.to_string()
}

/// A reaction in the table of a trace, after a colon: `1 of 2`, `Running`, `dropped`. The commands that it sends
/// follow.
pub fn reaction_short(transition: &Transition, tasks: usize, names: Names<'_>) -> String {
    reaction_alone(transition, tasks, names) + &commands(transition, |actors| format!(" to {}", names.several(actors)))
}

fn reaction_alone(transition: &Transition, tasks: usize, names: Names<'_>) -> String {
    match (transition.reaction, transition.counted) {
        (Reaction::Counted, Some(counted)) => format!("{counted} of {tasks}"),
        (Reaction::BecameUp | Reaction::Failed(_) | Reaction::Moved, _) => escaped(transition.after.name).into_owned(),
        (Reaction::Dropped(Dropped::Fenced), _) => "fenced".to_string(),
        (Reaction::Dropped(_), _) => "dropped".to_string(),
        _ => reaction(transition, names),
    }
}

/// The commands that the controller sent, each once. `to` makes the text for its receivers.
pub(super) fn commands(transition: &Transition, to: impl Fn(&[ActorId]) -> String) -> String {
    let mut sent: Vec<(Command, Vec<ActorId>)> = Vec::new();
    for effect in &transition.effects {
        let Effect::Send(actor, command) = *effect else { continue };
        match sent.iter_mut().find(|(other, _)| *other == command) {
            Some((_, actors)) => actors.push(actor),
            None => sent.push((command, vec![actor])),
        }
    }
    sent.iter().map(|(command, actors)| format!(", {}{}", escaped(command.0), to(actors))).collect()
}

/// What an effect asks for: `a retry`.
pub fn effect(effect: Effect, names: Names<'_>) -> String {
    match effect {
        Effect::Retry => "a retry".to_string(),
        Effect::Restart(task) => format!("a restart of {} alone", names.one(task)),
        Effect::Send(actor, command) if names.are_own() => {
            format!("the command `{}` to {}", escaped(command.0), names.one(actor))
        }
        Effect::Send(actor, command) => format!("the command `{}` to actor {}", escaped(command.0), actor.0),
        Effect::Reannounce => "announcements".to_string(),
    }
}

/// An event, as shown in the column of its actor: `on_start: PANIC`, `TaskStarted(2): 1 of 2`. A step of a task in an
/// earlier attempt has the attempt as a tag: `arrive @1`.
pub fn deed<C: Controller>(setup: &Setup<C>, current: Attempt, event: &Event) -> String {
    match event {
        Event::Task { task, attempt, step, state, called, command, .. } => {
            let tag = if *attempt == current || !setup.model.actor(*task).renewed {
                String::new()
            } else {
                format!(" @{}", attempt.0)
            };
            let called = called.as_ref().map_or(String::new(), |called| format!(": {}", react(setup, called)));
            format!("{}{tag}{called}", with_command(task_event(*step, *state), *command))
        }
        Event::Controller { .. } | Event::Lost(..) => controller_deed(setup, event, false),
    }
}

/// A step, and the command that it took.
pub(super) fn with_command(step: &str, command: Option<Command>) -> String {
    let taken = command.map_or(String::new(), |command| format!(" ({})", escaped(command.0)));
    format!("{}{taken}", escaped(step))
}

/// An event, as shown in the controller's column. The short form leaves out the `Task` of a notice.
pub(super) fn controller_deed<C>(setup: &Setup<C>, event: &Event, is_short: bool) -> String {
    let names = Names::of(&setup.model);
    let shortened = |text: String| if is_short { text.trim_start_matches("Task").to_string() } else { text };
    match event {
        Event::Controller { redelivered, transition, .. } => {
            let kept = if *redelivered { ", kept" } else { "" };
            let reaction = match is_short {
                true => {
                    reaction_alone(transition, setup.scenario.tasks().len(), names)
                        + &commands(transition, |_| String::new())
                }
                false => react(setup, transition),
            };
            format!("{}: {reaction}{kept}", shortened(input(transition.input, names)))
        }
        Event::Lost(channel, lost) => format!("{}: lost", shortened(message(*channel, *lost, names))),
        Event::Task { .. } => ".".to_string(),
    }
}

fn react<C>(setup: &Setup<C>, transition: &Transition) -> String {
    reaction_short(transition, setup.scenario.tasks().len(), Names::of(&setup.model))
}

/// Says that an attempt begins, and what happens to the tasks of the previous one. `None` if none begins.
pub fn attempt_begins<C>(setup: &Setup<C>, transition: &Transition) -> Option<String> {
    let began = transition.began?.0;
    Some(match transition.reaction {
        Reaction::Restart(task, _) => {
            let task = Names::of(&setup.model).one(task);
            format!("attempt {began} begins: {task} anew, the others go on")
        }
        _ if setup.scenario.rules().run.lingers => {
            format!("attempt {began} begins, while attempt {} goes on", began - 1)
        }
        _ => format!("attempt {began} begins: every task anew"),
    })
}

/// How far a task has come, in words.
pub fn standing(state: TaskState, script: &Script) -> &'static str {
    match state.status {
        Status::Live if state.is_at_barrier(script) => "waits at barrier",
        Status::Live if state.has_completed(Step::Run, script) => "runs",
        Status::Live => match state.completed.checked_ilog2().map(|last| script.lines[last as usize].step) {
            None => "not begun",
            Some(Step::ANNOUNCE) => "announced",
            Some(Step::OnStart) => "on_start done",
            Some(Step::Arrive) => "arrived",
            Some(other) => act(other),
        },
        Status::Panicked(_) => "panicked",
        Status::Dead(Cause::Vanished) => "vanished",
        Status::Dead(_) => "dead",
        Status::Hung => "hangs",
        Status::Finished => "finished",
    }
}

/// The same in at most nine characters. A user's own notice keeps its name.
pub fn standing_short(state: TaskState, script: &Script) -> &'static str {
    match standing(state, script) {
        "waits at barrier" => "barrier",
        "on_start done" => "built",
        short => short,
    }
}

/// The actor that takes a step: `task 2`, `task 2 of attempt 1`, `the controller`.
pub fn actor(actor: Action, names: Names<'_>) -> String {
    match actor {
        Action::Step(task) | Action::Redeliver(Channel::Commands(task)) => names.one(task),
        Action::Linger(attempt, task) => format!("{} of attempt {}", names.one(task), attempt.0),
        Action::Receive(_) | Action::Redeliver(Channel::Inbox(_)) | Action::TimeOut | Action::Crash => {
            "the controller".to_string()
        }
        Action::Lose(_) => "the network".to_string(),
        Action::Stop => "the user".to_string(),
    }
}

/// The actor that took a step: `task 2`, `controller`, `user` or `network`.
pub fn event_actor(event: &Event, names: Names<'_>) -> String {
    match event {
        Event::Task { task, .. } => names.one(*task),
        Event::Controller { transition, .. } if transition.input == Input::Stop => "user".to_string(),
        Event::Controller { .. } => "controller".to_string(),
        Event::Lost(..) => "network".to_string(),
    }
}

/// Actors, as they are written in a schedule.
pub fn actors(actors: &[Action], workers: u8) -> String {
    Schedule(actors.to_vec()).text(workers)
}

/// The knobs of a scenario that differ from a protocol's: `attempts 2`.
pub fn turned_knobs(rules: &Rules, from: &Rules) -> Vec<(&'static str, String)> {
    let differ = KNOBS.iter().filter(|knob| (knob.get)(rules) != (knob.get)(from));
    differ.map(|knob| (knob.name, (knob.get)(rules))).collect()
}

/// A noun with its numbers: `task 2`, `tasks 1 and 3`.
pub fn numbered(noun: &str, numbers: &[u8]) -> String {
    let plural = if numbers.len() == 1 { "" } else { "s" };
    format!("{noun}{plural} {}", list(numbers.iter().map(ToString::to_string)))
}

/// A list in words: `1, 2 and 3`.
pub fn list(items: impl IntoIterator<Item = String>) -> String {
    listed(items, "and")
}

/// A list with this word before the last item: `1, 2 or 3`.
pub fn listed(items: impl IntoIterator<Item = String>, word: &str) -> String {
    let items: Vec<String> = items.into_iter().collect();
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} {word} {last}", others.join(", ")),
    }
}

/// A number of a noun: `1 task`, `2 tasks`.
pub fn count(number: &BigUint, noun: &str) -> String {
    let plural = if *number == BigUint::from(1u8) { "" } else { "s" };
    format!("{} {noun}{plural}", number_text(number))
}

/// The name of a limit.
pub fn limit(limit: Limit) -> &'static str {
    match limit {
        Limit::Interrupted => "interrupt",
        Limit::States => "states",
        Limit::Memory => "memory",
        Limit::Effort => "effort",
        Limit::Disk => "disk",
    }
}

/// An amount of memory in the largest unit that divides it: `256 MiB`.
pub fn bytes(bytes: usize) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB"), (0, "bytes")];
    let fits = |&(shift, _): &(u32, &str)| bytes > 0 && bytes.trailing_zeros() >= shift;
    let (shift, unit) = units.into_iter().find(fits).unwrap_or((0, "bytes"));
    format!("{} {unit}", number_text(&BigUint::from(bytes >> shift)))
}

/// A number with separated thousands. If it has more than 36 digits, its magnitude, with `about`.
pub fn number_text(number: &BigUint) -> String {
    let digits = number.to_string();
    if digits.len() > 36 {
        return format!("about {}.{}e{}", &digits[..1], &digits[1..3], digits.len() - 1);
    }
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
