//! The actors that wait for something that will not happen.

use schemars::JsonSchema;
use serde::Serialize;

use super::fact::{Fact, Task, Why, tasks};
use super::step::Death;
use crate::explore::explain::{cause, stuck};

/// An actor that waits for something that will not happen.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "waits", rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant says what its fields are")]
pub enum Stuck {
    /// Tasks wait at their barrier.
    AtBarrier { tasks: Vec<Task>, missing: Vec<Awaited> },
    /// The controller waits for the `TaskStarted` of tasks.
    ForTaskStarted { missing: Vec<Uncounted> },
    /// The controller has read every `TaskStarted`, but does not decide. It counts this many tasks; null if it does not
    /// say how many.
    ForNothing { counted: Option<u8> },
    /// The pipeline is stopping, and the controller waits for the ends of tasks.
    ForEnds { missing: Vec<NotEnded> },
}

/// A task whose end the controller does not learn of, and why.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it")]
pub struct NotEnded {
    pub task: u8,
    pub attempt: u8,
    pub because: NotOver,
}

/// Why the controller does not learn that a task is over.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant says what its fields are")]
pub enum NotOver {
    /// It died, and that does not count as an end.
    Dead { how: Death, step: usize },
    /// It does not return from `on_start`.
    Hangs,
    /// It waits at its barrier for these tasks.
    AtBarrier { missing: Vec<Task> },
    /// It has not ended, for another reason.
    GoesOn,
    /// It sent a notice of its end, but the notice was lost.
    Lost { sent: usize, step: usize },
    /// The controller read the notice of its end, but forgot it in a crash.
    Forgotten { read: usize, step: usize },
    /// The controller read the notice of its end, but did not count it.
    NotCounted { step: usize },
}

/// A task that does not arrive, and its death, if it died.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Awaited {
    pub task: u8,
    pub attempt: u8,
    pub death: Option<Fact>,
}

/// A task that is not counted, and why.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Uncounted {
    pub task: u8,
    pub attempt: u8,
    pub because: Why,
}

impl From<&stuck::Stuck> for Stuck {
    fn from(stuck: &stuck::Stuck) -> Self {
        match stuck {
            stuck::Stuck::AtBarrier { who, missing } => {
                let awaited = missing.iter().map(|(who, death)| Awaited {
                    task: who.task.0,
                    attempt: who.attempt.0,
                    death: death.map(Fact::from),
                });
                Self::AtBarrier { tasks: tasks(who), missing: awaited.collect() }
            }
            stuck::Stuck::Controller(missing) => {
                let uncounted = missing.iter().map(|(who, why)| Uncounted {
                    task: who.task.0,
                    attempt: who.attempt.0,
                    because: why.into(),
                });
                Self::ForTaskStarted { missing: uncounted.collect() }
            }
            stuck::Stuck::Undecided(_, counted) => Self::ForNothing { counted: *counted },
            stuck::Stuck::Stopping(_, missing) => {
                let ends = missing.iter().map(|(who, why)| NotEnded {
                    task: who.task.0,
                    attempt: who.attempt.0,
                    because: why.into(),
                });
                Self::ForEnds { missing: ends.collect() }
            }
        }
    }
}

impl From<&cause::NotOver> for NotOver {
    fn from(why: &cause::NotOver) -> Self {
        match why {
            cause::NotOver::Dead(death) => Self::Dead { how: death.how.into(), step: death.at },
            cause::NotOver::Hangs => Self::Hangs,
            cause::NotOver::AtBarrier(missing) => Self::AtBarrier { missing: tasks(missing) },
            cause::NotOver::GoesOn => Self::GoesOn,
            cause::NotOver::Lost { sent, lost, .. } => Self::Lost { sent: *sent, step: *lost },
            cause::NotOver::ForgottenInCrash { read, crash, .. } => Self::Forgotten { read: *read, step: *crash },
            cause::NotOver::NotCounted { read, .. } => Self::NotCounted { step: *read },
        }
    }
}
