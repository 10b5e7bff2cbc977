//! Drives a controller: gives it an input, and checks its reaction against the contract. The explorer and the real
//! threads use the same driver.
//!
//! The contract of a controller:
//! 1. It does not panic.
//! 2. Once its stage is final, its phase does not change, and it asks for no effect.
//! 3. It begins an attempt only if one is left and the stage is not final.
//! 4. A timeout begins an attempt or leaves the starting stage.
//! 5. Only a restarted controller asks for announcements.
//! 6. An effect names an actor that is there, and a command that the controller lists.
//! 7. It does not count more tasks than there are.

use super::guard::guard;
use crate::core::{ActorId, Attempt, Command, Context, Controller, Effect, Input, Phase, Stage};

/// One input, the effects that the controller asked for, and its phase before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The input.
    pub input: Input,
    /// What the controller asks for.
    pub effects: Vec<Effect>,
    /// Whether the notice was stale and the controller asked about it.
    pub fenced: bool,
    /// The phase before.
    pub before: Phase,
    /// The phase after.
    pub after: Phase,
    /// How many tasks are counted after it.
    pub counted: Option<u8>,
}

/// A controller that broke its contract. No verdict can be made of its runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractViolation {
    /// It panicked, with this message.
    Panicked(String),
    /// It did something that is not allowed.
    NotAllowed(Box<NotAllowed>),
}

/// What a controller did that is not allowed, and the rule that forbids it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAllowed {
    /// The input.
    pub input: Input,
    /// The phase before.
    pub before: Phase,
    /// The phase after.
    pub after: Phase,
    /// What it asked for.
    pub effects: Vec<Effect>,
    /// The rule.
    pub rule: ContractRule,
}

/// A rule of the contract, with what it would have allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContractRule {
    /// The stage is final: the phase must stay, and no effect is allowed.
    FinalStays,
    /// No more attempts can begin than are left: this many.
    AttemptsLeft(u8),
    /// An attempt cannot begin when the stage is final.
    NoAttemptWhenFinal,
    /// A timeout begins an attempt or leaves the starting stage.
    TimeoutEndsTheWait,
    /// Announcements are asked for only in answer to [`Input::Restarted`].
    ReannounceAfterRestart,
    /// There is no such actor. The second value is the number of actors.
    NoSuchActor(ActorId, usize),
    /// This command is not listed in [`Controller::names`].
    UnlistedCommand(Command),
    /// It has counted this many tasks (the first value), but there are only this many (the second value).
    Counted(u8, u8),
}

/// A controller, the attempt and the budget.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Driver<C> {
    /// The controller, as it is now.
    pub controller: C,
    /// The current attempt.
    pub attempt: Attempt,
    budget: u8,
    tasks: u8,
    actors: u8,
}

impl<C: Controller> Driver<C> {
    /// The first attempt of `budget`. The first `tasks` of the actors are tasks.
    pub fn new(controller: C, tasks: u8, actors: u8, budget: u8) -> Self {
        Self { controller, attempt: Attempt(1), budget, tasks, actors }
    }

    /// Gives the controller an input. The caller performs the effects, in their order. `stale` says whether the input
    /// is a notice of an attempt that its sender has left.
    ///
    /// # Errors
    /// If the controller breaks its contract. It must not be used after that.
    pub fn receive(&mut self, input: Input, stale: bool) -> Result<Received, ContractViolation> {
        let (tasks, attempt, attempts_left) = (self.tasks, self.attempt, self.budget - self.attempt.0);
        let mut now = Context { tasks, attempt, attempts_left, effects: Vec::new(), stale, fenced: false };
        let react = || {
            let before = self.controller.phase();
            self.controller.on(input, &mut now);
            (before, self.controller.phase(), self.controller.counted())
        };
        let (before, after, counted) = guard(react).map_err(ContractViolation::Panicked)?;
        let Context { effects, fenced, .. } = now;
        match self.broken_rule(input, (before, after), counted, &effects) {
            None => Ok(Received { input, effects, fenced, before, after, counted }),
            Some(rule) => Err(ContractViolation::NotAllowed(NotAllowed { input, before, after, effects, rule }.into())),
        }
    }

    /// Begins the next attempt. The contract has checked that one is left.
    pub fn next_attempt(&mut self) -> Attempt {
        self.attempt.0 += 1;
        self.attempt
    }

    fn broken_rule(
        &self,
        input: Input,
        (before, after): (Phase, Phase),
        counted: Option<u8>,
        effects: &[Effect],
    ) -> Option<ContractRule> {
        let (left, begun) = (self.budget - self.attempt.0, effects.iter().filter(|effect| effect.begins()).count());
        if before.stage.is_final() && (before != after || !effects.is_empty()) {
            Some(ContractRule::FinalStays)
        } else if begun > usize::from(left) {
            Some(ContractRule::AttemptsLeft(left))
        } else if begun > 0 && after.stage.is_final() {
            Some(ContractRule::NoAttemptWhenFinal)
        } else if input == Input::TimedOut && begun == 0 && after.stage == Stage::Starting {
            Some(ContractRule::TimeoutEndsTheWait)
        } else if let Some(counted) = counted.filter(|counted| *counted > self.tasks) {
            Some(ContractRule::Counted(counted, self.tasks))
        } else {
            effects.iter().find_map(|&effect| self.forbids(input, effect))
        }
    }

    fn forbids(&self, input: Input, effect: Effect) -> Option<ContractRule> {
        let is_actor = |id: ActorId| id.index() < usize::from(self.actors);
        match effect {
            Effect::Reannounce if input != Input::Restarted => Some(ContractRule::ReannounceAfterRestart),
            Effect::Restart(id) | Effect::Send(id, _) if !is_actor(id) => {
                Some(ContractRule::NoSuchActor(id, usize::from(self.actors)))
            }
            Effect::Send(_, command) if !self.controller.names().contains(&command.0) => {
                Some(ContractRule::UnlistedCommand(command))
            }
            Effect::Retry | Effect::Restart(_) | Effect::Send(..) | Effect::Reannounce => None,
        }
    }
}

impl Effect {
    /// Whether it begins an attempt.
    pub fn begins(self) -> bool {
        matches!(self, Self::Retry | Self::Restart(_))
    }
}
