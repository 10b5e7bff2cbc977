//! The knobs of the protocol, grouped by the part that obeys them. A knob that is only on or off is a `bool`.
//!
//! | rules | obeyed in |
//! |---|---|
//! | [`TaskRules`] | [`Script::of`](super::Script::of) |
//! | [`ControllerRules`] | [`PipelineController`](super::PipelineController) |
//! | [`RunRules`] | the model, for every controller |

/// When a task announces itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Announce {
    /// Before `on_start` has run: the bug.
    BeforeOnStart,
    /// When `on_start` has returned.
    AfterOnStart,
    /// When the worker's barrier has opened; without a barrier, when `on_start` has returned.
    AfterBarrier,
    /// Never: it was forgotten.
    Never,
}

/// What a `TaskFailed` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnFailure {
    /// Nothing: it is dropped.
    Ignore,
    /// If an attempt is left, the next one begins. If none is left, the pipeline fails.
    Retry,
    /// The pipeline fails, even if attempts are left.
    Fail,
    /// The task counts as over.
    Count,
}

/// What a stop does in Scheduling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EarlyStop {
    /// The phase becomes Stopping.
    Obey,
    /// The request is kept until every task is counted.
    Defer,
    /// Nothing: it is dropped.
    Ignore,
}

/// What the controller is after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recovery {
    /// As it began.
    Forgets,
    /// As it began; and each live task that has announced itself does so again.
    Asks,
    /// As it was before the crash.
    Remembers,
}

/// When the controller stops waiting in Scheduling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timeout {
    /// Never.
    None,
    /// When no actor can take a step and no notice can be delivered.
    Patient,
    /// At any time.
    Hasty,
}

/// The rules that a task obeys. Its script is built from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TaskRules {
    /// When it announces itself.
    pub announce: Announce,
    /// The tasks of a worker wait for each other before they run.
    pub barrier: bool,
    /// The tasks form a chain, and a death spreads along it.
    pub chain: bool,
}

/// The rules that the built-in controller obeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ControllerRules {
    /// What a `TaskFailed` does in Scheduling.
    pub failed_while_scheduling: OnFailure,
    /// What a `TaskFailed` does in Running.
    pub failed_while_running: OnFailure,
    /// What a `TaskFailed` does in Stopping.
    pub failed_while_stopping: OnFailure,
    /// What a stop does in Scheduling.
    pub stop_while_scheduling: EarlyStop,
    /// What the controller is after a crash.
    pub recovery: Recovery,
    /// A notice of an attempt that its sender has left is dropped.
    pub fence: bool,
    /// A retry that a `TaskFailed` causes restarts only the task that sent it.
    pub restart_one: bool,
}

/// What the run allows, with any controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunRules {
    /// The budget of attempts, at least 1.
    pub attempts: u8,
    /// The tasks of an attempt that ended continue beside the new ones.
    pub lingers: bool,
    /// When the controller stops waiting in Scheduling.
    pub timeout: Timeout,
    /// A user asks once for a stop.
    pub stop: bool,
    /// How often the network may repeat a delivery, in all.
    pub duplicates: u8,
    /// How often the network may lose a message, in all.
    pub losses: u8,
    /// How often the controller may crash and restart, in all.
    pub crashes: u8,
}
