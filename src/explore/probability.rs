//! How many schedules there are, how many of them break a claim, and with which probability the uniform scheduler takes
//! one of these. The uniform scheduler picks each enabled action with equal probability. All numbers are exact.
//!
//! A claim judged at the ends is broken by the schedules that reach a breaking end. A claim judged in every state is
//! broken by the schedules that pass through a breaking state. [`engine`](super::engine) counts both.

use num_bigint::BigUint;
use num_rational::Ratio;
use num_traits::{One, Zero};

/// An exact probability.
pub type Probability = Ratio<BigUint>;

/// A number of schedules, and the probability of all of them together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measure {
    /// How many schedules.
    pub schedules: BigUint,
    /// The probability that the uniform scheduler takes one of them.
    pub probability: Probability,
}

/// The number of independent runs of which at least one takes such a schedule with a probability of 95 %: the least n
/// with (1 − p)ⁿ ≤ 1/20. `None` if the probability is 0.
pub fn runs_for_95_percent(probability: &Probability) -> Option<BigUint> {
    if probability.is_zero() {
        return None;
    }
    let misses = Probability::one() - probability;
    let unlikely = |runs: &BigUint| miss_all_at_most(&misses, runs);
    let mut high = BigUint::one();
    while !unlikely(&high) {
        high <<= 1;
    }
    let mut low = &high >> 1;
    while &low + 1u8 < high {
        let middle = (&low + &high) >> 1;
        if unlikely(&middle) { high = middle } else { low = middle }
    }
    Some(high)
}

/// Whether this many misses in a row have a probability of at most 1/20. It is computed with 512 binary digits.
/// Rounding changes the answer only if the exact probability is closer to 1/20 than the rounding error.
fn miss_all_at_most(misses: &Probability, runs: &BigUint) -> bool {
    const BITS: u64 = 512;
    let twentieth = (BigUint::one() << BITS) / 20u8;
    let mut power = BigUint::one() << BITS;
    let mut base = (misses.numer() << BITS) / misses.denom();
    for bit in 0..runs.bits() {
        if runs.bit(bit) {
            power = (power * &base) >> BITS;
        }
        base = (&base * &base) >> BITS;
    }
    power <= twentieth
}
