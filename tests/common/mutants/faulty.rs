//! The pipeline's controller, written once more with a place for each fault. Without a fault it is the pipeline's
//! controller, step for step: a test walks both together.

use std::collections::BTreeMap;
use std::panic::resume_unwind;

use startup_race::core::{ActorId, Attempt, Cause, Context, Controller, Input, Kind, Notice, OnFailure, Phase, Reason};
use startup_race::scenario::{Rules};
use startup_race::transition::{Dropped, Reaction};

/// A decision of the controller that is made wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// None is.
    None,
    /// Running with one task missing.
    OneShort,
    /// Running only when one task more than there is has started.
    OneTooMany,
    /// Running at the first TaskStarted.
    FirstIsEnough,
    /// Running when the last task has started, by number.
    LastIsEnough,
    /// A duplicate is counted again.
    CounterForASet,
    /// Scheduling counts a TaskFailed like a TaskStarted.
    FailedCounts,
    /// Scheduling counts a TaskFinished like a TaskStarted.
    FinishedCounts,
    /// A TaskStarted in Running fails the pipeline.
    StartedFailsRunning,
    /// A TaskFailed in Scheduling is dropped.
    DeafWhileScheduling,
    /// The same, but for tasks that were counted.
    DeafUntilCounted,
    /// The same, but for tasks that were not counted.
    DeafOnceCounted,
    /// The same, unless another task was counted.
    DeafUntilSomeIsCounted,
    /// The same, for the first task only.
    DeafToTheFirst,
    /// A TaskFailed in Scheduling only takes the task out of the count.
    FailureUncounts,
    /// A TaskFailed in Running is dropped.
    DeafWhileRunning,
    /// The same, where the task died in the cascade.
    DeafToTheCascade,
    /// The reason names the first task, whoever died.
    BlamesTheFirst,
    /// A TaskFinished in Scheduling fails the attempt.
    FinishFailsScheduling,
    /// A TaskFinished in Running fails the pipeline.
    FinishFailsRunning,
    /// The controller panics at a TaskFinished in Scheduling.
    FinishPanics,
    /// In Failed a TaskStarted counts, and a whole count is Running.
    FailedIsNotFinal,
    /// In Failed a TaskFailed changes the reason.
    FailedAgain,
    /// The count outlives a retry.
    RetryKeepsTheCount,
    /// A retry takes only the task that failed out of the count.
    RetryKeepsTheOthers,
    /// The first failure is the end.
    NeverRetries,
    /// A failure in Running is the end.
    NeverRetriesRunning,
    /// The last attempt is never made.
    OneAttemptLess,
    /// The controller asks for a retry although none is left.
    OneAttemptMore,
    /// There is no fence.
    NoFence,
    /// The fence lets a TaskStarted through.
    FencePassesStarted,
    /// The fence lets a TaskFailed through.
    FencePassesFailed,
    /// The fence lets the attempt before through.
    FenceOneOff,
    /// The fence drops what is older, and not what is newer.
    FenceOlderOnly,
    /// The fence stands in Scheduling only.
    FenceOnlyScheduling,
    /// The fence drops the current attempt, and lets the others through.
    FenceInverted,
    /// The fence lets the first attempt through, and no other.
    FenceFirstOnly,
    /// A timeout is the end.
    TimeoutNeverRetries,
    /// A timeout does nothing.
    TimeoutIgnored,
    /// A timeout is Running.
    TimeoutRuns,
    /// A timeout is taken for a failure of the first task.
    TimeoutBlamesTheFirst,
}

/// A controller with one fault.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Faulty {
    rules: Rules,
    fault: Fault,
    phase: Phase,
    /// How often each task was counted.
    counted: BTreeMap<ActorId, u8>,
}

impl Faulty {
    /// A controller that has received nothing.
    pub fn new(rules: Rules, fault: Fault) -> Self {
        Self { rules, fault, phase: Phase::Scheduling, counted: BTreeMap::new() }
    }

    fn receive(&mut self, notice: Notice, now: Context) -> Reaction {
        let Notice { task, kind, .. } = notice;
        match (self.phase, kind) {
            (Phase::Failed(_), Kind::Started) if self.fault == Fault::FailedIsNotFinal => self.count(task, now),
            (Phase::Failed(_), Kind::Failed(cause)) if self.fault == Fault::FailedAgain => {
                self.end(Reason::Task(task, cause))
            }
            (Phase::Failed(_), _) => Reaction::Dropped(Dropped::Final),
            _ if self.rules.fence == Fence::Attempt && self.fenced(notice, now.attempt) => {
                Reaction::Dropped(Dropped::Fenced)
            }
            (Phase::Scheduling, kind) => self.scheduling(task, kind, now),
            (Phase::Running, kind) => self.running(task, kind, now),
        }
    }

    fn fenced(&self, Notice { attempt, kind, .. }: Notice, current: Attempt) -> bool {
        match (self.fault, kind) {
            (Fault::NoFence, _)
            | (Fault::FencePassesStarted, Kind::Started)
            | (Fault::FencePassesFailed, Kind::Failed(_)) => false,
            (Fault::FenceOneOff, _) => attempt.0 + 1 < current.0,
            (Fault::FenceOlderOnly, _) => attempt < current,
            (Fault::FenceOnlyScheduling, _) => attempt != current && self.phase == Phase::Scheduling,
            (Fault::FenceInverted, _) => attempt == current,
            (Fault::FenceFirstOnly, _) => attempt.0 != 1,
            _ => attempt != current,
        }
    }

    fn scheduling(&mut self, task: ActorId, kind: Kind, now: Context) -> Reaction {
        match (kind, self.fault) {
            (Kind::Started, _) | (Kind::Failed(_), Fault::FailedCounts) | (Kind::Finished, Fault::FinishedCounts) => {
                self.count(task, now)
            }
            (Kind::Failed(_), Fault::FailureUncounts) => {
                self.counted.remove(&task);
                Reaction::Acknowledged
            }
            (Kind::Failed(cause), _) if self.heeds(task) => self.fail(Reason::Task(task, cause), now),
            (Kind::Finished, Fault::FinishFailsScheduling) => self.fail(Reason::Task(task, Cause::Cascaded), now),
            // A panic that prints nothing: it is met many times.
            (Kind::Finished, Fault::FinishPanics) => resume_unwind(Box::new("a task finished while scheduling")),
            (Kind::Failed(_) | Kind::Finished, _) => Reaction::Dropped(Dropped::In("Scheduling")),
        }
    }

    /// Whether a failure in Scheduling is acted upon.
    fn heeds(&self, task: ActorId) -> bool {
        let counted = self.counted.contains_key(&task);
        self.rules.failed_while_scheduling == OnFailure::Retry
            && match self.fault {
                Fault::DeafWhileScheduling => false,
                Fault::DeafUntilCounted => counted,
                Fault::DeafOnceCounted => !counted,
                Fault::DeafUntilSomeIsCounted => !self.counted.is_empty(),
                Fault::DeafToTheFirst => task != ActorId(1),
                _ => true,
            }
    }

    fn running(&mut self, task: ActorId, kind: Kind, now: Context) -> Reaction {
        match (kind, self.fault) {
            (Kind::Started, Fault::StartedFailsRunning) => self.fail(Reason::Task(task, Cause::Panicked), now),
            (Kind::Started, _) => Reaction::Duplicate,
            (Kind::Failed(_), Fault::DeafWhileRunning) | (Kind::Failed(Cause::Cascaded), Fault::DeafToTheCascade) => {
                Reaction::Dropped(Dropped::In("Running"))
            }
            (Kind::Failed(cause), Fault::NeverRetriesRunning) => self.end(Reason::Task(task, cause)),
            (Kind::Failed(cause), _) if self.rules.failed_while_running == OnFailure::Retry => {
                self.fail(Reason::Task(task, cause), now)
            }
            (Kind::Failed(_), _) => Reaction::Dropped(Dropped::In("Running")),
            (Kind::Finished, Fault::FinishFailsRunning) => self.fail(Reason::Task(task, Cause::Cascaded), now),
            (Kind::Finished, _) => Reaction::Acknowledged,
        }
    }

    fn count(&mut self, task: ActorId, now: Context) -> Reaction {
        let times = self.counted.entry(task).or_default();
        if *times > 0 && self.fault != Fault::CounterForASet {
            return Reaction::Duplicate;
        }
        *times += 1;
        let counted: u8 = self.counted.values().sum();
        let whole = match self.fault {
            Fault::OneShort => counted + 1 >= now.tasks,
            Fault::OneTooMany => counted > now.tasks,
            Fault::FirstIsEnough => true,
            Fault::LastIsEnough => task.0 == now.tasks,
            _ => counted >= now.tasks,
        };
        if !whole {
            return Reaction::Counted;
        }
        self.phase = Phase::Running;
        Reaction::BecameUp
    }

    fn fail(&mut self, reason: Reason, now: Context) -> Reaction {
        let left = match self.fault {
            Fault::NeverRetries => 0,
            Fault::OneAttemptLess => now.attempts_left.saturating_sub(1),
            Fault::OneAttemptMore => now.attempts_left + 1,
            Fault::TimeoutNeverRetries if reason == Reason::TimedOut => 0,
            _ => now.attempts_left,
        };
        if left == 0 {
            return self.end(reason);
        }
        self.phase = Phase::Scheduling;
        match (self.fault, reason) {
            (Fault::RetryKeepsTheCount, _) => {}
            (Fault::RetryKeepsTheOthers, Reason::Task(task, _)) => drop(self.counted.remove(&task)),
            _ => self.counted.clear(),
        }
        Reaction::Retry(reason)
    }

    fn end(&mut self, reason: Reason) -> Reaction {
        let reason = match (self.fault, reason) {
            (Fault::BlamesTheFirst, Reason::Task(_, cause)) => Reason::Task(ActorId(1), cause),
            (Fault::TimeoutBlamesTheFirst, Reason::TimedOut) => Reason::Task(ActorId(1), Cause::Panicked),
            _ => reason,
        };
        self.phase = Phase::Failed(reason);
        Reaction::Failed(reason)
    }
}

impl Controller for Faulty {
    fn on(&mut self, input: Input, now: Context) -> Reaction {
        match (input, self.fault) {
            (Input::Notice(notice), _) => self.receive(notice, now),
            (Input::TimedOut, Fault::TimeoutIgnored) => Reaction::Dropped(Dropped::In("Scheduling")),
            (Input::TimedOut, Fault::TimeoutRuns) => {
                self.phase = Phase::Running;
                Reaction::BecameUp
            }
            (Input::TimedOut, _) => self.fail(Reason::TimedOut, now),
        }
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn counted(&self) -> Option<u8> {
        u8::try_from(self.counted.len()).ok()
    }
}
