//! The reasons why a certificate cannot be written.

use super::small::NotCovered;
use crate::explore::limits::Limit;

/// Why there is no certificate. There may still be a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoCertificate {
    /// A certificate cannot express the setting of this knob.
    Knob(&'static str),
    /// A claim is not proved.
    NotProved(String),
    /// The guard of a reaction is not of the form "every other task has one of these marks".
    Guard,
    /// A reaction changes other tasks than the sender.
    Sweeps,
    /// The steps of a task, or its barrier, are not the same in every phase.
    Steps,
    /// A claim is neither about some task nor about every task.
    Claim(String),
    /// A limit was reached.
    Limit(Limit),
    /// The conjuncts about one task at a time are not enough.
    Invariant,
    /// A small world shows that the abstraction does not cover the question.
    NotCovered(NotCovered),
}

impl From<NotCovered> for NoCertificate {
    fn from(why: NotCovered) -> Self {
        Self::NotCovered(why)
    }
}
