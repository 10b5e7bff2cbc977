//! What decides: the nearest schedule that does not break the claim, and the last pair of steps swapped on the way there.
//!
//! Two schedules of the same steps are as far apart as there are pairs of steps that they take in different orders:
//! so many swaps of two neighbours lead from one to the other. The search takes the steps of the schedule shown, which
//! is first completed in canonical order, in every legal order, the fewest such pairs first. What the steps then
//! leave open is completed in canonical order too. A schedule counts only where swap after swap leads there, each
//! result legal. That is so wherever what can happen stays possible until it happens; a retry, a timeout or the last
//! duplicate takes possibilities away, so there it is tried.
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

/// How many orders the search for a way of legal swaps may go through.
const MAX_PATHS: usize = 1_000;

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
    /// It went through as much as it may, or what it found is not reached by legal swaps alone: there is none at most so
    /// many swaps away.
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
        return Search::Stopped(0);
    }
    let steps = &first.schedule.0;
    let start = Node { world: World::start(setup), taken: vec![false; steps.len()], order: Vec::new() };
    let mut seen: HashSet<(World<C>, Vec<bool>), FxBuildHasher> = HashSet::default();
    let mut nodes = vec![Some(start)];
    let mut open = BinaryHeap::from([(Reverse(0), Reverse(0))]);
    let mut unsure = None;
    while let Some((Reverse(swaps), Reverse(index))) = open.pop() {
        let node = nodes[index].take().expect("a node is opened once");
        if node.order.len() == steps.len() {
            match reordered(setup, &first, &node.order).filter(|walk| keeps(setup, walk, claim)) {
                None => {}
                Some(walk) => match twin(setup, &first, &node.order, swaps, claim, walk) {
                    Some(twin) => return Search::Found(Box::new(twin)),
                    None => unsure = unsure.or(Some(swaps)),
                },
            }
            continue;
        }
        if !seen.insert((node.world.clone(), node.taken.clone())) {
            continue;
        }
        if seen.len() > MAX_STATES {
            return Search::Stopped(unsure.unwrap_or(swaps).saturating_sub(1));
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
    unsure.map_or(Search::Nowhere, |swaps| Search::Stopped(swaps.saturating_sub(1)))
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

/// Whether swap after swap leads from the order shown to this one, each result legal and none swapped back.
fn is_reached_by_swaps<C: Controller>(setup: &Setup<C>, first: &Walk<C>, order: &[usize]) -> bool {
    let mut position = vec![0; order.len()];
    order.iter().enumerate().for_each(|(at, &place)| position[place] = at);
    let shown: Vec<usize> = (0..order.len()).collect();
    let mut seen: HashSet<Vec<usize>, FxBuildHasher> = HashSet::from_iter([shown.clone()]);
    let mut open = vec![shown];
    while let Some(now) = open.pop().filter(|_| seen.len() <= MAX_PATHS) {
        if now == order {
            return true;
        }
        for at in (0..now.len() - 1).rev().filter(|&at| position[now[at]] > position[now[at + 1]]) {
            let mut next = now.clone();
            next.swap(at, at + 1);
            if !seen.contains(&next) && reordered(setup, first, &next).is_some() {
                seen.insert(next.clone());
                open.push(next);
            }
        }
    }
    false
}

/// The twin that takes the steps in this order, where legal swaps lead there and a pair decides.
fn twin<C: Controller>(
    setup: &Setup<C>,
    first: &Walk<C>,
    order: &[usize],
    swaps: usize,
    claim: &Claim<C>,
    walk: Walk<C>,
) -> Option<Twin> {
    if !is_reached_by_swaps(setup, first, order) {
        return None;
    }
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
