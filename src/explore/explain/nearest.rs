//! The nearest schedule that does not break the claim, and the pair of steps whose order decides this.
//!
//! The distance of two schedules with the same steps is the number of pairs of steps that they take in different
//! orders. This is the number of swaps of neighbours that lead from one to the other. The search first completes the
//! given schedule in canonical order. It then tries the steps in every legal order, by increasing distance, and
//! completes each result in canonical order. A schedule counts only if a sequence of swaps leads to it, and each result
//! on the way is legal. If every enabled action stays enabled until it is taken, such a sequence always exists. A
//! retry, a timeout or the last duplicate can disable actions, so the swaps are tried.
//!
//! If no order of the steps keeps the claim, steps may be left out: those that a swap makes permanently impossible,
//! such as a timeout once the controller is Running.
//!
//! In the passing schedule, some pair of neighbours is in the opposite order to that of the given schedule, and
//! swapping it back is legal. The result of this is one swap nearer, so it breaks the claim: the order of this pair
//! decides.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet, VecDeque};

use rustc_hash::FxBuildHasher;

use crate::claims::{Claim, Scope};
use crate::core::{Command, Controller};
use crate::explore::limits::{Account, Limit, Limits, block_bytes, controller_bytes, set_bytes, vec_bytes};
use crate::explore::replay::ReplayError;
use crate::explore::trace::Trace;
use crate::model::{Action, QueuedNotice, World};
use crate::scenario::Setup;
use crate::schedule::Schedule;
use crate::transition::Event;

/// How many states one search may visit.
pub const MAX_STATES: usize = 50_000;

/// How much effort one search may use.
const EFFORT: u64 = 1 << 27;

/// How many orders the search for a sequence of legal swaps may visit.
const MAX_PATHS: usize = 1_000;

/// A step of the pair that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swapped {
    /// What it does in the schedule that differs from the passing one only in the order of the pair, and breaks the
    /// claim.
    pub event: Event,
    /// Its step in the passing schedule. `None` if it is left out there.
    pub passing: Option<usize>,
    /// Its step in the given schedule, if the same event happens there.
    pub step: Option<usize>,
}

/// A schedule that does not break the claim, and the pair that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest<C> {
    /// The pair in the order that breaks the claim.
    pub pair: [Swapped; 2],
    /// The distance in swaps.
    pub swaps: usize,
    /// The passing schedule.
    pub trace: Trace<C>,
    /// The steps of the given schedule that the swap makes impossible, and that are left out.
    pub left_out: Vec<usize>,
}

impl<C> Nearest<C> {
    /// The steps of the pair in the passing schedule, where their order is reversed. Empty if one of the two is left
    /// out.
    pub fn pair_in_trace(&self) -> Vec<usize> {
        let [earlier, later] = &self.pair;
        later.passing.zip(earlier.passing).map_or(Vec::new(), |(first, second)| vec![first, second])
    }
}

/// The result of the search for a passing schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search<C> {
    /// It found the nearest one.
    Found(Box<Nearest<C>>),
    /// It tried every order of the steps, and found no passing schedule.
    Nowhere,
    /// No passing schedule is within this many swaps. The search then reached this limit, or found a passing schedule
    /// that is not known to be reached by legal swaps.
    Stopped(usize, Limit),
}

/// The beginning of a schedule that the search builds.
struct Node<C> {
    world: World<C>,
    /// For each step of the given schedule, whether it was taken.
    taken: Vec<bool>,
    /// The indices of the steps in the order in which they were taken.
    order: Vec<usize>,
}

/// The nearest schedule that does not break the claim. `shown` is the given one, which does.
pub fn nearest<C: Controller>(setup: &Setup<C>, shown: &Trace<C>, claim: &Claim<C>, limits: &Limits) -> Search<C> {
    let limits = limits.of_a_part(MAX_STATES, EFFORT);
    let mut first = shown.clone();
    match complete(setup, &mut first, &limits) {
        Err(limit) => return Search::Stopped(0, limit),
        Ok(false) => return Search::Stopped(0, Limit::Effort),
        Ok(true) => {}
    }
    let (mut swaps, mut unsure) = (0, None);
    let account = limits.account();
    let mut orders = Orders { setup, claim, first: &first, account, held: 0, limits: &limits, may_leave_out: false };
    let mut found = orders.search(&mut swaps, &mut unsure);
    if let (Ok(None), None) = (&found, unsure) {
        (orders.may_leave_out, orders.held) = (true, 0);
        found = orders.search(&mut swaps, &mut unsure);
    }
    let none_up_to = |swaps: usize| swaps.saturating_sub(1);
    match (found, unsure) {
        (Ok(Some(twin)), _) => Search::Found(Box::new(twin)),
        (Ok(None), None) => Search::Nowhere,
        (Ok(None), Some(swaps)) => Search::Stopped(none_up_to(swaps), Limit::Effort),
        (Err(limit), unsure) => Search::Stopped(none_up_to(unsure.unwrap_or(swaps)), limit),
    }
}

/// For each step of an order, the index of its event, if it could be taken.
type Taken = Vec<Option<usize>>;

/// The search through the orders of the steps of a schedule.
struct Orders<'a, C> {
    setup: &'a Setup<C>,
    claim: &'a Claim<C>,
    first: &'a Trace<C>,
    limits: &'a Limits,
    account: Account,
    /// The bytes of the beginnings that are still open, and of the states that were visited.
    held: usize,
    /// Whether a step that cannot be taken may be left out.
    may_leave_out: bool,
}

impl<C: Controller> Orders<'_, C> {
    /// Tries the orders by increasing number of swaps. `swaps` is set to the number that it has reached. `unsure` is
    /// set to the number of swaps of the first schedule that is [`Outcome::Unsure`].
    fn search(&mut self, swaps: &mut usize, unsure: &mut Option<usize>) -> Result<Option<Nearest<C>>, Limit> {
        let steps = &self.first.schedule.0;
        let start = Node { world: self.setup.model.start(), taken: vec![false; steps.len()], order: Vec::new() };
        let mut seen: HashSet<(World<C>, Vec<bool>), FxBuildHasher> = HashSet::default();
        let mut nodes = vec![Some(start)];
        let mut open = BinaryHeap::from([(Reverse(0), Reverse(0))]);
        while let Some((Reverse(at), Reverse(index))) = open.pop() {
            *swaps = at;
            let node = nodes[index].take().expect("a node is opened once");
            self.held = self.held.saturating_sub(node.bytes());
            if node.order.len() == steps.len() {
                let found = if self.may_leave_out { self.shorter(&node.order, at) } else { self.twin(&node.order, at) };
                match found? {
                    Outcome::Breaks => {}
                    Outcome::Nearest(twin) => return Ok(Some(*twin)),
                    Outcome::Unsure => *unsure = unsure.or(Some(at)),
                }
                continue;
            }
            self.held += node.bytes();
            self.account.hold(self.held + set_bytes(&seen, 1) + vec_bytes(&nodes, steps.len()) * 2)?;
            if !seen.insert((node.world.clone(), node.taken.clone())) {
                self.held -= node.bytes();
                continue;
            }
            if seen.len() > MAX_STATES {
                return Err(Limit::States);
            }
            let left_out = self.left_out(&node);
            for (place, world) in next(self.setup, steps, &node, self.claim).into_iter().chain(left_out) {
                self.limits.spend(node.bytes())?;
                let passed = node.taken[..place].iter().filter(|&&taken| !taken).count();
                let (mut taken, mut order) = (node.taken.clone(), node.order.clone());
                taken[place] = true;
                order.push(place);
                open.push((Reverse(at + passed), Reverse(nodes.len())));
                let node = Node { world, taken, order };
                self.held += node.bytes();
                nodes.push(Some(node));
            }
        }
        Ok(None)
    }

    /// Classifies the steps in this order.
    fn twin(&self, order: &[usize], swaps: usize) -> Result<Outcome<C>, Limit> {
        let trace = self.reordered(order)?.filter(|trace| keeps(self.setup, trace, self.claim));
        let Some(trace) = trace else { return Ok(Outcome::Breaks) };
        if !self.is_reached_by_swaps(order)? {
            return Ok(Outcome::Unsure);
        }
        for at in (0..order.len().saturating_sub(1)).filter(|&at| order[at] > order[at + 1]) {
            let mut before = order.to_vec();
            before.swap(at, at + 1);
            let broken = self.reordered(&before)?.filter(|trace| !keeps(self.setup, trace, self.claim));
            let Some(broken) = broken else { continue };
            let pair = [(at, at + 1), (at + 1, at)]
                .map(|(at, passing)| self.swapped(&broken.events[at], before[at], Some(passing)));
            return Ok(Outcome::Nearest(Box::new(Nearest { pair, swaps, trace, left_out: Vec::new() })));
        }
        Ok(Outcome::Unsure)
    }

    fn swapped(&self, event: &Event, place: usize, passing: Option<usize>) -> Swapped {
        let step = (self.first.events[place] == *event).then_some(place + 1);
        Swapped { event: event.clone(), step, passing: passing.map(|at| at + 1) }
    }

    /// Leaves out the first step that is not taken, if it cannot be taken.
    fn left_out(&self, node: &Node<C>) -> Option<(usize, World<C>)> {
        let place = node.taken.iter().position(|taken| !taken).filter(|_| self.may_leave_out)?;
        let is_blocked = self.setup.model.check(&node.world, self.first.schedule.0[place]).is_err();
        is_blocked.then(|| (place, node.world.clone()))
    }

    /// Classifies the steps in this order, without those that cannot be taken.
    fn shorter(&self, order: &[usize], swaps: usize) -> Result<Outcome<C>, Limit> {
        let Some((trace, taken)) = self.possible(order)? else { return Ok(Outcome::Breaks) };
        let left_out: Vec<usize> = (0..order.len()).filter(|&at| taken[at].is_none()).map(|at| order[at]).collect();
        let steps = &self.first.schedule.0;
        // A step that can be taken after all was not made impossible.
        let count = |actor: Action, of: &[Action]| of.iter().filter(|&&other| other == actor).count();
        let comes = |&place: &usize| {
            let (shown, left) = (count(steps[place], steps), left_out.iter().filter(|&&it| steps[it] == steps[place]));
            count(steps[place], &trace.schedule.0) + left.count() > shown
        };
        if left_out.is_empty() || left_out.iter().any(comes) || !keeps(self.setup, &trace, self.claim) {
            return Ok(Outcome::Breaks);
        }
        for at in (0..order.len() - 1).filter(|&at| order[at] > order[at + 1]) {
            let mut before = order.to_vec();
            before.swap(at, at + 1);
            let Some((broken, taken_there)) = self.possible(&before)? else { continue };
            let (Some(one), Some(other)) = (taken_there[at], taken_there[at + 1]) else { continue };
            if !keeps(self.setup, &broken, self.claim) {
                let pair = [
                    self.swapped(&broken.events[one], before[at], taken[at + 1]),
                    self.swapped(&broken.events[other], before[at + 1], taken[at]),
                ];
                let left_out = self.missing(&trace);
                return Ok(Outcome::Nearest(Box::new(Nearest { pair, swaps, trace, left_out })));
            }
        }
        Ok(Outcome::Breaks)
    }

    /// The steps of the given schedule whose actions do not occur in another schedule.
    fn missing(&self, other: &Trace<C>) -> Vec<usize> {
        let mut done: Vec<&Event> = other.events.iter().collect();
        let mut missing = Vec::new();
        for (step, event) in self.first.steps() {
            match done.iter().position(|one| one.is_same_deed(event)) {
                Some(at) => drop(done.remove(at)),
                None => missing.push(step),
            }
        }
        missing
    }

    /// The steps that can be taken in this order, completed to an end; and for each step the index of its event.
    fn possible(&self, order: &[usize]) -> Result<Option<(Trace<C>, Taken)>, Limit> {
        self.limits.spend(self.first.worlds.len() * world_bytes(self.first.last()))?;
        let (mut trace, mut taken) = (Trace::new(self.setup), Vec::new());
        for &place in order {
            let at = trace.events.len();
            taken.push(match trace.step(self.setup, self.first.schedule.0[place]) {
                Ok(()) => Some(at),
                Err(ReplayError::Broken(_)) => return Ok(None),
                Err(_) => None,
            });
        }
        Ok(complete(self.setup, &mut trace, self.limits)?.then_some((trace, taken)))
    }

    /// The steps in this order, completed to an end, if that is legal.
    fn reordered(&self, order: &[usize]) -> Result<Option<Trace<C>>, Limit> {
        self.limits.spend(self.first.worlds.len() * world_bytes(self.first.last()))?;
        let schedule = Schedule(order.iter().map(|&place| self.first.schedule.0[place]).collect());
        let Ok(mut trace) = Trace::of(self.setup, &schedule) else { return Ok(None) };
        Ok(complete(self.setup, &mut trace, self.limits)?.then_some(trace))
    }

    /// Whether a sequence of swaps leads from the given order to this one. Each result must be legal, and no pair may
    /// be swapped back. False also if [`MAX_PATHS`] orders do not decide this.
    fn is_reached_by_swaps(&self, order: &[usize]) -> Result<bool, Limit> {
        let mut position = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, &place)| position[place] = at);
        let shown: Vec<usize> = (0..order.len()).collect();
        let mut seen: HashSet<Vec<usize>, FxBuildHasher> = HashSet::from_iter([shown.clone()]);
        let (mut open, mut account) = (vec![shown], self.limits.account());
        while let Some(now) = open.pop().filter(|_| seen.len() <= MAX_PATHS) {
            if now == order {
                return Ok(true);
            }
            account.hold((seen.len() + open.len() + 1) * block_bytes(size_of_val(order)))?;
            for at in (0..now.len() - 1).rev().filter(|&at| position[now[at]] > position[now[at + 1]]) {
                let mut next = now.clone();
                next.swap(at, at + 1);
                if !seen.contains(&next) && self.reordered(&next)?.is_some() {
                    seen.insert(next.clone());
                    open.push(next);
                }
            }
        }
        Ok(false)
    }
}

/// Continues to an end in canonical order. Returns false if the controller breaks its contract.
fn complete<C: Controller>(setup: &Setup<C>, trace: &mut Trace<C>, limits: &Limits) -> Result<bool, Limit> {
    let (tasks, mut account) = (setup.scenario.tasks().len(), limits.account());
    limits.check()?;
    while let Some(&first) = setup.model.actions(trace.last()).first() {
        let bytes = world_bytes(trace.last());
        limits.spend(bytes + tasks * tasks)?;
        account.hold(trace.worlds.len() * bytes)?;
        if trace.step(setup, first).is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The classification of the steps in some order.
enum Outcome<C> {
    /// They break the claim, or are not a schedule. If steps are left out: also if one of these could be taken after
    /// all, or if no pair decides.
    Breaks,
    /// They are the nearest passing schedule.
    Nearest(Box<Nearest<C>>),
    /// They keep the claim, but they are not known to be reached by legal swaps, or no pair decides.
    Unsure,
}

impl<C> Node<C> {
    fn bytes(&self) -> usize {
        let order = block_bytes(self.order.capacity() * size_of::<usize>());
        world_bytes(&self.world) + block_bytes(self.taken.len()) + order + size_of::<Self>()
    }
}

/// The bytes of a state.
fn world_bytes<C>(world: &World<C>) -> usize {
    let crews = world.attempts.iter().map(|crew| block_bytes(vec_bytes(crew, 0)) + size_of_val(crew));
    let inbox =
        |inbox: &VecDeque<QueuedNotice>| block_bytes(inbox.capacity() * size_of::<QueuedNotice>()) + size_of_val(inbox);
    let commands =
        |commands: &VecDeque<Command>| block_bytes(commands.capacity() * size_of::<Command>()) + size_of_val(commands);
    let tasks = world.attempts.first().map_or(0, Vec::len);
    let heap = crews.sum::<usize>()
        + world.inboxes.iter().map(inbox).sum::<usize>()
        + world.commands.iter().map(commands).sum::<usize>()
        + controller_bytes(tasks);
    size_of::<World<C>>() + heap
}

/// The steps that can be taken next, with the states that they lead to. If the claim is judged in every state, a step
/// to a state that breaks it is left out.
fn next<C: Controller>(setup: &Setup<C>, steps: &[Action], node: &Node<C>, claim: &Claim<C>) -> Vec<(usize, World<C>)> {
    let take = |actor: Action| {
        let place = (0..steps.len()).find(|&place| steps[place] == actor && !node.taken[place])?;
        let mut world = node.world.clone();
        setup.model.apply(&mut world, actor).ok()?;
        (claim.scope != Scope::Always || !claim.is_broken_in(&setup.model, &world)).then_some((place, world))
    };
    setup.model.actions(&node.world).into_iter().filter_map(take).collect()
}

/// Whether a complete schedule keeps the claim.
fn keeps<C: Controller>(setup: &Setup<C>, trace: &Trace<C>, claim: &Claim<C>) -> bool {
    claim.scope == Scope::Reachable || !trace.worlds.iter().any(|world| claim.is_found_in(&setup.model, world))
}
