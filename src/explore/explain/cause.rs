//! A tree of causes: facts about one schedule, each with the steps that it names. A fact is a child of the fact that it
//! explains.

use num_bigint::BigUint;

use crate::core::{ActorId, Attempt, Input, Notice, Phase};
use crate::explore::limits::Limit;
use crate::model::Action;
pub use crate::transition::TaskRun;
use crate::transition::{Event, Reaction};

/// How a task died.
pub use crate::core::Cause as How;

/// The death of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Death {
    /// The task that died.
    pub who: TaskRun,
    /// How it died.
    pub how: How,
    /// The step of the panic (in a cascade, of the send that failed), of the `on_start` in which it vanished, or of a
    /// report without a panic.
    pub at: usize,
    /// The step of the report, if there is one. From then on the task counts as dead.
    pub reported: Option<usize>,
}

/// Why a `TaskStarted` that the controller waits for will not be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The startup of the task has no step in which it announces itself.
    Forgotten,
    /// The task died before it announced itself.
    Dead(Death),
    /// The task announces itself after the barrier, and waits there for these tasks.
    AtBarrier(Vec<TaskRun>),
    /// The task does not return from `on_start`.
    Hangs,
    /// The task does not announce itself, for another reason.
    NotSent,
    /// The notice was sent, and the network lost it.
    Lost {
        /// The step that sent it.
        sent: usize,
        /// The step that lost it.
        lost: usize,
    },
    /// The notice was counted, but the controller forgot that in a crash.
    ForgottenInCrash {
        /// The step that counted it.
        read: usize,
        /// The step of the crash.
        crash: usize,
    },
    /// The notice was sent and read, but not counted.
    NotCounted {
        /// The step that sent it.
        sent: usize,
        /// The step that read it.
        read: usize,
    },
}

/// Why the controller does not learn that a task is over, while the pipeline is stopping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotOver {
    /// It died, and that does not count as an end.
    Dead(Death),
    /// It does not return from `on_start`.
    Hangs,
    /// It waits for these tasks at its barrier.
    AtBarrier(Vec<TaskRun>),
    /// It has not ended, for another reason.
    GoesOn,
    /// It sent a notice of its end, but the network lost it.
    Lost {
        /// The notice of its end.
        notice: Notice,
        /// The step that sent it.
        sent: usize,
        /// The step that lost it.
        lost: usize,
    },
    /// It sent a notice of its end, but the controller forgot that in a crash.
    ForgottenInCrash {
        /// The notice of its end.
        notice: Notice,
        /// The step that read it.
        read: usize,
        /// The step of the crash.
        crash: usize,
    },
    /// It sent a notice of its end, but the controller did not count it in this phase.
    NotCounted {
        /// The notice of its end.
        notice: Notice,
        /// The step that read it.
        read: usize,
        /// The phase.
        phase: Phase,
    },
}

/// What can still happen, according to a search of every continuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// No actor can move.
    Over,
    /// Every continuation breaks the claim, and only tasks and helpers move in them: no notice is delivered any more.
    NoNoticeLeft,
    /// Every continuation breaks the claim. This many states were explored.
    NothingMends(BigUint),
    /// Some continuation does not break the claim.
    Mendable,
    /// The search of the continuations reached this limit.
    Unknown(Limit),
}

/// A fact about a schedule. Steps are numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The claim is broken since this step. `None` if it is broken from the start.
    Broken(Option<usize>),
    /// A task died.
    Died(Death),
    /// The controller read a report of a death in the current attempt, but neither failed nor retried.
    InVain {
        /// The step.
        at: usize,
        /// The report.
        notice: Notice,
        /// The phase in which it was read.
        phase: Phase,
        /// How many tasks were counted then.
        counted: Option<u8>,
        /// What the controller did with it.
        reaction: Reaction,
        /// Whether anything changed in the controller.
        changed: bool,
    },
    /// A task announced itself before it had completed `on_start`.
    Announced {
        /// Which task.
        who: TaskRun,
        /// The step.
        at: usize,
    },
    /// The network lost the report of a death.
    ReportLost {
        /// The report.
        notice: Notice,
        /// The step.
        at: usize,
    },
    /// A task does not return from `on_start`.
    Hangs {
        /// Which task.
        who: TaskRun,
        /// The step of its `on_start`.
        at: usize,
    },
    /// The controller counted a task because of a notice that is not its `TaskStarted`.
    CountedFor {
        /// The notice.
        notice: Notice,
        /// The step that sent it.
        sent: usize,
        /// The step that read it.
        read: usize,
    },
    /// The controller counted a task in an earlier attempt, and still counted it after a new attempt had begun.
    Kept {
        /// The task, in the new attempt.
        who: TaskRun,
        /// The step that counted it.
        read: usize,
        /// The step in which the new attempt began.
        began: usize,
    },
    /// A user asked for a stop.
    StopAsked {
        /// The step.
        at: usize,
        /// The phase before.
        before: Phase,
        /// The phase after.
        after: Phase,
        /// Whether anything changed in the controller.
        changed: bool,
    },
    /// A stop that had begun, or was deferred, was undone.
    StopUndone {
        /// The step.
        at: usize,
        /// The input that undid it.
        input: Input,
        /// The attempt that began in this step, if one did.
        began: Option<Attempt>,
        /// The phase after.
        phase: Phase,
    },
    /// The controller restarted a task alone.
    Restarted {
        /// The task, in its new attempt.
        who: TaskRun,
        /// The step.
        at: usize,
    },
    /// A task ended in good order.
    Finished {
        /// Which task.
        who: TaskRun,
        /// The step.
        at: usize,
        /// Whether it ended because of the stop.
        stopped: bool,
    },
    /// The pipeline is stopping, but the controller does not learn that this task is over.
    NotOver(TaskRun, NotOver),
    /// The controller said that it had stopped.
    BecameEnded {
        /// The step.
        at: usize,
        /// The phase.
        phase: Phase,
        /// What it read.
        input: Input,
    },
    /// These tasks were neither dead nor finished when the controller said that it had stopped.
    GoOn(Vec<TaskRun>),
    /// No `TaskStarted` of this task was counted.
    NeverCounted(TaskRun),
    /// The controller counted a task twice.
    CountedTwice {
        /// Which task.
        task: ActorId,
        /// The step of the first time.
        first: usize,
        /// The step of the second time.
        again: usize,
    },
    /// A notice of an attempt that had ended was used in a later attempt.
    Stale {
        /// The notice.
        notice: Notice,
        /// The step that sent it.
        sent: usize,
        /// The attempt in which it was read.
        attempt: Attempt,
        /// The step in which that attempt began.
        began: usize,
        /// The step that read it.
        read: usize,
    },
    /// The controller became Running.
    BecameUp {
        /// The step.
        at: usize,
        /// What it read.
        input: Input,
        /// Whether every task was counted at that time.
        whole: bool,
    },
    /// These tasks had not completed `on_start` when the controller became Running.
    NotCompleted(Vec<TaskRun>),
    /// The controller waits for the `TaskStarted` of a task, which will never be counted.
    Missing(TaskRun, Missing),
    /// A task waits at its barrier for others that will not arrive.
    Waits {
        /// The task that waits.
        who: TaskRun,
        /// The step in which it arrived.
        arrived: usize,
        /// The tasks that will not arrive.
        missing: Vec<TaskRun>,
    },
    /// The controller gave up waiting.
    TimedOut {
        /// The step.
        at: usize,
        /// The other actions that were enabled.
        others: Vec<Action>,
    },
    /// The network delivered a notice that had been read before.
    Repeated {
        /// The notice.
        notice: Notice,
        /// The step that read it first.
        first: usize,
        /// The attempt that began in that step, if one did.
        began: Option<Attempt>,
        /// The step that read it again.
        again: usize,
    },
    /// The controller failed the pipeline.
    Failed {
        /// The step.
        at: usize,
        /// What it read.
        input: Input,
    },
    /// No task of this attempt is dead.
    NobodyDead(Attempt),
    /// The step since which the premise of a claim holds, and its event. `None` if it holds from the start.
    Premise(Option<(usize, Event)>),
    /// The step since which the conclusion of a claim fails, and its event. `None` if it fails from the start.
    Conclusion(Option<(usize, Event)>),
    /// What can still happen.
    Recovery(Recovery),
}

/// A fact and its causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The fact.
    pub fact: Fact,
    /// Its causes, in the order in which they are told.
    pub because: Vec<Cause>,
}

impl Cause {
    /// A fact with its causes.
    pub fn new(fact: Fact, because: Vec<Self>) -> Self {
        Self { fact, because }
    }

    /// The facts without repetition. A cause comes before the fact that it explains.
    pub fn facts(&self) -> Vec<&Fact> {
        let mut facts = Vec::new();
        self.collect(&mut facts);
        facts
    }

    fn collect<'a>(&'a self, facts: &mut Vec<&'a Fact>) {
        self.because.iter().for_each(|cause| cause.collect(facts));
        if !facts.contains(&&self.fact) {
            facts.push(&self.fact);
        }
    }
}

impl From<Fact> for Cause {
    fn from(fact: Fact) -> Self {
        Self::new(fact, Vec::new())
    }
}
