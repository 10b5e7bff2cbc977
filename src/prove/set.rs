//! A small set of small numbers: the local states that at least one task is in.

const WORDS: usize = 4;

/// How many local states there may be.
pub const MOST_LOCALS: usize = 64 * WORDS;

/// A set of numbers below [`MOST_LOCALS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Set([u64; WORDS]);

impl Set {
    /// The same set with this number.
    #[must_use]
    pub fn with(mut self, number: u16) -> Self {
        self.0[usize::from(number) / 64] |= 1 << (number % 64);
        self
    }

    /// The same set without this number.
    #[must_use]
    pub fn without(mut self, number: u16) -> Self {
        self.0[usize::from(number) / 64] &= !(1 << (number % 64));
        self
    }

    /// Whether it holds a number.
    pub fn contains(self, number: u16) -> bool {
        self.0[usize::from(number) / 64] & 1 << (number % 64) != 0
    }

    /// Whether it shares a number with another set.
    pub fn meets(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(&a, b)| a & b != 0)
    }

    /// Its numbers, in ascending order.
    pub fn iter(self) -> impl Iterator<Item = u16> {
        (0..WORDS).flat_map(move |word| {
            let mut bits = self.0[word];
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros() as u16)?;
                bits &= bits - 1;
                Some(bit + 64 * word as u16)
            })
        })
    }
}

impl FromIterator<u16> for Set {
    fn from_iter<I: IntoIterator<Item = u16>>(numbers: I) -> Self {
        numbers.into_iter().fold(Self::default(), Self::with)
    }
}
