//! The numbers that are stored with the states: how many paths lead to a state, and the probability that the uniform
//! scheduler reaches it.
//!
//! A row holds both numbers for several flows. Flow 0 is all schedules. Each claim that is judged in every state, and
//! that has been broken, has a flow of its own: the schedules that have not broken it. The probabilities of a bucket
//! are integers over one denominator, its unit. The unit is a product over the non-empty buckets above it: for each of
//! them, the least common multiple of the numbers of enabled actions of its states. Numbers that skip buckets are
//! multiplied once, when their own bucket opens.

use num_bigint::BigUint;
use num_integer::Integer;
use num_rational::Ratio;

use super::bucket::{Segment, Source};
use super::judge::{Claims, each};
use super::limbs::{Limb, add_product, add_times, big, count, multiply, of};
use crate::explore::probability::Measure;

/// How many limbs the numbers of a state take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// How many flows there are. 0 if nothing is counted.
    pub flows: usize,
    /// The limbs of a number of paths.
    pub ways: usize,
    /// The limbs of a probability.
    pub mass: usize,
}

impl Shape {
    /// The limbs of one flow.
    pub fn flow(self) -> usize {
        self.ways + self.mass
    }

    /// The limbs of all flows.
    pub fn row(self) -> usize {
        self.flows * self.flow()
    }
}

/// A number of schedules, and their probability as a multiple of 1/unit.
#[derive(Debug, Clone, Default)]
pub struct Share {
    pub ways: BigUint,
    pub mass: BigUint,
}

impl Share {
    fn take<L: Limb>(&mut self, flow: &[L], ways: usize) {
        self.ways += big(&flow[..ways]);
        self.mass += big(&flow[ways..]);
    }

    /// The share as a report holds it. `unit` is the denominator of its probability.
    pub fn measure(&self, unit: &BigUint) -> Measure {
        Measure { schedules: self.ways.clone(), probability: Ratio::new(self.mass.clone(), unit.clone()) }
    }

    /// This share without another one.
    pub fn without(&self, other: &Self) -> Self {
        Self { ways: &self.ways - &other.ways, mass: &self.mass - &other.mass }
    }
}

/// Everything that is counted during a search.
#[derive(Debug)]
pub struct Numbers {
    pub shape: Shape,
    /// The denominator of the probabilities of the open bucket.
    pub unit: BigUint,
    /// For the states of the open bucket that were expanded: the least common multiple of their numbers of actions.
    lcm: BigUint,
    /// How many paths lead to all open or waiting states together. No number of paths is larger.
    pub alive: BigUint,
    /// The claims with a flow of their own, in the order in which they were broken first.
    avoided: Vec<usize>,
    /// The schedules that have ended, for each flow.
    arrived: Vec<Share>,
    /// For each claim judged at the ends, the schedules that have reached an end that breaks it.
    at_ends: Vec<Share>,
}

impl Numbers {
    /// Begins with one path to the first state. If `counts` is false, nothing is counted.
    pub fn new(counts: bool, claims: usize) -> Self {
        Self {
            shape: Shape { flows: usize::from(counts), ways: 1, mass: 1 },
            unit: BigUint::from(1u8),
            lcm: BigUint::from(1u8),
            alive: BigUint::from(1u8),
            avoided: Vec::new(),
            arrived: vec![Share::default()],
            at_ends: vec![Share::default(); claims],
        }
    }

    /// The row of the first state.
    pub fn first<L: Limb>(&self) -> Vec<L> {
        vec![L::low(1); self.shape.row()]
    }

    /// Begins a flow for each of these claims that is broken for the first time. Until now no schedule has broken the
    /// claim, so its flow begins as a copy of the flow of all schedules.
    pub fn set_apart<L: Limb, const N: usize>(&mut self, bucket: &mut [Segment<N, L>], broken: Claims) {
        let new: Vec<usize> = each(broken).filter(|claim| !self.avoided.contains(claim)).collect();
        if new.is_empty() || self.shape.flows == 0 {
            return;
        }
        let (row, flow) = (self.shape.row(), self.shape.flow());
        for segment in bucket {
            let mut rows = Vec::with_capacity(segment.keys.len() * (row + new.len() * flow));
            for old in segment.rows.chunks_exact(row) {
                rows.extend_from_slice(old);
                new.iter().for_each(|_| rows.extend_from_slice(&old[..flow]));
            }
            segment.rows = rows;
        }
        self.shape.flows += new.len();
        self.arrived.extend(vec![self.arrived[0].clone(); new.len()]);
        self.avoided.extend(new);
    }

    /// Counts the schedules to the states of a segment: to the ends, and to the states that break a claim. In such a
    /// state, the claim's own flow ends.
    pub fn count<L: Limb, const N: usize>(
        &mut self,
        segment: &mut Segment<N, L>,
        degrees: &[u32],
        broken: &[(u32, Claims)],
        at_ends: Claims,
    ) {
        if self.shape.flows == 0 {
            return;
        }
        let (shape, row) = (self.shape, self.shape.row());
        for &(at, broken) in broken {
            let row = &mut segment.rows[at as usize * row..][..row];
            each(broken & at_ends).for_each(|claim| self.at_ends[claim].take(&row[..shape.flow()], shape.ways));
            let flows = self.avoided.iter().enumerate().filter(|(_, claim)| broken >> **claim & 1 == 1);
            flows.for_each(|(flow, _)| row[(flow + 1) * shape.flow()..][..shape.flow()].fill(L::default()));
        }
        // For each number of actions, the number of paths to all states with that many.
        let mut ways: Vec<Vec<L>> = Vec::new();
        for (row, &degree) in segment.rows.chunks_exact(row).zip(degrees) {
            if ways.len() <= degree as usize {
                ways.resize(degree as usize + 1, vec![L::default(); shape.ways + 64 / L::BITS as usize]);
            }
            add_times(&mut ways[degree as usize], &row[..shape.ways], 1);
            if degree == 0 {
                let flows = self.arrived.iter_mut().zip(row.chunks_exact(shape.flow()));
                flows.for_each(|(share, flow)| share.take(flow, shape.ways));
            }
        }
        for (degree, ways) in ways.iter().enumerate() {
            self.alive += big(ways) * degree;
            self.alive -= big(ways);
        }
    }

    /// Refines the unit of the steps, for steps from states with these numbers of actions. Returns, for each number of
    /// actions, the factor by which a step from such a state multiplies the probability.
    pub fn refine<L: Limb>(&mut self, degrees: impl Iterator<Item = u32>) -> Vec<Vec<L>> {
        let mut seen: Vec<u32> = degrees.filter(|&degree| degree > 0).collect();
        seen.sort_unstable();
        seen.dedup();
        let lcm = seen.iter().fold(self.lcm.clone(), |lcm, &degree| lcm.lcm(&degree.into()));
        self.lcm.clone_from(&lcm);
        let mut factors = vec![Vec::new(); seen.last().map_or(0, |&most| most as usize + 1)];
        seen.iter().for_each(|&degree| factors[degree as usize] = of(&(&lcm / degree)));
        factors
    }

    /// The shape and the unit of the steps from the states that were expanded.
    pub fn of_steps<L: Limb>(&self) -> (Shape, BigUint) {
        let unit = &self.unit * &self.lcm;
        (Shape { flows: self.shape.flows, ways: count::<L>(&self.alive), mass: count::<L>(&unit) }, unit)
    }

    /// Closes the open bucket: the unit of the steps becomes the current unit.
    pub fn close<L: Limb>(&mut self) {
        (self.shape, self.unit) = self.of_steps::<L>();
        self.arrived.iter_mut().chain(&mut self.at_ends).for_each(|share| share.mass *= &self.lcm);
        self.lcm = BigUint::from(1u8);
    }

    /// Converts rows that have waited to the current shape and unit, and adds them to a source.
    pub fn bring<L: Limb, const N: usize>(&self, rows: &[L], shape: Shape, unit: &BigUint, into: &mut Source<N, L>) {
        if shape.flows == 0 {
            return;
        }
        let factor: Vec<L> = of(&(&self.unit / unit));
        let first = into.rows.len();
        into.rows.resize(first + rows.len() / shape.row() * self.shape.row(), L::default());
        for (to, from) in into.rows[first..].chunks_exact_mut(self.shape.row()).zip(rows.chunks_exact(shape.row())) {
            self.bring_row(from, shape, &factor, to);
        }
    }

    /// Adds one such row, with its probabilities multiplied by a factor, to a current row.
    pub fn bring_row<L: Limb>(&self, from: &[L], shape: Shape, factor: &[L], to: &mut [L]) {
        if shape.flows == 0 {
            return;
        }
        for (flow, to) in to.chunks_exact_mut(self.shape.flow()).enumerate() {
            // At that time the claim was not broken yet: all schedules had avoided breaking it.
            let flow = if flow < shape.flows { flow } else { 0 };
            let from = &from[flow * shape.flow()..][..shape.flow()];
            add_times(&mut to[..self.shape.ways], fitting(&from[..shape.ways], self.shape.ways), 1);
            add_product(&mut to[self.shape.ways..], &from[shape.ways..], factor);
        }
    }

    /// The shares of all schedules, and of those that break each claim.
    pub fn shares(self, at_ends: Claims) -> (Share, Vec<Share>) {
        let (all, mut shares) = (self.arrived[0].clone(), self.at_ends);
        for (clean, &claim) in self.arrived[1..].iter().zip(&self.avoided) {
            if at_ends >> claim & 1 == 0 {
                shares[claim] = all.without(clean);
            }
        }
        (all, shares)
    }
}

/// The number in this many limbs. The other limbs are 0, because no number is larger than the number of all open or
/// waiting paths.
fn fitting<L: Limb>(number: &[L], limbs: usize) -> &[L] {
    let (low, high) = number.split_at(limbs.min(number.len()));
    assert!(high.iter().all(|limb| limb.wide() == 0), "a number outgrew its limbs");
    low
}

/// What each step from a state carries: all paths to the state, and the step's part of the probability.
pub fn scale<L: Limb>(mut rows: Vec<L>, degrees: &[u32], factors: &[Vec<L>], before: Shape, after: Shape) -> Vec<L> {
    if before == after && after.flows > 0 {
        for (row, &degree) in rows.chunks_exact_mut(after.row()).zip(degrees).filter(|(_, degree)| **degree > 0) {
            let flows = row.chunks_exact_mut(after.flow());
            flows.for_each(|flow| multiply(&mut flow[after.ways..], &factors[degree as usize]));
        }
        return rows;
    }
    let mut scaled = vec![L::default(); degrees.len() * after.row()];
    if after.flows == 0 {
        return scaled;
    }
    let rows = rows.chunks_exact(before.row()).zip(scaled.chunks_exact_mut(after.row()));
    for ((from, to), &degree) in rows.zip(degrees).filter(|(_, degree)| **degree > 0) {
        for (from, to) in from.chunks_exact(before.flow()).zip(to.chunks_exact_mut(after.flow())) {
            let ways = fitting(&from[..before.ways], after.ways);
            to[..ways.len()].copy_from_slice(ways);
            add_product(&mut to[after.ways..], &from[before.ways..], &factors[degree as usize]);
        }
    }
    scaled
}
