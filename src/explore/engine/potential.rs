//! The potential of a state is a bound on the number of actions that are left. Every action lowers it. So the states
//! can be processed from the highest potential to the lowest: when a state is processed, every step that leads to it
//! has already been taken.
//!
//! ```text
//! P  =  Σ task(actor)             over the actors of every attempt that has begun and can still act
//!     + R · notices + commands    under way
//!     + R · duplicates left
//!     + R   if a user may still ask for a stop
//!     + X · crashes left
//!     + T   if the phase is starting
//!     + Σ A(k)                    over the attempts k that have not begun
//!
//! R = 1 + r               a notice, read: the action, and what the reaction adds
//! r = c               or c + T, if a reaction can lead back to the starting phase
//! T = 1 + c               the timeout and its reaction; 0 if no timeout is set
//! X = 1 + c + T           plus R · tasks, if a restarted controller asks for announcements
//! A(k) = T + Σ task(actor as attempt k begins it)      over all actors
//! c                       the most commands that one reaction sends
//! ```
//!
//! `task` is the cost of the most expensive rest of an actor's script, over all alternatives and all faults that may
//! happen. A line costs 1, a notice that it sends costs R, a call costs `r`, and a report costs 1 + R. An actor that
//! has ended or hangs adds 0.
//!
//! Why an action lowers P by 1 or more:
//!
//! 1. *An actor takes a step.* Its rest gets shorter by the line, whose cost includes the message that it sends. A
//!    command that it takes is removed. A discard removes a command and changes nothing else.
//! 2. *A notice is read*, or is delivered and stays (which uses a duplicate), *or a stop is asked for*: R is
//!    subtracted. The reaction adds at most `c` commands, and T if it leads back to the starting phase.
//! 3. *A timeout*: T is subtracted, because the contract requires that the wait ends or that an attempt begins. The
//!    reaction adds at most `c` commands.
//! 4. *A crash*: X is subtracted. It covers commands, the starting phase, and one notice of each task.
//! 5. *A message is lost*: its cost is subtracted.
//! 6. *An attempt k begins* in a reaction: A(k) is subtracted. It covers everything that begins again, and a wait. The
//!    cost of what stops is subtracted, too.
//!
//! P is never negative, so every schedule ends. If no script has alternatives, no fault has conditions, and there is no
//! timeout, crash, loss, command or second attempt, every action lowers P by exactly 1. Then all paths to a state have
//! the same length. (P may be larger than the number of actions that are left, for example if a task waits at a barrier
//! for ever.)
//!
//! The weights of reactions are learned: [`Weights`] begin at 0, and a search that finds larger ones restarts.

use crate::core::{Attempt, Controller, Fault, Kind, Line, Stage, Status, Step, TaskState, Timeout, Via};
use crate::model::{Actor, Driver, Model};

/// What the reactions of a controller add to a state, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weights {
    /// The most commands that one reaction sends.
    pub commands: u32,
    /// Whether a reaction to a notice or to a stop leads back to the starting phase without beginning an attempt.
    pub waits_again: bool,
    /// Whether a restarted controller asks for announcements.
    pub announces_again: bool,
}

/// What each part of a state adds to its potential.
#[derive(Debug)]
pub struct Potential {
    /// What a sent notice, a remaining duplicate, or a stop that may be asked for adds.
    pub notice: u32,
    /// What a remaining crash adds.
    pub crash: u32,
    reaction: u32,
    wait: u32,
    /// For each attempt, numbered from 0, the sum of what later attempts add.
    later: Vec<u32>,
}

impl Potential {
    /// The potential of the states of a model.
    pub fn of<C: Controller>(model: &Model<C>, weights: Weights) -> Self {
        let wait = if model.run.timeout == Timeout::None { 0 } else { 1 + weights.commands };
        let reaction = weights.commands + if weights.waits_again { wait } else { 0 };
        let announced = if weights.announces_again { u32::from(model.tasks) * (1 + reaction) } else { 0 };
        let crash = 1 + weights.commands + wait + announced;
        let mut potential = Self { notice: 1 + reaction, crash, reaction, wait, later: Vec::new() };
        let begun = |attempt| -> u32 {
            model.actors.iter().map(|actor| potential.task(actor, TaskState::new(Attempt(attempt)))).sum()
        };
        let mut later = vec![0];
        (2..=model.run.attempts).rev().for_each(|attempt| later.push(later[later.len() - 1] + wait + begun(attempt)));
        later.reverse();
        potential.later = later;
        potential
    }

    /// What a controller and its attempt add.
    pub fn driver<C: Controller>(&self, driver: &Driver<C>) -> u32 {
        let waits = driver.controller.phase().stage == Stage::Starting;
        self.later[usize::from(driver.attempt.0) - 1] + if waits { self.wait } else { 0 }
    }

    /// What an actor may still do, and the notices that it may still send.
    pub fn task(&self, actor: &Actor, task: TaskState) -> u32 {
        match task.status {
            Status::Live => {
                let rest = Rest { potential: self, actor, attempt: task.attempt };
                rest.from(task.position(), task.has_completed(Step::Run, &actor.script))
            }
            Status::Panicked(_) => self.report(),
            Status::Dead(_) | Status::Hung | Status::Finished => 0,
        }
    }

    fn report(&self) -> u32 {
        1 + self.notice
    }

    fn sent(&self, via: Via) -> u32 {
        if via == Via::Call { self.reaction } else { self.notice }
    }
}

/// The most expensive rest of a script in an attempt.
struct Rest<'a> {
    potential: &'a Potential,
    actor: &'a Actor,
    attempt: Attempt,
}

impl Rest<'_> {
    /// The rest from a position on. `ran` says that the actor has completed `run`.
    fn from(&self, position: u32, ran: bool) -> u32 {
        let last = self.actor.script.lines.last().map_or(0, |line| line.position);
        // Backwards from the end, both for an actor that has not run and for one that has.
        let mut rest = [self.death(false), self.death(true)];
        for at in (position..=last).rev() {
            rest = [false, true].map(|ran| self.at(at, ran, rest));
        }
        rest[usize::from(ran)]
    }

    /// The rest at a position, given the rest `after` at the next position.
    fn at(&self, position: u32, ran: bool, after: [u32; 2]) -> u32 {
        let lines = self.actor.script.lines.iter().filter(|line| line.position == position);
        lines.map(|line| 1 + self.line(line, ran, after)).fold(self.death(ran), u32::max)
    }

    fn line(&self, line: &Line, ran: bool, after: [u32; 2]) -> u32 {
        let next = after[usize::from(ran)];
        match line.step {
            Step::OnStart => self.on_start(next),
            Step::Send(Kind::Failed(_) | Kind::Finished) | Step::Stop => self.potential.sent(line.via),
            Step::Send(_) => self.potential.sent(line.via) + next,
            Step::Arrive | Step::Discard => next,
            Step::Run => after[1],
            Step::Panic(_) => self.potential.report(),
        }
    }

    /// The faults that may happen in this attempt, up to the first one that is certain to happen.
    fn faults(&self) -> impl Iterator<Item = (Fault, bool)> {
        let strikes = self.actor.faults.iter();
        let mut strikes = strikes.filter(|spec| spec.attempts.is_empty() || spec.attempts.contains(&self.attempt));
        let mut is_certain = false;
        std::iter::from_fn(move || {
            let spec = strikes.next().filter(|_| !is_certain)?;
            is_certain = spec.when.is_empty();
            Some((spec.fault, is_certain))
        })
    }

    /// The rest after `on_start`, if the script continues with the rest `next`.
    fn on_start(&self, next: u32) -> u32 {
        let after = |fault| match fault {
            Fault::Panics => self.potential.report(),
            Fault::Vanishes | Fault::Hangs => 0,
            Fault::Dies => next,
        };
        let goes_on = if self.faults().any(|(_, is_certain)| is_certain) { 0 } else { next };
        self.faults().map(|(fault, _)| after(fault)).fold(goes_on, u32::max)
    }

    /// The cost of the panic and the report of an actor that may die in `run`; 0 for any other actor.
    fn death(&self, ran: bool) -> u32 {
        let dies = ran && self.faults().any(|(fault, _)| fault == Fault::Dies);
        if dies { 1 + self.potential.report() } else { 0 }
    }
}
