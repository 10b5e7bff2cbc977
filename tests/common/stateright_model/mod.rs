//! The world as a model of stateright's, an explicit-state model checker: the same first state, the same steps, the same
//! claims, another search.

use startup_race::explore::orbits::Symmetric;
use startup_race::protocol::claims::{Claim, Judged, State, standard};
use startup_race::protocol::controller::Pipeline;
use startup_race::protocol::event::Actor;
use startup_race::protocol::notice::TaskId;
use startup_race::protocol::world::{Setup, World};
use stateright::{Model, Property};

/// A world to search.
pub struct Search {
    setup: Setup<Pipeline>,
    claims: Vec<Claim<Pipeline>>,
}

impl Search {
    pub fn new(setup: Setup<Pipeline>) -> Self {
        Self { setup, claims: standard() }
    }

    /// Whether a state does not break a claim. An empty inbox is looked for first: it costs less than asking every actor.
    fn holds<const CLAIM: usize>(&self, world: &World<Pipeline>) -> bool {
        let (claim, state) = (&self.claims[CLAIM], State { setup: &self.setup, world });
        let is_end = || world.inboxes.iter().all(|inbox| inbox.is_empty()) && world.enabled(&self.setup).is_empty();
        !claim.applies(&state) || claim.holds(&state) || (claim.judged == Judged::EveryEnd && !is_end())
    }
}

impl Model for Search {
    type State = World<Pipeline>;
    type Action = Actor;

    fn init_states(&self) -> Vec<Self::State> {
        vec![World::start(&self.setup)]
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Actor>) {
        actions.extend(state.enabled(&self.setup));
    }

    fn next_state(&self, last: &Self::State, actor: Actor) -> Option<Self::State> {
        let mut next = last.clone();
        next.step(&self.setup, actor).ok().map(|_| next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no-false-start", Self::holds::<0>),
            Property::always("no-lost-failure", Self::holds::<1>),
            Property::always("no-false-alarm", Self::holds::<2>),
            Property::always("always-decides", Self::holds::<3>),
            Property::always("running-runs", Self::holds::<4>),
            // The search ends early where every property has been refuted. This one never is.
            Property::always("the search is complete", |_, _| true),
        ]
    }
}

/// The representative of a state under every renaming of the tasks but the last, written by hand as its users do:
/// the tasks sorted by what can be seen of each, and every place that names one rewritten.
pub fn representative(world: &World<Pipeline>) -> World<Pipeline> {
    let tasks = world.crews[0].len();
    let seen =
        |task: TaskId| world.inboxes.iter().flatten().position(|notice| notice.task == task).unwrap_or(usize::MAX);
    let key = |index: &usize| {
        let task = TaskId::at(*index);
        let lives: Vec<_> = world.crews.iter().map(|crew| crew[*index]).collect();
        (*index == tasks - 1, seen(task), world.control.controller.mark(task), lives)
    };
    let mut order: Vec<usize> = (0..tasks).collect();
    order.sort_by_cached_key(key);
    let mut names = vec![0; tasks];
    order.iter().enumerate().for_each(|(name, &task)| names[task] = name);
    let rename = |task: TaskId| TaskId::at(names[task.index()]);
    let mut renamed = world.clone();
    let mut names_left = names.clone();
    for place in 0..names_left.len() {
        while names_left[place] != place {
            let to = names_left[place];
            renamed.control.controller.swap(TaskId::at(place), TaskId::at(to));
            names_left.swap(place, to);
        }
    }
    for notice in renamed.inboxes.iter_mut().flatten() {
        notice.task = rename(notice.task);
    }
    for (crew, lives) in renamed.crews.iter_mut().zip(&world.crews) {
        order.iter().enumerate().for_each(|(name, &task)| crew[name] = lives[task]);
    }
    renamed
}
