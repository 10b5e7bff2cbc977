//! A state as a few bytes, and back. Controllers are kept once and named by a number.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::limits::{controller_bytes, index_set_bytes};
use super::orbits::{Naming, Symmetry};
use crate::core::{ActorId, Attempt, Cause, Controller, Kind, Notice, TaskState};
use crate::model::{Driver, World};

/// Packs states under the names of their representatives.
pub struct Packer<C> {
    controls: IndexSet<Driver<C>, FxBuildHasher>,
    tasks: usize,
}

impl<C: Controller> Packer<C> {
    /// A packer for states of so many tasks.
    pub fn new(tasks: usize) -> Self {
        Self { controls: IndexSet::default(), tasks }
    }

    /// The bytes of the controllers, of which so many are about to be added.
    pub fn bytes(&self, more: usize) -> usize {
        index_set_bytes(&self.controls, more) + (self.controls.len() + more) * controller_bytes(self.tasks)
    }

    /// Writes a state, renamed, into `key`.
    pub fn pack(&mut self, world: &World<C>, symmetry: Option<&Symmetry<C>>, naming: &Naming, key: &mut Vec<u8>) {
        key.clear();
        key.extend(self.control(&world.driver, symmetry, naming).to_le_bytes());
        key.push(world.duplicates_left);
        for inbox in &world.inboxes {
            key.extend(u16::try_from(inbox.len()).expect("an inbox holds what its tasks send").to_le_bytes());
            for notice in inbox {
                key.extend([naming.rename(notice.task).0, notice.attempt.0, kind_code(notice.kind)]);
            }
        }
        for crew in &world.attempts {
            key.extend(naming.from.iter().map(|&task| life_code(crew[task])));
        }
    }

    /// The number of a controller, renamed; a new one where it is new.
    fn control(&mut self, control: &Driver<C>, symmetry: Option<&Symmetry<C>>, naming: &Naming) -> u32 {
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

    /// The controller with a number.
    pub fn control_with(&self, number: u32) -> &Driver<C> {
        &self.controls[number as usize]
    }

    /// Reads a state back into a world of the same setup.
    pub fn unpack(&self, key: &[u8], world: &mut World<C>) {
        world.driver.clone_from(self.control_with(Self::control_of(key)));
        world.duplicates_left = key[4];
        let mut rest = &key[5..];
        for inbox in &mut world.inboxes {
            let (notices, others) = rest[2..].split_at(3 * usize::from(u16::from_le_bytes([rest[0], rest[1]])));
            inbox.clear();
            inbox.extend(notices.chunks_exact(3).map(|notice| Notice {
                task: ActorId(notice[0]),
                attempt: Attempt(notice[1]),
                kind: KINDS[usize::from(notice[2])],
            }));
            rest = others;
        }
        world.attempts.resize(rest.len() / self.tasks, Vec::new());
        for (crew, lives) in world.attempts.iter_mut().zip(rest.chunks_exact(self.tasks)) {
            crew.clear();
            crew.extend(lives.iter().map(|&life| life_of(life)));
        }
    }
}

const KINDS: [Kind; 4] = [Kind::Started, Kind::Failed(Cause::Panicked), Kind::Failed(Cause::Cascaded), Kind::Finished];

const LIVES: [Life; 7] = [
    Life::Running,
    Life::Panicked(Cause::Panicked),
    Life::Panicked(Cause::Cascaded),
    Life::Dead(Cause::Panicked),
    Life::Dead(Cause::Cascaded),
    Life::Vanished,
    Life::Finished,
];

fn kind_code(kind: Kind) -> u8 {
    KINDS.iter().position(|&other| other == kind).expect("the table names every kind") as u8
}

/// A life in four bits: a task that has taken k steps of its sequence, which has three at most, follows the other lives at 7 + k.
pub fn life_code(life: Life) -> u8 {
    match life {
        Life::Starting(taken) => LIVES.len() as u8 + taken,
        other => LIVES.iter().position(|&life| life == other).expect("the table names every other life") as u8,
    }
}

fn life_of(code: u8) -> Life {
    match LIVES.get(usize::from(code)) {
        Some(&life) => life,
        None => Life::Starting(code - LIVES.len() as u8),
    }
}
