//! The input that an action would give to the controller.

use crate::core::{ActorId, Controller, Input, Notice, Via};
use crate::model::{Action, Channel, Model, World};

impl<C: Controller> Model<C> {
    /// The input that the controller would get if an action were taken. `None` if the controller does not react to the
    /// action.
    pub fn input(&self, world: &World<C>, action: Action) -> Option<Input> {
        match action {
            Action::Receive(worker) | Action::Redeliver(Channel::Inbox(worker)) => {
                let oldest = world.inboxes.get(worker.index())?.front()?;
                Some(Input::Notice(self.notice(*oldest)))
            }
            Action::Step(id) => self.call(world, 0, id),
            Action::Linger(attempt, id) => self.call(world, world.age(attempt, id).ok()?, id),
            Action::Redeliver(Channel::Commands(id)) => self.call(world, 0, id),
            Action::Lose(_) => None,
            Action::Stop => Some(Input::Stop),
            Action::TimeOut => Some(Input::TimedOut),
            Action::Crash => Some(Input::Restarted),
        }
    }

    /// The notice of an actor's next step, if that step calls the controller.
    fn call(&self, world: &World<C>, age: usize, id: ActorId) -> Option<Input> {
        if !self.has_calls {
            return None;
        }
        let (step, line) = self.next(world, age, id).ok()?;
        let kind = step.sends().filter(|_| line.is_some_and(|line| line.via == Via::Call))?;
        Some(Input::Notice(Notice { from: id, attempt: world.attempts[age][id.index()].attempt, kind }))
    }
}
