//! Which inputs the controller received in which of its phases, in every state of a scenario.

use super::NoAnswer;
use super::subject::Subject;
use super::suite::Suite;
use crate::core::{Controller, Input, Kind, Stage, Step, Timeout};
use crate::explore::report::Check;
use crate::explore::state_space::StateSpace;
use crate::model::{Model, World};
use crate::scenario::Setup;
use crate::transition::{Dropped, Reaction, Transition};

/// A kind of input. The sender of a notice and the cause of a failure are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InputKind {
    /// `TaskStarted`
    Started,
    /// `TaskFailed`
    Failed,
    /// `TaskFinished`
    Finished,
    /// A notice of the user's own.
    Own(&'static str),
    /// A stop.
    Stop,
    /// A timeout.
    TimedOut,
    /// A crash.
    Restarted,
}

impl InputKind {
    /// The kind of an input.
    pub fn of(input: Input) -> Self {
        match input {
            Input::Notice(notice) => Self::of_notice(notice.kind),
            Input::Stop => Self::Stop,
            Input::TimedOut => Self::TimedOut,
            Input::Restarted => Self::Restarted,
        }
    }

    fn of_notice(kind: Kind) -> Self {
        match kind {
            Kind::Started => Self::Started,
            Kind::Failed(_) => Self::Failed,
            Kind::Finished => Self::Finished,
            Kind::Own(name) => Self::Own(name),
        }
    }
}

/// Which inputs were received in which phase.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// The kinds of input that the scenarios have.
    pub inputs: Vec<InputKind>,
    /// The names of the phases that were found, in the order in which a search finds them.
    pub phases: Vec<&'static str>,
    /// Each pair of an input and a phase that was found.
    pub cells: Vec<Cell>,
}

/// An input in a phase, and how often it changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The input.
    pub input: InputKind,
    /// The name of the phase.
    pub phase: &'static str,
    /// The stage of the phase when the pair was first found.
    pub stage: Stage,
    /// How often it was found: once for each action of a state that gives the controller this input.
    pub met: usize,
    /// How often nothing changed.
    pub dropped: usize,
    /// How often nothing changed because the fence dropped the input.
    pub fenced: usize,
    /// How often the input was a stale notice and changed something.
    pub stale: usize,
}

impl Coverage {
    /// The cell of a pair. `None` if the pair was never found.
    pub fn cell(&self, input: InputKind, phase: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.input == input && cell.phase == phase)
    }

    /// The pairs that were never found, ordered by input.
    pub fn never(&self) -> Vec<(InputKind, &'static str)> {
        let pairs = self.inputs.iter().flat_map(|&input| self.phases.iter().map(move |&phase| (input, phase)));
        pairs.filter(|&(input, phase)| self.cell(input, phase).is_none()).collect()
    }

    pub(super) fn add<C: Controller>(&mut self, setup: &Setup<C>, space: &StateSpace<C>) {
        let model = &setup.model;
        inputs(model).for_each(|input| include(&mut self.inputs, input));
        for world in space.worlds() {
            include(&mut self.phases, world.phase().name);
            for action in model.actions(world) {
                let Some(input) = model.input(world, action) else { continue };
                let mut next = world.clone();
                let event = model.observe(&mut next, action);
                let transition = event.as_ref().ok().and_then(|event| event.transition());
                transition.into_iter().for_each(|transition| self.meet(world, input, transition));
            }
        }
        self.inputs.sort_unstable();
    }

    fn meet<C: Controller>(&mut self, world: &World<C>, input: Input, transition: &Transition) {
        let (kind, phase) = (InputKind::of(input), world.phase());
        let known = self.cells.iter().position(|cell| cell.input == kind && cell.phase == phase.name);
        let at = known.unwrap_or_else(|| {
            let (phase, stage) = (phase.name, phase.stage);
            include(&mut self.inputs, kind);
            self.cells.push(Cell { input: kind, phase, stage, met: 0, dropped: 0, fenced: 0, stale: 0 });
            self.cells.len() - 1
        });
        let is_dropped = matches!(transition.reaction, Reaction::Dropped(_));
        let cell = &mut self.cells[at];
        cell.met += 1;
        cell.dropped += usize::from(is_dropped);
        cell.fenced += usize::from(transition.reaction == Reaction::Dropped(Dropped::Fenced));
        cell.stale += usize::from(!is_dropped && world.is_stale(input));
    }
}

/// The kinds of input that a model has.
fn inputs<C: Controller>(model: &Model<C>) -> impl Iterator<Item = InputKind> {
    let run = model.run();
    let scripts = model.actors().flat_map(|(_, actor)| actor.script.lines.iter().map(|line| line.step));
    let sent = scripts.filter(|step| run.stop || *step != Step::Stop).filter_map(Step::sends).map(InputKind::of_notice);
    let faults = model.actors().any(|(_, actor)| !actor.faults.is_empty()).then_some(InputKind::Failed);
    let stop = run.stop.then_some(InputKind::Stop);
    let timeout = (run.timeout != Timeout::None).then_some(InputKind::TimedOut);
    let crash = (run.crashes > 0).then_some(InputKind::Restarted);
    sent.chain(faults).chain(stop).chain(timeout).chain(crash)
}

fn include<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

pub(super) fn of<C: Controller>(subjects: &[Subject<C>]) -> Result<Coverage, NoAnswer> {
    let mut coverage = Coverage::default();
    for subject in subjects {
        let (_, space) = subject.explored()?;
        coverage.add(&subject.setup, &space);
    }
    Ok(coverage)
}

impl<C: Controller> Check<'_, C> {
    /// Which inputs the controller receives in which of its phases, in all states; and which it never receives.
    ///
    /// ```
    /// use startup_race::gate::InputKind;
    /// use startup_race::{Rules, Scenario, Setup, check};
    ///
    /// let setup = Setup::of(Scenario::new(Rules::named("seed/fixed").unwrap(), 2)?.failing(&[2])?);
    /// let coverage = check(setup).coverage()?;
    /// assert!(coverage.cell(InputKind::Failed, "Scheduling").is_some());
    /// assert!(coverage.cell(InputKind::Failed, "Failed").is_none(), "only one task fails");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the controller or a claim breaks its contract, or if there are more states than can be kept.
    pub fn coverage(self) -> Result<Coverage, NoAnswer> {
        of(&[Subject::of("the scenario", &self)])
    }
}

impl<C: Controller> Suite<C> {
    /// Like [`Check::coverage`], for all scenarios together.
    ///
    /// # Errors
    /// The same as for [`Check::coverage`].
    pub fn coverage(&self) -> Result<Coverage, NoAnswer> {
        of(&self.subjects())
    }
}
