//! The reasons of a refuted claim, as sentences: because, stuck, decides, odds, replay.
//!
//! Everything said here is a typed value of [`explain`](crate::explore::explain); this file finds the words. Facts of
//! the same kind that follow each other share a sentence, and a change of subject begins a new line.

use num_bigint::BigUint;
use num_traits::One;

use super::page::{Style, labelled};
use super::tell::Teller;
use super::{command, words};
use crate::explore::explain::cause::{Death, Fact, How, Missing, Who};
use crate::explore::explain::mend::{Mend, Mends};
use crate::explore::explain::stuck::Stuck;
use crate::explore::explain::twin::{Swapped, Twin};
use crate::explore::explain::{Decides, Explanation, explain, history};
use crate::explore::odds::{Odds, runs_for_95_percent};
use crate::explore::report::{Judgement, Report};
use crate::protocol::claims::Judged;
use crate::protocol::controller::{Controller, Input, Phase, Reaction};
use crate::protocol::event::{Event, Schedule};
use crate::protocol::notice::{Attempt, Kind};
use crate::protocol::startup::Act;

/// All the lines below the table of a refuted claim.
pub fn reasons<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, style: Style) -> String {
    let mut text = String::new();
    if let Some(explanation) = explain(report, judgement) {
        text.push_str(&labelled("because", &because(report, judgement, &explanation), style));
        let stuck = stuck(report, judgement, &explanation);
        if !stuck.is_empty() {
            text.push_str(&labelled("stuck", &stuck, style));
        }
        text.push_str(&labelled("decides", &decides(report, judgement, &explanation), style));
    }
    text + &shares(report, judgement, style)
}

/// The odds and the line that replays: for a counterexample, and for the way to a state that was asked for.
pub fn shares<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, style: Style) -> String {
    let mut text = labelled("odds", &[odds(report, judgement)], style);
    if let Some(trace) = &judgement.trace {
        text.push_str(&format!("{:9}{}\n", "replay", replay(report, &trace.schedule)));
    }
    text
}

/// The causes, a line for each subject.
pub fn because<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, explanation: &Explanation) -> Vec<String> {
    let mut teller = Teller::new(words_of(report, judgement));
    // Who died comes first, then what came of it.
    let facts = explanation.because.facts();
    let (deaths, others): (Vec<&Fact>, Vec<&Fact>) = facts.iter().partition(|fact| matches!(fact, Fact::Died(_)));
    deaths.into_iter().chain(others).for_each(|fact| teller.add(fact));
    teller.finish()
}

/// What the sentences of a report need to know beside their facts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// The attempt that needs no mention; none where no attempt does.
    pub(super) attempts: Option<Attempt>,
    /// How many tasks there are.
    pub(super) tasks: usize,
    /// Whether the controller is the pipeline's own, under named rules.
    pub(super) is_protocol: bool,
    /// Whether the rules have no timeout.
    pub(super) has_no_timeout: bool,
    /// Whether the claim that is broken asks for a decision.
    pub(super) is_undecided: bool,
}

fn words_of<C: Controller>(report: &Report<C>, judgement: &Judgement<C>) -> Manner {
    let rules = report.setup.scenario.rules();
    let last = judgement.trace.iter().flat_map(|trace| &trace.events).filter_map(history::received);
    let attempt = last.filter_map(|received| received.began).next_back().unwrap_or(Attempt(1));
    Manner {
        attempts: (rules.attempts > 1).then_some(attempt),
        tasks: report.setup.scenario.tasks().len(),
        is_protocol: report.protocol.is_some(),
        has_no_timeout: rules.timeout == crate::protocol::rules::Timeout::None,
        is_undecided: judgement.claim.id == "always-decides",
    }
}

impl Manner {
    /// `task 2`; of another attempt than the last one `task 2 of attempt 1`.
    pub(super) fn who(self, who: Who) -> String {
        self.whos(&[who])
    }

    /// The same of several tasks of one attempt.
    pub(super) fn whos(self, whos: &[Who]) -> String {
        let tasks: Vec<u8> = whos.iter().map(|who| who.task.0).collect();
        let tasks = words::numbered("task", &tasks);
        match (self.attempts, whos.first()) {
            (Some(last), Some(who)) if who.attempt != last => format!("{tasks} of attempt {}", who.attempt.0),
            _ => tasks,
        }
    }

    /// Whose rules they are.
    pub(super) fn rules(self) -> &'static str {
        if self.is_protocol { "this protocol" } else { "this controller" }
    }
}

/// Who waits in vain, a line for each.
pub fn stuck<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, explanation: &Explanation) -> Vec<String> {
    let manner = words_of(report, judgement);
    explanation.stuck.iter().map(|stuck| stuck_text(manner, stuck)).collect()
}

fn stuck_text(manner: Manner, stuck: &Stuck) -> String {
    match stuck {
        Stuck::AtBarrier { who, missing } => {
            let deaths = missing.iter().map(|death| format!("{}, {}", manner.who(death.who), gone(death)));
            let deaths = deaths.collect::<Vec<_>>().join(", and ");
            format!(
                "{} {} at the barrier for {deaths}",
                manner.whos(who),
                if who.len() == 1 { "waits" } else { "wait" }
            )
        }
        Stuck::Controller(missing) => {
            let waits = missing.iter().map(|(who, why)| match why {
                Missing::Dead(death) => format!("task {}, {}", who.task.0, gone(death)),
                Missing::AtBarrier(_) => format!("task {}, which waits at the barrier", who.task.0),
                Missing::Forgotten => format!("task {}, which never announces itself", who.task.0),
                Missing::NotCounted { read, .. } => format!("task {}, whose notice it read at {read}", who.task.0),
            });
            format!("the controller waits for TaskStarted of {}", waits.collect::<Vec<_>>().join(", and of "))
        }
    }
}

/// Since when a task is gone.
fn gone(death: &Death) -> String {
    match (death.how, death.reported) {
        (How::Vanished, _) => format!("which vanished at {}", death.at),
        (_, Some(reported)) => format!("which is dead since {reported}"),
        (_, None) => format!("which panicked at {}", death.at),
    }
}

/// What decides.
pub fn decides<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, explanation: &Explanation) -> Vec<String> {
    match &explanation.decides {
        Decides::Pair(twin) => twin_text(report, judgement, twin),
        Decides::NoOrder(all, mends) => {
            let order = match all.as_ref().map(words::number_text) {
                Some(all) => format!("no order saves it, {all} of {all}"),
                None => "not the order alone: in any order these same steps break the claim".to_string(),
            };
            [order].into_iter().chain(mends.as_ref().map(mends_text)).collect()
        }
        Decides::Unknown(swaps) => {
            vec![format!("not known: no passing twin is {swaps} swaps away or fewer, and the search stopped there")]
        }
    }
}

fn mends_text(mends: &Mends) -> String {
    let says = |mend: &Mend| {
        let breaks = if mend.breaks.is_empty() {
            String::new()
        } else {
            format!(" (but it breaks {})", words::list(mend.breaks.iter().cloned()))
        };
        format!("{} {}{breaks}", mend.knob, mend.value)
    };
    let found = match mends.found.as_slice() {
        [] => "no single knob, turned, mends it".to_string(),
        some => format!("one knob, turned, mends it: {}", words::listed(some.iter().map(says), "or")),
    };
    match mends.unknown.as_slice() {
        [] => found,
        some => {
            let settings = if some.len() == 1 { "setting was" } else { "settings were" };
            format!("{found}; {} other {settings} too large to try", some.len())
        }
    }
}

const CONTROLLER: &str = "the controller";

fn twin_text<C: Controller>(report: &Report<C>, judgement: &Judgement<C>, twin: &Twin) -> Vec<String> {
    let manner = words_of(report, judgement);
    let shown = judgement.trace.as_ref().map_or(0, |trace| trace.events.len());
    let [earlier, later] = &twin.pair;
    let place = |swapped: &Swapped| match swapped.step.filter(|&step| step <= shown) {
        Some(step) => step.to_string(),
        None => doing(manner, &swapped.event),
    };
    let (had, before) = (did(manner, &later.event), did(manner, &earlier.event));
    let had = format!(
        "{} before {}: had {had} before {}, {}",
        place(earlier),
        place(later),
        if had.starts_with(CONTROLLER) { before.replacen(CONTROLLER, "it", 1) } else { before },
        consequence(judgement, twin, manner)
    );
    let away = match twin.swaps {
        1 => "one swap away".to_string(),
        swaps => format!("{swaps} swaps away"),
    };
    let schedule = twin.schedule.text(report.setup.scenario.workers());
    vec![had, format!("(passing twin, {away}: {schedule})")]
}

/// What an actor does, as a noun: `task 1's on_start`, `the reading of TaskFailed(2)`.
fn doing(manner: Manner, event: &Event) -> String {
    match *event {
        Event::Task { attempt, task, act, .. } => {
            format!("{}'s {}", manner.who(Who { task, attempt }), words::act(act))
        }
        Event::Controller { received, .. } => match received.input {
            Input::TimedOut => "the timeout".to_string(),
            Input::Notice(notice) => format!("the reading of {}", words::notice(notice, manner.attempts.is_some())),
        },
    }
}

/// What an actor did: `task 1 announced`, `the controller read TaskFailed(2)`.
pub(super) fn did(manner: Manner, event: &Event) -> String {
    match *event {
        Event::Task { attempt, task, act, life, .. } => {
            use crate::protocol::startup::Life;
            let verb = match (act, life) {
                (Act::Announce, _) => "announced",
                (Act::OnStart, Life::Panicked(_)) => "panicked",
                (Act::OnStart, Life::Vanished) => "vanished",
                (Act::OnStart, _) => "completed on_start",
                (Act::Report, _) => "reported",
                (Act::Arrive, _) => "arrived",
                (Act::Run, _) => "entered run",
                (Act::Panic, _) => "failed to send",
                (Act::Finish, _) => "finished",
            };
            format!("{} {verb}", manner.who(Who { task, attempt }))
        }
        Event::Controller { received, kept, .. } => match received.input {
            Input::TimedOut => "the controller timed out".to_string(),
            Input::Notice(notice) => {
                let copy = if kept { "a copy of " } else { "" };
                format!("the controller read {copy}{}", words::notice(notice, manner.attempts.is_some()))
            }
        },
    }
}

/// What would have come of the twin: the first failure that the controller reads otherwise, or how it ends.
fn consequence<C>(judgement: &Judgement<C>, twin: &Twin, manner: Manner) -> String {
    let shown = judgement.trace.iter().flat_map(|trace| &trace.events);
    let shown: Vec<_> = shown.filter_map(history::received).collect();
    let acted = |reaction: Reaction| matches!(reaction, Reaction::Failed(_) | Reaction::Retry(_));
    let otherwise = twin.events.iter().filter_map(history::received).find_map(|received| match received.input {
        Input::Notice(notice) if matches!(notice.kind, Kind::Failed(_)) => {
            let acted_before = shown.iter().any(|other| other.input == received.input && acted(other.reaction));
            (acted(received.reaction) && !acted_before).then_some((notice, received))
        }
        _ => None,
    });
    if let Some((notice, received)) = otherwise {
        let reports = |swapped: &Swapped| matches!(swapped.event, Event::Task { act: Act::Report, task, .. } if task == notice.task);
        let report = if twin.pair.iter().any(reports) {
            "the report".to_string()
        } else {
            words::notice(notice, manner.attempts.is_some())
        };
        let does = match received.reaction {
            Reaction::Retry(_) => "starts the next attempt",
            _ => "fails the job",
        };
        return format!(
            "{report} would have met {}, where {} {does}",
            words::phase_name(received.before),
            manner.rules()
        );
    }
    ending(judgement, twin)
}

/// How the twin keeps the claim.
fn ending<C>(judgement: &Judgement<C>, twin: &Twin) -> String {
    let phases = || twin.events.iter().filter_map(history::received).map(|received| received.after);
    let last = phases().next_back().unwrap_or(Phase::Scheduling);
    let ran = phases().any(|phase| phase == Phase::Running);
    match (judgement.claim.judged, judgement.claim.id.as_ref()) {
        (Judged::EveryState, "no-false-start") if ran => {
            "Running would have found every on_start completed".to_string()
        }
        (Judged::EveryState, _) => "the claim would have held in every state".to_string(),
        _ => format!("the end would have been {}", words::phase(last)),
    }
}

/// How likely it is, and in how many runs it is seen.
fn odds<C>(report: &Report<C>, judgement: &Judgement<C>) -> String {
    let (Some(all), Some(share)) = (&report.schedules, &judgement.share) else {
        return "not known: the search was cut short, so this schedule may not be the canonical one either".to_string();
    };
    let schedules = format!("{} of {} schedules", words::number_text(&share.schedules), words::number_text(all));
    if share.odds.is_one() {
        return format!("{schedules}: every run hits it");
    }
    let runs = runs_for_95_percent(&share.odds).unwrap_or_default();
    let scheduler = "a uniform scheduler (yours is not one) hits";
    let hits = frequency(&share.odds);
    let runs = words::count(&runs, "run");
    format!("{schedules}; {scheduler} {hits}: {runs} to see it with 95\u{a0}%")
}

/// `one run in 8`, `97 runs in 216`; with large numbers `about one run in 1,400`.
fn frequency(odds: &Odds) -> String {
    let (hits, runs) = (odds.numer(), odds.denom());
    let is_large = *runs > BigUint::from(1_000_000u32) && !hits.is_one();
    match (hits.is_one(), is_large) {
        (true, _) => format!("one run\u{a0}in\u{a0}{}", words::number_text(runs)),
        (false, false) => format!("{}\u{a0}runs in\u{a0}{}", words::number_text(hits), words::number_text(runs)),
        (false, true) if hits * 10u8 > *runs => {
            let percent = (hits * 200u8 + runs) / (runs * 2u8);
            format!("about {} runs in 100", words::number_text(&percent))
        }
        (false, true) => format!("about one run in {}", words::number_text(&((runs * 2u8 + hits) / (hits * 2u8)))),
    }
}

/// The line that replays a schedule: a command, or Rust for a user's own controller.
pub fn replay<C>(report: &Report<C>, schedule: &Schedule) -> String {
    let scenario = &report.setup.scenario;
    match &report.protocol {
        Some(protocol) => command::replay(protocol, scenario, schedule),
        None => format!("startup_race::replay(&setup, \"{}\")", schedule.text(scenario.workers())),
    }
}
