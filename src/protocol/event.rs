//! What happened: one typed value an action, of which all text is made; and a schedule with its text.

use std::str::FromStr;

use super::controller::Received;
use super::notice::{Attempt, Notice, TaskId, WorkerId};
use super::rules::number;
use super::startup::{Act, Life};

/// Who takes the next action of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A task of the current attempt.
    Task(TaskId),
    /// A task of an attempt that ended, and that goes on.
    Lingering(Attempt, TaskId),
    /// The controller, from a worker's inbox.
    Receive(WorkerId),
    /// The controller, from a worker's inbox; the network keeps the notice and delivers it again.
    Keep(WorkerId),
    /// The controller, whose wait times out.
    Timeout,
}

/// One action, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// A task acted.
    Task {
        /// Its attempt.
        attempt: Attempt,
        /// Which task.
        task: TaskId,
        /// What it did.
        act: Act,
        /// How far it has come by that.
        life: Life,
        /// What it sent.
        sent: Option<Notice>,
    },
    /// The controller reacted.
    Controller {
        /// From which inbox; none for a timeout.
        inbox: Option<WorkerId>,
        /// Whether the notice stays in the inbox.
        kept: bool,
        /// The reaction.
        received: Received,
    },
}

impl Event {
    /// Who acted, as an identity that lasts: the task of an attempt; `None` is the controller, whatever it read.
    pub fn identity(&self) -> Option<(Attempt, TaskId)> {
        match *self {
            Self::Task { attempt, task, .. } => Some((attempt, task)),
            Self::Controller { .. } => None,
        }
    }
}

/// Actors in the order in which they act.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Schedule(pub Vec<Actor>);

impl Schedule {
    /// The schedule as text: `2 1 c`; with several workers the inboxes are numbered, `c1`.
    pub fn text(&self, workers: u8) -> String {
        let inbox = |worker: WorkerId| if workers > 1 { worker.0.to_string() } else { String::new() };
        let word = |actor: &Actor| match *actor {
            Actor::Task(task) => task.0.to_string(),
            Actor::Lingering(attempt, task) => format!("{}@{}", task.0, attempt.0),
            Actor::Receive(worker) => format!("c{}", inbox(worker)),
            Actor::Keep(worker) => format!("d{}", inbox(worker)),
            Actor::Timeout => "t".to_string(),
        };
        self.0.iter().map(word).collect::<Vec<_>>().join(" ")
    }
}

/// A word of a schedule that names no actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleError {
    /// Its place, from 1.
    pub step: usize,
    /// The word.
    pub word: String,
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let read = |(index, word): (usize, &str)| {
            actor(word).ok_or_else(|| ScheduleError { step: index + 1, word: word.to_string() })
        };
        text.split_whitespace().enumerate().map(read).collect::<Result<_, _>>().map(Self)
    }
}

fn actor(word: &str) -> Option<Actor> {
    let number = |text: &str| number(text).filter(|&n: &u8| n > 0);
    let inbox = |text: &str| if text.is_empty() { Some(WorkerId(1)) } else { number(text).map(WorkerId) };
    match (word.chars().next()?, word.split_once('@')) {
        ('t', _) if word == "t" => Some(Actor::Timeout),
        ('c', _) => inbox(&word[1..]).map(Actor::Receive),
        ('d', _) => inbox(&word[1..]).map(Actor::Keep),
        (_, Some((task, attempt))) => Some(Actor::Lingering(Attempt(number(attempt)?), TaskId(number(task)?))),
        (_, None) => number(word).map(|task| Actor::Task(TaskId(task))),
    }
}
