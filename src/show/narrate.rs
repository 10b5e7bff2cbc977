//! Makes lines from facts. Consecutive facts of the same kind can share a sentence. A change of subject begins a new
//! line.

use super::phrasing::Phrasing;
use super::sentence::Sentence;
use crate::explore::explain::cause::{Fact, Missing};

/// The subject of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Tasks,
    Controller,
    /// It continues the current line, whatever its subject is.
    Either,
}

/// The lines for these facts. Deaths come first; the other facts keep their order. The fact that the claim is broken is
/// left out.
pub(super) fn narrate(manner: Phrasing<'_>, facts: &[&Fact]) -> Vec<String> {
    let (died, others): (Vec<&Fact>, Vec<&Fact>) = facts.iter().partition(|fact| matches!(fact, Fact::Died(_)));
    let facts: Vec<&Fact> = died.into_iter().chain(others).filter(|fact| !matches!(fact, Fact::Broken(_))).collect();
    let groups: Vec<&[&Fact]> = facts.chunk_by(|one, next| go_together(one, next)).collect();
    let (mut lines, mut subject): (Vec<Vec<String>>, _) = (Vec::new(), None);
    for (index, group) in groups.iter().enumerate() {
        let about = subject_of(group[0]);
        let before = index.checked_sub(1).map(|before| groups[before]);
        let it = if subject == Some(Subject::Controller) { "it" } else { "the controller" };
        let sentence = Sentence { manner, group, before, it }.text();
        match lines.last_mut() {
            Some(line) if about == Subject::Either || subject == Some(about) => line.push(sentence),
            _ => lines.push(vec![sentence]),
        }
        subject = if about == Subject::Either { subject } else { Some(about) };
    }
    let last = lines.len().saturating_sub(1);
    let end = |index: usize| if index < last { ";" } else { "" };
    lines.iter().enumerate().map(|(index, line)| format!("{}{}", line.join("; "), end(index))).collect()
}

/// Whether two facts can share a sentence.
fn go_together(one: &Fact, next: &Fact) -> bool {
    match (one, next) {
        (Fact::Died(a), Fact::Died(b)) => {
            (a.how, a.who.attempt, a.reported.is_some()) == (b.how, b.who.attempt, b.reported.is_some())
        }
        (
            Fact::InVain { phase, reaction, changed, .. },
            Fact::InVain { phase: next_phase, reaction: next_reaction, changed: next_changed, .. },
        ) => (phase, reaction, changed) == (next_phase, next_reaction, next_changed),
        (Fact::Announced { who: a, .. }, Fact::Announced { who: b, .. }) => a.attempt == b.attempt,
        (Fact::NeverCounted(a), Fact::NeverCounted(b)) => a.attempt == b.attempt,
        (Fact::Missing(_, Missing::NotCounted { .. } | Missing::Lost { .. } | Missing::ForgottenInCrash { .. }), _) => {
            false
        }
        (Fact::Missing(_, Missing::Dead(_)), Fact::Missing(_, Missing::Dead(_))) => true,
        (Fact::Missing(_, why), Fact::Missing(_, next_why)) => why == next_why,
        (Fact::Waits { missing, .. }, Fact::Waits { missing: next_missing, .. }) => missing == next_missing,
        _ => false,
    }
}

fn subject_of(fact: &Fact) -> Subject {
    match fact {
        Fact::Died(_)
        | Fact::Announced { .. }
        | Fact::Waits { .. }
        | Fact::Missing(..)
        | Fact::ReportLost { .. }
        | Fact::Hangs { .. }
        | Fact::Finished { .. }
        | Fact::NotOver(..) => Subject::Tasks,
        Fact::InVain { .. }
        | Fact::NeverCounted(_)
        | Fact::CountedTwice { .. }
        | Fact::Stale { .. }
        | Fact::BecameUp { .. }
        | Fact::TimedOut { .. }
        | Fact::Repeated { .. }
        | Fact::CountedFor { .. }
        | Fact::Kept { .. }
        | Fact::StopUndone { .. }
        | Fact::Restarted { .. }
        | Fact::BecameEnded { .. }
        | Fact::Failed { .. } => Subject::Controller,
        Fact::Broken(_)
        | Fact::NotCompleted(_)
        | Fact::StopAsked { .. }
        | Fact::GoOn(_)
        | Fact::NobodyDead(_)
        | Fact::Premise(_)
        | Fact::Conclusion(_)
        | Fact::Recovery(_) => Subject::Either,
    }
}
