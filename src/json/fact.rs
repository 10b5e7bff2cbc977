//! The facts of an explanation. Steps are numbered from 1.

use schemars::JsonSchema;
use serde::Serialize;

use super::number::Count;
use super::step::{Death, Notice};
use super::stuck::NotOver;
use crate::core::Input;
use crate::explore::explain::cause::{self, Missing};
use crate::explore::limits::Limit;
use crate::schedule::Schedule;
use crate::transition::{Reaction, TaskRun};

/// A fact about a schedule.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "fact", rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant says what its fields are")]
pub enum Fact {
    /// The claim is broken from this step on; null if it is broken from the start.
    Broken { step: Option<usize> },
    /// A task panicked in `on_start`.
    Panicked(Died),
    /// A task died in `on_start` and sent nothing.
    Vanished(Died),
    /// A task died in `run`.
    Died(Died),
    /// A task died because its send to a dead neighbour failed.
    Cascaded(Died),
    /// The controller read a report and dropped it.
    Dropped(Report),
    /// The controller read a report, but nothing changed.
    Ignored(Report),
    /// The controller read a report and changed its state, but neither failed nor retried.
    Acknowledged(Report),
    /// A task announced itself before it had completed `on_start`.
    AnnouncedEarly { task: u8, attempt: u8, step: usize },
    /// No `TaskStarted` of this task was counted.
    NeverCounted { task: u8, attempt: u8 },
    /// A task was counted twice.
    CountedTwice { task: u8, step: usize, again: usize },
    /// A notice of an earlier attempt was used in this attempt.
    Stale {
        notice: Notice,
        /// The step that sent it.
        sent: usize,
        /// The step that read it.
        step: usize,
        /// The attempt in which it was read, and the step in which that attempt began.
        attempt: u8,
        began: usize,
    },
    /// The controller became Running.
    BecameUp { step: usize, input: InputKind, all_counted: bool },
    /// These tasks had not completed `on_start` when the controller became Running.
    NotCompleted { tasks: Vec<Task> },
    /// The `TaskStarted` of a task is not counted and will never be.
    NoTaskStarted { task: u8, attempt: u8, because: Why },
    /// A task waits at its barrier for these tasks, which will not arrive.
    WaitsAtBarrier { task: u8, attempt: u8, step: usize, missing: Vec<Task> },
    /// The controller timed out although these actors could have moved. Actors are written as in a schedule.
    TimedOut {
        step: usize,
        #[schemars(inner(regex(pattern = "^[0-9@cdlstx]+$")))]
        others: Vec<String>,
    },
    /// A notice was delivered again.
    DeliveredAgain {
        notice: Notice,
        /// The step of the first delivery, and the attempt that the first delivery began, if it began one.
        first: usize,
        began_attempt: Option<u8>,
        step: usize,
    },
    /// The network lost the report of a task.
    ReportLost { task: u8, attempt: u8, step: usize },
    /// A task does not return from its `on_start`, which began in this step.
    Hangs { task: u8, attempt: u8, step: usize },
    /// A task was counted because of a notice that is not its `TaskStarted`.
    CountedFor { notice: Notice, sent: usize, step: usize },
    /// A task was counted in an earlier attempt, and was still counted when this attempt began.
    KeptCount { task: u8, attempt: u8, read: usize, step: usize },
    /// A user asked for a stop. `taken` says whether this changed anything in the controller.
    StopAsked { step: usize, taken: bool },
    /// A stop was undone by a crash, or by the beginning of an attempt.
    StopUndone { step: usize, input: InputKind, began_attempt: Option<u8> },
    /// A task was restarted alone, for this attempt.
    Restarted { task: u8, attempt: u8, step: usize },
    /// A task ended in good order. `stopped` says whether it ended because of the stop.
    Finished { task: u8, attempt: u8, step: usize, stopped: bool },
    /// The pipeline is stopping, but the controller does not learn that this task is over.
    NotOver { task: u8, attempt: u8, because: NotOver },
    /// The controller said that it had stopped.
    Stopped { step: usize, input: InputKind },
    /// These tasks were neither dead nor finished when the controller said that it had stopped.
    GoOn { tasks: Vec<Task> },
    /// The controller failed the pipeline.
    Failed { step: usize, input: InputKind },
    /// No task of the attempt is dead.
    NoTaskDead { attempt: u8 },
    /// The premise holds from this step on; null if it holds from the start.
    PremiseHolds { step: Option<usize> },
    /// The conclusion fails from this step on; null if it fails from the start.
    ConclusionFails { step: Option<usize> },
    /// What can still happen.
    Recovery {
        recovery: Recovery,
        /// How many states were explored, if `recovery` is `nothing_fixes_it`.
        #[serde(skip_serializing_if = "Option::is_none")]
        states: Option<Count>,
        /// The limit that ended the search, if `recovery` is `unknown`.
        #[serde(skip_serializing_if = "Option::is_none")]
        cut_short_by: Option<CutShortBy>,
    },
}

/// A task of an attempt.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Task {
    pub task: u8,
    pub attempt: u8,
}

/// The death of a task.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Died {
    pub task: u8,
    pub attempt: u8,
    pub step: usize,
    /// The step of its report; null if it does not report its death, or has not reported it yet.
    pub reported: Option<usize>,
}

/// A report of a death (`TaskFailed`) that the controller read.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Report {
    pub task: u8,
    pub attempt: u8,
    pub step: usize,
    /// The phase in which it was read.
    #[schemars(extend("x-free-text" = true))]
    pub phase: String,
    /// How many tasks were counted at that time; null if the controller does not say how many.
    pub counted: Option<u8>,
}

/// The kind of an input of the controller.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum InputKind {
    Notice,
    Timeout,
    Stop,
    Crash,
}

/// Why a `TaskStarted` is not counted.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant says what its fields are")]
pub enum Why {
    /// Under these rules, the task does not announce itself.
    NeverAnnounced,
    /// The task died before it announced itself.
    Dead { how: Death, step: usize },
    /// The task announces itself after the barrier, and waits there for these tasks.
    AtBarrier { missing: Vec<Task> },
    /// The task does not return from `on_start`.
    Hangs,
    /// The task does not announce itself, for another reason.
    NotSent,
    /// It was sent, but lost.
    Lost { sent: usize, step: usize },
    /// It was counted, but forgotten in a crash.
    Forgotten { read: usize, step: usize },
    /// It was sent and read, but not counted.
    NotCounted { sent: usize, step: usize },
}

/// What can still happen, found by a search of every continuation.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Recovery {
    /// No actor can move.
    Over,
    /// Actors can move, but no notice is left or can be sent. Every continuation breaks the claim.
    NoNoticeLeft,
    /// Every continuation breaks the claim.
    NothingFixesIt,
    /// Some continuation does not break the claim.
    Possible,
    /// It is not known: the search reached a limit.
    Unknown,
}

/// The limit that ended a search early.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CutShortBy {
    /// An interrupt.
    Interrupt,
    /// The limit of states (`--max-states`).
    States,
    /// The limit of memory (`--memory`).
    Memory,
    /// The limit of the effort of an explanation. For a search: it could not go on.
    Effort,
    /// A file in the folder of `--spill` could not be written or read.
    Disk,
}

impl From<Limit> for CutShortBy {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::Interrupted => Self::Interrupt,
            Limit::States => Self::States,
            Limit::Memory => Self::Memory,
            Limit::Effort => Self::Effort,
            Limit::Disk => Self::Disk,
        }
    }
}

impl From<TaskRun> for Task {
    fn from(who: TaskRun) -> Self {
        Self { task: who.task.0, attempt: who.attempt.0 }
    }
}

pub(super) fn tasks(who: &[TaskRun]) -> Vec<Task> {
    who.iter().copied().map(Task::from).collect()
}

impl From<Input> for InputKind {
    fn from(input: Input) -> Self {
        match input {
            Input::Notice(_) => Self::Notice,
            Input::TimedOut => Self::Timeout,
            Input::Stop => Self::Stop,
            Input::Restarted => Self::Crash,
        }
    }
}

impl From<cause::Death> for Fact {
    fn from(death: cause::Death) -> Self {
        let Task { task, attempt } = death.who.into();
        let died = Died { task, attempt, step: death.at, reported: death.reported };
        match death.how.into() {
            Death::Panicked => Self::Panicked(died),
            Death::Vanished => Self::Vanished(died),
            Death::Died => Self::Died(died),
            Death::Cascaded => Self::Cascaded(died),
        }
    }
}

/// The facts of a tree of causes. A cause comes before the fact that it explains. `inboxes` is the number of inboxes.
pub fn facts(because: &cause::Cause, inboxes: u8) -> Vec<Fact> {
    because.facts().into_iter().map(|fact| Fact::of(fact, inboxes)).collect()
}

impl Fact {
    fn of(fact: &cause::Fact, inboxes: u8) -> Self {
        use cause::Fact as F;
        let since = |since: &Option<(usize, _)>| since.as_ref().map(|(step, _)| *step);
        match fact {
            F::Broken(step) => Self::Broken { step: *step },
            F::Died(death) => (*death).into(),
            F::InVain { .. } => Self::in_vain(fact),
            F::Announced { who, at } => Self::AnnouncedEarly { task: who.task.0, attempt: who.attempt.0, step: *at },
            F::NeverCounted(who) => Self::NeverCounted { task: who.task.0, attempt: who.attempt.0 },
            F::CountedTwice { task, first, again } => Self::CountedTwice { task: task.0, step: *first, again: *again },
            F::Stale { notice, sent, attempt, began, read } => {
                let notice = (*notice).into();
                Self::Stale { notice, sent: *sent, step: *read, attempt: attempt.0, began: *began }
            }
            F::BecameUp { at, input, whole } => {
                Self::BecameUp { step: *at, input: (*input).into(), all_counted: *whole }
            }
            F::NotCompleted(who) => Self::NotCompleted { tasks: tasks(who) },
            F::Missing(who, why) => {
                Self::NoTaskStarted { task: who.task.0, attempt: who.attempt.0, because: why.into() }
            }
            F::Waits { who, arrived, missing } => Self::WaitsAtBarrier {
                task: who.task.0,
                attempt: who.attempt.0,
                step: *arrived,
                missing: tasks(missing),
            },
            F::TimedOut { at, others } => {
                let word = |&action| Schedule(vec![action]).text(inboxes);
                Self::TimedOut { step: *at, others: others.iter().map(word).collect() }
            }
            F::Repeated { notice, first, began, again } => Self::DeliveredAgain {
                notice: (*notice).into(),
                first: *first,
                began_attempt: began.map(|attempt| attempt.0),
                step: *again,
            },
            F::ReportLost { notice, at } => {
                Self::ReportLost { task: notice.from.0, attempt: notice.attempt.0, step: *at }
            }
            F::Hangs { who, at } => Self::Hangs { task: who.task.0, attempt: who.attempt.0, step: *at },
            F::CountedFor { notice, sent, read } => {
                Self::CountedFor { notice: (*notice).into(), sent: *sent, step: *read }
            }
            F::Kept { who, read, began } => {
                Self::KeptCount { task: who.task.0, attempt: who.attempt.0, read: *read, step: *began }
            }
            F::StopAsked { at, changed, .. } => Self::StopAsked { step: *at, taken: *changed },
            F::StopUndone { at, input, began, .. } => {
                Self::StopUndone { step: *at, input: (*input).into(), began_attempt: began.map(|attempt| attempt.0) }
            }
            F::Restarted { who, at } => Self::Restarted { task: who.task.0, attempt: who.attempt.0, step: *at },
            F::Finished { who, at, stopped } => {
                Self::Finished { task: who.task.0, attempt: who.attempt.0, step: *at, stopped: *stopped }
            }
            F::NotOver(who, why) => Self::NotOver { task: who.task.0, attempt: who.attempt.0, because: why.into() },
            F::BecameEnded { at, input, .. } => Self::Stopped { step: *at, input: (*input).into() },
            F::GoOn(who) => Self::GoOn { tasks: tasks(who) },
            F::Failed { at, input } => Self::Failed { step: *at, input: (*input).into() },
            F::NobodyDead(attempt) => Self::NoTaskDead { attempt: attempt.0 },
            F::Premise(step) => Self::PremiseHolds { step: since(step) },
            F::Conclusion(step) => Self::ConclusionFails { step: since(step) },
            F::Recovery(recovery) => recovery.into(),
        }
    }

    fn in_vain(fact: &cause::Fact) -> Self {
        let cause::Fact::InVain { at, notice, phase, counted, reaction, changed } = fact else {
            return Self::Broken { step: None };
        };
        let (task, attempt, phase) = (notice.from.0, notice.attempt.0, phase.name.to_string());
        let report = Report { task, attempt, step: *at, phase, counted: *counted };
        match (reaction, changed) {
            (Reaction::Dropped(_), _) => Self::Dropped(report),
            (_, false) => Self::Ignored(report),
            (_, true) => Self::Acknowledged(report),
        }
    }
}

impl From<&Missing> for Why {
    fn from(missing: &Missing) -> Self {
        match missing {
            Missing::Forgotten => Self::NeverAnnounced,
            Missing::Dead(death) => Self::Dead { how: death.how.into(), step: death.at },
            Missing::AtBarrier(missing) => Self::AtBarrier { missing: tasks(missing) },
            Missing::Hangs => Self::Hangs,
            Missing::NotSent => Self::NotSent,
            Missing::Lost { sent, lost } => Self::Lost { sent: *sent, step: *lost },
            Missing::ForgottenInCrash { read, crash } => Self::Forgotten { read: *read, step: *crash },
            Missing::NotCounted { sent, read } => Self::NotCounted { sent: *sent, step: *read },
        }
    }
}

impl From<&cause::Recovery> for Fact {
    fn from(recovery: &cause::Recovery) -> Self {
        let (recovery, states, cut_short_by) = match recovery {
            cause::Recovery::Over => (Recovery::Over, None, None),
            cause::Recovery::NoNoticeLeft => (Recovery::NoNoticeLeft, None, None),
            cause::Recovery::NothingMends(states) => (Recovery::NothingFixesIt, Some(states.into()), None),
            cause::Recovery::Mendable => (Recovery::Possible, None, None),
            cause::Recovery::Unknown(limit) => (Recovery::Unknown, None, Some((*limit).into())),
        };
        Self::Recovery { recovery, states, cut_short_by }
    }
}
