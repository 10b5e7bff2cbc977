//! A tree of causes: facts of one schedule, each with the steps that it names. A fact is a child of what it explains.

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
    /// How.
    pub how: How,
    /// The step of the panic, of the send that failed, or of the `on_start` that never returned.
    pub at: usize,
    /// The step of the report, from which it counts as dead.
    pub reported: Option<usize>,
}

/// Why a `TaskStarted` that the controller waits for will not be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// No task announces itself under these rules.
    Forgotten,
    /// The task died before it announced itself.
    Dead(Death),
    /// It announces itself after the barrier, where it waits for these.
    AtBarrier(Vec<TaskRun>),
    /// It does not return from `on_start`.
    Hangs,
    /// Something else keeps it from announcing itself.
    NotSent,
    /// It was sent, and the network lost it.
    Lost {
        /// The step that sent it.
        sent: usize,
        /// The step that lost it.
        lost: usize,
    },
    /// It was counted, and the controller forgot it in a crash.
    ForgottenInCrash {
        /// The step that counted it.
        read: usize,
        /// The step of the crash.
        crash: usize,
    },
    /// It was sent, and read, and not counted.
    NotCounted {
        /// The step that sent it.
        sent: usize,
        /// The step that read it.
        read: usize,
    },
}

/// Why the controller, while it stops, does not learn that a task is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotOver {
    /// It died, and that does not count as an end.
    Dead(Death),
    /// It does not return from `on_start`.
    Hangs,
    /// It waits for these at its barrier.
    AtBarrier(Vec<TaskRun>),
    /// It has not ended, for another reason.
    GoesOn,
    /// It told its end, and the network lost that.
    Lost {
        /// What told it.
        notice: Notice,
        /// The step that told it.
        sent: usize,
        /// The step that lost it.
        lost: usize,
    },
    /// It told its end, and the controller forgot that in a crash.
    ForgottenInCrash {
        /// What told it.
        notice: Notice,
        /// The step that read it.
        read: usize,
        /// The step of the crash.
        crash: usize,
    },
    /// It told its end, and the controller did not count that in this phase.
    NotCounted {
        /// What told it.
        notice: Notice,
        /// The step that read it.
        read: usize,
        /// The phase.
        phase: Phase,
    },
}

/// What can still come, by a search of every continuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// No actor can move.
    Over,
    /// Actors can move, but none sends a notice and none is left: the controller learns nothing any more.
    NoNoticeLeft,
    /// Every continuation breaks the claim; so many states were explored.
    NothingMends(BigUint),
    /// Some continuation does not break the claim.
    Mendable,
    /// The search of the continuations reached this limit.
    Unknown(Limit),
}

/// A fact of a schedule. Steps count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The claim is broken, since this step; none where it is broken from the start.
    Broken(Option<usize>),
    /// A task died.
    Died(Death),
    /// The controller read a report of the current attempt, and neither failed nor retried.
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
    /// The controller counted a task for another notice than its `TaskStarted`.
    CountedFor {
        /// The notice.
        notice: Notice,
        /// The step that sent it.
        sent: usize,
        /// The step that read it.
        read: usize,
    },
    /// The controller had counted a task in an attempt before, and kept that when a new one began.
    Kept {
        /// The task, in the attempt in which it is counted.
        who: TaskRun,
        /// The step that counted it.
        read: usize,
        /// The step in which the attempt began.
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
    /// A stop that was under way, or deferred, was undone.
    StopUndone {
        /// The step.
        at: usize,
        /// By what.
        input: Input,
        /// The attempt that began with it, if one did.
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
        /// Whether that was because of the stop.
        stopped: bool,
    },
    /// The controller stops, and does not learn that a task is over.
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
    /// These tasks were neither dead nor finished by then.
    GoOn(Vec<TaskRun>),
    /// No `TaskStarted` of the task had been counted.
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
    /// A notice of an attempt that had ended was taken for one of the attempt that followed.
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
        /// Whether every task was counted then.
        whole: bool,
    },
    /// These tasks had not completed `on_start` by then.
    NotCompleted(Vec<TaskRun>),
    /// The controller waits for the `TaskStarted` of a task, in vain.
    Missing(TaskRun, Missing),
    /// A task waits at its barrier for others, in vain.
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
        /// The other actors that could have moved.
        others: Vec<Action>,
    },
    /// The network delivered a notice that had been read before.
    Repeated {
        /// The notice.
        notice: Notice,
        /// The step that read it first.
        first: usize,
        /// The attempt that began with that, if one did.
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
    /// No task of an attempt is dead.
    NobodyDead(Attempt),
    /// The premise of a claim holds since this step, and what happened in it; none where it holds from the start.
    Premise(Option<(usize, Event)>),
    /// The conclusion of a claim fails since this step, and what happened in it; none where it fails from the start.
    Conclusion(Option<(usize, Event)>),
    /// What can still come.
    Recovery(Recovery),
}

/// A fact, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The fact.
    pub fact: Fact,
    /// Its causes, in the order of the steps.
    pub because: Vec<Cause>,
}

impl Cause {
    /// A fact with its causes.
    pub fn new(fact: Fact, because: Vec<Self>) -> Self {
        Self { fact, because }
    }

    /// The facts, causes before what they explain, each once.
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
