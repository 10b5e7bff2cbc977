//! The three causes of the bug, judged in every combination.
//!
//! The fix names three causes: a task is announced before it has started; a failure is ignored while scheduling; and a
//! barrier holds the peers of the dead task. (Without the barrier, the death would spread through their queues and be
//! noticed.) Each cause can be present or absent. All other knobs are those of the scenario. Every statement about a
//! cause follows from the verdicts of the 2³ combinations.
//!
//! 1. Combinations and cases have a fixed order. Each is explored separately.
//! 2. A cell whose search was cut short supports only what it refuted: see [`Matrix::complete`] and
//!    [`Matrix::minimal`].

#![cfg(not(loom))]

use crate::core::{ActorId, Announce, OnFailure, PipelineController, TaskRules};
use crate::explore::probability::Measure;
use crate::explore::report::{Broken, Check, Judgement, Report};
use crate::explore::verdict::VerdictKind;
use crate::scenario::knobs::PROTOCOLS;
use crate::scenario::{Rules, Scenario, ScenarioError, Setup};

/// The default number of tasks of a matrix. A chain of three tasks has a first, a middle and a last one.
pub const TASKS: u8 = 3;

/// The claim that the bug breaks.
pub const BUG: &str = "no-lost-failure";

/// A cause of the bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A task is announced before its `on_start` has run.
    Early,
    /// A failure is ignored while the controller is Scheduling.
    Ignored,
    /// A barrier holds the peers of a dead task, so its death does not spread to them.
    Barrier,
}

impl Cause {
    /// Every cause. The first one varies slowest in [`Combination::all`].
    pub const ALL: [Self; 3] = [Self::Early, Self::Ignored, Self::Barrier];

    /// A word for the cause, and a word for what replaces it when it is absent.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Early => ("early", "late"),
            Self::Ignored => ("ignored", "handled"),
            Self::Barrier => ("barrier", "cascade"),
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The knobs that a combination sets.
pub const KNOBS_SET: [&str; 4] = ["announce", "failed-while-scheduling", "barrier", "cascade"];

/// Which of the causes are present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Combination(u8);

impl Combination {
    /// The combination of these causes.
    pub fn of(causes: &[Cause]) -> Self {
        Self(causes.iter().fold(0, |bits, cause| bits | cause.bit()))
    }

    /// All eight combinations, from all causes to none. The first cause varies slowest.
    pub fn all() -> impl Iterator<Item = Self> {
        let pick = |n: u8, cause: Cause| (n >> (2 - cause as u8)) & 1 == 0;
        (0..8).map(move |n| Self::of(&Cause::ALL.into_iter().filter(|&cause| pick(n, cause)).collect::<Vec<_>>()))
    }

    /// Whether a cause is present.
    pub fn has(self, cause: Cause) -> bool {
        self.0 & cause.bit() != 0
    }

    /// The causes that are present.
    pub fn causes(self) -> Vec<Cause> {
        Cause::ALL.into_iter().filter(|&cause| self.has(cause)).collect()
    }

    /// Whether every cause of this combination is in the other.
    pub fn is_within(self, other: Self) -> bool {
        self.0 & other.0 == self.0
    }

    /// A word for each cause, present or absent: `early`, `ignored`, `cascade`.
    pub fn words(self) -> [&'static str; 3] {
        Cause::ALL.map(|cause| if self.has(cause) { cause.words().0 } else { cause.words().1 })
    }

    /// These rules with the causes of this combination.
    pub fn turn(self, rules: &Rules) -> Rules {
        let (mut rules, barrier) = (*rules, self.has(Cause::Barrier));
        let announce = if self.has(Cause::Early) { Announce::BeforeOnStart } else { Announce::AfterBarrier };
        let ignored = if self.has(Cause::Ignored) { OnFailure::Ignore } else { OnFailure::Retry };
        rules.task = TaskRules { announce, barrier, chain: !barrier };
        rules.controller.failed_while_scheduling = ignored;
        rules
    }

    /// The named protocol whose rules are these, with the causes of this combination. `None` if there is none.
    pub fn protocol(self, rules: &Rules) -> Option<&'static str> {
        PROTOCOLS.iter().find(|(_, named)| *named == self.turn(rules)).map(|&(name, _)| name)
    }
}

/// One combination, explored for one case.
#[derive(Clone)]
pub struct Cell {
    /// Which causes are present.
    pub combination: Combination,
    /// Which case, from 0.
    pub case: usize,
    /// Verdicts, probabilities, shortest counterexamples.
    pub report: Report<PipelineController>,
}

impl Cell {
    /// The result for a claim.
    pub fn claim(&self, id: &str) -> Option<&Judgement<PipelineController>> {
        self.report.claims.iter().find(|judgement| judgement.claim.id == id)
    }

    /// The claims that are refuted.
    pub fn refuted(&self) -> impl Iterator<Item = &Judgement<PipelineController>> {
        self.report.claims.iter().filter(|judgement| judgement.verdict.kind() == VerdictKind::Refuted)
    }

    /// Whether the bug can happen. `None` if the search was cut short before the bug was found.
    pub fn has_bug(&self) -> Option<bool> {
        match self.claim(BUG)?.verdict.kind() {
            VerdictKind::Refuted => Some(true),
            VerdictKind::Proved | VerdictKind::Vacuous => Some(false),
            VerdictKind::CutShort => None,
        }
    }
}

/// Every combination of the causes, for every case.
#[derive(Clone)]
pub struct Matrix {
    /// The scenario of each case: it says which tasks have a fault. Its settings of the causes are not used.
    pub cases: Vec<Scenario>,
    /// The cells, ordered by combination and then by case.
    pub cells: Vec<Cell>,
}

/// One case for each task: this task panics in `on_start`, and no other.
///
/// # Errors
/// Never for a scenario that has no faults.
pub fn one_at_a_time(healthy: &Scenario) -> Result<Vec<Scenario>, ScenarioError> {
    healthy.ids().map(|task| healthy.clone().failing(&[task.0])).collect()
}

impl Matrix {
    /// Explores every combination for each of these cases. `configure` sets the limits of each search.
    ///
    /// # Errors
    /// If the controller breaks its contract.
    pub fn explore<'a>(
        cases: Vec<Scenario>,
        mut configure: impl FnMut(Check<'a, PipelineController>) -> Check<'a, PipelineController>,
    ) -> Result<Self, Broken> {
        let mut cells = Vec::new();
        for combination in Combination::all() {
            for (case, scenario) in cases.iter().enumerate() {
                let turned = scenario.under(combination.turn(scenario.rules()));
                let turned = turned.expect("tasks that make a scenario make one under other rules too");
                let mut check = Check::new(Setup::of(turned));
                if let Some(protocol) = combination.protocol(scenario.rules()) {
                    check = check.protocol(protocol);
                }
                cells.push(Cell { combination, case, report: configure(check).run()? });
            }
        }
        Ok(Self { cases, cells })
    }

    /// Whether every cell, including its witness, was explored completely.
    pub fn complete(&self) -> bool {
        self.cells.iter().all(|cell| cell.report.complete && cell.report.witness.complete.is_some())
    }

    /// The cell of a combination and a case.
    pub fn cell(&self, combination: Combination, case: usize) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.combination == combination && cell.case == case)
    }

    /// The smallest sets of causes with which the bug can happen in a case. `None` if a search of the case was cut
    /// short before it found the bug.
    pub fn minimal(&self, case: usize) -> Option<Vec<Combination>> {
        let cells = self.cells.iter().filter(|cell| cell.case == case);
        let judged: Option<Vec<(Combination, bool)>> =
            cells.map(|cell| Some((cell.combination, cell.has_bug()?))).collect();
        let buggy: Vec<Combination> = judged?.into_iter().filter(|(_, bug)| *bug).map(|(set, _)| set).collect();
        let is_minimal = |set: &Combination| !buggy.iter().any(|other| other != set && other.is_within(*set));
        Some(buggy.iter().copied().filter(is_minimal).collect())
    }

    /// Whether all three causes are needed in a case: the bug can happen with all three, but not with fewer. `None` if
    /// [`Self::minimal`] is.
    pub fn all_needed(&self, case: usize) -> Option<bool> {
        Some(self.minimal(case)? == [Combination::of(&Cause::ALL)])
    }

    /// The tasks that have a fault in a case, in some attempt: they panic, vanish, hang or die.
    pub fn failing(&self, case: usize) -> Vec<ActorId> {
        let scenario = &self.cases[case];
        scenario.ids().filter(|&task| scenario.task(task).faults.iter().any(Option::is_some)).collect()
    }

    /// The claims that are still broken if these causes are removed and the others are kept. Each comes with the case
    /// in which it is broken, and with the share of the schedules that break it, if that is known.
    pub fn without(&self, mended: &[Cause]) -> Vec<(&str, usize, Option<&Measure>)> {
        let left: Vec<Cause> = Cause::ALL.into_iter().filter(|cause| !mended.contains(cause)).collect();
        let cells = self.cells.iter().filter(move |cell| cell.combination == Combination::of(&left));
        let broken = cells.flat_map(|cell| {
            cell.refuted().map(|judgement| (&*judgement.claim.id, cell.case, judgement.share.as_ref()))
        });
        broken.collect()
    }
}
