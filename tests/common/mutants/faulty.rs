//! A second version of the built-in controller with an optional mistake. Without a mistake it behaves exactly like the
//! built-in controller: a test walks both together. Its runs have no stop, no crash and no restart of one task.

use std::collections::BTreeMap;
use std::panic::resume_unwind;

use startup_race::core::{
    ActorId, Attempt, Cause, Context, Controller, ControllerRules, Effect, Input, Kind, Notice, OnFailure, Phase,
    Reason, Stage,
};
use startup_race::scenario::Rules;

/// A wrong decision of the controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mistake {
    /// No mistake.
    NoHooks,
    /// Running with one task missing.
    OneShort,
    /// Running only when one task more than there is has started.
    OneTooMany,
    /// Running at the first `TaskStarted`.
    FirstIsEnough,
    /// Running when the task with the highest number has started.
    LastIsEnough,
    /// A duplicate is counted again.
    CounterForASet,
    /// Scheduling counts a `TaskFailed` like a `TaskStarted`.
    FailedCounts,
    /// Scheduling counts a `TaskFinished` like a `TaskStarted`.
    FinishedCounts,
    /// A `TaskStarted` in Running fails the attempt.
    StartedFailsRunning,
    /// A `TaskFailed` in Scheduling is dropped.
    DeafWhileScheduling,
    /// The same, except for tasks that were counted.
    DeafUntilCounted,
    /// The same, except for tasks that were not counted.
    DeafOnceCounted,
    /// The same, unless some task was counted.
    DeafUntilSomeIsCounted,
    /// The same, for the first task only.
    DeafToTheFirst,
    /// A `TaskFailed` in Scheduling only takes the task out of the count.
    FailureUncounts,
    /// A `TaskFailed` in Running is ignored.
    DeafWhileRunning,
    /// The same, if the task died in the cascade.
    DeafToTheCascade,
    /// The reason names the first task, whichever task died.
    BlamesTheFirst,
    /// A `TaskFinished` in Scheduling fails the attempt.
    FinishFailsScheduling,
    /// A `TaskFinished` in Running fails the attempt.
    FinishFailsRunning,
    /// The controller panics at a `TaskFinished` in Scheduling.
    FinishPanics,
    /// In Failed, a `TaskStarted` is counted, and a complete count leads to Running.
    FailedIsNotFinal,
    /// In Failed, a `TaskFailed` changes the reason.
    FailedAgain,
    /// A retry keeps the count.
    RetryKeepsTheCount,
    /// A retry removes only the failed task from the count.
    RetryKeepsTheOthers,
    /// The first failure or timeout fails the pipeline.
    NeverRetries,
    /// A failure in Running fails the pipeline.
    NeverRetriesRunning,
    /// The last attempt is never used.
    OneAttemptLess,
    /// The controller asks for a retry although none is left.
    OneAttemptMore,
    /// There is no fence.
    NoFence,
    /// The fence lets a `TaskStarted` through.
    FencePassesStarted,
    /// The fence lets a `TaskFailed` through.
    FencePassesFailed,
    /// The fence lets notices of the previous attempt through.
    FenceOneOff,
    /// The fence drops older notices, but not newer ones.
    FenceOlderOnly,
    /// There is a fence in Scheduling only.
    FenceOnlyScheduling,
    /// The fence drops notices of the current attempt, and lets the others through.
    FenceInverted,
    /// The fence lets notices of the first attempt through, and no others.
    FenceFirstOnly,
    /// A timeout fails the pipeline.
    TimeoutNeverRetries,
    /// A timeout does nothing.
    TimeoutIgnored,
    /// A timeout leads to Running.
    TimeoutRuns,
    /// A timeout that fails the pipeline blames the first task.
    TimeoutBlamesTheFirst,
}

/// A controller with at most one mistake.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Faulty {
    rules: ControllerRules,
    mistake: Mistake,
    stage: Stage,
    /// How often each task was counted.
    counted: BTreeMap<ActorId, u8>,
}

// The tests of `prove` use some of these methods. They are not built under loom.
#[cfg_attr(loom, allow(dead_code))]
impl Faulty {
    /// A controller that has received nothing.
    pub fn new(rules: &Rules, mistake: Mistake) -> Self {
        Self { rules: rules.controller, mistake, stage: Stage::Starting, counted: BTreeMap::new() }
    }

    /// How often a task was counted.
    pub fn times(&self, task: ActorId) -> u8 {
        self.counted.get(&task).copied().unwrap_or(0)
    }

    /// The same controller, after it has counted the first tasks this often and no others. If it has failed, the reason
    /// names no task.
    pub fn with_times(&self, times: impl IntoIterator<Item = u8>) -> Self {
        let times = (1..).map(ActorId).zip(times).filter(|(_, times)| *times > 0);
        let stage = match self.stage {
            Stage::Failed(_) => Stage::Failed(Reason::Other("some task")),
            stage => stage,
        };
        Self { stage, counted: times.collect(), ..*self }
    }

    fn receive(&mut self, notice: Notice, now: &mut Context) {
        let Notice { from: task, kind, .. } = notice;
        match (self.stage, kind) {
            (Stage::Failed(_), Kind::Started) if self.mistake == Mistake::FailedIsNotFinal => self.count(task, now),
            (Stage::Failed(_), Kind::Failed(cause)) if self.mistake == Mistake::FailedAgain => {
                self.end(Reason::Task(task, cause));
            }
            (Stage::Failed(_), _) => {}
            _ if self.rules.fence && self.fences(notice, now) => {}
            (Stage::Up, kind) => self.running(task, kind, now),
            (_, kind) => self.scheduling(task, kind, now),
        }
    }

    fn fences(&self, Notice { attempt, kind, .. }: Notice, now: &mut Context) -> bool {
        let current: Attempt = now.attempt;
        match (self.mistake, kind) {
            (Mistake::NoFence, _)
            | (Mistake::FencePassesStarted, Kind::Started)
            | (Mistake::FencePassesFailed, Kind::Failed(_)) => false,
            (Mistake::FenceOneOff, _) => attempt.0 + 1 < current.0 && now.is_stale(),
            (Mistake::FenceOlderOnly, _) => attempt < current && now.is_stale(),
            (Mistake::FenceOnlyScheduling, _) => self.stage == Stage::Starting && now.is_stale(),
            (Mistake::FenceInverted, _) => !now.is_stale(),
            (Mistake::FenceFirstOnly, _) => attempt.0 != 1,
            _ => now.is_stale(),
        }
    }

    fn scheduling(&mut self, task: ActorId, kind: Kind, now: &mut Context) {
        match (kind, self.mistake) {
            (Kind::Started, _)
            | (Kind::Failed(_), Mistake::FailedCounts)
            | (Kind::Finished, Mistake::FinishedCounts) => self.count(task, now),
            (Kind::Failed(_), Mistake::FailureUncounts) => drop(self.counted.remove(&task)),
            (Kind::Failed(cause), _) if self.heeds(task) => self.fail(Reason::Task(task, cause), now),
            (Kind::Finished, Mistake::FinishFailsScheduling) => self.fail(Reason::Task(task, Cause::Cascaded), now),
            // A panic that prints nothing, because it happens many times.
            (Kind::Finished, Mistake::FinishPanics) => resume_unwind(Box::new("a task finished while scheduling")),
            (Kind::Failed(_) | Kind::Finished | Kind::Own(_), _) => {}
        }
    }

    /// Whether the controller reacts to a failure in Scheduling.
    fn heeds(&self, task: ActorId) -> bool {
        let counted = self.counted.contains_key(&task);
        self.rules.failed_while_scheduling == OnFailure::Retry
            && match self.mistake {
                Mistake::DeafWhileScheduling => false,
                Mistake::DeafUntilCounted => counted,
                Mistake::DeafOnceCounted => !counted,
                Mistake::DeafUntilSomeIsCounted => !self.counted.is_empty(),
                Mistake::DeafToTheFirst => task != ActorId(1),
                _ => true,
            }
    }

    fn running(&mut self, task: ActorId, kind: Kind, now: &mut Context) {
        match (kind, self.mistake) {
            (Kind::Started, Mistake::StartedFailsRunning) => self.fail(Reason::Task(task, Cause::Panicked), now),
            (Kind::Failed(_), Mistake::DeafWhileRunning)
            | (Kind::Failed(Cause::Cascaded), Mistake::DeafToTheCascade) => {}
            (Kind::Failed(cause), Mistake::NeverRetriesRunning) => self.end(Reason::Task(task, cause)),
            (Kind::Failed(cause), _) if self.rules.failed_while_running == OnFailure::Retry => {
                self.fail(Reason::Task(task, cause), now);
            }
            (Kind::Finished, Mistake::FinishFailsRunning) => self.fail(Reason::Task(task, Cause::Cascaded), now),
            (Kind::Started | Kind::Failed(_) | Kind::Finished | Kind::Own(_), _) => {}
        }
    }

    fn count(&mut self, task: ActorId, now: &Context) {
        let times = self.counted.entry(task).or_default();
        if *times > 0 && self.mistake != Mistake::CounterForASet {
            return;
        }
        *times += 1;
        let counted: u8 = self.counted.values().sum();
        let is_whole = match self.mistake {
            Mistake::OneShort => counted + 1 >= now.tasks,
            Mistake::OneTooMany => counted > now.tasks,
            Mistake::FirstIsEnough => true,
            Mistake::LastIsEnough => task.0 == now.tasks,
            _ => counted >= now.tasks,
        };
        if is_whole {
            self.stage = Stage::Up;
        }
    }

    fn fail(&mut self, reason: Reason, now: &mut Context) {
        let left = match self.mistake {
            Mistake::NeverRetries => 0,
            Mistake::OneAttemptLess => now.attempts_left.saturating_sub(1),
            Mistake::OneAttemptMore => now.attempts_left + 1,
            Mistake::TimeoutNeverRetries if reason == Reason::TimedOut => 0,
            _ => now.attempts_left,
        };
        if left == 0 {
            return self.end(reason);
        }
        self.stage = Stage::Starting;
        match (self.mistake, reason) {
            (Mistake::RetryKeepsTheCount, _) => {}
            (Mistake::RetryKeepsTheOthers, Reason::Task(task, _)) => drop(self.counted.remove(&task)),
            _ => self.counted.clear(),
        }
        now.effects.push(Effect::Retry);
    }

    fn end(&mut self, reason: Reason) {
        let reason = match (self.mistake, reason) {
            (Mistake::BlamesTheFirst, Reason::Task(_, cause)) => Reason::Task(ActorId(1), cause),
            (Mistake::TimeoutBlamesTheFirst, Reason::TimedOut) => Reason::Task(ActorId(1), Cause::Panicked),
            _ => reason,
        };
        self.stage = Stage::Failed(reason);
    }
}

impl Controller for Faulty {
    fn on(&mut self, input: Input, now: &mut Context) {
        match (input, self.mistake) {
            (Input::Notice(notice), _) => self.receive(notice, now),
            (Input::TimedOut, Mistake::TimeoutIgnored) | (Input::Stop | Input::Restarted, _) => {}
            (Input::TimedOut, Mistake::TimeoutRuns) => self.stage = Stage::Up,
            (Input::TimedOut, _) => self.fail(Reason::TimedOut, now),
        }
    }

    fn phase(&self) -> Phase {
        let name = match self.stage {
            Stage::Starting => "Scheduling",
            Stage::Up => "Running",
            Stage::Stopping => "Stopping",
            Stage::Ended => "Stopped",
            Stage::Failed(_) => "Failed",
        };
        Phase { name, stage: self.stage }
    }

    fn counted(&self) -> Option<u8> {
        u8::try_from(self.counted.len()).ok()
    }

    fn has_counted(&self, task: ActorId) -> bool {
        self.counted.contains_key(&task)
    }
}
