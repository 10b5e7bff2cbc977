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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::notice::{Attempt, TaskId};
    use crate::protocol::rules::Rules;
    use crate::protocol::scenario::Scenario;
    use crate::protocol::world::Setup;

    #[test]
    fn the_tasks_of_the_current_attempt_come_first_then_those_of_the_attempts_before() {
        let scenario = Scenario::new(Rules::named("seed/fixed").expect("a named protocol"), 2).expect("two tasks");
        let mut world = World::start(&Setup::of(scenario));
        world.control.attempt = Attempt(6);
        let tasks = || [TaskId(1), TaskId(2)].into_iter();
        let lingering =
            (1..6).rev().flat_map(|attempt| tasks().map(move |task| Actor::Lingering(Attempt(attempt), task)));
        let slots = tasks().map(Actor::Task).chain(lingering).map(|actor| slot(&world, actor));
        assert_eq!(slots.collect::<Vec<_>>(), (0..12).map(Slot).collect::<Vec<_>>());
        assert_eq!(slot(&world, Actor::Timeout), Slot::CONTROLLER);
    }
}
