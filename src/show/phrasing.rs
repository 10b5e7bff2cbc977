//! What the sentences of a report need in addition to their facts, and phrases that they share.

use super::foreign::escaped;
use super::labels;
use super::names::Names;
use crate::core::{ActorId, Attempt, Cause, Controller, Input, Kind, Notice, Stage, Status, Step, TaskState, Timeout};
use crate::explore::explain::cause::TaskRun;
use crate::explore::report::{Judgement, Report};
use crate::transition::Event;

/// How a report refers to its scenario.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phrasing<'a> {
    /// The names of the actors.
    pub(super) names: Names<'a>,
    /// The last attempt. Its tasks are named without an attempt. `None` if there is only one attempt.
    last_attempt: Option<Attempt>,
    /// How many tasks there are.
    pub(super) tasks: usize,
    /// Whether the controller is the built-in one, under named rules.
    is_protocol: bool,
    /// Whether the rules have no timeout.
    pub(super) has_no_timeout: bool,
    /// Whether the broken claim is about a missing decision.
    pub(super) is_undecided: bool,
    /// The controller's name for the phase in which it is up.
    up: &'static str,
}

impl<'a> Phrasing<'a> {
    /// The phrasing for a claim's counterexample.
    pub(super) fn of<C: Controller>(report: &'a Report<C>, judgement: &'a Judgement<C>) -> Self {
        let rules = report.setup.scenario.rules();
        let phases = judgement.trace.iter().flat_map(|trace| &trace.events).filter_map(Event::transition);
        let up = phases.map(|transition| transition.after).find(|phase| phase.stage == Stage::Up);
        let events = judgement.trace.iter().flat_map(|trace| &trace.events).rev();
        let last = events.filter_map(Event::transition).find_map(|received| received.began).unwrap_or(Attempt(1));
        Self {
            names: Names::of(&report.setup.model),
            up: up.map_or("Running", |phase| phase.name),
            last_attempt: (rules.run.attempts > 1).then_some(last),
            tasks: report.setup.scenario.tasks().len(),
            is_protocol: report.protocol.is_some(),
            has_no_timeout: rules.run.timeout == Timeout::None,
            is_undecided: judgement.claim.id == "always-decides",
        }
    }

    /// Whether attempts are shown.
    pub(super) fn has_attempts(self) -> bool {
        self.last_attempt.is_some()
    }

    /// The controller's name for the phase in which it is up: `Running`.
    pub(super) fn up(self) -> String {
        escaped(self.up).into_owned()
    }

    /// `task 2`; or `task 2 of attempt 1` if this is not the last attempt.
    pub(super) fn who(self, who: TaskRun) -> String {
        self.whos(&[who])
    }

    /// The same for several tasks of one attempt.
    pub(super) fn whos(self, whos: &[TaskRun]) -> String {
        let tasks: Vec<ActorId> = whos.iter().map(|who| who.task).collect();
        let tasks = self.names.several(&tasks);
        match (self.last_attempt, whos.first()) {
            (Some(last), Some(who)) if who.attempt != last => format!("{tasks} of attempt {}", who.attempt.0),
            _ => tasks,
        }
    }

    /// `TaskStarted(2)`.
    pub(super) fn notice(self, notice: Notice) -> String {
        labels::notice(notice, self.names)
    }

    /// How the rules are called: those of the protocol or of the controller.
    pub(super) fn rules(self) -> &'static str {
        if self.is_protocol { "this protocol" } else { "this controller" }
    }

    /// What an actor does, as a noun: `task 1's on_start`, `the reading of TaskFailed(2)`.
    pub(super) fn doing(self, event: &Event) -> String {
        match event {
            &Event::Task { attempt, task, step, .. } => {
                format!("{}'s {}", self.who(TaskRun { task, attempt }), escaped(labels::act(step)))
            }
            Event::Controller { transition, .. } => match transition.input {
                Input::TimedOut => "the timeout".to_string(),
                Input::Stop => "the stop".to_string(),
                Input::Restarted => "the crash".to_string(),
                Input::Notice(notice) => format!("the reading of {}", self.notice(notice)),
            },
            Event::Lost(channel, message) => {
                format!("the loss of {}", labels::message(*channel, *message, self.names))
            }
        }
    }

    /// What an actor did: `task 1 announced`, `the controller read TaskFailed(2)`.
    pub(super) fn did(self, event: &Event) -> String {
        match event {
            &Event::Task { attempt, task, step, state, .. } => {
                format!("{} {}", self.who(TaskRun { task, attempt }), verb(step, state))
            }
            Event::Controller { transition, redelivered, .. } => match transition.input {
                Input::TimedOut => "the controller timed out".to_string(),
                Input::Stop => "the user asked for a stop".to_string(),
                Input::Restarted => "the controller crashed and restarted".to_string(),
                Input::Notice(notice) => {
                    let copy = if *redelivered { "a copy of " } else { "" };
                    format!("the controller read {copy}{}", self.notice(notice))
                }
            },
            Event::Lost(channel, message) => {
                format!("the network lost {}", labels::message(*channel, *message, self.names))
            }
        }
    }
}

/// What a task did, in a form that also fits after `had`.
fn verb(step: Step, state: TaskState) -> String {
    let verb = match (step, state.status) {
        (Step::ANNOUNCE, _) => "announced",
        (Step::OnStart, Status::Panicked(_)) => "panicked",
        (Step::OnStart, Status::Dead(_)) => "vanished",
        (Step::OnStart, Status::Hung) => "hung in on_start",
        (Step::OnStart, _) => "completed on_start",
        (Step::Send(Kind::Failed(_)), _) => "reported",
        (Step::Send(Kind::Own(name)), _) => return format!("sent {}", escaped(name)),
        (Step::Arrive, _) => "arrived",
        (Step::Run, _) => "entered run",
        (Step::Panic(Cause::Cascaded), _) => "failed to send",
        (Step::Panic(_), _) => "panicked",
        (Step::FINISH, _) => "finished",
        (Step::Stop, _) => "stopped",
        (Step::Discard, _) => "discarded a command",
    };
    verb.to_string()
}
