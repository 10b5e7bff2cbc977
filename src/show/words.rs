//! The names of the protocol's values, as people read them. The messages of errors stand in `messages`.
//!
//! 1. Where a scenario has one attempt no attempt is shown: `TaskStarted(2)`. Where it has several, a notice always
//!    shows its own, `TaskStarted(2@1)`: the reader must see at a glance that it is of another attempt than the current one.
//! 2. A number is exact, or it is said to be `about`.

use num_bigint::BigUint;

use crate::explore::limits::Limit;
use crate::core::{ActorId, Attempt, Cause, Fault, Input, Kind, Notice, Phase, Reason, Step, TaskState};
use crate::model::{Action, Channel};
use crate::scenario::{Rules, Scenario, Sequence};
use crate::scenario::knobs::{KNOBS};
use crate::schedule::{Schedule};
use crate::transition::{Dropped, Event, Reaction, Transition};

/// The name of an act.
pub fn act(act: Step) -> &'static str {
    match act {
        Step::ANNOUNCE => "announce",
        Step::OnStart => "on_start",
        Step::Report => "report",
        Step::Arrive => "arrive",
        Step::Run => "run",
        Step::Panic => "panic",
        Step::FINISH => "finish",
    }
}

/// The name of a step of a startup sequence.
pub fn step(step: Step) -> &'static str {
    match step {
        Step::ANNOUNCE => "announce",
        Step::OnStart => "on_start",
        Step::Arrive => "arrive",
    }
}

/// A startup sequence: `on_start, announce, run`.
pub fn sequence(sequence: &Sequence) -> String {
    let steps = sequence.steps().iter().map(|&one| step(one));
    steps.chain(["run"]).collect::<Vec<_>>().join(", ")
}

/// What a task did: its act, and what became of `on_start`.
pub fn task_event(done: Step, life: Life) -> &'static str {
    match (done, life) {
        (Step::OnStart, Life::Panicked(_)) => "on_start: PANIC",
        (Step::OnStart, Life::Vanished) => "on_start: VANISH",
        (Step::Panic, _) => "send: PANIC",
        _ => act(done),
    }
}

/// The same in at most eight characters.
pub fn task_event_short(done: Step, life: Life) -> &'static str {
    match (done, life) {
        (Step::OnStart, Life::Panicked(_)) | (Step::Panic, _) => "PANIC",
        (Step::OnStart, Life::Vanished) => "VANISH",
        _ => act(done),
    }
}

/// The name of a kind of notice.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Started => "TaskStarted",
        Kind::Failed(_) => "TaskFailed",
        Kind::Finished => "TaskFinished",
    }
}

/// A notice: `TaskStarted(2)`, with `attempts` `TaskStarted(2@1)`.
pub fn notice(notice: Notice, attempts: bool) -> String {
    format!("{}({})", kind(notice.kind), task_number(notice.task, notice.attempt, attempts))
}

/// A task by its number: `2`, with `attempts` `2@1`.
pub fn task_number(task: ActorId, attempt: Attempt, attempts: bool) -> String {
    if attempts { format!("{}@{}", task.0, attempt.0) } else { task.0.to_string() }
}

/// An input of the controller.
pub fn input(input: Input, attempts: bool) -> String {
    match input {
        Input::Notice(one) => notice(one, attempts),
        Input::TimedOut => "timeout".to_string(),
    }
}

/// The name of a phase, without its reason.
pub fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Scheduling => "Scheduling",
        Phase::Running => "Running",
        Phase::Failed(_) => "Failed",
    }
}

/// A phase with its reason: `Failed: task 2 panicked`.
pub fn phase(phase: Phase) -> String {
    match phase {
        Phase::Failed(why) => format!("Failed: {}", reason(why)),
        Phase::Scheduling | Phase::Running => phase_name(phase).to_string(),
    }
}

/// Why an attempt failed.
pub fn reason(reason: Reason) -> String {
    match reason {
        Reason::Task(task, Cause::Panicked) => format!("task {} panicked", task.0),
        Reason::Task(task, Cause::Cascaded) => format!("task {}'s send failed", task.0),
        Reason::TimedOut => "timed out".to_string(),
        Reason::Other(text) => text.to_string(),
    }
}

/// The name of a reaction.
pub fn reaction(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::Counted => "counted",
        Reaction::Duplicate => "counted already",
        Reaction::BecameUp => "became Running",
        Reaction::Acknowledged => "noted",
        Reaction::Dropped(Dropped::In("Scheduling")) => "dropped in Scheduling",
        Reaction::Dropped(Dropped::In("Running")) => "dropped in Running",
        Reaction::Dropped(Dropped::Fenced) => "dropped by the fence",
        Reaction::Dropped(Dropped::Final) => "dropped when final",
        Reaction::Failed(_) => "failed",
        Reaction::Retry(_) => "retry",
    }
}

/// A reaction in the table of a trace, after a colon: `1 of 2`, `Running`, `dropped`.
pub fn reaction_short(received: &Transition, tasks: usize) -> String {
    match (received.reaction, received.counted) {
        (Reaction::Counted, Some(counted)) => format!("{counted} of {tasks}"),
        (Reaction::BecameUp, _) => "Running".to_string(),
        (Reaction::Failed(_), _) => "Failed".to_string(),
        (Reaction::Dropped(Dropped::Fenced), _) => "fenced".to_string(),
        (Reaction::Dropped(_), _) => "dropped".to_string(),
        (other, _) => reaction(other).to_string(),
    }
}

/// What happened, in the column of who did it: `on_start: PANIC`, `TaskStarted(2): 1 of 2`. A step of another attempt than
/// the current one is tagged with it: `arrive @1`.
pub fn deed(scenario: &Scenario, current: Attempt, event: &Event) -> String {
    match *event {
        Event::Task { attempt, act, life, .. } if attempt == current => task_event(act, life).to_string(),
        Event::Task { attempt, act, life, .. } => format!("{} @{}", task_event(act, life), attempt.0),
        Event::Controller { kept, ref received, .. } => {
            let input = input(received.input, scenario.rules().attempts > 1);
            let reaction = reaction_short(received, scenario.tasks().len());
            format!("{input}: {reaction}{}", if kept { ", kept" } else { "" })
        }
    }
}

/// That an attempt begins, and what becomes of the tasks of the one before.
pub fn attempt_begins(scenario: &Scenario, began: Attempt) -> String {
    match scenario.rules().old_attempt {
        OldAttempt::Stopped => format!("attempt {} begins: every task anew", began.0),
        OldAttempt::Lingers => format!("attempt {} begins, while attempt {} goes on", began.0, began.0 - 1),
    }
}

/// How a task stands.
pub fn standing(life: Life, sequence: &Sequence) -> &'static str {
    match life {
        Life::Starting(_) if life.waits(sequence) => "waits at barrier",
        Life::Starting(taken) => match taken.checked_sub(1).and_then(|last| sequence.steps().get(usize::from(last))) {
            None => "not begun",
            Some(Step::ANNOUNCE) => "announced",
            Some(Step::OnStart) => "on_start done",
            Some(Step::Arrive) => "arrived",
        },
        Life::Running => "runs",
        Life::Panicked(_) => "panicked",
        Life::Dead(_) => "dead",
        Life::Vanished => "vanished",
        Life::Finished => "finished",
    }
}

/// The same in at most nine characters.
pub fn standing_short(life: Life, sequence: &Sequence) -> &'static str {
    match standing(life, sequence) {
        "waits at barrier" => "barrier",
        "on_start done" => "built",
        short => short,
    }
}

/// Who takes a step: `task 2`, `task 2 of attempt 1`, `the controller`.
pub fn actor(actor: Action) -> String {
    match actor {
        Action::Step(task) => format!("task {}", task.0),
        Action::Linger(attempt, task) => format!("task {} of attempt {}", task.0, attempt.0),
        Action::Receive(_) | Action::Redeliver(Channel::Inbox(_)) | Action::TimeOut => "the controller".to_string(),
    }
}

/// Who took a step: `task 2` or `controller`.
pub fn event_actor(event: &Event) -> String {
    match event {
        Event::Task { task, .. } => format!("task {}", task.0),
        Event::Controller { .. } => "controller".to_string(),
    }
}

/// Actors as they are written in a schedule.
pub fn actors(actors: &[Action], workers: u8) -> String {
    Schedule(actors.to_vec()).text(workers)
}

/// What becomes of the tasks: `task 2 panics in on_start`, `nobody fails`.
pub fn fates(scenario: &Scenario) -> String {
    let mut says = Vec::new();
    for fate in [Fault::Panics, Fault::Vanishes] {
        let attempts = |task: &ActorId| attempts_with(scenario, *task, fate);
        let mut doomed: Vec<ActorId> = scenario.ids().filter(|task| !attempts(task).is_empty()).collect();
        while let Some(first) = doomed.first().map(attempts) {
            let (alike, others): (Vec<ActorId>, Vec<ActorId>) = doomed.iter().partition(|task| attempts(task) == first);
            says.push(fate_text(fate, &alike, &first, scenario.rules().attempts));
            doomed = others;
        }
    }
    if says.is_empty() { "nobody fails".to_string() } else { says.join(", ") }
}

/// Tasks that have the same fate in the same attempts.
fn fate_text(fate: Fault, tasks: &[ActorId], attempts: &[u8], budget: u8) -> String {
    let verb = match (fate, tasks.len()) {
        (Fault::Vanishes, 1) => "vanishes",
        (Fault::Vanishes, _) => "vanish",
        (_, 1) => "panics",
        (_, _) => "panic",
    };
    let is_always = attempts.len() == usize::from(budget);
    let when = if is_always { String::new() } else { format!(" in {}", numbered("attempt", attempts)) };
    let tasks: Vec<u8> = tasks.iter().map(|task| task.0).collect();
    format!("{} {verb} in on_start{when}", numbered("task", &tasks))
}

/// The attempts in which a task has a fate.
pub(crate) fn attempts_with(scenario: &Scenario, task: ActorId, fate: Fault) -> Vec<u8> {
    let fates = scenario.task(task).fates.iter().enumerate();
    fates.filter(|(_, one)| **one == fate).map(|(index, _)| Attempt::at(index).0).collect()
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

/// A list as people write it: `1, 2 and 3`.
pub fn list(items: impl IntoIterator<Item = String>) -> String {
    listed(items, "and")
}

/// A list with a word of its own before the last: `1, 2 or 3`.
pub fn listed(items: impl IntoIterator<Item = String>, word: &str) -> String {
    let items: Vec<String> = items.into_iter().collect();
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} {word} {last}", others.join(", ")),
    }
}

/// So many of a noun: `1 task`, `2 tasks`.
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
    }
}

/// An amount of memory in the largest unit that divides it: `256 MiB`.
pub fn bytes(bytes: usize) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB"), (0, "bytes")];
    let fits = |&(shift, _): &(u32, &str)| bytes > 0 && bytes.trailing_zeros() >= shift;
    let (shift, unit) = units.into_iter().find(fits).unwrap_or((0, "bytes"));
    format!("{} {unit}", number_text(&BigUint::from(bytes >> shift)))
}

/// A number with its thousands marked; one of more than 36 digits by its magnitude, and `about`.
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
