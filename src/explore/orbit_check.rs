//! Checks that a user's claim has the same result on every renaming of a state.
//!
//! The search keeps one state for all states that differ only in the names of tasks. That is sound for a claim only if
//! its result is the same on all of them. A user's claim is therefore evaluated on each of them. That takes time, but
//! no memory. If a claim is declared to be about certain tasks ([`Claim::about`]), these are not interchanged.

use super::naming::Permutation;
use super::orbits::{Asymmetric, MOST_CHECKED, Symmetry};
use crate::claims::Claim;
use crate::core::{ActorId, Controller};
use crate::model::{Model, World};

/// A walk through all renamings of a state.
struct Walk<'a, C> {
    classes: &'a [Vec<usize>],
    swap: fn(&mut C, ActorId, ActorId),
    naming: &'a Permutation,
    /// For each class: its tasks, in the order of the names that they have at present.
    order: Vec<Vec<usize>>,
    world: World<C>,
}

impl<C: Controller> Symmetry<C> {
    /// Excludes these tasks from the interchange.
    pub fn leave_out(&mut self, tasks: &[ActorId]) {
        let stays = |task: &usize| !tasks.contains(&ActorId::at(*task));
        self.classes.iter_mut().for_each(|class| class.retain(stays));
        self.classes.retain(|class| class.len() > 1);
    }

    /// Checks that a claim has the same result on every renaming of a state.
    ///
    /// # Errors
    /// [`Asymmetric`] if it does not, or if there are too many renamings to evaluate.
    pub fn check_claim(&mut self, model: &Model<C>, world: &World<C>, claim: &Claim<C>) -> Result<(), Asymmetric> {
        let mut naming = Permutation::identity(model.actors().count());
        self.naming(world, &mut naming);
        let says = |world: &World<C>| {
            let applies = claim.applies(model, world);
            (applies, applies && claim.holds(model, world))
        };
        let (expected, asked) = (says(world), &mut self.claims_asked);
        let ask = &mut |world: &World<C>| {
            *asked += 1;
            if *asked <= MOST_CHECKED && says(world) == expected { Ok(()) } else { Err(Asymmetric) }
        };
        let order = self.classes.clone();
        let walk = Walk { classes: &self.classes, swap: self.swap, naming: &naming, order, world: world.clone() };
        { walk }.visit((0, 0), ask)
    }
}

impl<C: Controller> Walk<'_, C> {
    /// Assigns the names of a class, from index `at` on, and those of all later classes, to their tasks in every way
    /// that gives a different state. Calls `ask` on each of these states. Of tasks that compare equal, only one is
    /// tried in each place.
    fn visit(
        &mut self,
        (class, at): (usize, usize),
        ask: &mut impl FnMut(&World<C>) -> Result<(), Asymmetric>,
    ) -> Result<(), Asymmetric> {
        let Some(names) = self.classes.get(class).map(Vec::len) else { return ask(&self.world) };
        if at == names {
            return self.visit((class + 1, 0), ask);
        }
        let mut tried: Vec<usize> = Vec::new();
        for from in at..names {
            let task = self.order[class][from];
            if tried.iter().any(|&other| self.naming.compare(other, task).is_eq()) {
                continue;
            }
            tried.push(task);
            (at..from).rev().for_each(|place| self.exchange(class, place));
            self.visit((class, at + 1), ask)?;
            (at..from).for_each(|place| self.exchange(class, place));
        }
        Ok(())
    }

    /// Exchanges the tasks that have the name at index `place` of the class and the next name. Only swaps of neighbours
    /// were checked on the controller.
    fn exchange(&mut self, class: usize, place: usize) {
        let (a, b) = (self.classes[class][place], self.classes[class][place + 1]);
        self.order[class].swap(place, place + 1);
        self.world.attempts.iter_mut().for_each(|states| states.swap(a, b));
        let (a, b) = (ActorId::at(a), ActorId::at(b));
        for notice in self.world.inboxes.iter_mut().flatten() {
            notice.from = super::permute::swapped(notice.from, a, b);
        }
        (self.swap)(&mut self.world.driver.controller, a, b);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use crate::claims::{Claim, Scope, State};
    use crate::core::{ActorId, PipelineController, Stage};
    use crate::explore::report::{Check, Report};
    use crate::scenario::{Rules, Scenario, Setup};

    fn setup() -> Setup<PipelineController> {
        let rules = Rules::named("seed/buggy").expect("a named protocol");
        Setup::of(Scenario::new(rules, 3).and_then(|it| it.failing(&[1, 2, 3])).expect("three tasks"))
    }

    fn judged(
        claim: &dyn Fn() -> Claim<PipelineController>,
    ) -> (Report<PipelineController>, Report<PipelineController>) {
        let run = |check: Check<'static, PipelineController>| check.claim(claim()).run().expect("no breach");
        (run(Check::new(setup()).symmetric()), run(Check::new(setup())))
    }

    fn assert_same(one: &Report<PipelineController>, other: &Report<PipelineController>) {
        assert_eq!((&one.states, &one.schedules), (&other.states, &other.schedules));
        for (one, other) in one.claims.iter().zip(&other.claims) {
            assert_eq!((one.verdict, &one.premise_held), (other.verdict, &other.premise_held), "{}", one.claim.id);
            let share =
                |it: &super::super::report::Judgement<_>| it.share.as_ref().map(|share| share.schedules.clone());
            assert_eq!(share(one), share(other), "{}", one.claim.id);
        }
    }

    fn up(state: &State<'_, PipelineController>) -> bool {
        state.stage() == Stage::Up
    }

    #[test]
    fn a_claim_that_names_no_task_keeps_the_interchange_of_tasks() {
        let few_die = |state: &State<'_, PipelineController>| state.tasks().filter(|task| task.is_dead()).count() < 2;
        let (reduced, full) =
            judged(&|| Claim::new("few-die", "Running: fewer than two are dead", Scope::Always, up, few_die));
        assert!(reduced.reduced && !full.reduced);
        assert_same(&reduced, &full);
    }

    #[test]
    fn if_a_claim_refers_to_a_task_without_declaring_it_no_tasks_are_interchanged() {
        for number in 1..=3 {
            let lives = move |state: &State<'_, PipelineController>| {
                state.task(ActorId(number)).is_some_and(|task| !task.is_dead())
            };
            let (reduced, full) = judged(&|| Claim::new("lives", "Running: this task lives", Scope::Always, up, lives));
            assert!(!reduced.reduced, "task {number}");
            assert_same(&reduced, &full);
        }
        // A claim about two tasks: a single exchange in a sorted state does not change its result.
        let both = |state: &State<'_, PipelineController>| {
            let dead = |number| state.task(ActorId(number)).is_some_and(|task| task.is_dead());
            !(dead(1) && dead(2))
        };
        let (reduced, full) = judged(&|| Claim::new("one-lives", "Running: one of two lives", Scope::AtEnd, up, both));
        assert_same(&reduced, &full);
    }

    #[test]
    fn a_task_that_a_claim_is_about_leaves_its_orbit() {
        let lives = |state: &State<'_, PipelineController>| state.tasks().all(|task| !task.is_dead());
        let claim = || Claim::new("lives", "Running: it lives", Scope::AtEnd, up, lives).about(&[ActorId(3)]);
        let (reduced, full) = judged(&claim);
        assert!(reduced.reduced && reduced.orbits < full.orbits);
        assert_same(&reduced, &full);
    }
}
