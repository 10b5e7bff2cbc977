//! The lines below the table of a refuted claim: because, stuck, decides, probability, replay.
//!
//! Their content is typed values of [`explain`](crate::explore::explain). This module only makes text of them.

use num_traits::One;

pub use super::deciding_pair::decides;
use super::foreign::escaped;
use super::layout::{Style, labelled, to_paste};
use super::narrate::narrate;
use super::phrasing::Phrasing;
use super::probability::exact_runs;
use super::{command, labels};
use crate::core::{ActorId, Controller};
use crate::explore::explain::Explanation;
use crate::explore::explain::cause::{Death, How, Missing, NotOver};
use crate::explore::explain::stuck::Stuck;
use crate::explore::probability::runs_for_95_percent;
use crate::explore::report::{Judgement, Report};
use crate::schedule::Schedule;

/// All the lines below the table of a refuted claim.
pub fn reasons<C: Controller>(
    report: &Report<C>,
    judgement: &Judgement<C>,
    explanation: Option<&Explanation<C>>,
    style: Style,
) -> String {
    let mut text = String::new();
    if let Some(explanation) = explanation {
        text.push_str(&labelled("because", &because(report, judgement, explanation), style));
        let stuck = stuck(report, judgement, explanation);
        if !stuck.is_empty() {
            text.push_str(&labelled("stuck", &stuck, style));
        }
        text.push_str(&labelled("decides", &decides(report, judgement, explanation), style));
    }
    text + &shares(report, judgement, style)
}

/// The probability and the replay line, for a counterexample and for a schedule to a state that a claim asks for.
pub fn shares<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, style: Style) -> String {
    let mut text = labelled("probability", &[probability(report, judgement)], style);
    if let Some(trace) = &judgement.trace {
        text.push_str(&to_paste("replay", &replay(report, &trace.schedule)));
    }
    text
}

/// The causes, with one line for each subject.
pub fn because<C: Controller>(
    report: &Report<C>,
    judgement: &Judgement<C>,
    explanation: &Explanation<C>,
) -> Vec<String> {
    narrate(Phrasing::of(report, judgement), &explanation.because.facts())
}

/// The actors that wait and will never continue, one line for each.
pub fn stuck<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, explanation: &Explanation<C>) -> Vec<String> {
    let manner = Phrasing::of(report, judgement);
    explanation.stuck.iter().map(|stuck| stuck_text(manner, stuck)).collect()
}

fn stuck_text(manner: Phrasing<'_>, stuck: &Stuck) -> String {
    match stuck {
        Stuck::AtBarrier { who, missing } => {
            let deaths = missing.iter().map(|(who, death)| {
                let why = death.as_ref().map_or("which never arrives".to_string(), gone);
                format!("{}, {why}", manner.who(*who))
            });
            let deaths = deaths.collect::<Vec<_>>().join(", and ");
            format!(
                "{} {} at the barrier for {deaths}",
                manner.whos(who),
                if who.len() == 1 { "waits" } else { "wait" }
            )
        }
        Stuck::Undecided(phase, counted) => {
            let counts = counted.map_or(String::new(), |counted| format!(", counts {counted} of {}", manner.tasks));
            let name = escaped(phase.name);
            format!("the controller has read TaskStarted of every task{counts} and stays in {name}")
        }
        Stuck::Stopping(phase, not_over) => {
            let name = escaped(phase.name);
            let each = not_over.iter().map(|(who, why)| format!("{}, {}", manner.who(*who), end_clause(manner, why)));
            match not_over.is_empty() {
                true => format!("the controller has read of every task's end and stays in {name}"),
                false => format!(
                    "the controller waits in {name} for the end of {}",
                    each.collect::<Vec<_>>().join(", and of ")
                ),
            }
        }
        Stuck::Controller(missing) => {
            let clauses = missing.chunk_by(|(_, why), (_, next)| clause(why, 1) == clause(next, 1)).map(|alike| {
                let tasks: Vec<ActorId> = alike.iter().map(|(who, _)| who.task).collect();
                format!("{}, {}", manner.names.several(&tasks), clause(&alike[0].1, tasks.len()))
            });
            format!("the controller waits for TaskStarted of {}", clauses.collect::<Vec<_>>().join(", and of "))
        }
    }
}

/// Why the end of a task is not counted.
fn end_clause(manner: Phrasing<'_>, why: &NotOver) -> String {
    match why {
        NotOver::Dead(death) => gone(death),
        NotOver::Hangs => "which hangs in on_start".to_string(),
        NotOver::AtBarrier(others) => format!("which waits at the barrier for {}", manner.whos(others)),
        NotOver::GoesOn => "which goes on".to_string(),
        NotOver::Lost { lost, .. } => format!("whose notice was lost at {lost}"),
        NotOver::ForgottenInCrash { crash, .. } => format!("forgotten in the crash at {crash}"),
        NotOver::NotCounted { read, .. } => format!("whose notice it read at {read}"),
    }
}

/// Why the `TaskStarted` of these tasks is not counted.
fn clause(why: &Missing, tasks: usize) -> String {
    match why {
        Missing::Dead(death) => gone(death),
        Missing::AtBarrier(_) if tasks == 1 => "which waits at the barrier".to_string(),
        Missing::AtBarrier(_) => "which wait at the barrier".to_string(),
        Missing::Forgotten => "announced by nobody".to_string(),
        Missing::Hangs if tasks == 1 => "which hangs in on_start".to_string(),
        Missing::Hangs => "which hang in on_start".to_string(),
        Missing::NotSent if tasks == 1 => "which waits before it".to_string(),
        Missing::NotSent => "which wait before it".to_string(),
        Missing::Lost { lost, .. } => format!("whose notice was lost at {lost}"),
        Missing::ForgottenInCrash { crash, .. } => format!("forgotten in the crash at {crash}"),
        Missing::NotCounted { read, .. } => format!("whose notice it read at {read}"),
    }
}

/// The step since which a task is dead, in words.
fn gone(death: &Death) -> String {
    match (death.how, death.reported) {
        (How::Vanished, _) => format!("which vanished at {}", death.at),
        (_, Some(reported)) => format!("which is dead since {reported}"),
        (_, None) => format!("which panicked at {}", death.at),
    }
}

/// The probability, and the number of runs after which a failure is likely seen.
fn probability<C>(report: &Report<C>, judgement: &Judgement<C>) -> String {
    let (Some(all), Some(share)) = (&report.schedules, &judgement.share) else {
        return "not known: the search was cut short, so this schedule may not be the canonical one either".to_string();
    };
    let schedules = format!("{} of {} schedules", labels::number_text(&share.schedules), labels::number_text(all));
    if share.probability.is_one() {
        return format!("{schedules}: every run hits it");
    }
    let runs = runs_for_95_percent(&share.probability).unwrap_or_default();
    let scheduler = "a uniform scheduler (yours is not one) hits";
    let hits = exact_runs(&share.probability);
    let runs = labels::count(&runs, "run");
    format!("{schedules}; {scheduler} {hits}: {runs} to see it with 95\u{a0}%")
}

/// The line that replays a schedule: a command, or Rust code for a user's own controller.
pub fn replay<C>(report: &Report<C>, schedule: &Schedule) -> String {
    let scenario = &report.setup.scenario;
    match &report.protocol {
        Some(protocol) => command::replay(protocol, scenario, schedule),
        None => format!("startup_race::replay(&setup, \"{}\")", schedule.text(report.setup.model.inboxes())),
    }
}
