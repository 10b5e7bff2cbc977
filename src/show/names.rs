//! The names of the actors of a model: their numbers, or the names that the user gave.

use crate::core::{ActorId, Attempt};
use crate::model::{Actor, Model};
use crate::scenario::usual_name;

use super::foreign::escaped;
use super::labels::{list, numbered};

/// The names of the actors, and whether attempts are shown.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Empty if actors are shown by their numbers.
    named: &'a [Actor],
    /// Whether a notice shows its attempt.
    pub attempts: bool,
}

impl<'a> Names<'a> {
    /// Numbers, for a text without a model.
    pub const NUMBERS: Self = Self { named: &[], attempts: true };

    /// Numbers only.
    pub fn numbers(attempts: bool) -> Self {
        Self { attempts, ..Self::NUMBERS }
    }

    /// The names of a model. If every actor is a task with its usual name, actors are shown by their numbers.
    pub fn of<C>(model: &'a Model<C>) -> Self {
        let is_usual = |(number, actor): (u8, &Actor)| actor.is_task && actor.name == usual_name(number);
        let usual = (1..=u8::MAX).zip(&model.actors).all(is_usual);
        Self { named: if usual { &[] } else { &model.actors }, attempts: model.run.attempts > 1 }
    }

    /// Whether actors are shown by names.
    pub fn are_own(self) -> bool {
        !self.named.is_empty()
    }

    fn own(self, id: ActorId) -> Option<String> {
        self.named.get(id.index()).map(|actor| escaped(&actor.name).into_owned())
    }

    /// `task 2`, or its name.
    pub fn one(self, id: ActorId) -> String {
        self.own(id).unwrap_or_else(|| format!("task {}", id.0))
    }

    /// `tasks 1 and 3`, or their names.
    pub fn several(self, ids: &[ActorId]) -> String {
        match self.named {
            [] => numbered("task", &ids.iter().map(|id| id.0).collect::<Vec<_>>()),
            _ => list(ids.iter().map(|&id| self.one(id))),
        }
    }

    /// In a notice: `2`, or its name; with its attempt `2@1`.
    pub fn bare(self, id: ActorId, attempt: Attempt) -> String {
        let name = self.own(id).unwrap_or_else(|| id.0.to_string());
        // A helper that no retry restarts has no attempt to show.
        let has_attempts = self.named.get(id.index()).is_none_or(|actor| actor.renewed);
        if self.attempts && has_attempts { format!("{name}@{}", attempt.0) } else { name }
    }
}
