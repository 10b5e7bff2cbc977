//! What an action did: the event, and the reaction of the controller. The reaction is derived from what changed in the
//! state. A search does not need the reaction: [`Model::apply`] does not derive it, and [`Model::observe`] does.

use crate::core::{ActorId, Attempt, Controller, Effect, Input, Kind, Phase, Reason, Stage};
use crate::model::{self, Action, Driver, Model, Received, Refused, World};

/// One action and its result.
pub type Event = model::Event<Transition>;

/// A task of an attempt, or a helper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskRun {
    /// The task.
    pub task: ActorId,
    /// Its attempt.
    pub attempt: Attempt,
}

/// One input and its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The input.
    pub input: Input,
    /// The phase before.
    pub before: Phase,
    /// The phase after.
    pub after: Phase,
    /// What the controller did.
    pub reaction: Reaction,
    /// How many tasks are counted after it.
    pub counted: Option<u8>,
    /// What the controller asked for.
    pub effects: Vec<Effect>,
    /// The attempt that it began, if it began one.
    pub began: Option<Attempt>,
}

/// What an input did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reaction {
    /// The controller counts more tasks than before. The phase is unchanged.
    Counted,
    /// The task was counted before. Nothing changed.
    Duplicate,
    /// The stage became [`Stage::Up`].
    BecameUp,
    /// The phase is unchanged, but the input was not dropped.
    Acknowledged,
    /// Nothing changed.
    Dropped(Dropped),
    /// The stage became [`Stage::Failed`].
    Failed(Reason),
    /// The phase changed in another way.
    Moved,
    /// The next attempt begins.
    Retry(Reason),
    /// The next attempt begins for one actor.
    Restart(ActorId, Reason),
}

/// Why an input changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dropped {
    /// The controller does not use the input in the phase of this name.
    In(&'static str),
    /// The notice is of an attempt that its sender has left.
    Fenced,
    /// The stage is final.
    Final,
}

impl Transition {
    /// What an input did, derived from the driver before and after. The effects have been performed.
    pub fn of<C: Controller>(old: &Driver<C>, received: Received, new: &Driver<C>) -> Self {
        let Received { input, effects, fenced, before, after, counted } = received;
        let began = (old.attempt != new.attempt).then_some(new.attempt);
        let mut transition = Self { input, before, after, reaction: Reaction::Moved, counted, effects, began };
        let changes = old.controller != new.controller || !transition.effects.is_empty();
        transition.reaction = match transition.begun() {
            Some(reaction) => reaction,
            None if before != after => transition.moved(),
            None if counted > old.controller.counted() => Reaction::Counted,
            // A restart is always acknowledged, even if the controller has lost nothing.
            None if changes || input == Input::Restarted => Reaction::Acknowledged,
            None if before.stage.is_final() => Reaction::Dropped(Dropped::Final),
            None if fenced => Reaction::Dropped(Dropped::Fenced),
            None => transition.unchanged(&old.controller),
        };
        transition
    }

    fn begun(&self) -> Option<Reaction> {
        self.effects.iter().find_map(|effect| match *effect {
            Effect::Retry => Some(Reaction::Retry(self.input.reason())),
            Effect::Restart(id) => Some(Reaction::Restart(id, self.input.reason())),
            Effect::Send(..) | Effect::Reannounce => None,
        })
    }

    fn moved(&self) -> Reaction {
        match (self.before.stage, self.after.stage) {
            (_, Stage::Failed(reason)) => Reaction::Failed(reason),
            (before, Stage::Up) if before != Stage::Up => Reaction::BecameUp,
            _ => Reaction::Moved,
        }
    }

    fn unchanged<C: Controller>(&self, controller: &C) -> Reaction {
        match self.input {
            Input::Notice(notice) if notice.kind == Kind::Started && controller.has_counted(notice.from) => {
                Reaction::Duplicate
            }
            // A task may finish while the pipeline is up: the notice is not lost.
            Input::Notice(notice) if notice.kind == Kind::Finished && self.before.stage == Stage::Up => {
                Reaction::Acknowledged
            }
            _ => Reaction::Dropped(Dropped::In(self.before.name)),
        }
    }
}

impl Input {
    /// The reason of a retry that the input causes.
    pub fn reason(self) -> Reason {
        match self {
            Self::Notice(notice) => match notice.kind {
                Kind::Failed(cause) => Reason::Task(notice.from, cause),
                Kind::Own(name) => Reason::Other(name),
                Kind::Started => Reason::Other("TaskStarted"),
                Kind::Finished => Reason::Other("TaskFinished"),
            },
            Self::TimedOut => Reason::TimedOut,
            Self::Stop => Reason::Other("a stop was asked"),
            Self::Restarted => Reason::Other("the controller restarted"),
        }
    }
}

impl Reaction {
    /// Whether it means that the attempt or the pipeline failed.
    pub fn fails(self) -> bool {
        matches!(self, Self::Failed(_) | Self::Retry(_) | Self::Restart(..))
    }
}

impl Event {
    /// The task or helper that acted, and its attempt. `None` if the controller, the network or the user acted.
    pub fn task_run(&self) -> Option<TaskRun> {
        match *self {
            Self::Task { task, attempt, .. } => Some(TaskRun { task, attempt }),
            Self::Controller { .. } | Self::Lost(..) => None,
        }
    }

    /// What the controller did, if it reacted.
    pub fn transition(&self) -> Option<&Transition> {
        match self {
            Self::Task { called, .. } => called.as_ref(),
            Self::Controller { transition, .. } => Some(transition),
            Self::Lost(..) => None,
        }
    }

    /// Whether two events are the same action of the same actor. Their results may differ.
    pub fn is_same_deed(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Task { step, .. }, Self::Task { step: other_step, .. }) => {
                self.task_run() == other.task_run() && step == other_step
            }
            (
                Self::Controller { inbox, transition, .. },
                Self::Controller { inbox: other_inbox, transition: other_transition, .. },
            ) => inbox == other_inbox && transition.input == other_transition.input,
            (Self::Lost(channel, message), Self::Lost(other_channel, other_message)) => {
                channel == other_channel && message == other_message
            }
            _ => false,
        }
    }
}

impl<C: Controller> Model<C> {
    /// Takes an action, like [`Model::apply`], and returns what it did.
    ///
    /// # Errors
    /// If it is not enabled, or the controller breaks its contract.
    pub fn observe(&self, world: &mut World<C>, action: Action) -> Result<Event, Refused> {
        let before = world.driver.clone();
        let event = self.apply(world, action)?;
        let tell = |received| Transition::of(&before, received, &world.driver);
        Ok(match event {
            model::Event::Task { task, attempt, step, state, command, sent, called } => {
                Event::Task { task, attempt, step, state, command, sent, called: called.map(tell) }
            }
            model::Event::Controller { inbox, redelivered, transition } => {
                Event::Controller { inbox, redelivered, transition: tell(transition) }
            }
            model::Event::Lost(channel, message) => Event::Lost(channel, message),
        })
    }
}
