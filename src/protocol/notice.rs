//! What a task tells the controller, and the names of those who talk.

/// A number that counts from 1, as people count tasks, attempts and workers.
macro_rules! one_based {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(
            /// The number, from 1.
            pub u8,
        );

        impl $name {
            /// The position, from 0.
            pub fn index(self) -> usize {
                usize::from(self.0) - 1
            }

            /// The name of a position that counts from 0.
            ///
            /// # Panics
            /// Where the position passes 254: a scenario is never that large.
            pub fn at(index: usize) -> Self {
                Self(u8::try_from(index + 1).expect("a scenario holds at most 255 of each"))
            }
        }
    )+};
}

one_based! {
    /// A task of the pipeline.
    TaskId;
    /// An attempt to start the pipeline.
    Attempt;
    /// A worker: a process with one inbox, and with one barrier for each attempt.
    WorkerId;
}

/// Why a task is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Its `on_start` panicked.
    Panicked,
    /// It ran, and its send to a dead neighbour downstream failed.
    Cascaded,
}

/// What a notice says of its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `TaskStarted`
    Started,
    /// `TaskFailed`
    Failed(Cause),
    /// `TaskFinished`
    Finished,
}

/// A message from a task to the controller. It carries the attempt that sent it; only a fence looks at that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Notice {
    /// Who sent it.
    pub task: TaskId,
    /// In which attempt.
    pub attempt: Attempt,
    /// What it says.
    pub kind: Kind,
}
