//! Our model as a model for stateright, an explicit-state model checker: the same first state, steps and claims, but
//! another search.

use startup_race::claims::{Claim, Scope};
use startup_race::core::{ActorId, PipelineController};
use startup_race::explore::orbits::Symmetric;
use startup_race::model::{Action, World};
use startup_race::scenario::Setup;
use stateright::{Model, Property};

/// A model to search.
pub struct Search {
    setup: Setup<PipelineController>,
    claims: Vec<Claim<PipelineController>>,
}

impl Search {
    pub fn new(setup: Setup<PipelineController>) -> Self {
        Self { claims: setup.standard_claims(), setup }
    }

    /// Whether a state does not break a claim. Whether the state is an end is asked of the inboxes first, because that
    /// is cheaper than asking every actor.
    fn holds<const CLAIM: usize>(&self, world: &World<PipelineController>) -> bool {
        let (claim, model) = (&self.claims[CLAIM], &self.setup.model);
        let is_end = || world.inboxes.iter().all(|inbox| inbox.is_empty()) && model.actions(world).is_empty();
        !claim.is_broken_in(model, world) || (claim.scope == Scope::AtEnd && !is_end())
    }
}

impl Model for Search {
    type State = World<PipelineController>;
    type Action = Action;

    fn init_states(&self) -> Vec<Self::State> {
        vec![self.setup.model.start()]
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Action>) {
        actions.extend(self.setup.model.actions(state));
    }

    fn next_state(&self, last: &Self::State, actor: Action) -> Option<Self::State> {
        let mut next = last.clone();
        self.setup.model.apply(&mut next, actor).ok().map(|_| next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no-false-start", Self::holds::<0>),
            Property::always("no-lost-failure", Self::holds::<1>),
            Property::always("no-false-alarm", Self::holds::<2>),
            Property::always("always-decides", Self::holds::<3>),
            Property::always("running-runs", Self::holds::<4>),
            // The search ends early if every property has been refuted. This property never is.
            Property::always("the search is complete", |_, _| true),
        ]
    }
}

/// The representative of a state under renamings of all tasks but the last. It is written by hand, as users of
/// stateright do: the tasks are sorted by their sort keys, and everything that names a task is rewritten.
pub fn representative(world: &World<PipelineController>) -> World<PipelineController> {
    let tasks = world.attempts[0].len();
    let seen =
        |task: ActorId| world.inboxes.iter().flatten().position(|notice| notice.from == task).unwrap_or(usize::MAX);
    let key = |index: &usize| {
        let task = ActorId::at(*index);
        let lives: Vec<_> = world.attempts.iter().map(|crew| crew[*index]).collect();
        (*index == tasks - 1, seen(task), world.driver.controller.mark(task), lives)
    };
    let mut order: Vec<usize> = (0..tasks).collect();
    order.sort_by_cached_key(key);
    let mut names = vec![0; tasks];
    order.iter().enumerate().for_each(|(name, &task)| names[task] = name);
    let rename = |task: ActorId| ActorId::at(names[task.index()]);
    let mut renamed = world.clone();
    let mut names_left = names.clone();
    for place in 0..names_left.len() {
        while names_left[place] != place {
            let to = names_left[place];
            renamed.driver.controller.swap(ActorId::at(place), ActorId::at(to));
            names_left.swap(place, to);
        }
    }
    for notice in renamed.inboxes.iter_mut().flatten() {
        notice.from = rename(notice.from);
    }
    for (crew, lives) in renamed.attempts.iter_mut().zip(&world.attempts) {
        order.iter().enumerate().for_each(|(name, &task)| crew[name] = lives[task]);
    }
    renamed
}
