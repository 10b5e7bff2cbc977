//! Facts told as sentences. Neighbours of the same kind are told together.

use super::reasons::{Manner, did};
use super::words;
use crate::explore::explain::cause::{Death, Fact, How, Missing, Outlook, Who};
use crate::explore::explain::history;
use crate::protocol::controller::{Input, Phase, Reaction};
use crate::protocol::event::{Actor, Event};
use crate::protocol::notice::Notice;

/// Whom a sentence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Tasks,
    Controller,
    Either,
}

/// Tells facts in the order in which they come.
pub(super) struct Teller {
    manner: Manner,
    groups: Vec<Vec<Fact>>,
}

impl Teller {
    pub(super) fn new(manner: Manner) -> Self {
        Self { manner, groups: Vec::new() }
    }

    pub(super) fn add(&mut self, fact: &Fact) {
        if matches!(fact, Fact::Broken(_)) {
            return;
        }
        match self.groups.last_mut() {
            Some(group) if go_together(&group[0], fact) => group.push(fact.clone()),
            _ => self.groups.push(vec![fact.clone()]),
        }
    }

    /// The lines: one for each run of sentences with the same subject.
    pub(super) fn finish(self) -> Vec<String> {
        let mut lines: Vec<Vec<String>> = Vec::new();
        let mut subject = None;
        let mut before: Option<&Vec<Fact>> = None;
        for group in &self.groups {
            let about = subject_of(&group[0]);
            let goes_on = about == Subject::Either || subject == Some(about);
            let sentence = self.sentence(group, before, subject == Some(Subject::Controller));
            match lines.last_mut() {
                Some(line) if goes_on => line.push(sentence),
                _ => lines.push(vec![sentence]),
            }
            if about != Subject::Either {
                subject = Some(about);
            }
            before = Some(group);
        }
        let last = lines.len().saturating_sub(1);
        let end = |index: usize| if index < last { ";" } else { "" };
        lines.iter().enumerate().map(|(index, line)| format!("{}{}", line.join("; "), end(index))).collect()
    }

    /// One sentence for facts that go together. `told` is whether the controller is the subject already.
    fn sentence(&self, group: &[Fact], before: Option<&Vec<Fact>>, told: bool) -> String {
        let manner = self.manner;
        let it = if told { "it" } else { "the controller" };
        match &group[0] {
            Fact::Died(_) => self.died(&deaths(group)),
            Fact::InVain { .. } => self.in_vain(group, before, it),
            Fact::Announced { .. } => self.announced(group),
            Fact::NeverCounted(_) => {
                let whos = whos(group, |fact| if let Fact::NeverCounted(who) = fact { Some(*who) } else { None });
                format!("{it} had counted no TaskStarted of {}", manner.whos(&whos))
            }
            Fact::CountedTwice { task, first, again } => {
                format!("{it} counted task {} at {first} and again at {again}", task.0)
            }
            Fact::Stale { notice, sent, attempt, began, read } => {
                let (notice, old, new) = (self.notice(*notice), notice.attempt.0, attempt.0);
                let late = if sent < began { "was unread when" } else { "came after" };
                format!(
                    "{notice}, sent at {sent} by attempt {old}, {late} attempt {new} began at {began}; \
                     at {read} the controller took it for one of attempt {new}"
                )
            }
            Fact::BecameRunning { at, input, whole } => {
                let then = self.then(*at, before);
                match input {
                    Input::Notice(_) if *whole => format!("{then} {it} counted the last task and became Running"),
                    _ if !then.ends_with(char::is_numeric) => format!("{then} {it} became Running"),
                    other => {
                        let input = words::input(*other, manner.attempts.is_some());
                        format!("{then} {it} read {input} and became Running")
                    }
                }
            }
            Fact::NotCompleted(whos) if whos.len() == manner.tasks => {
                "by then no task had completed on_start".to_string()
            }
            Fact::NotCompleted(whos) => format!("by then {} had not completed on_start", manner.whos(whos)),
            Fact::Missing(..) => self.missing(group),
            Fact::Waits { .. } => self.waits(group),
            Fact::TimedOut { at, others } => self.timed_out(*at, others, it),
            Fact::Repeated { notice, first, began, again } => {
                let began = began.map_or(String::new(), |attempt| format!(", which began attempt {},", attempt.0));
                let notice = self.notice(*notice);
                format!("{it} read {notice} at {first}{began} and once more at {again}: the network had kept it")
            }
            Fact::Failed { at, .. } => format!("{} {it} failed the job", self.then(*at, before)),
            Fact::NobodyDead(attempt) => match manner.attempts {
                None => "no task is dead".to_string(),
                Some(_) => format!("no task of attempt {} is dead", attempt.0),
            },
            Fact::Premise(since) => format!("the premise holds {}", self.since(*since)),
            Fact::Conclusion(since) => format!("the conclusion fails {}", self.since(*since)),
            Fact::Outlook(outlook) => self.outlook(outlook),
            Fact::Broken(_) => String::new(),
        }
    }

    /// When something happens: `at 9`, or `with that` where the fact before told the step.
    fn then(&self, at: usize, before: Option<&Vec<Fact>>) -> String {
        match before.and_then(|group| told_at(&group[0])) {
            Some(told) if told == at => "with that".to_string(),
            _ => format!("at {at}"),
        }
    }

    fn since(&self, since: Option<(usize, Event)>) -> String {
        match since {
            Some((step, event)) => format!("since {step}, when {}", did(self.manner, &event)),
            None => "from the start".to_string(),
        }
    }

    fn notice(&self, notice: Notice) -> String {
        words::notice(notice, self.manner.attempts.is_some())
    }

    fn died(&self, deaths: &[Death]) -> String {
        let whos: Vec<Who> = deaths.iter().map(|death| death.who).collect();
        let (who, at) = (self.manner.whos(&whos), steps(deaths.iter().map(|death| death.at)));
        let it = if deaths.len() == 1 { "it" } else { "that" };
        let reported = steps(deaths.iter().filter_map(|death| death.reported));
        match deaths[0].how {
            How::Vanished => format!("{who} vanished in on_start at {at}, and nobody is told"),
            How::Panicked if deaths[0].reported.is_none() => {
                format!("{who} panicked at {at}, which is not reported yet")
            }
            How::Panicked => format!("{who} panicked at {at} and reported {it} at {reported}"),
            How::SendFailed if deaths[0].reported.is_none() => {
                format!("{who} panicked at {at}, when the send to the dead neighbour failed")
            }
            How::SendFailed => {
                format!(
                    "{who} panicked at {at}, when the send to the dead neighbour failed, and reported {it} at {reported}"
                )
            }
        }
    }

    fn in_vain(&self, group: &[Fact], before: Option<&Vec<Fact>>, it: &str) -> String {
        let Fact::InVain { notice, phase, counted, reaction, changed, .. } = &group[0] else { return String::new() };
        let at =
            steps(group.iter().filter_map(|fact| if let Fact::InVain { at, .. } = fact { Some(*at) } else { None }));
        let reporters: Vec<Who> = group.iter().filter_map(reporter).collect();
        let told: Vec<Who> =
            before.map(|group| deaths(group).iter().map(|death| death.who).collect()).unwrap_or_default();
        let what = match (told == reporters, reporters.len()) {
            (true, 1) => "that report".to_string(),
            (true, _) => "those reports".to_string(),
            (false, _) => words::list(group.iter().filter_map(|fact| match fact {
                Fact::InVain { notice, .. } => Some(self.notice(*notice)),
                _ => None,
            })),
        };
        let _ = notice;
        let count = match counted.filter(|_| group.len() == 1 && *phase == Phase::Scheduling) {
            Some(counted) => format!(" ({counted} of {} counted)", self.manner.tasks),
            None => String::new(),
        };
        let then = match phase {
            Phase::Scheduling => "still Scheduling",
            Phase::Running => "Running by then",
            Phase::Failed(_) => "Failed by then",
        };
        let them = if group.len() == 1 { "it" } else { "them" };
        let does = match (reaction, changed) {
            (Reaction::Dropped(_), _) => format!("where {} drops {them}", self.manner.rules()),
            (_, false) => format!("where {} lets {them} pass and nothing changes", self.manner.rules()),
            (_, true) => format!("where {} takes note of {them} and goes on", self.manner.rules()),
        };
        format!("{it} read {what} at {at}, {then}{count}, {does}")
    }

    fn announced(&self, group: &[Fact]) -> String {
        let whos = whos(group, |fact| if let Fact::Announced { who, .. } = fact { Some(*who) } else { None });
        let at =
            steps(group.iter().filter_map(|fact| if let Fact::Announced { at, .. } = fact { Some(*at) } else { None }));
        let themselves = if whos.len() == 1 { "itself" } else { "themselves" };
        format!("{} announced {themselves} at {at}, before on_start had run", self.manner.whos(&whos))
    }

    fn missing(&self, group: &[Fact]) -> String {
        let whos = whos(group, |fact| if let Fact::Missing(who, _) = fact { Some(*who) } else { None });
        let Fact::Missing(_, why) = &group[0] else { return String::new() };
        let started = words::list(whos.iter().map(|&who| self.notice(history::started(who))));
        let (comes, it) = if whos.len() == 1 { ("comes", "it") } else { ("come", "they") };
        match why {
            Missing::Forgotten => "no TaskStarted ever comes: here no task announces itself".to_string(),
            Missing::Dead(_) => format!("{started} never {comes}: {} died before that", self.manner.whos(&whos)),
            Missing::AtBarrier(others) => {
                let wait = if whos.len() == 1 { "waits" } else { "wait" };
                format!(
                    "{started} never {comes}: {it} would be sent after the barrier, where {} {wait} for {}",
                    self.manner.whos(&whos),
                    self.manner.whos(others)
                )
            }
            Missing::NotCounted { sent, read } => {
                format!("{started}, sent at {sent}, was read at {read} and not counted")
            }
        }
    }

    fn waits(&self, group: &[Fact]) -> String {
        let whos = whos(group, |fact| if let Fact::Waits { who, .. } = fact { Some(*who) } else { None });
        let arrived = steps(
            group.iter().filter_map(|fact| if let Fact::Waits { arrived, .. } = fact { Some(*arrived) } else { None }),
        );
        let Fact::Waits { missing, .. } = &group[0] else { return String::new() };
        let wait = if whos.len() == 1 { "waits" } else { "wait" };
        format!(
            "{} arrived at {arrived} and {wait} at the barrier for {}",
            self.manner.whos(&whos),
            self.manner.whos(missing)
        )
    }

    fn timed_out(&self, at: usize, others: &[Actor], it: &str) -> String {
        let tasks: Vec<u8> =
            others.iter().filter_map(|actor| if let Actor::Task(task) = actor { Some(task.0) } else { None }).collect();
        let unread = others.iter().any(|actor| matches!(actor, Actor::Receive(_)));
        let mut could = Vec::new();
        if !tasks.is_empty() {
            could.push(format!("{} could still go on", words::numbered("task", &tasks)));
        }
        if unread {
            could.push("a notice was still unread".to_string());
        }
        let though = if could.is_empty() {
            "when nothing else could happen".to_string()
        } else {
            format!("although {}", words::list(could))
        };
        format!("{it} timed out at {at}, {though}")
    }

    fn outlook(&self, outlook: &Outlook) -> String {
        match outlook {
            Outlook::Over if self.manner.is_undecided && self.manner.has_no_timeout => {
                "no actor can move, and there is no timeout".to_string()
            }
            Outlook::Over if self.manner.is_undecided => "no actor can move".to_string(),
            Outlook::Over | Outlook::NoNoticeLeft => "no notice is left that could tell it otherwise".to_string(),
            Outlook::NothingMends(states) => {
                format!("nothing that can still come mends it ({} explored)", words::count(states, "state"))
            }
            Outlook::Mendable => "what came after that did not mend it, though some other order would have".to_string(),
            Outlook::Unknown => {
                "what could still mend it was not explored: there is too much that can come".to_string()
            }
        }
    }
}

/// Whether a fact can share a sentence with one before it.
fn go_together(first: &Fact, next: &Fact) -> bool {
    match (first, next) {
        (Fact::Died(a), Fact::Died(b)) => {
            (a.how, a.who.attempt, a.reported.is_some()) == (b.how, b.who.attempt, b.reported.is_some())
        }
        (
            Fact::InVain { phase, reaction, changed, .. },
            Fact::InVain { phase: phase_b, reaction: reaction_b, changed: changed_b, .. },
        ) => (phase, reaction, changed) == (phase_b, reaction_b, changed_b),
        (Fact::Announced { who: a, .. }, Fact::Announced { who: b, .. }) => a.attempt == b.attempt,
        (Fact::NeverCounted(a), Fact::NeverCounted(b)) => a.attempt == b.attempt,
        (Fact::Missing(a, Missing::Dead(_)), Fact::Missing(b, Missing::Dead(_))) => a.attempt == b.attempt,
        (Fact::Missing(_, Missing::NotCounted { .. }), _) => false,
        (Fact::Missing(a, why), Fact::Missing(b, why_b)) => a.attempt == b.attempt && why == why_b,
        (Fact::Waits { missing, .. }, Fact::Waits { missing: missing_b, .. }) => missing == missing_b,
        _ => false,
    }
}

fn subject_of(fact: &Fact) -> Subject {
    match fact {
        Fact::Died(_) | Fact::Announced { .. } | Fact::Waits { .. } | Fact::Missing(..) => Subject::Tasks,
        Fact::InVain { .. }
        | Fact::NeverCounted(_)
        | Fact::CountedTwice { .. }
        | Fact::Stale { .. }
        | Fact::BecameRunning { .. }
        | Fact::TimedOut { .. }
        | Fact::Repeated { .. }
        | Fact::Failed { .. } => Subject::Controller,
        Fact::Broken(_)
        | Fact::NotCompleted(_)
        | Fact::NobodyDead(_)
        | Fact::Premise(_)
        | Fact::Conclusion(_)
        | Fact::Outlook(_) => Subject::Either,
    }
}

fn deaths(group: &[Fact]) -> Vec<Death> {
    group.iter().filter_map(|fact| if let Fact::Died(death) = fact { Some(*death) } else { None }).collect()
}

fn reporter(fact: &Fact) -> Option<Who> {
    match fact {
        Fact::InVain { notice, .. } => Some(Who { task: notice.task, attempt: notice.attempt }),
        _ => None,
    }
}

fn whos(group: &[Fact], of: impl Fn(&Fact) -> Option<Who>) -> Vec<Who> {
    group.iter().filter_map(of).collect()
}

/// Steps as a list.
fn steps(steps: impl Iterator<Item = usize>) -> String {
    words::list(steps.map(|step| step.to_string()))
}

/// The step in which the controller read what a fact tells.
fn told_at(fact: &Fact) -> Option<usize> {
    match *fact {
        Fact::Stale { read, .. } => Some(read),
        Fact::Repeated { again, .. } | Fact::CountedTwice { again, .. } => Some(again),
        Fact::TimedOut { at, .. } => Some(at),
        _ => None,
    }
}
