//! Actions, which make up a schedule, and events, which say what an action did. Both are data.

use crate::core::{ActorId, Attempt, Command, Notice, Step, TaskState, WorkerId};

/// A first-in first-out channel. The inboxes come before the commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// The inbox of a worker: notices to the controller.
    Inbox(WorkerId),
    /// The commands to an actor.
    Commands(ActorId),
}

/// A message in a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// To the controller.
    Notice(Notice),
    /// From the controller.
    Command(Command),
}

/// A word of a schedule: what happens next. What a step does follows from the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// A task of the current attempt, or a helper, takes its next step.
    Step(ActorId),
    /// A task of an earlier attempt takes its next step.
    Linger(Attempt, ActorId),
    /// The controller takes the oldest notice of an inbox.
    Receive(WorkerId),
    /// The oldest message of a channel is delivered, and stays.
    Redeliver(Channel),
    /// The oldest message of a channel is lost.
    Lose(Channel),
    /// A user asks for a stop.
    Stop,
    /// The controller stops waiting.
    TimeOut,
    /// The controller crashes and restarts.
    Crash,
}

/// One action and its result. `T` describes what the controller did, if it reacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<T> {
    /// A task or a helper took a step.
    Task {
        /// The actor.
        task: ActorId,
        /// Its attempt.
        attempt: Attempt,
        /// The step.
        step: Step,
        /// Its state after the step.
        state: TaskState,
        /// The command that it took.
        command: Option<Command>,
        /// The notice that it sent.
        sent: Option<Notice>,
        /// What the controller did, if the step called it.
        called: Option<T>,
    },
    /// The controller reacted.
    Controller {
        /// The inbox that it read. `None` for a stop, a timeout and a crash.
        inbox: Option<WorkerId>,
        /// Whether the notice stays in the inbox.
        redelivered: bool,
        /// What it did.
        transition: T,
    },
    /// A message was lost.
    Lost(Channel, Message),
}
