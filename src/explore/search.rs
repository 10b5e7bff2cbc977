//! The search: every state of a world, layer by layer, and the steps between them.
//!
//! A layer holds the states that so many actions lead to. Every schedule is finite, so the layers come to an end;
//! a state may stand in several of them after a retry, but it is stored once, under a number, and expanded once.
//! Claims are judged as states are met. What a search leaves behind is a [`Graph`]; counts, odds and
//! counterexamples are read off it.

use std::ops::ControlFlow;

use indexmap::IndexSet;
use num_bigint::BigUint;
use rustc_hash::FxBuildHasher;

use super::limits::{Account, Limit, Limits, block_bytes, index_set_bytes, vec_bytes};
use super::orbits::{Asymmetric, Naming, Symmetry, Unchecked};
use super::pack::Packer;
use crate::protocol::claims::{Claim, Judged, State};
use crate::protocol::controller::{Breach, Controller, Input};
use crate::protocol::event::Actor;
use crate::protocol::world::{Action, Refused, Setup, World};

/// A state's number in its graph.
pub type Id = u32;

/// Who acts, as a number within a state: the tasks of the current attempt, then those of the attempts before, or
/// the controller, which is one actor whatever it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(pub u16);

impl Slot {
    /// The controller.
    pub const CONTROLLER: Self = Self(u16::MAX);
}

/// A step from one state to another, under the names of the first state's representative.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    /// Who acts.
    pub actor: Slot,
    /// The same actor's name in the state that it leads to.
    pub image: Slot,
    /// Where it leads.
    pub to: Id,
}

/// Called now and then with the number of states stored and the layer; may end the search.
pub type OnProgress<'a> = dyn FnMut(usize, usize) -> ControlFlow<()> + 'a;

/// States have numbers of 32 bits, and the last one to be expanded may lead to many more.
const MOST_STATES: usize = (u32::MAX - (1 << 17)) as usize;

/// Every state that was met, and the steps between them.
pub struct Graph<C> {
    keys: IndexSet<Box<[u8]>, FxBuildHasher>,
    packer: Packer<C>,
    pub(super) symmetry: Option<Symmetry<C>>,
    edges: Vec<Edge>,
    first_edge: Vec<usize>,
    /// The states that so many actions lead to, by that number.
    pub layers: Vec<Vec<Id>>,
    /// How many states there are; an orbit counts as all that it stands for.
    pub states: BigUint,
    /// By claim: where it is broken; for one that asks for a state: where that is.
    pub broken: Vec<Vec<Id>>,
    /// By claim: in how many of the states where it is judged its premise held.
    pub premise_held: Vec<BigUint>,
    complete: bool,
    cut: Option<Limit>,
    /// The bytes of the keys, and those of the layers.
    key_bytes: usize,
    layer_bytes: usize,
    account: Account,
}

/// Why a search came to nothing.
#[derive(Debug)]
pub enum Stopped {
    /// The controller broke its contract, when this actor took a step in this state.
    Breach(Id, Actor, Breach),
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

/// A search that came to its end. Only such a search can make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Complete(());

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
        let tasks = setup.scenario.tasks().len();
        let mut graph = Self {
            keys: IndexSet::default(),
            packer: Packer::new(tasks),
            symmetry,
            edges: Vec::new(),
            first_edge: vec![0],
            layers: Vec::new(),
            states: BigUint::ZERO,
            broken: vec![Vec::new(); claims.len()],
            premise_held: vec![BigUint::ZERO; claims.len()],
            complete: false,
            cut: None,
            key_bytes: 0,
            layer_bytes: 0,
            account: limits.account(),
        };
        let mut search = Search {
            setup,
            claims,
            naming: Naming::identity(tasks),
            key: Vec::new(),
            sizes: Vec::new(),
            state: start.clone(),
            next: start.clone(),
            widest: 0,
            beside: 0,
        };
        match search.run(&mut graph, on_progress) {
            Ok(()) => Ok(graph),
            Err(Stopped::Limit(limit)) => {
                graph.cut = Some(limit);
                Ok(graph)
            }
            Err(stopped) => Err(Box::new((graph, stopped))),
        }
    }

    /// What ended the search early, if a limit did.
    pub fn cut(&self) -> Option<Limit> {
        self.cut
    }

    /// The limits of the request that the graph belongs to.
    pub fn limits(&self) -> &Limits {
        self.account.limits()
    }

    /// Says that the graph is about to grow by so many states and steps, beside what a search holds for itself.
    fn grow(&mut self, more: usize, beside: usize) -> Result<(), Limit> {
        let symmetry = self.symmetry.as_ref().map_or(0, Symmetry::bytes);
        let broken: usize = self.broken.iter().map(|ids| vec_bytes(ids, more)).sum();
        let states = index_set_bytes(&self.keys, more) + self.key_bytes + self.packer.bytes(more);
        let steps = vec_bytes(&self.edges, more) + vec_bytes(&self.first_edge, 1) + self.layer_bytes;
        self.account.hold(symmetry + broken + states + steps + beside)
    }

    /// The proof that the search was complete, where it was.
    pub fn complete(&self) -> Option<Complete> {
        self.complete.then_some(Complete(()))
    }

    fn add_layer(&mut self, layer: Vec<Id>) {
        self.layer_bytes += vec_bytes(&layer, 0);
        self.layers.push(layer);
    }

    /// How many states are stored: the orbits, where tasks are interchanged.
    pub fn stored(&self) -> usize {
        self.keys.len()
    }

    /// Whether tasks were interchanged.
    pub fn is_reduced(&self) -> bool {
        self.symmetry.is_some()
    }

    /// The steps from a state; none where it is an end or was not expanded.
    pub fn edges(&self, id: Id) -> &[Edge] {
        match self.first_edge.get(id as usize + 1) {
            Some(&end) => &self.edges[self.first_edge[id as usize]..end],
            None => &[],
        }
    }

    /// Whether no actor can move in a state; false where that was not explored.
    pub fn is_end(&self, id: Id) -> bool {
        (id as usize) + 1 < self.first_edge.len() && self.edges(id).is_empty()
    }

    /// The different numbers of enabled actions, in rising order.
    pub fn choices(&self) -> Vec<usize> {
        let counts: std::collections::BTreeSet<usize> =
            self.first_edge.windows(2).map(|pair| pair[1] - pair[0]).filter(|&count| count > 0).collect();
        counts.into_iter().collect()
    }

    /// The number of a state, where it was met, and who is who in its representative.
    pub fn find(&mut self, world: &World<C>) -> Option<(Id, Naming)> {
        let (mut naming, mut key) = (Naming::identity(world.crews[0].len()), Vec::new());
        if let Some(symmetry) = &self.symmetry {
            symmetry.naming(world, &mut naming);
        }
        self.packer.pack(world, self.symmetry.as_ref(), &naming, &mut key);
        let id = self.keys.get_index_of(key.as_slice())?;
        Some((id as Id, naming))
    }

    /// The representative with a number.
    pub fn world(&self, setup: &Setup<C>, id: Id) -> World<C> {
        let mut world = World::start(setup);
        self.packer.unpack(&self.keys[id as usize], &mut world);
        world
    }
}

/// Who acts, as a number within a state.
pub fn slot<C: Controller>(world: &World<C>, actor: Actor) -> Slot {
    let crew_and_task = match actor {
        Actor::Task(task) => Some((0, task)),
        Actor::Lingering(attempt, task) => Some((usize::from(world.control.attempt.0 - attempt.0), task)),
        Actor::Receive(_) | Actor::Keep(_) | Actor::Timeout => None,
    };
    crew_and_task.map_or(Slot::CONTROLLER, |(crew, task)| Slot((crew * world.crews[0].len() + task.index()) as u16))
}

/// The name of an actor under other names of the tasks.
pub fn image(slot: Slot, naming: &Naming) -> Slot {
    if slot == Slot::CONTROLLER {
        return slot;
    }
    let (tasks, slot) = (naming.to.len(), usize::from(slot.0));
    Slot((slot / tasks * tasks + naming.to[slot % tasks]) as u16)
}

/// What a search needs while it runs; the worlds and buffers are used again for each state.
struct Search<'a, C> {
    setup: &'a Setup<C>,
    claims: &'a [Claim<C>],
    naming: Naming,
    key: Vec<u8>,
    sizes: Vec<u128>,
    state: World<C>,
    next: World<C>,
    /// The largest number of actors that could move in a state.
    widest: usize,
    /// The bytes of what the search holds beside the graph.
    beside: usize,
}

impl<C: Controller> Search<'_, C> {
    fn run(&mut self, graph: &mut Graph<C>, on_progress: &mut OnProgress<'_>) -> Result<(), Stopped> {
        let start = self.intern(graph);
        let mut last_layer = vec![0];
        graph.add_layer(vec![start]);
        while graph.layers.last().is_some_and(|layer| !layer.is_empty()) {
            let mut reached = Vec::new();
            let ended = self.follow(graph, on_progress, &mut last_layer, &mut reached);
            graph.add_layer(reached);
            ended?;
        }
        graph.layers.pop();
        graph.grow(0, 0)?;
        graph.complete = true;
        Ok(())
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
            self.beside = vec_bytes(last_layer, graph.stored() - last_layer.len()) + vec_bytes(reached, self.widest);
            if id as usize + 1 == graph.first_edge.len() {
                if graph.stored() > graph.limits().states().min(MOST_STATES) {
                    return Err(Limit::States.into());
                }
                if id.is_multiple_of(1024) && on_progress(graph.stored(), graph.layers.len()).is_break() {
                    graph.limits().end();
                }
                self.expand(graph, id)?;
            } else {
                graph.grow(0, self.beside)?;
            }
            last_layer.resize(graph.stored(), 0);
            let targets = &graph.edges[graph.first_edge[id as usize]..graph.first_edge[id as usize + 1]];
            let is_new = |&to: &Id| std::mem::replace(&mut last_layer[to as usize], depth) != depth;
            reached.extend(targets.iter().map(|edge| edge.to).filter(is_new));
        }
        Ok(())
    }

    /// Takes every step from a state.
    fn expand(&mut self, graph: &mut Graph<C>, id: Id) -> Result<(), Stopped> {
        let key = graph.keys[id as usize].clone();
        graph.packer.unpack(&key, &mut self.state);
        let enabled = self.state.enabled(self.setup);
        self.widest = self.widest.max(enabled.len());
        graph.grow(enabled.len() + 1, self.beside + vec_bytes(&self.sizes, enabled.len()))?;
        graph.limits().spend(key.len() * (enabled.len() + 1))?;
        // All before the first step: what is stored then has its steps, whatever ends the search.
        enabled.iter().try_for_each(|&actor| self.check_symmetry(graph, &key, actor))?;
        for &actor in &enabled {
            graph.packer.unpack(&key, &mut self.next);
            match self.next.step(self.setup, actor) {
                Ok(_) => {}
                Err(Refused::Breach(breach)) => return Err(Stopped::Breach(id, actor, breach)),
                Err(Refused::Blocked(_)) => unreachable!("an enabled actor can move"),
            }
            let to = self.intern(graph);
            let actor = slot(&self.state, actor);
            graph.edges.push(Edge { actor, image: image(actor, &self.naming), to });
        }
        graph.first_edge.push(graph.edges.len());
        if enabled.is_empty() {
            self.judge(graph, &self.state, id, Judged::EveryEnd);
        }
        Ok(())
    }

    fn check_symmetry(&self, graph: &mut Graph<C>, key: &[u8], actor: Actor) -> Result<(), Unchecked> {
        let Some(symmetry) = &mut graph.symmetry else { return Ok(()) };
        let input = match self.state.action(self.setup, actor) {
            Ok(Action::Receive(worker, _)) => self.state.inboxes[worker.index()].front().copied().map(Input::Notice),
            Ok(Action::Timeout) => Some(Input::TimedOut),
            Ok(Action::Task(..)) | Err(_) => None,
        };
        input.map_or(Ok(()), |input| {
            symmetry.check_input(Packer::<C>::control_of(key), &self.state.control, input, graph.account.limits())
        })
    }

    /// The number of the state in `next`; judges it where it is new.
    fn intern(&mut self, graph: &mut Graph<C>) -> Id {
        if let Some(symmetry) = &graph.symmetry {
            symmetry.naming(&self.next, &mut self.naming);
        }
        graph.packer.pack(&self.next, graph.symmetry.as_ref(), &self.naming, &mut self.key);
        if let Some(id) = graph.keys.get_index_of(self.key.as_slice()) {
            return id as Id;
        }
        let id = graph.keys.insert_full(self.key.as_slice().into()).0 as Id;
        graph.key_bytes += block_bytes(self.key.len());
        let orbit = graph.symmetry.as_ref().map_or(1, |symmetry| symmetry.orbit(&self.naming));
        self.sizes.push(orbit);
        graph.states += orbit;
        self.judge(graph, &self.next, id, Judged::EveryState);
        self.judge(graph, &self.next, id, Judged::SomeState);
        id
    }

    fn judge(&self, graph: &mut Graph<C>, world: &World<C>, id: Id, judged: Judged) {
        let state = State { setup: self.setup, world };
        for (index, claim) in self.claims.iter().enumerate().filter(|(_, claim)| claim.judged == judged) {
            if claim.applies(&state) {
                graph.premise_held[index] += self.sizes[id as usize];
                if judged == Judged::SomeState || !claim.holds(&state) {
                    graph.broken[index].push(id);
                }
            }
        }
    }
}
