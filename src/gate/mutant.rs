//! A user's controller with a flaw.
//!
//! A mutant changes the inputs that its controller gets, but not the controller's code. It also has a sound copy of the
//! controller, which gets the unchanged inputs. When the two publish different phases or ask for different effects, the
//! mutant is distinguished from the controller.

use super::coverage::InputKind;
use crate::core::{ActorId, Context, Controller, Input, Kind, Notice, Phase, Stage};

/// What is wrong with a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// No notice of this task reaches the controller.
    ForgetsTask(ActorId),
    /// The first input of this kind is dropped.
    DropsFirst(InputKind),
    /// Each input of this kind is given to the controller twice.
    CountsTwice(InputKind),
    /// An input of this kind is given to the controller only when the next input comes.
    AnswersLate(InputKind),
    /// If one more notice would bring the controller up, the mutant acts as if that notice had been received.
    UpOneEarly,
}

/// A controller with a flaw.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mutant<C> {
    /// The controller that gets the wrong inputs.
    pub inner: C,
    /// The controller that gets the right inputs. `None` if the two have been distinguished.
    pub sound: Option<C>,
    flaw: Flaw,
    /// The kinds of notice that may bring the controller up.
    kinds: Vec<Kind>,
    /// Whether the flaw has been used, if it is used only once.
    spent: bool,
    /// An input that was not given to the controller yet, and whether it was stale.
    late: Option<(Input, bool)>,
}

impl<C: Controller> Mutant<C> {
    /// A mutant of a controller that has received nothing.
    pub fn new(controller: C, flaw: Flaw, kinds: Vec<Kind>) -> Self {
        Self { inner: controller.clone(), sound: Some(controller), flaw, kinds, spent: false, late: None }
    }

    fn react(&mut self, input: Input, now: &mut Context) {
        let kind = InputKind::of(input);
        match self.flaw {
            Flaw::ForgetsTask(task) if matches!(input, Input::Notice(notice) if notice.from == task) => {}
            Flaw::DropsFirst(dropped) if kind == dropped && !self.spent => self.spent = true,
            Flaw::CountsTwice(twice) if kind == twice => {
                self.inner.on(input, now);
                self.inner.on(input, now);
            }
            Flaw::AnswersLate(late) => {
                self.answer_late(now);
                if kind == late {
                    self.late = Some((input, now.stale));
                } else {
                    self.inner.on(input, now);
                }
            }
            _ => self.inner.on(input, now),
        }
        if self.flaw == Flaw::UpOneEarly {
            self.come_up_early(now);
        }
    }

    fn answer_late(&mut self, now: &mut Context) {
        let Some((input, stale)) = self.late.take() else { return };
        let is_stale = std::mem::replace(&mut now.stale, stale);
        self.inner.on(input, now);
        now.stale = is_stale;
    }

    /// Gives the controller the notice that would bring it up, if there is one.
    fn come_up_early(&mut self, now: &mut Context) {
        if self.inner.phase().stage != Stage::Starting || !now.effects.is_empty() {
            return;
        }
        for from in (1..=now.tasks).map(ActorId) {
            for &kind in &self.kinds {
                let (mut next, mut then) = (self.inner.clone(), now.clone());
                then.stale = false;
                next.on(Input::Notice(Notice { from, attempt: now.attempt, kind }), &mut then);
                if next.phase().stage == Stage::Up {
                    (self.inner, now.effects) = (next, then.effects);
                    return;
                }
            }
        }
    }
}

impl<C: Controller> Controller for Mutant<C> {
    fn on(&mut self, input: Input, now: &mut Context) {
        let mut sound_now = now.clone();
        self.react(input, now);
        if let Some(sound) = &mut self.sound {
            sound.on(input, &mut sound_now);
            if sound.phase() != self.inner.phase() || sound_now.effects != now.effects {
                self.sound = None;
            }
        }
    }

    fn phase(&self) -> Phase {
        self.inner.phase()
    }

    fn counted(&self) -> Option<u8> {
        self.inner.counted()
    }

    fn has_counted(&self, task: ActorId) -> bool {
        self.inner.has_counted(task)
    }

    fn names(&self) -> &'static [&'static str] {
        self.inner.names()
    }
}
