//! The startup of a task: it walks a script, one step per action. A helper is the same machine.
//!
//! ```text
//!                   the last line is completed; or TaskFinished is sent
//!  ┌────────────┐ ──────────────────────────────────────────────────────► Finished
//!  │    Live    │       on_start, and it hangs
//!  │ (some of   │ ──────────────────────────────────────────────────────► Hung
//!  │ its lines  │       on_start, and it vanishes
//!  │ completed) │ ──────────────────────────────────────────────────────► Dead
//!  └────────────┘                                                          ▲
//!    │ on_start, and it panics; or a panic in run         TaskFailed sent  │
//!    └─────────────────────────────────────────────► Panicked ─────────────┘
//! ```
//!
//! 1. A script is a list of lines. A line is a step, the conditions that enable it, and the route of its notice.
//!    Several lines may share a position. The first of them whose conditions hold is the next step; the others are
//!    skipped.
//! 2. A task announces itself, builds its resources in `on_start` and arrives at its worker's barrier, in the order
//!    that the rules give. Then it runs.
//! 3. After a panic, the next step is to report it, and this is the last step. The task is not dead until it has
//!    reported.
//! 4. A task that vanishes in `on_start` is dead; one that hangs there is not. Neither sends a notice about it.
//! 5. After its arrival a task waits until the barrier of its worker is full.
//! 6. In `run`, a task does the first of these that applies: it panics if it has the fault to die; in a chain, it
//!    panics if its neighbour downstream is dead; in a chain, it finishes if its neighbour upstream is dead or
//!    finished; it stops if the pipeline is stopping.
//! 7. A script whose last line is `run` does not end: the task stays in `run`.

use super::message::{ActorId, Attempt, Cause, Command, Kind, WorkerId};
use super::rules::{Announce, TaskRules};

/// What a task or a helper does in one action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Sends a notice. After a `TaskFailed` the sender is dead, and after a `TaskFinished` it is finished.
    Send(Kind),
    /// Builds the task's resources. A fault of the startup happens here.
    OnStart,
    /// Arrives at the worker's barrier.
    Arrive,
    /// Enters the processing loop.
    Run,
    /// Ends in good order because the pipeline is stopping: sends `TaskFinished`.
    Stop,
    /// Panics. The next step, which is the last, reports this with `TaskFailed`.
    Panic(Cause),
    /// Takes a command and drops it. The command is one that no line of the position waits for, or one that a line with
    /// this step waits for.
    Discard,
}

/// What can enable a line or a fault. A task of an earlier attempt sees the tasks of its own attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// This actor has completed this step.
    After(ActorId, Step),
    /// This actor has not completed this step.
    Before(ActorId, Step),
    /// This actor is dead.
    Dead(ActorId),
    /// This actor is dead or finished.
    Gone(ActorId),
    /// The oldest command to the actor is this one. The step takes it.
    Command(Command),
    /// The controller is stopping, and the actor is of the current attempt.
    Stopping,
    /// Every actor whose script arrives at the worker's barrier has arrived there.
    BarrierFull,
}

/// How a notice reaches the controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Via {
    /// The inbox of the actor's worker.
    Worker,
    /// Another inbox.
    Inbox(WorkerId),
    /// A call: the controller reacts within the same action.
    Call,
}

/// A line of a script.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Line {
    /// The step.
    pub step: Step,
    /// The conditions that enable it: all of them must hold.
    pub when: Vec<When>,
    /// How its notice reaches the controller.
    pub via: Via,
    /// Its position. Lines with the same position are alternatives.
    pub position: u32,
}

impl Line {
    /// A line without conditions.
    pub fn new(step: Step, position: u32) -> Self {
        Self { step, when: Vec::new(), via: Via::Worker, position }
    }
}

/// What an actor does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Script {
    pub(crate) lines: Vec<Line>,
}

impl Step {
    /// Sends `TaskStarted`.
    pub const ANNOUNCE: Self = Self::Send(Kind::Started);
    /// Sends `TaskFinished`, and ends in good order.
    pub const FINISH: Self = Self::Send(Kind::Finished);

    /// The notice that it sends.
    pub fn sends(self) -> Option<Kind> {
        match self {
            Self::Send(kind) => Some(kind),
            Self::Stop => Some(Kind::Finished),
            _ => None,
        }
    }
}

impl Script {
    /// The script that the rules give to a task: its startup, and what it does in `run`.
    pub fn of(rules: &TaskRules, id: ActorId, tasks: u8) -> Self {
        let announce = |when| (rules.announce == when).then_some(Step::ANNOUNCE);
        let arrive = rules.barrier.then_some(Step::Arrive);
        let (first, second, last) = (Announce::BeforeOnStart, Announce::AfterOnStart, Announce::AfterBarrier);
        let steps = [announce(first), Some(Step::OnStart), announce(second), arrive, announce(last), Some(Step::Run)];
        let mut lines: Vec<_> = (0..).zip(steps.into_iter().flatten()).map(|(at, step)| Line::new(step, at)).collect();
        let neighbour = |number: u8| Some(ActorId(number)).filter(|_| rules.chain && (1..=tasks).contains(&number));
        let (upstream, downstream) = (neighbour(id.0.saturating_sub(1)), neighbour(id.0.saturating_add(1)));
        let in_run = [
            downstream.map(|id| (Step::Panic(Cause::Cascaded), When::Dead(id))),
            upstream.map(|id| (Step::FINISH, When::Gone(id))),
            Some((Step::Stop, When::Stopping)),
        ];
        let position = lines.len() as u32;
        let in_run = in_run.into_iter().flatten();
        lines.extend(in_run.map(|(step, when)| Line { when: vec![when], ..Line::new(step, position) }));
        Self { lines }
    }

    /// The lines with this step, one bit each.
    pub fn bits(&self, step: Step) -> u32 {
        let lines = self.lines.iter().enumerate().filter(|(_, line)| line.step == step);
        lines.fold(0, |bits, (index, _)| bits | 1 << index)
    }
}

/// What goes wrong with an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Its `on_start` panics, and it reports that.
    Panics,
    /// It dies in `on_start` and sends nothing.
    Vanishes,
    /// Its `on_start` does not return. It is not dead.
    Hangs,
    /// It dies at some time after it has entered `run`, and reports that.
    Dies,
}

/// Whether a task is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It is starting, or in `run`.
    Live,
    /// It panicked, and has not reported it.
    Panicked(Cause),
    /// It is dead.
    Dead(Cause),
    /// Its `on_start` does not return.
    Hung,
    /// It ended in good order.
    Finished,
}

/// How far a task has come. A helper has the same state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskState {
    /// The attempt that began it.
    pub attempt: Attempt,
    /// Whether it is alive.
    pub status: Status,
    /// The lines of its script that it has completed, as a set of bits. The set has one line for each position that the
    /// task has passed.
    pub completed: u32,
}

/// What a task does next, and the line of its script for it. Three steps have no line: a panic by a fault, the report
/// of a panic, and the discard of a command that no line waits for.
pub type NextStep<'a> = (Step, Option<&'a Line>);

/// A step that this state of a task does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IllegalStep(pub TaskState, pub Step);

impl TaskState {
    /// A task that has done nothing.
    pub const fn new(attempt: Attempt) -> Self {
        Self { attempt, status: Status::Live, completed: 0 }
    }

    /// What the task does next, and the line of its script for it. `None` if the task waits, hangs or has ended.
    pub fn next(self, script: &Script, fault: Option<Fault>, holds: impl Fn(When) -> bool) -> Option<NextStep<'_>> {
        match self.status {
            Status::Panicked(cause) => Some((Step::Send(Kind::Failed(cause)), None)),
            Status::Dead(_) | Status::Hung | Status::Finished => None,
            Status::Live if self.is_at_barrier(script) && !holds(When::BarrierFull) => None,
            // A task with this fault does nothing in `run` but die.
            Status::Live if fault == Some(Fault::Dies) && self.has_completed(Step::Run, script) => {
                Some((Step::Panic(Cause::Died), None))
            }
            Status::Live => {
                let mut lines = self.alternatives(script).map(|(_, line)| line);
                lines.find(|line| line.when.iter().all(|&when| holds(when))).map(|line| (line.step, Some(line)))
            }
        }
    }

    /// Takes a step. Returns the notice that it sends.
    ///
    /// # Errors
    /// If the state does not allow the step. The state is then unchanged.
    pub fn take(&mut self, step: Step, script: &Script, fault: Option<Fault>) -> Result<Option<Kind>, IllegalStep> {
        let line = self.alternatives(script).find(|(_, line)| line.step == step).map(|(index, _)| index);
        self.status = match (self.status, step, line) {
            (Status::Live, Step::OnStart, Some(line)) => match fault {
                Some(Fault::Panics) => Status::Panicked(Cause::Panicked),
                Some(Fault::Vanishes) => Status::Dead(Cause::Vanished),
                Some(Fault::Hangs) => Status::Hung,
                Some(Fault::Dies) | None => self.complete(line, script),
            },
            (Status::Live, Step::Panic(cause), _) => Status::Panicked(cause),
            (Status::Panicked(cause), Step::Send(Kind::Failed(told)), _) if cause == told => Status::Dead(cause),
            // A user's own script may report a failure without a panic.
            (Status::Live, Step::Send(Kind::Failed(cause)), Some(_)) => Status::Dead(cause),
            (Status::Live, Step::FINISH | Step::Stop, Some(_)) => Status::Finished,
            (Status::Live, Step::Send(_) | Step::Arrive | Step::Run, Some(line)) => self.complete(line, script),
            // The command is removed, and the task keeps waiting.
            (Status::Live, Step::Discard, _) => Status::Live,
            _ => return Err(IllegalStep(*self, step)),
        };
        Ok(step.sends())
    }

    fn complete(&mut self, line: usize, script: &Script) -> Status {
        self.completed |= 1 << line;
        let stays = self.alternatives(script).next().is_some() || script.lines[line].step == Step::Run;
        if stays { Status::Live } else { Status::Finished }
    }

    /// Whether its last step was to arrive. It continues when the barrier is full.
    pub fn is_at_barrier(self, script: &Script) -> bool {
        let last = self.completed.checked_ilog2().map(|last| script.lines[last as usize].step);
        self.status == Status::Live && last == Some(Step::Arrive)
    }

    /// How many positions of its script it has passed.
    pub fn position(self) -> u32 {
        self.completed.count_ones()
    }

    /// The lines of its position, each with its place in the script.
    pub fn alternatives(self, script: &Script) -> impl Iterator<Item = (usize, &Line)> {
        let position = self.position();
        // Each earlier position has at least one line.
        script.lines.iter().enumerate().skip(position as usize).filter(move |(_, line)| line.position == position)
    }

    /// Whether it waits for a command, but not for this one.
    pub fn discards(self, script: &Script, command: Command) -> bool {
        let conditions = || self.alternatives(script).flat_map(|(_, line)| &line.when);
        self.status == Status::Live
            && conditions().any(|when| matches!(when, When::Command(_)))
            && conditions().all(|when| *when != When::Command(command))
    }

    /// Whether it has completed a step of its script. A task that panicked, vanished or hung in `on_start` has not
    /// completed `on_start`.
    pub fn has_completed(self, step: Step, script: &Script) -> bool {
        self.completed & script.bits(step) != 0 || step == Step::FINISH && self.status == Status::Finished
    }

    /// Whether it is dead: from its report on, or since it vanished.
    pub fn is_dead(self) -> bool {
        matches!(self.status, Status::Dead(_))
    }

    /// Whether it is dead or finished.
    pub fn is_gone(self) -> bool {
        matches!(self.status, Status::Dead(_) | Status::Finished)
    }

    /// Whether it has completed a step and is [live](Status::Live): it has not panicked, died, hung or finished.
    pub fn is_past(self, step: Step, script: &Script) -> bool {
        self.status == Status::Live && self.has_completed(step, script)
    }
}
