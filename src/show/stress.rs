//! Runs on real threads, and how many broke each claim, beside the explorer's result for all schedules. The text says
//! that this is not a verdict.

#![cfg(not(loom))]

use super::foreign::escaped;
use super::layout::{Style, labelled};
use super::report::scenario;
use super::{labels, probability};
use crate::core::Controller;
use crate::explore::report::{Judgement, Report};
use crate::explore::verdict::VerdictKind;

/// The result of a number of runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stress {
    /// How many runs there were.
    pub runs: u32,
    /// The seed of the delays, if there were any.
    pub seed: Option<u64>,
    /// How many different schedules they took.
    pub schedules: usize,
    /// How many runs broke each claim of the report.
    pub broken: Vec<usize>,
}

/// The runs and the report, claim by claim.
pub fn text<C: Controller>(report: &Report<C>, stress: &Stress, style: Style) -> String {
    let rows = std::iter::once(["claim", "broken in", "uniform scheduler", "explorer"].map(str::to_string))
        .chain(report.claims.iter().zip(&stress.broken).map(|(judgement, &broken)| row(judgement, broken)));
    let rows: Vec<[String; 4]> = rows.collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 4] = std::array::from_fn(width);
    let mut text = labelled("ran", &[scenario(report), ran(report, stress)], style) + "\n";
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text += &format!("{}\n", cells.join("  ").trim_end());
    }
    text + "\n" + &labelled("missed", &[missed(report, stress)], style) + &labelled("note", &[NOTE], style)
}

const NOTE: &str = "this is no verdict: runs that break a claim show that it can be broken, and runs that do not show \
                    nothing. The next machine, or a busier one, runs otherwise. startup-race check explores every schedule";

fn ran<C>(report: &Report<C>, stress: &Stress) -> String {
    let runs = labels::count(&stress.runs.into(), "run");
    let delays = match stress.seed {
        Some(seed) => format!("with random delays, seed {seed}"),
        None => "without delays".to_string(),
    };
    let seen = labels::number_text(&stress.schedules.into());
    match &report.schedules {
        Some(all) => {
            format!(
                "{runs} on this machine's threads, {delays}; they took {seen} of {}",
                labels::count(all, "schedule")
            )
        }
        None => format!(
            "{runs} on this machine's threads, {delays}; they took {}",
            labels::count(&stress.schedules.into(), "schedule")
        ),
    }
}

fn row<C>(judgement: &Judgement<C>, broken: usize) -> [String; 4] {
    let probability =
        judgement.share.as_ref().map_or("not known".to_string(), |share| probability::runs(&share.probability));
    [
        escaped(&judgement.claim.id).into_owned(),
        labels::count(&broken.into(), "run"),
        probability,
        judgement.verdict.to_string(),
    ]
}

/// The claims that some schedule breaks but no run broke.
fn missed<C>(report: &Report<C>, stress: &Stress) -> String {
    let claims = report.claims.iter().zip(&stress.broken);
    let missed = claims.filter(|(judgement, broken)| judgement.verdict.kind() == VerdictKind::Refuted && **broken == 0);
    let says = |judgement: &Judgement<C>| match &judgement.share {
        Some(share) => {
            format!("{}, which {} break", escaped(&judgement.claim.id), labels::count(&share.schedules, "schedule"))
        }
        None => escaped(&judgement.claim.id).into_owned(),
    };
    let missed: Vec<String> = missed.map(|(judgement, _)| says(judgement)).collect();
    match missed.as_slice() {
        [] => "nothing, this time: each claim that can be broken was".to_string(),
        _ => labels::list(missed),
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::explore::report::Check;
    use crate::scenario::{Rules, Scenario, Setup};

    #[test]
    fn what_was_missed_is_what_can_be_broken_and_was_not() {
        let scenario = Scenario::new(Rules::named("arroyo/before").unwrap(), 2).unwrap().failing(&[2]).unwrap();
        let report = Check::new(Setup::of(scenario)).protocol("arroyo/before").run().unwrap();
        let said = |broken: [usize; 5]| {
            let stress = Stress { runs: 1_000, seed: None, schedules: 3, broken: broken.to_vec() };
            let text = text(&report, &stress, Style::default());
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let text = said([1_000, 0, 0, 0, 0]);
        assert!(text.contains("they took 3 of 545 schedules"), "{text}");
        assert!(text.contains("no-lost-failure 0 runs one run in 8 REFUTED"), "{text}");
        assert!(text.contains("missed no-lost-failure, which 37 schedules break and running-runs, which"), "{text}");
        assert!(text.contains("note this is no verdict"), "{text}");
        assert!(said([1_000, 1, 0, 0, 1]).contains("missed nothing, this time"));
    }
}
