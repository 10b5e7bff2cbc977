//! Small worlds: every transition of the abstraction is computed by stepping the model in a world with a few tasks.

use std::collections::HashMap;
use std::rc::Rc;

use super::local::{Control, Local, Place, Sent};
use super::parametric::{MARKS, Parametric};
use crate::core::{ActorId, Fault, Script, WorkerId};
use crate::model::{Action, Channel, ContractViolation, Event, QueuedNotice, Refused, World};
use crate::scenario::{Rules, Scenario, Setup};

/// Why a proof for every number of tasks cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotCovered {
    /// In a chain, a task depends on its neighbours, so tasks are not alike.
    Chain,
    /// With a lingering attempt, a task would have a second local state.
    Lingers,
    /// The tasks do not all have the same script, or there are helpers.
    Unlike,
    /// A step of a task does more than change the task and send a notice.
    WideStep,
    /// The controller's reaction depends on more than [`Parametric`] allows: it counts tasks, or uses the number of a
    /// task.
    NotParametric,
    /// A notice changes what the controller remembers in a final phase.
    FinalChanges,
    /// The claim of this name is not one of the protocol's own, or it is about some of the tasks only.
    OwnClaim(String),
    /// The controller broke its contract.
    Contract(ContractViolation),
}

/// What happens to the oldest notice of an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// It is removed, and the controller reacts to it.
    Taken,
    /// The controller reacts to it, and it stays.
    Kept,
    /// It is lost.
    Lost,
}

/// What a step does to a task.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Move {
    /// The place of the task after it.
    pub to: Place,
    /// The notice that it sends.
    pub sends: Option<Sent>,
}

/// What a reaction of the controller does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction<C> {
    /// The control after it.
    pub control: Control<C>,
    /// The local state of the sender after it, if there is a sender.
    pub sender: Option<Local>,
    /// Whether it may also change tasks other than the sender.
    pub sweeps: bool,
}

/// A reaction, and the local state of every task after it.
pub type Reacted<C> = (Reaction<C>, Vec<Local>);

/// A set of marks, one bit each.
pub type Marks = u8;

/// How many tasks of each mark a reaction is tried with.
const COPIES: [usize; 3] = [1, 2, 4];

/// Makes the model of a scenario.
pub type Make<'a, C> = &'a dyn Fn(&Scenario) -> Setup<C>;

/// Makes small worlds. All tasks are on one worker.
pub struct SmallWorlds<'a, C> {
    rules: Rules,
    make: Make<'a, C>,
    setups: HashMap<(usize, Option<Fault>), Rc<Setup<C>>>,
    /// Every mark that a task had after a reaction, also in a final phase.
    pub(super) seen: Marks,
}

impl<'a, C: Parametric> SmallWorlds<'a, C> {
    /// Small worlds under these rules.
    ///
    /// # Errors
    /// If the tasks are not alike, or if tasks of an earlier attempt may linger.
    pub fn new(rules: Rules, make: Make<'a, C>) -> Result<Self, NotCovered> {
        let mut small = Self { rules, make, setups: HashMap::new(), seen: 1 };
        let setup = small.setup(3, None);
        let (model, scripts) = (&setup.model, setup.model.actors().map(|(_, actor)| &actor.script));
        let scripts: Vec<&Script> = scripts.collect();
        match () {
            () if setup.scenario.rules().task.chain => Err(NotCovered::Chain),
            () if model.run().lingers => Err(NotCovered::Lingers),
            () if usize::from(model.tasks()) != scripts.len() || scripts.iter().any(|one| *one != scripts[0]) => {
                Err(NotCovered::Unlike)
            }
            () => Ok(small),
        }
    }

    /// A setup with this many tasks, of which the first has this fault.
    pub fn setup(&mut self, tasks: usize, fault: Option<Fault>) -> Rc<Setup<C>> {
        let (rules, make) = (self.rules, self.make);
        let new = || {
            let scenario = Scenario::new(rules, ActorId::at(tasks - 1).0).expect("there are tasks and attempts");
            let fault = fault.map_or(Ok(scenario.clone()), |fault| scenario.with_fault(fault, 1, &[]));
            Rc::new(make(&fault.expect("task 1 has one fault")))
        };
        Rc::clone(self.setups.entry((tasks, fault)).or_insert_with(new))
    }

    /// The control of the first state.
    pub fn start(&mut self) -> Control<C> {
        Control::of(&self.setup(1, None).model.start())
    }

    /// Whether the fault of a task at this place is not chosen yet.
    pub fn is_before_fault(&mut self, place: Place) -> bool {
        Place::is_before_fault(self.setup(1, None).model.actor(ActorId(1)), place.state)
    }

    /// A world with these tasks, of which the first has this fault.
    pub fn world(&mut self, control: &Control<C>, cast: &[&Local], fault: Option<Fault>) -> (Rc<Setup<C>>, World<C>) {
        let setup = self.setup(cast.len(), fault);
        let mut world = setup.model.start();
        let marks: Vec<u8> = cast.iter().map(|local| local.mark).collect();
        world.driver.controller = control.controller.with_marks(&marks);
        world.driver.attempt = control.attempt;
        world.attempts[0] = cast.iter().map(|local| local.place.state).collect();
        world.stop_asked = control.stop_asked;
        world.duplicates_left = control.duplicates_left;
        world.losses_left = control.losses_left;
        world.crashes_left = control.crashes_left;
        for (index, local) in cast.iter().enumerate() {
            let (from, kinds) = (ActorId::at(index), setup.model.kinds());
            let inbox = &mut world.inboxes[setup.model.actor(from).worker.index()];
            for &(attempt, kind) in &local.queue {
                let kind = kinds.iter().position(|&other| other == kind).and_then(|at| u16::try_from(at).ok());
                inbox.push_back(QueuedNotice { from, attempt, kind: kind.expect("a kind of the model") });
            }
        }
        (setup, world)
    }

    /// What a task at a place does next, alone or beside one other task. `None` if the task waits or has ended.
    ///
    /// # Errors
    /// If the step changes more than the task and its inbox, or if the controller breaks its contract.
    pub fn step(
        &mut self,
        control: &Control<C>,
        place: Place,
        fault: Option<Fault>,
        other: Option<Place>,
    ) -> Result<Option<Move>, NotCovered> {
        let cast: Vec<Local> = [place].into_iter().chain(other).map(Local::at).collect();
        let (setup, mut world) = self.world(control, &cast.iter().collect::<Vec<_>>(), fault);
        match setup.model.apply(&mut world, Action::Step(ActorId(1))) {
            Ok(_) => {}
            Err(Refused::Blocked(_)) => return Ok(None),
            Err(Refused::Contract(violation)) => return Err(NotCovered::Contract(violation)),
        }
        let after = |index: usize| world.attempts[0].get(index).copied();
        let sent: Vec<Sent> = sent(&setup, &world, ActorId(1));
        let all: usize = world.inboxes.iter().map(|inbox| inbox.len()).sum();
        if Control::of(&world) != *control || after(1) != other.map(|other| other.state) || sent.len() < all || all > 1
        {
            return Err(NotCovered::WideStep);
        }
        let to = Place::of(setup.model.actor(ActorId(1)), world.attempts[0][0]);
        Ok(Some(Move { to, sends: sent.first().copied() }))
    }

    /// The reaction to an action, if the other tasks have these marks. If there is a sender, the action concerns the
    /// sender's oldest notice. `None` if the action is not enabled.
    ///
    /// # Errors
    /// If the result is not the same in every small world, or if the controller breaks its contract.
    pub fn tried(
        &mut self,
        control: &Control<C>,
        sender: Option<&Local>,
        others: Marks,
        action: Action,
    ) -> Result<Option<Reaction<C>>, NotCovered> {
        let mut first = None;
        for (copies, is_last) in COPIES.into_iter().flat_map(|copies| [(copies, false), (copies, true)]) {
            let others: Vec<Local> = marked(others).flat_map(|local| vec![local; copies]).collect();
            let mut cast: Vec<&Local> = others.iter().collect();
            let at = if is_last { cast.len() } else { 0 };
            sender.into_iter().for_each(|sender| cast.insert(at, sender));
            let sender = sender.map(|_| ActorId::at(at));
            let reaction = self.react(control, &cast, sender, action)?.map(|(reaction, _)| reaction);
            if *first.get_or_insert_with(|| reaction.clone()) != reaction {
                return Err(NotCovered::NotParametric);
            }
        }
        Ok(first.flatten())
    }

    /// The reaction to an action in one world, and the local state of every task after it. `None` if the action is not
    /// enabled.
    ///
    /// # Errors
    /// If the controller breaks its contract.
    pub fn react(
        &mut self,
        control: &Control<C>,
        cast: &[&Local],
        sender: Option<ActorId>,
        action: Action,
    ) -> Result<Option<Reacted<C>>, NotCovered> {
        let (setup, mut world) = self.world(control, cast, None);
        let before = control.stage().is_final().then(|| world.driver.controller.clone());
        let asks = match setup.model.apply(&mut world, action) {
            Ok(Event::Controller { transition, .. }) => !transition.effects.is_empty(),
            Ok(Event::Task { .. } | Event::Lost(..)) => false,
            Err(Refused::Blocked(_)) => return Ok(None),
            Err(Refused::Contract(violation)) => return Err(NotCovered::Contract(violation)),
        };
        if before.is_some_and(|before| before != world.driver.controller) {
            return Err(NotCovered::FinalChanges);
        }
        let control = Control::of(&world);
        let ids = (0..cast.len()).map(ActorId::at);
        ids.clone().for_each(|id| self.seen |= 1 << world.driver.controller.mark(id));
        let after: Vec<Local> = ids.map(|id| image(&setup, &world, id, cast[id.index()])).collect();
        let changes =
            |index: usize| Some(ActorId::at(index)) != sender && after[index] != settled(&control, cast[index]);
        let sweeps = asks || (0..cast.len()).any(changes);
        let sender = sender.map(|id| after[id.index()].clone());
        Ok(Some((Reaction { control, sender, sweeps }, after)))
    }

    /// The local state of another task after a reaction that changes all tasks.
    ///
    /// # Errors
    /// If the controller breaks its contract, or if the action is not enabled in this small world.
    pub fn swept(
        &mut self,
        control: &Control<C>,
        sender: Option<&Local>,
        (marks, action): (Marks, Action),
        other: &Local,
    ) -> Result<Local, NotCovered> {
        let others: Vec<Local> = marked(marks).collect();
        let cast: Vec<&Local> = sender.into_iter().chain([other]).chain(&others).collect();
        let (setup, mut world) = self.world(control, &cast, None);
        match setup.model.apply(&mut world, action) {
            Ok(_) => Ok(image(&setup, &world, ActorId::at(usize::from(sender.is_some())), other)),
            Err(Refused::Contract(violation)) => Err(NotCovered::Contract(violation)),
            Err(Refused::Blocked(_)) => Err(NotCovered::NotParametric),
        }
    }
}

/// One task with each of these marks.
fn marked(marks: Marks) -> impl Iterator<Item = Local> {
    (0..MARKS).filter(move |mark| marks & 1 << mark != 0).map(|mark| Local { mark, ..Local::start() })
}

/// What is kept of a task, given the control. In a final phase this is only its place.
pub fn settled<C: Parametric>(control: &Control<C>, local: &Local) -> Local {
    if control.stage().is_final() { Local::at(local.place) } else { local.clone() }
}

/// A task after a reaction. If the task begins again, its fault is not chosen yet.
fn image<C: Parametric>(setup: &Setup<C>, world: &World<C>, id: ActorId, before: &Local) -> Local {
    let after = Local::of(&setup.model, world, id);
    let fault = before.place.fault.filter(|_| after.place.state == before.place.state);
    Local { place: Place { fault, ..after.place }, ..after }
}

/// The queued notices of a task.
fn sent<C: Parametric>(setup: &Setup<C>, world: &World<C>, id: ActorId) -> Vec<Sent> {
    let queued = world.inboxes.iter().flatten().filter(|queued| queued.from == id);
    queued.map(|&queued| (queued.attempt, setup.model.notice(queued).kind)).collect()
}

impl How {
    /// The action, for a sender on the first worker.
    pub fn action(self) -> Action {
        let inbox = Channel::Inbox(WorkerId(1));
        match self {
            Self::Taken => Action::Receive(WorkerId(1)),
            Self::Kept => Action::Redeliver(inbox),
            Self::Lost => Action::Lose(inbox),
        }
    }
}
