//! The data that is kept for each bucket for the backward pass, in memory or in a file.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::rc::Rc;

use super::spill::{Disk, Pieces};

/// At most this many items that were read from the file are held in memory.
const HELD: usize = 3;

/// Items, each under the potential of its bucket.
#[derive(Debug)]
pub struct Shelf<T> {
    here: BTreeMap<u32, Rc<T>>,
    there: Option<Pieces>,
    held: RefCell<VecDeque<(u32, Rc<T>)>>,
}

impl<T> Shelf<T> {
    /// An empty shelf.
    ///
    /// # Errors
    /// If no file can be created.
    pub fn new(disk: Option<&Disk>) -> io::Result<Self> {
        let there = disk.map(Pieces::new).transpose()?;
        Ok(Self { here: BTreeMap::new(), there, held: RefCell::default() })
    }

    /// Whether the items are in a file. Then a bucket may have several pieces.
    pub fn is_a_file(&self) -> bool {
        self.there.is_some()
    }

    /// Adds an item, or a piece of it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn put(&mut self, potential: u32, thing: T, bytes: impl Fn(&T) -> Vec<u8>) -> io::Result<()> {
        match &mut self.there {
            Some(pieces) => pieces.put(potential, &bytes(&thing)),
            None => {
                self.here.insert(potential, Rc::new(thing));
                Ok(())
            }
        }
    }

    /// The item of a bucket. If it is in a file, it is built from its pieces.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn get(&self, potential: u32, made_of: impl FnOnce(&[Vec<u8>]) -> io::Result<T>) -> io::Result<Option<Rc<T>>> {
        let Some(pieces) = &self.there else { return Ok(self.here.get(&potential).cloned()) };
        let mut held = self.held.borrow_mut();
        if let Some((_, thing)) = held.iter().find(|(other, _)| *other == potential) {
            return Ok(Some(Rc::clone(thing)));
        }
        let read = pieces.get(potential)?;
        if read.is_empty() {
            return Ok(None);
        }
        let thing = Rc::new(made_of(&read)?);
        held.truncate(HELD - 1);
        held.push_front((potential, Rc::clone(&thing)));
        Ok(Some(thing))
    }

    /// The potentials that have an item, in ascending order.
    pub fn potentials(&self) -> Vec<u32> {
        match &self.there {
            Some(pieces) => pieces.potentials().collect(),
            None => self.here.keys().copied().collect(),
        }
    }

    /// Every item, if the items are in memory; none if they are in a file.
    pub fn each(&mut self) -> impl Iterator<Item = &mut T> {
        self.here.values_mut().filter_map(Rc::get_mut)
    }
}
