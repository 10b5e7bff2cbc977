//! The startup protocol on real threads: the standard library's, or loom's under `--cfg loom`.
//!
//! What the explorer steps, threads run here: the same controller behind the same [`Driver`], the same
//! scripts, one thread a task. A run records what it did as the events of a schedule, so that it can be
//! replayed in the world; which schedules the threads can take, and that they can take no other, is for tests to show.
//!
//! | file | what it holds |
//! |---|---|
//! | `pipeline` | which actor runs on which thread; the controller's loop |
//! | `task` | the thread of one task |
//! | `inbox` | how notices reach the controller |
//! | `crash` | a controller whose thread ends by a panic, and the one that takes over |
//! | `members` | the tasks as the controller knows them, and what it holds of them |
//! | `condition` | what a task waits for: its barrier, a request to stop, the end of the run |
//! | `stop_guard` | how a retry stops the tasks of an attempt |
//! | `status` | the published phase, and a check that reads it |
//! | `record` | what happened, and when a run may be judged |
//! | `hooks` | where a mutant may bend the threads |
//! | `sync` | the standard library's threads, or loom's; where loom need not switch threads |
//!
//! Which knob runs where. What the explorer alone runs is refused here by a value that says why, before anything starts.
//!
//! | knob | on threads | under loom |
//! |---|---|---|
//! | `announce`, `failed-while-scheduling`, `failed-while-running`, `fence` | every value | every value: they decide what is sent and how it is taken, not which thread waits |
//! | `stop-while-scheduling`, `failed-while-stopping`, `recovery` | every value | every value |
//! | `barrier` | every value | every value |
//! | `attempts`, `old-attempt` | every value | as long as the threads of all attempts fit into loom's five: 2 tasks in 2 attempts, 1 in 4, on one worker |
//! | `restart` | every value | the same; each restart of one is one thread more |
//! | `timeout` | every value; `hasty` with one attempt | the same, and the clock of `hasty` is one of the five threads |
//! | `stop` | every value | the user who asks for it is one of the five threads: 3 tasks, or 2 and a loss or a crash |
//! | `losses` | any number | the network that loses is one of the five threads: 3 tasks |
//! | `crashes` | any number | each is one of the five threads: 3 tasks and 1 crash, 2 and 2 |
//! | `cascade` | `none` | `none`: a task that runs would wait for a death that may never come |
//! | `duplicates` | 0 | 0: a channel delivers once |
//! | workers (of the scenario) | any number | 2 with 2 tasks in one attempt: each worker has a forwarder |
//!
//! A fault of a task runs on both, in any attempt: it panics, vanishes or hangs in `on_start`, or dies while it runs. A crash ends
//! the controller's thread by a panic, so the controller must be `Send` (see [`launch_here`]). Of a model of one's own, helpers,
//! commands, conditions of faults and of steps other than a stop and a barrier, and notices that take another way than to the
//! inbox of their worker run on neither.
//!
//! What a controller asks for is known only when it asks. If that is more than one effect, one that its rules do not know, or a
//! stop where the run has none, the run is given up.
//!
//! [`Driver`]: crate::model::Driver

#[doc(hidden)]
pub mod condition;
mod crash;
#[doc(hidden)]
pub mod hooks;
#[doc(hidden)]
pub mod inbox;
mod members;
#[doc(hidden)]
pub mod pipeline;
#[doc(hidden)]
pub mod record;
#[doc(hidden)]
pub mod status;
#[doc(hidden)]
pub mod stop_guard;
#[doc(hidden)]
pub mod sync;
#[doc(hidden)]
pub mod task;

pub use hooks::{Hooks, NoHooks};
pub use pipeline::{launch, launch_here};
pub use record::{EndReason, EventLog, Load, Loaded, Run, Sight, TaskEnd};
pub use status::{Publication, Published, Shown};

use crate::core::{Controller, Effect, Fault, Line, Step, Timeout, Via, When};
use crate::model::Actor;
use crate::scenario::Setup;

/// What a run does beside running.
#[derive(Debug, Clone, Default)]
pub struct Options<S = NoHooks> {
    /// The controller loads every task's flag when it becomes Running. Without that no thread sees an `on_start`, and to
    /// a model what is not seen is as good as done.
    pub flags: bool,
    /// How often an observer looks at what is published; it has a thread of its own. There is none if it is 0.
    pub looks: u32,
    /// How the phase is published.
    pub publication: Publication,
    /// Where the events go while the run runs.
    pub tape: EventLog,
    /// The hooks of the threads.
    pub hooks: S,
}

impl Options {
    /// Nothing beside the run, which is recorded on this tape.
    pub fn on(tape: EventLog) -> Self {
        Self { tape, ..Self::default() }
    }
}

impl<S> Options<S> {
    /// The same with other hooks.
    pub fn with_hooks<T>(self, hooks: T) -> Options<T> {
        let Self { flags, looks, publication, tape, .. } = self;
        Options { flags, looks, publication, tape, hooks }
    }
}

/// Why threads cannot run a setup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsupported {
    /// It takes so many threads, of so many.
    Threads(usize, usize),
    /// A task that runs would wait for a death that may never come: a run that waits for ever has no end to judge.
    Cascade,
    /// A channel delivers once; whether a network repeats itself is no order of the threads' operations.
    Duplicates,
    /// The controller stops the tasks, and the run has no stop: its tasks do not wait for one.
    Stop,
    /// A controller that crashes leaves its thread, and this one cannot: see [`launch_here`].
    Crashes,
    /// A fault strikes on a condition.
    Fault(Fault),
    /// Every actor is a task that a retry starts anew.
    Helpers,
    /// A line of a script waits for nothing but the barrier and a stop, and its notice goes to the inbox of the task's worker.
    Script,
    /// The controller asks for this though its rules do not, or for more than one effect at once.
    Effect(Effect),
    /// The clock's word would wait behind notices that were sent before it. While there is one attempt that makes no
    /// difference; after a retry it could not overtake what the attempt before has sent, as it does in the world.
    HastyRetries,
    /// The machine could not start one of so many threads.
    NoThread(usize),
    /// Inside a model no thread can wait for a run.
    Modelled,
}

/// Runs a setup on threads, to its end.
///
/// ```no_run
/// use startup_race::threads::{NoHooks, Options, run};
/// use startup_race::{Rules, Scenario, Setup, Stage};
///
/// let scenario = Scenario::new(Rules::named("seed/fixed").unwrap(), 3).unwrap();
/// let run = run(&Setup::of(scenario), Options::<NoHooks>::default()).expect("threads can run it");
/// assert_eq!(run.phase.stage, Stage::Up);
/// ```
///
/// # Errors
/// If threads cannot run such a setup, if the machine has too few of them, and if they are loom's.
pub fn run<C: Controller + Send>(setup: &Setup<C>, options: Options<impl Hooks>) -> Result<Run, Unsupported> {
    wait_for(|sink| launch(setup, options, sink))
}

/// As [`run`], with a controller that cannot leave the calling thread. It cannot crash either.
///
/// # Errors
/// As [`run`], and if the controller may crash.
pub fn run_here<C: Controller>(setup: &Setup<C>, options: Options<impl Hooks>) -> Result<Run, Unsupported> {
    wait_for(|sink| launch_here(setup, options, sink))
}

type Sink = Box<dyn FnOnce(Run) + Send>;

fn wait_for(launch: impl FnOnce(Sink) -> Result<(), Unsupported>) -> Result<Run, Unsupported> {
    if sync::MODELLED {
        return Err(Unsupported::Modelled);
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    // The receiver waits for this one message, so it is there.
    launch(Box::new(move |run| sender.send(run).unwrap_or_default()))?;
    Ok(receiver.recv().expect("the last thread of a run hands it over"))
}

/// How many threads a setup takes at most, the calling one included.
pub fn threads<C: Controller, S>(setup: &Setup<C>, options: &Options<S>) -> usize {
    let (model, run) = (&setup.model, setup.model.run());
    let (tasks, attempts) = (usize::from(model.tasks()), usize::from(run.attempts));
    // A timeout begins every task anew, whatever the rules say of a failure.
    let is_one = setup.scenario.rules().controller.restart_one && run.timeout == Timeout::None;
    let tasks = if is_one { tasks + attempts - 1 } else { tasks * attempts };
    let forwarders = if model.inboxes() > 1 { usize::from(model.inboxes()) } else { 0 };
    let outside = [run.timeout == Timeout::Hasty, run.stop, run.losses > 0, options.looks > 0];
    1 + usize::from(run.crashes) + tasks + forwarders + outside.into_iter().filter(|&is_there| is_there).count()
}

/// Whether threads can run a setup.
///
/// # Errors
/// Why they cannot.
pub fn check<C: Controller, S>(setup: &Setup<C>, options: &Options<S>) -> Result<(), Unsupported> {
    let (rules, run) = (setup.scenario.rules(), setup.model.run());
    setup.model.actors().try_for_each(|(_, actor)| check_actor(actor))?;
    match threads(setup, options) {
        _ if rules.task.chain => Err(Unsupported::Cascade),
        _ if run.duplicates > 0 => Err(Unsupported::Duplicates),
        _ if run.timeout == Timeout::Hasty && run.attempts > 1 => Err(Unsupported::HastyRetries),
        needed if needed > sync::MAX_THREADS => Err(Unsupported::Threads(needed, sync::MAX_THREADS)),
        _ => Ok(()),
    }
}

fn check_actor(actor: &Actor) -> Result<(), Unsupported> {
    let lines = || actor.script.lines.iter();
    let conditions = || lines().flat_map(|line| &line.when);
    let is_simple = |when: &When| matches!(when, When::Stopping | When::BarrierFull);
    // A task that waits for a stop has nothing else to do, and does not wait for its barrier at once.
    let stops = |line: &&Line| line.when.contains(&When::Stopping);
    let waits_at = |position| lines().any(|line| line.position == position && !line.when.contains(&When::Stopping));
    let follows = |position| lines().any(|line| line.position + 1 == position && line.step == Step::Arrive);
    if !actor.is_task || !actor.renewed {
        Err(Unsupported::Helpers)
    } else if conditions().any(|when| matches!(when, When::Dead(_) | When::Gone(_))) {
        Err(Unsupported::Cascade)
    } else if !conditions().all(is_simple)
        || lines().any(|line| line.via != Via::Worker)
        || lines().filter(stops).any(|line| waits_at(line.position) || follows(line.position))
    {
        Err(Unsupported::Script)
    } else {
        let on_a_condition = actor.faults.iter().find(|spec| !spec.when.is_empty());
        on_a_condition.map_or(Ok(()), |spec| Err(Unsupported::Fault(spec.fault)))
    }
}
