//! The diagrams of a report: a counterexample beside the nearest passing schedule, or a run without faults.

use super::{Marks, Panel, diagram};
use crate::claims::Scope;
use crate::core::Controller;
use crate::explore::explain::nearest::Nearest;
use crate::explore::explain::{Decides, Explanation};
use crate::explore::report::{Judgement, Report};
use crate::explore::trace::Trace;
use crate::explore::verdict::VerdictKind;
use crate::show::foreign::escaped;

/// The diagram of a claim: its counterexample, and beside it the nearest passing schedule, if one is known. If the
/// claim asks for a state: the schedule that leads there. `None` if no such schedule was found.
pub fn of_claim<C: Controller>(report: &Report<C>, judgement: &Judgement<C>) -> Option<String> {
    let (claim, trace) = (&judgement.claim, judgement.trace.as_ref()?);
    let nearest = report.explanation(judgement).and_then(Result::ok).and_then(nearest);
    let deciding = nearest.map_or(Vec::new(), |nearest| nearest.pair.iter().filter_map(|one| one.step).collect());
    let heading = format!("{}: {}", escaped(&claim.id), judgement.verdict);
    let claim = (claim.scope != Scope::Reachable).then_some(claim);
    let mut panels = vec![Panel::new(heading, trace, Marks { claim, deciding, lost: true })];
    if let Some(nearest) = nearest {
        let swaps = if nearest.swaps == 1 { "one swap".to_string() } else { format!("{} swaps", nearest.swaps) };
        let heading = format!("the nearest schedule that passes, {swaps} away");
        let marks = Marks { deciding: nearest.pair_in_trace(), ..Marks::default() };
        panels.push(Panel::new(heading, &nearest.trace, marks));
    }
    Some(diagram(&report.setup, &panels))
}

/// The diagram of a run without faults. If a schedule refutes the witness, that schedule is drawn. If not, it is the
/// run in which each actor, from the first one on, goes as far as it can. `None` if the controller breaks its contract.
pub fn of_witness<C: Controller>(report: &Report<C>) -> Option<String> {
    let setup = report.setup.without_faults();
    let trace = report.witness_trace.clone().or_else(|| Trace::first_complete(&setup))?;
    let is_refuted = !report.witness.holds && report.witness_trace.is_some();
    let verdict = if is_refuted { "a run without faults that does not start" } else { "a run without faults" };
    let heading = format!("{}: {verdict}", escaped(&report.witness_claim.id));
    Some(diagram(&setup, &[Panel::new(heading, &trace, Marks::default())]))
}

/// The claim that is drawn: the first one that a schedule refutes.
pub fn drawn<C>(report: &Report<C>) -> Option<usize> {
    report.claims.iter().position(|one| one.verdict.kind() == VerdictKind::Refuted && one.trace.is_some())
}

fn nearest<C>(explanation: &Explanation<C>) -> Option<&Nearest<C>> {
    match &explanation.decides {
        Decides::Pair(nearest) => Some(nearest),
        Decides::NoOrder(..) | Decides::Unknown(..) => None,
    }
}
