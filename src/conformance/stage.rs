//! The interface between the conductor and the code: wait for a point, release a point.

use std::fmt;

use crate::core::{Controller, Input};
use crate::explore::trace::Trace;
use crate::model::Action;
use crate::scenario::Setup;
use crate::show::labels;
use crate::transition::Event;

/// The number of the controller at a point. Tasks and helpers have numbers from 1.
pub const CONTROLLER: u8 = 0;

/// A place in the code at which an actor is about to act.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// The number of the actor: 0 is the controller.
    pub actor: u8,
    /// The action.
    pub action: String,
}

impl Point {
    pub(super) fn new(actor: u8, action: &str) -> Self {
        Self { actor, action: action.to_string() }
    }

    /// The point of the last action of a trace. `None` if code has no point for it.
    pub(crate) fn of<C: Controller>(setup: &Setup<C>, trace: &Trace<C>) -> Option<Self> {
        let action = *trace.schedule.0.last()?;
        let receive =
            |worker: u8| if setup.model.inboxes() > 1 { format!("receive {worker}") } else { "receive".into() };
        let point = match (action, trace.event(trace.events.len())) {
            (Action::Step(id), Event::Task { step, .. }) => Self::new(id.0, labels::act(*step)),
            (Action::Receive(worker), _) => Self::new(CONTROLLER, &receive(worker.0)),
            (Action::Stop | Action::TimeOut | Action::Crash, Event::Controller { transition, .. }) => {
                Self::new(CONTROLLER, alone(transition.input))
            }
            _ => return None,
        };
        Some(point)
    }
}

fn alone(input: Input) -> &'static str {
    match input {
        Input::Stop => "stop",
        Input::TimedOut => "timeout",
        Input::Restarted => "crash",
        Input::Notice(_) => "receive",
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.actor {
            CONTROLLER => write!(f, "the controller at `{}`", self.action),
            actor => write!(f, "actor {actor} at `{}`", self.action),
        }
    }
}

/// Code that stops at its points.
pub trait Stage {
    /// Waits until the code has reached a point. Time moves if it is a timer's point. Returns false if the code does
    /// not reach it.
    fn wait_for(&mut self, point: &Point, is_timer: bool) -> bool;

    /// Releases the code from a point, and waits until its action has ended. Returns false if the action does not end.
    fn release(&mut self, point: &Point) -> bool;

    /// The points at which the code waits, in order. Empty if this depends on chance.
    fn waiting(&mut self) -> Vec<Point>;

    /// The point at which an actor waits.
    fn point_of(&mut self, actor: u8) -> Option<Point> {
        self.waiting().into_iter().find(|point| point.actor == actor)
    }

    /// The phase that the code publishes.
    fn phase(&mut self) -> String;

    /// The last point of each thread, if that is known.
    fn last_points(&self) -> Vec<String> {
        Vec::new()
    }
}
