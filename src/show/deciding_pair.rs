//! What decides whether a claim is broken, as sentences: the order of two steps; or, if every order breaks it, the knob
//! that fixes it.

use super::foreign::escaped;
use super::labels;
use super::names::Names;
use super::phrasing::Phrasing;
use crate::claims::Scope;
use crate::core::{Controller, Input, Kind, Stage, Step};
use crate::explore::explain::fix::{Fixes, Mend};
use crate::explore::explain::nearest::{Nearest, Swapped};
use crate::explore::explain::{Decides, Explanation};
use crate::explore::limits::Limit;
use crate::explore::report::{Judgement, Report};
use crate::transition::{Event, Reaction};

/// What decides.
pub fn decides<C: Controller>(
    report: &Report<C>,
    judgement: &Judgement<C>,
    explanation: &Explanation<C>,
) -> Vec<String> {
    match &explanation.decides {
        Decides::Pair(twin) => twin_text(report, judgement, twin),
        Decides::NoOrder(all, mends) => {
            let order = match all.as_ref().map(labels::number_text) {
                Some(all) => format!("no order saves it, {all} of {all}"),
                None => "not the order alone: in any order these same steps break the claim".to_string(),
            };
            [order].into_iter().chain(mends.as_ref().map(mends_text)).collect()
        }
        Decides::Unknown(swaps, limit) => {
            let ended = match limit {
                Limit::Interrupted => "the search was interrupted there",
                Limit::Memory => "the limit of memory ended the search there",
                Limit::Disk => "a file could not be written or read there",
                Limit::States | Limit::Effort => "the search stopped there",
            };
            vec![format!("not known: no passing twin is {swaps} swaps away or fewer, and {ended}")]
        }
    }
}

fn mends_text(mends: &Fixes) -> String {
    let says = |mend: &Mend| {
        let breaks = if mend.breaks.is_empty() {
            String::new()
        } else {
            format!(" (but it breaks {})", labels::list(mend.breaks.iter().cloned()))
        };
        format!("{} {}{breaks}", mend.knob, mend.value)
    };
    let found = match mends.found.as_slice() {
        [] => "no single knob, turned, mends it".to_string(),
        some => format!("one knob, turned, mends it: {}", labels::listed(some.iter().map(says), "or")),
    };
    match mends.unknown.as_slice() {
        [] => found,
        some => {
            let (settings, were) = if some.len() == 1 { ("setting", "was") } else { ("settings", "were") };
            let why = match mends.cut {
                Some(Limit::Interrupted) => "not tried to the end: that was interrupted",
                Some(Limit::Memory) => "not tried to the end: the limit of memory was reached",
                Some(Limit::Disk) => "not tried to the end: a file could not be written or read",
                Some(Limit::States | Limit::Effort) | None => "too large to try",
            };
            format!("{found}; {} other {settings} {were} {why}", some.len())
        }
    }
}

const CONTROLLER: &str = "the controller";

fn twin_text<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, twin: &Nearest<C>) -> Vec<String> {
    let manner = Phrasing::of(report, judgement);
    let shown = judgement.trace.as_ref().map_or(0, |trace| trace.events.len());
    let [earlier, later] = &twin.pair;
    let place = |swapped: &Swapped| match swapped.step.filter(|&step| step <= shown) {
        Some(step) => step.to_string(),
        None => manner.doing(&swapped.event),
    };
    // Which message the network loses depends on the order. In the other schedule it is another message.
    let has_loss = twin.pair.iter().any(|swapped| matches!(swapped.event, Event::Lost(..)));
    let there = |swapped: &Swapped| swapped.passing.filter(|_| has_loss).map(|step| twin.trace.event(step));
    let did = |swapped: &Swapped| manner.did(there(swapped).unwrap_or(&swapped.event));
    let (had, before) = (did(later), did(earlier));
    let had = format!(
        "{} before {}: had {had} before {}, {}",
        place(earlier),
        place(later),
        if had.starts_with(CONTROLLER) { before.replacen(CONTROLLER, "it", 1) } else { before },
        match twin.left_out.is_empty() {
            true => consequence(report, judgement, twin, manner),
            false => format!("{}{}", would_have_been(report, judgement, twin), passing(report, judgement)),
        }
    );
    let away = match twin.swaps {
        1 => "one swap away".to_string(),
        swaps => format!("{swaps} swaps away"),
    };
    let schedule = twin.trace.schedule.text(report.setup.model.inboxes());
    vec![had, format!("(passing twin, {away}{}: {schedule})", left_out(twin, shown))]
}

/// How the passing schedule keeps the claim. If the claim is judged at the end, and the later step of the pair is the
/// controller's: its phase at the end of the passing schedule.
fn would_have_been<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, twin: &Nearest<C>) -> String {
    let is_read = matches!(twin.pair[1].event, Event::Controller { .. });
    match judgement.claim.scope {
        Scope::AtEnd if is_read => {
            format!("it would have been {}", labels::phase(twin.trace.last().phase(), Names::of(&report.setup.model)))
        }
        _ => ending(report, judgement, twin),
    }
}

/// How many schedules keep the claim.
fn passing<C>(report: &Report<C>, judgement: &Judgement<C>) -> String {
    let counts = report.schedules.as_ref().zip(judgement.share.as_ref());
    counts.map_or(String::new(), |(all, share)| {
        let passing = all - &share.schedules;
        format!("; {} of {} pass", labels::number_text(&passing), labels::count(all, "schedule"))
    })
}

/// The steps that the passing schedule leaves out, if they are among the steps that are shown.
fn left_out<C>(twin: &Nearest<C>, shown: usize) -> String {
    let steps: Vec<String> = twin.left_out.iter().filter(|&&step| step <= shown).map(ToString::to_string).collect();
    match steps.len() {
        0 => String::new(),
        1 => format!(", which makes step {} impossible and leaves it out", steps[0]),
        2 | 3 => format!(", which makes steps {} impossible and leaves them out", labels::list(steps)),
        many => format!(", which makes {many} steps impossible and leaves them out"),
    }
}

/// The consequence of the other order: the first failure to which the controller reacts differently, or the end of the
/// passing schedule.
fn consequence<C: Controller>(
    report: &Report<C>,
    judgement: &Judgement<C>,
    twin: &Nearest<C>,
    manner: Phrasing<'_>,
) -> String {
    let shown = judgement.trace.iter().flat_map(|trace| &trace.events);
    let shown: Vec<_> = shown.filter_map(Event::transition).collect();
    let otherwise = twin.trace.events.iter().filter_map(Event::transition).find_map(|received| match received.input {
        Input::Notice(notice) if matches!(notice.kind, Kind::Failed(_)) => {
            let acted_before = shown.iter().any(|other| other.input == received.input && other.reaction.fails());
            (received.reaction.fails() && !acted_before).then_some((notice, received))
        }
        _ => None,
    });
    if let Some((notice, received)) = otherwise {
        let reports = |swapped: &Swapped| {
            let is_report = |step| matches!(step, Step::Send(Kind::Failed(_)));
            matches!(swapped.event, Event::Task { step, task, .. } if is_report(step) && task == notice.from)
        };
        let report = if twin.pair.iter().any(reports) { "the report".to_string() } else { manner.notice(notice) };
        let does = match received.reaction {
            Reaction::Retry(_) | Reaction::Restart(..) => "starts the next attempt",
            _ => "fails the job",
        };
        return format!("{report} would have met {}, where {} {does}", escaped(received.before.name), manner.rules());
    }
    ending(report, judgement, twin)
}

/// How the passing schedule keeps the claim.
fn ending<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, twin: &Nearest<C>) -> String {
    let phases = || twin.trace.events.iter().filter_map(Event::transition).map(|transition| transition.after);
    let last = phases().next_back().unwrap_or_else(|| report.setup.model.controller().phase());
    let up = phases().find(|phase| phase.stage == Stage::Up);
    match (judgement.claim.scope, judgement.claim.id.as_ref(), up) {
        (Scope::Always, "no-false-start", Some(up)) => {
            format!("{} would have found every on_start completed", escaped(up.name))
        }
        (Scope::Always, ..) => "the claim would have held in every state".to_string(),
        _ => format!("the end would have been {}", labels::phase(last, Names::of(&report.setup.model))),
    }
}
