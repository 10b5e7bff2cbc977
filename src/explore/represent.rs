//! A state turned into its representative, and how many states that stands for. The engine does the same with parts.

use super::naming::Permutation;
use super::orbits::Symmetry;
use crate::core::{ActorId, Controller};
use crate::model::World;

impl<C: Controller> Symmetry<C> {
    /// How many states a representative stands for: in how many ways its tasks can be named and differ.
    pub fn orbit(&self, naming: &Permutation) -> u128 {
        let ways = |class: &Vec<usize>| {
            let (mut ways, mut same) = (1, 1);
            for at in 1..class.len() {
                // The factorial of the class by those of its ties, factor by factor: what was counted so far stays whole.
                let (one, other) = (naming.from[class[at - 1]], naming.from[class[at]]);
                same = if naming.compare(one, other).is_eq() { same + 1 } else { 1 };
                ways = ways * (at as u128 + 1) / same;
            }
            ways
        };
        self.classes.iter().map(ways).product()
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
