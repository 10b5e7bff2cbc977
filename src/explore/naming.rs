//! The names of the tasks in the representative of a state.

use std::cmp::Ordering;

/// The sort key of a task: the position of its first notice in the inboxes, the controller's mark, and how far it has
/// come in the current attempt.
pub(super) type SortKey = (usize, u64, u64);

/// The mapping between the tasks of a state and those of its representative.
#[derive(Debug, Clone, Default)]
pub struct Permutation {
    /// For each actor, its position in the representative. Helpers keep theirs.
    pub to: Vec<usize>,
    /// For each position in the representative, the actor.
    pub from: Vec<usize>,
    pub(super) sights: Vec<SortKey>,
    /// How far each task has come in earlier attempts, attempt by attempt.
    pub(super) lingering: Vec<u64>,
    pub(super) sorted: Vec<usize>,
}

impl Permutation {
    /// Every actor keeps its name.
    pub fn identity(actors: usize) -> Self {
        Self { to: (0..actors).collect(), from: (0..actors).collect(), ..Self::default() }
    }

    /// The order of two tasks, by their sort keys and their states in earlier attempts.
    pub(super) fn compare(&self, a: usize, b: usize) -> Ordering {
        let older = |task: usize| self.lingering.chunks_exact(self.sights.len()).map(move |crew| crew[task]);
        self.sights[a].cmp(&self.sights[b]).then_with(|| older(a).cmp(older(b)))
    }
}
