//! The mutants of the protocol: small named changes of one decision. They are made through the controller, the startup
//! sequence, the rules or the tasks, never by editing a file. Every engine that can run a [`Setup`] can run a mutant.

pub mod faulty;
pub mod list;

use std::collections::HashSet;

use faulty::{Faulty, Mistake};
use startup_race::claims::{Claim, Scope, standard};
use startup_race::core::{ActorId, Controller, Reason, RunRules, Stage, Step};
use startup_race::scenario::{Rules, Scenario, Sequence, Setup, TaskSpec};

/// A change of one decision.
#[derive(Clone, Copy)]
pub enum Change {
    /// A change of the controller.
    Controller(Mistake),
    /// A change of a task's steps.
    Sequence(fn(&mut Vec<Step>)),
    /// A change of the rules, or of the tasks with their workers and faults.
    World(fn(&mut Rules, &mut Vec<TaskSpec>)),
}

/// A named change, and the rule of the protocol that it breaks.
pub struct Mutant {
    /// Its name.
    pub name: &'static str,
    /// The rule, by its name in [`list::RULES`].
    pub rule: &'static str,
    /// The change.
    pub change: Change,
}

impl Mutant {
    /// A scenario with this mutant.
    pub fn setup(&self, scenario: &Scenario) -> Setup<Faulty> {
        let plain = |mistake, scenario: Scenario| Setup::with(Faulty::new(scenario.rules(), mistake), scenario);
        match self.change {
            Change::Controller(mistake) => plain(mistake, scenario.clone()),
            Change::Sequence(change) => {
                let setup = plain(Mistake::NoHooks, scenario.clone());
                let mut steps = setup.sequence().steps().to_vec();
                change(&mut steps);
                setup.with_sequence(&Sequence::new(&steps).expect("moved steps are a startup sequence"))
            }
            Change::World(change) => plain(Mistake::NoHooks, changed(scenario, change)),
        }
    }
}

fn changed(scenario: &Scenario, change: fn(&mut Rules, &mut Vec<TaskSpec>)) -> Scenario {
    let (mut rules, mut tasks) = (*scenario.rules(), scenario.tasks().to_vec());
    change(&mut rules, &mut tasks);
    let workers: Vec<u8> = tasks.iter().map(|task| task.worker.0).collect();
    let mut changed = Scenario::new(rules, scenario.ids().last().map_or(0, |ActorId(last)| last)).unwrap();
    changed = changed.on_workers(&workers).unwrap();
    for (task, number) in tasks.iter().zip(1..) {
        for (fault, attempt) in task.faults.iter().zip(1..) {
            changed = fault.iter().fold(changed, |all, &fault| all.with_fault(fault, number, &[attempt]).unwrap());
        }
    }
    changed
}

/// A scenario whose controller makes no mistake.
pub fn without_fault(scenario: Scenario) -> Setup<Faulty> {
    Setup::with(Faulty::new(scenario.rules(), Mistake::NoHooks), scenario)
}

/// The five claims for a run without a stop, and two duties of a controller that they do not cover.
pub fn claims() -> Vec<Claim<Faulty>> {
    let mut claims = standard(&RunRules::DEFAULT);
    claims.truncate(5);
    claims.push(Claim::new(
        "uses-its-budget",
        "Failed: no attempt is left",
        Scope::AtEnd,
        |state| state.stage().is_final(),
        |state| state.world.driver.attempt.0 == state.model.run().attempts,
    ));
    claims.push(Claim::new(
        "blames-the-dead",
        "Failed for a task: that task is dead",
        Scope::AtEnd,
        |state| matches!(state.stage(), Stage::Failed(Reason::Task(..))),
        |state| match state.stage() {
            Stage::Failed(Reason::Task(blamed, _)) => state.tasks().any(|task| task.id == blamed && task.is_dead()),
            _ => true,
        },
    ));
    claims
}

/// Walks two setups together through every schedule. The same actions must be enabled and must have the same results.
/// So their graphs are the same.
///
/// # Errors
/// The state of the second setup in which they differ.
pub fn walk<A: Controller, B: Controller>(a: &Setup<A>, b: &Setup<B>) -> Result<usize, String> {
    let mut open = vec![(a.model.start(), b.model.start())];
    let mut met: HashSet<_> = open.iter().cloned().collect();
    while let Some((left, right)) = open.pop() {
        let actions = a.model.actions(&left);
        if actions != b.model.actions(&right) {
            return Err(format!("{right:?}"));
        }
        for action in actions {
            let (mut left, mut right) = (left.clone(), right.clone());
            if a.model.observe(&mut left, action) != b.model.observe(&mut right, action) {
                return Err(format!("{right:?}"));
            }
            let next = (left, right);
            if met.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    Ok(met.len())
}

/// A mutant's cells, one for each column: the letters of the scenarios in which the mutant is visible.
pub type Row = Vec<String>;

/// A kill matrix as text: the meaning of the letters, then a line for each mutant.
pub fn table(scenarios: &[(char, &str)], columns: &[String], rows: &[(&str, Row)]) -> String {
    let cell = |row: &Row, at: usize| if row[at].is_empty() { ".".to_string() } else { row[at].clone() };
    let width = |at: usize| {
        let cells = rows.iter().map(|(_, row)| row[at].len());
        cells.chain([columns[at].len()]).max().unwrap_or(0) + 2
    };
    let line = |name: &str, cell: &dyn Fn(usize) -> String| {
        let cells: String = (0..columns.len()).map(|at| format!("{:1$}", cell(at), width(at))).collect();
        format!("{name:28} {cells}").trim_end().to_string() + "\n"
    };
    let letters = scenarios.iter().map(|(letter, scenario)| format!("{letter}  {scenario}\n"));
    let head = [String::from("\n"), line("", &|at| columns[at].clone())];
    letters.chain(head).chain(rows.iter().map(|(name, row)| line(name, &|at| cell(row, at)))).collect()
}
