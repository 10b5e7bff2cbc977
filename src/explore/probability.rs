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

/// A probability below 2 to the power of minus this is computed with a series.
const RARE: u64 = 128;

/// The number of independent runs of which at least one takes such a schedule with a probability of 95 %: the least n
/// with (1 − p)ⁿ ≤ 1/20. `None` if the probability is 0.
pub fn runs_for_95_percent(probability: &Probability) -> Option<BigUint> {
    if probability.is_zero() {
        return None;
    }
    if probability.numer() << RARE < *probability.denom() {
        return Some(runs_if_rare(probability));
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

/// The same for a small p, for which 1 − p would be rounded to 1. Because −ln(1 − p) = p + p²/2 + …, the number is
/// ln 20 / p − ln 20 / 2, rounded up. The error is of the order of p.
fn runs_if_rare(probability: &Probability) -> BigUint {
    let (hits, of) = (probability.numer(), probability.denom());
    let bits = of.bits() - hits.bits() + 2 * RARE;
    // ln 20 = 4 ln 2 + ln (5/4), ln 2 = 2 artanh (1/3), ln (5/4) = 2 artanh (1/9)
    let ln_20 = twice_artanh_of_one_over(3, bits) * 4_u8 + twice_artanh_of_one_over(9, bits);
    let (runs, unit) = (ln_20 * ((of << 1_u8) - hits), (hits << 1_u8) << bits);
    (runs + &unit - 1_u8) / unit
}

/// 2 artanh (1/x) = 2 (1/x + 1/3x³ + 1/5x⁵ + …), with this many binary digits.
fn twice_artanh_of_one_over(x: u32, bits: u64) -> BigUint {
    let (mut power, mut sum) = ((BigUint::one() << (bits + 1)) / x, BigUint::zero());
    for odd in (1_u32..).step_by(2) {
        if power.is_zero() {
            break;
        }
        sum += &power / odd;
        power /= x * x;
    }
    sum
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
