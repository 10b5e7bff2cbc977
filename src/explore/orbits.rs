//! Tasks that are alike are interchangeable: one representative is kept for all states that differ only in the names of
//! tasks.
//!
//! Two tasks are alike if they have the same faults, worker and script, and no condition refers to either. The
//! representative names them in the order of their sort keys: the place of the first notice in the inboxes, the
//! controller's mark, and how far the task has come in each attempt. An exchange of tasks with equal sort keys changes
//! nothing. So an orbit has exactly one representative, and its size is a product of multinomial coefficients.
//!
//! This is sound only if the controller treats tasks alike. A controller promises that by implementing [`Symmetric`],
//! and the search checks the promise: see [`Symmetry::check_input`]. If a check fails, the search is repeated without
//! interchanging tasks.

use std::any::TypeId;
use std::collections::BTreeSet;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::limits::{Limit, Limits, controller_heap, index_set_bytes};
pub use super::naming::Permutation;
use super::permute::{rename_input, rename_received, rename_stage, swapped};
use crate::core::{ActorId, Controller, Effect, Input, PipelineController, Status, TaskState, When};
use crate::model::{Actor, Driver, Model, World};

/// A controller that treats tasks alike.
pub trait Symmetric: Controller {
    /// What the controller remembers of one task. Swapping two tasks with equal marks must not change the controller.
    fn mark(&self, task: ActorId) -> u64;

    /// Swaps two tasks in everything that the controller remembers. Every renaming is a sequence of such swaps, so what
    /// is checked for swaps holds for every renaming.
    fn swap(&mut self, a: ActorId, b: ActorId);
}

impl Symmetric for PipelineController {
    fn mark(&self, task: ActorId) -> u64 {
        let is_named = self.stage == rename_stage(self.stage, &|_| task);
        let known = [self.counted.contains(&task), self.over.contains(&task), is_named];
        known.iter().rev().fold(0, |mark, &known| 2 * mark + u64::from(known))
    }

    fn swap(&mut self, a: ActorId, b: ActorId) {
        swap_in(&mut self.counted, a, b);
        swap_in(&mut self.over, a, b);
        self.stage = rename_stage(self.stage, &|task| swapped(task, a, b));
    }
}

fn swap_in(tasks: &mut BTreeSet<ActorId>, a: ActorId, b: ActorId) {
    let (gone, come) = if tasks.contains(&a) { (a, b) } else { (b, a) };
    if tasks.contains(&a) != tasks.contains(&b) {
        tasks.remove(&gone);
        tasks.insert(come);
    }
}

/// The symmetry of a model.
pub struct Symmetry<C> {
    tasks: usize,
    /// How many bytes a controller has on the heap.
    heap: usize,
    pub(super) classes: Vec<Vec<usize>>,
    mark: fn(&C, ActorId) -> u64,
    pub(super) swap: fn(&mut C, ActorId, ActorId),
    /// On how many renamings a user's claims were evaluated.
    pub(super) claims_asked: usize,
    checked: IndexSet<Asked<C>, FxBuildHasher>,
    /// Whether an input is checked at every renaming of a state, or at the state itself only.
    follows_renamings: bool,
}

/// A controller, an input, and whether the input is a notice of an attempt that its sender has left.
type Asked<C> = (Driver<C>, Input, bool);

/// Makes the symmetry of a model.
pub type SymmetryOf<C> = fn(&Model<C>) -> Symmetry<C>;

/// How many swaps of a controller and an input may be checked, and on how many renamings claims may be evaluated. If
/// more are needed, the controller or the claim is not known to treat tasks alike: the search interchanges no tasks.
pub(super) const MOST_CHECKED: usize = 1 << 22;

/// Only the first tasks are interchanged, at most this many. To use only a part of a symmetry is sound, too.
pub const MOST_TASKS: usize = 25;

/// If old attempts linger and there are more attempts than this, tasks are not interchanged.
pub const MOST_GROUPS: usize = 10;

/// The controller or a claim does not treat tasks alike, or is not known to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asymmetric;

/// Why the check of an input did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchecked {
    /// The controller or a claim does not treat tasks alike.
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

impl<C: Symmetric> Symmetry<C> {
    /// The symmetry of a model.
    pub fn of(model: &Model<C>) -> Self {
        Self {
            tasks: usize::from(model.tasks()),
            heap: controller_heap(model),
            classes: classes(model),
            mark: C::mark,
            swap: C::swap,
            claims_asked: 0,
            checked: IndexSet::default(),
            follows_renamings: TypeId::of::<C>() != TypeId::of::<PipelineController>(),
        }
    }

    /// The same symmetry, but it checks the built-in controller, too, at every renaming.
    #[cfg(all(test, not(loom)))]
    fn following_renamings(mut self) -> Self {
        self.follows_renamings = true;
        self
    }
}

/// The classes of tasks that are alike. Each has at least two tasks.
fn classes<C: Controller>(model: &Model<C>) -> Vec<Vec<usize>> {
    let mut classes: Vec<Vec<usize>> = Vec::new();
    // A command that was sent to a task could distinguish it from the others. With more than `most` attempts the
    // reduction is not worth its cost.
    let most = if model.run().lingers { MOST_GROUPS } else { 16 };
    if model.has_commands || usize::from(model.run().attempts) > most {
        return classes;
    }
    let tasks = &model.actors[..usize::from(model.tasks()).min(MOST_TASKS)];
    for (index, task) in tasks.iter().enumerate().filter(|(index, _)| !is_named(model, ActorId::at(*index))) {
        let alike = |class: &&mut Vec<usize>| is_like(&tasks[class[0]], task);
        match classes.iter_mut().find(alike) {
            None => classes.push(vec![index]),
            Some(class) => class.push(index),
        }
    }
    classes.retain(|class| class.len() > 1);
    classes
}

/// Whether a condition of a line or of a fault is about this actor.
fn is_named<C: Controller>(model: &Model<C>, id: ActorId) -> bool {
    let names = |when: &When| match *when {
        When::After(other, _) | When::Before(other, _) | When::Dead(other) | When::Gone(other) => other == id,
        When::Command(_) | When::Stopping | When::BarrierFull => false,
    };
    let of_lines = |actor: &Actor| actor.script.lines.iter().flat_map(|line| &line.when).any(names);
    let of_faults = |actor: &Actor| actor.faults.iter().flat_map(|spec| &spec.when).any(names);
    model.actors.iter().any(|actor| of_lines(actor) || of_faults(actor))
}

/// Whether two tasks differ in nothing but their names.
fn is_like(one: &Actor, other: &Actor) -> bool {
    let Actor { name: _, is_task, script, worker, renewed, is_fault, faults } = one;
    (is_task, script, worker) == (&other.is_task, &other.script, &other.worker)
        && (renewed, is_fault, faults) == (&other.renewed, &other.is_fault, &other.faults)
}

impl<C: Controller> Symmetry<C> {
    /// The tasks that are alike, class by class.
    pub(super) fn classes(&self) -> &[Vec<usize>] {
        &self.classes
    }

    /// What a controller remembers of a task.
    pub(super) fn mark(&self, driver: &Driver<C>, task: ActorId) -> u64 {
        (self.mark)(&driver.controller, task)
    }

    /// The names that turn a state into its representative.
    pub fn naming(&self, world: &World<C>, naming: &mut Permutation) {
        self.look(world, naming);
        let mut sorted = std::mem::take(&mut naming.sorted);
        for class in &self.classes {
            sorted.clone_from(class);
            sorted.sort_by(|&a, &b| naming.compare(a, b));
            class.iter().zip(&sorted).for_each(|(&name, &task)| (naming.from[name], naming.to[task]) = (task, name));
        }
        naming.sorted = sorted;
    }

    /// Collects the sort key of each task.
    fn look(&self, world: &World<C>, Permutation { sights, lingering, .. }: &mut Permutation) {
        sights.clear();
        sights.extend(
            world.attempts[0][..self.tasks].iter().enumerate().map(|(task, &state)| {
                (usize::MAX, (self.mark)(&world.driver.controller, ActorId::at(task)), bits(state))
            }),
        );
        for (at, notice) in world.inboxes.iter().flatten().enumerate() {
            if let Some((first, ..)) = sights.get_mut(notice.from.index()) {
                *first = at.min(*first);
            }
        }
        lingering.clear();
        lingering.extend(world.attempts[1..].iter().flatten().map(|&state| bits(state)));
    }

    /// Renames the tasks that a controller remembers, by swaps of two neighbours: only such swaps were checked on the
    /// controller.
    pub fn rename(&self, control: &mut Driver<C>, naming: &Permutation) {
        for class in &self.classes {
            let mut names: Vec<usize> = class.iter().map(|&task| naming.to[task]).collect();
            for last in 1..names.len() {
                for at in (1..=last).rev() {
                    if names[at - 1] < names[at] {
                        break;
                    }
                    names.swap(at - 1, at);
                    (self.swap)(&mut control.controller, ActorId::at(class[at - 1]), ActorId::at(class[at]));
                }
            }
        }
    }

    /// The representative of all controllers that differ only in the names of tasks: it has the tasks sorted by mark.
    pub fn form(&self, control: &Driver<C>) -> Driver<C> {
        let mut naming = Permutation::identity(self.tasks);
        for class in &self.classes {
            let mut sorted = class.clone();
            sorted.sort_by_key(|&task| (self.mark)(&control.controller, ActorId::at(task)));
            class.iter().zip(&sorted).for_each(|(&name, &task)| naming.to[task] = name);
        }
        let mut form = control.clone();
        self.rename(&mut form, &naming);
        form
    }

    /// Checks that the controller prefers no task before its first input.
    ///
    /// # Errors
    /// [`Asymmetric`] if it prefers one: then a state may be reachable although some of its renamings are not.
    pub fn check_start(&self, start: &Driver<C>) -> Result<(), Asymmetric> {
        let is_changed_by = |(a, b): (usize, usize)| {
            let mut renamed = start.clone();
            (self.swap)(&mut renamed.controller, ActorId::at(a), ActorId::at(b));
            renamed != *start || format!("{renamed:?}") != format!("{start:?}")
        };
        if self.swaps().any(is_changed_by) { Err(Asymmetric) } else { Ok(()) }
    }

    /// Checks that the controller's reaction to this input does not depend on the names of the tasks. For every
    /// renaming of the controller and the input, the reaction to the renamed input must be the renamed reaction. It is
    /// enough to check swaps of two neighbours, starting from this controller and from every controller that such swaps
    /// lead to: these swaps make up every renaming.
    ///
    /// There may be exponentially many renamings. So the built-in controller is checked only as it is, not renamed: a
    /// test checks it at every renaming of four tasks, and it uses a task's number only in sets, in the reason of
    /// Failed and in the restart of one task.
    ///
    /// # Errors
    /// [`Asymmetric`] if the reaction depends on the names, or if there are too many renamings to check; or a [`Limit`]
    /// of the request.
    pub fn check_input(
        &mut self,
        control: &Driver<C>,
        (input, stale): (Input, bool),
        limits: &Limits,
    ) -> Result<(), Unchecked> {
        if !self.follows_renamings {
            return Ok(self.check_swaps(control, input, stale).map(|_| ())?);
        }
        let (mut account, before) = (limits.account(), self.bytes());
        let (mut at, is_new) = self.checked.insert_full((control.clone(), input, stale));
        while let Some((control, input, stale)) = self.checked.get_index(at).filter(|_| is_new).cloned() {
            account.hold(self.bytes().saturating_sub(before))?;
            if at * self.tasks > MOST_CHECKED {
                return Err(Asymmetric.into());
            }
            self.checked.extend(self.check_swaps(&control, input, stale)?);
            at += 1;
        }
        Ok(())
    }

    /// Checks one controller and input under every swap of two neighbours; returns the swapped controllers and inputs.
    fn check_swaps(&self, before: &Driver<C>, input: Input, stale: bool) -> Result<Vec<Asked<C>>, Asymmetric> {
        let mut after = before.clone();
        let received = after.receive(input, stale).map_err(|_| Asymmetric)?;
        // Announcements are sent in the order of the tasks' numbers, so their order depends on the names.
        if received.effects.contains(&Effect::Reannounce) {
            return Err(Asymmetric);
        }
        let mut swapped_pairs = Vec::new();
        for (a, b) in self.swaps() {
            let swap = |task: ActorId| swapped(task, ActorId::at(a), ActorId::at(b));
            let (mut renamed, mut expected) = (before.clone(), after.clone());
            (self.swap)(&mut renamed.controller, ActorId::at(a), ActorId::at(b));
            (self.swap)(&mut expected.controller, ActorId::at(a), ActorId::at(b));
            self.check_marks(before, &renamed, (a, b))?;
            let renamed_input = rename_input(input, &swap);
            swapped_pairs.push((renamed.clone(), renamed_input, stale));
            let got = renamed.receive(renamed_input, stale).map_err(|_| Asymmetric)?;
            if got != rename_received(&received, &swap) || renamed != expected {
                return Err(Asymmetric);
            }
        }
        Ok(swapped_pairs)
    }

    /// The bytes of what was checked, and of what one more input adds.
    pub fn bytes(&self) -> usize {
        index_set_bytes(&self.checked, self.tasks) + (self.checked.len() + self.tasks) * self.heap
    }

    fn swaps(&self) -> impl Iterator<Item = (usize, usize)> {
        self.classes.iter().flat_map(|class| class.windows(2).map(|pair| (pair[0], pair[1])))
    }

    /// Checks that a swap of two tasks swaps their marks, and that a swap of tasks with equal marks changes nothing.
    fn check_marks(
        &self,
        control: &Driver<C>,
        swapped_control: &Driver<C>,
        swap: (usize, usize),
    ) -> Result<(), Asymmetric> {
        let marks = |control: &Driver<C>| -> Vec<u64> {
            (0..self.tasks).map(|task| (self.mark)(&control.controller, ActorId::at(task))).collect()
        };
        let (before, mut after) = (marks(control), marks(swapped_control));
        after.swap(swap.0, swap.1);
        let tie_is_real = before[swap.0] != before[swap.1] || control == swapped_control;
        if before == after && tie_is_real { Ok(()) } else { Err(Asymmetric) }
    }
}

/// All of a task's state in one number. No two states have the same number.
fn bits(TaskState { attempt, status, completed }: TaskState) -> u64 {
    u64::from(completed) << 16 | u64::from(status_code(status)) << 8 | u64::from(attempt.0)
}

/// A status in four bits.
fn status_code(status: Status) -> u8 {
    match status {
        Status::Live => 0,
        Status::Hung => 1,
        Status::Finished => 2,
        Status::Panicked(cause) => 4 + cause as u8,
        Status::Dead(cause) => 8 + cause as u8,
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::core::{Fault, Timeout};
    use crate::explore::steps::Steps;
    use crate::scenario::knobs::PROTOCOLS;
    use crate::scenario::{Rules, Scenario, Setup};

    /// A search checks this controller only as it finds it, not at every renaming. This test checks the renamings.
    #[test]
    fn the_pipelines_controller_treats_tasks_alike_at_every_renaming() {
        let mut inputs = 0;
        for (_, rules) in PROTOCOLS {
            for (fence, timeout) in [(false, Timeout::None), (true, Timeout::Hasty)] {
                let mut rules = rules;
                (rules.run.attempts, rules.run.timeout, rules.controller.fence) = (2, timeout, fence);
                let scenario = Scenario::new(rules, 4).unwrap().with_fault(Fault::Panics, 4, &[1]).unwrap();
                let setup = Setup::of(scenario);
                let mut symmetry = Symmetry::<PipelineController>::of(&setup.model).following_renamings();
                let steps = Steps::of(&setup.model, &setup.model.start(), &Limits::default()).unwrap();
                for world in &steps.worlds {
                    for action in setup.model.actions(world) {
                        let Some(input) = setup.model.input(world, action) else { continue };
                        let asked = (input, world.is_stale(input));
                        let checked = symmetry.check_input(&world.driver, asked, &Limits::default());
                        checked.expect("no renaming is treated otherwise");
                    }
                }
                inputs += symmetry.checked.len();
            }
        }
        assert!(inputs > 1_000, "{inputs}");
    }

    #[test]
    fn only_the_first_tasks_up_to_the_limit_are_interchanged() {
        let rules = Rules::named("seed/fixed").expect("a named protocol");
        let classes = classes(&Scenario::new(rules, 40).expect("forty tasks").model());
        assert_eq!(classes, [(0..MOST_TASKS).collect::<Vec<_>>()]);
    }
}
