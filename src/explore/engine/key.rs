//! A state as a few machine words. They hold the numbers of its parts, each in as many bits as that part has needed so
//! far.

use std::cmp::Ordering;

/// A state in `N` words. States are ordered by their first part, then by their second part, and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key<const N: usize>([u64; N]);

/// The position of a part: its word, and its bits in that word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    word: usize,
    shift: u32,
    mask: u32,
}

/// The position of each part. The first part has the highest bits. All layouts give the same order of states, so a
/// sorted list stays sorted when it is converted to a wider layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout(Vec<Field>);

impl<const N: usize> Key<N> {
    const ZERO: Self = Self([0; N]);

    /// The state with these words.
    pub fn of_words(words: [u64; N]) -> Self {
        Self(words)
    }

    /// Its words.
    pub fn words(&self) -> &[u64; N] {
        &self.0
    }

    /// The number of a part.
    #[inline]
    pub fn get(self, field: Field) -> u32 {
        (self.0[field.word] >> field.shift) as u32 & field.mask
    }

    /// The same state with another number of a part.
    #[inline]
    pub fn set(mut self, field: Field, id: u32) -> Self {
        let word = &mut self.0[field.word];
        *word = *word & !(u64::from(field.mask) << field.shift) | u64::from(id) << field.shift;
        self
    }
}

impl<const N: usize> Ord for Key<N> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<const N: usize> PartialOrd for Key<N> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    /// Sorting mainly calls this.
    #[inline]
    fn lt(&self, other: &Self) -> bool {
        let first = (0..N - 1).find(|&word| self.0[word] != other.0[word]).unwrap_or(N - 1);
        self.0[first] < other.0[first]
    }
}

impl Field {
    /// Whether this number fits in the field.
    #[inline]
    pub fn holds(self, id: u32) -> bool {
        id <= self.mask
    }
}

impl Layout {
    /// The layout of parts with these numbers of bits, at most 32 for each. `None` if they do not fit in this many
    /// words.
    pub fn of(bits: &[u32], words: usize) -> Option<Self> {
        let (mut word, mut free) = (0, u64::BITS);
        let field = |&bits: &u32| {
            if bits > free {
                (word, free) = (word + 1, u64::BITS);
            }
            free -= bits;
            Field { word, shift: free.min(u64::BITS - 1), mask: (1u64 << bits).wrapping_sub(1) as u32 }
        };
        let fields: Vec<Field> = bits.iter().map(field).collect();
        fields.last().is_none_or(|last| last.word < words).then_some(Self(fields))
    }

    /// The position of a part.
    #[inline]
    pub fn field(&self, part: usize) -> Field {
        self.0[part]
    }

    /// Reads the numbers of all parts.
    #[inline]
    pub fn unpack<const N: usize>(&self, key: Key<N>, ids: &mut [u32]) {
        ids.iter_mut().zip(&self.0).for_each(|(id, &field)| *id = key.get(field));
    }

    /// The state with these parts. `None` if a number needs more bits.
    pub fn pack<const N: usize>(&self, ids: &[u32]) -> Option<Key<N>> {
        let fits = ids.iter().zip(&self.0).all(|(&id, field)| field.holds(id));
        fits.then(|| ids.iter().zip(&self.0).fold(Key::ZERO, |key, (&id, &field)| key.set(field, id)))
    }

    /// Converts states to a layout that is at least as wide for every part.
    pub fn carry<const N: usize>(&self, keys: &mut [Key<N>], to: &Self) {
        if self != to {
            let moves = self.moves(to);
            keys.iter_mut().for_each(|key| *key = moves.iter().fold(Key::ZERO, |wide, parts| parts.carry(*key, wide)));
        }
    }

    /// Neighbouring parts that move equally far are moved together.
    fn moves(&self, to: &Self) -> Vec<Move> {
        let mut moves: Vec<Move> = Vec::new();
        for (from, to) in self.0.iter().zip(&to.0) {
            let (words, left) = ((from.word, to.word), to.shift.wrapping_sub(from.shift) % u64::BITS);
            let mask = u64::from(from.mask) << from.shift;
            match moves.last_mut() {
                Some(last) if (last.words, last.left) == (words, left) => last.mask |= mask,
                _ => moves.push(Move { words, mask, left }),
            }
        }
        moves
    }
}

/// How parts move from one layout to another: from one word to another, and this many bits to the left, around the end
/// of the word.
struct Move {
    words: (usize, usize),
    mask: u64,
    left: u32,
}

impl Move {
    #[inline]
    fn carry<const N: usize>(&self, from: Key<N>, mut to: Key<N>) -> Key<N> {
        to.0[self.words.1] |= (from.0[self.words.0] & self.mask).rotate_left(self.left);
        to
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// Numbers that fit in parts of 4, 1, 0 and 10 bits.
    fn ids() -> impl Iterator<Item = [u32; 4]> {
        let number = |at: u32| at.wrapping_mul(2_654_435_769);
        (0..500).map(move |at| [number(at) % 16, number(at + 7) % 2, 0, number(at + 9) % 1024])
    }

    #[test]
    fn a_layout_keeps_each_part_and_the_order_of_states() {
        // In the second pair, the last part of the first word and the first part of the second word move equally far.
        for (narrow, wide) in [([4, 1, 0, 10], [32, 32, 0, 32]), ([32, 20, 0, 20], [32, 24, 0, 24])] {
            let (narrow, wide) = (Layout::of(&narrow, 2).unwrap(), Layout::of(&wide, 2).unwrap());
            let mut states: Vec<[u32; 4]> = ids().collect();
            let mut keys: Vec<Key<2>> = states.iter().map(|ids| narrow.pack(ids).unwrap()).collect();
            states.sort_unstable();
            keys.sort_unstable();
            narrow.carry(&mut keys, &wide);
            assert!(keys.is_sorted() && keys.windows(2).all(|pair| pair[0] == pair[1] || pair[0].lt(&pair[1])));
            for (state, &key) in states.iter().zip(&keys) {
                let mut found = [0; 4];
                wide.unpack(key, &mut found);
                assert_eq!(found, *state);
            }
        }
    }

    #[test]
    fn a_number_that_needs_more_bits_is_refused() {
        let layout = Layout::of(&[4, 1, 0, 10], 1).unwrap();
        assert!(layout.pack::<1>(&[15, 1, 0, 1023]).is_some());
        assert!([[16, 0, 0, 0], [0, 2, 0, 0], [0, 0, 1, 0]].iter().all(|ids| layout.pack::<1>(ids).is_none()));
        assert!(Layout::of(&[32, 32, 1], 1).is_none() && Layout::of(&[32, 32, 1], 2).is_some());
    }
}
