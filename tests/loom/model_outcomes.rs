//! What the world allows: every order in which the controller can receive, and every end.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use startup_race::core::{Controller, PipelineController};
use startup_race::model::World;
use startup_race::scenario::knobs::{KNOBS, PROTOCOLS};
use startup_race::scenario::{Rules, Scenario, Setup};
use startup_race::show::command::arguments;

use crate::conformance::{Outcome, end_of, received};

/// Every outcome of a setup.
pub fn outcomes<C: Controller>(setup: &Setup<C>) -> BTreeSet<Outcome> {
    let mut walk = Walk { setup, known: HashMap::new() };
    let all = walk.from(setup.model.start());
    let forward = |mut outcome: Outcome| {
        outcome.order.reverse();
        outcome
    };
    all.iter().cloned().map(forward).collect()
}

/// A walk over the states, each visited once. What can still come of a state is a set of outcomes, the orders written
/// backwards so that they grow at their end.
struct Walk<'a, C> {
    setup: &'a Setup<C>,
    known: HashMap<World<C>, Rc<BTreeSet<Outcome>>>,
}

impl<C: Controller> Walk<'_, C> {
    fn from(&mut self, world: World<C>) -> Rc<BTreeSet<Outcome>> {
        if let Some(known) = self.known.get(&world) {
            return Rc::clone(known);
        }
        let model = &self.setup.model;
        let enabled = model.actions(&world);
        let mut all = BTreeSet::new();
        if enabled.is_empty() {
            all.insert(Outcome { order: Vec::new(), end: end_of(&world) });
        }
        for action in enabled {
            let mut next = world.clone();
            let event = model.observe(&mut next, action).expect("an enabled action can be taken");
            let rest = self.from(next);
            match received(&event) {
                None => all.extend(rest.iter().cloned()),
                Some(input) => all.extend(rest.iter().cloned().map(|mut outcome| {
                    outcome.order.push(input);
                    outcome
                })),
            }
        }
        let all = Rc::new(all);
        self.known.insert(world, Rc::clone(&all));
        all
    }
}

/// A scenario of a named protocol, with knobs turned.
pub fn scenario(protocol: &str, knobs: &[(&str, &str)], tasks: u8) -> Scenario {
    let mut rules = Rules::named(protocol).expect("a named protocol");
    for (name, value) in knobs {
        let knob = KNOBS.iter().find(|knob| knob.name == *name).expect("a knob");
        (knob.set)(&mut rules, value).expect("a value of the knob");
    }
    Scenario::new(rules, tasks).expect("a scenario")
}

/// A named protocol, so many tasks, and those of them that fail.
pub fn setup(protocol: &str, tasks: u8, failing: &[u8]) -> Setup<PipelineController> {
    Setup::of(scenario(protocol, &[], tasks).failing(failing).expect("tasks of the scenario"))
}

/// A scenario as it is typed: `seed/fixed --tasks 2 --fails 2`.
pub fn told(protocol: &str, scenario: &Scenario) -> String {
    arguments(protocol, scenario)
}

/// The names of all protocols.
pub fn protocols() -> impl Iterator<Item = &'static str> {
    PROTOCOLS.iter().map(|(name, _)| *name)
}

/// Every set of the numbers 1 to n.
pub fn subsets(n: u8) -> impl Iterator<Item = Vec<u8>> {
    (0u32..1 << n).map(move |set| (1..=n).filter(|member| set & (1 << (member - 1)) != 0).collect())
}
