//! The tasks of a run as the controller knows them: the attempt of each, and the guards and conditions that the
//! controller can hold.
//!
//! | effect | held while it is recorded |
//! |---|---|
//! | a retry that stops the old tasks | every stop guard, which is closed |
//! | the restart of one task | its stop guard, which is closed, and its barrier, from which its arrival is removed |
//! | the request to announce again after a crash | every stop guard, so that the announcements are part of the same action |
//! | the end of a stop | the request to stop of every task, which is withdrawn |

use std::sync::Arc;

use super::condition::{Condition, Held, Waiter};
use super::stop_guard::{Guards, Passage, StopGuard};
use super::sync::{MutexGuard, Quiet};
use crate::core::{ActorId, Attempt, Controller, Effect, Input, Recovery, Step, TaskState, WorkerId};
use crate::model::Model;
use crate::scenario::Rules;
use crate::transition::TaskRun;

/// The tasks, and every condition that a task may wait for.
#[derive(Debug)]
pub struct Members {
    /// Whether a retry may restart one task alone.
    pub restarts_one: bool,
    /// Whether the tasks announce themselves again after a crash.
    pub are_asked: bool,
    /// Whether a retry may stop the tasks of the current attempt.
    is_stopped: bool,
    now: Vec<TaskRun>,
    gates: Vec<Arc<StopGuard>>,
    /// The barrier of each worker.
    barriers: Vec<Arc<Condition>>,
    /// For each task, the lines of its script that arrive at the barrier.
    arrivals: Vec<u32>,
    workers: Vec<WorkerId>,
    /// For each task, the request to stop. One request for all tasks would make their waits dependent operations.
    stops: Vec<Arc<Condition>>,
    end_of_run: Arc<Condition>,
    all: Vec<Arc<Condition>>,
}

/// A guard that is held while an effect is recorded.
pub enum Guard<'a> {
    /// The stop guard of a task.
    Gate(MutexGuard<'a, Passage>),
    /// A condition.
    Condition(#[expect(dead_code, reason = "it is held, not used")] Held<'a>),
}

impl Guard<'_> {
    /// The state of the task, if this is a stop guard.
    pub fn state(&self) -> Option<TaskState> {
        match self {
            Self::Gate(passage) => Some(passage.state),
            Self::Condition(_) => None,
        }
    }
}

/// What the thread of a task needs from the members.
pub struct Place {
    /// Its stop guard.
    pub gate: Arc<StopGuard>,
    /// The barrier of its worker.
    pub barrier: Arc<Condition>,
    /// The request to stop.
    pub stop: Arc<Condition>,
    /// The end of the run.
    pub end_of_run: Arc<Condition>,
}

impl Members {
    /// Members without tasks.
    pub fn new<C: Controller>(model: &Model<C>, rules: &Rules) -> Self {
        let end_of_run = Arc::new(Condition::new(1));
        let actors = || model.actors().map(|(_, actor)| actor);
        Self {
            restarts_one: rules.controller.restart_one,
            are_asked: model.run().crashes > 0 && rules.controller.recovery == Recovery::Asks,
            is_stopped: false,
            now: Vec::new(),
            gates: Vec::new(),
            barriers: Vec::new(),
            arrivals: actors().map(|actor| actor.script.bits(Step::Arrive)).collect(),
            workers: actors().map(|actor| actor.worker).collect(),
            stops: Vec::new(),
            all: vec![Arc::clone(&end_of_run)],
            end_of_run,
        }
    }

    /// Begins an attempt of every task.
    pub fn begin<C: Controller>(&mut self, model: &Model<C>, attempt: Attempt) {
        let run = model.run();
        self.is_stopped = !run.lingers && attempt.0 < run.attempts;
        self.barriers = model.barriers.iter().map(|members| Arc::new(Condition::new(members.len()))).collect();
        self.stops = (0..model.tasks()).map(|_| Arc::new(Condition::new(1))).collect();
        self.all.extend(self.barriers.iter().chain(&self.stops).cloned());
        let tasks = (0..usize::from(model.tasks())).map(ActorId::at);
        self.now = tasks.map(|task| TaskRun { task, attempt }).collect();
        self.gates = self.now.iter().map(|run| self.gate(run.attempt)).collect();
    }

    /// Begins an attempt of one task.
    pub fn renew(&mut self, id: ActorId, attempt: Attempt) {
        self.now[id.index()].attempt = attempt;
        self.gates[id.index()] = self.gate(attempt);
    }

    fn gate(&self, attempt: Attempt) -> Arc<StopGuard> {
        let guards = match () {
            () if self.is_stopped || self.restarts_one => Guards::All,
            () if self.are_asked => Guards::Answers,
            () => Guards::Nothing,
        };
        Arc::new(StopGuard::new(guards, TaskState::new(attempt)))
    }

    /// Each task with its current attempt.
    pub fn now(&self) -> impl Iterator<Item = TaskRun> {
        self.now.iter().copied()
    }

    /// What a task needs.
    pub fn place(&self, id: ActorId) -> Place {
        Place {
            gate: Arc::clone(&self.gates[id.index()]),
            barrier: Arc::clone(self.barrier(id)),
            stop: Arc::clone(&self.stops[id.index()]),
            end_of_run: Arc::clone(&self.end_of_run),
        }
    }

    fn barrier(&self, id: ActorId) -> &Arc<Condition> {
        &self.barriers[self.workers[id.index()].index()]
    }

    /// Whether an input is a notice of an attempt that its sender has left.
    pub fn is_stale(&self, input: Input) -> bool {
        matches!(input, Input::Notice(notice) if notice.attempt != self.now[notice.from.index()].attempt)
    }

    /// Asks every task to stop. Returns the tasks that wait for this.
    pub fn ask_to_stop(&self) -> Vec<Waiter> {
        self.stops.iter().flat_map(|stop| stop.arrive()).collect()
    }

    /// Closes, withdraws and holds what an effect changes, and what the end of a stop changes: see the table above.
    pub fn hold(&self, effect: Option<Effect>, lingers: bool, ends_stop: bool, is_merged: bool) -> Vec<Guard<'_>> {
        let mut held: Vec<Guard<'_>> = match effect {
            Some(Effect::Retry) if !lingers => self.gates.iter().map(|gate| Guard::Gate(gate.close())).collect(),
            Some(Effect::Reannounce) => self.gates.iter().map(|gate| Guard::Gate(gate.hold())).collect(),
            Some(Effect::Restart(id)) => vec![Guard::Gate(self.gates[id.index()].close())],
            _ => Vec::new(),
        };
        // If loom skips switches, no other thread runs while a thread holds a condition, so taking another one never
        // waits.
        let mut quiet = Quiet::started(is_merged);
        if held.is_empty() {
            quiet.clear();
        }
        if let (Some(Effect::Restart(id)), Some(state)) = (effect, held.first().and_then(Guard::state)) {
            let mut barrier = quiet.operate(|| self.barrier(id).lock());
            if state.completed & self.arrivals[id.index()] != 0 {
                barrier.depart();
            }
            held.push(Guard::Condition(barrier));
            quiet.set();
        }
        for stop in self.stops.iter().filter(|_| ends_stop) {
            let mut stop = quiet.operate(|| stop.lock());
            stop.depart();
            held.push(Guard::Condition(stop));
            quiet.set();
        }
        held
    }

    /// Leaves the tasks of an attempt, which then stop or linger. Returns the tasks that wait for a condition that will
    /// never hold.
    pub fn leave(&self, lingers: bool) -> Vec<Waiter> {
        let barriers = self.barriers.iter().filter(|_| !lingers);
        barriers.chain(&self.stops).flat_map(|condition| condition.abandon()).collect()
    }

    /// Ends the run. Returns the tasks that wait for a condition that will never hold.
    pub fn end(&self) -> Vec<Waiter> {
        self.all.iter().flat_map(|condition| condition.abandon()).collect()
    }
}
