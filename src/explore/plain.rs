//! A plain search: it keeps every state and step, and computes the answers from them. It is slow, but its code is
//! short. The explorer in the browser uses it instead of the [`engine`](super::engine). The tests compare the two.
//!
//! It checks that the controller and the claims treat tasks alike. It trusts the other promises of a controller
//! ([`contract`](super::contract)): only the engine tests them.

use num_bigint::BigUint;
use num_integer::Integer;

use super::contract::Violation;
use super::counterexample::shortest_from;
use super::engine::{Answer, NoAnswer, OnProgress, Outcome, Request};
use super::limits::Limit;
use super::orbits::{Asymmetric, Symmetry, Unchecked};
use super::probability::{Measure, Probability};
use super::steps::{Id, Steps, Unfinished};
use crate::claims::{Claim, Scope};
use crate::core::{Controller, Stage};
use crate::model::guard::guard;
use crate::model::{ContractViolation, Model, Refused};
use crate::schedule::Schedule;

/// Searches every schedule of a model.
///
/// # Errors
/// The reason why there is no answer.
pub fn explore<C: Controller>(request: &Request<'_, C>, on_progress: &mut OnProgress<'_>) -> Result<Answer, NoAnswer> {
    let symmetry = request.symmetry_for(request.claims);
    let start = request.model.start();
    if symmetry.as_ref().is_some_and(|symmetry| symmetry.check_start(&start.driver).is_err()) {
        return Err(NoAnswer::Asymmetric);
    }
    let mut steps = Steps::begin(&start, symmetry, request.limits);
    let mut stopped = None;
    let ended = steps.explore(request.model, &mut |steps, id| {
        if id.is_multiple_of(1024) && on_progress(steps.worlds.len(), steps.layers.len()).is_break() {
            request.limits.end();
        }
        let checked = steps.symmetry.take().map_or(Ok(()), |mut symmetry| {
            let checked = check(request, steps, id, &mut symmetry);
            steps.symmetry = Some(symmetry);
            checked
        });
        match checked {
            Ok(()) => Ok(()),
            Err(Unchecked::Limit(limit)) => Err(limit.into()),
            Err(Unchecked::Asymmetric(Asymmetric)) => {
                stopped = Some(NoAnswer::Asymmetric);
                Err(Limit::Effort.into())
            }
        }
    });
    let space = Space { model: request.model, is_complete: ended.is_ok(), order: Vec::new(), steps };
    match (stopped, ended) {
        (Some(why), _) => Err(why),
        (None, Ok(())) => space.sorted().answer(request, None),
        (None, Err(Unfinished::Limit(limit))) => space.answer(request, Some(limit)),
        (None, Err(Unfinished::Refused(id, action, refused))) => {
            let violation = match refused {
                Refused::Contract(violation) => violation,
                Refused::Blocked(_) => {
                    ContractViolation::Panicked("an action is enabled and cannot be taken".to_string())
                }
            };
            let way = space.way_to(&|other| other == id).filter(|_| space.steps.symmetry.is_none());
            let way = way.map(|way| way.0.into_iter().chain([action]).collect());
            Err(NoAnswer::Broken(way.map(Schedule), violation.into()))
        }
    }
}

/// Checks that the controller and the claims treat tasks alike in a state.
fn check<C: Controller>(
    request: &Request<'_, C>,
    steps: &Steps<C>,
    id: Id,
    symmetry: &mut Symmetry<C>,
) -> Result<(), Unchecked> {
    let (model, world) = (request.model, &steps.worlds[id as usize]);
    let mut inputs = model.actions(world).into_iter().filter_map(|action| model.input(world, action));
    inputs.try_for_each(|input| symmetry.check_input(&world.driver, (input, world.is_stale(input)), request.limits))?;
    let own = request.claims.iter().filter(|claim| !claim.is_symmetric());
    for claim in own {
        symmetry.check_claim(model, world, claim)?;
    }
    Ok(())
}

/// A number of schedules, and their probability.
type Share = (BigUint, Probability);

/// The states that were found. If these are all, `order` has them in an order in which every step leads forward.
struct Space<'a, C> {
    model: &'a Model<C>,
    steps: Steps<C>,
    is_complete: bool,
    order: Vec<Id>,
}

impl<C: Controller> Space<'_, C> {
    fn sorted(mut self) -> Self {
        let mut last = vec![0; self.steps.worlds.len()];
        for (depth, layer) in self.steps.layers.iter().enumerate() {
            layer.iter().for_each(|&id| last[id as usize] = depth);
        }
        for (depth, layer) in self.steps.layers.iter().enumerate() {
            self.order.extend(layer.iter().filter(|&&id| last[id as usize] == depth));
        }
        self
    }

    fn answer(&self, request: &Request<'_, C>, cut: Option<Limit>) -> Result<Answer, NoAnswer> {
        let counts = request.numbers && self.is_complete;
        let all = counts.then(|| self.flow(&|_| false, &|_| true));
        let claims = request.claims.iter().map(|claim| self.judged(request, claim, all.as_ref()));
        let phases = self.steps.worlds.iter().map(|world| world.phase().stage);
        let (mut phases, claims) = (phases, claims.collect::<Result<_, _>>()?);
        Ok(Answer {
            states: self.steps.orbits.iter().sum::<u128>().into(),
            stored: self.steps.worlds.len(),
            comes_up: phases.any(|stage| stage == Stage::Up),
            cut,
            canonical: request.schedules && self.is_complete,
            all: all.map(measure),
            claims,
        })
    }

    fn judged(&self, request: &Request<'_, C>, claim: &Claim<C>, all: Option<&Share>) -> Result<Outcome, NoAnswer> {
        let (mut premise_held, mut found) = (0_u128, vec![false; self.steps.worlds.len()]);
        let mut judged = 0;
        let judge = || {
            for (id, world) in self.steps.worlds.iter().enumerate() {
                judged = id as Id;
                if (claim.scope != Scope::AtEnd || self.steps.is_end(id as Id)) && claim.applies(self.model, world) {
                    premise_held += self.steps.orbits[id];
                    found[id] = claim.scope == Scope::Reachable || !claim.holds(self.model, world);
                }
            }
        };
        let violation = |panic| Violation::Claim { id: claim.id.to_string(), panic };
        guard(judge).map_err(|panic| NoAnswer::Broken(self.way_to(&|id| id == judged), violation(panic)))?;
        let is_found = |id: Id| found[id as usize];
        let share = all.map(|all| match claim.scope {
            Scope::AtEnd => self.flow(&|_| false, &is_found),
            Scope::Always | Scope::Reachable => {
                let clean = self.flow(&is_found, &|_| true);
                (&all.0 - clean.0, &all.1 - clean.1)
            }
        });
        Ok(Outcome {
            premise_held: premise_held.into(),
            broken: found.contains(&true),
            measure: share.map(measure),
            schedule: if request.schedules { self.way_to(&is_found) } else { None },
        })
    }

    /// The canonical schedule to a wanted state.
    fn way_to(&self, is_wanted: &dyn Fn(Id) -> bool) -> Option<Schedule> {
        let depth = self.steps.layers.iter().position(|layer| layer.iter().any(|&id| is_wanted(id)))?;
        let start = (self.model.start(), None);
        shortest_from(&self.steps, self.model, start, &self.steps.layers[..=depth], is_wanted)
    }

    /// The schedules that meet no state of `avoid` and lead to an end of `counts`. A probability is an integer divided
    /// by a power of the least common multiple of the numbers of actions in all states.
    fn flow(&self, avoid: &dyn Fn(Id) -> bool, counts: &dyn Fn(Id) -> bool) -> Share {
        let degrees = self.order.iter().map(|&id| self.steps.from(id).len().max(1));
        let lcm = degrees.fold(BigUint::from(1_u8), |lcm, degree| lcm.lcm(&degree.into()));
        let unit = num_traits::pow(lcm, self.steps.layers.len());
        let mut flows = vec![(BigUint::ZERO, BigUint::ZERO); self.order.len()];
        let (mut ways, mut mass) = (BigUint::ZERO, BigUint::ZERO);
        flows[0] = (BigUint::from(1_u8), unit.clone());
        for &id in self.order.iter().filter(|&&id| !avoid(id)) {
            let (to_here, weight) = std::mem::take(&mut flows[id as usize]);
            let edges = self.steps.from(id);
            if edges.is_empty() && counts(id) {
                (ways, mass) = (ways + &to_here, mass + &weight);
            }
            for edge in edges {
                let next = &mut flows[edge.to as usize];
                next.0 += &to_here;
                next.1 += &weight / edges.len();
            }
        }
        (ways, Probability::new(mass, unit))
    }
}

fn measure((schedules, probability): Share) -> Measure {
    Measure { schedules, probability }
}
