//! The search: every state of a world, layer by layer.
//!
//! A layer holds the states that so many actions lead to. Every schedule is finite, so the layers come to an end;
//! a state may stand in several of them after a retry, but it is stored once, under a number, and expanded once.
//! Claims are judged as states are met. What a search leaves behind is a [`Graph`]; counts, probabilities and
//! counterexamples are read off it.

use std::ops::ControlFlow;

use super::actor_index::{caller, slot, slot_after};
use super::codec::StateCodec;
use super::contract::{Contract, Pair, Violation};
pub use super::graph::{Complete, Edge, Graph, Id};
use super::limits::{Limit, Limits, vec_bytes};
use super::orbits::{Asymmetric, Permutation, Symmetry, Unchecked};
use crate::claims::{Claim, Scope};
use crate::core::Controller;
use crate::model::guard::guard;
use crate::model::{Action, ContractViolation, Event, Refused, World};
use crate::scenario::Setup;
use crate::transition::TaskRun;

/// Called now and then with the number of states stored and the layer; may end the search.
pub type OnProgress<'a> = dyn FnMut(usize, usize) -> ControlFlow<()> + 'a;

/// States have numbers of 32 bits, and the last one to be expanded may lead to many more.
const MOST_STATES: usize = (u32::MAX - (1 << 17)) as usize;

/// Where a search is: a state, and who takes a step in it, if it is a step. Before the first state there is none.
pub type Place = (Id, Option<Action>);

/// Why a search came to nothing.
#[derive(Debug)]
pub enum Stopped {
    /// A contract was broken there.
    Broken(Option<Place>, Violation),
    /// The controller does not treat tasks alike: the search must be the full one.
    Asymmetric,
    /// It reached a limit: the graph so far can be used.
    Limit(Limit),
}

impl From<Unchecked> for Stopped {
    fn from(why: Unchecked) -> Self {
        match why {
            Unchecked::Asymmetric(Asymmetric) => Self::Asymmetric,
            Unchecked::Limit(limit) => Self::Limit(limit),
        }
    }
}

impl From<Limit> for Stopped {
    fn from(limit: Limit) -> Self {
        Self::Limit(limit)
    }
}

impl<C: Controller> Graph<C> {
    /// Explores every schedule of a setup, from its first state or from a given one.
    ///
    /// # Errors
    /// The graph so far, and why the search stopped, if the controller broke its contract or proved not to be symmetric.
    pub fn explore(
        setup: &Setup<C>,
        start: &World<C>,
        claims: &[Claim<C>],
        symmetry: Option<Symmetry<C>>,
        limits: &Limits,
    ) -> Result<Self, Box<(Self, Stopped)>> {
        Self::explore_watched(setup, start, claims, symmetry, limits, &mut |_, _| ControlFlow::Continue(()))
    }

    /// The same, with a function that is told how far the search is, and may end it.
    ///
    /// # Errors
    /// As [`Graph::explore`].
    pub fn explore_watched(
        setup: &Setup<C>,
        start: &World<C>,
        claims: &[Claim<C>],
        symmetry: Option<Symmetry<C>>,
        limits: &Limits,
        on_progress: &mut OnProgress<'_>,
    ) -> Result<Self, Box<(Self, Stopped)>> {
        #[cfg(test)]
        super::searches::log(setup, start, symmetry.is_some());
        let mut graph = Self::new(&setup.model, symmetry, claims.len(), limits);
        let mut search = Search {
            setup,
            claims,
            contract: Contract::of(&setup.model),
            place: None,
            asked: Asked::Controller,
            naming: Permutation::identity(setup.model.actors().count()),
            key: Vec::new(),
            sizes: Vec::new(),
            state: start.clone(),
            next: start.clone(),
            next_control: None,
            widest: 0,
            beside: 0,
        };
        match guard(|| search.run(&mut graph, on_progress)) {
            Ok(Ok(())) => Ok(graph),
            Ok(Err(Stopped::Limit(limit))) => {
                graph.cut = Some(limit);
                Ok(graph)
            }
            Ok(Err(stopped)) => Err(Box::new((graph, stopped))),
            Err(panic) => Err(Box::new((graph, search.panicked(panic)))),
        }
    }
}

/// Whose code runs, in case it panics.
#[derive(Clone, Copy)]
enum Asked {
    Controller,
    Claim(usize),
    OnProgress,
}

/// What a search needs while it runs; the worlds and buffers are used again for each state.
struct Search<'a, C> {
    setup: &'a Setup<C>,
    claims: &'a [Claim<C>],
    contract: Contract<C>,
    place: Option<Place>,
    asked: Asked,
    naming: Permutation,
    key: Vec<u8>,
    sizes: Vec<u128>,
    state: World<C>,
    next: World<C>,
    /// The number of the controller in `next`, if that is known.
    next_control: Option<u32>,
    /// The largest number of actors that could move in a state.
    widest: usize,
    /// The bytes of what the search holds beside the graph.
    beside: usize,
}

impl<C: Controller> Search<'_, C> {
    fn run(&mut self, graph: &mut Graph<C>, on_progress: &mut OnProgress<'_>) -> Result<(), Stopped> {
        let started = self.contract.start(&self.next.driver, graph.symmetry.as_ref());
        started.map_err(|violation| Stopped::Broken(None, violation))?;
        if let Some(symmetry) = &graph.symmetry {
            symmetry.check_start(&self.next.driver).map_err(Unchecked::from)?;
        }
        let explored = self.explore(graph, on_progress);
        if let Ok(()) | Err(Stopped::Limit(_)) = explored {
            self.repeat(graph)?;
        }
        graph.complete = explored.is_ok();
        explored
    }

    /// Explores layer after layer.
    fn explore(&mut self, graph: &mut Graph<C>, on_progress: &mut OnProgress<'_>) -> Result<(), Stopped> {
        let start = self.intern(graph, 0)?;
        let mut last_layer = vec![0];
        graph.add_layer(vec![start]);
        while graph.layers.last().is_some_and(|layer| !layer.is_empty()) {
            let mut reached = Vec::new();
            let ended = self.follow(graph, on_progress, &mut last_layer, &mut reached);
            graph.add_layer(reached);
            ended?;
        }
        graph.layers.pop();
        Ok(graph.grow(0, 0, 0)?)
    }

    /// Finds the states that follow those of the last layer; `last_layer` says of each state the last in which it stands.
    fn follow(
        &mut self,
        graph: &mut Graph<C>,
        on_progress: &mut OnProgress<'_>,
        last_layer: &mut Vec<u32>,
        reached: &mut Vec<Id>,
    ) -> Result<(), Stopped> {
        let (layer, depth) = (graph.layers.len() - 1, graph.layers.len() as u32);
        for at in 0..graph.layers[layer].len() {
            let id = graph.layers[layer][at];
            let grows = reached.capacity() - reached.len() < self.widest;
            if grows || id as usize + 1 == graph.first_edge.len() {
                let numbers = vec_bytes(last_layer, graph.stored() - last_layer.len());
                self.beside = numbers + vec_bytes(reached, self.widest) + vec_bytes(&self.sizes, self.widest);
            }
            if id as usize + 1 == graph.first_edge.len() {
                if graph.stored() > graph.limits().states().min(MOST_STATES) {
                    return Err(Limit::States.into());
                }
                if id.is_multiple_of(1024) {
                    self.asked = Asked::OnProgress;
                    if on_progress(graph.stored(), graph.layers.len()).is_break() {
                        graph.limits().end();
                    }
                    self.asked = Asked::Controller;
                }
                self.expand(graph, id)?;
            } else {
                if grows {
                    graph.grow(0, 0, self.beside + self.contract.bytes())?;
                }
                graph.limits().spend(8 * (1 + graph.edges(id).len()))?;
            }
            last_layer.resize(graph.stored(), 0);
            let targets = &graph.edges[graph.first_edge[id as usize]..graph.first_edge[id as usize + 1]];
            let is_new = |&to: &Id| std::mem::replace(&mut last_layer[to as usize], depth) != depth;
            reached.extend(targets.iter().map(|edge| edge.to).filter(is_new));
        }
        Ok(())
    }

    /// Why the search stopped, after a panic. One of the function that is told of progress is its caller's own, and goes on to it.
    fn panicked(&self, panic: String) -> Stopped {
        let violation = match self.asked {
            Asked::Controller => ContractViolation::Panicked(panic).into(),
            Asked::Claim(index) => Violation::Claim { id: self.claims[index].id.to_string(), panic },
            Asked::OnProgress => std::panic::resume_unwind(Box::new(panic)),
        };
        Stopped::Broken(self.place, violation)
    }

    /// The end of a search: the controller must react as it did.
    fn repeat(&mut self, graph: &Graph<C>) -> Result<(), Stopped> {
        for index in 0..self.contract.answers() {
            graph.limits().check()?;
            self.place = self.contract.place(index);
            let repeated = self.contract.repeat(index, |number| graph.packer.control_with(number));
            repeated.map_err(|violation| Stopped::Broken(self.place, violation))?;
        }
        self.place = None;
        self.contract.compare_hashes().map_err(|difference| Stopped::Broken(None, difference.into()))
    }

    /// Takes every step from a state.
    fn expand(&mut self, graph: &mut Graph<C>, id: Id) -> Result<(), Stopped> {
        self.place = Some((id, None));
        let key = graph.keys.get(id).to_vec();
        graph.packer.unpack(&key, &mut self.state);
        let enabled = self.setup.model.actions(&self.state);
        self.widest = self.widest.max(enabled.len());
        // A step adds the tasks of an attempt, or a message for each actor.
        let length = key.len() + 16 * self.state.attempts[0].len();
        graph.grow(enabled.len() + 1, length, self.beside + self.contract.bytes())?;
        graph.limits().spend(key.len() * (enabled.len() + 1))?;
        // All before the first step: what is stored then has its steps, whatever ends the search.
        enabled.iter().try_for_each(|&actor| self.check_pair(graph, &key, id, actor))?;
        for &actor in &enabled {
            self.place = Some((id, Some(actor)));
            self.copy(graph, &key);
            let pair = self.pair(&key, actor);
            let caller = self.step(pair, actor).map_err(|violation| Stopped::Broken(self.place, violation))?;
            let to = self.intern(graph, id)?;
            let actor = slot(&self.state, actor);
            let permuted = slot_after(&self.next, actor, caller, &self.naming);
            graph.edges.push(Edge { actor, permuted, to });
        }
        graph.first_edge.push(graph.edges.len());
        if enabled.is_empty() {
            self.judge(graph, Which::State, id, Scope::AtEnd)?;
        }
        Ok(())
    }

    /// Makes `next` the state of this key. The controller that is there already is not copied.
    fn copy(&mut self, graph: &Graph<C>, key: &[u8]) {
        let control = Some(StateCodec::<C>::control_of(key));
        if self.next_control == control {
            graph.packer.unpack_around(key, &mut self.next);
        } else {
            graph.packer.unpack(key, &mut self.next);
            self.next_control = control;
        }
    }

    /// Takes a step in `next`, and compares the reaction with the first one to the same input. Returns the task that called
    /// the controller.
    fn step(&mut self, pair: Option<Pair>, actor: Action) -> Result<Option<TaskRun>, Violation> {
        let applied = self.setup.model.apply(&mut self.next, actor);
        let event = match &applied {
            Ok(event) => event,
            Err(Refused::Contract(violation)) => return Err(violation.clone().into()),
            Err(Refused::Blocked(_)) => unreachable!("an enabled actor can move"),
        };
        let received = match event {
            Event::Controller { transition, .. } => Some(transition),
            Event::Task { called, .. } => called.as_ref(),
            Event::Lost(..) => None,
        };
        if received.is_some() {
            self.next_control = None;
        }
        if let (Some(pair), Some(received)) = (pair, received) {
            self.contract.compare(pair, &self.state.driver, received, &self.next.driver.controller)?;
        }
        Ok(caller(event))
    }

    /// The controller and the input of an action, if the controller reacts to it.
    fn pair(&self, key: &[u8], actor: Action) -> Option<Pair> {
        let input = self.setup.model.input(&self.state, actor)?;
        Some((StateCodec::<C>::control_of(key), input, self.state.is_stale(input)))
    }

    /// Checks what the controller promises of an input, and its symmetry, if it meets this input for the first time.
    fn check_pair(&mut self, graph: &mut Graph<C>, key: &[u8], id: Id, actor: Action) -> Result<(), Stopped> {
        let Some(pair) = self.pair(key, actor) else { return Ok(()) };
        if !self.contract.is_new(pair) {
            return Ok(());
        }
        self.place = Some((id, Some(actor)));
        let checked = self.contract.check(pair, (id, actor), &self.state.driver, graph.symmetry.as_ref());
        checked.map_err(|violation| Stopped::Broken(self.place, violation))?;
        match &mut graph.symmetry {
            Some(symmetry) => Ok(symmetry.check_input(&self.state.driver, (pair.1, pair.2), graph.account.limits())?),
            None => Ok(()),
        }
    }

    /// The number of the state in `next`, which follows another; judges it if it is new.
    fn intern(&mut self, graph: &mut Graph<C>, parent: Id) -> Result<Id, Stopped> {
        if let Some(symmetry) = &graph.symmetry {
            symmetry.naming(&self.next, &mut self.naming);
        }
        let control = match self.next_control.filter(|_| self.naming.is_identity()) {
            Some(control) => control,
            None => graph.packer.control(&self.next.driver, graph.symmetry.as_ref(), &self.naming),
        };
        graph.packer.pack_under(control, &self.next, &self.naming, &mut self.key);
        if let Some(id) = graph.keys.find(&self.key) {
            return Ok(id);
        }
        let id = graph.keys.add(&self.key);
        graph.parents.push(parent);
        let orbit = graph.symmetry.as_ref().map_or(1, |symmetry| symmetry.orbit(&self.naming));
        self.sizes.push(orbit);
        graph.states += orbit;
        self.judge(graph, Which::Next, id, Scope::Always)?;
        self.judge(graph, Which::Next, id, Scope::Reachable)?;
        Ok(id)
    }

    fn judge(&mut self, graph: &mut Graph<C>, which: Which, id: Id, judged: Scope) -> Result<(), Stopped> {
        let world = match which {
            Which::State => &self.state,
            Which::Next => &self.next,
        };
        let model = &self.setup.model;
        for (index, claim) in self.claims.iter().enumerate().filter(|(_, claim)| claim.scope == judged) {
            self.asked = Asked::Claim(index);
            if let Some(symmetry) = graph.symmetry.as_mut().filter(|_| !claim.is_symmetric()) {
                symmetry.check_claim(model, world, claim).map_err(|Asymmetric| Stopped::Asymmetric)?;
            }
            if claim.applies(model, world) {
                graph.premise_held[index] += self.sizes[id as usize];
                if judged == Scope::Reachable || !claim.holds(model, world) {
                    graph.broken[index].push(id);
                }
            }
        }
        self.asked = Asked::Controller;
        Ok(())
    }
}

/// Which of the two worlds of a search.
#[derive(Clone, Copy)]
enum Which {
    State,
    Next,
}
