//! What a controller receives and says, under other names of the tasks.

use crate::core::{ActorId, Input, Phase, Reason};
use crate::transition::{Reaction, Transition};

/// A task after two have changed places.
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

/// A phase under other names.
pub fn rename_phase(phase: Phase, to: &dyn Fn(ActorId) -> ActorId) -> Phase {
    match phase {
        Phase::Failed(reason) => Phase::Failed(rename_reason(reason, to)),
        Phase::Scheduling | Phase::Running => phase,
    }
}

/// An input under other names.
pub fn rename_input(input: Input, to: &dyn Fn(ActorId) -> ActorId) -> Input {
    match input {
        Input::Notice(mut notice) => {
            notice.task = to(notice.task);
            Input::Notice(notice)
        }
        Input::TimedOut => input,
    }
}

/// An input and what came of it, under other names.
pub fn rename_received(received: Transition, to: &dyn Fn(ActorId) -> ActorId) -> Transition {
    let reaction = match received.reaction {
        Reaction::Failed(reason) => Reaction::Failed(rename_reason(reason, to)),
        Reaction::Retry(reason) => Reaction::Retry(rename_reason(reason, to)),
        other => other,
    };
    Transition {
        input: rename_input(received.input, to),
        before: rename_phase(received.before, to),
        after: rename_phase(received.after, to),
        reaction,
        ..received
    }
}
