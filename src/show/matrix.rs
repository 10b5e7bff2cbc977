//! The matrix of the causes as text: a table, sentences about it, and the shortest counterexamples.
//!
//! Every sentence, except the legend, is computed from the table.

#![cfg(not(loom))]

use std::fmt::Write as _;

use num_bigint::BigUint;

use super::labels;
use super::layout::{Paint, Style};
use super::lines::{beside, label_of};
use super::probability::fraction_or_percent;
use crate::core::{OnFailure, PipelineController};
use crate::explore::probability::{Measure, Probability};
use crate::explore::report::Judgement;
use crate::explore::verdict::VerdictKind;
use crate::matrix::{BUG, Cause, Cell, Combination, Matrix};
use crate::scenario::Scenario;

/// The widths of a task's name, of the first column, and of a claim's column.
const NAME: usize = 16;
const LABEL: usize = 20;
const CLAIM: usize = 12;

const LEGEND: &str = "\
A row names the task that fails. A number is the probability that a uniform
scheduler breaks the claim; a point says that no schedule can.
  early, late        a task is announced before its on_start, or after it
  ignored, handled   what a failure is while scheduling
  barrier, cascade   the dead task's peers wait for it, or its death spreads
";

/// The whole text.
pub fn text(matrix: &Matrix, style: Style) -> String {
    let mut text = String::new();
    heading(&mut text, matrix, style);
    for part in [table, needed, mended, schedules] {
        text.push('\n');
        part(&mut text, matrix, style);
    }
    text
}

fn heading(text: &mut String, matrix: &Matrix, style: Style) {
    let Some(scenario) = matrix.cases.first() else { return };
    let count = |number: usize, noun| labels::count(&BigUint::from(number), noun);
    let pipeline = [count(scenario.tasks().len(), "task"), count(usize::from(scenario.workers()), "worker")];
    let running =
        if scenario.rules().controller.failed_while_running == OnFailure::Retry { "handled" } else { "ignored" };
    let _ = writeln!(text, "The causes, judged: {}; a failure while running is {running}.", pipeline.join(", "));
    text.push_str(LEGEND);
    if !matrix.complete() {
        let mark = style.paint("CUT SHORT", Paint::Unsure);
        let _ = writeln!(text, "{mark}: a bound ended a search; what it had not seen is not known.");
    }
}

fn table(text: &mut String, matrix: &Matrix, _: Style) {
    let Some(first) = matrix.cells.first() else { return };
    let ids: Vec<String> = first.report.claims.iter().map(|judgement| judgement.claim.id.to_string()).collect();
    for half in [|id: &str| split(id).0.to_string(), |id: &str| split(id).1.to_string()] {
        line(text, "", ids.iter().map(|id| half(id)));
    }
    for row in matrix.cells.chunk_by(|a, b| a.combination == b.combination) {
        let [announce, failure, peers] = row[0].combination.words();
        let name = row[0].report.protocol.as_ref().map_or(String::new(), |name| format!("   {name}"));
        let _ = writeln!(text, "{announce}, {failure}, {peers}{name}");
        for cell in row {
            let label = format!("  {}", who(matrix, cell.case));
            line(text, &label, cell.report.claims.iter().map(entry));
        }
    }
}

fn line(text: &mut String, label: &str, entries: impl Iterator<Item = String>) {
    let mut row = label_of(label, LABEL);
    entries.for_each(|entry| row.push_str(&format!("{entry:CLAIM$}")));
    text.push_str(row.trim_end());
    text.push('\n');
}

/// A claim's name on two lines.
fn split(id: &str) -> (&str, &str) {
    id.rfind('-').map_or((id, ""), |at| (&id[..=at], &id[at + 1..]))
}

/// The entry of a claim in the table.
fn entry(judgement: &Judgement<PipelineController>) -> String {
    match (judgement.verdict.kind(), &judgement.share) {
        (VerdictKind::Proved, _) => ".".to_string(),
        (VerdictKind::Vacuous, _) => "vacuous".to_string(),
        (VerdictKind::CutShort, _) => "cut short".to_string(),
        (VerdictKind::Refuted, Some(share)) => probability(&share.probability),
        (VerdictKind::Refuted, None) => "broken".to_string(),
    }
}

/// A probability that fits the column of a claim.
fn probability(probability: &Probability) -> String {
    fraction_or_percent(probability, CLAIM)
}

/// The tasks that have a fault in a case: `2 transform`.
fn who(matrix: &Matrix, case: usize) -> String {
    let scenario: &Scenario = &matrix.cases[case];
    let failing = matrix.failing(case);
    match failing[..] {
        [] => "nobody".to_string(),
        [task] => format!("{} {}", task.0, scenario.task(task).name.chars().take(NAME).collect::<String>()),
        _ => labels::list(failing.iter().map(|task| task.0.to_string())),
    }
}

fn causes(combination: Combination) -> String {
    let words: Vec<&str> = combination.causes().into_iter().map(|cause| cause.words().0).collect();
    if words.is_empty() { "no cause at all".to_string() } else { words.join(" + ") }
}

/// Which causes the bug needs in each case.
fn needed(text: &mut String, matrix: &Matrix, style: Style) {
    let _ = writeln!(text, "The bug ({}) needs:", meaning(matrix, BUG));
    for case in 0..matrix.cases.len() {
        let says = match matrix.minimal(case) {
            None => "not known: a search was cut short".to_string(),
            Some(sets) if sets.is_empty() => "it cannot happen".to_string(),
            Some(sets) => sets.into_iter().map(causes).collect::<Vec<_>>().join(", or "),
        };
        beside(text, &format!("  {}", who(matrix, case)), LABEL, &says, style);
    }
    let fewer = |case: &usize| matrix.minimal(*case).is_some_and(|sets| !sets.is_empty());
    let cases = || 0..matrix.cases.len();
    let all = |case: &usize| matrix.all_needed(*case) == Some(true);
    let groups: [(&str, Vec<usize>); 2] = [
        ("All three causes are needed", cases().filter(all).collect()),
        ("Fewer are enough", cases().filter(fewer).filter(|case| !all(case)).collect()),
    ];
    for (says, cases) in groups.into_iter().filter(|(_, cases)| !cases.is_empty()) {
        let cases: Vec<String> = cases.into_iter().map(|case| who(matrix, case)).collect();
        beside(text, "", 0, &format!("{says} where the task that fails is {}.", labels::listed(cases, "or")), style);
    }
}

/// The effect of each half of the fix, and of both.
fn mended(text: &mut String, matrix: &Matrix, style: Style) {
    let fixes: [(&str, &[Cause]); 3] = [
        ("  late alone", &[Cause::Early]),
        ("  handled alone", &[Cause::Ignored]),
        ("  both", &[Cause::Early, Cause::Ignored]),
    ];
    text.push_str("The fix, with the barrier kept:\n");
    for (name, causes) in fixes {
        let broken = matrix.without(causes);
        if broken.is_empty() {
            let says = if matrix.complete() { "no claim can be broken" } else { "not known" };
            let _ = writeln!(text, "{name:LABEL$}{says}");
        }
        for (index, claim) in broken.chunk_by(|a, b| a.0 == b.0).enumerate() {
            let label = if index == 0 { name } else { "" };
            let says = format!("{}: {} ({})", claim[0].0, meaning(matrix, claim[0].0), probabilities(matrix, claim));
            beside(text, label, LABEL, &says, style);
        }
    }
}

/// The probability in each case. Cases with the same probability share one number. It names their tasks, unless it is
/// the number of every case.
fn probabilities(matrix: &Matrix, cases: &[(&str, usize, Option<&Measure>)]) -> String {
    let mut numbers: Vec<(String, Vec<String>)> = Vec::new();
    for &(_, case, share) in cases {
        let number = share.map_or("?".to_string(), |share| probability(&share.probability));
        match numbers.iter_mut().find(|(other, _)| *other == number) {
            Some((_, tasks)) => tasks.push(who(matrix, case)),
            None => numbers.push((number, vec![who(matrix, case)])),
        }
    }
    let is_of_all = numbers.len() == 1 && cases.len() == matrix.cases.len();
    let text = |(number, tasks)| if is_of_all { number } else { format!("{number} for {}", labels::list(tasks)) };
    format!("probability\u{a0}{}", numbers.into_iter().map(text).collect::<Vec<_>>().join(", "))
}

/// What a broken claim means for a user.
fn meaning(matrix: &Matrix, claim: &str) -> &'static str {
    let stops = matrix.cases.first().is_some_and(|scenario| scenario.rules().run.stop);
    match claim {
        "no-false-start" => "Running is said too early",
        "no-lost-failure" => "Running, and a task is dead",
        "no-false-alarm" => "Failed, and no task is dead",
        "always-decides" if stops => "it stays in Scheduling or Stopping",
        "always-decides" => "it stays in Scheduling",
        "running-runs" => "Running, and a live task never runs",
        "no-lost-stop" => "it stays in Running, and a stop was asked",
        "no-false-stop" => "Stopped, and a task is neither dead nor finished",
        "no-half-run" => "Running, and a task is finished",
        _ => "a claim of your own",
    }
}

/// A counterexample, the claims that it breaks, and the cases in which it breaks them.
struct Shortest<'a> {
    claims: Vec<&'a str>,
    cases: Vec<String>,
    schedule: String,
}

/// The shortest counterexamples. Cells with the same one share a line.
fn schedules(text: &mut String, matrix: &Matrix, style: Style) {
    text.push_str("The shortest counterexamples:\n");
    for row in matrix.cells.chunk_by(|a, b| a.combination == b.combination) {
        let mut found: Vec<Shortest<'_>> = Vec::new();
        for cell in row {
            for (claims, schedule) in distinct(cell) {
                let case = who(matrix, cell.case);
                match found.iter_mut().find(|other| (&other.claims, &other.schedule) == (&claims, &schedule)) {
                    Some(same) => same.cases.push(case),
                    None => found.push(Shortest { claims, cases: vec![case], schedule }),
                }
            }
        }
        if !found.is_empty() {
            let _ = writeln!(text, "{}", row[0].combination.words().join(", "));
        }
        for Shortest { claims, cases, schedule } in found {
            beside(text, "", 2, &format!("{}: {}", cases.join(", "), claims.join(", ")), style);
            beside(text, "", 4, &schedule, style);
        }
    }
}

/// The counterexamples of a cell. Claims with the same one are listed together.
fn distinct(cell: &Cell) -> Vec<(Vec<&str>, String)> {
    let mut found: Vec<(Vec<&str>, String)> = Vec::new();
    for judgement in cell.refuted() {
        let Some(trace) = &judgement.trace else { continue };
        let schedule = trace.schedule.text(cell.report.setup.model.inboxes());
        match found.iter_mut().find(|(_, other)| *other == schedule) {
            Some((ids, _)) => ids.push(&judgement.claim.id),
            None => found.push((vec![&judgement.claim.id], schedule)),
        }
    }
    found
}
