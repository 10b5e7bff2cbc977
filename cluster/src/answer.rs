//! What all processes have found together. Each process makes the same answer from it.

use startup_race::explore::engine::knowledge::Knowledge;
use startup_race::explore::engine::numbers::{Numbers, Share};
use startup_race::explore::engine::search::Again;
use startup_race::explore::engine::{Answer, Outcome};
use startup_race::{BigUint, Controller, Schedule};

use crate::agree::{Stop, agree};
use crate::search::Search;
use crate::words::{Words, put_big};

/// The sums over all processes.
struct Sums {
    states: BigUint,
    stored: usize,
    comes_up: bool,
    all: Share,
    claims: Vec<OfClaim>,
}

/// The sums for one claim.
#[derive(Clone)]
struct OfClaim {
    premise_held: BigUint,
    /// One more than the least number of actions to a state that breaks the claim; 0 if there is no such state.
    nearest: u64,
    share: Share,
}

impl Sums {
    /// Adds up the words of all processes. `None` if they cannot be decoded.
    fn of(heard: &[Vec<u64>], claims: usize) -> Option<Self> {
        let nothing = OfClaim { premise_held: BigUint::ZERO, nearest: 0, share: Share::default() };
        let (states, all) = (BigUint::ZERO, Share::default());
        let mut sums = Self { states, stored: 0, comes_up: false, all, claims: vec![nothing; claims] };
        for words in heard {
            let mut words = Words(words);
            sums.states += words.big()?;
            sums.stored += words.number()?;
            sums.comes_up |= words.next()? != 0;
            add(&mut sums.all, &mut words)?;
            for claim in &mut sums.claims {
                claim.premise_held += words.big()?;
                let depths = [claim.nearest, words.next()?];
                claim.nearest = depths.into_iter().filter(|&depth| depth > 0).min().unwrap_or(0);
                add(&mut claim.share, &mut words)?;
            }
        }
        Some(sums)
    }
}

fn add(share: &mut Share, words: &mut Words<'_>) -> Option<()> {
    share.ways += words.big()?;
    share.mass += words.big()?;
    Some(())
}

impl<C: Controller, const N: usize> Search<'_, '_, '_, C, N> {
    /// The answer, once every bucket has been processed.
    ///
    /// # Errors
    /// Why there is none, at every process.
    pub fn answer(&mut self) -> Result<Answer, Stop> {
        let repeated = self.known.repeat(self.request.limits).map_err(Again::from);
        let numbers = std::mem::replace(&mut self.numbers, Numbers::new(false, 0));
        let unit = numbers.unit.clone();
        let (all, breaking) = numbers.shares(self.at_ends);
        let words = self.words(&all, &breaking);
        let ((), heard) = agree(self.net, repeated, &words)?;
        let sums = Sums::of(&heard, breaking.len()).ok_or_else(|| self.net.give_up())?;
        let measure = |share: &Share| share.measure(&unit);
        let counts = self.request.numbers;
        let mut claims = Vec::new();
        for (claim, OfClaim { premise_held, nearest, share }) in sums.claims.into_iter().enumerate() {
            let schedule = self.schedule(claim, nearest)?;
            let measure = counts.then(|| measure(&share));
            claims.push(Outcome { premise_held, broken: nearest > 0, measure, schedule });
        }
        let Sums { states, stored, comes_up, all, .. } = sums;
        let all = counts.then(|| measure(&all));
        Ok(Answer { states, stored, comes_up, cut: None, canonical: self.request.schedules, all, claims })
    }

    /// What this process has found, as words.
    fn words(&self, all: &Share, breaking: &[Share]) -> Vec<u64> {
        let mut words = Vec::new();
        put_big(&mut words, &self.found.states);
        words.extend([self.found.stored as u64, self.known.parts.comes_up.into()]);
        let put_share = |words: &mut Vec<u64>, share: &Share| {
            put_big(words, &share.ways);
            put_big(words, &share.mass);
        };
        put_share(&mut words, all);
        for ((premise_held, nearest), share) in self.found.premise_held.iter().zip(&self.found.nearest).zip(breaking) {
            put_big(&mut words, premise_held);
            words.push(nearest.as_ref().map_or(0, |(depth, _)| 1 + u64::from(*depth)));
            put_share(&mut words, share);
        }
        words
    }

    /// The canonical schedule to a state that breaks a claim, if any process knows one.
    fn schedule(&mut self, claim: usize, nearest: u64) -> Result<Option<Schedule>, Stop> {
        if nearest == 0 || !self.request.schedules {
            return Ok(None);
        }
        let depth = (nearest - 1) as u32;
        let own = self.found.nearest[claim].take().filter(|(own, _)| *own == depth);
        let wanted = own.map_or_else(Vec::new, |(_, states)| states);
        self.way_to(&wanted, depth).map(Some)
    }
}
