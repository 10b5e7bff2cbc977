//! Tasks that are alike are interchangeable: one representative stands for all states that differ only in who is who.
//!
//! Two tasks are alike where fate and worker are the same and no chain orders them. The representative names
//! them in the order of what can be seen of each: its first notice in the inboxes, how far it has come in each
//! attempt, and what the controller remembers of it. Tasks that tie in all of this can change places and
//! nothing changes, so an orbit has exactly one representative, and its size is a multinomial.
//!
//! This is sound only where the controller treats tasks alike. A controller says that it does by being
//! [`Symmetric`], and it is not believed: see [`Symmetry::check_input`]. Where a check fails the search is the full one.

use std::any::TypeId;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::limits::{Limit, Limits, controller_bytes, index_set_bytes};
use super::pack::life_code;
use super::rename::{rename_input, rename_phase, rename_received, swapped};
use crate::protocol::controller::{Control, Controller, Input, Pipeline};
use crate::protocol::notice::TaskId;
use crate::protocol::rules::Cascade;
use crate::protocol::scenario::Scenario;
use crate::protocol::world::World;

/// A controller that treats tasks alike.
pub trait Symmetric: Controller {
    /// What it remembers of one task. Two tasks with equal marks can change places and nothing changes.
    fn mark(&self, task: TaskId) -> u64;

    /// Two tasks change places in all that it remembers. Every renaming is made of such swaps, so what is checked of
    /// them holds of it.
    fn swap(&mut self, a: TaskId, b: TaskId);
}

impl Symmetric for Pipeline {
    fn mark(&self, task: TaskId) -> u64 {
        let named = self.phase == rename_phase(self.phase, &|_| task);
        u64::from(self.counted.contains(&task)) + 2 * u64::from(named)
    }

    fn swap(&mut self, a: TaskId, b: TaskId) {
        let (gone, come) = if self.counted.contains(&a) { (a, b) } else { (b, a) };
        if self.counted.contains(&a) != self.counted.contains(&b) {
            self.counted.remove(&gone);
            self.counted.insert(come);
        }
        self.phase = rename_phase(self.phase, &|task| swapped(task, a, b));
    }
}

/// The symmetry of a scenario under a controller.
pub struct Symmetry<C> {
    tasks: usize,
    classes: Vec<Vec<usize>>,
    mark: fn(&C, TaskId) -> u64,
    swap: fn(&mut C, TaskId, TaskId),
    checked: IndexSet<(Control<C>, Input), FxBuildHasher>,
    /// Whether an input is checked at every renaming of a state, or at the state itself only.
    follows_renamings: bool,
}

/// How many swaps of a controller and an input may be checked. A controller that needs more is not known to treat tasks
/// alike, so its search is the full one.
const MOST_CHECKED: usize = 1 << 22;

/// The controller does not treat tasks alike, or is not known to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asymmetric;

/// Why the check of an input did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchecked {
    /// The controller does not treat it alike.
    Asymmetric(Asymmetric),
    /// The request reached a limit.
    Limit(Limit),
}

impl From<Asymmetric> for Unchecked {
    fn from(asymmetric: Asymmetric) -> Self {
        Self::Asymmetric(asymmetric)
    }
}

impl From<Limit> for Unchecked {
    fn from(limit: Limit) -> Self {
        Self::Limit(limit)
    }
}

/// What can be seen of a task: where its first notice stands in the inboxes, the controller's mark, and how far it
/// has come in each attempt, four bits for each.
type Sight = (usize, u64, u64);

/// Who is who in the representative of a state.
#[derive(Debug, Clone, Default)]
pub struct Naming {
    /// By task: its position in the representative.
    pub to: Vec<usize>,
    /// By position in the representative: the task.
    pub from: Vec<usize>,
    sights: Vec<Sight>,
    sorted: Vec<usize>,
}

impl Naming {
    /// Everybody keeps their name.
    pub fn identity(tasks: usize) -> Self {
        Self { to: (0..tasks).collect(), from: (0..tasks).collect(), ..Self::default() }
    }

    /// The name of a task in the representative.
    pub fn rename(&self, task: TaskId) -> TaskId {
        TaskId::at(self.to[task.index()])
    }

    /// The task that has a name in the representative.
    pub fn original(&self, name: TaskId) -> TaskId {
        TaskId::at(self.from[name.index()])
    }

    /// Whether everybody keeps their name.
    pub fn is_identity(&self) -> bool {
        self.to.iter().enumerate().all(|(task, &name)| task == name)
    }
}

impl<C: Symmetric> Symmetry<C> {
    /// The symmetry of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let (tasks, classes) = (scenario.tasks().len(), classes(scenario));
        Self {
            tasks,
            classes,
            mark: C::mark,
            swap: C::swap,
            checked: IndexSet::default(),
            follows_renamings: TypeId::of::<C>() != TypeId::of::<Pipeline>(),
        }
    }

    /// The same, checked at every renaming, whatever controller it is.
    #[cfg(test)]
    fn following_renamings(mut self) -> Self {
        self.follows_renamings = true;
        self
    }
}

/// The tasks that are alike, as long as the number of ways to interchange them all fits in 128 bits: a part
/// of a symmetry is as sound as the whole.
fn classes(scenario: &Scenario) -> Vec<Vec<usize>> {
    let tasks = scenario.tasks();
    let mut classes: Vec<Vec<usize>> = Vec::new();
    let mut order: u128 = 1;
    // A sight holds 16 attempts at most.
    if scenario.rules().cascade == Cascade::Chain || scenario.rules().attempts > 16 {
        return classes;
    }
    for (index, task) in tasks.iter().enumerate() {
        let alike = |class: &&mut Vec<usize>| {
            let first = &tasks[class[0]];
            (first.worker, &first.fates) == (task.worker, &task.fates)
        };
        match classes.iter_mut().find(alike) {
            None => classes.push(vec![index]),
            Some(class) => match order.checked_mul(class.len() as u128 + 1) {
                Some(larger) => {
                    order = larger;
                    class.push(index);
                }
                None => classes.push(vec![index]),
            },
        }
    }
    classes.retain(|class| class.len() > 1);
    classes
}

impl<C: Controller> Symmetry<C> {
    /// The names that turn a state into its representative.
    pub fn naming(&self, world: &World<C>, naming: &mut Naming) {
        let Naming { to, from, sights, sorted } = naming;
        sights.clear();
        sights.extend((0..self.tasks).map(|task| {
            let lives = world.crews.iter().fold(0, |lives, crew| lives << 4 | u64::from(life_code(crew[task])));
            (usize::MAX, (self.mark)(&world.control.controller, TaskId::at(task)), lives)
        }));
        for (at, notice) in world.inboxes.iter().flatten().enumerate() {
            let first = &mut sights[notice.task.index()].0;
            *first = at.min(*first);
        }
        for class in &self.classes {
            sorted.clone_from(class);
            sorted.sort_by_key(|&task| sights[task]);
            class.iter().zip(&*sorted).for_each(|(&name, &task)| (from[name], to[task]) = (task, name));
        }
    }

    /// How many states a representative stands for: in how many ways its tasks can be named and differ.
    pub fn orbit(&self, naming: &Naming) -> u128 {
        let ways = |class: &Vec<usize>| {
            let same = |a: &usize, b: &usize| naming.sights[naming.from[*a]] == naming.sights[naming.from[*b]];
            arrangements(class.chunk_by(same).map(<[usize]>::len))
        };
        self.classes.iter().map(ways).product()
    }

    /// Renames the tasks that a controller remembers, by swaps of two neighbours: of nothing else is it known that the
    /// controller does it rightly.
    pub fn rename(&self, control: &mut Control<C>, naming: &Naming) {
        for class in &self.classes {
            let mut names: Vec<usize> = class.iter().map(|&task| naming.to[task]).collect();
            for last in 1..names.len() {
                for at in (1..=last).rev() {
                    if names[at - 1] < names[at] {
                        break;
                    }
                    names.swap(at - 1, at);
                    (self.swap)(&mut control.controller, TaskId::at(class[at - 1]), TaskId::at(class[at]));
                }
            }
        }
    }

    /// One controller for all that differ only in who is who: tasks in the order of what is remembered of them.
    pub fn form(&self, control: &Control<C>) -> Control<C> {
        let mut naming = Naming::identity(self.tasks);
        for class in &self.classes {
            let mut sorted = class.clone();
            sorted.sort_by_key(|&task| (self.mark)(&control.controller, TaskId::at(task)));
            class.iter().zip(&sorted).for_each(|(&name, &task)| naming.to[task] = name);
        }
        let mut form = control.clone();
        self.rename(&mut form, &naming);
        form
    }

    /// Checks that the controller prefers no task before its first input.
    ///
    /// # Errors
    /// [`Asymmetric`] where it does: a state and its renamings would not all be reached.
    pub fn check_start(&self, start: &Control<C>) -> Result<(), Asymmetric> {
        let is_changed_by = |(a, b): (usize, usize)| {
            let mut renamed = start.clone();
            (self.swap)(&mut renamed.controller, TaskId::at(a), TaskId::at(b));
            renamed != *start || format!("{renamed:?}") != format!("{start:?}")
        };
        if self.swaps().any(is_changed_by) { Err(Asymmetric) } else { Ok(()) }
    }

    /// Checks that the controller treats this input alike, whoever is who: for the state and the input, and for every
    /// renaming of the two, reacting to the renamed input is the renamed reaction. It is enough to follow
    /// the swaps of two neighbours, which make up every renaming, through all that they lead to.
    ///
    /// There may be exponentially many renamings. The pipeline's own controller is checked at the state itself only: a
    /// test checks it at every renaming of few tasks, and it uses a task's number for nothing but a set.
    ///
    /// # Errors
    /// [`Asymmetric`] if it does not, or if there are too many renamings to know; a [`Limit`] of the request.
    pub fn check_input(&mut self, control: &Control<C>, input: Input, limits: &Limits) -> Result<(), Unchecked> {
        if !self.follows_renamings {
            return Ok(self.check_swaps(control, input).map(|_| ())?);
        }
        let (mut account, before) = (limits.account(), self.bytes());
        let (mut at, is_new) = self.checked.insert_full((control.clone(), input));
        while let Some((control, input)) = self.checked.get_index(at).filter(|_| is_new).cloned() {
            account.hold(self.bytes().saturating_sub(before))?;
            if at * self.tasks > MOST_CHECKED {
                return Err(Asymmetric.into());
            }
            self.checked.extend(self.check_swaps(&control, input)?);
            at += 1;
        }
        Ok(())
    }

    /// Checks one state and input under every swap of two neighbours; returns what the swaps make of them.
    fn check_swaps(&self, before: &Control<C>, input: Input) -> Result<Vec<(Control<C>, Input)>, Asymmetric> {
        let mut after = before.clone();
        let received = after.receive(input).map_err(|_| Asymmetric)?;
        let mut swapped_pairs = Vec::new();
        for (a, b) in self.swaps() {
            let swap = |task: TaskId| swapped(task, TaskId::at(a), TaskId::at(b));
            let (mut renamed, mut expected) = (before.clone(), after.clone());
            (self.swap)(&mut renamed.controller, TaskId::at(a), TaskId::at(b));
            (self.swap)(&mut expected.controller, TaskId::at(a), TaskId::at(b));
            self.check_marks(before, &renamed, (a, b))?;
            let renamed_input = rename_input(input, &swap);
            swapped_pairs.push((renamed.clone(), renamed_input));
            let got = renamed.receive(renamed_input).map_err(|_| Asymmetric)?;
            if got != rename_received(received, &swap) || renamed != expected {
                return Err(Asymmetric);
            }
        }
        Ok(swapped_pairs)
    }

    /// The bytes of what was checked, and of what one more input adds.
    pub fn bytes(&self) -> usize {
        let controllers = (self.checked.len() + self.tasks) * controller_bytes(self.tasks);
        index_set_bytes(&self.checked, self.tasks) + controllers
    }

    fn swaps(&self) -> impl Iterator<Item = (usize, usize)> {
        self.classes.iter().flat_map(|class| class.windows(2).map(|pair| (pair[0], pair[1])))
    }

    /// Marks go with the task, and two tasks with equal marks can change places.
    fn check_marks(
        &self,
        control: &Control<C>,
        swapped_control: &Control<C>,
        swap: (usize, usize),
    ) -> Result<(), Asymmetric> {
        let marks = |control: &Control<C>| -> Vec<u64> {
            (0..self.tasks).map(|task| (self.mark)(&control.controller, TaskId::at(task))).collect()
        };
        let (before, mut after) = (marks(control), marks(swapped_control));
        after.swap(swap.0, swap.1);
        let tie_is_real = before[swap.0] != before[swap.1] || control == swapped_control;
        if before == after && tie_is_real { Ok(()) } else { Err(Asymmetric) }
    }
}

/// In how many ways so many tasks can stand in groups of these sizes.
fn arrangements(groups: impl Iterator<Item = usize>) -> u128 {
    let mut total = 0;
    groups.fold(1, |ways, group| {
        total += group as u128;
        ways * num_integer::binomial(total, group as u128)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::search::Graph;
    use crate::protocol::rules::{Fence, PROTOCOLS, Rules, Timeout};
    use crate::protocol::scenario::Fate;
    use crate::protocol::world::Setup;

    /// Its search checks it at the states that it meets, not at every renaming of them.
    #[test]
    fn the_pipelines_controller_treats_tasks_alike_at_every_renaming() {
        let mut inputs = 0;
        for (_, rules) in PROTOCOLS {
            for (fence, timeout) in [(Fence::None, Timeout::None), (Fence::Attempt, Timeout::Hasty)] {
                let rules = Rules { attempts: 2, fence, timeout, ..rules };
                let scenario = Scenario::new(rules, 4).unwrap().with_fate(Fate::Panics, 4, &[1]).unwrap();
                let setup = Setup::of(scenario);
                let symmetry = Symmetry::<Pipeline>::of(&setup.scenario).following_renamings();
                let graph = Graph::explore(&setup, &World::start(&setup), &[], Some(symmetry), &Limits::default());
                let graph = graph.ok().expect("no renaming is treated otherwise");
                assert!(graph.complete().is_some());
                inputs += graph.symmetry.unwrap().checked.len();
            }
        }
        assert!(inputs > 1_000, "{inputs}");
    }

    #[test]
    fn no_more_tasks_are_alike_than_their_renamings_can_be_counted() {
        let rules = Rules::named("seed/fixed").expect("a named protocol");
        let classes = classes(&Scenario::new(rules, 40).expect("forty tasks"));
        // 34! fits in 128 bits, 35! does not.
        assert_eq!(classes.iter().map(Vec::len).collect::<Vec<_>>(), [34]);
    }
}
