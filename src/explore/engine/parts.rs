//! The parts of a state. Each part is stored once and has a number. The effect of an action on a part is learned from
//! the model.
//!
//! A part is a controller with its attempt, the tasks of an attempt (a group), an inbox, or the commands. The model
//! takes every step that is not known yet, once for each set of parts that the step depends on. So the rules of the
//! model are not repeated here. A controller is tested by its [`Contract`], on two clones for each new input.

use std::collections::VecDeque;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::names::{Names, Order, Origin};
use super::potential::{Potential, Weights};
use super::tables::{
    ASKED, COMMANDS, CONTROL, CRASHES, CURRENT, Control, DUPLICATES, Inbox, LOSSES, NONE, NoticeFacts, Shape, Tables,
};
use crate::core::{ActorId, Attempt, Command, Controller, Effect, Stage, TaskState, Timeout};
use crate::explore::contract::{Contract, Violation};
use crate::explore::limits::{Limit, Limits, controller_heap};
use crate::explore::orbits::{Symmetry, Unchecked};
use crate::model::guard::guard;
use crate::model::{ContractViolation, Driver, Model, QueuedNotice, World};

/// Why learning failed.
#[derive(Debug)]
pub enum Unlearned {
    /// The search must restart with these weights.
    Weights(Weights),
    /// A schedule does not lead to the state that it led to before.
    Lost,
    /// The controller or a claim does not treat tasks alike, or is not known to.
    Asymmetric,
    /// The request reached a limit.
    Limit(Limit),
    /// A contract was broken in this state. `None` before the first state, or if equal controllers have unequal hashes.
    Broken(Option<Place>, Violation),
}

/// A state, given by its parts, and the input whose reaction broke a contract, if it was a reaction.
#[derive(Debug, Clone)]
pub struct Place {
    pub ids: Vec<u32>,
    pub input: Option<u32>,
}

impl Unlearned {
    /// Adds the state to a broken contract. Other reasons are unchanged.
    pub fn at(self, ids: &[u32], input: Option<u32>) -> Self {
        match self {
            Self::Broken(None, violation) => Self::Broken(Some(Place { ids: ids.to_vec(), input }), violation),
            other => other,
        }
    }

    /// Calls code that may run a user's code.
    ///
    /// # Errors
    /// The error of that code, or its panic.
    pub fn guard<T>(call: impl FnOnce() -> Result<T, Self>) -> Result<T, Self> {
        guard(call).unwrap_or_else(|panic| Err(Self::Broken(None, ContractViolation::Panicked(panic).into())))
    }
}

impl From<Violation> for Unlearned {
    fn from(violation: Violation) -> Self {
        Self::Broken(None, violation)
    }
}

impl From<Limit> for Unlearned {
    fn from(limit: Limit) -> Self {
        Self::Limit(limit)
    }
}

impl From<Unchecked> for Unlearned {
    fn from(why: Unchecked) -> Self {
        match why {
            Unchecked::Asymmetric(_) => Self::Asymmetric,
            Unchecked::Limit(limit) => Self::Limit(limit),
        }
    }
}

/// At the end of a search, the controller's reactions are tested at least this many times. During the search they are
/// looked up.
const REPEATS: usize = 1024;

type Set<T> = IndexSet<T, FxBuildHasher>;

/// The parts of the states of a model.
pub struct Parts<'a, C> {
    pub model: &'a Model<C>,
    pub tables: Tables,
    pub names: Option<Names>,
    pub contract: Contract<C>,
    pub symmetry: Option<Symmetry<C>>,
    /// How many bytes a controller has on the heap.
    pub(super) heap: usize,
    pub(super) weights: Weights,
    pub(super) potential: Potential,
    pub controls: Set<Driver<C>>,
    /// By controller.
    pub origins: Vec<Origin>,
    pub notices: Set<QueuedNotice>,
    pub commands: Set<Vec<VecDeque<Command>>>,
    pub groups: Set<Vec<TaskState>>,
    states: Set<TaskState>,
    /// What an actor in each state adds to the potential.
    worths: FxHashMap<(usize, TaskState), u32>,
    pub(super) effects: Set<(Attempt, Vec<Effect>)>,
    pub(super) start: World<C>,
    /// The state in which each pair of a controller and an input was first found.
    pub(super) met: Vec<Place>,
    /// Whether some controller has the stage `Up`.
    pub comes_up: bool,
}

impl<'a, C: Controller> Parts<'a, C> {
    /// No state is known yet. The first controller is checked.
    ///
    /// # Errors
    /// If the controller breaks its contract, or prefers a task although tasks are interchanged.
    pub fn new(model: &'a Model<C>, symmetry: Option<Symmetry<C>>, weights: Weights) -> Result<Self, Unlearned> {
        let run = model.run();
        let shape = Shape {
            actors: model.actors.len(),
            tasks: model.tasks.into(),
            groups: if run.lingers { run.attempts.into() } else { 1 },
            inboxes: model.barriers.len(),
            has_commands: model.has_commands,
            stop: run.stop,
            timeout: (run.timeout != Timeout::None).then_some(run.timeout == Timeout::Hasty),
        };
        let classes = symmetry.as_ref().map_or(&[][..], Symmetry::classes);
        let names = (!classes.is_empty()).then(|| Names::new(shape.tasks, shape.groups, classes));
        let potential = Potential::of(model, weights);
        let tables = Tables::new(shape, potential.notice, potential.crash);
        let (contract, start) = (Contract::of(model), model.start());
        let mut parts = Self {
            model,
            tables,
            names,
            contract,
            symmetry,
            weights,
            potential,
            start,
            met: Vec::new(),
            comes_up: false,
            heap: controller_heap(model),
            controls: Set::default(),
            origins: Vec::new(),
            notices: Set::default(),
            commands: Set::default(),
            groups: Set::default(),
            states: Set::default(),
            worths: FxHashMap::default(),
            effects: Set::default(),
        };
        Unlearned::guard(|| parts.begin())?;
        Ok(parts)
    }

    /// Adds the parts that a search starts with, and those whose number means "none".
    fn begin(&mut self) -> Result<(), Unlearned> {
        self.contract.start(&self.start.driver, self.symmetry.as_ref())?;
        if let Some(symmetry) = &self.symmetry {
            symmetry.check_start(&self.start.driver).map_err(|_| Unlearned::Asymmetric)?;
        }
        self.tables.inboxes.push(Inbox::default());
        let tasks = self.tables.shape.tasks;
        self.names.iter_mut().for_each(|names| names.firsts.extend(vec![u16::MAX; tasks]));
        self.group(Vec::new())?;
        self.effects.insert((Attempt(1), Vec::new()));
        Ok(())
    }

    // ---- states ----

    /// The parts of a state of the model.
    pub fn take_apart(&mut self, world: &World<C>) -> Result<Vec<u32>, Unlearned> {
        let mut ids = vec![NONE; self.tables.width()];
        ids[CONTROL] = self.control(world.driver.clone(), Origin::Start);
        ids[ASKED] = world.stop_asked.into();
        ids[DUPLICATES] = world.duplicates_left.into();
        ids[LOSSES] = world.losses_left.into();
        ids[CRASHES] = world.crashes_left.into();
        ids[COMMANDS] = self.commands(world.commands.clone());
        ids[CURRENT] = self.group(world.attempts[0].clone())?;
        for (place, group) in world.attempts[1..].iter().rev().enumerate() {
            ids[CURRENT + 1 + place] = self.group(group.clone())?;
        }
        for (index, inbox) in world.inboxes.iter().enumerate() {
            let place = self.tables.inbox(index);
            for &notice in inbox {
                let notice = self.notice(notice);
                ids[place] = self.push(ids[place], notice)?;
            }
        }
        Ok(ids)
    }

    /// The parts of the representative of a state, and the order that leads to it.
    pub fn representative(&mut self, world: &World<C>) -> Result<(Vec<u32>, Order), Unlearned> {
        let ids = self.take_apart(world)?;
        self.representative_of(ids, &Limits::default())
    }

    /// Like [`Self::representative`], but for the state with these parts.
    pub fn representative_of(&mut self, ids: Vec<u32>, limits: &Limits) -> Result<(Vec<u32>, Order), Unlearned> {
        let Some(names) = &self.names else { return Ok((ids, Order::IDENTITY)) };
        let order = names.order_of(&self.tables, &ids);
        if order == Order::IDENTITY {
            return Ok((ids, order));
        }
        loop {
            let (mut renamed, names) = (ids.clone(), self.names.as_ref().expect("tasks are interchanged"));
            match names.rename(&self.tables, &mut renamed, order) {
                Ok(()) => return Ok((renamed, order)),
                Err(missing) => self.learn(missing, &ids, limits)?,
            }
        }
    }

    /// Writes the state with these parts to `world`. `before` are the parts of the state that `world` contains, if they
    /// are known.
    pub fn put_together(&self, ids: &[u32], before: &[u32], world: &mut World<C>) {
        let is_new = |part: usize| before.get(part) != Some(&ids[part]);
        if is_new(CONTROL) {
            world.driver.clone_from(&self.controls[ids[CONTROL] as usize]);
        }
        world.stop_asked = ids[ASKED] != 0;
        (world.duplicates_left, world.losses_left) = (ids[DUPLICATES] as u8, ids[LOSSES] as u8);
        world.crashes_left = ids[CRASHES] as u8;
        if is_new(COMMANDS) {
            world.commands.clone_from(&self.commands[ids[COMMANDS] as usize]);
        }
        let places: Vec<usize> = self.tables.acting(ids).collect();
        world.attempts.resize(places.len(), Vec::new());
        for (group, &place) in world.attempts.iter_mut().zip(&places) {
            if place != CURRENT || is_new(place) {
                group.clone_from(&self.groups[ids[place] as usize]);
            }
        }
        for (index, inbox) in world.inboxes.iter_mut().enumerate() {
            let place = self.tables.inbox(index);
            if is_new(place) {
                inbox.clear();
                inbox.extend(self.mail(ids[place]).map(|notice| self.notices[notice as usize]));
            }
        }
    }

    /// How many bits each part needs, with room for twice as many controllers, commands, groups and inboxes.
    pub fn bits(&self) -> Vec<u32> {
        let (shape, run) = (self.tables.shape, self.model.run());
        let of = |most: usize| usize::BITS - most.leading_zeros();
        let room = |count: usize| of(2 * count.max(8) - 1);
        let mut bits = vec![room(self.controls.len()), of(usize::from(shape.stop)), of(run.duplicates.into())];
        bits.extend([of(run.losses.into()), of(run.crashes.into())]);
        bits.push(if shape.has_commands { room(self.commands.len()) } else { 0 });
        bits.extend(vec![room(self.groups.len()); shape.groups]);
        bits.extend(vec![room(self.tables.inboxes.len()); shape.inboxes]);
        bits
    }

    /// Whether the model has this sender and this kind of notice.
    pub fn has(&self, notice: QueuedNotice) -> bool {
        notice.from.index() < self.tables.shape.actors && usize::from(notice.kind) < self.model.kinds.len()
    }

    /// The controller with a number.
    pub fn control_with(&self, number: u32) -> &Driver<C> {
        &self.controls[number as usize]
    }

    // ---- parts ----

    pub(super) fn control(&mut self, driver: Driver<C>, origin: Origin) -> u32 {
        let (id, is_new) = match self.controls.get_index_of(&driver) {
            Some(id) => (id, false),
            None => self.controls.insert_full(driver),
        };
        if is_new {
            let driver = &self.controls[id];
            let stage = driver.controller.phase().stage;
            self.comes_up |= stage == Stage::Up;
            self.origins.push(origin);
            self.tables.controls.push(Control {
                starts: stage == Stage::Starting,
                stops: stage == Stage::Stopping,
                is_final: stage.is_final(),
                worth: self.potential.driver(driver),
            });
            if let (Some(names), Some(symmetry)) = (&mut self.names, &self.symmetry) {
                let marks: Vec<u64> =
                    (0..self.tables.shape.tasks).map(|task| symmetry.mark(driver, ActorId::at(task))).collect();
                let mut sorted = marks.clone();
                sorted.sort_unstable();
                names.ranks.extend(marks.iter().map(|mark| sorted.partition_point(|other| other < mark) as u16));
            }
        }
        id as u32
    }

    pub fn group(&mut self, group: Vec<TaskState>) -> Result<u32, Unlearned> {
        let (id, is_new) = self.groups.insert_full(group);
        if is_new {
            let shape = self.tables.shape;
            let worth = (0..self.groups[id].len()).map(|actor| self.worth(actor, self.groups[id][actor])).sum();
            self.tables.groups.push(worth);
            let group = &self.groups[id];
            let attempts = group.iter().map(|state| state.attempt.0).chain(std::iter::repeat(0));
            self.tables.attempts.extend(attempts.take(shape.actors));
            if let Some(names) = &mut self.names {
                for task in 0..shape.tasks {
                    let number = group.get(task).map_or(0, |&state| self.states.insert_full(state).0 + 1);
                    let number = u16::try_from(number).ok().filter(|&number| number <= names.most_states());
                    names.states.push(number.ok_or(Unlearned::Asymmetric)?);
                }
            }
        }
        Ok(id as u32)
    }

    /// What an actor in a state adds to the potential.
    pub(super) fn worth(&mut self, actor: usize, state: TaskState) -> u32 {
        let worth = || self.potential.task(&self.model.actors[actor], state);
        *self.worths.entry((actor, state)).or_insert_with(worth)
    }

    pub fn commands(&mut self, commands: Vec<VecDeque<Command>>) -> u32 {
        let (id, is_new) = self.commands.insert_full(commands);
        if is_new {
            let full = self.commands[id].iter().enumerate().filter(|(_, queue)| !queue.is_empty());
            let actors = full.map(|(actor, _)| actor as u16).collect();
            let count: usize = self.commands[id].iter().map(VecDeque::len).sum();
            self.tables.commands.push((actors, count as u32));
        }
        id as u32
    }

    pub fn notice(&mut self, notice: QueuedNotice) -> u32 {
        let (id, is_new) = self.notices.insert_full(notice);
        if is_new {
            self.tables.notices.push(NoticeFacts { from: notice.from.index() as u16, attempt: notice.attempt.0 });
        }
        id as u32
    }

    /// The notices of an inbox, oldest first.
    pub fn mail(&self, inbox: u32) -> impl Iterator<Item = u32> {
        let full = |&inbox: &u32| inbox != NONE;
        let inboxes = std::iter::successors(Some(inbox).filter(full), move |&inbox| {
            Some(self.tables.inboxes[inbox as usize].rest).filter(full)
        });
        inboxes.map(|inbox| self.tables.inboxes[inbox as usize].oldest)
    }

    pub fn push(&mut self, inbox: u32, notice: u32) -> Result<u32, Unlearned> {
        if let Ok(longer) = self.tables.pushed(inbox, notice) {
            return Ok(longer);
        }
        let Inbox { oldest, rest, length } = self.tables.inboxes[inbox as usize];
        let next = match length {
            0 => Inbox { oldest: notice, rest: NONE, length: 1 },
            _ => Inbox { oldest, rest: self.push(rest, notice)?, length: length + 1 },
        };
        let id = self.tables.inboxes.len() as u32;
        self.tables.inboxes.push(next);
        self.tables.longer.insert((inbox, notice), id);
        if let Some(names) = &mut self.names {
            let (tasks, from) = (self.tables.shape.tasks, usize::from(self.tables.notices[notice as usize].from));
            let begin = names.firsts.len();
            names.firsts.extend_from_within(inbox as usize * tasks..(inbox as usize + 1) * tasks);
            if from < tasks && names.firsts[begin + from] == u16::MAX {
                names.firsts[begin + from] = u16::try_from(length).map_err(|_| Limit::Memory)?;
            }
        }
        Ok(id)
    }

    /// Tests every pair of a controller and an input once more, or several times if there are fewer than [`REPEATS`];
    /// then compares the controllers.
    ///
    /// # Errors
    /// How the controller breaks its contract.
    pub fn repeat(&self, limits: &Limits) -> Result<(), Unlearned> {
        let rounds = REPEATS.div_ceil(self.met.len().max(1));
        for (index, place) in (0..rounds).flat_map(|_| self.met.iter().enumerate()) {
            limits.check()?;
            let again = || Ok(self.contract.repeat(index, |number| self.control_with(number))?);
            Unlearned::guard(again).map_err(|why| why.at(&place.ids, place.input))?;
        }
        Unlearned::guard(|| Ok(self.contract.compare_hashes().map_err(Violation::from)?))
    }
}
