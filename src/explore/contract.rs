//! The contract of a controller, put to the test during a search.
//!
//! A search believes what a controller says of itself: that a clone is equal to its original, that two equal controllers
//! react alike, and that the same input brings the same reaction. Each (controller, input) pair is therefore reacted to
//! twice when it is new, from two clones, and again after the last state, in order of discovery. Every reaction of
//! the search itself is compared as well; the search that keeps no graph asks for each pair once and looks its answer up
//! from then on, so at its end it asks again, a thousand times in all. A difference is a breach; it is no verdict.
//!
//! Only `clone`, `==`, `hash`, `Debug` and the driver's `receive` are asked.

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

/// Why a search came to no verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// The controller panicked, or contradicted itself.
    Breach(ContractViolation),
    /// The controller is not what it says.
    Differs(Difference),
    /// A claim panicked.
    Claim {
        /// Which claim.
        id: String,
        /// With this message.
        panic: String,
    },
    /// A claim speaks of a task that is not there, or of none at all.
    NoSuchTask {
        /// Which claim.
        id: String,
        /// Which task; none if it names no task.
        task: Option<ActorId>,
        /// How many tasks there are.
        tasks: u8,
    },
    /// The schedule that the search found for a claim does not lead there when it is replayed.
    NotReplayed {
        /// Which claim.
        id: String,
    },
}

/// Two controllers, as their `Debug` shows them, that should be the same and are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// A clone is not equal to its original.
    Clone(String, String),
    /// They are equal and print different texts.
    Debug(String, String),
    /// They are equal and have different hashes.
    Hash(String, String),
    /// They are what the same controller became after the same input.
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

/// A controller, by its number in the search, and an input; and whether that is a notice of an attempt that its sender has
/// left.
pub type Pair = (u32, Input, bool);

/// What a controller answered when a pair was new.
struct Answer<C> {
    received: Received,
    after: C,
}

/// What is known of a controller's reactions.
pub struct Contract<C> {
    answers: IndexMap<Pair, Answer<C>, FxBuildHasher>,
    /// Every different controller that was met; of those that differ only in the names of tasks, one.
    met: IndexSet<Driver<C>, FxBuildHasher>,
    tasks: usize,
    /// What a controller keeps on the heap.
    heap: usize,
}

impl<C: Controller> Contract<C> {
    /// Of a model's controller, nothing is known.
    pub fn of(model: &Model<C>) -> Self {
        let (tasks, heap) = (usize::from(model.tasks()), controller_heap(model));
        Self { answers: IndexMap::default(), met: IndexSet::default(), tasks, heap }
    }

    /// The bytes of what is known, and of what one more state adds.
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
    /// The two, if they differ.
    pub fn compare(&self, pair: Pair, before: &Driver<C>, received: &Received, after: &C) -> Result<(), Difference> {
        self.answers.get(&pair).map_or(Ok(()), |answer| answer.compare(before, received, after))
    }

    /// Reacts to a pair once more.
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

    /// Compares the controllers that were met with each other: two that are equal were taken for different ones by their
    /// hash. Only so many are compared.
    ///
    /// # Errors
    /// The two, if there are such.
    pub fn compare_hashes(&self) -> Result<(), Difference> {
        let met: Vec<&Driver<C>> = self.met.iter().take(COMPARED).collect();
        for (index, one) in met.iter().enumerate() {
            if let Some(other) = met[..index].iter().find(|other| *other == one) {
                return Err(Difference::Hash(show(&other.controller), show(&one.controller)));
            }
        }
        Ok(())
    }

    /// Meets a controller: a clone is the same, and so is every equal one that was met before.
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

/// What a controller did, and what it became.
fn told<C: Controller>(before: &Driver<C>, received: &Received, after: &C) -> (Transition, String) {
    let mut driver = before.clone();
    driver.controller.clone_from(after);
    received.effects.iter().filter(|effect| effect.begins()).for_each(|_| {
        driver.next_attempt();
    });
    (Transition::of(before, received.clone(), &driver), show(after))
}

/// Whether two controllers that are equal print the same text and have the same hash.
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
