//! Every scenario with a given number of tasks: each layout of workers, and each choice of faults. The tasks of a
//! worker are alike, so of the scenarios that differ only in the order of a worker's tasks, one is included.

use super::search::Workers;
use crate::core::Fault;
use crate::scenario::{Rules, Scenario};

/// The fault of a task in each attempt.
type Fates = Vec<Option<Fault>>;

/// Every scenario with this many tasks. Those with the fewest faults come first.
pub fn scenarios(rules: Rules, workers: Workers, fates: &[Fault], tasks: u8) -> Vec<Scenario> {
    let kinds = kinds_of_task(rules.run.attempts, fates);
    let mut found = Vec::new();
    for layout in layouts(workers, tasks) {
        let mut chosen = Vec::new();
        choose(&layout, &kinds, &mut chosen, &mut |chosen| {
            let fates = chosen.iter().map(|&kind| &kinds[kind]);
            let faults: usize = fates.clone().flatten().flatten().count();
            found.push((faults, scenario(rules, &layout, fates)));
        });
    }
    found.sort_by_key(|(faults, _)| *faults);
    found.into_iter().map(|(_, scenario)| scenario).collect()
}

/// Each way to put tasks on workers. Workers are numbered in the order in which they first occur.
pub fn layouts(workers: Workers, tasks: u8) -> Vec<Vec<u8>> {
    let mut layouts = vec![vec![1]];
    for _ in 1..tasks {
        let more = |layout: Vec<u8>| {
            let last = match workers {
                Workers::One => 1,
                Workers::Any => layout.iter().copied().max().unwrap_or(0) + 1,
            };
            (1..=last).map(move |worker| layout.iter().copied().chain([worker]).collect()).collect::<Vec<Vec<u8>>>()
        };
        layouts = layouts.into_iter().flat_map(more).collect();
    }
    layouts
}

/// With more attempts than this, there would be too many choices. Then a task is tried without a fault, and with each
/// fault in its first k attempts, for each k. So a schedule with the smallest number of tasks may be missed.
const MOST_ATTEMPTS: u8 = 3;

/// Each choice of a fault, or of no fault, in each attempt.
fn kinds_of_task(attempts: u8, fates: &[Fault]) -> Vec<Fates> {
    if attempts > MOST_ATTEMPTS {
        let in_the_first =
            |fate: Fault, times: u8| (0..attempts).map(|attempt| (attempt < times).then_some(fate)).collect();
        let faulty = fates.iter().flat_map(|&fate| (1..=attempts).map(move |times| in_the_first(fate, times)));
        return std::iter::once(vec![None; usize::from(attempts)]).chain(faulty).collect();
    }
    let choices = || [None].into_iter().chain(fates.iter().copied().map(Some));
    let mut kinds: Vec<Fates> = vec![Vec::new()];
    for _ in 0..attempts {
        kinds = kinds.iter().flat_map(|kind| choices().map(|fate| [kind.clone(), vec![fate]].concat())).collect();
    }
    kinds
}

/// Each choice of a kind for each task. Tasks of a worker are alike, so their kinds are in ascending order.
fn choose(layout: &[u8], kinds: &[Fates], chosen: &mut Vec<usize>, found: &mut dyn FnMut(&[usize])) {
    let Some(worker) = layout.get(chosen.len()) else { return found(chosen) };
    let beside = (0..chosen.len()).rev().find(|&other| layout[other] == *worker);
    for kind in beside.map_or(0, |other| chosen[other])..kinds.len() {
        chosen.push(kind);
        choose(layout, kinds, chosen, found);
        chosen.pop();
    }
}

fn scenario<'a>(rules: Rules, layout: &[u8], fates: impl Iterator<Item = &'a Fates>) -> Scenario {
    let scenario = Scenario::new(rules, layout.len() as u8).and_then(|scenario| scenario.on_workers(layout));
    let mut scenario = scenario.expect("there are tasks and attempts, and the layout has no gap");
    for (fates, task) in fates.zip(1..) {
        for (fault, attempt) in fates.iter().zip(1..).filter_map(|(fault, attempt)| Some(((*fault)?, attempt))) {
            scenario = scenario.with_fault(fault, task, &[attempt]).expect("each attempt of a task has one fault");
        }
    }
    scenario
}
