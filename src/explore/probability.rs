//! How many schedules there are, how many break a claim, and the probability of that under the uniform scheduler, which
//! picks each enabled action with equal probability. All exact.
//!
//! A claim judged at the ends is broken by the schedules that reach a breaking end. One that is judged in every
//! state is broken by all schedules but those that pass through no breaking state. [`engine`](super::engine) counts both.

use num_bigint::BigUint;
use num_rational::Ratio;
use num_traits::{One, Zero};

/// A probability, exact.
pub type Probability = Ratio<BigUint>;

/// A number of schedules, and the probability of all of them together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measure {
    /// How many schedules.
    pub schedules: BigUint,
    /// How likely one of them is under the uniform scheduler.
    pub probability: Probability,
}

/// In how many independent runs one is seen with 95 %: the least n with (1 − p)ⁿ ≤ 1/20. None if the probability is 0.
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

/// Whether that many misses in a row have a chance of at most 1/20, without rounding that could change the answer.
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
