//! The log of a run, and when the run may be judged.
//!
//! 1. An action and its record are one step (see [`StepLock`]), so the events are in the order in which they happened.
//! 2. A run is over when the last thread has dropped its recorder. The run is given to the sink then, not when the
//!    controller returns, because other threads may still act after that.
//! 3. If the last thread drops its recorder because of a panic, the run is not given to the sink: it was not completed.
//!    Its events so far are in its [`EventLog`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::status::Published;
use super::sync::StepLock;
use crate::core::{Phase, TaskState};
use crate::model::ContractViolation;
use crate::transition::{Event, TaskRun};

/// The record of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Every action, in the order in which they happened.
    pub events: Vec<Event>,
    /// The controller's last phase.
    pub phase: Phase,
    /// How each task of each attempt ended. Only tasks that began are included.
    pub ends: BTreeMap<TaskRun, TaskEnd>,
    /// The flags each time the stage became Up, if the controller was asked to read them.
    pub shown: Vec<Vec<bool>>,
    /// What the observer read, poll by poll.
    pub seen: Vec<Sight>,
    /// What was published at the end.
    pub published: Published,
    /// How the controller broke its contract, if it did. From then on it got no input.
    pub breach: Option<ContractViolation>,
}

/// What an observer read in one poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// What was published.
    pub published: Published,
    /// The flags of that attempt, if its stage was Up in this poll and the poll before had not read this. Always `None`
    /// if a retry may restart one task alone.
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
    /// It had nothing left to do.
    Completed,
    /// It waited at a barrier that will never be full, and did not run.
    Abandoned,
    /// A retry stopped it.
    Stopped,
    /// Its `on_start` did not return before the run was over.
    Hung,
}

/// A load of the observer. It is not an action, because no other thread can observe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// How many events were recorded before it. This is exact under loom. On the machine's threads, events that were
    /// recorded after the value was read may be included.
    pub after: usize,
    /// The value that was read.
    pub read: Loaded,
}

/// What the observer read in one load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loaded {
    /// The published status.
    Published(Published),
    /// Whether the flag of a task is raised.
    Flag(TaskRun, bool),
}

/// The events of a run and the loads of its observer, during the run and after it. Clones share one log.
#[derive(Debug, Clone, Default)]
pub struct EventLog(Arc<Mutex<(Vec<Event>, Vec<Load>)>>);

impl EventLog {
    /// The events in the log.
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

/// Takes a lock. No code under such a lock can panic and leave a value half changed.
pub(crate) fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Sink = Box<dyn FnOnce(Run) + Send>;

/// Records a run. The threads of the tasks, the controller and the observer hold it. When the last of them drops it,
/// the sink gets the run.
pub struct Recorder {
    turn: StepLock,
    tape: EventLog,
    rest: Mutex<(Run, Option<Sink>)>,
}

impl Recorder {
    /// A recorder for a run that begins in this phase, with this published status. The log is cleared.
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

    /// Takes a step atomically. `step` gets a function that records its event.
    pub fn step<T>(&self, step: impl FnOnce(&dyn Fn(Event)) -> T) -> T {
        self.turn.take(|| step(&|event| self.tape.push(event)))
    }

    /// Records a load of the observer. The lock is not one of loom's, so it orders nothing that the observer could
    /// read.
    pub fn load(&self, read: Loaded) {
        let mut tape = hold(&self.tape.0);
        let after = tape.0.len();
        tape.1.push(Load { after, read });
    }

    /// Records something that is not an action.
    pub fn note(&self, note: impl FnOnce(&mut Run)) {
        note(&mut hold(&self.rest).0);
    }

    /// Gives up the run: the sink is not called.
    pub fn give_up(&self) {
        hold(&self.rest).1 = None;
    }

    /// Records how a task ended. It is also called when a task begins, so that every task that began is recorded.
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
