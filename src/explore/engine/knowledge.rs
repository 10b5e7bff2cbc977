//! What a search needs to know about a model. The search itself is compiled once, because it does not depend on the
//! type of the controller.

use super::Request;
use super::expand::Book;
use super::judge::{Judge, Said};
use super::key::Layout;
use super::names::{Names, Order};
use super::parts::{Parts, Unlearned};
use super::potential::Weights;
use super::tables::{Missing, Tables};
use crate::claims::Claim;
use crate::core::{ActorId, Controller, Input, TaskState};
use crate::explore::limits::Limits;
use crate::explore::permute::rename_input;
use crate::model::{Action, Channel, Event, World};
use crate::schedule::Schedule;
use crate::transition::TaskRun;

/// A step from the current state.
pub struct Next {
    pub action: Action,
    /// The parts of the representative of the state after it.
    pub ids: Vec<u32>,
    /// The actor as a number within that representative.
    pub image: u16,
    /// The actor: a task of an attempt, or the controller.
    pub actor: Option<TaskRun>,
}

/// A model, its claims, and what has been learned about them.
pub trait Knowledge {
    /// The effect of each action on each part.
    fn tables(&self) -> &Tables;

    /// The names of tasks, if these are interchanged.
    fn names(&self) -> Option<&Names>;

    /// How many bits each part needs, with room for twice as many controllers, commands, groups and inboxes.
    fn bits(&self) -> Vec<u32>;

    /// How many bytes this takes.
    fn bytes(&self) -> usize;

    /// Learns what is missing for a state with these parts.
    ///
    /// # Errors
    /// The reason why it cannot be learned.
    fn learn(&mut self, missing: Missing, ids: &[u32], limits: &Limits) -> Result<(), Unlearned>;

    /// Judges the state with these parts.
    ///
    /// # Errors
    /// If a claim panics or does not treat tasks alike, or if cloning the controller panics.
    fn judge(&mut self, ids: &[u32], at_end: bool) -> Result<Said, Unlearned>;

    /// Tests the controller again, at the end of a search.
    ///
    /// # Errors
    /// How it breaks its contract.
    fn repeat(&self, limits: &Limits) -> Result<(), Unlearned>;

    /// Makes the state after a schedule the current one, and returns the parts of its representative.
    ///
    /// # Errors
    /// If the schedule cannot be taken.
    fn go_to(&mut self, schedule: &Schedule) -> Result<Vec<u32>, Unlearned>;

    /// Makes the state with these parts the current one.
    fn go_to_state(&mut self, ids: &[u32]);

    /// The actions that are enabled in the current state, in canonical order.
    fn actions(&self) -> Vec<Action>;

    /// Takes an action in the current state.
    ///
    /// # Errors
    /// If it is not enabled, or the controller breaks its contract.
    fn take(&mut self, action: Action) -> Result<(), Unlearned>;

    /// The steps from the current state.
    ///
    /// # Errors
    /// If the controller breaks its contract.
    fn options(&mut self) -> Result<Vec<Next>, Unlearned>;

    /// The first action in the current state that gives the controller this input.
    fn asks(&mut self, input: u32) -> Option<Action>;

    /// The data that is looked up for a step.
    fn book<'b>(&'b self, layout: &'b Layout) -> Book<'b> {
        Book { tables: self.tables(), names: self.names(), layout }
    }
}

/// A model with a controller of this type.
pub struct Known<'a, C> {
    pub parts: Parts<'a, C>,
    pub judge: Judge<'a, C>,
    /// The current state. `order` has the names of its tasks in the representative.
    pub world: World<C>,
    pub order: Order,
}

impl<C: Controller> Knowledge for Known<'_, C> {
    fn tables(&self) -> &Tables {
        &self.parts.tables
    }

    fn names(&self) -> Option<&Names> {
        self.parts.names.as_ref()
    }

    fn bits(&self) -> Vec<u32> {
        self.parts.bits()
    }

    fn bytes(&self) -> usize {
        self.parts.bytes()
    }

    fn learn(&mut self, missing: Missing, ids: &[u32], limits: &Limits) -> Result<(), Unlearned> {
        self.parts.learn(missing, ids, limits)
    }

    fn judge(&mut self, ids: &[u32], at_end: bool) -> Result<Said, Unlearned> {
        self.judge.judge(&mut self.parts, ids, at_end)
    }

    fn repeat(&self, limits: &Limits) -> Result<(), Unlearned> {
        self.parts.repeat(limits)
    }

    fn go_to(&mut self, schedule: &Schedule) -> Result<Vec<u32>, Unlearned> {
        self.world = self.parts.model.start();
        schedule.0.iter().try_for_each(|&action| self.take(action))?;
        let (ids, order) = self.parts.representative(&self.world)?;
        self.order = order;
        Ok(ids)
    }

    fn go_to_state(&mut self, ids: &[u32]) {
        self.parts.put_together(ids, &[], &mut self.world);
        self.order = Order::IDENTITY;
    }

    fn actions(&self) -> Vec<Action> {
        self.parts.model.actions(&self.world)
    }

    fn take(&mut self, action: Action) -> Result<(), Unlearned> {
        self.parts.model.apply(&mut self.world, action).map(|_| ()).map_err(|_| Unlearned::Lost)
    }

    fn options(&mut self) -> Result<Vec<Next>, Unlearned> {
        self.actions().into_iter().map(|action| self.option(action)).collect()
    }

    fn asks(&mut self, input: u32) -> Option<Action> {
        let ((asked, is_stale), order, parts) = (self.parts.input(input), self.order, &self.parts);
        let renamed = |input: Input| rename_input(input, &|task| ActorId::at(order.name(task.index() as u16).into()));
        self.actions().into_iter().find(|action| {
            let input = parts.model.input(&self.world, *action);
            input.is_some_and(|input| renamed(input) == asked && self.world.is_stale(input) == is_stale)
        })
    }
}

impl<'a, C: Controller> Known<'a, C> {
    /// What is known before a search for these claims, and the parts of its first state.
    ///
    /// # Errors
    /// If the controller breaks its contract before its first input, or does not treat tasks alike.
    pub fn begin(
        request: &Request<'a, C>,
        claims: &'a [Claim<C>],
        weights: Weights,
    ) -> Result<(Self, Vec<u32>), Unlearned> {
        let mut parts = Parts::new(request.model, request.symmetry_for(claims), weights)?;
        let world = request.model.start();
        let (start, order) = Unlearned::guard(|| parts.representative(&world))?;
        let judge = Judge::new(claims, world.clone());
        Ok((Self { parts, judge, world, order }, start))
    }

    fn option(&mut self, action: Action) -> Result<Next, Unlearned> {
        let mut next = self.world.clone();
        let event = self.parts.model.apply(&mut next, action).map_err(|_| Unlearned::Lost)?;
        let (ids, order) = self.parts.representative(&next)?;
        let image = self.image(&next, action, &event, order);
        let actor = match event {
            Event::Task { task, attempt, .. } => Some(TaskRun { task, attempt }),
            Event::Controller { .. } | Event::Lost(..) => None,
        };
        Ok(Next { action, ids, image, actor })
    }

    /// The number of the actor of a step in the representative of the state after it.
    fn image<T>(&self, after: &World<C>, action: Action, event: &Event<T>, order: Order) -> u16 {
        let tables = &self.parts.tables;
        let (stride, controller) = (tables.shape.actors, tables.controller());
        let place = |world: &World<C>, task: TaskRun| {
            let index = task.task.index();
            let is_it = |group: &Vec<TaskState>| group.get(index).is_some_and(|state| state.attempt == task.attempt);
            let age = world.attempts.iter().position(is_it)?;
            let group = if age == 0 { 0 } else { world.attempts.len() - age };
            Some((group * stride) as u16 + order.name(index as u16))
        };
        match (action, event) {
            (
                Action::Step(_) | Action::Linger(..) | Action::Redeliver(Channel::Commands(_)),
                Event::Task { task, attempt, called, .. },
            ) => {
                let run = TaskRun { task: *task, attempt: *attempt };
                let world = if called.is_some() { after } else { &self.world };
                place(world, run).unwrap_or(controller + 1)
            }
            _ => controller,
        }
    }
}
