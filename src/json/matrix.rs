//! The combinations of the three causes, judged.

use schemars::JsonSchema;
use serde::Serialize;

use super::check::Check;
use crate::matrix::{self, Combination};

/// The answer of `matrix`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Matrix {
    /// This version of the format.
    #[schemars(extend("const" = "startup-race/matrix/2"))]
    pub schema: &'static str,
    /// Whether every cell, including its witness, was explored completely.
    pub complete: bool,
    /// The cells, ordered by combination and then by case.
    pub cells: Vec<Cell>,
    /// For each case, which causes the bug needs. The bug is that `no-lost-failure` can be broken.
    pub needs: Vec<Needs>,
}

/// A combination of causes, and a case.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Cell {
    /// The causes that are present.
    pub causes: Vec<Cause>,
    /// The tasks that have a fault in this case: they panic, vanish, hang or die.
    pub fails: Vec<u8>,
    /// The result of the check.
    pub check: Check,
}

/// What the bug needs in a case.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Needs {
    /// The tasks that have a fault in this case: they panic, vanish, hang or die.
    pub fails: Vec<u8>,
    /// The smallest sets of causes with which the bug can happen; null if a search of this case was cut short before it
    /// found the bug.
    pub smallest_sets_of_causes: Option<Vec<Vec<Cause>>>,
    /// Whether the bug needs all three causes; null if `smallest_sets_of_causes` is null.
    pub all_needed: Option<bool>,
}

/// A cause of the bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A task is announced before its `on_start` has run.
    Early,
    /// A failure is ignored while the controller is Scheduling.
    Ignored,
    /// A barrier holds the tasks beside a dead task, so its death does not spread to them.
    Barrier,
}

impl From<matrix::Cause> for Cause {
    fn from(cause: matrix::Cause) -> Self {
        match cause {
            matrix::Cause::Early => Self::Early,
            matrix::Cause::Ignored => Self::Ignored,
            matrix::Cause::Barrier => Self::Barrier,
        }
    }
}

fn causes(combination: Combination) -> Vec<Cause> {
    combination.causes().into_iter().map(Cause::from).collect()
}

impl Matrix {
    /// The answer for these combinations.
    pub fn of(matrix: &matrix::Matrix) -> Self {
        let fails = |case| matrix.failing(case).iter().map(|task| task.0).collect();
        let cell = |cell: &matrix::Cell| Cell {
            causes: causes(cell.combination),
            fails: fails(cell.case),
            check: Check::of(&cell.report),
        };
        let needs = |case| Needs {
            fails: fails(case),
            smallest_sets_of_causes: matrix.minimal(case).map(|sets| sets.into_iter().map(causes).collect()),
            all_needed: matrix.all_needed(case),
        };
        Self {
            schema: "startup-race/matrix/2",
            complete: matrix.complete(),
            cells: matrix.cells.iter().map(cell).collect(),
            needs: (0..matrix.cases.len()).map(needs).collect(),
        }
    }
}
