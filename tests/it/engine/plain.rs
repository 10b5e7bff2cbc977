//! The same answers from every state and step kept: slow and plain.

use num_bigint::BigUint;
use num_integer::Integer;
use startup_race::claims::Claim;
use startup_race::explore::counterexample::shortest_from;
use startup_race::explore::limits::Limits;
use startup_race::explore::probability::Probability;
use startup_race::explore::steps::{Id, Steps};
use startup_race::scenario::Setup;
use startup_race::{Controller, Scope};

/// What there is to be found.
pub struct Plain {
    pub states: usize,
    pub all: Share,
    pub claims: Vec<Judged>,
}

/// How many schedules, and how likely.
pub type Share = (BigUint, Probability);

/// What there is to be found of a claim.
pub struct Judged {
    pub premise_held: usize,
    pub share: Share,
    pub schedule: Option<String>,
}

/// Every state of a setup, with its steps; and in which order every step leads forward.
struct Space<'a, C> {
    setup: &'a Setup<C>,
    steps: Steps<C>,
    order: Vec<Id>,
}

/// What there is to be found in a setup; none if there are more than `most` states.
pub fn plain<C: Controller>(setup: &Setup<C>, claims: &[Claim<C>], most: usize) -> Option<Plain> {
    let steps = Steps::of(setup, &setup.model.start(), &Limits::default().max_states(most)).ok()?;
    let mut last = vec![0; steps.worlds.len()];
    for (depth, layer) in steps.layers.iter().enumerate() {
        layer.iter().for_each(|&id| last[id as usize] = depth);
    }
    let mut order: Vec<Id> = (0..steps.worlds.len() as Id).collect();
    order.sort_by_key(|&id| last[id as usize]);
    let space = Space { setup, steps, order };
    let all = space.flow(|_| false, |_| true);
    let claims = claims.iter().map(|claim| space.judged(claim, &all)).collect();
    Some(Plain { states: space.steps.worlds.len(), all, claims })
}

impl<C: Controller> Space<'_, C> {
    fn judged(&self, claim: &Claim<C>, all: &Share) -> Judged {
        let (model, worlds) = (&self.setup.model, &self.steps.worlds);
        let is_judged = |id: &Id| claim.scope != Scope::AtEnd || self.steps.from(*id).is_empty();
        let judged: Vec<Id> = (0..worlds.len() as Id).filter(is_judged).collect();
        let mut found = vec![false; worlds.len()];
        judged.iter().for_each(|&id| found[id as usize] = claim.is_found_in(model, &worlds[id as usize]));
        let is_found = |id: Id| found[id as usize];
        let share = if claim.scope == Scope::AtEnd {
            self.flow(|_| false, is_found)
        } else {
            let clean = self.flow(is_found, |_| true);
            (&all.0 - clean.0, &all.1 - clean.1)
        };
        let depth = self.steps.layers.iter().position(|layer| layer.iter().any(|&id| is_found(id)));
        let schedule = depth.and_then(|depth| {
            let start = (self.setup.model.start(), None);
            shortest_from(&self.steps, self.setup, start, &self.steps.layers[..=depth], is_found)
        });
        Judged {
            premise_held: judged.iter().filter(|&&id| claim.applies(model, &worlds[id as usize])).count(),
            share,
            schedule: schedule.map(|schedule| schedule.text(2)),
        }
    }

    /// The schedules that avoid some states and come to these ends. A probability is a whole number over a power of the least
    /// common multiple of all numbers of actions.
    fn flow(&self, avoid: impl Fn(Id) -> bool, counts: impl Fn(Id) -> bool) -> Share {
        let degrees = self.order.iter().map(|&id| self.steps.from(id).len().max(1));
        let lcm = degrees.fold(1_u64, |lcm, degree| lcm.lcm(&(degree as u64)));
        let unit = BigUint::from(lcm).pow(self.steps.layers.len() as u32);
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
