//! Unsigned integers of a fixed number of limbs in flat arrays, the lowest limb first. Several numbers in a row can be
//! added as if they were one number, because none of them overflows its limbs. An overflow of the last one panics.

use num_bigint::BigUint;

/// A digit of a large number. A search uses 64 bits. Its tests also use 8 bits, so that even small numbers have several
/// limbs.
pub trait Limb: Copy + Default + Send + Sync {
    /// How many bits it has.
    const BITS: u32;

    /// How many steps must lead into a bucket, or how many states a chunk must have, before several threads share it.
    /// The value is small for short limbs, so that tests share small buckets.
    const SHARED_FROM: usize;

    /// The largest number of states in a chunk, if layers are written to files. The value is small for short limbs, so
    /// that tests have several chunks.
    const CHUNK: usize;

    /// The lowest bits of a number.
    fn low(wide: u128) -> Self;

    /// The same number.
    fn wide(self) -> u128;
}

impl Limb for u64 {
    const BITS: u32 = u64::BITS;
    const SHARED_FROM: usize = 10_000;
    const CHUNK: usize = usize::MAX;

    #[inline]
    fn low(wide: u128) -> Self {
        wide as Self
    }

    #[inline]
    fn wide(self) -> u128 {
        self.into()
    }
}

impl Limb for u8 {
    const BITS: u32 = u8::BITS;
    const SHARED_FROM: usize = 20;
    const CHUNK: usize = 40;

    fn low(wide: u128) -> Self {
        wide as Self
    }

    fn wide(self) -> u128 {
        self.into()
    }
}

/// into += from · by. `from` may have fewer limbs.
#[inline]
pub fn add_times<L: Limb>(into: &mut [L], from: &[L], by: u64) {
    let (mut carry, by) = (0, u128::from(by));
    let (low, high) = into.split_at_mut(from.len());
    for (limb, from) in low.iter_mut().zip(from) {
        let sum = from.wide() * by + limb.wide() + carry;
        *limb = L::low(sum);
        carry = sum >> L::BITS;
    }
    for limb in high {
        let sum = limb.wide() + carry;
        *limb = L::low(sum);
        carry = sum >> L::BITS;
    }
    assert!(carry == 0, "a number outgrew its limbs");
}

/// into += from · by. `into` must have room for the result.
pub fn add_product<L: Limb>(into: &mut [L], from: &[L], by: &[L]) {
    let used = from.iter().rposition(|limb| limb.wide() != 0).map_or(0, |last| last + 1);
    for (at, &limb) in by.iter().enumerate().filter(|(_, limb)| limb.wide() != 0) {
        add_times(&mut into[at..], &from[..used], limb.wide() as u64);
    }
}

/// number *= by. `number` must have room for the result.
#[inline]
pub fn multiply<L: Limb>(number: &mut [L], by: &[L]) {
    let [by] = by else {
        let from = number.to_vec();
        number.fill(L::default());
        return add_product(number, &from, by);
    };
    let mut carry = 0;
    for limb in number {
        let product = limb.wide() * by.wide() + carry;
        *limb = L::low(product);
        carry = product >> L::BITS;
    }
    assert!(carry == 0, "a number outgrew its limbs");
}

/// A number of any size.
pub fn big<L: Limb>(from: &[L]) -> BigUint {
    from.iter().rev().fold(BigUint::ZERO, |big, &limb| (big << L::BITS) + limb.wide())
}

/// The limbs of a number.
pub fn of<L: Limb>(big: &BigUint) -> Vec<L> {
    let limb = |at: usize| L::low(((big >> (at * L::BITS as usize)).iter_u64_digits().next().unwrap_or(0)).into());
    (0..count::<L>(big)).map(limb).collect()
}

/// How many limbs hold a number.
pub fn count<L: Limb>(big: &BigUint) -> usize {
    (big.bits() as usize).div_ceil(L::BITS as usize).max(1)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn agrees<L: Limb>(one: u128, other: u64, start: u128) {
        let (one, start) = (BigUint::from(one), BigUint::from(start));
        let expected = &start + &one * other;
        let mut sum = of::<L>(&start);
        sum.resize(count::<L>(&expected).max(count::<L>(&one)), L::default());
        let mut product = sum.clone();
        let mut multiplied = of::<L>(&one);
        multiplied.resize(sum.len(), L::default());
        multiply(&mut multiplied, &of::<L>(&other.into()));
        assert_eq!(big(&multiplied), &one * other);
        add_times(&mut sum, &of::<L>(&one), other);
        add_product(&mut product, &of::<L>(&one), &of::<L>(&other.into()));
        assert_eq!((big(&sum), big(&product)), (expected.clone(), expected));
    }

    #[test]
    fn limbs_of_any_width_add_and_multiply_as_large_numbers_do() {
        for at in 0..200u64 {
            let odd = at.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let long = u128::from(odd) << (at % 60) | u128::from(at);
            agrees::<u64>(long, odd, u128::MAX - long);
            agrees::<u8>(long, odd % 256, long / 3);
        }
    }

    #[test]
    #[should_panic(expected = "outgrew its limbs")]
    fn a_number_that_outgrows_its_limbs_is_a_panic() {
        add_times(&mut [255u8, 255], &[1], 1);
    }
}
