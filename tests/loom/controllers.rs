//! Controllers of a user's own, with the faults that users make.

use std::marker::PhantomData;
use std::rc::Rc;

use startup_race::core::{Context, Controller, Input, Kind, Notice, Phase, Reason};
use startup_race::transition::{Dropped, Reaction};

/// Counts notices where it should count tasks, goes on counting after a retry, and forgets a failure once it runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Tallying {
    started: u8,
    phase: Option<Phase>,
}

impl Controller for Tallying {
    fn on(&mut self, input: Input, now: Context) -> Reaction {
        let Input::Notice(Notice { task, kind, .. }) = input else { return Reaction::Failed(Reason::TimedOut) };
        match (self.phase(), kind) {
            (Phase::Scheduling, Kind::Started) => {
                self.started += 1;
                if self.started < now.tasks {
                    return Reaction::Counted;
                }
                self.phase = Some(Phase::Running);
                Reaction::BecameUp
            }
            (Phase::Scheduling, Kind::Failed(cause)) if now.attempts_left > 0 => {
                Reaction::Retry(Reason::Task(task, cause))
            }
            (Phase::Scheduling, Kind::Failed(cause)) => {
                self.phase = Some(Phase::Failed(Reason::Task(task, cause)));
                Reaction::Failed(Reason::Task(task, cause))
            }
            (Phase::Failed(_), _) => Reaction::Dropped(Dropped::Final),
            _ => Reaction::Acknowledged,
        }
    }

    fn phase(&self) -> Phase {
        self.phase.unwrap_or(Phase::Scheduling)
    }
}

/// A controller that is not `Send`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Local<C>(C, PhantomData<Rc<()>>);

impl<C> Local<C> {
    pub fn new(controller: C) -> Self {
        Self(controller, PhantomData)
    }
}

impl<C: Controller> Controller for Local<C> {
    fn on(&mut self, input: Input, now: Context) -> Reaction {
        self.0.on(input, now)
    }

    fn phase(&self) -> Phase {
        self.0.phase()
    }
}

/// How a controller breaks its contract, on its second input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    Panics,
    ClaimsToRun,
    RetriesWithoutBudget,
}

/// A controller that breaks its contract on its second input.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Faulty {
    pub fault: Fault,
    pub received: u8,
}

impl Controller for Faulty {
    fn on(&mut self, _: Input, _: Context) -> Reaction {
        self.received += 1;
        match self.fault {
            _ if self.received < 2 => Reaction::Counted,
            Fault::Panics => std::panic::resume_unwind(Box::new("the controller cannot go on")),
            Fault::ClaimsToRun => Reaction::BecameUp,
            Fault::RetriesWithoutBudget => Reaction::Retry(Reason::TimedOut),
        }
    }

    fn phase(&self) -> Phase {
        Phase::Scheduling
    }
}
