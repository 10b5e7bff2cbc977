//! The schedules to conduct: all of them if they are few; if not, some that together take every step of the graph.

use std::collections::HashSet;

use num_traits::ToPrimitive;

use crate::core::Controller;
use crate::explore::report::Report;
use crate::explore::state_space::StateSpace;
use crate::explore::steps::Id;
use crate::model::Action;
use crate::schedule::Schedule;

/// A step of the graph: the state, and the index of the step.
pub type Edge = (Id, usize);

/// The steps from each state, and an order in which each state comes after all of its successors.
pub struct Graph {
    steps: Vec<Vec<(Action, Id)>>,
    order: Vec<Id>,
}

impl Graph {
    pub fn of<C: Controller>(report: &Report<C>, space: &StateSpace<C>) -> Self {
        let model = &report.setup.model;
        let steps = (0..).zip(space.worlds());
        let steps = steps.map(|(id, world)| model.actions(world).into_iter().zip(space.targets(id)).collect());
        let steps: Vec<Vec<(Action, Id)>> = steps.collect();
        let order = order(&steps);
        Self { steps, order }
    }

    /// How many steps there are.
    pub fn edges(&self) -> usize {
        self.steps.iter().map(Vec::len).sum()
    }

    /// The steps that a schedule takes.
    pub fn taken(&self, schedule: &Schedule) -> Vec<Edge> {
        let (mut at, mut taken) = (0, Vec::new());
        for action in &schedule.0 {
            let Some(index) = self.steps[at as usize].iter().position(|(other, _)| other == action) else { break };
            taken.push((at, index));
            at = self.steps[at as usize][index].1;
        }
        taken
    }

    /// Every schedule, in canonical order.
    fn all(&self) -> Vec<Schedule> {
        let (mut all, mut open) = (Vec::new(), vec![(0, Vec::new())]);
        while let Some((at, taken)) = open.pop() {
            let steps: &Vec<(Action, Id)> = &self.steps[at as usize];
            if steps.is_empty() {
                all.push(Schedule(taken.clone()));
            }
            open.extend(steps.iter().rev().map(|&(action, to)| (to, [&taken[..], &[action]].concat())));
        }
        all
    }

    /// Schedules that together take every step. Each takes as many new steps as possible.
    fn cover(&self) -> Vec<Schedule> {
        let (mut covered, mut schedules) = (HashSet::<Edge>::new(), Vec::new());
        while covered.len() < self.edges() {
            let best = self.best(&covered);
            let (mut at, mut taken) = (0, Vec::new());
            while let Some(index) = self.widest(at, &best, &covered) {
                let (action, to) = self.steps[at as usize][index];
                covered.insert((at, index));
                taken.push(action);
                at = to;
            }
            schedules.push(Schedule(taken));
        }
        schedules
    }

    /// For each state, the largest number of new steps on a path from it.
    fn best(&self, covered: &HashSet<Edge>) -> Vec<usize> {
        let mut best = vec![0; self.steps.len()];
        for &id in &self.order {
            let gain = |(index, (_, to)): (usize, &(Action, Id))| {
                usize::from(!covered.contains(&(id, index))) + best[*to as usize]
            };
            best[id as usize] = self.steps[id as usize].iter().enumerate().map(gain).max().unwrap_or(0);
        }
        best
    }

    fn widest(&self, at: Id, best: &[usize], covered: &HashSet<Edge>) -> Option<usize> {
        let steps = &self.steps[at as usize];
        let gain = |index: usize| usize::from(!covered.contains(&(at, index))) + best[steps[index].1 as usize];
        // The first of the steps with the largest gain.
        (0..steps.len()).rev().max_by_key(|&index| gain(index))
    }
}

/// The states in an order in which each comes after all of its successors. Every schedule ends, so there is such an
/// order.
fn order(steps: &[Vec<(Action, Id)>]) -> Vec<Id> {
    let (mut order, mut seen) = (Vec::new(), vec![false; steps.len()]);
    let mut open: Vec<(Id, usize)> = vec![(0, 0)];
    seen[0] = true;
    while let Some((id, next)) = open.pop() {
        match steps[id as usize].get(next) {
            None => order.push(id),
            Some(&(_, to)) => {
                open.push((id, next + 1));
                if !std::mem::replace(&mut seen[to as usize], true) {
                    open.push((to, 0));
                }
            }
        }
    }
    order
}

/// The schedules to conduct, without repetition. The canonical counterexamples come first.
pub fn schedules<C: Controller>(report: &Report<C>, graph: &Graph, most: usize) -> Vec<Schedule> {
    let few = report.schedules.as_ref().and_then(ToPrimitive::to_usize).is_some_and(|all| all <= most);
    let counterexamples = report.claims.iter().filter_map(|judgement| judgement.trace.as_ref()).filter_map(|trace| {
        let mut whole = trace.clone();
        whole.complete(&report.setup).ok().map(|()| whole.schedule)
    });
    let others = if few { graph.all() } else { graph.cover() };
    let mut known = HashSet::new();
    counterexamples.chain(others).filter(|schedule| known.insert(schedule.clone())).collect()
}
