//! What processes tell each other: a list of 64-bit words.

use startup_race::BigUint;
use startup_race::explore::engine::limbs;

/// Reads words. Each method returns `None` if too few words are left, or if a number is too large.
pub struct Words<'a>(pub &'a [u64]);

impl<'a> Words<'a> {
    /// The next word.
    pub fn next(&mut self) -> Option<u64> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    /// The next word as a small number.
    pub fn number(&mut self) -> Option<usize> {
        usize::try_from(self.next()?).ok()
    }

    /// The next words.
    pub fn take(&mut self, count: usize) -> Option<&'a [u64]> {
        let (first, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(first)
    }

    /// The next number of any size.
    pub fn big(&mut self) -> Option<BigUint> {
        let count = self.number()?;
        Some(limbs::big(self.take(count)?))
    }
}

/// Adds a number of any size to a message.
pub fn put_big(out: &mut Vec<u64>, number: &BigUint) {
    let words: Vec<u64> = limbs::of(number);
    out.push(words.len() as u64);
    out.extend(words);
}
