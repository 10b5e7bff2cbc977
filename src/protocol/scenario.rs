//! A scenario: the rules, and the tasks that start under them.

use unicode_general_category::{GeneralCategory, get_general_category};

use super::notice::{Attempt, TaskId, WorkerId};
use super::rules::{Rules, Timeout};

/// What becomes of a task in one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Its `on_start` returns.
    #[default]
    Healthy,
    /// Its `on_start` panics; the task reports it.
    Panics,
    /// It dies in `on_start` and nobody is told.
    Vanishes,
}

/// One task of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TaskSpec {
    /// Its name, for people.
    pub name: String,
    /// The worker that it runs on.
    pub worker: WorkerId,
    /// Its fate in each attempt of the budget.
    pub fates: Vec<Fate>,
}

/// Rules and tasks. Built step by step; each step refuses what makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scenario {
    rules: Rules,
    tasks: Vec<TaskSpec>,
}

/// What a scenario cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScenarioError {
    /// There must be a task.
    NoTasks,
    /// There must be an attempt.
    NoAttempts,
    /// A list names this many, for so many tasks.
    Length(&'static str, usize, usize),
    /// Two tasks have this name, or it is empty, begins with a combining mark, or holds a comma, a blank or a character
    /// that [is unseen](is_unseen).
    Name(String),
    /// Workers are numbered from 1 without a gap; nobody runs on this one.
    EmptyWorker(u8),
    /// There is no such task, of so many.
    NoSuchTask(u8, usize),
    /// There is no such attempt, of so many.
    NoSuchAttempt(u8, u8),
    /// This task has a fate in this attempt already.
    TwoFates(u8, u8),
}

impl Scenario {
    /// So many healthy tasks on one worker, with the usual names.
    ///
    /// # Errors
    /// Without a task, or without an attempt.
    pub fn new(rules: Rules, tasks: u8) -> Result<Self, ScenarioError> {
        let fates = vec![Fate::Healthy; usize::from(rules.attempts)];
        let task = |number| TaskSpec { name: usual_name(number), worker: WorkerId(1), fates: fates.clone() };
        match (tasks, rules.attempts) {
            (0, _) => Err(ScenarioError::NoTasks),
            (_, 0) => Err(ScenarioError::NoAttempts),
            _ => Ok(Self { rules, tasks: (1..=tasks).map(task).collect() }),
        }
    }

    /// Gives the tasks these names.
    ///
    /// # Errors
    /// Where they are not one for each task, unique and printable.
    pub fn with_names<S: AsRef<str>>(mut self, names: &[S]) -> Result<Self, ScenarioError> {
        self.expect_one_each("names", names.len())?;
        for (index, name) in names.iter().map(AsRef::as_ref).enumerate() {
            let taken = names[..index].iter().any(|other| other.as_ref() == name);
            let odd = |c: char| c == ',' || c.is_whitespace() || is_unseen(c);
            if taken || name.is_empty() || name.starts_with(is_mark) || name.contains(odd) {
                return Err(ScenarioError::Name(name.to_string()));
            }
            self.tasks[index].name = name.to_string();
        }
        Ok(self)
    }

    /// Puts the tasks on these workers.
    ///
    /// # Errors
    /// Where they are not one for each task, numbered from 1 without a gap.
    pub fn on_workers(mut self, workers: &[u8]) -> Result<Self, ScenarioError> {
        self.expect_one_each("workers", workers.len())?;
        let numbered = 1..=workers.iter().copied().max().unwrap_or(1);
        let outside = workers.iter().copied().find(|worker| !numbered.contains(worker));
        if let Some(empty) = outside.or_else(|| numbered.clone().find(|worker| !workers.contains(worker))) {
            return Err(ScenarioError::EmptyWorker(empty));
        }
        self.tasks.iter_mut().zip(workers).for_each(|(task, &worker)| task.worker = WorkerId(worker));
        Ok(self)
    }

    /// Gives a task a fate in these attempts; in every attempt where none is listed.
    ///
    /// # Errors
    /// Where there is no such task or attempt, or the task has a fate there.
    pub fn with_fate(mut self, fate: Fate, task: u8, attempts: &[u8]) -> Result<Self, ScenarioError> {
        let budget = self.rules.attempts;
        let every: Vec<u8> = (1..=budget).collect();
        let (tasks, index) = (self.tasks.len(), usize::from(task).wrapping_sub(1));
        let spec = self.tasks.get_mut(index).ok_or(ScenarioError::NoSuchTask(task, tasks))?;
        for &attempt in if attempts.is_empty() { &every } else { attempts } {
            let slot = spec.fates.get_mut(usize::from(attempt).wrapping_sub(1));
            match slot.ok_or(ScenarioError::NoSuchAttempt(attempt, budget))? {
                slot @ Fate::Healthy => *slot = fate,
                _ => return Err(ScenarioError::TwoFates(task, attempt)),
            }
        }
        Ok(self)
    }

    /// Lets these tasks panic in `on_start`, in every attempt.
    ///
    /// # Errors
    /// As [`Scenario::with_fate`].
    pub fn failing(self, tasks: &[u8]) -> Result<Self, ScenarioError> {
        tasks.iter().try_fold(self, |scenario, &task| scenario.with_fate(Fate::Panics, task, &[]))
    }

    /// The same pipeline with every fault taken out: fates, duplicates, a hasty timeout.
    pub fn without_faults(&self) -> Self {
        let mut healthy = self.clone();
        healthy.tasks.iter_mut().for_each(|task| task.fates.fill(Fate::Healthy));
        healthy.rules.duplicates = 0;
        if healthy.rules.timeout == Timeout::Hasty {
            healthy.rules.timeout = Timeout::None;
        }
        healthy
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The tasks, in their order.
    pub fn tasks(&self) -> &[TaskSpec] {
        &self.tasks
    }

    /// The tasks' numbers.
    pub fn ids(&self) -> impl Iterator<Item = TaskId> + use<> {
        (0..self.tasks.len()).map(TaskId::at)
    }

    /// A task.
    pub fn task(&self, id: TaskId) -> &TaskSpec {
        &self.tasks[id.index()]
    }

    /// A task's fate in an attempt.
    pub fn fate(&self, task: TaskId, attempt: Attempt) -> Fate {
        self.task(task).fates[attempt.index()]
    }

    /// How many workers there are.
    pub fn workers(&self) -> u8 {
        self.tasks.iter().map(|task| task.worker.0).max().unwrap_or(1)
    }

    /// The tasks of a worker.
    pub fn on(&self, worker: WorkerId) -> impl Iterator<Item = TaskId> + '_ {
        self.ids().filter(move |&task| self.task(task).worker == worker)
    }

    fn expect_one_each(&self, what: &'static str, given: usize) -> Result<(), ScenarioError> {
        if given == self.tasks.len() { Ok(()) } else { Err(ScenarioError::Length(what, given, self.tasks.len())) }
    }
}

/// Whether a character is not seen itself but acts on what is around it: a control, bidirectional or format character,
/// or a separator of lines.
pub fn is_unseen(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    matches!(get_general_category(c), Control | Format | LineSeparator | ParagraphSeparator)
}

/// Whether a character is a combining mark, which is drawn onto the letter before it.
pub fn is_mark(c: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    matches!(get_general_category(c), EnclosingMark | NonspacingMark | SpacingMark)
}

fn usual_name(task: u8) -> String {
    let usual = ["source", "transform", "sink"].get(usize::from(task) - 1);
    usual.map_or_else(|| format!("task-{task}"), ToString::to_string)
}
