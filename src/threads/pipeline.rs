//! A pipeline on threads: which actor runs on which thread, and the controller's loop.
//!
//! 1. Each task of each attempt has a thread. If there are several workers, each has a forwarder thread. The observer,
//!    the clock of a hasty timeout, the user who asks for a stop, and the network that loses notices also have a thread
//!    each.
//! 2. If no crash is left, the controller runs on the calling thread. While crashes are left, it runs on a thread of
//!    its own, which panics; then the next thread takes over the controller and its inbox. See `crash`.
//! 3. The loop ends when every inbox has closed, everything that was sent has been received, and nothing is expected
//!    from outside: then nothing else can happen. A patient timeout happens when no task can act and every notice has
//!    been received, even if something is expected from outside.
//! 4. A retry and the input that causes it are one step. While it is recorded, all stop guards are closed and held.
//!    Then the old barriers are abandoned and the new tasks are spawned. (If the old tasks linger, their guards stay
//!    open and their barriers remain.) The restart of one task, the end of a stop, and the request to announce again
//!    after a crash work in the same way: while they are recorded, everything that they change for the tasks is held.
//! 5. If the controller breaks its contract, this is recorded, and from then on its inbox is only drained.
//! 6. If the machine cannot start a thread, or if the controller asks for something that threads cannot do, the run is
//!    given up: all threads that have started run to their end.

use std::panic::resume_unwind;
use std::sync::Arc;

use super::condition::{Wait, Waiter};
use super::crash::{Crashed, supervise};
use super::hooks::Hooks;
use super::inbox::{ControllerInbox, Forwarder, Message, Next, Sender};
use super::members::{Guard, Members, Place};
use super::record::{EndReason, Loaded, Recorder, Run, Sight, TaskEnd};
use super::status::{PublishedStatus, Shown};
use super::sync::{Quiet, spawn, thread::yield_now};
use super::task::Task;
use super::{Options, Unsupported, check, threads};
use crate::core::{Attempt, Controller, Effect, Input, Kind, Notice, Stage, Step, TaskState, Timeout, WorkerId};
use crate::model::{Channel, Driver, Message as Sent, Model, Received};
use crate::scenario::Setup;
use crate::transition::{Event, Reaction, TaskRun, Transition};

/// Starts a setup on threads and runs its controller until nothing is left to receive. When the last thread ends, it
/// calls the sink with the run.
///
/// # Errors
/// If threads cannot run the setup: then nothing was started. If the machine could not start a thread, or if the
/// controller asks for something that threads cannot do: then the sink is not called.
pub fn launch<C: Controller + Send, S: Hooks>(
    setup: &Setup<C>,
    options: Options<S>,
    sink: impl FnOnce(Run) + Send + 'static,
) -> Result<(), Unsupported> {
    begin(setup, options, sink, supervise)
}

/// The same as [`launch`], with a controller that need not be `Send`, and therefore cannot crash.
///
/// # Errors
/// The same as for [`launch`], and if the controller may crash.
pub fn launch_here<C: Controller, S: Hooks>(
    setup: &Setup<C>,
    options: Options<S>,
    sink: impl FnOnce(Run) + Send + 'static,
) -> Result<(), Unsupported> {
    if setup.model.run().crashes > 0 {
        return Err(Unsupported::Crashes);
    }
    begin(setup, options, sink, |mut pipeline| {
        let done = pipeline.control();
        (pipeline, done)
    })
}

/// The pipeline at the end of a run, and the result of the run.
pub(super) type Controlled<C, S> = (Box<Pipeline<C, S>>, Result<(), Unsupported>);

fn begin<C: Controller, S: Hooks>(
    setup: &Setup<C>,
    options: Options<S>,
    sink: impl FnOnce(Run) + Send + 'static,
    control: impl FnOnce(Box<Pipeline<C, S>>) -> Controlled<C, S>,
) -> Result<(), Unsupported> {
    check(setup, &options)?;
    let (mut pipeline, forwarders) = Pipeline::new(setup, options, sink);
    let (pipeline, done) = match pipeline.begin(forwarders) {
        Ok(()) => control(Box::new(pipeline)),
        Err(unsupported) => (Box::new(pipeline), Err(unsupported)),
    };
    pipeline.end(done.is_err());
    done
}

/// Everything that outlives a crash of the controller. After a crash, the controller gets [`Input::Restarted`].
pub(super) struct Pipeline<C, S> {
    pub(super) model: Model<C>,
    options: Options<S>,
    /// The largest number of threads that the run needs.
    pub(super) threads: usize,
    driver: Driver<C>,
    pub(super) inbox: ControllerInbox,
    board: Arc<PublishedStatus>,
    recorder: Arc<Recorder>,
    members: Members,
    /// How many of the next notices the network will lose.
    to_lose: usize,
    /// Whether the controller has crashed and has not been told yet.
    pub(super) has_crashed: bool,
}

impl<C: Controller, S: Hooks> Pipeline<C, S> {
    fn new(setup: &Setup<C>, options: Options<S>, sink: impl FnOnce(Run) + Send + 'static) -> (Self, Vec<Forwarder>) {
        let (model, threads) = (setup.model.clone(), threads(setup, &options));
        let (controller, tasks, budget) = (model.controller().clone(), model.tasks(), model.run().attempts);
        let (inbox, forwarders) = ControllerInbox::new(usize::from(model.inboxes()));
        let phase = controller.phase();
        let board = PublishedStatus::new(phase, budget, usize::from(tasks), options.publication);
        let pipeline = Self {
            driver: Driver::new(controller, tasks, tasks, budget),
            recorder: Arc::new(Recorder::new(options.tape.clone(), phase, board.read(), sink)),
            board: Arc::new(board),
            members: Members::new(&model, setup.scenario.rules()),
            model,
            options,
            threads,
            inbox,
            to_lose: 0,
            has_crashed: false,
        };
        (pipeline, forwarders)
    }

    /// Starts every thread that the run begins with. Stops if the machine cannot start one.
    fn begin(&mut self, forwarders: Vec<Forwarder>) -> Result<(), Unsupported> {
        for forwarder in forwarders {
            let hooks = self.options.hooks.clone();
            self.spawn(move || hooks.forward(forwarder))?;
        }
        self.start_all(Attempt(1))?;
        let run = *self.model.run();
        self.expect(usize::from(run.timeout == Timeout::Hasty), || Message::TimedOut)?;
        self.expect(usize::from(run.stop), || Message::Stop)?;
        self.expect(usize::from(run.losses), || Message::Lose)?;
        self.observe()
    }

    fn spawn(&self, work: impl FnOnce() + Send + 'static) -> Result<(), Unsupported> {
        spawn(work).map_err(|_| Unsupported::NoThread(self.threads))
    }

    /// Starts a thread that sends these messages. They may come at any time.
    fn expect(&mut self, messages: usize, message: fn() -> Message) -> Result<(), Unsupported> {
        if messages == 0 {
            return Ok(());
        }
        let outside = self.inbox.expect(messages);
        let spawned = self.spawn(move || (0..messages).for_each(|_| outside.send(message())));
        if spawned.is_err() {
            self.inbox.expect_no_more(messages);
        }
        spawned
    }

    fn observe(&self) -> Result<(), Unsupported> {
        let looks = self.options.looks;
        if looks > 0 {
            let (board, recorder) = (Arc::clone(&self.board), Arc::clone(&self.recorder));
            let hooks = self.options.hooks.clone();
            // If a retry restarts only one task, the flags of the new attempt do not cover the other tasks.
            let reads_flags = !self.members.restarts_one;
            self.spawn(move || watch(&board, looks, reads_flags, &recorder, &hooks))?;
        }
        Ok(())
    }

    /// Spawns every task of an attempt.
    fn start_all(&mut self, attempt: Attempt) -> Result<(), Unsupported> {
        self.members.begin(&self.model, attempt);
        // Held until all tasks are spawned, so that no inbox closes before its last task exists.
        let inboxes: Vec<_> = (1..=self.model.inboxes()).map(|worker| self.inbox.open(WorkerId(worker))).collect();
        let tasks: Vec<TaskRun> = self.members.now().collect();
        let started = tasks.into_iter().try_for_each(|run| self.start(run));
        drop(inboxes);
        started
    }

    /// Spawns a task.
    fn start(&mut self, run: TaskRun) -> Result<(), Unsupported> {
        let inbox = self.inbox.open(self.model.actor(run.task).worker);
        let task = self.task(run, inbox);
        let new = TaskEnd { state: task.state, how: EndReason::Completed };
        self.recorder.ended(run, new);
        self.spawn(move || task.run())
    }

    fn task(&self, TaskRun { task: id, attempt }: TaskRun, inbox: Sender) -> Task<S> {
        let (actor, Place { gate, barrier, stop, end_of_run }) = (self.model.actor(id), self.members.place(id));
        Task {
            id,
            attempt,
            worker: actor.worker,
            fault: actor.fault(attempt, |_| false),
            state: TaskState::new(attempt),
            script: actor.script.clone(),
            inbox: Some(inbox),
            barrier,
            is_barrier_undone: self.members.restarts_one,
            stop: self.model.run().stop.then_some(stop),
            end_of_run,
            gate,
            board: Arc::clone(&self.board),
            is_watched: self.options.flags || self.options.looks > 0,
            recorder: Arc::clone(&self.recorder),
            quiet: Quiet::started(self.options.hooks.merges()),
            hooks: self.options.hooks.clone(),
        }
    }

    /// The controller's loop.
    pub(super) fn control(&mut self) -> Result<(), Unsupported> {
        let mut actions = 0..;
        while let Some((inbox, input)) = self.next_input() {
            self.options.hooks.pause(None, actions.next().unwrap_or_default());
            let before = self.driver.clone();
            match self.driver.receive(input, self.members.is_stale(input)) {
                Ok(received) => self.react(inbox, &before, received)?,
                Err(breach) => {
                    self.recorder.note(|run| run.breach = Some(breach));
                    self.inbox.drain();
                    break;
                }
            }
        }
        let (phase, published) = (self.driver.controller.phase(), self.board.read());
        self.recorder.note(|run| (run.phase, run.published) = (phase, published));
        Ok(())
    }

    /// Releases every waiting task, and ends the forwarders. If the run is given up, the forwarders end only when no
    /// task can send any more.
    fn end(mut self, is_given_up: bool) {
        if is_given_up {
            self.recorder.give_up();
        }
        self.release(self.members.end(), Wait::Abandoned);
        if is_given_up {
            self.inbox.drain();
        }
        self.inbox.close();
    }

    fn release(&self, waiters: Vec<Waiter>, wait: Wait) {
        self.options.hooks.release(waiters, wait);
    }

    /// The next input and its inbox. `None` when nothing else can happen.
    fn next_input(&mut self) -> Option<(Option<WorkerId>, Input)> {
        if std::mem::take(&mut self.has_crashed) {
            return Some((None, Input::Restarted));
        }
        let stage = self.driver.controller.phase().stage;
        let starting = stage == Stage::Starting;
        let mut is_idle_known = false;
        loop {
            match self.inbox.next(is_idle_known) {
                Next::Idle | Next::Over if starting && self.model.run().timeout == Timeout::Patient => {
                    return Some((None, Input::TimedOut));
                }
                Next::Idle => is_idle_known = true,
                Next::Over => return None,
                Next::Message(Message::Notice(worker, notice)) if self.to_lose > 0 => self.lose(worker, notice),
                Next::Message(Message::Notice(worker, notice)) => return Some((Some(worker), Input::Notice(notice))),
                Next::Message(Message::Lose) => self.to_lose += 1,
                Next::Message(Message::TimedOut) if starting => return Some((None, Input::TimedOut)),
                Next::Message(Message::Stop) if !stage.is_final() => return Some((None, Input::Stop)),
                Next::Message(Message::Crash) if !stage.is_final() => resume_unwind(Box::new(Crashed)),
                // A timeout ends only the starting stage, and a final stage ignores a stop and a crash. The other
                // messages are for forwarders.
                Next::Message(_) => {}
            }
        }
    }

    fn lose(&mut self, worker: WorkerId, notice: Notice) {
        self.to_lose -= 1;
        self.recorder.step(|record| record(Event::Lost(Channel::Inbox(worker), Sent::Notice(notice))));
    }

    fn react(&mut self, inbox: Option<WorkerId>, before: &Driver<C>, received: Received) -> Result<(), Unsupported> {
        let effect = self.allowed(&received)?;
        let began = effect.filter(|effect| effect.begins()).map(|_| self.driver.next_attempt());
        let transition = Transition::of(before, received, &self.driver);
        let (from, to, reaction) = (transition.before, transition.after, transition.reaction);
        let is_stopping = [from, to].map(|phase| phase.stage == Stage::Stopping);
        let ends_stop = is_stopping == [true, false] || (is_stopping[0] && began.is_some());
        self.record(Event::Controller { inbox, redelivered: false, transition }, effect, ends_stop);
        if from != to || began.is_some() {
            self.board.publish(self.driver.attempt, to);
        }
        if reaction == Reaction::BecameUp && self.options.flags {
            let flags = self.board.flags(self.members.now());
            self.recorder.note(|run| run.shown.push(flags));
        }
        if is_stopping == [false, true] {
            self.ask_to_stop();
        }
        began.zip(effect).map_or(Ok(()), |(attempt, effect)| self.go_on(attempt, effect))
    }

    /// Starts the tasks of an attempt that an effect began.
    fn go_on(&mut self, attempt: Attempt, effect: Effect) -> Result<(), Unsupported> {
        if let Effect::Restart(task) = effect {
            self.members.renew(task, attempt);
            return self.start(TaskRun { task, attempt });
        }
        self.release(self.members.leave(self.model.run().lingers), Wait::Abandoned);
        self.start_all(attempt)
    }

    /// The effect that the controller asks for, if threads can do it.
    fn allowed(&self, received: &Received) -> Result<Option<Effect>, Unsupported> {
        if received.after.stage == Stage::Stopping && !self.model.run().stop {
            return Err(Unsupported::Stop);
        }
        match received.effects[..] {
            [] => Ok(None),
            [effect @ Effect::Retry] => Ok(Some(effect)),
            [effect @ Effect::Restart(_)] if self.members.restarts_one => Ok(Some(effect)),
            [effect @ Effect::Reannounce] if self.members.are_asked => Ok(Some(effect)),
            [effect, ..] => Err(Unsupported::Effect(effect)),
        }
    }

    /// Asks every task to stop. Releases the tasks that wait for this, each with a handle to its inbox.
    fn ask_to_stop(&mut self) {
        let waiters = self.members.ask_to_stop();
        let with_handle = |waiter: Waiter| {
            let handle = self.inbox.open(waiter.worker);
            waiter.with(Some(handle))
        };
        let waiters = waiters.into_iter().map(with_handle).collect();
        self.release(waiters, Wait::Opened);
    }

    /// Records an input and its result. Meanwhile, everything that the input changes for the tasks is held. If the
    /// tasks are asked to announce themselves again, this thread sends their announcements before it lets go.
    fn record(&mut self, event: Event, effect: Option<Effect>, ends_stop: bool) {
        let (members, hooks, lingers) = (&self.members, &self.options.hooks, self.model.run().lingers);
        let mut held = Vec::new();
        let mut hold = || held = members.hold(effect, lingers, ends_stop, hooks.merges());
        hooks.close_then_record(&mut hold, || self.recorder.step(|record| record(event)));
        if effect != Some(Effect::Reannounce) {
            return;
        }
        for (TaskRun { task: from, attempt }, state) in members.now().zip(held.iter().filter_map(Guard::state)) {
            let actor = self.model.actor(from);
            if state.is_past(Step::ANNOUNCE, &actor.script) {
                let notice = Notice { from, attempt, kind: Kind::Started };
                self.inbox.open(actor.worker).send(Message::Notice(actor.worker, notice));
            }
        }
    }
}

/// The observer: it reads the published status this many times, and records each poll.
fn watch(board: &PublishedStatus, looks: u32, reads_flags: bool, recorder: &Recorder, hooks: &impl Hooks) {
    let mut before = None;
    for look in 0..looks {
        if look > 0 {
            yield_now();
        }
        let published = board.read();
        recorder.load(Loaded::Published(published));
        hooks.looked();
        let is_new = before.replace(published) != Some(published);
        let runs = is_new && published.stage == Shown::Up && reads_flags;
        let flags =
            runs.then(|| board.flags_of(published.attempt, |run, raised| recorder.load(Loaded::Flag(run, raised))));
        recorder.note(|run| run.seen.push(Sight { published, flags }));
    }
}
