//! What decides: the nearest schedule that does not break the claim, and the last pair of steps swapped on the way there.
//!
//! Two schedules of the same steps are as far apart as there are pairs of steps that they take in different orders:
//! so many swaps of two neighbours lead from one to the other. The search takes the steps of the schedule shown, which
//! is first completed in canonical order, in every legal order, the fewest such pairs first. What the steps then
//! leave open is completed in canonical order too.
//!
//! In the twin some pair of neighbours stands in the other order than in the schedule shown, and legally could stand in
//! that order. That schedule is one swap nearer, so it breaks the claim: the order of this pair decides.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use rustc_hash::FxBuildHasher;

use crate::explore::replay::Walk;
use crate::protocol::claims::{Claim, Judged, State};
use crate::protocol::controller::Controller;
use crate::protocol::event::{Actor, Event, Schedule};
use crate::protocol::world::{Setup, World};

/// How many states one such search may go through.
pub const MAX_STATES: usize = 50_000;

/// A step of the pair that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swapped {
    /// What it does where the claim is broken.
    pub event: Event,
    /// The step of the schedule shown, where the same happens there.
    pub step: Option<usize>,
}

/// A schedule that does not break the claim, and the pair that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// The pair in the order that breaks the claim.
    pub pair: [Swapped; 2],
    /// How many swaps away it is.
    pub swaps: usize,
    /// The schedule.
    pub schedule: Schedule,
    /// What happens in it.
    pub events: Vec<Event>,
}

/// What the search for a twin came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// It found the nearest one.
    Found(Box<Twin>),
    /// It went through every order of the steps: none.
    Nowhere,
    /// It went through all that may be: there is none at most so many swaps away.
    Stopped(usize),
}

/// A part of a schedule on the way.
struct Node<C> {
    world: World<C>,
    /// By place in the schedule shown: whether the step was taken.
    taken: Vec<bool>,
    /// The places in the order in which they were taken.
    order: Vec<usize>,
}

/// The nearest schedule that does not break the claim. `shown` is the one that does.
pub fn nearest<C: Controller>(setup: &Setup<C>, shown: &Walk<C>, claim: &Claim<C>) -> Search {
    let mut first = shown.clone();
    if first.complete(setup).is_err() {
        return Search::Nowhere;
    }
    let steps = &first.schedule.0;
    let start = Node { world: World::start(setup), taken: vec![false; steps.len()], order: Vec::new() };
    let mut seen: HashSet<(World<C>, Vec<bool>), FxBuildHasher> = HashSet::default();
    let mut nodes = vec![Some(start)];
    let mut open = BinaryHeap::from([(Reverse(0), Reverse(0))]);
    while let Some((Reverse(swaps), Reverse(index))) = open.pop() {
        let node = nodes[index].take().expect("a node is opened once");
        if node.order.len() == steps.len() {
            if let Some(twin) = twin(setup, &first, &node.order, swaps, claim) {
                return Search::Found(Box::new(twin));
            }
            continue;
        }
        if !seen.insert((node.world.clone(), node.taken.clone())) {
            continue;
        }
        if seen.len() > MAX_STATES {
            return Search::Stopped(swaps.saturating_sub(1));
        }
        for (place, world) in next(setup, steps, &node, claim) {
            let passed = node.taken[..place].iter().filter(|&&taken| !taken).count();
            let (mut taken, mut order) = (node.taken.clone(), node.order.clone());
            taken[place] = true;
            order.push(place);
            open.push((Reverse(swaps + passed), Reverse(nodes.len())));
            nodes.push(Some(Node { world, taken, order }));
        }
    }
    Search::Nowhere
}

/// The steps that can be taken next, with the states they lead to; none to a state that breaks the claim.
fn next<C: Controller>(setup: &Setup<C>, steps: &[Actor], node: &Node<C>, claim: &Claim<C>) -> Vec<(usize, World<C>)> {
    let take = |actor: Actor| {
        let place = (0..steps.len()).find(|&place| steps[place] == actor && !node.taken[place])?;
        let mut world = node.world.clone();
        world.step(setup, actor).ok()?;
        (claim.judged != Judged::EveryState || !breaks(setup, &world, claim)).then_some((place, world))
    };
    node.world.enabled(setup).into_iter().filter_map(take).collect()
}

fn breaks<C: Controller>(setup: &Setup<C>, world: &World<C>, claim: &Claim<C>) -> bool {
    let state = State { setup, world };
    claim.applies(&state) && !claim.holds(&state)
}

/// Whether a complete schedule keeps the claim.
fn keeps<C: Controller>(setup: &Setup<C>, walk: &Walk<C>, claim: &Claim<C>) -> bool {
    match claim.judged {
        Judged::EveryState => !walk.worlds.iter().any(|world| breaks(setup, world, claim)),
        Judged::EveryEnd => !breaks(setup, walk.last(), claim),
        Judged::SomeState => true,
    }
}

/// Steps in another order, completed, where that is legal.
fn reordered<C: Controller>(setup: &Setup<C>, first: &Walk<C>, order: &[usize]) -> Option<Walk<C>> {
    let schedule = Schedule(order.iter().map(|&place| first.schedule.0[place]).collect());
    let mut walk = Walk::of(setup, &schedule).ok()?;
    walk.complete(setup).ok()?;
    Some(walk)
}

/// The twin that takes the steps in this order, where it is one and a pair decides.
fn twin<C: Controller>(
    setup: &Setup<C>,
    first: &Walk<C>,
    order: &[usize],
    swaps: usize,
    claim: &Claim<C>,
) -> Option<Twin> {
    let walk = reordered(setup, first, order).filter(|walk| keeps(setup, walk, claim))?;
    let pair = (0..order.len().saturating_sub(1)).filter(|&at| order[at] > order[at + 1]).find_map(|at| {
        let mut before = order.to_vec();
        before.swap(at, at + 1);
        let broken = reordered(setup, first, &before).filter(|walk| !keeps(setup, walk, claim))?;
        let swapped = |at: usize| {
            let (event, place) = (broken.events[at], before[at]);
            Swapped { event, step: (first.events[place] == event).then_some(place + 1) }
        };
        Some([swapped(at), swapped(at + 1)])
    })?;
    Some(Twin { pair, swaps, schedule: walk.schedule, events: walk.events })
}
