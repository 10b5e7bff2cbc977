//! One protocol of a page: the states that the page has, and the tables that they refer to.

use std::collections::VecDeque;

use indexmap::IndexSet;
use num_bigint::BigUint;
use rustc_hash::FxBuildHasher;

use super::data::{Life, Sheet, State, Tables, Task, Token};
use super::graph_layout::{self, Place};
use super::verdicts::probability;
use super::{transitions, verdicts};
use crate::claims::{Claim, Scope};
use crate::core::{ActorId, Controller, Kind, Notice, Phase, Stage, Status, Step, TaskState};
use crate::explore::limits::Limit;
use crate::explore::report::Report;
use crate::explore::state_space::StateSpace;
use crate::explore::steps::Id;
use crate::model::{QueuedNotice, World};
use crate::scenario::TaskSpec;
use crate::show::foreign::escaped;
use crate::show::names::Names;
use crate::show::report::scenario;
use crate::show::{command, labels};

/// The largest number of states that a page has.
pub const MAX_STATES: usize = 5_000;

/// A checked scenario, and the states that a page has.
pub struct PageData<C> {
    /// The report of the check.
    pub report: Report<C>,
    /// The states, by their numbers in the page.
    pub(super) worlds: IndexSet<World<C>, FxBuildHasher>,
}

/// The limit that ended a search, as an option of the command line. Empty if no option sets that limit.
fn bound<C>(report: &Report<C>) -> String {
    match report.cut {
        Some(Limit::States) => format!(" --max-states {}", report.limits.states()),
        Some(Limit::Memory) => format!(" --memory {}", report.limits.bytes()),
        Some(Limit::Interrupted | Limit::Effort | Limit::Disk) | None => String::new(),
    }
}

/// The limit that ended a search, in words.
fn cut_short_by(limit: Limit) -> &'static str {
    match limit {
        Limit::Interrupted => "an interrupt",
        Limit::States => "the limit of states",
        Limit::Memory => "the limit of memory",
        Limit::Effort => "the limit of effort",
        Limit::Disk => "a file that could not be written or read",
    }
}

impl<C: Controller> PageData<C> {
    /// The data of a report. It has every state if the report keeps them. If not, it has the first state, and those of
    /// the counterexamples and of the nearest passing schedules.
    pub fn of(report: Report<C>) -> Self {
        let worlds = match &report.space {
            Some(space) => space.worlds().clone(),
            None => {
                let start = std::iter::once(report.setup.model.start());
                start.chain(verdicts::traces(&report).flat_map(|trace| trace.worlds.iter().cloned())).collect()
            }
        };
        Self { report, worlds }
    }

    /// How many states the page has.
    pub fn carried(&self) -> usize {
        self.worlds.len()
    }

    /// Whether it has every state.
    pub fn is_whole(&self) -> bool {
        self.report.space.is_some()
    }

    /// The sheet, for the page's script.
    pub(super) fn sheet(&self) -> Sheet {
        let mut tables = Tables::default();
        let states = self.worlds.iter().enumerate().map(|(id, world)| self.state(&mut tables, id, world)).collect();
        let claims = (0..self.report.claims.len()).map(|index| verdicts::claim(self, &mut tables, index)).collect();
        let (report, setup) = (&self.report, &self.report.setup);
        let tasks = (1..).zip(setup.scenario.tasks());
        let task = |(number, task): (usize, &TaskSpec)| Task { number, name: task.name.clone(), worker: task.worker.0 };
        Sheet {
            protocol: report.protocol.as_deref().map(|name| escaped(name).into_owned()),
            scenario: scenario(report),
            command: report.protocol.as_ref().map(|name| command::arguments(name, &setup.scenario) + &bound(report)),
            replay: report.protocol.as_ref().map(|name| command::arguments(name, &setup.scenario)),
            cut_short_by: report.cut.map(cut_short_by),
            states_in_all: labels::number_text(&report.states),
            schedules_in_all: report.schedules.as_ref().map(labels::number_text),
            complete: report.complete,
            whole: self.is_whole(),
            most: (report.states > BigUint::from(MAX_STATES)).then(|| labels::number_text(&BigUint::from(MAX_STATES))),
            tasks: tasks.map(task).collect(),
            workers: setup.model.inboxes(),
            attempts: setup.scenario.rules().run.attempts,
            steps: setup.sequence().steps().iter().map(|&step| labels::act(step)).chain(["run"]).collect(),
            selected: verdicts::selected(self),
            claims,
            states,
            picture: self.picture(),
            tables,
        }
    }

    fn state(&self, tables: &mut Tables, id: usize, world: &World<C>) -> State {
        let counted = world.driver.controller.counted().filter(|_| world.stage() == Stage::Starting);
        let (setup, claims) = (&self.report.setup, self.report.claims.len());
        let tasks = setup.scenario.tasks().len();
        let (moves, blocked) = transitions::of(self, tables, world);
        let notices = |tables: &mut Tables, inbox: &VecDeque<QueuedNotice>| -> Vec<usize> {
            inbox.iter().map(|&one| tables.notices.place(self.notice(setup.model.notice(one)))).collect()
        };
        let mut probabilities = |space: &StateSpace<C>| {
            let standings = (0..claims).map(|claim| space.forecast(claim).at(id as Id));
            standings.map(|standing| tables.probabilities.place(probability(&standing.probability()))).collect()
        };
        let probabilities = self.report.space.as_deref().map(&mut probabilities);
        State {
            phase: tables.phases.place(Self::phase(world.phase(), Names::of(&setup.model))),
            attempt: world.driver.attempt.0,
            counted: counted.map(|counted| format!("{counted} of {tasks} counted")),
            crews: world.attempts.iter().map(|crew| self.crew(tables, crew)).collect(),
            inboxes: world.inboxes.iter().map(|inbox| notices(tables, inbox)).collect(),
            breaks: self.broken_in(world),
            moves,
            blocked,
            probabilities,
        }
    }

    /// The claims that a state breaks. A claim that asks for a state is not among them.
    fn broken_in(&self, world: &World<C>) -> Vec<usize> {
        let setup = &self.report.setup;
        let breaks = |claim: &Claim<C>| claim.scope != Scope::Reachable && claim.is_found_in(&setup.model, world);
        let claims = self.report.claims.iter().enumerate();
        claims.filter(|(_, judgement)| breaks(&judgement.claim)).map(|(index, _)| index).collect()
    }

    /// The phase that the controller publishes.
    fn phase(phase: Phase, names: Names<'_>) -> Token {
        let kind = match phase.stage {
            Stage::Starting => "scheduling",
            Stage::Up => "running",
            Stage::Stopping => "stopping",
            Stage::Ended => "stopped",
            Stage::Failed(_) => "failed",
        };
        Token { text: labels::phase(phase, names), kind }
    }

    fn crew(&self, tables: &mut Tables, states: &[TaskState]) -> Vec<usize> {
        let tasks = self.report.setup.scenario.ids().zip(states);
        tasks.map(|(id, &state)| tables.lives.place(self.life(id, state))).collect()
    }

    /// The state of a task: in words, and which steps of its startup it has taken.
    fn life(&self, id: ActorId, state: TaskState) -> Life {
        let script = &self.report.setup.model.actor(id).script;
        let ran = state.status == Status::Finished || state.is_past(Step::Run, script);
        let kind = match state.status {
            Status::Panicked(_) | Status::Dead(_) | Status::Hung => "down",
            Status::Live | Status::Finished if ran => "runs",
            Status::Live if state.is_at_barrier(script) => "waits",
            Status::Live | Status::Finished => "starts",
        };
        let sequence = self.report.setup.sequence();
        let completed = |&step: &Step| state.has_completed(step, script);
        let taken: Vec<bool> = sequence.steps().iter().map(completed).chain([ran]).collect();
        Life { text: labels::standing(state, script), kind, taken }
    }

    fn notice(&self, notice: Notice) -> Token {
        let kind = match notice.kind {
            Kind::Started => "started",
            Kind::Failed(_) => "failed",
            Kind::Finished => "finished",
            Kind::Own(_) => "own",
        };
        Token { text: labels::notice(notice, Names::of(&self.report.setup.model)), kind }
    }

    fn picture(&self) -> Option<Vec<Place>> {
        let space = self.report.space.as_deref()?;
        let ids = 0..space.worlds().len() as Id;
        let steps = ids.flat_map(|id| space.targets(id).map(move |to| (id as usize, to as usize)));
        graph_layout::of(self.carried(), &steps.collect::<Vec<_>>())
    }
}
