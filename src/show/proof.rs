//! An answer for every number of tasks, as text.

#![cfg(not(loom))]

use std::fmt;

use super::foreign::escaped;
use super::labels;
use super::layout::{Paint, Style, labelled};
use super::{command, report};
use crate::core::{ActorId, Fault, Script};
use crate::explore::limits::Limit;
use crate::model::Action;
use crate::prove::answer::{AbstractStep, Answer, Judged, MOST_TASKS, NoAnswer, Proof, Question};
use crate::prove::local::Local;
use crate::prove::no_certificate::NoCertificate;
use crate::prove::parametric::Parametric;
use crate::prove::search::{Label, Workers};
use crate::prove::small::{How, NotCovered};
use crate::scenario::{Rules, Setup};

/// The whole answer.
pub fn proof<C: Parametric>(
    question: &Question<'_, C>,
    proof: &Proof<'_, C>,
    setup: &Setup<C>,
    invariant: &[String],
    style: Style,
) -> String {
    let states = proof.search.met();
    let explored = match proof.cut {
        None => format!("{states} abstract states; complete"),
        Some(limit) => format!("{states} abstract states; cut short: {}", labels::limit(limit)),
    };
    let mut text = labelled("asked", &[asked(question)], style);
    text.push_str(&labelled("search", &[explored], style));
    for judged in &proof.claims {
        text.push('\n');
        text.push_str(&claim(judged, setup, style));
    }
    if !invariant.is_empty() {
        let head = "What always holds, and implies what is proved. Each line can be checked by thinking: it holds at the start, \
                    and no step and no reaction breaks it while the others hold.";
        let lines = invariant.iter().zip(1..).map(|(line, number)| format!("{number}. {line}"));
        let lines: Vec<String> = [head.to_string()].into_iter().chain(lines).collect();
        text.push('\n');
        text.push_str(&labelled("because", &lines, style));
    }
    text
}

/// The question, in one sentence.
pub fn asked<C>(question: &Question<'_, C>) -> String {
    let from = question.protocol.as_deref().and_then(Rules::named).unwrap_or(question.rules);
    let name = question.protocol.as_deref().map_or("a control plane of one's own".into(), |name| escaped(name));
    let knobs = labels::turned_knobs(&question.rules, &from).into_iter().map(|(name, value)| format!("{name} {value}"));
    let workers = match question.workers {
        Workers::One => "on one worker",
        Workers::Any => "on any workers",
    };
    let parts = [name.to_string()].into_iter().chain(knobs).chain([
        "every number of tasks".to_string(),
        workers.to_string(),
        fates(&question.fates),
    ]);
    parts.collect::<Vec<_>>().join(", ")
}

/// What may go wrong with a task.
fn fates(fates: &[Fault]) -> String {
    let word = |fault: &Fault| match fault {
        Fault::Panics => "panic in on_start",
        Fault::Vanishes => "vanish in on_start",
        Fault::Hangs => "hang in on_start",
        Fault::Dies => "die in run",
    };
    match fates {
        [] => "no task fails".to_string(),
        some => {
            format!("any of them {}", labels::listed(some.iter().map(|fault| format!("may {}", word(fault))), "or"))
        }
    }
}

fn claim<C: Parametric>(judged: &Judged<C>, setup: &Setup<C>, style: Style) -> String {
    let Judged { claim, answer, premise_met } = judged;
    let told = |paint: Paint, rests_on: String| {
        let (name, id) = (
            answer.name(),
            match (answer, premise_met) {
                (Answer::Proved(_), Some(false)) => format!("{} (premise never met)", claim.id),
                _ => claim.id.to_string(),
            },
        );
        let head = labelled(name, &[id, escaped(&claim.statement).to_string(), rests_on], style);
        head.replacen(name, &style.paint(name, paint), 1)
    };
    match answer {
        Answer::Proved(_) => {
            told(Paint::Good, "no abstract state breaks it: it holds for every number of tasks".into())
        }
        Answer::Refuted(found) => {
            let tasks = found.setup.scenario.tasks().len();
            let so_few = format!("{tasks} {} enough to break it", if tasks == 1 { "task is" } else { "tasks are" });
            let judgement = &found.claims[0];
            report::judged(found, judgement, style) + &labelled("tasks", &[so_few], style)
        }
        Answer::Vacuous(tasks) => told(
            Paint::Unsure,
            format!(
                "no pass: nothing breaks it, but without faults the pipeline does not always run with {}",
                labels::count(&(*tasks).into(), "task")
            ),
        ),
        Answer::CutShort(limit) => told(Paint::Unsure, format!("no pass: {}", cut(*limit))),
        Answer::Unknown(path) => {
            let why = format!(
                "no pass: the abstraction breaks it or its witness as below, and no schedule that does was found with up to \
                 {MOST_TASKS} tasks; the abstraction forgets the order of an inbox, so this may be no schedule at all"
            );
            told(Paint::Unsure, why) + "\n" + &steps(path, setup)
        }
    }
}

fn cut(limit: Limit) -> String {
    format!("nothing explored breaks it, what was not explored may: {}", labels::limit(limit))
}

/// An abstract counterexample, one line for each step.
fn steps<C: Parametric>(path: &[AbstractStep<C>], setup: &Setup<C>) -> String {
    let script = &setup.model.actor(ActorId(1)).script;
    let line = |step: &AbstractStep<C>| {
        let phase = labels::phase_name(step.control.controller.phase());
        match &step.cause {
            None => format!("  every task: begins    {phase}\n"),
            Some((label, between)) => format!("  {}    {phase}\n", happened(*label, between.as_ref(), script)),
        }
    };
    path.iter().map(line).collect()
}

fn happened(label: Label, between: Option<&(Local, Local)>, script: &Script) -> String {
    let oldest = |local: &Local| local.queue.first().map_or("notice", |(_, kind)| labels::kind(*kind));
    match (label, between) {
        (Label::Step(..), Some((from, to))) => {
            let place = |local: &Local| labels::standing(local.place.state, script);
            format!("a task: {} -> {}", place(from), place(to))
        }
        (Label::Deliver(how, ..), Some((from, _))) => {
            let how = match how {
                How::Taken => "takes",
                How::Kept => "takes, and it stays,",
                How::Lost => "never sees",
            };
            format!("the controller {how} {} of a task", oldest(from))
        }
        (Label::Input(Action::Stop), _) => "a user asks for a stop".to_string(),
        (Label::Input(Action::TimeOut), _) => "the controller times out".to_string(),
        _ => "the controller crashes and restarts".to_string(),
    }
}

impl fmt::Display for NotCovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain => f.write_str(
                "a proof for every number of tasks does not cover `cascade chain`: there a task looks at its neighbours, so \
                 tasks are not alike",
            ),
            Self::Lingers => f.write_str(
                "a proof for every number of tasks does not cover `old-attempt lingers`: an attempt that lingers would be \
                 a second local state of each task",
            ),
            Self::Unlike => f.write_str("a proof for every number of tasks needs tasks with one script, and no helpers"),
            Self::WideStep => {
                f.write_str("a proof for every number of tasks needs steps that change their own task only")
            }
            Self::NotParametric => f.write_str(
                "a proof for every number of tasks needs a controller that counts no further than \"all\" and knows no \
                 task by its number",
            ),
            Self::FinalChanges => f.write_str(
                "a proof for every number of tasks needs a controller that no notice changes in a final phase",
            ),
            Self::OwnClaim(id) => {
                write!(f, "a proof for every number of tasks judges the protocol's own claims, and not {}", escaped(id))
            }
            Self::Contract(violation) => write!(f, "the controller breaks its contract: {violation}"),
        }
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCovered(why) => why.fmt(f),
            Self::Broken(broken) => broken.fmt(f),
        }
    }
}

impl std::error::Error for NoAnswer {}

impl fmt::Display for NoCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Knob(knob) => {
                write!(f, "a certificate does not cover `{knob}`; without --certificate there is an answer")
            }
            Self::NotProved(id) => {
                write!(f, "a certificate holds what is proved, and {id} is not: name other claims by --claim")
            }
            Self::Guard => {
                f.write_str("a certificate does not cover this controller: its guards are not those of a set")
            }
            Self::Sweeps => f.write_str(
                "a certificate does not cover this controller: a reaction changes other tasks than the sender",
            ),
            Self::Steps => {
                f.write_str("a certificate does not cover these tasks: their steps are not the same in every phase")
            }
            Self::Claim(id) => {
                write!(
                    f,
                    "a certificate does not cover {}: it is neither about some task nor about every task",
                    escaped(id)
                )
            }
            Self::Limit(limit) => {
                write!(f, "there is no certificate, because its search was cut short: {}", labels::limit(*limit))
            }
            Self::Invariant => f.write_str(
                "no invariant that speaks of one task at a time is enough for a certificate; the search is complete",
            ),
            Self::NotCovered(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for NoCertificate {}

/// The line that replays the schedule that refutes a claim.
pub fn replay<C>(answer: &Answer<C>) -> Option<String> {
    let Answer::Refuted(report) = answer else { return None };
    let (protocol, trace) = (report.protocol.as_deref()?, report.claims.first()?.trace.as_ref()?);
    Some(command::replay(protocol, &report.setup.scenario, &trace.schedule))
}
