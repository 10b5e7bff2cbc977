//! The forecast of a claim in every state of a graph: it is certain to be broken, or possible with an exact
//! probability, or impossible.
//!
//! It is computed backwards over the steps. If a state breaks the claim, its probability is 1. If not, it is the mean
//! of the probabilities of the states that its steps lead to, because the uniform scheduler picks each step with equal
//! probability. Every step has a probability above 0, so the probabilities 1 and 0 mean certain and impossible for
//! every scheduler, not only for this one.
//!
//! A forecast concerns only what follows a state, because several schedules can lead to the same state. A claim that is
//! judged in every state may have been broken before: [`Forecast::along_path`] takes that into account. For a claim
//! that asks for a state, read "broken" as "reached".

use num_bigint::BigUint;
use num_traits::{One, Zero};

use super::probability::Probability;
use super::steps::{Edge, Id};

/// The forecast of a claim in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every schedule from here breaks it.
    Certain,
    /// Some schedules break it, and others do not: the probability, strictly between 0 and 1.
    Possible(Probability),
    /// No schedule from here breaks it.
    Impossible,
}

impl Outcome {
    /// The outcome of this probability.
    pub fn of(probability: &Probability) -> Self {
        if probability.is_zero() {
            Self::Impossible
        } else if probability.is_one() {
            Self::Certain
        } else {
            Self::Possible(probability.clone())
        }
    }

    /// The probability that the claim is broken from here on, under the uniform scheduler.
    pub fn probability(&self) -> Probability {
        match self {
            Self::Certain => Probability::one(),
            Self::Possible(probability) => probability.clone(),
            Self::Impossible => Probability::zero(),
        }
    }
}

/// The forecast of one claim in every state.
#[derive(Debug, Clone)]
pub struct Forecast {
    probability: Vec<Probability>,
    breaks: Vec<bool>,
}

impl Forecast {
    /// The forecast of a claim in each state. `breaks` says which states break it.
    pub(super) fn of<'a>(layers: &[Vec<Id>], steps: impl Fn(Id) -> &'a [Edge], breaks: &[bool]) -> Self {
        let mut probability = vec![Probability::zero(); breaks.len()];
        // A state may be in several layers. Its steps lead to states that are also in a layer after the last of these.
        for &id in layers.iter().rev().flatten() {
            probability[id as usize] = match breaks[id as usize] {
                true => Probability::one(),
                false => mean(steps(id).iter().map(|edge| &probability[edge.to as usize])),
            };
        }
        Self { probability, breaks: breaks.to_vec() }
    }

    /// The forecast from a state on. It ignores what happened before.
    pub fn at(&self, id: Id) -> Outcome {
        Outcome::of(&self.probability[id as usize])
    }

    /// Whether a state breaks the claim. If the claim is judged at the ends, only ends count.
    pub fn breaks(&self, id: Id) -> bool {
        self.breaks[id as usize]
    }

    /// The forecast in each state of a path. From the first state that breaks the claim on, it is [`Outcome::Certain`].
    pub fn along_path(&self, path: &[Id]) -> Vec<Outcome> {
        let mut broken = false;
        let standing = |&id: &Id| {
            broken |= self.breaks(id);
            if broken { Outcome::Certain } else { self.at(id) }
        };
        path.iter().map(standing).collect()
    }
}

/// The mean of several probabilities. 0 if there are none.
fn mean<'a>(probability: impl ExactSizeIterator<Item = &'a Probability>) -> Probability {
    let count = BigUint::from(probability.len().max(1));
    probability.sum::<Probability>() / count
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::core::PipelineController;
    use crate::explore::report::Check;
    use crate::explore::state_space::StateSpace;
    use crate::explore::trace::Trace;
    use crate::scenario::{Rules, Scenario, Setup};

    fn setup(protocol: &str, tasks: u8, attempts: u8) -> Setup<PipelineController> {
        let mut rules = Rules::named(protocol).unwrap();
        rules.run.attempts = attempts;
        Setup::of(Scenario::new(rules, tasks).unwrap().failing(&[tasks]).unwrap())
    }

    /// Every state of a setup.
    fn space(setup: &Setup<PipelineController>) -> StateSpace<PipelineController> {
        StateSpace::explore(setup, &setup.standard_claims(), 100_000).unwrap()
    }

    #[test]
    fn at_the_start_the_probability_is_that_of_the_report() {
        let (mut certain, mut possible, mut impossible) = (0, 0, 0);
        for (protocol, tasks, attempts) in [
            ("seed/buggy", 2, 1),
            ("seed/fixed", 2, 2),
            ("arroyo/before", 2, 1),
            ("arroyo/before", 3, 1),
            ("arroyo/after", 2, 2),
            ("arroyo/late-only", 2, 1),
            ("arroyo/handled-only", 2, 1),
        ] {
            let setup = setup(protocol, tasks, attempts);
            let space = space(&setup);
            let report = Check::new(setup).run().unwrap();
            for (index, judgement) in report.claims.iter().enumerate() {
                let at_start = space.forecast(index).at(0);
                assert_eq!(
                    at_start.probability(),
                    judgement.share.as_ref().unwrap().probability,
                    "{protocol} {}",
                    judgement.claim.id
                );
                match at_start {
                    Outcome::Certain => certain += 1,
                    Outcome::Possible(_) => possible += 1,
                    Outcome::Impossible => impossible += 1,
                }
            }
        }
        assert!(certain > 0 && possible > 0 && impossible > 0, "{certain} {possible} {impossible}");
    }

    #[test]
    fn at_an_end_nothing_is_merely_possible() {
        let space = space(&setup("arroyo/before", 2, 1));
        let ends: Vec<Id> = (0..space.worlds().len() as Id).filter(|&id| space.is_end(id)).collect();
        assert!(!ends.is_empty());
        for (standings, &end) in (0..5).flat_map(|claim| ends.iter().map(move |end| (claim, end))) {
            let standings = space.forecast(standings);
            assert_eq!(standings.at(end) == Outcome::Certain, standings.breaks(end));
            assert!(!matches!(standings.at(end), Outcome::Possible(_)));
        }
    }

    #[test]
    fn a_claim_that_broke_on_the_way_stays_broken() {
        let setup = setup("arroyo/handled-only", 2, 1);
        let space = space(&setup);
        let trace = Trace::of(&setup, &"1 2 c c 2 2 c".parse().unwrap()).unwrap();
        let path: Vec<Id> = trace.worlds.iter().map(|world| space.find(world).unwrap()).collect();
        let no_false_start = space.forecast(0);
        assert_eq!(no_false_start.at(path[path.len() - 1]), Outcome::Impossible);
        let along = no_false_start.along_path(&path);
        assert!(matches!(along[0], Outcome::Possible(_)));
        assert_eq!(along[4..], vec![Outcome::Certain; 4]);
    }
}
