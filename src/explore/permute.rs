//! The inputs and reactions of a controller after a renaming of the tasks.

use crate::core::{ActorId, Effect, Input, Notice, Phase, Reason, Stage};
use crate::model::Received;

/// A task after an exchange of two tasks.
pub fn swapped(task: ActorId, a: ActorId, b: ActorId) -> ActorId {
    match task {
        task if task == a => b,
        task if task == b => a,
        other => other,
    }
}

fn rename_reason(reason: Reason, to: &dyn Fn(ActorId) -> ActorId) -> Reason {
    match reason {
        Reason::Task(task, cause) => Reason::Task(to(task), cause),
        Reason::TimedOut | Reason::Other(_) => reason,
    }
}

/// A stage after a renaming.
pub fn rename_stage(stage: Stage, to: &dyn Fn(ActorId) -> ActorId) -> Stage {
    match stage {
        Stage::Failed(reason) => Stage::Failed(rename_reason(reason, to)),
        Stage::Starting | Stage::Up | Stage::Stopping | Stage::Ended => stage,
    }
}

fn rename_phase(phase: Phase, to: &dyn Fn(ActorId) -> ActorId) -> Phase {
    Phase { stage: rename_stage(phase.stage, to), ..phase }
}

/// An input after a renaming.
pub fn rename_input(input: Input, to: &dyn Fn(ActorId) -> ActorId) -> Input {
    match input {
        Input::Notice(notice) => Input::Notice(Notice { from: to(notice.from), ..notice }),
        Input::Stop | Input::TimedOut | Input::Restarted => input,
    }
}

fn rename_effect(effect: Effect, to: &dyn Fn(ActorId) -> ActorId) -> Effect {
    match effect {
        Effect::Restart(actor) => Effect::Restart(to(actor)),
        Effect::Send(actor, command) => Effect::Send(to(actor), command),
        Effect::Retry | Effect::Reannounce => effect,
    }
}

/// An input and its result, after a renaming.
pub fn rename_received(received: &Received, to: &dyn Fn(ActorId) -> ActorId) -> Received {
    Received {
        input: rename_input(received.input, to),
        effects: received.effects.iter().map(|&effect| rename_effect(effect, to)).collect(),
        before: rename_phase(received.before, to),
        after: rename_phase(received.after, to),
        ..*received
    }
}
