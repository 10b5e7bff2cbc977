//! What a search has computed from the model so far. Each entry is computed once.

use std::collections::HashMap;
use std::rc::Rc;

use rustc_hash::FxBuildHasher;

use super::local::{Control, Local, Place, Sent};
use super::parametric::{MARKS, Parametric};
use super::search::{Search, Stopped};
use super::set::{MOST_LOCALS, Set};
use super::small::{Marks, Move, NotCovered, Reaction, settled};
use crate::core::{Attempt, Fault, WorkerId};
use crate::explore::limits::Limit;
use crate::model::Action;

/// What a task does next if nothing holds it back, and whether it may do nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Moves<T> {
    pub moves: Vec<T>,
    pub may_rest: bool,
}

/// What a reaction does, in numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reacted {
    pub control: u16,
    pub sender: Option<u16>,
    pub sweeps: bool,
    pub is_final: bool,
}

/// The cause of a reaction: the control, the local state of the sender (if a task sent the notice), the marks of the
/// other tasks, and the action.
pub(super) type Cause = (u16, Option<u16>, Marks, Action);

pub(super) type Known<K, V> = HashMap<K, V, FxBuildHasher>;

impl<C: Parametric> Search<'_, C> {
    pub(super) fn control(&mut self, control: Control<C>) -> Result<u16, Limit> {
        u16::try_from(self.controls.insert_full(control).0).map_err(|_| Limit::States)
    }

    pub(super) fn local(&mut self, local: Local) -> Result<u16, Limit> {
        let index = self.locals.insert_full(local).0;
        if index < MOST_LOCALS { Ok(index as u16) } else { Err(Limit::States) }
    }

    pub(super) fn steps_of(&mut self, control: u16, id: u16) -> Result<Rc<Moves<u16>>, Stopped> {
        if let Some(known) = self.steps.get(&(control, id)) {
            return Ok(Rc::clone(known));
        }
        let local = self.locals[usize::from(id)].clone();
        let Moves { moves, may_rest } = self.moves(control, local.place)?;
        let mut found = Moves { moves: Vec::new(), may_rest };
        for step in moves {
            let mut to = Local { place: step.to, ..local.clone() };
            to.queue.extend(step.sends);
            let to = settled(&self.controls[usize::from(control)], &to);
            found.moves.push(self.local(to)?);
        }
        let found = Rc::new(found);
        self.steps.insert((control, id), Rc::clone(&found));
        Ok(found)
    }

    /// The local states that hold back a task in this local state, if both tasks are on one worker.
    pub(super) fn blockers(&mut self, control: u16, id: u16) -> Result<Set, NotCovered> {
        let (known, mut blockers) = self.blockers.get(&(control, id)).copied().unwrap_or_default();
        if known < self.locals.len() {
            let place = self.locals[usize::from(id)].place;
            for other in known..self.locals.len() {
                if self.blocks(control, place, self.locals[other].place)? {
                    blockers = blockers.with(other as u16);
                }
            }
            self.blockers.insert((control, id), (self.locals.len(), blockers));
        }
        Ok(blockers)
    }

    /// The faults that a task at a place may have.
    fn faults(&mut self, place: Place) -> Vec<Option<Fault>> {
        match self.small.is_before_fault(place) {
            true => [None].into_iter().chain(self.fates.iter().copied().map(Some)).collect(),
            false => vec![place.fault],
        }
    }

    pub(super) fn moves(&mut self, control: u16, place: Place) -> Result<Moves<Move>, NotCovered> {
        if let Some(known) = self.moves.get(&(control, place)) {
            return Ok(known.clone());
        }
        let mut found = Moves { moves: Vec::new(), may_rest: false };
        for fault in self.faults(place) {
            match self.small.step(&self.controls[usize::from(control)], place, fault, None)? {
                Some(step) if found.moves.contains(&step) => {}
                Some(step) => found.moves.push(step),
                None => found.may_rest = true,
            }
        }
        self.moves.insert((control, place), found.clone());
        Ok(found)
    }

    /// Whether a task at one place cannot move because of a task at the other place, if both are on one worker.
    pub(super) fn blocks(&mut self, control: u16, place: Place, other: Place) -> Result<bool, NotCovered> {
        if let Some(&known) = self.blocks.get(&(control, place, other)) {
            return Ok(known);
        }
        let mut blocks = false;
        for fault in self.faults(place) {
            let control = &self.controls[usize::from(control)];
            let alone = self.small.step(control, place, fault, None)?;
            match self.small.step(control, place, fault, Some(other))? {
                None => blocks |= alone.is_some(),
                beside if beside == alone => {}
                Some(_) => return Err(NotCovered::WideStep),
            }
        }
        self.blocks.insert((control, place, other), blocks);
        Ok(blocks)
    }

    pub(super) fn reaction(&mut self, cause: Cause) -> Result<Option<Reacted>, Stopped> {
        if let Some(&known) = self.reactions.get(&cause) {
            return Ok(known);
        }
        let (control, sender, marks, action) = cause;
        let control = &self.controls[usize::from(control)];
        let sender = sender.map(|id| &self.locals[usize::from(id)]);
        let found = self.small.tried(control, sender, marks, action)?;
        let found = found.map(|reaction| self.reacted(reaction)).transpose()?;
        self.reactions.insert(cause, found);
        Ok(found)
    }

    pub(super) fn reacted(&mut self, Reaction { control, sender, sweeps }: Reaction<C>) -> Result<Reacted, Limit> {
        let is_final = control.stage().is_final();
        let sender = sender.map(|sender| self.local(sender)).transpose()?;
        Ok(Reacted { control: self.control(control)?, sender, sweeps, is_final })
    }

    pub(super) fn marks(&self, locals: Set) -> Marks {
        locals.iter().fold(0, |marks, id| marks | 1 << self.locals[usize::from(id)].mark)
    }

    /// The other tasks after a reaction.
    pub(super) fn others(&mut self, cause: Cause, reacted: Reacted, others: Set) -> Result<Set, Stopped> {
        if !reacted.sweeps && !reacted.is_final {
            return Ok(others);
        }
        let mut after = Set::default();
        for id in others.iter() {
            let to = match self.swept.get(&(cause, id)) {
                Some(&known) => known,
                None => self.sweep(cause, reacted, id)?,
            };
            after = after.with(to);
        }
        Ok(after)
    }

    fn sweep(&mut self, cause: Cause, reacted: Reacted, id: u16) -> Result<u16, Stopped> {
        let (control, sender, marks, action) = cause;
        let other = &self.locals[usize::from(id)];
        let other = if reacted.sweeps {
            let sender = sender.map(|id| &self.locals[usize::from(id)]);
            self.small.swept(&self.controls[usize::from(control)], sender, (marks, action), other)?
        } else {
            settled(&self.controls[usize::from(reacted.control)], other)
        };
        let to = self.local(other)?;
        self.swept.insert((cause, id), to);
        Ok(to)
    }

    /// In a final phase only places are kept, because no notice changes anything there. This function checks that with
    /// each notice, stale or not, and each mark: the controller must stay exactly as it is, because otherwise a second
    /// notice could meet a controller that was never tried. The driver reports a controller that leaves a final phase,
    /// or asks for something in it.
    pub(super) fn final_stays(&mut self) -> Result<(), NotCovered> {
        let seen = self.locals.iter().fold(self.small.seen, |seen, local| seen | 1 << local.mark);
        let kinds = self.small.setup(1, None).model.kinds().to_vec();
        let sent_until = |now| (1..=now).flat_map(|sent| kinds.iter().map(move |&kind| (Attempt(sent), kind)));
        let sent: Vec<(Attempt, Sent)> =
            (1..=self.run.attempts).flat_map(|now| sent_until(now).map(move |sent| (Attempt(now), sent))).collect();
        let finals = self.controls.iter().filter(|control| control.stage().is_final());
        for (control, &(now, sent)) in finals.flat_map(|control| sent.iter().map(move |sent| (control, sent))) {
            let marks = |of: Marks| (0..=Marks::MAX).filter(move |marks| marks & !of == 0);
            for (mark, others) in (0..MARKS)
                .filter(|mark| seen & 1 << mark != 0)
                .flat_map(|mark| marks(seen).map(move |others| (mark, others)))
            {
                let sender = Local { queue: vec![sent], mark, ..Local::at(Place::start(now)) };
                self.small.tried(control, Some(&sender), others, Action::Receive(WorkerId(1)))?;
            }
        }
        Ok(())
    }
}
