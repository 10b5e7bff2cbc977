//! Notes on what looks suspicious in a protocol, unless the search has proved that it is harmless.

use super::coverage::{Cell, Coverage, InputKind};
use super::{MOST_STATES, NoAnswer};
use crate::claims::standard;
use crate::core::{ActorId, Controller, Step};
use crate::explore::report::{Check, Judgement, Report};
use crate::explore::state_space::StateSpace;
use crate::explore::verdict::VerdictKind;
use crate::scenario::Setup;

/// The notes of a review.
#[derive(Clone)]
pub struct Review<C> {
    /// The report on the claims of the check, and on the other standard claims, which the notes may name too.
    pub report: Report<C>,
    /// The notes.
    pub notes: Vec<Note>,
}

/// A note: what is suspicious, and the claim that decides whether it is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What is suspicious.
    pub remark: Remark,
    /// Of the claims that the remark may break: the first that is broken. If none is broken, the first whose premise is
    /// never met. If there is no such claim either, the first.
    pub claim: String,
}

/// Something that is suspicious.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// These tasks announce themselves before their `on_start` has run.
    AnnouncesEarly(Vec<ActorId>),
    /// In some state in the phase of this name, a failure changes nothing, and not because of the fence.
    FailureDropped(&'static str),
    /// In some state in the phase of this name, a stale notice changes something.
    StaleTaken(&'static str),
    /// In some state in the phase of this name, a stop changes nothing.
    StopIgnored(&'static str),
}

impl Remark {
    /// The claims that it may break.
    fn claims(&self) -> &'static [&'static str] {
        match self {
            Self::AnnouncesEarly(_) => &["no-false-start"],
            Self::FailureDropped(_) => &["no-lost-failure", "always-decides", "running-runs"],
            Self::StaleTaken(_) => &["no-false-start", "no-lost-failure", "no-false-alarm"],
            Self::StopIgnored(_) => &["no-lost-stop", "always-decides"],
        }
    }
}

impl<C: Controller> Check<'_, C> {
    /// Explores every schedule and notes what looks suspicious: a task that announces itself before its `on_start` has
    /// run, a failure that is dropped in a phase, a notice of an earlier attempt that changes something, and a stop
    /// that changes nothing in a phase. Final phases are left out. If the search has proved one of these harmless,
    /// there is no note about it.
    ///
    /// ```
    /// use startup_race::gate::Remark;
    /// use startup_race::{Rules, Scenario, Setup, check};
    ///
    /// let setup = |protocol| {
    ///     let rules = Rules::named(protocol).unwrap();
    ///     Setup::of(Scenario::new(rules, 2).unwrap().failing(&[2]).unwrap())
    /// };
    /// let review = check(setup("arroyo/before")).review()?;
    /// let dropped = review.notes.iter().find(|note| note.remark == Remark::FailureDropped("Scheduling")).unwrap();
    /// assert_eq!(dropped.claim, "no-lost-failure");
    /// assert!(check(setup("arroyo/after")).review()?.notes.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the controller or a claim breaks its contract, or if there are more states than can be kept.
    pub fn review(self) -> Result<Review<C>, NoAnswer> {
        let judged: Vec<_> = self.claims.iter().map(|claim| claim.id.clone()).collect();
        let others = standard(self.setup.model.run()).into_iter().filter(|claim| !judged.contains(&claim.id));
        let report = others.fold(self, Check::claim).run();
        Review::of(report.map_err(|broken| NoAnswer::Broken(NAME.to_string(), broken))?)
    }
}

/// The name of the scenario in an error.
const NAME: &str = "the scenario";

impl<C: Controller> Review<C> {
    /// Steps through the states again, because the search does not keep them.
    fn of(report: Report<C>) -> Result<Self, NoAnswer> {
        let space = StateSpace::explore(&report.setup, &[], MOST_STATES);
        let space = space.ok_or_else(|| NoAnswer::TooManyStates(NAME.to_string(), MOST_STATES))?;
        let mut coverage = Coverage::default();
        coverage.add(&report.setup, &space);
        let remarks = remarks(&report.setup, &coverage);
        let notes = remarks.into_iter().filter_map(|remark| note(remark, &report)).collect();
        Ok(Self { report, notes })
    }
}

/// Everything that is suspicious.
fn remarks<C: Controller>(setup: &Setup<C>, coverage: &Coverage) -> Vec<Remark> {
    let early: Vec<ActorId> = setup.scenario.ids().filter(|&id| announces_early(setup, id)).collect();
    let mut remarks = Vec::new();
    remarks.extend((!early.is_empty()).then_some(Remark::AnnouncesEarly(early)));
    for cell in coverage.cells.iter().filter(|cell| !cell.stage.is_final()) {
        remarks.extend(in_cell(cell));
    }
    remarks
}

fn announces_early<C: Controller>(setup: &Setup<C>, id: ActorId) -> bool {
    let lines = &setup.model.actor(id).script.lines;
    let at = |step| lines.iter().find(|line| line.step == step).map(|line| line.position);
    at(Step::ANNOUNCE).zip(at(Step::OnStart)).is_some_and(|(announce, on_start)| announce < on_start)
}

fn in_cell(cell: &Cell) -> impl Iterator<Item = Remark> {
    let is_ignored = cell.dropped > cell.fenced;
    let dropped = match cell.input {
        InputKind::Failed if is_ignored => Some(Remark::FailureDropped(cell.phase)),
        InputKind::Stop if is_ignored => Some(Remark::StopIgnored(cell.phase)),
        _ => None,
    };
    dropped.into_iter().chain((cell.stale > 0).then_some(Remark::StaleTaken(cell.phase)))
}

/// A note, unless the search has proved that the remark is harmless: each claim is proved, and the premise of at least
/// one was met.
fn note<C: Controller>(remark: Remark, report: &Report<C>) -> Option<Note> {
    let of = |id: &&str| report.claims.iter().find(|judgement| judgement.claim.id == **id);
    let judged: Vec<&Judgement<C>> = remark.claims().iter().filter_map(of).collect();
    let is_harmless = judged.iter().all(|judgement| judgement.verdict.is_proved())
        && judged.iter().any(|judgement| judgement.premise_met());
    let broken = judged.iter().find(|judgement| judgement.verdict.kind() == VerdictKind::Refuted);
    let shown = broken.or_else(|| judged.iter().find(|judgement| !judgement.premise_met())).or(judged.first())?;
    let claim = shown.claim.id.to_string();
    (!is_harmless).then_some(Note { remark, claim })
}
