//! Actors as numbers, which a renaming of the tasks can be applied to.

use super::orbits::Naming;
use crate::core::{ActorId, Attempt, Controller};
use crate::model::{Action, Channel, World};
use crate::scenario::{Rules, Scenario, Setup};

/// Who acts, as a number within a state: the tasks of the current attempt, then those of the attempts before, or
/// the controller, which is one actor whatever it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(pub u16);

impl Slot {
    /// The controller.
    pub const CONTROLLER: Self = Self(u16::MAX);
}

/// Who acts, as a number within a state.
pub fn slot<C: Controller>(world: &World<C>, actor: Action) -> Slot {
    let crew_and_task = match actor {
        Action::Step(task) => Some((0, task)),
        Action::Linger(attempt, task) => Some((usize::from(world.driver.attempt.0 - attempt.0), task)),
        Action::Receive(_) | Action::Redeliver(Channel::Inbox(_)) | Action::TimeOut => None,
    };
    crew_and_task.map_or(Slot::CONTROLLER, |(crew, task)| Slot((crew * world.attempts[0].len() + task.index()) as u16))
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

    #[test]
    fn the_tasks_of_the_current_attempt_come_first_then_those_of_the_attempts_before() {
        let scenario = Scenario::new(Rules::named("seed/fixed").expect("a named protocol"), 2).expect("two tasks");
        let mut world = World::start(&Setup::of(scenario));
        world.driver.attempt = Attempt(6);
        let tasks = || [ActorId(1), ActorId(2)].into_iter();
        let lingering =
            (1..6).rev().flat_map(|attempt| tasks().map(move |task| Action::Linger(Attempt(attempt), task)));
        let slots = tasks().map(Action::Task).chain(lingering).map(|actor| slot(&world, actor));
        assert_eq!(slots.collect::<Vec<_>>(), (0..12).map(Slot).collect::<Vec<_>>());
        assert_eq!(slot(&world, Action::TimeOut), Slot::CONTROLLER);
    }
}
