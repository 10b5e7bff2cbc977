//! One sentence for facts of one kind.

use super::foreign::escaped;
use super::labels;
use super::names::Names;
use super::phrasing::Phrasing;
use crate::core::{ActorId, Attempt, Input, Notice, Phase, Stage};
use crate::explore::explain::cause::{Death, Fact, How, Missing, NotOver, Recovery, TaskRun};
use crate::explore::explain::queries;
use crate::explore::limits::Limit;
use crate::model::Action;
use crate::transition::{Event, Reaction};

/// Facts that share a sentence, and the context of the sentence.
pub(super) struct Sentence<'a> {
    pub(super) manner: Phrasing<'a>,
    pub(super) group: &'a [&'a Fact],
    /// The facts of the sentence before.
    pub(super) before: Option<&'a [&'a Fact]>,
    /// How the controller is named: `it` if it is already the subject.
    pub(super) it: &'static str,
}

impl Sentence<'_> {
    pub(super) fn text(&self) -> String {
        let it = self.it;
        match self.group[0] {
            Fact::Died(_) => self.died(&deaths(self.group)),
            Fact::InVain { .. } => self.in_vain(),
            Fact::Announced { .. } => self.announced(),
            Fact::NeverCounted(_) => format!("{it} had counted no TaskStarted of {}", self.manner.whos(&self.whos())),
            Fact::CountedTwice { task, first, again } => {
                format!("{it} counted {} at {first} and again at {again}", self.manner.names.one(*task))
            }
            Fact::Stale { notice, sent, attempt, began, read } => self.stale(*notice, *sent, *attempt, *began, *read),
            Fact::BecameUp { at, input, whole } => self.became_running(*at, *input, *whole),
            Fact::NotCompleted(whos) if whos.len() == self.manner.tasks => {
                "by then no task had completed on_start".to_string()
            }
            Fact::NotCompleted(whos) => format!("by then {} had not completed on_start", self.manner.whos(whos)),
            Fact::Missing(_, why) => self.missing(why),
            Fact::Waits { missing, .. } => self.waits(missing),
            Fact::TimedOut { at, others } => format!("{it} timed out at {at}, {}", although(others, self.manner.names)),
            Fact::Repeated { notice, first, began, again } => self.repeated(*notice, *first, *began, *again),
            Fact::Failed { at, .. } => format!("{} {it} failed the job", self.then(*at)),
            Fact::NobodyDead(attempt) if self.manner.has_attempts() => {
                format!("no task of attempt {} is dead", attempt.0)
            }
            Fact::NobodyDead(_) => "no task is dead".to_string(),
            Fact::Premise(since) => format!("the premise holds {}", self.since(since.as_ref())),
            Fact::Conclusion(since) => format!("the conclusion fails {}", self.since(since.as_ref())),
            Fact::Recovery(outlook) => self.outlook(outlook),
            Fact::ReportLost { notice, at } => format!("the network lost {} at {at}", self.manner.notice(*notice)),
            Fact::Hangs { who, at } => format!("{} hangs in on_start since {at}", self.manner.who(*who)),
            Fact::CountedFor { notice, sent, read } => {
                let (task, notice) = (self.manner.names.one(notice.from), self.manner.notice(*notice));
                format!("{it} counted {task} at {read} for {notice}, sent at {sent}")
            }
            Fact::Kept { who, read, began } => {
                let (task, attempt) = (self.manner.names.one(who.task), who.attempt.0);
                format!("{it} had counted {task} at {read}, and kept that when attempt {attempt} began at {began}")
            }
            Fact::StopAsked { at, before, after, changed } => self.stop_asked(*at, (*before, *after), *changed),
            Fact::StopUndone { at, input, began, phase } => self.stop_undone(*at, *input, *began, *phase),
            Fact::Restarted { who, at } => format!("at {at} {it} restarted {} alone", self.manner.names.one(who.task)),
            Fact::Finished { who, at, stopped: true } => format!("{} stopped at {at}", self.manner.who(*who)),
            Fact::Finished { who, at, stopped: false } => format!("{} finished at {at}", self.manner.who(*who)),
            Fact::NotOver(who, why) => self.not_over(*who, why),
            Fact::BecameEnded { at, phase, input } => {
                let input = labels::input(*input, self.manner.names);
                format!("{} {it} read {input} and became {}", self.then(*at), escaped(phase.name))
            }
            Fact::GoOn(whos) => {
                let each = whos.chunk_by(|one, next| one.attempt == next.attempt).map(|some| self.manner.whos(some));
                format!("by then {} had neither died nor finished", labels::list(each))
            }
            Fact::Broken(_) => String::new(),
        }
    }

    fn stop_asked(&self, at: usize, (before, after): (Phase, Phase), changed: bool) -> String {
        let (rules, name) = (self.manner.rules(), escaped(before.name));
        match (before == after, changed) {
            (false, _) => format!("the user asked for a stop at {at}, and the phase became {}", escaped(after.name)),
            (true, true) => format!("the user asked for a stop at {at}, in {name}, where {rules} puts it off"),
            (true, false) => format!("the user asked for a stop at {at}, in {name}, where {rules} drops it"),
        }
    }

    /// What undid a stop: `at 8 it crashed, forgot the stop and became Scheduling`.
    fn stop_undone(&self, at: usize, input: Input, began: Option<Attempt>, phase: Phase) -> String {
        let (it, name) = (self.it, escaped(phase.name));
        match (began, input) {
            (None, _) => format!("at {at} {it} crashed and forgot the stop: the phase was {name} again"),
            (Some(attempt), Input::TimedOut) => {
                format!("at {at} {it} timed out and began attempt {} instead of stopping", attempt.0)
            }
            (Some(attempt), input) => {
                let input = labels::input(input, self.manner.names);
                format!("at {at} {it} read {input} and began attempt {} instead of stopping", attempt.0)
            }
        }
    }

    fn not_over(&self, who: TaskRun, why: &NotOver) -> String {
        let never = format!("{} never ends:", self.manner.who(who));
        match why {
            NotOver::Dead(_) => {
                format!("{} is dead, and {} does not count that", self.manner.who(who), self.manner.rules())
            }
            NotOver::Hangs => format!("{never} it hangs in on_start"),
            NotOver::AtBarrier(others) => format!("{never} it waits at the barrier for {}", self.manner.whos(others)),
            NotOver::GoesOn => format!("{never} it goes on"),
            NotOver::Lost { notice, sent, lost } => {
                format!("{}, sent at {sent}, was lost by the network at {lost}", self.manner.notice(*notice))
            }
            NotOver::ForgottenInCrash { notice, read, crash } => {
                format!("{} was read at {read} and forgotten in the crash at {crash}", self.manner.notice(*notice))
            }
            NotOver::NotCounted { notice, read, phase } => {
                let (notice, name) = (self.manner.notice(*notice), escaped(phase.name));
                format!("{notice} was read at {read}, in {name}, and not counted")
            }
        }
    }

    /// When something happens: `at 9`, or `with that` if the sentence before told of the same step.
    fn then(&self, at: usize) -> String {
        if self.is_told(at) { "with that".to_string() } else { format!("at {at}") }
    }

    fn is_told(&self, at: usize) -> bool {
        self.before.is_some_and(|group| told_at(group[0]) == Some(at))
    }

    fn since(&self, since: Option<&(usize, Event)>) -> String {
        match since {
            Some((step, event)) => format!("since {step}, when {}", self.manner.did(event)),
            None => "from the start".to_string(),
        }
    }

    /// The tasks of the facts, one each.
    fn whos(&self) -> Vec<TaskRun> {
        let who = |fact: &&Fact| match *fact {
            Fact::Died(death) => Some(death.who),
            Fact::InVain { notice, .. } => Some(TaskRun { task: notice.from, attempt: notice.attempt }),
            Fact::Announced { who, .. } | Fact::NeverCounted(who) | Fact::Missing(who, _) | Fact::Waits { who, .. } => {
                Some(*who)
            }
            _ => None,
        };
        self.group.iter().filter_map(who).collect()
    }

    /// The steps of the facts, one each.
    fn at(&self) -> String {
        let at = |fact: &&Fact| match *fact {
            Fact::InVain { at, .. } | Fact::Announced { at, .. } | Fact::Waits { arrived: at, .. } => Some(*at),
            _ => None,
        };
        steps(self.group.iter().filter_map(at))
    }

    /// One word if there is one fact, the other if there are several.
    fn number<'a>(&self, one: &'a str, several: &'a str) -> &'a str {
        if self.group.len() == 1 { one } else { several }
    }

    fn died(&self, deaths: &[Death]) -> String {
        let (who, at) = (self.manner.whos(&self.whos()), steps(deaths.iter().map(|death| death.at)));
        let reported = steps(deaths.iter().filter_map(|death| death.reported));
        let reported = match (self.number("it", "that"), reported.is_empty()) {
            (_, true) => String::new(),
            (it, false) => format!(" and reported {it} at {reported}"),
        };
        match deaths[0].how {
            How::Vanished => format!("{who} vanished in on_start at {at}, and nobody is told"),
            How::Panicked => format!("{who} panicked at {at}{reported}"),
            How::Died => format!("{who} panicked in run at {at}{reported}"),
            How::Cascaded => format!("{who}, sending to a dead neighbour, panicked at {at}{reported}"),
        }
    }

    /// `it read that report at 8, still Scheduling (1 of 2 counted), where this protocol drops it`.
    fn in_vain(&self) -> String {
        let Fact::InVain { phase, counted, reaction, changed, .. } = self.group[0] else { return String::new() };
        let counted = counted.filter(|_| self.group.len() == 1 && phase.stage == Stage::Starting);
        let counted = counted.map_or(String::new(), |counted| format!(" ({counted} of {} counted)", self.manner.tasks));
        let name = escaped(phase.name);
        let then = if phase.stage == Stage::Starting { format!("still {name}") } else { format!("{name} by then") };
        let (rules, them) = (self.manner.rules(), self.number("it", "them"));
        let does = match (reaction, changed) {
            (Reaction::Dropped(_), _) => format!("{rules} drops {them}"),
            (_, false) => format!("{rules} lets {them} pass and nothing changes"),
            (_, true) => format!("{rules} takes note of {them} and goes on"),
        };
        format!("{} read {} at {}, {then}{counted}, where {does}", self.it, self.reports(), self.at())
    }

    /// `that report` if the sentence before named the task that reported.
    fn reports(&self) -> String {
        let told: Vec<TaskRun> = self.before.map(deaths).unwrap_or_default().iter().map(|death| death.who).collect();
        if told == self.whos() {
            return self.number("that report", "those reports").to_string();
        }
        let notice = |fact: &&Fact| match *fact {
            Fact::InVain { notice, .. } => Some(self.manner.notice(*notice)),
            _ => None,
        };
        labels::list(self.group.iter().filter_map(notice))
    }

    fn announced(&self) -> String {
        let itself = self.number("itself", "themselves");
        format!("{} announced {itself} at {}, before on_start had run", self.manner.whos(&self.whos()), self.at())
    }

    fn stale(&self, notice: Notice, sent: usize, attempt: Attempt, began: usize, read: usize) -> String {
        let (text, old, new) = (self.manner.notice(notice), notice.attempt.0, attempt.0);
        let late = if sent < began { "was unread when" } else { "came after" };
        format!(
            "{text}, sent at {sent} by attempt {old}, {late} attempt {new} began at {began}; at {read} the controller \
             took it for one of attempt {new}"
        )
    }

    fn became_running(&self, at: usize, input: Input, whole: bool) -> String {
        let (then, it, up) = (self.then(at), self.it, self.manner.up());
        match input {
            Input::Notice(_) if whole => format!("{then} {it} counted the last task and became {up}"),
            _ if self.is_told(at) => format!("{then} {it} became {up}"),
            other => {
                let input = labels::input(other, self.manner.names);
                format!("{then} {it} read {input} and became {up}")
            }
        }
    }

    fn missing(&self, why: &Missing) -> String {
        let whos = self.whos();
        let started = labels::list(whos.iter().map(|&who| self.manner.notice(queries::started(who))));
        let (who, comes) = (self.manner.whos(&whos), self.number("comes", "come"));
        match why {
            Missing::Forgotten if whos.len() == self.manner.tasks => {
                "no TaskStarted ever comes: here no task announces itself".to_string()
            }
            Missing::Forgotten => {
                let does_not = self.number("does not announce itself", "do not announce themselves");
                format!("{started} never {comes}: {who} {does_not}")
            }
            Missing::Dead(_) => format!("{started} never {comes}: {who} died before that"),
            Missing::AtBarrier(others) => {
                let (it, waits, others) =
                    (self.number("it", "they"), self.number("waits", "wait"), self.manner.whos(others));
                format!("{started} never {comes}: {it} would follow the barrier, where {who} {waits} for {others}")
            }
            Missing::Hangs => format!("{started} never {comes}: {who} hangs in on_start"),
            Missing::NotSent => format!("{started} never {comes}: {who} waits before that"),
            Missing::Lost { sent, lost } => format!("{started}, sent at {sent}, was lost by the network at {lost}"),
            Missing::ForgottenInCrash { read, crash } => {
                format!("{started} was counted at {read} and forgotten in the crash at {crash}")
            }
            Missing::NotCounted { sent, read } => {
                format!("{started}, sent at {sent}, was read at {read} and not counted")
            }
        }
    }

    fn waits(&self, missing: &[TaskRun]) -> String {
        let (who, waits) = (self.manner.whos(&self.whos()), self.number("waits", "wait"));
        format!("{who} arrived at {} and {waits} at the barrier for {}", self.at(), self.manner.whos(missing))
    }

    fn repeated(&self, notice: Notice, first: usize, began: Option<Attempt>, again: usize) -> String {
        let began = began.map_or(String::new(), |attempt| format!(", which began attempt {},", attempt.0));
        let (it, notice) = (self.it, self.manner.notice(notice));
        format!("{it} read {notice} at {first}{began} and once more at {again}: the network had kept it")
    }

    fn outlook(&self, outlook: &Recovery) -> String {
        match outlook {
            Recovery::Over if self.manner.is_undecided && self.manner.has_no_timeout => {
                "no actor can move, and there is no timeout".to_string()
            }
            Recovery::Over if self.manner.is_undecided => "no actor can move".to_string(),
            Recovery::Over | Recovery::NoNoticeLeft => "no notice is left that could tell it otherwise".to_string(),
            Recovery::NothingMends(states) => {
                format!("nothing that can still come mends it ({} explored)", labels::count(states, "state"))
            }
            Recovery::Mendable => "what came after that did not mend it, though it could have".to_string(),
            Recovery::Unknown(limit) => {
                let why = match limit {
                    Limit::Interrupted => "the search for that was interrupted",
                    Limit::Memory => "the limit of memory ended the search for that",
                    Limit::Disk => "a file for that could not be written or read",
                    Limit::States | Limit::Effort => "too much can come",
                };
                format!("whether anything can still mend it is not known: {why}")
            }
        }
    }
}

/// What could have happened instead of a timeout.
fn although(others: &[Action], names: Names<'_>) -> String {
    let task = |actor: &Action| if let Action::Step(task) = actor { Some(*task) } else { None };
    let tasks: Vec<ActorId> = others.iter().filter_map(task).collect();
    let tasks = (!tasks.is_empty()).then(|| format!("{} could still go on", names.several(&tasks)));
    let is_unread = others.iter().any(|actor| matches!(actor, Action::Receive(_)));
    let unread = is_unread.then(|| "a notice was still unread".to_string());
    match labels::list(tasks.into_iter().chain(unread)) {
        nothing if nothing.is_empty() => "when nothing else could happen".to_string(),
        could => format!("although {could}"),
    }
}

fn deaths(group: &[&Fact]) -> Vec<Death> {
    group.iter().filter_map(|fact| if let Fact::Died(death) = fact { Some(*death) } else { None }).collect()
}

/// Steps as a list.
fn steps(steps: impl Iterator<Item = usize>) -> String {
    labels::list(steps.map(|step| step.to_string()))
}

/// The step in which the controller did what a fact tells. `None` for other facts.
fn told_at(fact: &Fact) -> Option<usize> {
    match *fact {
        Fact::Stale { read, .. } => Some(read),
        Fact::Repeated { again, .. } | Fact::CountedTwice { again, .. } => Some(again),
        Fact::CountedFor { read, .. } => Some(read),
        Fact::TimedOut { at, .. } | Fact::StopUndone { at, .. } => Some(at),
        _ => None,
    }
}
