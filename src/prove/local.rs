//! What the abstraction keeps of a state: the control, and the set of local states that at least one task is in.

use std::collections::BTreeSet;

use super::parametric::Parametric;
use crate::core::{ActorId, Attempt, Fault, Kind, Stage, Status, Step, TaskState};
use crate::model::{Actor, Model, World};

/// How far a task has come, and the fault that it still has.
///
/// Before `on_start` a task may have any fault. The fault is chosen when it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// How far it has come.
    pub state: TaskState,
    /// The fault that happens in `run`, if there is one.
    pub fault: Option<Fault>,
}

/// A queued notice: the sender's attempt, and the kind of the notice.
pub type Sent = (Attempt, Kind);

/// The local state of a task: everything about it that can matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Local {
    /// How far it has come, and the fault that it still has.
    pub place: Place,
    /// Its queued notices, oldest first.
    pub queue: Vec<Sent>,
    /// What the controller remembers of it.
    pub mark: u8,
}

/// The part of a state that does not belong to a task: the controller without its tasks, the attempt, whether a stop
/// was asked for, and how many duplicates, losses and crashes are left.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Control<C> {
    /// The controller, without anything that it remembers of a task.
    pub controller: C,
    /// The current attempt.
    pub attempt: Attempt,
    /// Whether a stop was asked for.
    pub stop_asked: bool,
    /// How many deliveries may still be repeated.
    pub duplicates_left: u8,
    /// How many notices may still be lost.
    pub losses_left: u8,
    /// How often the controller may still crash.
    pub crashes_left: u8,
}

impl Place {
    /// A task that has done nothing.
    pub fn start(attempt: Attempt) -> Self {
        Self { state: TaskState::new(attempt), fault: None }
    }

    /// The place of a task of a model.
    pub fn of(actor: &Actor, state: TaskState) -> Self {
        let fault = actor.fault(state.attempt, |_| false);
        Self { state, fault: fault.filter(|_| !Self::is_before_fault(actor, state) && state.status == Status::Live) }
    }

    /// Whether the fault is not chosen yet.
    pub fn is_before_fault(actor: &Actor, state: TaskState) -> bool {
        state.status == Status::Live && !state.has_completed(Step::OnStart, &actor.script)
    }
}

impl Local {
    /// A task that has done nothing.
    pub fn start() -> Self {
        Self::at(Place::start(Attempt(1)))
    }

    /// A task without queued notices, of which the controller remembers nothing.
    pub fn at(place: Place) -> Self {
        Self { place, queue: Vec::new(), mark: 0 }
    }

    /// The local state of a task in a world.
    pub fn of<C: Parametric>(model: &Model<C>, world: &World<C>, id: ActorId) -> Self {
        let actor = model.actor(id);
        let place = Place::of(actor, world.attempts[0][id.index()]);
        if world.stage().is_final() {
            return Self::at(place);
        }
        let inbox = world.inboxes[actor.worker.index()].iter().filter(|queued| queued.from == id);
        let queue = inbox.map(|&queued| (queued.attempt, model.notice(queued).kind)).collect();
        Self { place, queue, mark: world.driver.controller.mark(id) }
    }
}

impl<C: Parametric> Control<C> {
    /// The control of a world. In a final phase the controller ignores every input, so it does not matter how many
    /// duplicates, losses and crashes are left: the control has 0 of each.
    pub fn of(world: &World<C>) -> Self {
        let left = |left: u8| if world.stage().is_final() { 0 } else { left };
        Self {
            controller: world.driver.controller.without_tasks(),
            attempt: world.driver.attempt,
            stop_asked: world.stop_asked,
            duplicates_left: left(world.duplicates_left),
            losses_left: left(world.losses_left),
            crashes_left: left(world.crashes_left),
        }
    }

    /// The stage of its phase.
    pub fn stage(&self) -> Stage {
        self.controller.phase().stage
    }
}

/// An abstract state: what is kept of a world.
pub type Abstract<C> = (Control<C>, BTreeSet<Local>);

/// What the abstraction keeps of a world: its control, and the local states that a task is in.
pub fn abstraction<C: Parametric>(model: &Model<C>, world: &World<C>) -> Abstract<C> {
    let ids = (0..usize::from(model.tasks())).map(ActorId::at);
    (Control::of(world), ids.map(|id| Local::of(model, world, id)).collect())
}
