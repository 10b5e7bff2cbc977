//! Learns from the model what an action does to the parts of a state.

use super::names::{Named, Order, Origin};
use super::parts::{Parts, Place, Unlearned};
use super::potential::Weights;
use super::tables::{Missing, NONE, Performed, RESTARTED, Reaction, STOP, Sent, TIMED_OUT, TaskStep};
use crate::core::{ActorId, Controller, Effect, Input, Notice, TaskState, Via};
use crate::explore::contract::Violation;
use crate::explore::limits::{Limit, Limits};
use crate::explore::orbits::Permutation;
use crate::model::{Event, QueuedNotice, Received, World};

impl<C: Controller> Parts<'_, C> {
    /// Learns what is missing for a state with these parts.
    ///
    /// # Errors
    /// The reason why it cannot be learned.
    pub fn learn(&mut self, missing: Missing, ids: &[u32], limits: &Limits) -> Result<(), Unlearned> {
        let input = match missing {
            Missing::Reaction(_, input) => Some(input),
            _ => None,
        };
        Unlearned::guard(|| self.learn_one(missing, ids, limits)).map_err(|why| why.at(ids, input))
    }

    fn learn_one(&mut self, missing: Missing, ids: &[u32], limits: &Limits) -> Result<(), Unlearned> {
        match missing {
            Missing::Steps(place) => self.learn_steps(ids, place),
            Missing::Push(inbox, notice) => self.push(inbox, notice).map(|_| ()),
            Missing::Reaction(control, input) => self.learn_reaction(ids, control, input, limits),
            Missing::Performed(effects, group, commands) => self.learn_effects(effects, group, commands),
            Missing::Lost(commands, actor) => {
                let mut rest = self.commands[commands as usize].clone();
                rest[actor].pop_front();
                let rest = self.commands(rest);
                self.tables.lost.insert((commands, actor), rest);
                Ok(())
            }
            Missing::Renamed(kind, id, order) => self.learn_name(kind, id, order),
            Missing::Bits => Ok(()),
            // The potential falls with every action, so this cannot happen. If it does, nothing is proved.
            Missing::Fall => Err(Unlearned::Limit(Limit::Effort)),
        }
    }

    fn learn_steps(&mut self, ids: &[u32], place: usize) -> Result<(), Unlearned> {
        let mut world = self.start.clone();
        self.put_together(ids, &[], &mut world);
        let age = self.tables.acting(ids).position(|other| other == place).expect("a group that acts");
        let from = self.tables.steps.len() as u32;
        for actor in 0..world.attempts[age].len() {
            let before = world.attempts[age][actor];
            let Ok((event, via)) = self.model.advance(&mut world, age, ActorId::at(actor)) else { continue };
            let step = self.step(before, &world, age, (&event, via))?;
            self.tables.steps.push(step);
            // Restores the state.
            world.attempts[age][actor] = before;
            if let Event::Task { command: Some(command), .. } = event {
                world.commands[actor].push_front(command);
            }
        }
        let asks = self.tables.asks(ids, place);
        self.tables.learn_steps(asks, from);
        Ok(())
    }

    /// A step of an actor that was in the state `before`.
    fn step(
        &mut self,
        before: TaskState,
        after: &World<C>,
        age: usize,
        (event, via): (&Event<Received>, Via),
    ) -> Result<TaskStep, Unlearned> {
        let Event::Task { task, state, sent, command, .. } = event else { return Err(Unlearned::Lost) };
        let actor = &self.model.actors[task.index()];
        let (sent, worth) = match (*sent, via) {
            (None, _) => (Sent::Nothing, 0),
            (Some(notice), Via::Call) => (Sent::Call(self.sent(notice)?), 0),
            (Some(notice), Via::Worker) => {
                (Sent::To(actor.worker.index() as u16, self.sent(notice)?), self.tables.notice)
            }
            (Some(notice), Via::Inbox(inbox)) => {
                (Sent::To(inbox.index() as u16, self.sent(notice)?), self.tables.notice)
            }
        };
        let (before, after_it) = (self.worth(task.index(), before), self.worth(task.index(), *state));
        let spent = before as i32 - after_it as i32 - worth as i32;
        Ok(TaskStep {
            actor: task.index() as u16,
            takes: command.is_some(),
            group: self.group(after.attempts[age].clone())?,
            commands: self.commands(after.commands.clone()),
            sent,
            drop: spent + i32::from(command.is_some()),
            drop_if_kept: spent + self.tables.notice as i32,
        })
    }

    /// The number of a notice that is sent.
    fn sent(&mut self, Notice { from, attempt, kind }: Notice) -> Result<u32, Unlearned> {
        let kind = self.model.kinds.iter().position(|&other| other == kind).ok_or(Unlearned::Lost)?;
        Ok(self.notice(QueuedNotice { from, attempt, kind: kind as u16 }))
    }

    /// An input, and whether it is a notice of an attempt that its sender has left.
    pub(super) fn input(&self, input: u32) -> (Input, bool) {
        match input {
            STOP => (Input::Stop, false),
            TIMED_OUT => (Input::TimedOut, false),
            RESTARTED => (Input::Restarted, false),
            notice => {
                let queued = self.notices[(notice as usize - 3) / 2];
                (Input::Notice(self.model.notice(queued)), notice % 2 == 0)
            }
        }
    }

    fn learn_reaction(&mut self, ids: &[u32], control: u32, input: u32, limits: &Limits) -> Result<(), Unlearned> {
        let ((asked, is_stale), before) = (self.input(input), self.controls[control as usize].clone());
        let pair = (control, asked, is_stale);
        if self.contract.is_new(pair) {
            self.contract.check(pair, &before, self.symmetry.as_ref())?;
            self.met.push(Place { ids: ids.to_vec(), input: Some(input) });
            if let Some(symmetry) = &mut self.symmetry {
                symmetry.check_input(&before, (asked, is_stale), limits)?;
            }
        }
        let mut after = before.clone();
        let received = after.receive(asked, is_stale).map_err(Violation::from)?;
        self.contract.compare(pair, &before, &received, &after.controller).map_err(Violation::from)?;
        received.effects.iter().filter(|effect| effect.begins()).for_each(|_| {
            after.next_attempt();
        });
        let effects = if received.effects.is_empty() {
            NONE
        } else {
            self.effects.insert_full((before.attempt, received.effects)).0 as u32
        };
        let after = self.control(after, Origin::Reaction(control, input));
        self.weigh(control, after, asked, effects)?;
        let worth = |control: u32| self.tables.controls[control as usize].worth as i32;
        let reaction = Reaction { control: after, effects, drop: worth(control) - worth(after) };
        self.tables.reactions.insert((control, input), reaction);
        Ok(())
    }

    /// Compares a reaction with the assumed weights of reactions.
    fn weigh(&self, before: u32, after: u32, input: Input, effects: u32) -> Result<(), Unlearned> {
        let effects = &self.effects[effects as usize].1;
        let sends = effects.iter().filter(|effect| matches!(effect, Effect::Send(..)));
        let commands = if self.tables.shape.has_commands { sends.count() as u32 } else { 0 };
        let starts = |control: u32| self.tables.controls[control as usize].starts;
        let waits = !starts(before) && starts(after) && self.tables.shape.timeout.is_some();
        let answers = matches!(input, Input::Notice(_) | Input::Stop) && !effects.iter().any(|effect| effect.begins());
        let weights = Weights {
            commands: self.weights.commands.max(commands),
            waits_again: self.weights.waits_again || waits && answers,
            announces_again: self.weights.announces_again || effects.contains(&Effect::Reannounce),
        };
        if weights == self.weights { Ok(()) } else { Err(Unlearned::Weights(weights)) }
    }

    fn learn_effects(&mut self, effects: u32, group: u32, commands: u32) -> Result<(), Unlearned> {
        let (attempt, list) = self.effects[effects as usize].clone();
        let mut world = self.start.clone();
        world.driver.attempt = attempt;
        world.attempts = vec![self.groups[group as usize].clone()];
        world.commands.clone_from(&self.commands[commands as usize]);
        list.iter().for_each(|&effect| self.model.perform(&mut world, effect));
        let mut done = Performed {
            group: self.group(world.attempts[0].clone())?,
            commands: self.commands(world.commands),
            ..Performed::default()
        };
        for lingering in world.attempts[1..].iter().rev() {
            done.lingering.push(self.group(lingering.clone())?);
        }
        for (inbox, notices) in world.inboxes.iter().enumerate() {
            for &notice in notices {
                done.sent.push((inbox as u16, self.notice(notice)));
            }
        }
        let groups = |group: &u32| self.tables.groups[*group as usize] as i32;
        let count = |commands: u32| self.tables.commands[commands as usize].1 as i32;
        let sent = done.sent.len() as i32 * self.potential.notice as i32;
        let after = groups(&done.group) + done.lingering.iter().map(groups).sum::<i32>() + count(done.commands) + sent;
        done.drop = groups(&group) + count(commands) - after;
        self.tables.performed.insert((effects, group, commands), done);
        Ok(())
    }

    fn learn_name(&mut self, kind: Named, id: u32, order: Order) -> Result<(), Unlearned> {
        let to = |index: usize| usize::from(order.name(index as u16));
        let renamed = match kind {
            Named::Control => {
                let mut naming = Permutation::identity(self.tables.shape.actors);
                for task in 0..self.tables.shape.tasks {
                    (naming.to[task], naming.from[to(task)]) = (to(task), task);
                }
                let mut driver = self.controls[id as usize].clone();
                self.symmetry.iter().for_each(|symmetry| symmetry.rename(&mut driver, &naming));
                self.control(driver, Origin::Renamed(id, order))
            }
            Named::Inbox => {
                let rename =
                    |notice: QueuedNotice| QueuedNotice { from: ActorId::at(to(notice.from.index())), ..notice };
                let mail: Vec<QueuedNotice> =
                    self.mail(id).map(|notice| rename(self.notices[notice as usize])).collect();
                mail.into_iter().try_fold(NONE, |inbox, notice| {
                    let notice = self.notice(notice);
                    self.push(inbox, notice)
                })?
            }
            Named::Group => {
                let old = self.groups[id as usize].clone();
                let mut group = old.clone();
                old[..self.tables.shape.tasks].iter().enumerate().for_each(|(task, &state)| group[to(task)] = state);
                self.group(group)?
            }
        };
        self.names.iter_mut().for_each(|names| {
            names.learn(kind, id, order, renamed);
        });
        Ok(())
    }
}
