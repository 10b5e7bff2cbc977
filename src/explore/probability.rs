//! How many schedules there are, how many break a claim, and the probability of that. All exact.
//!
//! Both flow forward through the layers. A state holds how many ways lead to it, and the probability that the
//! uniform scheduler, which picks each enabled action with equal probability, comes by. With L the least common
//! multiple of the numbers of enabled actions, every probability after d steps is a multiple of 1/Lᵈ; so
//! whole numbers do, and one fraction is reduced at the end.
//!
//! A claim judged at the ends is broken by the schedules that reach a breaking end. One that is judged in every
//! state is broken by all schedules but those that pass through no breaking state.

use num_bigint::BigUint;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{One, Zero};

use super::limits::{Limit, block_bytes};
use super::search::{Complete, Graph, Id};
use crate::claims::Scope;
use crate::core::Controller;

/// A probability, exact.
pub type Probability = Ratio<BigUint>;

/// A number of schedules, and the probability of all of them together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measure {
    /// How many schedules.
    pub schedules: BigUint,
    /// How likely one of them is under the uniform scheduler.
    pub probability: Probability,
}

/// The shares of a complete graph: of all schedules, and of those that break each claim (for one that asks for a state: that pass through it).
///
/// # Errors
/// The limit of the request that ended the count.
pub fn shares<C: Controller>(
    graph: &Graph<C>,
    _: Complete,
    judged: &[Scope],
) -> Result<(Measure, Vec<Measure>), Limit> {
    let mut account = graph.limits().account();
    account.hold(graph.stored() * (judged.len() + 1))?;
    let at_ends = |index: &usize| judged[*index] == Scope::AtEnd;
    let ends: Vec<usize> = (0..judged.len()).filter(at_ends).collect();
    let marks: Vec<Vec<bool>> = graph.broken.iter().map(|broken| marks(graph, broken)).collect();
    let nowhere = vec![false; graph.stored()];
    let targets: Vec<&[bool]> = ends.iter().map(|&index| marks[index].as_slice()).collect();
    let (all, at_ends) = flow(graph, &nowhere, &targets)?;
    let mut at_ends = at_ends.into_iter();
    let broken = judged.iter().zip(&marks).map(|(&judged, marks)| match judged {
        Scope::AtEnd => Ok(at_ends.next().expect("one share for each claim judged at the ends")),
        Scope::Always | Scope::Reachable if marks.iter().any(|&broken| broken) => {
            let (clean, _) = flow(graph, marks, &[])?;
            Ok(Measure {
                schedules: &all.schedules - clean.schedules,
                probability: &all.probability - clean.probability,
            })
        }
        Scope::Always | Scope::Reachable => Ok(Measure { schedules: BigUint::ZERO, probability: Probability::zero() }),
    });
    let broken = broken.collect::<Result<_, _>>()?;
    Ok((all, broken))
}

fn marks<C: Controller>(graph: &Graph<C>, ids: &[Id]) -> Vec<bool> {
    let mut marks = vec![false; graph.stored()];
    ids.iter().for_each(|&id| marks[id as usize] = true);
    marks
}

/// What flows through a state: ways, and probability in units of 1/Lᵈ.
#[derive(Default, Clone)]
struct Flow {
    ways: BigUint,
    weight: BigUint,
}

impl Flow {
    fn add(&mut self, ways: &BigUint, weight: &BigUint) {
        self.ways += ways;
        self.weight += weight;
    }
}

/// The share of the schedules that pass through no state of `avoid`, and of those among them that end in each of the `targets`.
fn flow<C: Controller>(
    graph: &Graph<C>,
    avoid: &[bool],
    targets: &[&[bool]],
) -> Result<(Measure, Vec<Measure>), Limit> {
    let choices = graph.choices();
    let unit = choices.iter().fold(BigUint::one(), |unit, &choices| unit.lcm(&choices.into()));
    let per_choice: Vec<BigUint> = (0..=choices.last().copied().unwrap_or(0)).map(|n| &unit / n.max(1)).collect();
    let mut account = graph.limits().account();
    account.hold(graph.stored() * size_of::<Flow>())?;
    let mut flows = vec![Flow::default(); graph.stored()];
    let mut arrived = vec![Flow::default(); targets.len() + 1];
    flows[graph.layers[0][0] as usize] = Flow { ways: BigUint::one(), weight: BigUint::one() };
    for (depth, layer) in graph.layers.iter().enumerate() {
        // Both numbers of a flow are at most Lᵈ, and flows are held for this layer and the next.
        let number = block_bytes((unit.bits() as usize * (depth + 1)).div_ceil(8));
        let held = layer.len() + graph.layers.get(depth + 1).map_or(0, Vec::len);
        account.hold(graph.stored() * size_of::<Flow>() + held * (2 * number + size_of::<Flow>()))?;
        arrived.iter_mut().for_each(|arrived| arrived.weight *= &unit);
        let here: Vec<Flow> = layer.iter().map(|&id| std::mem::take(&mut flows[id as usize])).collect();
        for (&id, Flow { ways, weight }) in layer.iter().zip(here).filter(|(id, _)| !avoid[**id as usize]) {
            graph.limits().check()?;
            let edges = graph.edges(id);
            if edges.is_empty() {
                arrived[0].add(&ways, &weight);
                let reached = targets.iter().zip(&mut arrived[1..]).filter(|(target, _)| target[id as usize]);
                reached.for_each(|(_, arrived)| arrived.add(&ways, &weight));
                continue;
            }
            let weight = weight * &per_choice[edges.len()];
            edges.iter().for_each(|edge| flows[edge.to as usize].add(&ways, &weight));
        }
    }
    let whole = num_traits::pow(unit, graph.layers.len() - 1);
    let share =
        |flow: Flow| Measure { schedules: flow.ways, probability: Probability::new(flow.weight, whole.clone()) };
    let mut shares = arrived.into_iter().map(share);
    Ok((shares.next().expect("the first share is that of all schedules"), shares.collect()))
}

/// In how many independent runs one is seen with 95 %: the least n with (1 − p)ⁿ ≤ 1/20. None if the probability is 0.
pub fn runs_for_95_percent(probability: &Probability) -> Option<BigUint> {
    if probability.is_zero() {
        return None;
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

/// Whether that many misses in a row have a chance of at most 1/20, without rounding that could change the answer.
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
