//! Packed states, each stored once under a number: their bytes one after the other, and a table of numbers.
//!
//! A state takes its bytes and some 20 more. There is no block on the heap for each, so all of them can be given up at once.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use super::limits::{grown, table_bytes, vec_bytes};

/// The size of the first and of the largest chunk.
const CHUNK: std::ops::RangeInclusive<usize> = 1 << 10..=1 << 20;

/// Where a key is.
#[derive(Debug, Clone, Copy)]
struct Place {
    chunk: u32,
    start: u32,
    length: u32,
}

/// A set of keys with numbers from 0, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Keys {
    table: HashTable<u32>,
    places: Vec<Place>,
    /// The bytes of the keys. A chunk never grows, and holds each of its keys whole.
    chunks: Vec<Vec<u8>>,
    chunk_bytes: usize,
}

impl Keys {
    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// The key with a number.
    pub fn get(&self, id: u32) -> &[u8] {
        key(&self.places, &self.chunks, id)
    }

    /// The number of a key, if it is there.
    pub fn find(&self, wanted: &[u8]) -> Option<u32> {
        self.table.find(hash(wanted), |&id| self.get(id) == wanted).copied()
    }

    /// Adds a key that is not there; returns its number.
    pub fn add(&mut self, new: &[u8]) -> u32 {
        let id = self.places.len() as u32;
        let fits = self.chunks.last().is_some_and(|chunk| chunk.capacity() - chunk.len() >= new.len());
        if !fits {
            let chunk = Vec::with_capacity(self.next_chunk().max(new.len()));
            self.chunk_bytes += chunk.capacity();
            self.chunks.push(chunk);
        }
        let number = self.chunks.len() - 1;
        let chunk = &mut self.chunks[number];
        self.places.push(Place { chunk: number as u32, start: chunk.len() as u32, length: new.len() as u32 });
        chunk.extend_from_slice(new);
        let Self { table, places, chunks, .. } = self;
        table.insert_unique(hash(new), id, |&id| hash(key(places, chunks, id)));
        id
    }

    /// The bytes of all of it, with what so many more keys of about this length take.
    pub fn bytes(&self, more: usize, length: usize) -> usize {
        let table = grown(self.table.len(), self.table.capacity(), more, |keys| table_bytes(keys, size_of::<u32>()));
        let free = self.chunks.last().map_or(0, |chunk| chunk.capacity() - chunk.len());
        let chunks = if free >= more * length { 0 } else { self.next_chunk().max(more * length) };
        table + vec_bytes(&self.places, more) + vec_bytes(&self.chunks, more.min(1)) + self.chunk_bytes + chunks
    }

    fn next_chunk(&self) -> usize {
        self.chunk_bytes.clamp(*CHUNK.start(), *CHUNK.end())
    }
}

fn key<'a>(places: &[Place], chunks: &'a [Vec<u8>], id: u32) -> &'a [u8] {
    let Place { chunk, start, length } = places[id as usize];
    &chunks[chunk as usize][start as usize..][..length as usize]
}

fn hash(key: &[u8]) -> u64 {
    FxBuildHasher.hash_one(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_found_under_its_number_whatever_its_length() {
        let mut keys = Keys::default();
        let key = |number: u32| number.to_le_bytes().repeat(1 + number as usize % 700);
        for number in 0..5_000 {
            assert_eq!(keys.find(&key(number)), None);
            let counted = keys.bytes(1, key(number).len());
            assert_eq!(keys.add(&key(number)), number);
            assert!(keys.bytes(0, 0) <= counted, "what was counted before is what is held now, at most");
        }
        for number in 0..5_000 {
            assert_eq!((keys.find(&key(number)), keys.get(number)), (Some(number), key(number).as_slice()));
        }
        assert_eq!((keys.len(), keys.find(&[]), keys.add(&[]), keys.find(&[])), (5_000, None, 5_000, Some(5_000)));
        assert!(keys.chunks.len() > 3, "the keys fill several chunks");
    }
}
