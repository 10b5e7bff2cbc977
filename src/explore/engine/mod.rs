//! The search. It keeps no graph. It processes buckets of states in the order of a potential that falls with every
//! action.
//!
//! | file | contents |
//! |---|---|
//! | `potential` | a bound on the number of actions that are left, and why every action lowers it |
//! | `parts` | controllers, groups of tasks, inboxes: each is stored once and has a number |
//! | `learn` | learns from the model what actions do to the parts |
//! | `tables` | what was learned, to be looked up |
//! | `expand` | the steps of one state, computed from the tables |
//! | `expansion` | the steps of a bucket, by several threads |
//! | `key` | a state as a few machine words |
//! | `names` | the interchange of tasks that are alike |
//! | `bucket` | states of one potential, sorted and merged |
//! | `judge` | judges a state by the claims |
//! | `knowledge` | what a search needs to know about a model, with any controller |
//! | `numbers` | the numbers of schedules and the probabilities, which are stored with the states |
//! | `limbs` | large numbers in flat arrays |
//! | `memory` | how many bytes are held |
//! | `search` | the main loop, bucket after bucket |
//! | `chunks` | the main loop with files |
//! | `spill` | states in files |
//! | `shelf` | the data kept for each bucket, in memory or in a file |
//! | `found` | what a search found, and the states that it keeps for the backward pass |
//! | `rests` | the result of the backward pass for each state |
//! | `backward` | the backward pass, which finds the canonical counterexamples |
//!
//! Some modules are public only because the search of several machines (`cluster/`) uses them. They are internal, too.

#![allow(clippy::new_without_default, clippy::return_self_not_must_use, reason = "no other crate should use it")]

mod backward;
pub mod bucket;
mod chunks;
pub mod expand;
pub mod expansion;
mod found;
pub mod judge;
pub mod key;
pub mod knowledge;
mod learn;
pub mod limbs;
mod memory;
pub mod names;
pub mod numbers;
pub mod parts;
pub mod potential;
mod rests;
pub mod search;
mod shelf;
pub mod spill;
pub mod tables;

use std::ops::ControlFlow;

use num_bigint::BigUint;

use self::found::Found;
use self::judge::MOST_CLAIMS;
use self::knowledge::{Knowledge, Known};
use self::limbs::Limb;
use self::numbers::Share;
use self::parts::Unlearned;
use self::potential::Weights;
use self::search::{Again, Wanted, search};
use self::spill::Disk;
use super::contract::Violation;
use super::limits::{Limit, Limits};
use super::orbits::{Symmetry, SymmetryOf};
use super::probability::Measure;
use crate::claims::Claim;
use crate::core::Controller;
use crate::model::Model;
use crate::model::guard::guard;
use crate::schedule::Schedule;

/// A function that is called from time to time with the number of stored states and the number of the layer. It may end
/// the search.
pub type OnProgress<'a> = dyn FnMut(usize, usize) -> ControlFlow<()> + 'a;

/// The token of a complete search. Only such a search can make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Complete(());

/// What a search must find out, and what it may use.
pub struct Request<'a, C> {
    /// The model.
    pub model: &'a Model<C>,
    /// The claims.
    pub claims: &'a [Claim<C>],
    /// Makes the symmetry, if tasks are interchanged.
    pub symmetry: Option<SymmetryOf<C>>,
    /// Whether to count the schedules and to compute their probabilities.
    pub numbers: bool,
    /// Whether counterexamples are wanted.
    pub schedules: bool,
    /// The limits.
    pub limits: &'a Limits,
    /// How many threads share the work. The answer does not depend on it.
    pub jobs: usize,
    /// The folder for the files of a search that writes its layers to files. If it is `None`, the layers stay in
    /// memory, and a search that does not fit there is cut short.
    pub spill: Option<&'a Disk>,
}

impl<C: Controller> Request<'_, C> {
    /// The symmetry that may be used while these claims are judged. A task that a claim is about is not interchanged.
    pub fn symmetry_for(&self, claims: &[Claim<C>]) -> Option<Symmetry<C>> {
        let mut symmetry = self.symmetry?(self.model);
        claims.iter().filter_map(|claim| claim.about.as_ref()).for_each(|tasks| symmetry.leave_out(tasks));
        Some(symmetry)
    }
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How many states were found. All states of an orbit count.
    pub states: BigUint,
    /// How many were stored.
    pub stored: usize,
    /// Whether some state that was found has the stage `Up`.
    pub comes_up: bool,
    /// The limit that ended the search early, if one did.
    pub cut: Option<Limit>,
    /// Whether the schedules are the canonical ones. They are not if the search was cut short, or if a limit ended the
    /// backward pass.
    pub canonical: bool,
    /// All schedules, if they were counted and the search is complete.
    pub all: Option<Measure>,
    /// What was found for each claim.
    pub claims: Vec<Outcome>,
}

/// What a search found for a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How many of the states in which the claim is judged meet its premise.
    pub premise_held: BigUint,
    /// Whether it is broken; or, if it asks for a state, whether such a state was found.
    pub broken: bool,
    /// The schedules that break it, if they were counted and the search is complete.
    pub measure: Option<Measure>,
    /// One of them, if counterexamples are wanted. If the claim is broken and there is still none, the controller's
    /// behaviour prevents finding one, or a file cannot be read.
    pub schedule: Option<Schedule>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// The controller or a claim does not treat tasks alike, or is not known to: the search must be repeated without
    /// interchanging tasks.
    Asymmetric,
    /// A contract was broken at the end of this schedule. `None` if tasks are interchanged and the schedule cannot be
    /// found.
    Broken(Option<Schedule>, Violation),
}

/// How many words a state may take. The states of most models need one. The largest possible state has 255 inboxes and
/// 255 groups.
const WORDS: [usize; 3] = [1, 4, 260];

/// Searches every schedule of a model. The browser build must be small, so it uses the plain search.
///
/// # Errors
/// Why there is no answer.
#[cfg(all(feature = "plain", target_family = "wasm"))]
pub fn explore<C: Controller>(request: &Request<'_, C>, on_progress: &mut OnProgress<'_>) -> Result<Answer, NoAnswer> {
    super::plain::explore(request, on_progress)
}

/// Searches every schedule of a model.
///
/// # Errors
/// Why there is no answer.
#[cfg(not(all(feature = "plain", target_family = "wasm")))]
pub fn explore<C: Controller>(request: &Request<'_, C>, on_progress: &mut OnProgress<'_>) -> Result<Answer, NoAnswer> {
    explore_with::<u64, C>(request, on_progress)
}

/// Like [`explore`], but with limbs of 8 bits, so that even small numbers have several limbs.
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
    some_at_a_time(request.claims, |claims| {
        #[cfg(all(test, not(loom)))]
        super::searches::log(request.model, &request.model.start(), request.symmetry.is_some());
        until_it_fits(claims.len(), |words, weights| attempt::<L, C>(request, claims, (words, weights), on_progress))
    })
}

/// Searches once for every [`MOST_CLAIMS`] claims.
///
/// # Errors
/// Why there is no answer.
pub fn some_at_a_time<'a, C>(
    claims: &'a [Claim<C>],
    mut search: impl FnMut(&'a [Claim<C>]) -> Result<Answer, NoAnswer>,
) -> Result<Answer, NoAnswer> {
    let mut rest = claims.chunks(MOST_CLAIMS);
    let mut answer = search(rest.next().unwrap_or_default())?;
    for claims in rest {
        let more = search(claims)?;
        answer.claims.extend(more.claims);
        answer.cut = answer.cut.or(more.cut);
        answer.canonical &= more.canonical;
    }
    Ok(answer)
}

/// Repeats a search for this many claims, with wider keys or other weights of the potential, until these fit. An
/// attempt takes the number of words of a key, and the weights. An attempt returns [`Again`] for a broken
/// contract only if this was before the first state.
///
/// # Errors
/// Why there is no answer.
pub fn until_it_fits(
    claims: usize,
    mut attempt: impl FnMut(usize, Weights) -> Result<Result<Answer, NoAnswer>, Again>,
) -> Result<Answer, NoAnswer> {
    let (mut words, mut weights) = (0, Weights::default());
    loop {
        let again = match attempt(WORDS[words], weights) {
            Ok(answer) => return answer,
            Err(again) => again,
        };
        match again {
            Again::Wider if words + 1 < WORDS.len() => words += 1,
            Again::Unlearned(Unlearned::Weights(more)) => weights = more,
            Again::Unlearned(Unlearned::Asymmetric) => return Err(NoAnswer::Asymmetric),
            Again::Unlearned(Unlearned::Broken(_, violation)) => {
                return Err(NoAnswer::Broken(Some(Schedule::default()), violation));
            }
            Again::Unlearned(Unlearned::Limit(limit)) => return Ok(Answer::cut(claims, limit)),
            Again::Wider | Again::Unlearned(Unlearned::Lost) => return Ok(Answer::cut(claims, Limit::Effort)),
        }
    }
}

/// A search with keys of this many words and these weights of the potential.
fn attempt<L: Limb, C: Controller>(
    request: &Request<'_, C>,
    claims: &[Claim<C>],
    (words, weights): (usize, Weights),
    on_progress: &mut OnProgress<'_>,
) -> Result<Result<Answer, NoAnswer>, Again> {
    let (mut known, start) = Known::begin(request, claims, weights)?;
    let wanted = Wanted {
        claims: claims.len(),
        at_ends: known.judge.at_ends(),
        numbers: request.numbers,
        archive: request.schedules,
        limits: request.limits,
        threads: request.jobs,
        spill: request.spill,
    };
    let answer = match words {
        1 => answer::<1, L>(&mut known, &start, wanted, on_progress),
        4 => answer::<4, L>(&mut known, &start, wanted, on_progress),
        _ => answer::<260, L>(&mut known, &start, wanted, on_progress),
    }?;
    Ok(answer.map(|answer| Answer { comes_up: known.parts.comes_up, ..answer }))
}

/// The search itself, for any controller.
fn answer<const N: usize, L: Limb>(
    known: &mut dyn Knowledge,
    start: &[u32],
    wanted: Wanted<'_>,
    on_progress: &mut OnProgress<'_>,
) -> Result<Result<Answer, NoAnswer>, Again> {
    let mut found: Found<N> = search::<N, L>(known, start, wanted, on_progress)?;
    if let Some((place, violation)) = found.broken.take() {
        let Some(place) = place else { return Ok(Err(NoAnswer::Broken(Some(Schedule::default()), violation))) };
        let way = guard(|| backward::way_to(known, &mut found, &place)).ok().flatten();
        let is_full = known.names().is_none();
        let first = || guard(|| backward::first_way_to(known, &mut found, &place)).unwrap_or_default();
        let way = way.or_else(|| is_full.then(first));
        return Ok(Err(NoAnswer::Broken(way, violation)));
    }
    let (schedules, canonical) = schedules(known, wanted, &mut found);
    Ok(Ok(found.answer(wanted.numbers, canonical, schedules)))
}

/// For each claim, a schedule to a state that breaks it; and whether these schedules are the canonical ones.
fn schedules<const N: usize>(
    known: &mut dyn Knowledge,
    wanted: Wanted<'_>,
    found: &mut Found<N>,
) -> (Vec<Option<Schedule>>, bool) {
    let nothing = vec![None; wanted.claims];
    if !wanted.archive {
        return (nothing, false);
    }
    match guard(|| backward::canonical(known, found, (wanted.limits, wanted.threads))) {
        // If the search was cut short, a shorter schedule may exist.
        Ok(Ok(schedules)) => return (schedules, found.cut.is_none()),
        Ok(Err(Unlearned::Limit(_))) => {}
        // The controller breaks its contract: its schedules cannot be replayed.
        Ok(Err(_)) | Err(_) => return (nothing, false),
    }
    let schedules = guard(|| backward::any(known, found));
    (schedules.unwrap_or(nothing), false)
}

impl<const N: usize> Found<N> {
    fn answer(self, counts: bool, canonical: bool, schedules: Vec<Option<Schedule>>) -> Answer {
        let is_counted = counts && self.cut.is_none();
        let measure = |share: &Share| share.measure(&self.unit);
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
            comes_up: false,
            cut: self.cut,
            canonical,
        }
    }
}

impl Answer {
    /// The token of a complete search, if the search was complete.
    pub fn complete(&self) -> Option<Complete> {
        self.cut.is_none().then_some(Complete(()))
    }

    /// The answer of a search that a limit ended without any result.
    pub fn cut(claims: usize, limit: Limit) -> Self {
        let nothing = Outcome { premise_held: BigUint::ZERO, broken: false, measure: None, schedule: None };
        let claims = vec![nothing; claims];
        Self {
            states: BigUint::ZERO,
            stored: 0,
            comes_up: false,
            cut: Some(limit),
            canonical: false,
            all: None,
            claims,
        }
    }
}
