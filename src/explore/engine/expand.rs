//! Computes all steps of a state, in canonical order. For each step, the new parts are looked up in tables.

use super::key::{Key, Layout};
use super::names::{Names, Order};
use super::tables::{
    ASKED, COMMANDS, CONTROL, CRASHES, CURRENT, DUPLICATES, Inbox, LOSSES, Missing, NONE, RESTARTED, STOP, Sent,
    TIMED_OUT, Tables, TaskStep,
};

/// One step: the state that it leads to, by how much the potential falls, the actor, the actor's number afterwards (in
/// the representative, if tasks are interchanged), and how many tied tasks the step stands for. Tasks tie if their
/// looks are equal.
#[derive(Debug, Clone, Copy)]
pub struct Step<const N: usize> {
    pub to: Key<N>,
    pub drop: u32,
    pub actor: u16,
    pub image: u16,
    pub times: u32,
}

/// The buffers for expanding states. Each thread has its own.
#[derive(Debug, Default, Clone)]
pub struct Expander {
    /// The parts of the state.
    pub ids: Vec<u32>,
    /// The parts of the state that a step leads to.
    next: Vec<u32>,
    /// The indices at which the two differ.
    changed: Vec<usize>,
    names: super::names::Looks,
}

/// The data that is needed to expand any state of a search.
#[derive(Clone, Copy)]
pub struct Book<'a> {
    pub tables: &'a Tables,
    pub names: Option<&'a Names>,
    pub layout: &'a Layout,
}

/// The expansion of one state.
struct Steps<'a, 'b, const N: usize, F> {
    book: Book<'a>,
    at: &'b mut Expander,
    key: Key<N>,
    /// The state that the step leads to, before tasks are renamed.
    to: Key<N>,
    /// Whether every part of it fits in its bits.
    fits: bool,
    out: F,
}

impl Expander {
    /// Finds every step of a state. If neighbouring tasks tie, one of them acts for all.
    ///
    /// # Errors
    /// What must be learned first. Some steps may already have been reported.
    pub fn steps<const N: usize>(
        &mut self,
        book: Book<'_>,
        key: Key<N>,
        out: impl FnMut(Step<N>),
    ) -> Result<(), Missing> {
        self.ids.resize(book.tables.width(), 0);
        book.layout.unpack(key, &mut self.ids);
        self.next.clone_from(&self.ids);
        self.changed.clear();
        let ties = book.names.map_or(0, |names| names.look(book.tables, &self.ids, &mut self.names));
        let mut steps = Steps { book, at: self, key, to: key, fits: true, out };
        let acts = steps.tasks(ties)?;
        let reads = steps.receive()?;
        steps.redeliver()?;
        steps.lose()?;
        steps.alone(acts || reads)
    }
}

impl<const N: usize, F: FnMut(Step<N>)> Steps<'_, '_, N, F> {
    /// Changes a part of the state that the step leads to.
    #[inline]
    fn set(&mut self, part: usize, id: u32) {
        let field = self.book.layout.field(part);
        self.fits &= field.holds(id);
        self.to = self.to.set(field, id);
        self.at.next[part] = id;
        self.at.changed.push(part);
    }

    /// The steps of the actors. Returns whether there are any.
    fn tasks(&mut self, ties: u64) -> Result<bool, Missing> {
        let tables = self.book.tables;
        let mut acts = false;
        for place in tables.acting(&self.at.ids) {
            let steps = tables.steps(&self.at.ids, place)?;
            let mut rest = steps;
            while let [step, others @ ..] = rest {
                acts = true;
                let tied = |nth: usize| ties >> (usize::from(step.actor) + 1 + nth) & 1 == 1;
                let follow =
                    (0..others.len()).take_while(|&nth| usize::from(step.actor) + 1 + nth < 64 && tied(nth)).count();
                self.task(place, *step, true, 1 + follow as u32)?;
                rest = &others[follow..];
            }
        }
        Ok(acts)
    }

    /// The step of an actor. If `takes` is false, the command that the step takes stays, and a duplicate is used.
    fn task(&mut self, place: usize, step: TaskStep, takes: bool, times: u32) -> Result<(), Missing> {
        let tables = self.book.tables;
        let actor = ((place - CURRENT) * tables.shape.actors) as u16 + step.actor;
        self.set(place, step.group);
        let mut drop = step.drop;
        if !takes {
            self.set(DUPLICATES, self.at.ids[DUPLICATES] - 1);
            drop = step.drop_if_kept;
        } else if step.commands != self.at.ids[COMMANDS] && place == CURRENT {
            self.set(COMMANDS, step.commands);
        }
        match step.sent {
            Sent::Nothing => {}
            Sent::To(inbox, notice) => self.send(inbox, notice)?,
            Sent::Call(notice) => {
                drop += self.react(tables.input(notice, self.at.next[CURRENT]))?;
                let image = self.caller(place, step);
                return self.land(drop, actor, image, times, None);
            }
        }
        let acted = (place, usize::from(step.actor));
        self.land(drop, actor, actor, times, Some(acted).filter(|_| takes))
    }

    /// The number, after the step, of an actor that called the controller. The call may have begun an attempt.
    fn caller(&self, place: usize, step: TaskStep) -> u16 {
        let (tables, index) = (self.book.tables, usize::from(step.actor));
        let stride = tables.shape.actors;
        let attempt = |group: u32| tables.attempts[group as usize * stride + index];
        let is_it =
            |place: &usize| self.at.next[*place] != NONE && attempt(self.at.next[*place]) == attempt(step.group);
        let places = CURRENT..CURRENT + tables.shape.groups;
        let found = if place == CURRENT { places.clone().find(is_it) } else { Some(place) };
        found.map_or(tables.controller() + 1, |place| ((place - CURRENT) * stride + index) as u16)
    }

    fn send(&mut self, inbox: u16, notice: u32) -> Result<(), Missing> {
        let place = self.book.tables.inbox(inbox.into());
        let longer = self.book.tables.pushed(self.at.next[place], notice)?;
        self.set(place, longer);
        Ok(())
    }

    /// Applies the controller's reaction. Returns by how much the potential falls.
    fn react(&mut self, input: u32) -> Result<i32, Missing> {
        let tables = self.book.tables;
        let reaction = tables.reaction(self.at.ids[CONTROL], input)?;
        self.set(CONTROL, reaction.control);
        if reaction.effects == NONE {
            return Ok(reaction.drop);
        }
        let done = tables.performed(reaction.effects, self.at.next[CURRENT], self.at.next[COMMANDS])?;
        self.set(CURRENT, done.group);
        self.set(COMMANDS, done.commands);
        for &group in &done.lingering {
            let free = self.at.next[CURRENT + 1..].iter().position(|&group| group == NONE);
            self.set(CURRENT + 1 + free.unwrap_or(0), group);
        }
        done.sent.iter().try_for_each(|&(inbox, notice)| self.send(inbox, notice))?;
        Ok(reaction.drop + done.drop)
    }

    /// The steps in which the controller reads the oldest notice of an inbox. Returns whether there are any.
    fn receive(&mut self) -> Result<bool, Missing> {
        let mut reads = false;
        for place in self.book.tables.inbox(0)..self.book.tables.width() {
            let Some(inbox) = self.mail(place) else { continue };
            reads = true;
            self.set(place, inbox.rest);
            self.read(inbox.oldest)?;
        }
        Ok(reads)
    }

    /// An inbox, unless it is empty.
    fn mail(&self, place: usize) -> Option<Inbox> {
        Some(self.at.ids[place]).filter(|&inbox| inbox != NONE).map(|inbox| self.book.tables.inboxes[inbox as usize])
    }

    fn read(&mut self, notice: u32) -> Result<(), Missing> {
        let tables = self.book.tables;
        let drop = self.react(tables.input(notice, self.at.ids[CURRENT]))?;
        self.of_the_controller(drop + tables.notice as i32)
    }

    /// The steps in which a message is delivered and stays.
    fn redeliver(&mut self) -> Result<(), Missing> {
        let tables = self.book.tables;
        let left = self.at.ids[DUPLICATES];
        if left == 0 {
            return Ok(());
        }
        for place in tables.inbox(0)..tables.width() {
            let Some(inbox) = self.mail(place) else { continue };
            self.set(DUPLICATES, left - 1);
            self.read(inbox.oldest)?;
        }
        let steps = if tables.shape.has_commands { tables.steps(&self.at.ids, CURRENT)? } else { &[] };
        steps.iter().filter(|step| step.takes).try_for_each(|&step| self.task(CURRENT, step, false, 1))
    }

    /// The steps in which a message is lost.
    fn lose(&mut self) -> Result<(), Missing> {
        let (tables, left) = (self.book.tables, self.at.ids[LOSSES]);
        if left == 0 {
            return Ok(());
        }
        for place in tables.inbox(0)..tables.width() {
            let Some(inbox) = self.mail(place) else { continue };
            self.set(LOSSES, left - 1);
            self.set(place, inbox.rest);
            self.of_the_controller(tables.notice as i32)?;
        }
        let commands = self.at.ids[COMMANDS];
        for &actor in &tables.commands[commands as usize].0 {
            let rest = tables.lost(commands, actor.into())?;
            self.set(LOSSES, left - 1);
            self.set(COMMANDS, rest);
            self.of_the_controller(1)?;
        }
        Ok(())
    }

    /// The steps of a stop, a timeout and a crash. `busy` says that an actor can take a step, or that a notice can be
    /// read.
    fn alone(&mut self, busy: bool) -> Result<(), Missing> {
        let tables = self.book.tables;
        let control = tables.controls[self.at.ids[CONTROL] as usize];
        if tables.shape.stop && self.at.ids[ASKED] == 0 && !control.is_final {
            self.set(ASKED, 1);
            let drop = self.react(STOP)? + tables.notice as i32;
            self.of_the_controller(drop)?;
        }
        if control.starts && tables.shape.timeout.is_some_and(|at_any_time| at_any_time || !busy) {
            let drop = self.react(TIMED_OUT)?;
            self.of_the_controller(drop)?;
        }
        let left = self.at.ids[CRASHES];
        if left > 0 && !control.is_final {
            self.set(CRASHES, left - 1);
            let drop = self.react(RESTARTED)? + tables.crash as i32;
            self.of_the_controller(drop)?;
        }
        Ok(())
    }

    fn of_the_controller(&mut self, drop: i32) -> Result<(), Missing> {
        let controller = self.book.tables.controller();
        self.land(drop, controller, controller, 1, None)
    }

    /// Reports a step into the state that was built, and prepares for the next one. `acted` says that only this actor
    /// of the group at this index, and the message that it sent, have changed.
    fn land(
        &mut self,
        drop: i32,
        actor: u16,
        mut image: u16,
        times: u32,
        acted: Option<(usize, usize)>,
    ) -> Result<(), Missing> {
        let Book { tables, names, layout } = self.book;
        let order =
            names.map_or(Order::IDENTITY, |names| names.order(tables, &self.at.next, &mut self.at.names, acted));
        if let Some(names) = names.filter(|_| order != Order::IDENTITY) {
            names.rename(tables, &mut self.at.next, order)?;
            self.to = layout.pack(&self.at.next).ok_or(Missing::Bits)?;
            let stride = tables.shape.actors as u16;
            if image < tables.controller() {
                image = image / stride * stride + order.name(image % stride);
            }
        } else if !self.fits {
            return Err(Missing::Bits);
        }
        let to = std::mem::replace(&mut self.to, self.key);
        let drop = u32::try_from(drop).ok().filter(|&drop| drop > 0).ok_or(Missing::Fall)?;
        (self.out)(Step { to, drop, actor, image, times });
        if order == Order::IDENTITY {
            self.at.changed.iter().for_each(|&part| self.at.next[part] = self.at.ids[part]);
        } else {
            self.at.next.clone_from(&self.at.ids);
        }
        self.at.changed.clear();
        self.fits = true;
        Ok(())
    }
}
