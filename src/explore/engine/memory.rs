//! How many bytes a search holds. They are computed from the sizes and the capacities of its collections, which do not
//! depend on the number of threads. So the same request ends at the same place in every run.

use super::bucket::{Record, Segment, Source};
use super::key::Key;
use super::names::Names;
use super::parts::Parts;
use super::tables::Tables;
use crate::core::{Controller, TaskState};
use crate::explore::limits::{index_set_bytes, map_bytes, vec_bytes};

/// The assumed heap memory of the lists of a reaction's effects, and of the commands to one actor.
const EFFECTS: usize = 64;

impl Tables {
    fn bytes(&self) -> usize {
        vec_bytes(&self.controls, 0)
            + map_bytes(&self.reactions, 0)
            + map_bytes(&self.performed, 0)
            + self.performed.len() * EFFECTS
            + vec_bytes(&self.notices, 0)
            + vec_bytes(&self.inboxes, 0)
            + map_bytes(&self.longer, 0)
            + vec_bytes(&self.commands, 0)
            + map_bytes(&self.lost, 0)
            + vec_bytes(&self.groups, 0)
            + vec_bytes(&self.attempts, 0)
            + vec_bytes(&self.steps, 0)
            + map_bytes(&self.steps_of, 0)
            + vec_bytes(&self.usual_steps, 0)
    }
}

impl Names {
    fn bytes(&self) -> usize {
        vec_bytes(&self.ranks, 0) + vec_bytes(&self.states, 0) + vec_bytes(&self.firsts, 0) + self.renamed_bytes()
    }
}

impl<C: Controller> Parts<'_, C> {
    /// The bytes of all parts, and of the tables about them.
    pub fn bytes(&self) -> usize {
        let actors = self.tables.shape.actors;
        let group = actors * size_of::<TaskState>();
        let commands = if self.tables.shape.has_commands { actors * EFFECTS } else { 0 };
        self.tables.bytes()
            + self.names.as_ref().map_or(0, Names::bytes)
            + index_set_bytes(&self.controls, 0)
            + self.controls.len() * self.heap
            + index_set_bytes(&self.groups, 0)
            + self.groups.len() * group
            + index_set_bytes(&self.commands, 0)
            + self.commands.len() * commands
            + vec_bytes(&self.met, 0)
            + self.met.len() * self.tables.width() * size_of::<u32>()
            + self.contract.bytes()
            + self.symmetry.as_ref().map_or(0, crate::explore::orbits::Symmetry::bytes)
    }
}

/// The bytes of this many states, each with `row` limbs.
pub fn states<const N: usize, L>(states: usize, row: usize) -> usize {
    states * (size_of::<Key<N>>() + size_of::<u32>() + row * size_of::<L>())
}

impl<const N: usize, L> Segment<N, L> {
    /// The bytes of its states and rows.
    pub fn bytes(&self) -> usize {
        states::<N, L>(self.keys.len(), 0) + self.rows.len() * size_of::<L>()
    }
}

impl<const N: usize, L> Source<N, L> {
    /// The bytes of its steps, and of the rows that they carry.
    pub fn bytes(&self) -> usize {
        steps::<N>(self.records.len()) + self.rows.len() * size_of::<L>() + self.depths.len() * size_of::<u32>()
    }
}

/// The bytes of this many steps, in a buffer that has grown to hold them.
pub fn steps<const N: usize>(steps: usize) -> usize {
    2 * steps * size_of::<Record<N>>()
}
