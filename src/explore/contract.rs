//! Tests the contract of a controller during a search.
//!
//! A search relies on three promises of a controller: a clone is equal to its original, two equal controllers react
//! alike, and the same input always gives the same reaction. So each new (controller, input) pair is tried twice, on
//! two clones. A third reaction, the one that the search uses, is compared with these. From then on the search looks
//! the reaction up. At the end of the search every pair is tried again, in order of discovery, until at least a
//! thousand trials were made. A difference is a breach, and no verdict is made.
//!
//! Only `clone`, `==`, `hash`, `Debug`, `phase`, `counted` and the driver's `receive` are called; and `mark` and `swap`
//! if tasks are interchanged.

use std::fmt::Debug;
use std::hash::{BuildHasher, Hash};

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

use super::limits::{controller_heap, index_map_bytes, index_set_bytes};
use super::orbits::Symmetry;
use crate::core::{ActorId, Controller, Input};
use crate::model::{ContractViolation, Driver, Model, Received};
use crate::transition::Transition;

/// How many different controllers are compared with each other after the last state.
const COMPARED: usize = 256;

/// Why a search has no verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// The controller panicked, or broke a rule of its contract.
    Breach(ContractViolation),
    /// The controller broke a promise: two values that should be the same differ.
    Differs(Difference),
    /// A claim panicked.
    Claim {
        /// Which claim.
        id: String,
        /// The message of the panic.
        panic: String,
    },
    /// A claim is about a task that does not exist, or about no task at all.
    NoSuchTask {
        /// Which claim.
        id: String,
        /// Which task. `None` if the claim is about no task.
        task: Option<ActorId>,
        /// How many tasks there are.
        tasks: u8,
    },
    /// The schedule that the search found for a claim, when it is replayed, does not lead to a state that breaks the
    /// claim, or that the claim asks for.
    NotReplayed {
        /// Which claim.
        id: String,
    },
}

/// The `Debug` texts of two controllers that should be the same but differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// A clone is not equal to its original.
    Clone(String, String),
    /// They are equal but print different texts.
    Debug(String, String),
    /// They are equal but have different hashes.
    Hash(String, String),
    /// They are two results of the same controller and the same input.
    Reaction(Box<[(Transition, String); 2]>),
}

impl From<ContractViolation> for Violation {
    fn from(breach: ContractViolation) -> Self {
        Self::Breach(breach)
    }
}

impl From<Difference> for Violation {
    fn from(difference: Difference) -> Self {
        Self::Differs(difference)
    }
}

/// A controller (its number in the search), an input, and whether the input is a stale notice: one from an attempt that
/// its sender has left.
pub type Pair = (u32, Input, bool);

/// The reaction of a controller when a pair was new.
struct Answer<C> {
    received: Received,
    after: C,
}

/// The reactions of a controller that are known so far.
pub struct Contract<C> {
    answers: IndexMap<Pair, Answer<C>, FxBuildHasher>,
    /// The distinct controllers that were found. If tasks are interchanged, one controller is kept of those that differ
    /// only in the names of tasks.
    met: IndexSet<Driver<C>, FxBuildHasher>,
    tasks: usize,
    /// How many bytes a controller has on the heap.
    heap: usize,
}

impl<C: Controller> Contract<C> {
    /// Nothing is known yet about the model's controller.
    pub fn of(model: &Model<C>) -> Self {
        let (tasks, heap) = (usize::from(model.tasks()), controller_heap(model));
        Self { answers: IndexMap::default(), met: IndexSet::default(), tasks, heap }
    }

    /// The bytes in use, and those that one more state adds.
    pub fn bytes(&self) -> usize {
        let controllers = (self.answers.len() + self.met.len() + 1) * self.heap;
        index_map_bytes(&self.answers, self.tasks) + index_set_bytes(&self.met, self.tasks) + controllers
    }

    /// Checks the controller that a search starts from.
    ///
    /// # Errors
    /// How it breaks the contract.
    pub fn start(&mut self, control: &Driver<C>, symmetry: Option<&Symmetry<C>>) -> Result<(), Violation> {
        let _ = (control.controller.phase(), control.controller.counted());
        self.meet(control, symmetry)
    }

    /// Whether a pair is new.
    pub fn is_new(&self, pair: Pair) -> bool {
        !self.answers.contains_key(&pair)
    }

    /// Checks a pair that is new: two clones of the controller must react alike.
    ///
    /// # Errors
    /// How the controller breaks the contract.
    pub fn check(&mut self, pair: Pair, control: &Driver<C>, symmetry: Option<&Symmetry<C>>) -> Result<(), Violation> {
        let (mut one, mut other) = (control.clone(), control.clone());
        let received = one.receive(pair.1, pair.2)?;
        let again = other.receive(pair.1, pair.2)?;
        received.effects.iter().filter(|effect| effect.begins()).for_each(|_| {
            one.next_attempt();
        });
        self.meet(&one, symmetry)?;
        let answer = Answer { received, after: one.controller };
        answer.compare(control, &again, &other.controller)?;
        same(&answer.after, &other.controller)?;
        self.answers.insert(pair, answer);
        Ok(())
    }

    /// Compares a reaction of the search with the first one of its pair.
    ///
    /// # Errors
    /// Both reactions, if they differ.
    pub fn compare(&self, pair: Pair, before: &Driver<C>, received: &Received, after: &C) -> Result<(), Difference> {
        self.answers.get(&pair).map_or(Ok(()), |answer| answer.compare(before, received, after))
    }

    /// Tries a pair once more.
    ///
    /// # Errors
    /// How the controller breaks the contract.
    pub fn repeat<'a>(&self, index: usize, control: impl Fn(u32) -> &'a Driver<C>) -> Result<(), Violation> {
        let Some((&(id, input, stale), answer)) = self.answers.get_index(index) else { return Ok(()) };
        let before = control(id);
        let mut again = before.clone();
        let received = again.receive(input, stale)?;
        Ok(answer.compare(before, &received, &again.controller)?)
    }

    /// Compares the controllers with each other. If two of them are equal, the search took them for different ones
    /// because their hashes differ. Only the first [`COMPARED`] are compared.
    ///
    /// # Errors
    /// The two controllers, if some two are equal.
    pub fn compare_hashes(&self) -> Result<(), Difference> {
        let met: Vec<&Driver<C>> = self.met.iter().take(COMPARED).collect();
        for (index, one) in met.iter().enumerate() {
            if let Some(other) = met[..index].iter().find(|other| *other == one) {
                return Err(Difference::Hash(show(&other.controller), show(&one.controller)));
            }
        }
        Ok(())
    }

    /// Records a controller. Its clone must be the same, and so must an equal controller that was found before.
    fn meet(&mut self, control: &Driver<C>, symmetry: Option<&Symmetry<C>>) -> Result<(), Violation> {
        let clone = control.clone();
        if clone != *control {
            return Err(Difference::Clone(show(&control.controller), show(&clone.controller)).into());
        }
        same(&control.controller, &clone.controller)?;
        let form = symmetry.map_or(clone, |symmetry| symmetry.form(control));
        match self.met.get(&form) {
            Some(equal) => same(&equal.controller, &form.controller)?,
            None => drop(self.met.insert(form)),
        }
        Ok(())
    }
}

impl<C: Controller> Answer<C> {
    fn compare(&self, before: &Driver<C>, received: &Received, after: &C) -> Result<(), Difference> {
        if self.received == *received && self.after == *after {
            return Ok(());
        }
        let first = told(before, &self.received, &self.after);
        Err(Difference::Reaction(Box::new([first, told(before, received, after)])))
    }
}

/// What a controller did, and its state afterwards.
fn told<C: Controller>(before: &Driver<C>, received: &Received, after: &C) -> (Transition, String) {
    let mut driver = before.clone();
    driver.controller.clone_from(after);
    received.effects.iter().filter(|effect| effect.begins()).for_each(|_| {
        driver.next_attempt();
    });
    (Transition::of(before, received.clone(), &driver), show(after))
}

/// Checks that two equal controllers print the same text and have the same hash.
fn same<C: Debug + Hash>(one: &C, other: &C) -> Result<(), Difference> {
    let (one_text, other_text) = (show(one), show(other));
    if one_text != other_text {
        return Err(Difference::Debug(one_text, other_text));
    }
    let hash = |controller: &C| FxBuildHasher.hash_one(controller);
    if hash(one) == hash(other) { Ok(()) } else { Err(Difference::Hash(one_text, other_text)) }
}

fn show(value: &impl Debug) -> String {
    format!("{value:?}")
}
