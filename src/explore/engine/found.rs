//! What a search found, and the states that it keeps for the backward pass.

use std::collections::BTreeMap;
use std::rc::Rc;

use num_bigint::BigUint;

use super::judge::{Claims, each};
use super::key::{Key, Layout};
use super::numbers::Share;
use super::parts::Place;
use super::search::Wanted;
use super::shelf::Shelf;
use super::spill::{Disk, bytes_of, states_of};
use crate::explore::contract::Violation;
use crate::explore::limits::{Account, Limit};

/// A bucket that is kept for the backward pass.
#[derive(Debug)]
pub struct Layer<const N: usize> {
    pub layout: Layout,
    pub keys: Vec<Key<N>>,
    pub depths: Depths,
}

/// The depth of each state of a bucket: the smallest number of actions that lead to it. If all depths are equal, only
/// one number is stored.
#[derive(Debug)]
pub struct Depths(Vec<u32>);

impl Depths {
    /// From the depths of all states.
    pub fn of(mut depths: Vec<u32>) -> Self {
        if depths.windows(2).all(|pair| pair[0] == pair[1]) {
            depths.truncate(1);
        }
        depths.shrink_to_fit();
        Self(depths)
    }

    /// The depth of the state with this index.
    #[inline]
    pub fn at(&self, place: usize) -> u32 {
        self.0[if self.0.len() == 1 { 0 } else { place }]
    }

    /// The smallest depth. `None` if there is no state.
    pub fn least(&self) -> Option<u32> {
        self.0.iter().copied().min()
    }

    /// How many bytes they take.
    pub fn bytes(&self) -> usize {
        size_of_val(self.0.as_slice())
    }
}

/// What a search found.
#[derive(Debug)]
pub struct Found<const N: usize> {
    /// How many states were found. All states of an orbit count.
    pub states: BigUint,
    pub stored: usize,
    pub premise_held: Vec<BigUint>,
    pub all: Share,
    pub breaking: Vec<Share>,
    pub unit: BigUint,
    /// For each claim, the smallest number of actions that lead to a state that breaks it. `wanted` has those states,
    /// as potential and index.
    pub shortest: Vec<Option<u32>>,
    pub wanted: Vec<Vec<(u32, usize)>>,
    archive: Shelf<Layer<N>>,
    /// The folder for files, if the kept states are written to files.
    pub disk: Option<Disk>,
    /// For each bucket, the layouts of the pieces that are in a file.
    layouts: BTreeMap<u32, Vec<Layout>>,
    pub layout: Layout,
    /// The limit that ended the search early.
    pub cut: Option<Limit>,
    /// A contract that was broken, and the state in which this happened, if it is known.
    pub broken: Option<(Option<Place>, Violation)>,
    /// The part of the request's memory that all of this holds.
    pub account: Account,
    /// The bytes of the archive, if it is in memory.
    pub archived: usize,
    /// How many buckets have been processed.
    pub layers: usize,
    /// The largest number of actions that are enabled in one state.
    pub widest: u32,
}

impl<const N: usize> Found<N> {
    /// The result before the first state.
    ///
    /// # Errors
    /// If no file can be created.
    pub fn new(wanted: &Wanted<'_>, layout: Layout) -> Result<Self, Limit> {
        let claims = wanted.claims;
        Ok(Self {
            states: BigUint::ZERO,
            stored: 0,
            premise_held: vec![BigUint::ZERO; claims],
            all: Share::default(),
            breaking: vec![Share::default(); claims],
            unit: BigUint::from(1u8),
            shortest: vec![None; claims],
            wanted: vec![Vec::new(); claims],
            archive: Shelf::new(wanted.spill)?,
            disk: wanted.spill.cloned(),
            layouts: BTreeMap::new(),
            layout,
            cut: None,
            broken: None,
            account: wanted.limits.account(),
            archived: 0,
            layers: 0,
            widest: 1,
        })
    }

    /// Keeps a bucket, or a piece of it, for the backward pass.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep(&mut self, potential: u32, layer: Layer<N>) -> Result<(), Limit> {
        if self.archive.is_a_file() {
            self.layouts.entry(potential).or_default().push(layer.layout.clone());
        } else {
            self.archived += layer.keys.len() * size_of::<Key<N>>() + layer.depths.bytes();
        }
        Ok(self.archive.put(potential, layer, |layer| bytes_of(&layer.keys, &layer.depths))?)
    }

    /// A bucket that was kept.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn layer(&self, potential: u32) -> Result<Option<Rc<Layer<N>>>, Limit> {
        let made_of = |pieces: &[Vec<u8>]| {
            let (mut keys, mut depths) = (Vec::new(), Vec::new());
            for (bytes, layout) in pieces.iter().zip(&self.layouts[&potential]) {
                let (mut more, mut their_depths) = states_of(bytes)?;
                layout.carry(&mut more, &self.layout);
                keys.append(&mut more);
                depths.append(&mut their_depths);
            }
            Ok(Layer { layout: self.layout.clone(), keys, depths: Depths::of(depths) })
        };
        Ok(self.archive.get(potential, made_of)?)
    }

    /// The potentials of all buckets that were kept, in ascending order.
    pub fn kept(&self) -> Vec<u32> {
        self.archive.potentials()
    }

    /// Converts the kept buckets to the current layout. Those in a file are converted when they are read.
    pub fn unify(&mut self) {
        for layer in self.archive.each() {
            layer.layout.carry(&mut layer.keys, &self.layout);
            layer.layout.clone_from(&self.layout);
        }
    }

    /// Records a state that breaks claims, for each claim for which no nearer state is known.
    pub fn note(&mut self, potential: u32, place: usize, depth: u32, broken: Claims) {
        for claim in each(broken) {
            let best = self.shortest[claim].get_or_insert(depth);
            if depth < *best {
                *best = depth;
                self.wanted[claim].clear();
            }
            if depth == *best {
                self.wanted[claim].push((potential, place));
            }
        }
    }
}
