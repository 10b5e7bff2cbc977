//! Probabilities and forecasts as text. This is the only file that spells a probability, except for the exact fraction,
//! which is its `Display`. A probability is exact, or has the word `about`, `below` or `above`. A sum of probabilities
//! is rounded to one decimal place.

use num_bigint::BigUint;
use num_traits::{One, ToPrimitive, Zero};

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
        about_one_in(probability)
    } else {
        let rest = Probability::one() - probability;
        if rest > third { about_in_100(probability) } else { format!("all but {}", runs(&rest)) }
    }
}

/// The same, but exact up to large numbers: `one run in 8`, `97 runs in 216`, `about one run in 1,400`.
pub fn exact_runs(probability: &Probability) -> String {
    let (part, whole) = (probability.numer(), probability.denom());
    let is_large = *whole > BigUint::from(1_000_000u32);
    match (part.is_one(), is_large) {
        (true, _) => format!("one run\u{a0}in\u{a0}{}", number_text(whole)),
        (false, false) => format!("{}\u{a0}runs in\u{a0}{}", number_text(part), number_text(whole)),
        (false, true) if part * 10u8 > *whole => about_in_100(probability),
        (false, true) => about_one_in(probability),
    }
}

fn about_one_in(probability: &Probability) -> String {
    format!("about one run in {}", number_text(&rounded(probability.denom(), probability.numer())))
}

fn about_in_100(probability: &Probability) -> String {
    format!("about {} runs in 100", times(probability, 100))
}

/// A fraction if it has fewer than this many characters; if not, a rounded percentage, or a bound: `below 0.01%`.
pub fn fraction_or_percent(probability: &Probability, characters: usize) -> String {
    let exact = probability.to_string();
    if exact.len() < characters {
        return exact;
    }
    match times(probability, 10_000).to_u32().unwrap_or(0) {
        0 => "below 0.01%".to_string(),
        hundredths @ 1..1_000 => format!("about {}.{:02}%", hundredths / 100, hundredths % 100),
        hundredths @ 1_000..9_990 => format!("about {}.{}%", hundredths / 100, hundredths % 100 / 10),
        _ => "above 99.9%".to_string(),
    }
}

/// A sum of probabilities with one decimal place, rounded.
pub fn tenths(sum: &Probability) -> String {
    let tenths = times(sum, 10);
    format!("{}.{}", &tenths / 10u8, tenths % 10u8)
}

/// A probability times a number, rounded to the nearest integer.
pub fn times(probability: &Probability, by: u32) -> BigUint {
    rounded(&(probability.numer() * by), probability.denom())
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

#[cfg(all(test, not(loom)))]
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
