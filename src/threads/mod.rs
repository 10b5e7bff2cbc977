//! The startup protocol on real threads: the standard library's, or loom's under `--cfg loom`.
//!
//! The threads run the code that the explorer steps: the same controller behind the same [`Driver`], and the same
//! scripts, with one thread for each task of each attempt. A run records its events in their order, so that it can be
//! replayed in the model. Tests show which schedules the threads can take, and that they can take no others.
//!
//! | file | contents |
//! |---|---|
//! | `pipeline` | which actor runs on which thread; the controller's loop; the observer |
//! | `task` | the thread of one task |
//! | `inbox` | how notices reach the controller |
//! | `crash` | crashes of the controller: its thread panics, and another one takes over |
//! | `members` | the tasks as the controller knows them, and the guards that it can hold |
//! | `condition` | what a task waits for: its barrier, a request to stop, the end of the run |
//! | `stop_guard` | how a retry stops the tasks of an attempt |
//! | `status` | the published status, and the flags of the tasks |
//! | `record` | the log of a run, and when the run may be judged |
//! | `hooks` | the hooks for mutants and tests |
//! | `sync` | the threads of the standard library or of loom; which thread switches loom can skip |
//!
//! The following table says which knobs run where. A setup that only the explorer can run is refused before anything
//! starts, with a value that gives the reason.
//!
//! | knob | on threads | under loom |
//! |---|---|---|
//! | `announce`, `failed-while-scheduling`, `failed-while-running`, `fence` | every value | every value: they decide what is sent and how it is taken, not which thread waits |
//! | `stop-while-scheduling`, `failed-while-stopping`, `recovery` | every value | every value |
//! | `barrier` | every value | every value |
//! | `attempts`, `old-attempt` | every value | as long as the threads of all attempts fit into loom's five: 2 tasks in 2 attempts, 1 in 4, on one worker |
//! | `restart` | every value | the same; with `one` and without a timeout, each further attempt needs only one more thread |
//! | `timeout` | every value; `hasty` only with one attempt | the same, and the clock of `hasty` is one of the five threads |
//! | `stop` | every value | the user who asks for it is one of the five threads: 3 tasks, or 2 and a loss or a crash |
//! | `losses` | any number | the network that loses is one of the five threads: 3 tasks |
//! | `crashes` | any number | each is one of the five threads: 3 tasks and 1 crash, 2 and 2 |
//! | `cascade` | `none` | `none`: a task that runs would wait for a death that may never come |
//! | `duplicates` | 0 | 0: a channel delivers once |
//! | workers (of the scenario) | any number | 2 with 2 tasks in one attempt: each worker has a forwarder |
//!
//! Every fault of a task runs on both, in any attempt: the task panics, vanishes or hangs in `on_start`, or dies while
//! it runs. A crash ends the controller's thread with a panic, and another thread takes over the controller. So a
//! controller that may crash must be `Send` (see [`launch_here`]). Some parts of a user's own model run on neither:
//! helpers, tasks that a retry does not restart, commands, conditions of faults, notices that do not go to the inbox of
//! their worker, and conditions of steps, except a stop and a full barrier.
//!
//! The effects that a controller asks for are known only when it asks for them. The run is given up if the controller
//! asks for more than one effect at once or for an effect that its rules do not have, or if it stops the tasks in a run
//! without a stop.
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

/// The options of a run.
#[derive(Debug, Clone, Default)]
pub struct Options<S = NoHooks> {
    /// Whether the controller reads every task's flag when the stage becomes `Up`. Without this and without an
    /// observer, no thread observes whether an `on_start` has completed, and loom need not distinguish the two cases.
    pub flags: bool,
    /// How often an observer, which has a thread of its own, reads the published status. If this is 0, there is no
    /// observer.
    pub looks: u32,
    /// How the phase is published.
    pub publication: Publication,
    /// The log for the events of the run.
    pub tape: EventLog,
    /// The hooks of the threads.
    pub hooks: S,
}

impl Options {
    /// The default options, with this log.
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
    /// It needs this many threads (the first value), but at most this many can be used (the second value).
    Threads(usize, usize),
    /// A task in `run` would wait for a death that may never come, and a run that never ends cannot be judged.
    Cascade,
    /// A channel delivers each message once. No order of the threads' operations repeats a delivery.
    Duplicates,
    /// The controller stops the tasks, but the run has no stop, so its tasks do not wait for one.
    Stop,
    /// A controller that may crash must be able to leave its thread, and this one cannot: see [`launch_here`].
    Crashes,
    /// A fault has a condition.
    Fault(Fault),
    /// Some actor is not a task that a retry restarts.
    Helpers,
    /// A line of a script waits for something other than the barrier and a stop, or its notice does not go to the inbox
    /// of the task's worker. Or a line that waits for a stop directly follows the arrival at the barrier, or has an
    /// alternative that does not wait for a stop.
    Script,
    /// The controller asks for this effect although its rules do not have it, or it asks for more than one effect at
    /// once.
    Effect(Effect),
    /// A hasty timeout with retries. The timeout's message waits behind notices that were sent before it. With one
    /// attempt this makes no difference. After a retry, the message could not overtake notices of the earlier attempt,
    /// but in the model it can.
    HastyRetries,
    /// The machine could not start a thread. The run needs up to this many.
    NoThread(usize),
    /// The threads are loom's: inside a loom model, no thread can wait for a run.
    Modelled,
}

/// Runs a setup on threads to its end.
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
/// If threads cannot run the setup, if the machine has too few threads, or if the threads are loom's.
pub fn run<C: Controller + Send>(setup: &Setup<C>, options: Options<impl Hooks>) -> Result<Run, Unsupported> {
    wait_for(|sink| launch(setup, options, sink))
}

/// The same as [`run`], with a controller that need not be `Send`, and therefore cannot crash.
///
/// # Errors
/// The same as for [`run`], and if the controller may crash.
pub fn run_here<C: Controller>(setup: &Setup<C>, options: Options<impl Hooks>) -> Result<Run, Unsupported> {
    wait_for(|sink| launch_here(setup, options, sink))
}

type Sink = Box<dyn FnOnce(Run) + Send>;

fn wait_for(launch: impl FnOnce(Sink) -> Result<(), Unsupported>) -> Result<Run, Unsupported> {
    if sync::MODELLED {
        return Err(Unsupported::Modelled);
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    // The receiver waits for this one message, so it still exists.
    launch(Box::new(move |run| sender.send(run).unwrap_or_default()))?;
    Ok(receiver.recv().expect("the last thread of a run hands it over"))
}

/// The largest number of threads that a setup needs, including the calling one.
pub fn threads<C: Controller, S>(setup: &Setup<C>, options: &Options<S>) -> usize {
    let (model, run) = (&setup.model, setup.model.run());
    let (tasks, attempts) = (usize::from(model.tasks()), usize::from(run.attempts));
    // A timeout restarts every task, even if the rules restart only one after a failure.
    let is_one = setup.scenario.rules().controller.restart_one && run.timeout == Timeout::None;
    let tasks = if is_one { tasks + attempts - 1 } else { tasks * attempts };
    let forwarders = if model.inboxes() > 1 { usize::from(model.inboxes()) } else { 0 };
    let outside = [run.timeout == Timeout::Hasty, run.stop, run.losses > 0, options.looks > 0];
    1 + usize::from(run.crashes) + tasks + forwarders + outside.into_iter().filter(|&is_there| is_there).count()
}

/// Checks that threads can run a setup.
///
/// # Errors
/// The reason why they cannot.
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
    // A task that waits for a stop must have nothing else to do, and must not also wait for its barrier.
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
