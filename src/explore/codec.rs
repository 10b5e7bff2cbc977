//! A state as a few bytes, and back. Controllers and states of tasks are kept once and named by a number.

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

use super::limits::{controller_heap, index_map_bytes, index_set_bytes};
use super::orbits::{Permutation, Symmetry};
use crate::core::{ActorId, Attempt, Command, Controller, Status, TaskState};
use crate::model::{Driver, Model, QueuedNotice, World};

/// Packs states under the names of their representatives.
pub struct StateCodec<C> {
    controls: IndexSet<Driver<C>, FxBuildHasher>,
    states: States,
    commands: IndexSet<Command, FxBuildHasher>,
    tasks: usize,
    actors: usize,
    /// What a controller keeps on the heap.
    heap: usize,
    /// Whether a kind of notice takes two bytes.
    has_many_kinds: bool,
    /// Whether losses, crashes or a stop are part of a state.
    is_disturbed: bool,
}

impl<C: Controller> StateCodec<C> {
    /// A packer for the states of a model.
    pub fn new(model: &Model<C>) -> Self {
        let run = model.run();
        Self {
            controls: IndexSet::default(),
            states: States::new(),
            commands: IndexSet::default(),
            tasks: usize::from(model.tasks()),
            actors: model.actors().count(),
            heap: controller_heap(model),
            has_many_kinds: model.kinds().len() > 1 << 8,
            is_disturbed: run.losses > 0 || run.crashes > 0 || run.stop,
        }
    }

    /// The bytes of the controllers, if this many more are about to be added.
    pub fn bytes(&self, more: usize) -> usize {
        self.states.bytes(more * self.actors)
            + index_set_bytes(&self.controls, more)
            + (self.controls.len() + more) * self.heap
    }

    /// Writes a state, renamed, into `key`.
    pub fn pack(&mut self, world: &World<C>, symmetry: Option<&Symmetry<C>>, naming: &Permutation, key: &mut Vec<u8>) {
        let control = self.control(&world.driver, symmetry, naming);
        self.pack_under(control, world, naming, key);
    }

    /// The same with the number of its controller.
    pub fn pack_under(&mut self, control: u32, world: &World<C>, naming: &Permutation, key: &mut Vec<u8>) {
        key.clear();
        key.extend(control.to_le_bytes());
        key.push(world.duplicates_left);
        if self.is_disturbed {
            key.extend([world.losses_left, world.crashes_left, u8::from(world.stop_asked)]);
        }
        for inbox in &world.inboxes {
            put_len(key, inbox.len());
            for notice in inbox {
                let [kind, rest] = notice.kind.to_le_bytes();
                key.extend([naming.rename(notice.from).0, notice.attempt.0, kind]);
                key.extend(self.has_many_kinds.then_some(rest));
            }
        }
        let renamed = naming.from.iter().filter_map(|&actor| world.commands.get(actor));
        for commands in renamed {
            put_len(key, commands.len());
            commands.iter().for_each(|&command| put(key, self.commands.insert_full(command).0));
        }
        for crew in &world.attempts {
            self.states.write(naming.from[..crew.len()].iter().map(|&actor| crew[actor]), key);
        }
    }

    /// The number of a controller, renamed; a new one where it is new.
    pub fn control(&mut self, control: &Driver<C>, symmetry: Option<&Symmetry<C>>, naming: &Permutation) -> u32 {
        let index = match symmetry {
            Some(symmetry) if !naming.is_identity() => {
                let mut renamed = control.clone();
                symmetry.rename(&mut renamed, naming);
                self.controls.insert_full(renamed).0
            }
            _ => match self.controls.get_index_of(control) {
                Some(index) => index,
                None => self.controls.insert_full(control.clone()).0,
            },
        };
        u32::try_from(index).expect("there are fewer controllers than states")
    }

    /// The number of the controller of a packed state.
    pub fn control_of(key: &[u8]) -> u32 {
        u32::from_le_bytes([key[0], key[1], key[2], key[3]])
    }

    /// Every controller that was met.
    pub fn controls(&self) -> impl Iterator<Item = &Driver<C>> {
        self.controls.iter()
    }

    /// The controller with a number.
    pub fn control_with(&self, number: u32) -> &Driver<C> {
        &self.controls[number as usize]
    }

    /// Reads a state back into a world of the same model.
    pub fn unpack(&self, key: &[u8], world: &mut World<C>) {
        world.driver.clone_from(self.control_with(Self::control_of(key)));
        self.unpack_around(key, world);
    }

    /// The same without its controller, which is there already.
    pub fn unpack_around(&self, key: &[u8], world: &mut World<C>) {
        world.duplicates_left = key[4];
        let mut rest = &key[5..];
        if self.is_disturbed {
            (world.losses_left, world.crashes_left, world.stop_asked) = (rest[0], rest[1], rest[2] != 0);
            rest = &rest[3..];
        }
        for inbox in &mut world.inboxes {
            let len = take_len(&mut rest);
            let (notices, others) = rest.split_at(len * if self.has_many_kinds { 4 } else { 3 });
            inbox.clear();
            if self.has_many_kinds {
                inbox.extend(notices.chunks_exact(4).map(|bytes| notice(bytes[0], bytes[1], [bytes[2], bytes[3]])));
            } else {
                inbox.extend(notices.chunks_exact(3).map(|bytes| notice(bytes[0], bytes[1], [bytes[2], 0])));
            }
            rest = others;
        }
        for commands in &mut world.commands {
            let len = take_len(&mut rest);
            commands.clear();
            commands.extend((0..len).map(|_| self.commands[take(&mut rest)]));
        }
        let (mut crews, mut len) = (0, self.actors);
        while !rest.is_empty() {
            world.attempts.resize_with(world.attempts.len().max(crews + 1), Vec::new);
            world.attempts[crews].clear();
            self.states.read(&mut rest, len, &mut world.attempts[crews]);
            (crews, len) = (crews + 1, self.tasks);
        }
        world.attempts.truncate(crews);
    }
}

/// The states of tasks that were met, each with a number.
struct States {
    numbers: IndexMap<u64, TaskState, FxBuildHasher>,
    /// The numbers of those that are met most: by the last bits of a state, those of the first attempt.
    usual: Box<[u8; DEFAULTS]>,
}

/// How many states of the first attempt there are with eight lines.
const DEFAULTS: usize = 1 << 12;

impl States {
    fn new() -> Self {
        Self { numbers: IndexMap::default(), usual: Box::new([u8::MAX; DEFAULTS]) }
    }

    fn bytes(&self, more: usize) -> usize {
        index_map_bytes(&self.numbers, more) + DEFAULTS
    }

    #[inline]
    fn number(&mut self, state: TaskState) -> usize {
        let usual = (state.completed as usize) << 4 | usize::from(status_code(state.status));
        match self.usual.get(usual).filter(|_| state.attempt.0 == 1) {
            Some(&number) if number < u8::MAX => usize::from(number),
            place => self.find(state, place.is_some().then_some(usual)),
        }
    }

    /// Finds a number in the table of all, and notes it if there is a place for it.
    fn find(&mut self, state: TaskState, place: Option<usize>) -> usize {
        let number = self.numbers.insert_full(bits(state), state).0;
        if let Some(place) = place {
            self.usual[place] = u8::try_from(number).unwrap_or(u8::MAX);
        }
        number
    }

    /// Writes these states.
    fn write(&mut self, states: impl Iterator<Item = TaskState> + Clone, key: &mut Vec<u8>) {
        let (start, mut most) = (key.len(), 0);
        key.extend(states.clone().map(|state| {
            let number = self.number(state);
            most = most.max(number);
            number as u8
        }));
        if most >= usize::from(u8::MAX) {
            key.truncate(start);
            states.for_each(|state| put(key, self.number(state)));
        }
    }

    /// Reads this many states.
    fn read(&self, rest: &mut &[u8], count: usize, states: &mut Vec<TaskState>) {
        let (bytes, others) = rest.split_at(count);
        if self.numbers.len() < usize::from(u8::MAX) {
            states.extend(bytes.iter().map(|&number| self.numbers[usize::from(number)]));
            *rest = others;
        } else {
            states.extend((0..count).map(|_| self.numbers[take(rest)]));
        }
    }
}

fn notice(from: u8, attempt: u8, kind: [u8; 2]) -> QueuedNotice {
    QueuedNotice { from: ActorId(from), attempt: Attempt(attempt), kind: u16::from_le_bytes(kind) }
}

fn put_len(key: &mut Vec<u8>, len: usize) {
    key.extend(u16::try_from(len).expect("a channel holds fewer messages than that").to_le_bytes());
}

fn take_len(rest: &mut &[u8]) -> usize {
    let len = usize::from(u16::from_le_bytes([rest[0], rest[1]]));
    *rest = &rest[2..];
    len
}

/// Writes a number: one byte if it is less than 255, and else five.
#[inline]
fn put(key: &mut Vec<u8>, number: usize) {
    match u8::try_from(number) {
        Ok(byte) if byte < u8::MAX => key.push(byte),
        _ => {
            key.push(u8::MAX);
            key.extend(u32::try_from(number).expect("there are fewer of them than states").to_le_bytes());
        }
    }
}

#[inline]
fn take(rest: &mut &[u8]) -> usize {
    let byte = rest[0];
    let (number, taken) = match byte {
        u8::MAX => (u32::from_le_bytes([rest[1], rest[2], rest[3], rest[4]]) as usize, 5),
        byte => (usize::from(byte), 1),
    };
    *rest = &rest[taken..];
    number
}

/// All of a task's state in one number. No two states have the same.
#[inline]
pub fn bits(TaskState { attempt, status, completed }: TaskState) -> u64 {
    u64::from(completed) << 16 | u64::from(status_code(status)) << 8 | u64::from(attempt.0)
}

/// A status in four bits.
#[inline]
fn status_code(status: Status) -> u8 {
    match status {
        Status::Live => 0,
        Status::Hung => 1,
        Status::Finished => 2,
        Status::Panicked(cause) => 4 + cause as u8,
        Status::Dead(cause) => 8 + cause as u8,
    }
}
