//! Checks of a user's own checks, as text: a suite, its coverage, the mutants of its controller.

use std::fmt;

use super::command;
use super::foreign::escaped;
use super::layout::{Style, labelled, to_paste};
use super::report::report;
use crate::core::{Controller, Phase};
use crate::explore::verdict::VerdictKind;
use crate::gate::NoAnswer;
use crate::gate::coverage::{Cell, Coverage, InputKind};
use crate::gate::mutant::Flaw;
use crate::gate::review::{Note, Remark, Review};
use crate::gate::suite::SuiteReport;
use crate::gate::teeth::{Difference, Fate, Killer, Teeth};

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(scenario, broken) => write!(f, "{}: {broken}", escaped(scenario)),
            Self::NotProved(scenario) => write!(
                f,
                "{}: a claim is not proved. Mutants say nothing of a controller that is broken itself: make `expect_proved` pass \
                 first",
                escaped(scenario)
            ),
            Self::TooManyStates(scenario, most) => write!(
                f,
                "{}: the search has more than {most} states, or was cut short. Use a smaller scenario: fewer tasks or attempts",
                escaped(scenario)
            ),
            Self::NotConducted(knob) => write!(
                f,
                "the model: `{knob}` cannot be conducted, because it makes steps for which code has no point. Conduct the same \
                 setup without `{knob}`; `check` explores it with `{knob}`"
            ),
        }
    }
}

impl fmt::Display for InputKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started => f.write_str("TaskStarted"),
            Self::Failed => f.write_str("TaskFailed"),
            Self::Finished => f.write_str("TaskFinished"),
            Self::Own(name) => f.write_str(&escaped(name)),
            Self::Stop => f.write_str("stop"),
            Self::TimedOut => f.write_str("timeout"),
            Self::Restarted => f.write_str("crash"),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForgetsTask(task) => write!(f, "forgets task {}", task.0),
            Self::DropsFirst(input) => write!(f, "drops the first {input}"),
            Self::CountsTwice(input) => write!(f, "takes each {input} in twice"),
            Self::AnswersLate(input) => write!(f, "answers {input} only at the next input"),
            Self::UpOneEarly => f.write_str("comes up one notice early"),
        }
    }
}

impl<C: Controller> SuiteReport<C> {
    /// The suite as text: a line for each scenario, the claims that were never tested, and the report of each scenario
    /// that did not pass.
    pub fn text(&self) -> String {
        let style = Style::default();
        let mut text = String::new();
        for (name, found) in &self.reports {
            let met = found.claims.iter().filter(|judgement| judgement.premise_met()).count();
            let verdict = found.verdict().name();
            let claims = found.claims.len();
            text += &format!("{verdict:9} {}: {met} of {claims} claims put to the test\n", escaped(name));
        }
        for id in self.unmet() {
            let says = format!("{}. No scenario of the suite meets its premise: add one that does", escaped(id));
            text += &labelled("never put to the test:", &[says], style);
        }
        let broken = self.reports.iter().filter(|(_, found)| found.verdict() != VerdictKind::Proved);
        for (name, found) in broken {
            text += &format!("\n{}\n\n{}", escaped(name), report(found, style));
        }
        text
    }
}

impl Teeth {
    /// One line for each mutant, and for each survivor what would kill it.
    pub fn text(&self) -> String {
        let lines = self.mutants.iter().map(|(flaw, fate)| {
            let label = match fate {
                Fate::Killed { .. } => "killed",
                Fate::Survived(_) => "SURVIVED",
                Fate::Same => "same",
                Fate::CutShort { .. } => "CUT SHORT",
            };
            labelled(label, &[format!("{flaw}: {}", told(fate))], Style::default())
        });
        lines.collect()
    }
}

fn told(fate: &Fate) -> String {
    match fate {
        Fate::Killed { scenario, by } => format!("{}: {}", escaped(scenario), killer(by)),
        Fate::Survived(difference) => survived(difference),
        Fate::Same => "it cannot be told from the controller in these scenarios".to_string(),
        Fate::CutShort { scenario } => format!("{}: the search was cut short", escaped(scenario)),
    }
}

fn killer(by: &Killer) -> String {
    match by {
        Killer::Claim(id, Some(schedule)) => format!("{} by {}", escaped(id), whole(schedule)),
        Killer::Claim(id, None) => format!("{}: no schedule reaches it", escaped(id)),
        Killer::Witness(id) => format!("{} does not hold", escaped(id)),
        Killer::Contract => "it breaks the contract of a controller".to_string(),
    }
}

fn survived(Difference { scenario, schedule, sound, mutant }: &Difference) -> String {
    let says = |phase: &Phase| escaped(phase.name).into_owned();
    let differ = if sound.name == mutant.name {
        format!("both are {}, for different reasons or with different effects", says(sound))
    } else {
        format!("the controller is {}, the mutant {}", says(sound), says(mutant))
    };
    format!(
        "{}: after {} {differ}, and no claim is broken on any schedule. It needs a claim that tells the two apart, \
         or a scenario in which one does",
        escaped(scenario),
        whole(schedule)
    )
}

/// A schedule that is kept on one line.
fn whole(schedule: &str) -> String {
    format!("\"{schedule}\"").replace(' ', "\u{a0}")
}

impl Coverage {
    /// A table with a row for each input and a column for each phase. A cell says how often the input was found
    /// (once for each action of a state that gives it), and how often it was `dropped`: it changed nothing. `–` means
    /// that it was never found.
    pub fn text(&self) -> String {
        let head = std::iter::once(String::new()).chain(self.phases.iter().map(|phase| escaped(phase).into_owned()));
        let row = |input: &InputKind| {
            let cells = self.phases.iter().map(|phase| self.cell(*input, phase).map_or("–".to_string(), cell));
            std::iter::once(input.to_string()).chain(cells).collect::<Vec<_>>()
        };
        let rows: Vec<Vec<String>> = std::iter::once(head.collect()).chain(self.inputs.iter().map(row)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..=self.phases.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_string() + "\n"
        };
        rows.iter().map(line).collect()
    }
}

fn cell(cell: &Cell) -> String {
    match (cell.met, cell.dropped) {
        (1, 0) => "once".to_string(),
        (met, 0) => format!("{met} times"),
        (met, dropped) if met == dropped => format!("{dropped} dropped"),
        (met, dropped) => format!("{met}, {dropped} dropped"),
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnnouncesEarly(tasks) => {
                let numbers = tasks.iter().map(|task| task.0.to_string()).collect::<Vec<_>>().join(", ");
                let noun = if tasks.len() == 1 { "task" } else { "tasks" };
                let verb = if tasks.len() == 1 { "announces itself" } else { "announce themselves" };
                write!(
                    f,
                    "{noun} {numbers} {verb} before on_start has run: a notice before its work is done is suspicious"
                )
            }
            Self::FailureDropped(phase) => write!(f, "a TaskFailed changes nothing in {}", escaped(phase)),
            Self::StaleTaken(phase) => {
                write!(f, "a notice of an earlier attempt changes something in {}: there is no fence", escaped(phase))
            }
            Self::StopIgnored(phase) => write!(f, "a stop changes nothing in {}", escaped(phase)),
        }
    }
}

impl<C: Controller> Review<C> {
    /// The notes, each with its claim and the evidence, 80 columns wide.
    pub fn text(&self) -> String {
        self.text_in(Style::default())
    }

    /// The notes in a style.
    pub(crate) fn text_in(&self, style: Style) -> String {
        if self.notes.is_empty() {
            return labelled(
                "review",
                &["no note: nothing is suspicious that the search has not proved harmless"],
                style,
            );
        }
        self.notes.iter().map(|note| self.note(note, style)).collect()
    }

    fn note(&self, Note { remark, claim }: &Note, style: Style) -> String {
        let judgement = self.report.claims.iter().find(|judgement| judgement.claim.id == *claim);
        let Some(judgement) = judgement else { return String::new() };
        let says = match judgement.verdict.kind() {
            VerdictKind::Proved => format!("{claim} is not put to the test here: add a scenario that does"),
            other => format!("{claim} is {}", other.name()),
        };
        let text = labelled("note", &[format!("{remark}. {says}")], style);
        let protocol = self.report.protocol.as_deref();
        let command = match (protocol.filter(|_| self.report.setup.follows_rules()), &judgement.trace) {
            (Some(name), _) => {
                let arguments = command::arguments(name, &self.report.setup.scenario);
                Some(format!("startup-race check {arguments} --claim {claim}"))
            }
            (None, Some(trace)) => {
                let schedule = trace.schedule.text(self.report.setup.model.inboxes());
                Some(format!("startup_race::replay(&setup, \"{schedule}\")"))
            }
            (None, None) => None,
        };
        text + &command.map_or_else(String::new, |command| to_paste("shown by", &command))
    }
}
