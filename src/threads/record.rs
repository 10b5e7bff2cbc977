//! What happened in a run, and when it may be judged.
//!
//! 1. An action and its record are one step (see [`StepLock`]), so the events are in the order in which things happened.
//! 2. A run is over when the last thread has let go of its recorder: then, and not when the controller returns, the run
//!    is handed to the sink. Until then other threads may still act.
//! 3. A run that is torn down by a panic is not handed over: it has no end. What it did so far is on its [`EventLog`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::status::Published;
use super::sync::StepLock;
use crate::core::{Phase, TaskState};
use crate::model::ContractViolation;
use crate::transition::{Event, TaskRun};

/// All that a run has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Every action, in the order in which they happened.
    pub events: Vec<Event>,
    /// The controller's last phase.
    pub phase: Phase,
    /// How each task of each attempt ended; only those that began.
    pub ends: BTreeMap<TaskRun, TaskEnd>,
    /// What the flags showed each time the stage became Up, if the controller was asked to look.
    pub shown: Vec<Vec<bool>>,
    /// What the observer read, look by look.
    pub seen: Vec<Sight>,
    /// What was published at the end.
    pub published: Published,
    /// How the controller broke its contract, if it did. From then on it reacted to nothing.
    pub breach: Option<ContractViolation>,
}

/// What an observer read in one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// What was published.
    pub published: Published,
    /// The flags of that attempt, if its stage was Up and was not in the look before.
    pub flags: Option<Vec<bool>>,
}

/// How a task's thread ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskEnd {
    /// How far the task had come.
    pub state: TaskState,
    /// What ended it.
    pub how: EndReason,
}

/// What ends a task's thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndReason {
    /// It has nothing left to do.
    Completed,
    /// It waited at a barrier that will never fill, and did not run.
    Abandoned,
    /// A retry stopped it.
    Stopped,
    /// Its `on_start` did not return before the run was over.
    Hung,
}

/// A load of the observer. It is no action: no other thread can tell that it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// How many events had happened. Under loom that is exact; on the machine's threads some more may have happened since.
    pub after: usize,
    /// What was read.
    pub read: Loaded,
}

/// What the observer read in one load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loaded {
    /// What is published.
    Published(Published),
    /// Whether the flag of a task is raised.
    Flag(TaskRun, bool),
}

/// The events of a run and the loads of its observer, while it runs and after. Clones share one tape.
#[derive(Debug, Clone, Default)]
pub struct EventLog(Arc<Mutex<(Vec<Event>, Vec<Load>)>>);

impl EventLog {
    /// The events on it.
    pub fn events(&self) -> Vec<Event> {
        hold(&self.0).0.clone()
    }

    /// The loads of the observer, in their order.
    pub fn loads(&self) -> Vec<Load> {
        hold(&self.0).1.clone()
    }

    fn push(&self, event: Event) {
        hold(&self.0).0.push(event);
    }

    fn clear(&self) {
        *hold(&self.0) = Default::default();
    }
}

/// Holds a lock under which nothing panics that could leave a value half changed.
pub(crate) fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Sink = Box<dyn FnOnce(Run) + Send>;

/// Records a run. Every thread of the run holds it; when the last lets go, the sink is given the run.
pub struct Recorder {
    turn: StepLock,
    tape: EventLog,
    rest: Mutex<(Run, Option<Sink>)>,
}

impl Recorder {
    /// A recorder on a tape, which is cleared, of a run that begins in this phase, with this on its board.
    pub fn new(tape: EventLog, phase: Phase, published: Published, sink: impl FnOnce(Run) + Send + 'static) -> Self {
        tape.clear();
        let run = Run {
            events: Vec::new(),
            phase,
            ends: BTreeMap::new(),
            shown: Vec::new(),
            seen: Vec::new(),
            published,
            breach: None,
        };
        Self { turn: StepLock::default(), tape, rest: Mutex::new((run, Some(Box::new(sink)))) }
    }

    /// Takes a step as one; it is given what puts its event on the tape.
    pub fn step<T>(&self, step: impl FnOnce(&dyn Fn(Event)) -> T) -> T {
        self.turn.take(|| step(&|event| self.tape.push(event)))
    }

    /// Notes a load of the observer. The lock is none of loom's: it orders nothing that the observer could read.
    pub fn load(&self, read: Loaded) {
        let mut tape = hold(&self.tape.0);
        let after = tape.0.len();
        tape.1.push(Load { after, read });
    }

    /// Notes something that is no action.
    pub fn note(&self, note: impl FnOnce(&mut Run)) {
        note(&mut hold(&self.rest).0);
    }

    /// Gives up the run: the sink is not called.
    pub fn give_up(&self) {
        hold(&self.rest).1 = None;
    }

    /// Notes how a task ended; or that it began, if it has not ended.
    pub fn ended(&self, task: TaskRun, ended: TaskEnd) {
        self.note(|run| run.ends.extend([(task, ended)]));
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let rest = self.rest.get_mut().unwrap_or_else(PoisonError::into_inner);
        rest.0.events = self.tape.events();
        if let Some(sink) = rest.1.take() {
            sink(rest.0.clone());
        }
    }
}
