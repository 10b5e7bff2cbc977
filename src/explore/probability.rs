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
    let (hits, all) = (probability.numer(), probability.denom());
    if hits.is_zero() {
        return None;
    }
    // The rarer the hits, the more digits distinguish the probability of a miss from 1, and one number of runs from the
    // next. The other 512 digits are for the rounding: it changes the answer only if a power is that close to 1/20.
    let digits = 512 + 2 * (all.bits() - hits.bits());
    let one = BigUint::one() << digits;
    let twentieth = &one / 20u8;
    // (1 − p) to the power of 1, 2, 4, 8, …
    let (mut powers, mut power) = (Vec::new(), ((all - hits) << digits) / all);
    while power > twentieth {
        let square = (&power * &power) >> digits;
        powers.push(std::mem::replace(&mut power, square));
    }
    let (mut runs, mut missed) = (BigUint::zero(), one);
    for (exponent, power) in powers.iter().enumerate().rev() {
        let more = (&missed * power) >> digits;
        if more > twentieth {
            (runs, missed) = (runs + (BigUint::one() << exponent), more);
        }
    }
    Some(runs + 1u8)
}
