//! The catalog as text: each record, as it is and fixed, with the result of its check. Only verdicts are shown, because
//! the numbers of a model are not properties of the system that a record comes from.

#![cfg(not(loom))]

use std::fmt::Write as _;

use super::layout::{Paint, Style};
use super::lines::beside;
use crate::catalog::reports::{REPORTS, Report};
use crate::catalog::{Difference, Outcome};
use crate::explore::verdict::VerdictKind;

/// The width of the labels.
const LABEL: usize = 11;

/// The whole catalog.
pub fn text(outcomes: &[Outcome<'_>], style: Style) -> String {
    let mut text = String::new();
    for record in outcomes.chunk_by(|a, b| a.entry.record.name == b.entry.record.name) {
        block(&mut text, record, style);
    }
    REPORTS.iter().for_each(|report| told(&mut text, report, style));
    let different: Vec<Difference> = outcomes.iter().flat_map(Outcome::differences).collect();
    if different.is_empty() {
        let _ = writeln!(text, "{} scenarios, {}", outcomes.len(), style.paint("all as expected", Paint::Good));
        return text;
    }
    let says = style.paint("verdicts that are not as expected", Paint::Bad);
    let _ = writeln!(text, "{} scenarios; {says}: {}", outcomes.len(), different.len());
    different.iter().for_each(|difference| beside(&mut text, "", 2, &difference.to_string(), style));
    text
}

/// A report, and where it is modelled.
fn told(text: &mut String, report: &Report, style: Style) {
    let _ = writeln!(text, "{}   reported", report.name);
    beside(text, "", 2, report.says, style);
    beside(text, "  source", LABEL, &report.source.to_string(), style);
    match (report.file(), report.refused) {
        (Some(file), _) => beside(text, "  told in", LABEL, &file, style),
        (None, why) => beside(text, "  not told", LABEL, why.unwrap_or_default(), style),
    }
    text.push('\n');
}

/// One record.
fn block(text: &mut String, outcomes: &[Outcome<'_>], style: Style) {
    let Some(first) = outcomes.first() else { return };
    let record = first.entry.record;
    let _ = writeln!(text, "{}   {}", record.name, record.evidence.name());
    beside(text, "", 2, record.models, style);
    beside(text, "  source", LABEL, &record.source.to_string(), style);
    for outcome in outcomes {
        match (outcome.entry.is_mended, record.mended) {
            (true, Some(mended)) => beside(text, "  mended", LABEL, mended.options, style),
            _ => beside(text, "  check", LABEL, record.scenario, style),
        }
        beside(text, "", LABEL, &verdicts(outcome), style);
    }
    beside(text, "  mend", LABEL, record.mend, style);
    text.push('\n');
}

/// The verdicts, worst first.
fn verdicts(outcome: &Outcome<'_>) -> String {
    let groups = [VerdictKind::Refuted, VerdictKind::CutShort, VerdictKind::Vacuous, VerdictKind::Proved].map(|kind| {
        let claims = outcome.report.claims.iter().filter(|judgement| judgement.verdict.kind() == kind);
        (kind, claims.map(|judgement| &*judgement.claim.id).collect::<Vec<_>>())
    });
    let all = outcome.report.claims.len();
    let says = groups.iter().filter(|(_, claims)| !claims.is_empty()).map(|(kind, claims)| match kind {
        _ if claims.len() == all => format!("{}: every claim", kind.name()),
        VerdictKind::Proved => format!("{}: the others", kind.name()),
        _ => format!("{}: {}", kind.name(), claims.join(", ")),
    });
    says.collect::<Vec<_>>().join("; ")
}
