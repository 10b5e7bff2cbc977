//! Turns a state into its representative, and computes the number of states in its orbit. The engine does the same with
//! parts of states.

use super::naming::Permutation;
use super::orbits::Symmetry;
use crate::core::{ActorId, Controller};
use crate::model::World;

/// The number of different states that result if the tasks of a class are named in every way. Neighbours in the class
/// that tie can be exchanged without a change of the state.
pub fn ways(class: &[usize], is_tie: impl Fn(usize, usize) -> bool) -> u128 {
    let (mut ways, mut same) = (1, 1);
    for at in 1..class.len() {
        // The factorial of the class, divided by the factorials of its ties. It is computed factor by factor, so that
        // each intermediate result is an integer.
        same = if is_tie(class[at - 1], class[at]) { same + 1 } else { 1 };
        ways = ways * (at as u128 + 1) / same;
    }
    ways
}

impl<C: Controller> Symmetry<C> {
    /// The number of states in the orbit of a representative.
    pub fn orbit(&self, naming: &Permutation) -> u128 {
        let is_tie = |one: usize, other: usize| naming.compare(naming.from[one], naming.from[other]).is_eq();
        self.classes.iter().map(|class| ways(class, is_tie)).product()
    }

    /// Turns a state into its representative.
    pub fn represent(&self, world: &mut World<C>, naming: &mut Permutation) {
        self.naming(world, naming);
        self.rename(&mut world.driver, naming);
        for group in &mut world.attempts {
            let old = group.clone();
            old.iter().enumerate().for_each(|(task, &state)| group[naming.to[task]] = state);
        }
        for notice in world.inboxes.iter_mut().flatten() {
            notice.from = ActorId::at(naming.to[notice.from.index()]);
        }
    }
}
