//! All outcomes that the model allows: every order in which the controller can receive, and every end.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::path::{Outcome, end_of, received};
use crate::core::Controller;
use crate::model::World;
use crate::scenario::Setup;

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

/// A walk over the states, which visits each state once. The outcomes that can follow a state are a set. Their orders
/// are stored in reverse, so that they grow at their end.
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
