//! One step of a schedule: the actor, what it did, and how the controller reacted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::{self, ActorId, Attempt, Cause, Controller, Input, Kind, Reason, Stage, Status};
use crate::model::{Channel, Message};
use crate::scenario::Setup;
use crate::transition::{self, Event, TaskRun, Transition};

/// A step.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Step {
    /// `task 2`, `task 2@1` if it lingers from an earlier attempt, `helper 3`, `controller`, `network`, `user`.
    #[schemars(regex(pattern = "^(controller|network|user|(task|helper) [0-9]+(@[0-9]+)?)$"))]
    pub actor: String,
    /// What it did.
    pub action: Action,
    /// The outcome of `on_start`, if it did not complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The attempt of the task or helper, if the rules allow more than one attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u8>,
    /// The notice that the task sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sends: Option<Notice>,
    /// The command that the task took, or that was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-free-text" = true))]
    pub command: Option<String>,
    /// The worker whose inbox was read or lost a notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker: Option<u8>,
    /// The notice that was read or lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    /// What the controller did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reaction: Option<Reaction>,
    /// Why the input was dropped, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped_by: Option<DroppedBy>,
    /// The name of the phase after the controller's reaction: `Scheduling`, `Running`, `Stopping`, `Stopped`, `Failed`,
    /// or one of the user's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-free-text" = true))]
    pub phase: Option<String>,
    /// Why the pipeline failed, if that phase is a failed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_because: Option<FailedBecause>,
    /// The attempt that began in this step, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began_attempt: Option<u8>,
}

/// What an actor did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Sent `TaskStarted`.
    Announce,
    /// Ran `on_start`, which builds its resources.
    OnStart,
    /// Sent `TaskFailed`.
    Report,
    /// Arrived at the barrier.
    Arrive,
    /// Entered `run`.
    Run,
    /// Panicked in `run`.
    Panic,
    /// Sent `TaskFinished`.
    Finish,
    /// A task ended because the pipeline is stopping; or a user asked for a stop.
    Stop,
    /// Sent a notice of a kind of the user's own.
    Send,
    /// Took a command for which it does not wait now, and dropped it.
    Discard,
    /// Read the oldest notice of an inbox.
    Receive,
    /// Read the oldest notice of an inbox, and the notice stays.
    Keep,
    /// Lost a message.
    Lose,
    /// Timed out.
    Timeout,
    /// Crashed and came back.
    Crash,
}

/// The outcome of `on_start`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It panicked.
    Panicked,
    /// The task died and sent nothing.
    Vanished,
    /// It does not return.
    Hangs,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// `TaskStarted`, `TaskFailed`, `TaskFinished`, or a kind of the user's own.
    #[schemars(extend("x-free-text" = true))]
    pub kind: String,
    /// The sender.
    pub task: u8,
    /// The sender's attempt.
    pub attempt: u8,
}

/// What the controller did with an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// One more task is counted.
    Counted,
    /// The task was counted before.
    Duplicate,
    /// The pipeline is up: Running.
    BecameUp,
    /// The controller has used the input. The phase is unchanged.
    Acknowledged,
    /// Nothing changed.
    Dropped,
    /// The pipeline failed.
    Failed,
    /// The phase changed in any other way.
    Moved,
    /// The next attempt begins.
    Retry,
    /// The next attempt begins for one task.
    Restart,
}

/// Why an input changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DroppedBy {
    /// The controller does not use the input in this phase.
    Phase,
    /// The notice is of an attempt that its sender has left.
    Fence,
    /// The phase is final.
    Final,
}

/// Why a pipeline failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[schemars(deny_unknown_fields)]
pub enum FailedBecause {
    /// A task died.
    TaskDied {
        /// The task.
        task: u8,
        /// How.
        how: Death,
    },
    /// The controller timed out.
    TimedOut,
    /// A reason of the user's own.
    Other {
        /// Free text of the user's controller.
        #[schemars(extend("x-free-text" = true))]
        text: String,
    },
}

/// How a task died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Death {
    /// It panicked in `on_start`.
    Panicked,
    /// It died in `on_start` and sent nothing.
    Vanished,
    /// It died in `run`.
    Died,
    /// Its send to a dead neighbour failed.
    Cascaded,
}

impl From<Cause> for Death {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Panicked => Self::Panicked,
            Cause::Vanished => Self::Vanished,
            Cause::Died => Self::Died,
            Cause::Cascaded => Self::Cascaded,
        }
    }
}

impl From<core::Notice> for Notice {
    fn from(notice: core::Notice) -> Self {
        let kind = match notice.kind {
            Kind::Started => "TaskStarted",
            Kind::Failed(_) => "TaskFailed",
            Kind::Finished => "TaskFinished",
            Kind::Own(name) => name,
        };
        Self { kind: kind.to_string(), task: notice.from.0, attempt: notice.attempt.0 }
    }
}

impl From<core::Step> for Action {
    fn from(step: core::Step) -> Self {
        match step {
            core::Step::ANNOUNCE => Self::Announce,
            core::Step::FINISH => Self::Finish,
            core::Step::Send(Kind::Failed(_)) => Self::Report,
            core::Step::Send(_) => Self::Send,
            core::Step::OnStart => Self::OnStart,
            core::Step::Arrive => Self::Arrive,
            core::Step::Run => Self::Run,
            core::Step::Stop => Self::Stop,
            core::Step::Panic(_) => Self::Panic,
            core::Step::Discard => Self::Discard,
        }
    }
}

impl From<transition::Reaction> for Reaction {
    fn from(reaction: transition::Reaction) -> Self {
        match reaction {
            transition::Reaction::Counted => Self::Counted,
            transition::Reaction::Duplicate => Self::Duplicate,
            transition::Reaction::BecameUp => Self::BecameUp,
            transition::Reaction::Acknowledged => Self::Acknowledged,
            transition::Reaction::Dropped(_) => Self::Dropped,
            transition::Reaction::Failed(_) => Self::Failed,
            transition::Reaction::Moved => Self::Moved,
            transition::Reaction::Retry(_) => Self::Retry,
            transition::Reaction::Restart(..) => Self::Restart,
        }
    }
}

impl From<transition::Dropped> for DroppedBy {
    fn from(dropped: transition::Dropped) -> Self {
        match dropped {
            transition::Dropped::In(_) => Self::Phase,
            transition::Dropped::Fenced => Self::Fence,
            transition::Dropped::Final => Self::Final,
        }
    }
}

impl From<Reason> for FailedBecause {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Task(task, cause) => Self::TaskDied { task: task.0, how: cause.into() },
            Reason::TimedOut => Self::TimedOut,
            Reason::Other(text) => Self::Other { text: text.to_string() },
        }
    }
}

/// The steps of a schedule.
pub fn steps<C: Controller>(setup: &Setup<C>, events: &[Event]) -> Vec<Step> {
    let mut current = Attempt(1);
    let step = |event: &Event| {
        let step = Step::of(setup, event, current);
        current = event.transition().and_then(|transition| transition.began).unwrap_or(current);
        step
    };
    events.iter().map(step).collect()
}

impl Step {
    /// The step of an event. `current` is the current attempt before it.
    pub fn of<C: Controller>(setup: &Setup<C>, event: &Event, current: Attempt) -> Self {
        match event {
            Event::Task { task, attempt, step, state, command, sent, called } => {
                let actor = actor(setup, TaskRun { task: *task, attempt: *attempt }, current);
                let outcome = match (step, state.status) {
                    (core::Step::OnStart, Status::Panicked(_)) => Some(Outcome::Panicked),
                    (core::Step::OnStart, Status::Dead(_)) => Some(Outcome::Vanished),
                    (core::Step::OnStart, Status::Hung) => Some(Outcome::Hangs),
                    _ => None,
                };
                let attempt = (setup.model.run.attempts > 1).then_some(attempt.0);
                let (sends, command) = (sent.map(Notice::from), command.map(|command| command.0.to_string()));
                let step = Self { outcome, attempt, sends, command, ..Self::new(actor, (*step).into()) };
                called.as_ref().map_or(step.clone(), |called| step.with(called))
            }
            Event::Controller { inbox, redelivered, transition } => {
                let (actor, action) = match transition.input {
                    Input::Notice(_) if *redelivered => ("controller", Action::Keep),
                    Input::Notice(_) => ("controller", Action::Receive),
                    Input::Stop => ("user", Action::Stop),
                    Input::TimedOut => ("controller", Action::Timeout),
                    Input::Restarted => ("controller", Action::Crash),
                };
                let notice = if let Input::Notice(notice) = transition.input { Some(notice.into()) } else { None };
                Self { worker: inbox.map(|worker| worker.0), notice, ..Self::new(actor, action) }.with(transition)
            }
            Event::Lost(channel, message) => {
                let worker = if let Channel::Inbox(worker) = channel { Some(worker.0) } else { None };
                let lost = Self { worker, ..Self::new("network", Action::Lose) };
                match message {
                    Message::Notice(notice) => Self { notice: Some((*notice).into()), ..lost },
                    Message::Command(command) => Self { command: Some(command.0.to_string()), ..lost },
                }
            }
        }
    }

    fn new(actor: impl Into<String>, action: Action) -> Self {
        Self {
            actor: actor.into(),
            action,
            outcome: None,
            attempt: None,
            sends: None,
            command: None,
            worker: None,
            notice: None,
            reaction: None,
            dropped_by: None,
            phase: None,
            failed_because: None,
            began_attempt: None,
        }
    }

    fn with(self, transition: &Transition) -> Self {
        let dropped_by =
            if let transition::Reaction::Dropped(why) = transition.reaction { Some(why.into()) } else { None };
        let failed_because = if let Stage::Failed(why) = transition.after.stage { Some(why.into()) } else { None };
        Self {
            reaction: Some(transition.reaction.into()),
            dropped_by,
            phase: Some(transition.after.name.to_string()),
            failed_because,
            began_attempt: transition.began.map(|attempt| attempt.0),
            ..self
        }
    }
}

/// `task 2`; or `task 2@1` if it lingers from an earlier attempt.
fn actor<C>(setup: &Setup<C>, who: TaskRun, current: Attempt) -> String {
    let TaskRun { task: ActorId(number), attempt } = who;
    let is_task = setup.model.actors.get(who.task.index()).is_none_or(|actor| actor.is_task);
    let noun = if is_task { "task" } else { "helper" };
    let lingers = is_task && setup.model.run.lingers && attempt != current;
    if lingers { format!("{noun} {number}@{}", attempt.0) } else { format!("{noun} {number}") }
}
