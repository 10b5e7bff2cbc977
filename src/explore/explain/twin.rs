//! What decides: the nearest schedule that does not break the claim.
//!
//! Breadth first over swaps of two neighbouring steps, the first step first. Each result is a legal schedule, and a
//! complete one: what is only a part of one is first completed in canonical order. The last pair swapped decides:
//! with it in the one order the claim is broken, in the other it is not.

use std::collections::{HashSet, VecDeque};

use rustc_hash::FxBuildHasher;

use crate::explore::replay::Walk;
use crate::protocol::claims::{Claim, Judged, State};
use crate::protocol::controller::Controller;
use crate::protocol::event::{Actor, Event, Schedule};
use crate::protocol::world::Setup;

/// How many schedules one such search may step.
pub const MAX_SCHEDULES: usize = 20_000;

/// A step of the last pair swapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swapped {
    /// What it did before the swap.
    pub event: Event,
    /// The step of the schedule that breaks the claim, where the same happened there.
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
    /// It went through all that swaps can reach: none.
    Nowhere,
    /// It stopped after so many schedules, having tried all that are at most so many swaps away.
    Stopped(usize, usize),
}

/// A step with its place in the schedule that breaks the claim; none where the completion of a swap added it.
type Step = (Actor, Option<usize>);

/// A schedule on the way: its steps, and how many swaps it took.
struct Node {
    steps: Vec<Step>,
    swaps: usize,
}

/// Looks for the nearest schedule that does not break the claim. `shown` is the one that does.
pub fn nearest<C: Controller>(setup: &Setup<C>, shown: &Walk<C>, claim: &Claim<C>) -> Search {
    let mut first = shown.clone();
    if first.complete(setup).is_err() {
        return Search::Nowhere;
    }
    let steps: Vec<Step> =
        first.schedule.0.iter().enumerate().map(|(index, &actor)| (actor, Some(index + 1))).collect();
    let mut seen: HashSet<Vec<Actor>, FxBuildHasher> = HashSet::default();
    seen.insert(first.schedule.0.clone());
    let mut open = VecDeque::from([Node { steps, swaps: 0 }]);
    let mut tried = 0;
    while let Some(node) = open.pop_front() {
        for at in 0..node.steps.len().saturating_sub(1) {
            if node.steps[at].0 == node.steps[at + 1].0 {
                continue;
            }
            tried += 1;
            if tried > MAX_SCHEDULES {
                return Search::Stopped(MAX_SCHEDULES, node.swaps);
            }
            let Some((steps, walk)) = swap(setup, &node.steps, at) else { continue };
            if !seen.insert(walk.schedule.0.clone()) {
                continue;
            }
            if passes(setup, &walk, claim) {
                return Search::Found(Box::new(twin(setup, &first, &node, at, walk)));
            }
            open.push_back(Node { steps, swaps: node.swaps + 1 });
        }
    }
    Search::Nowhere
}

/// Swaps two neighbouring steps and completes the result, where it is legal.
fn swap<C: Controller>(setup: &Setup<C>, steps: &[Step], at: usize) -> Option<(Vec<Step>, Walk<C>)> {
    let mut steps = steps.to_vec();
    steps.swap(at, at + 1);
    let schedule = Schedule(steps.iter().map(|&(actor, _)| actor).collect());
    let mut walk = Walk::of(setup, &schedule).ok()?;
    walk.complete(setup).ok()?;
    steps.extend(walk.schedule.0[steps.len()..].iter().map(|&actor| (actor, None)));
    Some((steps, walk))
}

/// Whether a complete schedule does not break the claim.
pub fn passes<C: Controller>(setup: &Setup<C>, walk: &Walk<C>, claim: &Claim<C>) -> bool {
    let breaks = |world| {
        let state = State { setup, world };
        claim.applies(&state) && !claim.holds(&state)
    };
    match claim.judged {
        Judged::EveryState => !walk.worlds.iter().any(breaks),
        Judged::EveryEnd => !breaks(walk.last()),
        Judged::SomeState => true,
    }
}

fn twin<C: Controller>(setup: &Setup<C>, first: &Walk<C>, before: &Node, at: usize, walk: Walk<C>) -> Twin {
    let schedule = Schedule(before.steps.iter().map(|&(actor, _)| actor).collect());
    let events = Walk::of(setup, &schedule).map(|walk| walk.events).unwrap_or_default();
    let swapped = |at: usize| {
        let event = events[at];
        let same = |&step: &usize| *first.event(step) == event;
        Swapped { event, step: before.steps[at].1.filter(same) }
    };
    Twin { pair: [swapped(at), swapped(at + 1)], swaps: before.swaps + 1, schedule: walk.schedule, events: walk.events }
}
