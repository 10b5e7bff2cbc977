//! A level that is being played.

use std::sync::Arc;

use num_bigint::BigUint;

use super::command::Command;
use super::levels::{Goal, Level};
use crate::core::PipelineController;
use crate::explore::explain::{Explanation, explain};
use crate::explore::forecast::{Forecast, Outcome};
use crate::explore::probability::Measure;
use crate::explore::replay::ReplayError;
use crate::explore::report::{Check, Judgement, Report};
use crate::explore::state_space::StateSpace;
use crate::explore::steps::Id;
use crate::explore::trace::Trace;
use crate::model::{Action, Blocked, Refused, World};
use crate::scenario::Setup;
use crate::schedule::Schedule;
use crate::transition::Event;

/// The most states that a level may have.
const MAX_STATES: usize = 100_000;

/// A level, the steps taken so far, and what the explorer found.
pub struct Game {
    /// The level.
    pub level: &'static Level,
    /// The result of a check of the level's claim.
    pub report: Report<PipelineController>,
    trace: Trace<PipelineController>,
    space: Arc<StateSpace<PipelineController>>,
    /// The number, in the graph, of the first state and of the state after each step.
    path: Vec<Id>,
    /// Set if the claim is settled and the player has to give the reason.
    asked: Option<End>,
    /// How often a wrong answer restarted the level.
    tries: usize,
    /// How often the player asked for help.
    helped: usize,
}

/// How a player settles a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The steps taken break it.
    Broken,
    /// The player says that nothing breaks it.
    Impossible,
}

/// The result of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The position changed.
    Position(Position),
    /// This many moves were taken; the next one could not be.
    Stopped(usize, ReplayError),
    /// There is no step to undo, or there are fewer than the player asks for.
    NothingToUndo,
    /// The player asks for a hint.
    Hint,
    /// The player asks whether the claim can still be broken.
    Forecast,
    /// The player asks why the claim is broken, or still kept.
    Why,
    /// The player asks for the probability.
    Probability,
    /// There is no forecast, reason or probability before the first step.
    TooEarly,
    /// The player gives up.
    GaveUp,
    /// The player has to give the reason for this end.
    Choose(End),
    /// The reason is right: the level is won.
    Right(End),
    /// The reason is wrong, or the claim can be broken after all: the level restarts.
    Wrong(End),
    /// The player asks for the position.
    Show,
    /// The player asks for the rules.
    Rules,
    /// The player continues with the next level.
    Next,
    /// The player asks for help.
    Help,
    /// The player leaves.
    Quit,
    /// The line was empty.
    Nothing,
}

/// What a position means for the goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// An actor can move, and the claim is not broken.
    Open,
    /// The claim is broken, as the goal asks.
    Broken,
    /// The claim is broken, but with more context switches than the goal allows.
    TooManySwitches,
    /// No actor can move, and the claim holds.
    Held,
}

/// The next move on the canonical way to break the claim. That way starts from the player's last state from which the
/// goal can still be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    /// How many steps to undo first.
    pub undo: usize,
    /// The actor that moves then.
    pub actor: Action,
}

impl Game {
    /// A level at its start.
    pub fn new(level: &'static Level) -> Self {
        let setup = Setup::of(level.scenario());
        let claims = setup.standard_claims().into_iter().filter(|claim| claim.id == level.claim).collect();
        let check = Check::new(setup.clone()).protocol(level.protocol()).claims(claims);
        let report = check.keep_states(MAX_STATES).run().expect("the pipeline's controller keeps its contract");
        let space = report.space.clone().expect("a level is small");
        let trace = Trace::new(&setup);
        let path = vec![number(&space, trace.last())];
        Self { level, report, trace, space, path, asked: None, tries: 0, helped: 0 }
    }

    /// What the player has to give a reason for.
    pub fn asked(&self) -> Option<End> {
        self.asked
    }

    /// How often a wrong answer restarted the level.
    pub fn tries(&self) -> usize {
        self.tries
    }

    /// How often the player asked for help.
    pub fn helped(&self) -> usize {
        self.helped
    }

    /// Restarts the level and resets the counters.
    pub fn restart(&mut self) {
        (self.asked, self.tries, self.helped) = (None, 0, 0);
        self.undo(self.trace.events.len());
    }

    /// The four reasons, in the order in which they are shown.
    pub fn reasons(&self, end: End) -> [&'static str; 4] {
        let of_level = match end {
            End::Broken => self.level.why_broken,
            End::Impossible => self.level.why_impossible,
        };
        std::array::from_fn(|place| of_level[(place + 4 - self.right_place()) % 4])
    }

    /// The place at which the right reason is shown. In the level's data it is always the first. The next level and
    /// the next try have another place.
    fn right_place(&self) -> usize {
        (self.level.number() * 7 / 3 + self.tries * 3 + 1) % 4
    }

    /// The setup that is played.
    pub fn setup(&self) -> &Setup<PipelineController> {
        &self.report.setup
    }

    /// The level's claim, and what the check found.
    pub fn judgement(&self) -> &Judgement<PipelineController> {
        &self.report.claims[0]
    }

    /// The judgement, with this schedule instead of the canonical one. It must break the claim too.
    pub fn judgement_of(&self, trace: &Trace<PipelineController>) -> Judgement<PipelineController> {
        Judgement { trace: Some(trace.clone()), ..self.judgement().clone() }
    }

    /// Why the schedule of a judgement breaks the claim.
    pub fn explanation(&self, judgement: &Judgement<PipelineController>) -> Option<Explanation<PipelineController>> {
        explain(&self.report, judgement)
    }

    fn forecast(&self) -> &Forecast {
        self.space.forecast(0)
    }

    /// The steps taken so far.
    pub fn trace(&self) -> &Trace<PipelineController> {
        &self.trace
    }

    /// Executes a command.
    pub fn answer(&mut self, command: Command) -> Answer {
        match command {
            Command::Move(schedule) => match self.asked {
                Some(end) => self.choose(end, &schedule),
                None => self.take(&schedule),
            },
            Command::Undo(steps) => self.undo(steps),
            Command::Again => self.undo(self.trace.events.len()),
            Command::Impossible => self.settle(End::Impossible),
            Command::Hint => self.help(Answer::Hint),
            Command::Forecast => self.help(Answer::Forecast),
            Command::Why => self.help(Answer::Why),
            Command::Probability => self.help(Answer::Probability),
            Command::GiveUp => Answer::GaveUp,
            Command::Show => Answer::Show,
            Command::Rules => Answer::Rules,
            Command::Next => Answer::Next,
            Command::Help => Answer::Help,
            Command::Quit => Answer::Quit,
            Command::Nothing => Answer::Nothing,
        }
    }

    /// Counts a request for help. Before the first step, only a hint is given: anything else would give the answer
    /// away.
    fn help(&mut self, answer: Answer) -> Answer {
        if answer != Answer::Hint && self.trace.events.is_empty() {
            return Answer::TooEarly;
        }
        self.helped += 1;
        answer
    }

    fn settle(&mut self, end: End) -> Answer {
        self.asked = Some(end);
        Answer::Choose(end)
    }

    /// Takes the reason that the player chose, by its number from 1. Any other input repeats the question.
    fn choose(&mut self, end: End, schedule: &Schedule) -> Answer {
        let place = match schedule.0.as_slice() {
            [Action::Step(task)] if (1..=4).contains(&task.0) => task.index(),
            _ => return Answer::Choose(end),
        };
        let is_so = (end == End::Impossible) == (self.level.goal == Goal::SayImpossible);
        if is_so && place == self.right_place() {
            return Answer::Right(end);
        }
        self.asked = None;
        self.undo(self.trace.events.len());
        self.tries += 1;
        Answer::Wrong(end)
    }

    /// Takes moves until one cannot be taken, or until the position is not open any more.
    fn take(&mut self, schedule: &Schedule) -> Answer {
        for (taken, &actor) in schedule.0.iter().enumerate() {
            if taken > 0 && self.position() != Position::Open {
                break;
            }
            let setup = &self.report.setup;
            if let Err(error) = self.trace.step(setup, actor) {
                return Answer::Stopped(taken, error);
            }
            self.path.push(number(&self.space, self.trace.last()));
        }
        match self.position() {
            Position::Broken => self.settle(End::Broken),
            position => Answer::Position(position),
        }
    }

    /// Undoes steps. If the player said `impossible` and has not given the reason yet, takes that back instead.
    fn undo(&mut self, steps: usize) -> Answer {
        if self.asked == Some(End::Impossible) {
            self.asked = None;
            return Answer::Show;
        }
        let taken = self.trace.events.len();
        if taken == 0 || steps == 0 || steps > taken {
            return Answer::NothingToUndo;
        }
        self.asked = None;
        let left = taken - steps;
        self.trace.truncate(left);
        self.path.truncate(left + 1);
        Answer::Position(self.position())
    }

    /// What the position means.
    pub fn position(&self) -> Position {
        let here = self.path[self.trace.events.len()];
        match self.level.goal {
            Goal::BreakWithin(most) if self.forecast().breaks(here) && self.trace.switches() > most => {
                Position::TooManySwitches
            }
            _ if self.forecast().breaks(here) => Position::Broken,
            _ if self.setup().model.actions(self.trace.last()).is_empty() => Position::Held,
            _ => Position::Open,
        }
    }

    /// The forecast of the claim at the start and after each step.
    pub fn standings(&self) -> Vec<Outcome> {
        self.forecast().along_path(&self.path)
    }

    /// The forecast of the claim after one more step. `None` if the actor cannot move.
    pub fn standing_after(&self, actor: Action) -> Option<Outcome> {
        let at = self.setup().model.actions(self.trace.last()).iter().position(|&other| other == actor)?;
        let here = self.path[self.trace.events.len()];
        Some(self.forecast().at(self.space.targets(here).nth(at)?))
    }

    /// Every actor, with what it would do, or why it cannot move.
    pub fn moves(&self) -> Vec<(Action, Result<Event, Blocked>)> {
        let (model, world) = (&self.setup().model, self.trace.last());
        let outcome = |action| match model.observe(&mut world.clone(), action) {
            Ok(event) => Ok(event),
            Err(Refused::Blocked(why)) => Err(why),
            Err(Refused::Contract(_)) => unreachable!("the pipeline's controller keeps its contract"),
        };
        model.candidates(world).into_iter().map(|action| (action, outcome(action))).collect()
    }

    /// How many schedules there are from here, and how many of them break the claim.
    pub fn ahead(&self) -> (BigUint, Measure) {
        self.space.ahead(0, self.path[self.trace.events.len()])
    }

    /// The next move to the goal. `None` if no schedule breaks the claim.
    pub fn hint(&self) -> Option<Hint> {
        let taken = self.trace.events.len();
        (0..=taken).find_map(|undo| {
            let way = self.way_from(taken - undo)?;
            way.schedule.0.get(taken - undo).map(|&actor| Hint { undo, actor })
        })
    }

    /// The first `taken` steps, completed by the canonical rest. `None` if that does not break the claim as the goal
    /// asks.
    pub fn way_from(&self, taken: usize) -> Option<Trace<PipelineController>> {
        let (setup, mut way) = (self.setup(), self.trace.clone());
        way.truncate(taken);
        let rest = self.space.rest(setup, 0, &way)?;
        rest.0.iter().try_for_each(|&actor| way.step(setup, actor)).ok()?;
        match self.level.goal {
            Goal::BreakWithin(most) if way.switches() > most => None,
            _ => Some(way),
        }
    }
}

/// A state's number among the reachable states.
fn number(space: &StateSpace<PipelineController>, world: &World<PipelineController>) -> Id {
    space.find(world).expect("every step leads to a state that the search met")
}
