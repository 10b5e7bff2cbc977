//! Actors as numbers, which a renaming of the tasks can be applied to.

use super::orbits::Naming;
use crate::protocol::controller::Controller;
use crate::protocol::event::Actor;
use crate::protocol::world::World;

/// Who acts, as a number within a state: the tasks of the current attempt, then those of the attempts before, or
/// the controller, which is one actor whatever it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(pub u16);

impl Slot {
    /// The controller.
    pub const CONTROLLER: Self = Self(u16::MAX);
}

/// Who acts, as a number within a state.
pub fn slot<C: Controller>(world: &World<C>, actor: Actor) -> Slot {
    let crew_and_task = match actor {
        Actor::Task(task) => Some((0, task)),
        Actor::Lingering(attempt, task) => Some((usize::from(world.control.attempt.0 - attempt.0), task)),
        Actor::Receive(_) | Actor::Keep(_) | Actor::Timeout => None,
    };
    crew_and_task.map_or(Slot::CONTROLLER, |(crew, task)| Slot((crew * world.crews[0].len() + task.index()) as u16))
}

/// The name of an actor under other names of the tasks.
pub fn image(slot: Slot, naming: &Naming) -> Slot {
    if slot == Slot::CONTROLLER {
        return slot;
    }
    let (tasks, slot) = (naming.to.len(), usize::from(slot.0));
    Slot((slot / tasks * tasks + naming.to[slot % tasks]) as u16)
}
