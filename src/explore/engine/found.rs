//! What a search found, and the states that it keeps for the way back.

use std::collections::BTreeMap;

use num_bigint::BigUint;

use super::judge::{Claims, each};
use super::key::{Key, Layout};
use super::numbers::Share;
use super::parts::Place;
use crate::explore::contract::Violation;
use crate::explore::limits::{Account, Limit, Limits};

/// A bucket that has been expanded, for the way back.
#[derive(Debug)]
pub struct Layer<const N: usize> {
    pub layout: Layout,
    pub keys: Vec<Key<N>>,
    pub depths: Vec<u32>,
}

/// What a search found.
#[derive(Debug)]
pub struct Found<const N: usize> {
    /// How many states there are; an orbit counts as all that it stands for.
    pub states: BigUint,
    pub stored: usize,
    pub premise_held: Vec<BigUint>,
    pub all: Share,
    pub breaking: Vec<Share>,
    pub unit: BigUint,
    /// By claim: the least number of actions to a state that breaks it, and those states, as potential and place.
    pub shortest: Vec<Option<u32>>,
    pub wanted: Vec<Vec<(u32, usize)>>,
    pub archive: BTreeMap<u32, Layer<N>>,
    pub layout: Layout,
    /// What ended the search early.
    pub cut: Option<Limit>,
    /// A contract that was broken, and where.
    pub broken: Option<(Option<Place>, Violation)>,
    /// What all of it holds of the request's memory.
    pub account: Account,
    /// The bytes of the archive.
    pub archived: usize,
    /// How many buckets there were.
    pub layers: usize,
    /// The most actions of a state.
    pub widest: u32,
}

impl<const N: usize> Found<N> {
    /// Nothing yet.
    pub fn new(claims: usize, layout: Layout, limits: &Limits) -> Self {
        Self {
            states: BigUint::ZERO,
            stored: 0,
            premise_held: vec![BigUint::ZERO; claims],
            all: Share::default(),
            breaking: vec![Share::default(); claims],
            unit: BigUint::from(1u8),
            shortest: vec![None; claims],
            wanted: vec![Vec::new(); claims],
            archive: BTreeMap::new(),
            layout,
            cut: None,
            broken: None,
            account: limits.account(),
            archived: 0,
            layers: 0,
            widest: 1,
        }
    }

    /// Brings all buckets that were kept to one layout.
    pub fn unify(&mut self) {
        for layer in self.archive.values_mut() {
            layer.layout.carry(&mut layer.keys, &self.layout);
            layer.layout.clone_from(&self.layout);
        }
    }

    /// Keeps the states that break claims, if no nearer ones are known.
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
