//! Runs with random faults: how many broke each claim, compared with the expectation for the uniform scheduler in the
//! same scenarios.

#![cfg(not(loom))]

use super::foreign::escaped;
use super::labels;
use super::layout::{Style, labelled};
use super::probability::tenths;
use crate::explore::probability::Probability;

/// The result of all runs.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// How many runs there were.
    pub runs: u32,
    /// The seed of everything that was drawn.
    pub seed: u64,
    /// How many different scenarios were drawn.
    pub scenarios: usize,
    /// How many different schedules of them were taken.
    pub schedules: usize,
    /// The claims.
    pub broken: Vec<Broken>,
}

/// A claim, and the runs that broke it.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Its name.
    pub claim: String,
    /// How many runs broke it.
    pub runs: usize,
    /// How many the uniform scheduler would break on average. `None` if a search was cut short.
    pub expected: Option<Probability>,
    /// The first run that broke it, from 1, and the line that replays it.
    pub first: Option<(u32, String)>,
}

/// The runs, claim by claim. For each claim that was broken, the line that replays the first run that broke it.
pub fn text(protocol: &str, drawn: &Drawn, style: Style) -> String {
    let head = ["claim", "broken in", "uniform scheduler"].map(str::to_string);
    let rows: Vec<[String; 3]> = std::iter::once(head).chain(drawn.broken.iter().map(row)).collect();
    let widths: [usize; 3] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let mut text = labelled("ran", &[escaped(protocol).into_owned(), ran(drawn)], style) + "\n";
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text += &format!("{}\n", cells.join("  ").trim_end());
    }
    text += "\n";
    for claim in &drawn.broken {
        if let Some((run, line)) = &claim.first {
            text += &format!("{} was broken first in run {run}\n{line}\n", escaped(&claim.claim));
        }
    }
    text + &labelled("note", &[NOTE], style)
}

const NOTE: &str = "each run was checked to be a schedule of the model. The seed repeats what was drawn, not the order in \
                    which this machine ran the threads; a line above replays its run in the model";

fn ran(drawn: &Drawn) -> String {
    format!(
        "{} on this machine's threads, with faults, losses, crashes and delays drawn from seed {}: {}, {}",
        labels::count(&drawn.runs.into(), "run"),
        drawn.seed,
        labels::count(&drawn.scenarios.into(), "different scenario"),
        labels::count(&drawn.schedules.into(), "different schedule"),
    )
}

fn row(claim: &Broken) -> [String; 3] {
    let expected =
        claim.expected.as_ref().map_or("not known".to_string(), |expected| format!("{} runs", tenths(expected)));
    [escaped(&claim.claim).into_owned(), labels::count(&claim.runs.into(), "run"), expected]
}
