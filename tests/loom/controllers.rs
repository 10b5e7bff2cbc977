//! User-defined controllers, with mistakes that users typically make.

use std::marker::PhantomData;
use std::rc::Rc;

use startup_race::core::{Context, Controller, Effect, Input, Kind, Phase, Reason, Stage};

/// Counts notices instead of tasks, keeps its count after a retry, and ignores a failure once the stage is `Up`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tallying {
    started: u8,
    stage: Stage,
}

impl Default for Tallying {
    fn default() -> Self {
        Self { started: 0, stage: Stage::Starting }
    }
}

impl Controller for Tallying {
    fn on(&mut self, input: Input, now: &mut Context) {
        match (self.stage, input) {
            (Stage::Starting, Input::TimedOut) => self.stage = Stage::Failed(Reason::TimedOut),
            (Stage::Starting, Input::Notice(notice)) => match notice.kind {
                Kind::Started => {
                    self.started += 1;
                    if self.started >= now.tasks {
                        self.stage = Stage::Up;
                    }
                }
                Kind::Failed(_) if now.attempts_left > 0 => now.effects.push(Effect::Retry),
                Kind::Failed(cause) => self.stage = Stage::Failed(Reason::Task(notice.from, cause)),
                Kind::Finished | Kind::Own(_) => {}
            },
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        named(self.stage)
    }
}

/// A phase with the usual name.
pub fn named(stage: Stage) -> Phase {
    let name = match stage {
        Stage::Starting => "Scheduling",
        Stage::Up => "Running",
        Stage::Stopping => "Stopping",
        Stage::Ended => "Stopped",
        Stage::Failed(_) => "Failed",
    };
    Phase { name, stage }
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
    fn on(&mut self, input: Input, now: &mut Context) {
        self.0.on(input, now);
    }

    fn phase(&self) -> Phase {
        self.0.phase()
    }
}

/// How a controller breaks its contract, on its second input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flaw {
    Panics,
    CountsTooMany,
    RetriesWithoutBudget,
}

/// A controller that breaks its contract on its second input.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Faulty {
    pub flaw: Flaw,
    pub received: u8,
}

impl Controller for Faulty {
    fn on(&mut self, _: Input, now: &mut Context) {
        self.received += 1;
        match self.flaw {
            _ if self.received < 2 => {}
            Flaw::Panics => std::panic::resume_unwind(Box::new("the controller cannot go on")),
            Flaw::CountsTooMany => {}
            Flaw::RetriesWithoutBudget => now.effects.push(Effect::Retry),
        }
    }

    fn phase(&self) -> Phase {
        named(Stage::Starting)
    }

    fn counted(&self) -> Option<u8> {
        Some(if self.flaw == Flaw::CountsTooMany && self.received > 1 { u8::MAX } else { 0 })
    }
}
