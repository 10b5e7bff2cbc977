//! What the sentences of a report need to know beside their facts, and the phrases that they share.

use super::words;
use crate::explore::explain::cause::Who;
use crate::explore::explain::history;
use crate::explore::report::{Judgement, Report};
use crate::core::{Attempt, Controller, Input, Notice, Step, TaskState, Timeout};
use crate::transition::{Event};

/// How a report speaks of its scenario.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// The last attempt, whose tasks need no mention of it; none where there is one attempt.
    last_attempt: Option<Attempt>,
    /// How many tasks there are.
    pub(super) tasks: usize,
    /// Whether the controller is the pipeline's own, under named rules.
    is_protocol: bool,
    /// Whether the rules have no timeout.
    pub(super) has_no_timeout: bool,
    /// Whether the claim that is broken asks for a decision.
    pub(super) is_undecided: bool,
}

impl Manner {
    /// Of a claim's counterexample.
    pub(super) fn of<C: Controller>(report: &Report<C>, judgement: &Judgement<C>) -> Self {
        let rules = report.setup.scenario.rules();
        let events = judgement.trace.iter().flat_map(|trace| &trace.events).rev();
        let last = events.filter_map(history::received).find_map(|received| received.began).unwrap_or(Attempt(1));
        Self {
            last_attempt: (rules.attempts > 1).then_some(last),
            tasks: report.setup.scenario.tasks().len(),
            is_protocol: report.protocol.is_some(),
            has_no_timeout: rules.timeout == Timeout::None,
            is_undecided: judgement.claim.id == "always-decides",
        }
    }

    /// Whether attempts are shown.
    pub(super) fn has_attempts(self) -> bool {
        self.last_attempt.is_some()
    }

    /// `task 2`; of another attempt than the last one `task 2 of attempt 1`.
    pub(super) fn who(self, who: Who) -> String {
        self.whos(&[who])
    }

    /// The same of several tasks of one attempt.
    pub(super) fn whos(self, whos: &[Who]) -> String {
        let tasks: Vec<u8> = whos.iter().map(|who| who.task.0).collect();
        let tasks = words::numbered("task", &tasks);
        match (self.last_attempt, whos.first()) {
            (Some(last), Some(who)) if who.attempt != last => format!("{tasks} of attempt {}", who.attempt.0),
            _ => tasks,
        }
    }

    /// `TaskStarted(2)`.
    pub(super) fn notice(self, notice: Notice) -> String {
        words::notice(notice, self.has_attempts())
    }

    /// Whose rules they are.
    pub(super) fn rules(self) -> &'static str {
        if self.is_protocol { "this protocol" } else { "this controller" }
    }

    /// What an actor does, as a noun: `task 1's on_start`, `the reading of TaskFailed(2)`.
    pub(super) fn doing(self, event: &Event) -> String {
        match *event {
            Event::Task { attempt, task, act, .. } => {
                format!("{}'s {}", self.who(Who { task, attempt }), words::act(act))
            }
            Event::Controller { transition, .. } => match received.input {
                Input::TimedOut => "the timeout".to_string(),
                Input::Notice(notice) => format!("the reading of {}", self.notice(notice)),
            },
        }
    }

    /// What an actor did: `task 1 announced`, `the controller read TaskFailed(2)`.
    pub(super) fn did(self, event: &Event) -> String {
        match *event {
            Event::Task { attempt, task, act, life, .. } => {
                format!("{} {}", self.who(Who { task, attempt }), verb(act, life))
            }
            Event::Controller { transition, kept, .. } => match received.input {
                Input::TimedOut => "the controller timed out".to_string(),
                Input::Notice(notice) => {
                    let copy = if kept { "a copy of " } else { "" };
                    format!("the controller read {copy}{}", self.notice(notice))
                }
            },
        }
    }
}

/// What a task did, in a form that fits after `had` too.
fn verb(act: Step, life: Life) -> &'static str {
    match (act, life) {
        (Step::ANNOUNCE, _) => "announced",
        (Step::OnStart, Life::Panicked(_)) => "panicked",
        (Step::OnStart, Life::Vanished) => "vanished",
        (Step::OnStart, _) => "completed on_start",
        (Step::Report, _) => "reported",
        (Step::Arrive, _) => "arrived",
        (Step::Run, _) => "entered run",
        (Step::Panic, _) => "failed to send",
        (Step::FINISH, _) => "finished",
    }
}
