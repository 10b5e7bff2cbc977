//! The search that keeps no graph: buckets of states in the order of a potential that falls with every action.
//!
//! | file | what it holds |
//! |---|---|
//! | `potential` | a bound on the actions that are left, and why every action lowers it |
//! | `parts` | controllers, groups of tasks, inboxes: each once under a number |
//! | `learn` | what actions make of them, learned from the model |
//! | `tables` | the same, looked up |
//! | `expand` | the steps of one state, put together from what is looked up |
//! | `expansion` | the steps of a bucket, by several threads |
//! | `key` | a state as a few machine words |
//! | `names` | tasks that are alike stand for each other |
//! | `bucket` | states of one potential, sorted and merged |
//! | `judge` | what the claims say of a state |
//! | `numbers` | schedules and probabilities, which travel with the states |
//! | `limbs` | large numbers in flat arrays |
//! | `memory` | how many bytes are held |
//! | `search` | all of it, bucket after bucket |
//! | `found` | what a search found, and keeps for the way back |
//! | `backward` | the canonical counterexamples, on the way back |

mod backward;
mod bucket;
mod expand;
mod expansion;
mod found;
mod judge;
mod key;
mod learn;
mod limbs;
mod memory;
mod names;
mod numbers;
mod parts;
mod potential;
mod search;
mod tables;

use num_bigint::BigUint;
use num_rational::Ratio;

use self::found::Found;
use self::judge::MOST_CLAIMS;
use self::limbs::Limb;
use self::numbers::Share;
use self::parts::{Parts, Unlearned};
use self::potential::Weights;
use self::search::{Again, Wanted, search};
use super::contract::Violation;
use super::limits::{Limit, Limits};
use super::orbits::SymmetryOf;
use super::probability::Measure;
use super::search::OnProgress;
use crate::claims::Claim;
use crate::core::Controller;
use crate::model::Model;
use crate::model::guard::guard;
use crate::schedule::Schedule;

/// What a search is to find out, and what it may use.
pub struct Request<'a, C> {
    /// The model.
    pub model: &'a Model<C>,
    /// The claims.
    pub claims: &'a [Claim<C>],
    /// Makes the symmetry, if tasks are interchanged.
    pub symmetry: Option<SymmetryOf<C>>,
    /// Whether schedules and probabilities are counted.
    pub numbers: bool,
    /// Whether counterexamples are wanted.
    pub schedules: bool,
    /// The limits.
    pub limits: &'a Limits,
    /// How many threads share the work. The answer is the same, whatever their number.
    pub jobs: usize,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How many states there are; an orbit counts as all that it stands for.
    pub states: BigUint,
    /// How many were stored.
    pub stored: usize,
    /// What ended the search early, if a limit did.
    pub cut: Option<Limit>,
    /// Whether the schedules are the canonical ones. They are found if the search is complete and there is memory left.
    pub canonical: bool,
    /// All schedules, if they were counted and the search is complete.
    pub all: Option<Measure>,
    /// What was found of each claim.
    pub claims: Vec<Outcome>,
}

/// What a search found of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// In how many of the states where it is judged its premise held.
    pub premise_held: BigUint,
    /// Whether it is broken; for one that asks for a state, whether that was met.
    pub broken: bool,
    /// The schedules that break it.
    pub measure: Option<Measure>,
    /// One of them. None for a claim that is broken: the controller does not let it be found.
    pub schedule: Option<Schedule>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// The model has more than can be packed: too many tasks that are alike, too many parts, a script without end.
    Unfit,
    /// The controller does not treat tasks alike: the search must be the full one.
    Asymmetric,
    /// A contract was broken at the end of a schedule. None if the controller does not let the schedule be found.
    Broken(Option<Schedule>, Violation),
}

/// How many words a state may take. Most take one.
const WORDS: [usize; 3] = [1, 2, 4];

/// Searches every schedule of a model.
///
/// # Errors
/// Why there is no answer.
pub fn explore<C: Controller>(request: &Request<'_, C>, on_progress: &mut OnProgress<'_>) -> Result<Answer, NoAnswer> {
    explore_with::<u64, C>(request, on_progress)
}

/// The same with limbs of 8 bits, so that every number takes several.
///
/// # Errors
/// Why there is no answer.
pub fn explore_with_short_limbs<C: Controller>(
    request: &Request<'_, C>,
    on_progress: &mut OnProgress<'_>,
) -> Result<Answer, NoAnswer> {
    explore_with::<u8, C>(request, on_progress)
}

fn explore_with<L: Limb, C: Controller>(
    request: &Request<'_, C>,
    on_progress: &mut OnProgress<'_>,
) -> Result<Answer, NoAnswer> {
    if request.claims.len() > MOST_CLAIMS {
        return Err(NoAnswer::Unfit);
    }
    let (mut words, mut weights) = (0, Weights::default());
    loop {
        let answer = match WORDS.get(words) {
            Some(1) => attempt::<1, L, C>(request, weights, on_progress),
            Some(2) => attempt::<2, L, C>(request, weights, on_progress),
            Some(_) => attempt::<4, L, C>(request, weights, on_progress),
            None => return Err(NoAnswer::Unfit),
        };
        match answer {
            Ok(answer) => return answer,
            Err(Again::Wider) => words += 1,
            Err(Again::Unlearned(Unlearned::Weights(more))) => weights = more,
            Err(Again::Unlearned(Unlearned::Unfit)) => return Err(NoAnswer::Unfit),
            Err(Again::Unlearned(Unlearned::Asymmetric)) => return Err(NoAnswer::Asymmetric),
            Err(Again::Unlearned(Unlearned::Broken(_, violation))) => {
                return Err(NoAnswer::Broken(Some(Schedule::default()), violation));
            }
            Err(Again::Unlearned(Unlearned::Limit(limit))) => return Ok(Answer::cut(request.claims.len(), limit)),
        }
    }
}

/// A search with keys of `N` words and these weights of the potential.
fn attempt<const N: usize, L: Limb, C: Controller>(
    request: &Request<'_, C>,
    weights: Weights,
    on_progress: &mut OnProgress<'_>,
) -> Result<Result<Answer, NoAnswer>, Again> {
    let symmetry = request.symmetry.map(|of| of(request.model));
    let mut parts = Parts::new(request.model, symmetry, weights)?;
    let wanted = Wanted {
        claims: request.claims,
        numbers: request.numbers,
        archive: request.schedules,
        limits: request.limits,
        threads: request.jobs,
    };
    let mut found: Found<N> = search::<N, L, C>(&mut parts, wanted, on_progress)?;
    if let Some((place, violation)) = found.broken.take() {
        let way = || place.map_or(Some(Schedule::default()), |place| backward::way_to(&mut parts, &mut found, &place));
        return Ok(Err(NoAnswer::Broken(guard(way).ok().flatten(), violation)));
    }
    let (schedules, canonical) = schedules(request, &mut parts, &mut found);
    Ok(Ok(found.answer(request.numbers, canonical, schedules)))
}

/// A schedule to each claim's breaking states, and whether they are the canonical ones.
fn schedules<const N: usize, C: Controller>(
    request: &Request<'_, C>,
    parts: &mut Parts<'_, C>,
    found: &mut Found<N>,
) -> (Vec<Option<Schedule>>, bool) {
    if !request.schedules {
        return (vec![None; request.claims.len()], false);
    }
    if found.cut.is_none() {
        match guard(|| backward::canonical(parts, found, request.limits)) {
            Ok(Ok(schedules)) => return (schedules, true),
            Ok(Err(Unlearned::Limit(_))) => {}
            // A controller that is not what it says: its schedules lead nowhere.
            Ok(Err(_)) | Err(_) => return (vec![None; request.claims.len()], false),
        }
    }
    let schedules = guard(|| backward::any(parts, found));
    (schedules.unwrap_or_else(|_| vec![None; request.claims.len()]), false)
}

impl<const N: usize> Found<N> {
    fn answer(self, counts: bool, canonical: bool, schedules: Vec<Option<Schedule>>) -> Answer {
        let is_counted = counts && self.cut.is_none();
        let measure = |share: &Share| Measure {
            schedules: share.ways.clone(),
            probability: Ratio::new(share.mass.clone(), self.unit.clone()),
        };
        let outcome = |(claim, schedule)| {
            let claim: usize = claim;
            Outcome {
                premise_held: self.premise_held[claim].clone(),
                broken: self.shortest[claim].is_some(),
                measure: is_counted.then(|| measure(&self.breaking[claim])),
                schedule,
            }
        };
        Answer {
            claims: schedules.into_iter().enumerate().map(outcome).collect(),
            all: is_counted.then(|| measure(&self.all)),
            states: self.states.clone(),
            stored: self.stored,
            cut: self.cut,
            canonical,
        }
    }
}

impl Answer {
    /// Of a search that a limit ended before the first state.
    fn cut(claims: usize, limit: Limit) -> Self {
        let nothing = Outcome { premise_held: BigUint::ZERO, broken: false, measure: None, schedule: None };
        let claims = vec![nothing; claims];
        Self { states: BigUint::ZERO, stored: 0, cut: Some(limit), canonical: false, all: None, claims }
    }
}
