//! What the actors and the controller say to each other, and the numbers of actors, attempts and workers.

/// A task or a helper, numbered from 1. The tasks come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorId(pub u8);

/// An attempt to start, numbered from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt(pub u8);

/// A worker, numbered from 1. It has an inbox and a barrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(pub u8);

impl ActorId {
    /// The actor at a position, counted from 0.
    pub fn at(index: usize) -> Self {
        Self(u8::try_from(index + 1).unwrap_or(u8::MAX))
    }

    /// The position, counted from 0. Number 0 names no actor: its position is outside of every list.
    pub fn index(self) -> usize {
        usize::from(self.0).wrapping_sub(1)
    }
}

impl WorkerId {
    /// The position, counted from 0. Number 0 names no worker: its position is outside of every list.
    pub fn index(self) -> usize {
        usize::from(self.0).wrapping_sub(1)
    }
}

/// Why a task is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Its `on_start` panicked.
    Panicked,
    /// It died in `on_start` and sent nothing.
    Vanished,
    /// It died in `run`.
    Died,
    /// It died in `run`, because its send to a dead neighbour downstream failed.
    Cascaded,
}

/// What a notice says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `TaskStarted`
    Started,
    /// `TaskFailed`
    Failed(Cause),
    /// `TaskFinished`
    Finished,
    /// A kind of the user's own.
    Own(&'static str),
}

/// A message to the controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Notice {
    /// The sender.
    pub from: ActorId,
    /// The sender's attempt when it sent the notice.
    pub attempt: Attempt,
    /// What it says.
    pub kind: Kind,
}

/// A message from the controller to an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Command(pub &'static str);
