//! The messages of errors: what was wrong, where, and what would be right.

use std::error::Error;
use std::fmt;

use super::foreign::{escaped, escaped_lines};
use super::labels;
use super::names::Names;
use crate::core::{Cause, Effect, IllegalStep, Status};
use crate::explore::contract::{Difference, Violation};
use crate::explore::replay::ReplayError;
use crate::explore::report::Broken;
use crate::model::{Blocked, ContractRule, ContractViolation, NotAllowed, Refused};
use crate::scenario::{ScenarioError, SequenceError};
use crate::schedule::ScheduleError;
use crate::threads::Unsupported;
use crate::transition::Transition;

impl Error for ScenarioError {}
impl Error for ScheduleError {}
impl Error for SequenceError {}
impl Error for IllegalStep {}
impl Error for Blocked {}
impl Error for ContractViolation {}
impl Error for Refused {}
impl Error for Broken {}
impl Error for ReplayError {}
impl Error for Unsupported {}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTasks => write!(f, "there must be at least one task"),
            Self::NoAttempts => write!(f, "the budget of attempts must be at least 1"),
            Self::RestartOneLingers => write!(
                f,
                "`restart one` and `old-attempt lingers` do not go together: a restart of one task ends no attempt that could \
                 linger. Leave one of them out"
            ),
            Self::Length(what, given, tasks) => {
                write!(
                    f,
                    "{given} {what} for {tasks} task{}: give one for each task",
                    if *tasks == 1 { "" } else { "s" }
                )
            }
            Self::Name(name) => write!(
                f,
                "`{}` cannot be a task's name: a name is unique, not empty, begins with no combining mark, and holds no \
                 comma, blank, control, bidirectional or format character",
                escaped(name)
            ),
            Self::EmptyWorker(0) => write!(f, "there is no worker 0: workers are numbered from 1"),
            Self::EmptyWorker(worker) => {
                write!(f, "no task is on worker {worker}: workers are numbered from 1 without a gap")
            }
            Self::NoSuchTask(task, tasks) => write!(f, "there is no task {task}: {}", range("task", *tasks)),
            Self::NoSuchAttempt(attempt, budget) => {
                write!(f, "there is no attempt {attempt}: {}", range("attempt", usize::from(*budget)))
            }
            Self::TwoFaults(task, attempt) => {
                write!(f, "task {task} has two fates in attempt {attempt}: name it once for each attempt")
            }
        }
    }
}

fn range(noun: &str, last: usize) -> String {
    if last == 1 { format!("the only {noun} is 1") } else { format!("{noun}s are numbered 1 to {last}") }
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, word } = self;
        let word = escaped(word);
        write!(
            f,
            "step {step} of the schedule, `{word}`, names no actor: write a task by its number (`2`), a lingering \
             task with its attempt (`2@1`), the controller as `c` (from worker 2's inbox `c2`), a repeated delivery \
             as `d` or `d2`, a loss as `l` or `l2`, a stop as `s`, the timeout as `t`, a crash as `x`"
        )
    }
}

impl fmt::Display for SequenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnStart(0) => write!(f, "the startup sequence has no on_start: it needs exactly one"),
            Self::OnStart(times) => write!(f, "on_start is in the startup sequence {times} times: once is right"),
            Self::Repeated(step) => {
                write!(f, "{} is in the startup sequence more than once: at most once is right", labels::act(*step))
            }
            Self::NoStartup(step) => write!(
                f,
                "{} is no step of a startup sequence: announce, on_start and arrive are, and run follows by itself",
                escaped(labels::act(*step))
            ),
        }
    }
}

impl fmt::Display for IllegalStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(state, step) = self;
        write!(f, "the step {} is not allowed in the state {state:?}", escaped(labels::act(*step)))
    }
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSuchActor => "there is no such actor at that point",
            Self::AtBarrier => "it waits at the barrier until every task of its worker has arrived",
            Self::Waiting => "it waits for a condition of its next step",
            Self::Over(state) => match state.status {
                Status::Dead(Cause::Vanished) => "it has vanished",
                Status::Dead(_) => "it is dead",
                Status::Finished => "it has finished",
                Status::Hung => "its on_start does not return",
                Status::Live | Status::Panicked(_) => "it has taken every step of its startup, and runs",
            },
            Self::InboxEmpty => "the inbox is empty",
            Self::NotTaken => "the actor does not take its oldest command now",
            Self::NoDuplicateLeft => "the network has repeated every delivery that it may",
            Self::NoLossLeft => "the network has lost every message that it may",
            Self::NoCrashLeft => "the controller has crashed as often as it may",
            Self::NoStop => "these rules have no stop",
            Self::StopAsked => "the stop was asked before",
            Self::Final => "the phase is final",
            Self::NoTimeout => "these rules have no timeout",
            Self::NotStarting => "a timeout comes only in Scheduling",
            Self::OthersCanMove => "a patient timeout waits until no actor can move and no notice can be read",
        })
    }
}

impl fmt::Display for ContractViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&violation(self, Names::NUMBERS))
    }
}

impl fmt::Display for NotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&not_allowed(self, Names::NUMBERS))
    }
}

/// What a controller did, and what would have been allowed.
fn violation(violation: &ContractViolation, names: Names<'_>) -> String {
    match violation {
        ContractViolation::Panicked(message) => format!("it panicked: {}", escaped_lines(message)),
        ContractViolation::NotAllowed(what) => not_allowed(what, names),
    }
}

fn not_allowed(what: &NotAllowed, names: Names<'_>) -> String {
    let NotAllowed { input, before, after, effects, rule } = what;
    let (input, before) = (labels::input(*input, names), labels::phase(*before, names));
    let mut text = match what.before == *after {
        true => format!("on {input} its phase stayed {before}"),
        false => format!("on {input} its phase went from {before} to {}", labels::phase(*after, names)),
    };
    if !effects.is_empty() {
        let effects = labels::list(effects.iter().map(|&effect| labels::effect(effect, names)));
        text.push_str(&format!(", and it asked for {effects}"));
    }
    format!("{text}: {}", allowed(*rule, &before))
}

/// What would have been allowed.
fn allowed(rule: ContractRule, before: &str) -> String {
    match rule {
        ContractRule::FinalStays => format!("{before} is final, and there every input is dropped"),
        ContractRule::AttemptsLeft(0) => {
            "no attempt is left, so it must fail instead of asking for a retry".to_string()
        }
        ContractRule::AttemptsLeft(left) => format!("it may begin at most {left} more: only so many attempts are left"),
        ContractRule::NoAttemptWhenFinal => {
            "an attempt begins only in a phase that is not final, so it must retry or fail, and not both".to_string()
        }
        ContractRule::TimeoutEndsTheWait => {
            format!("a timeout ends the wait: it must ask for a retry, or leave {before}")
        }
        ContractRule::ReannounceAfterRestart => {
            "it may ask for announcements only after a crash, in answer to `Input::Restarted`".to_string()
        }
        ContractRule::NoSuchActor(id, actors) => format!("there is no actor {}: {}", id.0, range("actor", actors)),
        ContractRule::UnlistedCommand(command) => {
            format!("it may send only what `Controller::names` lists, and `{}` is not there", escaped(command.0))
        }
        ContractRule::Counted(counted, tasks) => {
            format!("it says that {counted} tasks are counted, and at most {tasks} can be")
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clone(original, clone) => {
                write!(f, "its clone is not equal to it, but must be: it is {original}, and its clone is {clone}")
            }
            Self::Debug(one, other) => write!(
                f,
                "two controllers that are equal print different texts: {one} and {other}. What it remembers must be part of \
                 its Eq and Hash, and kept by its Clone"
            ),
            Self::Hash(one, other) => {
                write!(f, "two controllers that are equal have different hashes: {one} and {other}")
            }
            Self::Reaction(both) => f.write_str(&reaction(both, Names::NUMBERS)),
        }
    }
}

/// Two reactions to the same input that should be equal.
fn reaction([first, later]: &[(Transition, String); 2], names: Names<'_>) -> String {
    let answer = |(received, controller): &(Transition, String)| {
        format!("`{}`, after which it is {controller}", labels::reaction(received, names))
    };
    format!(
        "on {} it does not always react the same: first {}, later {}. It must remember nothing outside of itself",
        labels::input(first.0.input, names),
        answer(first),
        answer(later)
    )
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocked(blocked) => blocked.fmt(f),
            Self::Contract(breach) => write!(f, "the controller broke its contract: {breach}"),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&breach(self, Names::numbers(self.has_attempts)))
    }
}

/// The contract that was broken, and where.
pub(super) fn breach(broken: &Broken, names: Names<'_>) -> String {
    let schedule = broken.schedule.text(broken.workers);
    let mut place = match broken.schedule.0.len() {
        0 => "before the first step".to_string(),
        step => format!("at step {step} of \"{schedule}\""),
    };
    if broken.without_faults {
        place.push_str(" (with every fault taken out)");
    }
    let contract = format!("the controller broke its contract {place}");
    match &broken.violation {
        Violation::Breach(breach @ ContractViolation::Panicked(_)) => format!(
            "{contract}: {}\nA controller must not panic: an input that it has no use for leaves it as it is",
            violation(breach, names)
        ),
        Violation::Breach(breach) => format!("{contract}: {}", violation(breach, names)),
        Violation::Differs(Difference::Reaction(both)) => format!("{contract}: {}", reaction(both, names)),
        Violation::Differs(difference) => format!("{contract}: {difference}"),
        Violation::Claim { id, panic } => format!("the claim {id} panicked {place}: {panic}"),
        Violation::NoSuchTask { id, task: Some(task), tasks } => {
            let tasks = range("task", usize::from(*tasks));
            format!("the claim {id} is about task {}, which is not there: {tasks}", task.0)
        }
        Violation::NoSuchTask { id, task: None, .. } => {
            format!("the claim {id} is about no task, so nothing could break it: name at least one task")
        }
        Violation::NotReplayed { id } => format!(
            "the search found \"{schedule}\" for the claim {id}, and when it is replayed it does not lead there. A \
             controller must always react the same to the same input, and a claim must depend on the state alone"
        ),
    }
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(error) => error.fmt(f),
            Self::Blocked { step, actor, why, enabled, workers } => {
                let word = labels::actors(&[*actor], *workers);
                write!(f, "step {step} of the schedule, `{word}`, cannot be taken: {why}; ")?;
                match enabled.as_slice() {
                    [] => write!(f, "no actor can move there, so the schedule ends at step {}", step - 1),
                    some => write!(f, "what can move there: {}", labels::actors(some, *workers)),
                }
            }
            Self::Broken(broken) => broken.fmt(f),
        }
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (knob, why) = match self {
            Self::Threads(needed, most) => {
                return write!(
                    f,
                    "this takes {needed} threads and there are {most}: fewer tasks, workers or attempts would fit"
                );
            }
            Self::NoThread(needed) => {
                return write!(
                    f,
                    "this takes up to {needed} threads and the machine could not start one of them: fewer tasks, workers or \
                     attempts would fit, or a higher limit of the machine (see `ulimit -u`)"
                );
            }
            Self::Modelled => {
                return write!(
                    f,
                    "this build has loom's threads, where a run cannot be waited for: build it without `--cfg loom`"
                );
            }
            Self::Cascade => ("cascade chain", "a task that runs would wait for a death that may never come"),
            Self::Duplicates => ("duplicates", "a channel delivers once"),
            Self::Stop => {
                return write!(
                    f,
                    "the controller stops the tasks, and the run has no stop that they wait for: set `stop asked`"
                );
            }
            Self::Crashes => {
                return write!(
                    f,
                    "a controller that crashes leaves its thread, and this one cannot: make it `Send`, and use `launch` or `run`"
                );
            }
            Self::Fault(_) => ("when", "on threads, a fault has no condition"),
            Self::Helpers => ("helper", "on threads, every actor is a task that a retry starts anew"),
            Self::Script => (
                "when",
                "on threads, a step waits only for its barrier or a stop, and sends only to the inbox of its worker",
            ),
            Self::Effect(effect) => {
                let asked = match effect {
                    Effect::Retry => "more than one effect at once".to_string(),
                    other => labels::effect(*other, Names::NUMBERS),
                };
                return write!(f, "the controller asks for {asked}: that is for the explorer alone, not for threads");
            }
            Self::HastyRetries => {
                ("timeout hasty", "on threads, it cannot overtake an earlier attempt's notices; use one attempt")
            }
        };
        write!(f, "`{knob}` is for the explorer alone, not for threads: {why}")
    }
}
