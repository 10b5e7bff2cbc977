//! A bound on the actions that are left: the potential of a state. Every action lowers it, so the states can be taken in
//! its order, the highest first: when a state is taken, every step that leads to it has been.
//!
//! ```text
//! P  =  Σ task(actor)             over the actors of every attempt that has begun and can still act
//!     + R · notices + commands    under way
//!     + R · duplicates left
//!     + R   if a user may still ask for a stop
//!     + X · crashes left
//!     + T   if the phase is starting and a timeout is set
//!     + Σ A(k)                    over the attempts k that have not begun
//!
//! R = 1 + r               a notice, read: the action, and what the reaction adds
//! r = c + T if a reaction can lead back to the starting phase
//! T = 1 + c               the timeout and its reaction
//! X = 1 + c + T + R · tasks (if a restarted controller asks for announcements)
//! A(k) = T + Σ task(actor as attempt k begins it)      over all actors
//! c = the most commands that one reaction sends
//! ```
//!
//! `task` is the costliest rest of an actor's script: 1 for each line, R for each notice that it sends, `r` for each
//! call, 1 + R for a report, over every alternative and every fault that may strike. It counts nothing for an actor that has
//! ended.
//!
//! Why an action lowers P by 1 or more:
//!
//! 1. *An actor takes a step.* Its rest gets shorter by the line; what it sends is paid by the line. A command that it
//!    takes goes. A discard takes a command and changes nothing else.
//! 2. *A notice is read*, also one that stays while duplicates are left, *or a stop is asked*: R goes. The reaction adds
//!    `c` commands at most, and T if it leads back to the starting phase.
//! 3. *A timeout*: T goes, because the contract ends the wait or begins an attempt. The reaction adds `c` commands at most.
//! 4. *A crash*: X pays for commands, for the starting phase and for one notice of each task.
//! 5. *A message is lost*: it goes.
//! 6. *An attempt k begins* in a reaction: A(k) goes, and pays for all that begins anew and for a wait. What stops, goes too.
//!
//! P is never negative, so every schedule ends. A model without chain, timeout, crash, loss, command, and without a second attempt
//! whose tasks stop the first, falls by exactly 1: there the potential *is* the distance.
//!
//! What a reaction does is learned: [`Weights`] begin at nothing, and a search that meets more begins again.

use crate::core::{Attempt, Controller, Fault, Kind, Line, Stage, Status, Step, TaskState, Timeout, Via};
use crate::model::{Actor, Driver, Model};

/// What the reactions of a controller add to a state, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weights {
    /// The most commands that one reaction sends.
    pub commands: u32,
    /// Whether a reaction to a notice or to a stop leads back to the starting phase without an attempt.
    pub waits_again: bool,
    /// Whether a restarted controller asks for announcements.
    pub announces_again: bool,
}

/// What each part of a state adds to its potential.
#[derive(Debug)]
pub struct Potential {
    /// A notice under way, a duplicate that is left, or a stop that may be asked.
    pub notice: u32,
    /// A crash that is left.
    pub crash: u32,
    reaction: u32,
    wait: u32,
    /// By attempt, counted from 0: all that the later ones add.
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

/// The costliest rest of a script in an attempt.
struct Rest<'a> {
    potential: &'a Potential,
    actor: &'a Actor,
    attempt: Attempt,
}

impl Rest<'_> {
    /// The rest from a position on. `ran`: the actor has completed `run`.
    fn from(&self, position: u32, ran: bool) -> u32 {
        let last = self.actor.script.lines.last().map_or(0, |line| line.position);
        // From the end backwards, for an actor that has not run and for one that has.
        let mut rest = [self.death(false), self.death(true)];
        for at in (position..=last).rev() {
            rest = [false, true].map(|ran| self.at(at, ran, rest));
        }
        rest[usize::from(ran)]
    }

    /// The rest at a position whose next one has the rest `after`.
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

    /// The faults that may strike in this attempt, up to the first that is certain to.
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

    /// What is left after `on_start`, if the script goes on with the rest `next`.
    fn on_start(&self, next: u32) -> u32 {
        let after = |fault| match fault {
            Fault::Panics => self.potential.report(),
            Fault::Vanishes | Fault::Hangs => 0,
            Fault::Dies => next,
        };
        let goes_on = if self.faults().any(|(_, is_certain)| is_certain) { 0 } else { next };
        self.faults().map(|(fault, _)| after(fault)).fold(goes_on, u32::max)
    }

    /// The panic and the report of an actor that runs and may die.
    fn death(&self, ran: bool) -> u32 {
        let dies = ran && self.faults().any(|(fault, _)| fault == Fault::Dies);
        if dies { 1 + self.potential.report() } else { 0 }
    }
}
