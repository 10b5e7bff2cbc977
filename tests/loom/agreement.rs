//! Two-way agreement: every execution of the threads is a path of the model, and some execution reaches each order of
//! notices and each end that the model allows. The two sets are equal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use startup_race::core::{Controller, PipelineController, Step};
use startup_race::scenario::{Sequence, Setup};
use startup_race::threads::{Hooks, NoHooks, Options, launch, launch_here};
use startup_race::transition::Event;

use crate::conformance::{Outcome, judge, received};
use crate::controllers::{Local, Tallying};
use crate::model::{Finished, Unfinished, explore};
use crate::model_outcomes::{self, protocols, scenario, subsets, told};
use crate::pictures::{finished, never};

/// The outcomes of a setup on loom's threads.
pub fn explore_setup<C: Controller + Send + Sync, S: Hooks + Sync>(
    name: &str,
    setup: &Setup<C>,
    hooks: &S,
) -> Result<Finished<Outcome>, Unfinished> {
    explore_against(name, setup, setup, hooks)
}

/// The same as [`explore_setup`], but judged by the model of another setup.
pub fn explore_against<C: Controller + Send + Sync, S: Hooks + Sync>(
    name: &str,
    setup: &Setup<C>,
    world: &Setup<C>,
    hooks: &S,
) -> Result<Finished<Outcome>, Unfinished> {
    let (setup, world, hooks) = (setup.clone(), Arc::new(world.clone()), hooks.clone());
    explore(name, tell, move |tape, reply| {
        let world = Arc::clone(&world);
        let sink = move |run| reply.judged(judge(&world, &run));
        launch(&setup, Options::on(tape).with_hooks(hooks.clone()), sink).expect("loom has threads enough");
    })
}

fn tell(found: &Finished<Outcome>) -> String {
    let (orders, ends) = sizes(found.outcomes());
    format!("{orders} orders, {ends} ends")
}

/// The numbers of different orders and of different ends among the outcomes.
fn sizes<'a>(outcomes: impl Iterator<Item = &'a Outcome> + Clone) -> (usize, usize) {
    let orders: BTreeSet<_> = outcomes.clone().map(|outcome| &outcome.order).collect();
    let ends: BTreeSet<_> = outcomes.map(|outcome| &outcome.end).collect();
    (orders.len(), ends.len())
}

/// Asserts that the threads reach exactly the outcomes that the model allows, and, with several tasks, that more than
/// one execution ran.
pub fn agree<C: Controller>(name: &str, setup: &Setup<C>, found: &Finished<Outcome>) {
    same_outcomes(name, setup, found);
    let alone = setup.scenario.tasks().len() == 1;
    assert!(alone || found.executions() > 1, "{name}: one execution says that no second thread ran");
}

/// Asserts that the threads reach exactly the outcomes that the model allows. If tasks send nothing, there is only one
/// execution.
pub fn same_outcomes<C: Controller>(name: &str, setup: &Setup<C>, found: &Finished<Outcome>) {
    let world = model_outcomes::outcomes(setup);
    let reached: BTreeSet<Outcome> = found.outcomes().cloned().collect();
    let missed: Vec<_> = world.difference(&reached).collect();
    assert!(missed.is_empty(), "{name}: the model allows, and no execution reaches: {missed:#?}");
    never(&format!("{name}: what the model does not allow"), setup, found, |outcome| !world.contains(outcome));
}

/// A protocol with this many tasks, of which some fail, on loom's threads. Each is explored only once.
pub fn explored(protocol: &'static str, tasks: u8, failing: &[u8]) -> Arc<Finished<Outcome>> {
    type Key = (&'static str, u8, Vec<u8>);
    type Cell = Arc<OnceLock<Arc<Finished<Outcome>>>>;
    static KNOWN: Mutex<BTreeMap<Key, Cell>> = Mutex::new(BTreeMap::new());
    let key = (protocol, tasks, failing.to_vec());
    let cell = Arc::clone(KNOWN.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
    let found = cell.get_or_init(|| {
        let setup = model_outcomes::setup(protocol, tasks, failing);
        let name = told(protocol, &setup.scenario);
        Arc::new(finished(&name, &setup, explore_setup(&name, &setup, &NoHooks)))
    });
    Arc::clone(found)
}

fn agree_where(protocol: &'static str, tasks: u8) {
    for failing in subsets(tasks) {
        let setup = model_outcomes::setup(protocol, tasks, &failing);
        agree(&told(protocol, &setup.scenario), &setup, &explored(protocol, tasks, &failing));
    }
}

#[test]
fn one_to_three_tasks_reach_what_the_model_allows_and_nothing_else() {
    for protocol in protocols() {
        (1..=3).for_each(|tasks| agree_where(protocol, tasks));
    }
}

#[test]
fn four_tasks_without_a_barrier_reach_what_the_model_allows_and_nothing_else() {
    for protocol in ["seed/fixed", "seed/buggy"] {
        agree_where(protocol, 4);
    }
}

/// Each order of notices has only one execution: loom explores exactly what the controller can distinguish.
#[test]
fn without_a_barrier_there_is_one_execution_for_each_order_of_notices() {
    for protocol in ["seed/fixed", "seed/buggy"] {
        for (tasks, failing) in (1..=4).flat_map(|tasks| subsets(tasks).map(move |failing| (tasks, failing))) {
            let found = explored(protocol, tasks, &failing);
            let (orders, _) = sizes(found.outcomes());
            assert_eq!(found.executions(), orders, "{protocol}, {tasks} tasks, failing {failing:?}");
        }
    }
}

/// Whether some notice was received before an earlier notice of another worker.
fn overtakes(events: &[Event]) -> bool {
    let sent = |wanted| {
        events.iter().position(|event| matches!(event, Event::Task { sent: Some(notice), .. } if *notice == wanted))
    };
    let order: Vec<_> = events.iter().filter_map(received).filter_map(|(action, n)| Some((action, sent(n?)))).collect();
    let pairs =
        order.iter().enumerate().flat_map(|(at, first)| order[at + 1..].iter().map(move |later| (first, later)));
    pairs.into_iter().any(|(first, later)| first.0 != later.0 && first.1 > later.1)
}

#[test]
fn two_workers_reach_what_the_model_allows_and_overtake_each_other() {
    for protocol in protocols() {
        for failing in subsets(2) {
            let on_two = scenario(protocol, &[], 2).failing(&failing).unwrap().on_workers(&[1, 2]).unwrap();
            let (name, setup) = (told(protocol, &on_two), Arc::new(Setup::of(on_two)));
            let world = model_outcomes::outcomes(&setup);
            let overtaking = |found: &Finished<(Outcome, bool)>| {
                let overtaken = found.count(|(_, overtakes)| *overtakes);
                format!("{} orders, one worker overtakes the other in {overtaken}", world.len())
            };
            let found = explore(&name, overtaking, move |tape, reply| {
                let world = Arc::clone(&setup);
                let sink =
                    move |run| reply.judged(judge(&world, &run).map(|outcome| (outcome, overtakes(&run.events))));
                launch(&setup, Options::on(tape), sink).expect("five threads");
            });
            let found = found.expect(&name);
            let reached: BTreeSet<Outcome> = found.outcomes().map(|(outcome, _)| outcome.clone()).collect();
            assert_eq!(reached, world, "{name}");
            assert!(found.count(|(_, overtakes)| *overtakes) > 0, "{name}: no notice overtakes another worker's");
        }
    }
}

#[test]
fn a_controller_of_ones_own_reaches_what_its_model_allows_and_nothing_else() {
    let agree_on = |protocol, knobs: &[(&str, &str)], tasks: u8, failing: &[u8]| {
        let name =
            format!("a controller that counts notices, {protocol}, {tasks} tasks, {knobs:?}, failing {failing:?}");
        let setup = Setup::with(Tallying::default(), scenario(protocol, knobs, tasks).failing(failing).unwrap());
        agree(&name, &setup, &finished(&name, &setup, explore_setup(&name, &setup, &NoHooks)));
    };
    for failing in subsets(3) {
        agree_on("seed/buggy", &[], 3, &failing);
        agree_on("arroyo/after", &[], 3, &failing);
    }
    for failing in subsets(2) {
        agree_on("seed/fixed", &[("attempts", "2")], 2, &failing);
        agree_on("seed/fixed", &[("attempts", "2"), ("old-attempt", "lingers")], 2, &failing);
    }
}

#[test]
fn a_startup_sequence_of_ones_own_reaches_what_its_model_allows_and_nothing_else() {
    let steps = [Step::ANNOUNCE, Step::Arrive, Step::OnStart];
    for failing in subsets(3).filter(|failing| failing.len() < 2) {
        let scenario = scenario("arroyo/before", &[], 3).failing(&failing).unwrap();
        let name = format!("{}, but announce, arrive, on_start", told("arroyo/before", &scenario));
        let setup = Setup::of(scenario).with_sequence(&Sequence::new(&steps).unwrap());
        agree(&name, &setup, &finished(&name, &setup, explore_setup(&name, &setup, &NoHooks)));
    }
}

#[test]
fn a_controller_that_cannot_leave_its_thread_runs_on_the_calling_one() {
    // All threads of a loom model run on this thread and have small stacks. So the setup is made before. It is not
    // `Send`, so the closure cannot capture it.
    thread_local!(static SETUP: Setup<Local<PipelineController>> = {
        let fails = scenario("seed/fixed", &[], 2).failing(&[2]).unwrap();
        Setup::with(Local::new(fails.rules().controller()), fails)
    });
    SETUP.with(|_| ());
    let name = "seed/fixed --tasks 2 --fails 2, a controller that is not Send";
    let found = explore(name, tell, move |tape, reply| {
        let sink = move |run| SETUP.with(|setup| reply.judged(judge(setup, &run)));
        SETUP.with(|setup| launch_here(setup, Options::on(tape), sink)).expect("three threads");
    });
    let world = model_outcomes::setup("seed/fixed", 2, &[2]);
    agree(name, &world, &finished(name, &world, found));
}
