//! The search, which visits every abstract state.

use std::rc::Rc;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::local::{Abstract, Control, Local, Place};
use super::parametric::Parametric;
use super::set::Set;
use super::small::{How, Make, Move, NotCovered, SmallWorlds};
use super::tables::{Cause, Known, Moves, Reacted};
use crate::claims::{Claim, Scope};
use crate::core::{Fault, RunRules, Timeout};
use crate::explore::limits::{Limit, Limits};
use crate::model::{Action, World};
use crate::scenario::{Rules, Setup};

/// The workers that the tasks run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Workers {
    /// All tasks are on one worker.
    One,
    /// The tasks are on any number of workers, in any layout.
    Any,
}

/// An abstract state: the number of its control, and the numbers of its local states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    /// The control.
    pub control: u16,
    /// The local states that a task is in.
    pub locals: Set,
}

/// A transition from one abstract state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// A task goes from one local state to another. Others may stay behind.
    Step(u16, u16),
    /// A notice of a task is taken, kept or lost. The task goes from one local state to another.
    Deliver(How, u16, u16),
    /// A stop, a timeout or a crash.
    Input(Action),
}

/// The token of an exhaustive search: it reached no limit and left nothing out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted(());

/// Why a search ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// The abstraction does not cover the question.
    NotCovered(NotCovered),
    /// A limit was reached.
    Limit(Limit),
}

impl From<NotCovered> for Stopped {
    fn from(why: NotCovered) -> Self {
        Self::NotCovered(why)
    }
}

impl From<Limit> for Stopped {
    fn from(limit: Limit) -> Self {
        Self::Limit(limit)
    }
}

/// The state of a search.
pub struct Search<'a, C> {
    pub(super) small: SmallWorlds<'a, C>,
    pub(super) workers: Workers,
    pub(super) fates: Vec<Fault>,
    pub(super) run: RunRules,
    pub(super) controls: IndexSet<Control<C>, FxBuildHasher>,
    pub(super) locals: IndexSet<Local, FxBuildHasher>,
    pub(super) states: IndexSet<State, FxBuildHasher>,
    /// How each state was first found.
    pub(super) met: Vec<Option<(u32, Label)>>,
    /// The states in which possibly no action is enabled.
    pub(super) ends: Vec<u32>,
    pub(super) moves: Known<(u16, Place), Moves<Move>>,
    pub(super) steps: Known<(u16, u16), Rc<Moves<u16>>>,
    pub(super) blocks: Known<(u16, Place, Place), bool>,
    /// For each control and local state, which local states hold it back. The number says how many local states have
    /// been tested.
    pub(super) blockers: Known<(u16, u16), (usize, Set)>,
    pub(super) reactions: Known<Cause, Option<Reacted>>,
    pub(super) swept: Known<(Cause, u16), u16>,
    exhausted: Option<Exhausted>,
}

impl<'a, C: Parametric> Search<'a, C> {
    /// A search that has found only the first state.
    ///
    /// # Errors
    /// If the abstraction does not cover the question.
    pub fn new(rules: Rules, workers: Workers, fates: &[Fault], make: Make<'a, C>) -> Result<Self, NotCovered> {
        let mut small = SmallWorlds::new(rules, make)?;
        let (start, run) = (small.start(), *small.setup(1, None).model.run());
        let mut search = Self {
            small,
            workers,
            fates: fates.to_vec(),
            run,
            controls: IndexSet::default(),
            locals: IndexSet::default(),
            states: IndexSet::default(),
            met: vec![None],
            ends: Vec::new(),
            moves: Known::default(),
            steps: Known::default(),
            blocks: Known::default(),
            blockers: Known::default(),
            reactions: Known::default(),
            swept: Known::default(),
            exhausted: None,
        };
        let control = search.control(start).expect("there is room");
        let locals = Set::default().with(search.local(Local::start()).expect("there is room"));
        search.states.insert(State { control, locals });
        Ok(search)
    }

    /// The token of a search that left nothing out.
    pub fn exhausted(&self) -> Option<Exhausted> {
        self.exhausted
    }

    /// Finds every abstract state.
    ///
    /// # Errors
    /// If the question is not covered, or if a limit is reached.
    pub fn explore(&mut self, limits: &Limits) -> Result<Exhausted, Stopped> {
        let (mut account, mut next, mut at) = (limits.account(), Vec::new(), 0);
        while let Some(&state) = self.states.get_index(at) {
            if at.is_multiple_of(256) {
                account.hold(self.states.capacity() * 2 * size_of::<State>() + self.met.capacity() * 32)?;
            }
            next.clear();
            if self.successors(state, &mut next)? {
                self.ends.push(at as u32);
            }
            for &(label, state) in &next {
                if self.states.insert(state) {
                    self.met.push(Some((at as u32, label)));
                }
            }
            if self.states.len() > limits.states().min(u32::MAX as usize) {
                return Err(Limit::States.into());
            }
            at += 1;
        }
        self.final_stays()?;
        self.exhausted = Some(Exhausted(()));
        Ok(Exhausted(()))
    }

    /// Adds the successors of a state. Returns whether possibly no action is enabled.
    fn successors(&mut self, state: State, next: &mut Vec<(Label, State)>) -> Result<bool, Stopped> {
        let mut may_end = true;
        for id in state.locals.iter() {
            may_end &= self.steps(state, id, next)?;
            for how in [How::Taken, How::Kept, How::Lost] {
                may_end &= !self.deliveries(state, id, how, next)?;
            }
        }
        let patient = self.run.timeout == Timeout::Patient;
        for action in [Action::Stop, Action::Crash, Action::TimeOut] {
            // A patient timeout waits until no task can move and no notice is queued. It does not wait for a stop or a
            // crash.
            let waits = action == Action::TimeOut && patient && !self.is_quiet(state)?;
            may_end &= waits || !self.input(state, action, next)?;
        }
        Ok(may_end)
    }

    /// The steps of a task in a local state. Returns whether such a task may be unable to take a step.
    fn steps(&mut self, state: State, id: u16, next: &mut Vec<(Label, State)>) -> Result<bool, Stopped> {
        let steps = self.steps_of(state.control, id)?;
        let blockers = self.blockers(state.control, id)?;
        for &to in &steps.moves {
            for rest in [state.locals, state.locals.without(id)] {
                // On any number of workers, a task may be alone on its worker.
                if self.workers == Workers::Any || !blockers.meets(rest) {
                    next.push((Label::Step(id, to), State { locals: rest.with(to), ..state }));
                }
            }
        }
        Ok(steps.may_rest || blockers.meets(state.locals))
    }

    /// Takes, keeps or loses the oldest notice of a task in a local state. Returns whether that is enabled.
    fn deliveries(&mut self, state: State, id: u16, how: How, next: &mut Vec<(Label, State)>) -> Result<bool, Stopped> {
        if self.locals[usize::from(id)].queue.is_empty() {
            return Ok(false);
        }
        let mut is_enabled = false;
        for rest in [state.locals, state.locals.without(id)] {
            let cause = (state.control, Some(id), self.marks(rest), how.action());
            let Some(reacted) = self.reaction(cause)? else { continue };
            is_enabled = true;
            let (to, rest) = (reacted.sender.unwrap_or(id), self.others(cause, reacted, rest)?);
            next.push((Label::Deliver(how, id, to), State { control: reacted.control, locals: rest.with(to) }));
        }
        Ok(is_enabled)
    }

    /// A stop, a timeout or a crash. Returns whether it is enabled.
    fn input(&mut self, state: State, action: Action, next: &mut Vec<(Label, State)>) -> Result<bool, Stopped> {
        let is_there = match action {
            Action::Stop => self.run.stop,
            Action::Crash => self.run.crashes > 0,
            _ => self.run.timeout != Timeout::None,
        };
        if !is_there {
            return Ok(false);
        }
        if action == Action::TimeOut && self.run.timeout == Timeout::Patient {
            return self.patient_timeout(state, next);
        }
        let cause = (state.control, None, self.marks(state.locals), action);
        let Some(reacted) = self.reaction(cause)? else { return Ok(false) };
        let locals = self.others(cause, reacted, state.locals)?;
        next.push((Label::Input(action), State { control: reacted.control, locals }));
        Ok(true)
    }

    /// A patient timeout, which waits until no task can move and no notice is queued. It is tried in a world with one
    /// task in each local state.
    fn patient_timeout(&mut self, state: State, next: &mut Vec<(Label, State)>) -> Result<bool, Stopped> {
        let cast: Vec<&Local> = state.locals.iter().map(|id| &self.locals[usize::from(id)]).collect();
        let control = &self.controls[usize::from(state.control)];
        let Some((reaction, after)) = self.small.react(control, &cast, None, Action::TimeOut)? else {
            return Ok(false);
        };
        let mut locals = Set::default();
        for local in after {
            locals = locals.with(self.local(local)?);
        }
        let control = self.control(reaction.control)?;
        next.push((Label::Input(Action::TimeOut), State { control, locals }));
        Ok(true)
    }

    /// Whether it is possible that no task can move and no notice is queued.
    fn is_quiet(&mut self, state: State) -> Result<bool, Stopped> {
        for id in state.locals.iter() {
            let rests =
                self.steps_of(state.control, id)?.may_rest || self.blockers(state.control, id)?.meets(state.locals);
            if !rests || !self.locals[usize::from(id)].queue.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The first state that breaks a claim, and how many states or ends meet its premise.
    ///
    /// A claim of the protocol is about some task, or about every task. It does not distinguish one task in a local
    /// state from two, so it is judged in a world with one task in each local state.
    pub fn judge(&mut self, claim: &Claim<C>) -> (Option<u32>, usize) {
        let judged = match claim.scope {
            Scope::AtEnd => self.ends.clone(),
            Scope::Always | Scope::Reachable => (0..self.states.len() as u32).collect(),
        };
        let (mut broken, mut met) = (None, 0);
        for index in judged {
            let (setup, world) = self.representative(index);
            met += usize::from(claim.applies(&setup.model, &world));
            if broken.is_none() && claim.is_broken_in(&setup.model, &world) {
                broken = Some(index);
            }
        }
        (broken, met)
    }

    /// A world of a state, with one task in each local state.
    pub fn representative(&mut self, index: u32) -> (Rc<Setup<C>>, World<C>) {
        let state = self.states[index as usize];
        let cast: Vec<&Local> = state.locals.iter().map(|id| &self.locals[usize::from(id)]).collect();
        self.small.world(&self.controls[usize::from(state.control)], &cast, None)
    }

    /// How many states were found.
    pub fn met(&self) -> usize {
        self.states.len()
    }

    /// The number of an abstract state, if it was found.
    pub fn find(&self, (control, locals): &Abstract<C>) -> Option<u32> {
        let control = self.controls.get_index_of(control)? as u16;
        let ids = locals.iter().map(|local| self.locals.get_index_of(local).map(|index| index as u16));
        let locals = ids.collect::<Option<Set>>()?;
        self.states.get_index_of(&State { control, locals }).map(|index| index as u32)
    }

    /// Whether two states that were found are equal, or a transition leads from the first to the second.
    ///
    /// # Errors
    /// If a transition is not covered, or if a limit is reached.
    pub fn leads(&mut self, from: u32, to: u32) -> Result<bool, Stopped> {
        let (from, to) = (self.states[from as usize], self.states[to as usize]);
        let mut next = Vec::new();
        self.successors(from, &mut next)?;
        Ok(from == to || next.iter().any(|(_, state)| *state == to))
    }

    /// Whether possibly no action is enabled in a state.
    pub fn may_end(&self, index: u32) -> bool {
        self.ends.binary_search(&index).is_ok()
    }
}
