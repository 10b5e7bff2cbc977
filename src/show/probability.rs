//! Probabilities and forecasts in words. A number is exact, or has the word `about`.

use num_bigint::BigUint;
use num_traits::{One, Zero};

use super::labels::number_text;
use crate::explore::forecast::Outcome;
use crate::explore::probability::Probability;

/// A probability as a frequency: `one run in 8`, `7 runs in 8`, `about one run in 55`, `every run`.
pub fn runs(probability: &Probability) -> String {
    let (part, whole) = (probability.numer(), probability.denom());
    let third = Probability::new(BigUint::one(), BigUint::from(3u8));
    if probability.is_zero() {
        "no run".to_string()
    } else if probability.is_one() {
        "every run".to_string()
    } else if part.is_one() {
        format!("one run in {}", number_text(whole))
    } else if *whole <= BigUint::from(12u8) {
        format!("{part} runs in {whole}")
    } else if *probability <= third {
        format!("about one run in {}", number_text(&rounded(whole, part)))
    } else {
        let rest = Probability::one() - probability;
        match rest > third {
            true => format!("about {} runs in 100", rounded(&(part * 100u8), whole)),
            false => format!("all but {}", runs(&rest)),
        }
    }
}

/// A quotient, rounded to the nearest integer. A half is rounded up.
fn rounded(numerator: &BigUint, denominator: &BigUint) -> BigUint {
    (numerator * 2u8 + denominator) / (denominator * 2u8)
}

/// A forecast, as a word or a fraction.
pub fn standing_short(standing: &Outcome) -> String {
    match standing {
        Outcome::Certain => "certain".to_string(),
        Outcome::Possible(probability) => probability.to_string(),
        Outcome::Impossible => "impossible".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_is_said_exactly_or_as_about() {
        let said = |part: u32, whole: u32| runs(&Probability::new(part.into(), whole.into()));
        assert_eq!(said(0, 1), "no run");
        assert_eq!(said(1, 1), "every run");
        assert_eq!(said(1, 8), "one run in 8");
        assert_eq!(said(7, 8), "7 runs in 8");
        assert_eq!(said(7, 384), "about one run in 55");
        assert_eq!(said(23, 108), "about one run in 5");
        assert_eq!(said(97, 216), "about 45 runs in 100");
        assert_eq!(said(479, 486), "all but about one run in 69");
        assert_eq!(said(15, 16), "all but one run in 16");
        assert_eq!(said(1, 1_000_000), "one run in 1,000,000");
    }
}
