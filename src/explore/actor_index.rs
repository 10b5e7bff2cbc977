//! Actors as numbers.

use super::orbits::Permutation;
use crate::core::{Controller, TaskState};
use crate::model::{Action, Channel, Event, World};
use crate::transition::TaskRun;

/// An actor of a state as a number. The tasks of the current attempt and the helpers come first, then the tasks of
/// earlier attempts. The controller is one actor, whichever inbox it reads. A loss, a stop, a timeout and a crash count
/// as its actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActorIndex(pub u16);

impl ActorIndex {
    /// The controller.
    pub const CONTROLLER: Self = Self(u16::MAX);
    /// A task that was replaced during its own step.
    const GONE: Self = Self(u16::MAX - 1);
}

/// The number of the actor of an action.
pub fn slot<C: Controller>(world: &World<C>, action: Action) -> ActorIndex {
    match action {
        Action::Step(actor) | Action::Redeliver(Channel::Commands(actor)) => ActorIndex(actor.index() as u16),
        Action::Linger(attempt, task) => of_task(world, TaskRun { task, attempt }),
        Action::Receive(_)
        | Action::Redeliver(Channel::Inbox(_))
        | Action::Lose(_)
        | Action::Stop
        | Action::TimeOut
        | Action::Crash => ActorIndex::CONTROLLER,
    }
}

/// The number of a task of an attempt, or of a helper.
fn of_task<C: Controller>(world: &World<C>, TaskRun { task, attempt }: TaskRun) -> ActorIndex {
    let (index, actors) = (task.index(), world.attempts[0].len());
    let is_it = |tasks: &Vec<TaskState>| tasks.get(index).is_some_and(|state| state.attempt == attempt);
    let crew = world.attempts.iter().position(is_it);
    crew.map_or(ActorIndex::GONE, |crew| ActorIndex((crew * actors + index) as u16))
}

/// The number of the actor that took an action, in the state after the action and after the tasks are renamed. `caller`
/// is the task that called the controller in this step. Its number may differ, because a new attempt may have begun
/// during the call.
pub fn slot_after<C: Controller>(
    world: &World<C>,
    acted: ActorIndex,
    caller: Option<TaskRun>,
    naming: &Permutation,
) -> ActorIndex {
    permuted(caller.map_or(acted, |caller| of_task(world, caller)), naming)
}

/// The task that called the controller in its step, if this event is such a step.
pub fn caller<T>(event: &Event<T>) -> Option<TaskRun> {
    match *event {
        Event::Task { task, attempt, called: Some(_), .. } => Some(TaskRun { task, attempt }),
        _ => None,
    }
}

/// The number of an actor after the tasks are renamed.
fn permuted(slot: ActorIndex, naming: &Permutation) -> ActorIndex {
    if slot >= ActorIndex::GONE {
        return slot;
    }
    let (actors, slot) = (naming.to.len(), usize::from(slot.0));
    ActorIndex((slot / actors * actors + naming.to[slot % actors]) as u16)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::core::{ActorId, Attempt};
    use crate::scenario::{Rules, Scenario};

    #[test]
    fn the_tasks_of_the_current_attempt_come_first_then_those_of_the_attempts_before() {
        let scenario = Scenario::new(Rules::named("seed/fixed").expect("a named protocol"), 2).expect("two tasks");
        let mut world = scenario.model().start();
        world.attempts = (1..=6).rev().map(|attempt| vec![TaskState::new(Attempt(attempt)); 2]).collect();
        let tasks = || [ActorId(1), ActorId(2)].into_iter();
        let lingering =
            (1..6).rev().flat_map(|attempt| tasks().map(move |task| Action::Linger(Attempt(attempt), task)));
        let slots = tasks().map(Action::Step).chain(lingering).map(|actor| slot(&world, actor));
        assert_eq!(slots.collect::<Vec<_>>(), (0..12).map(ActorIndex).collect::<Vec<_>>());
        assert_eq!(slot(&world, Action::TimeOut), ActorIndex::CONTROLLER);
    }
}
