//! A pipeline on threads: who runs on which thread, and the controller's loop.
//!
//! 1. The controller runs on the calling thread, so it need not be `Send`. Each task of each attempt has a thread; so have
//!    each worker's forwarder where there are several, the observer, and the clock of a hasty timeout.
//! 2. The loop ends when every inbox has closed and all that was sent has been received: nothing else can happen. A patient
//!    timeout is that moment.
//! 3. A retry is one step with the receive that causes it. While it is recorded all gates are held; then the old barrier is
//!    abandoned and the new tasks are spawned.
//! 4. A controller that breaks its contract is noted, and from then on only drained.
//! 5. If the machine cannot start a thread, or the controller asks for what threads cannot do, the run is given up: what has
//!    started comes to its end.

use std::sync::Arc;

use super::barrier::{Barrier, Wait};
use super::hooks::Hooks;
use super::inbox::{ControllerInbox, Forwarder, Message, Sender};
use super::record::{EndReason, Recorder, Run, Sight, TaskEnd};
use super::status::{PublishedStatus, Shown};
use super::stop_guard::StopGuard;
use super::sync::{Quiet, spawn, thread::yield_now};
use super::task::Task;
use super::{Options, Unsupported, check, threads};
use crate::core::{ActorId, Attempt, Controller, Effect, Input, Stage, TaskState, Timeout, WorkerId};
use crate::model::{Driver, Model, Received};
use crate::scenario::Setup;
use crate::transition::{Event, Reaction, Transition};

/// Starts a setup on threads and runs its controller here, until nothing is left to receive. The sink is given the run
/// when its last thread has ended, on that thread.
///
/// # Errors
/// If threads cannot run such a setup; then nothing was started. If the machine could not start a thread, or the controller
/// asks for what threads cannot do; then the sink is not called.
pub fn launch<C: Controller, S: Hooks>(
    setup: &Setup<C>,
    options: Options<S>,
    sink: impl FnOnce(Run) + Send + 'static,
) -> Result<(), Unsupported> {
    check(setup, &options)?;
    let (mut pipeline, forwarders) = Pipeline::new(setup, options, sink);
    let done = pipeline.run(forwarders);
    pipeline.end(done.is_err());
    done
}

struct Pipeline<'a, C, S> {
    model: &'a Model<C>,
    options: Options<S>,
    /// How many threads the run takes at most.
    threads: usize,
    driver: Driver<C>,
    inbox_of_controller: ControllerInbox,
    board: Arc<PublishedStatus>,
    recorder: Arc<Recorder>,
    /// Of the current attempt.
    gates: Vec<Arc<StopGuard>>,
    /// Of the current attempt, by worker.
    barriers: Vec<Arc<Barrier>>,
}

impl<'a, C: Controller, S: Hooks> Pipeline<'a, C, S> {
    fn new(
        setup: &'a Setup<C>,
        options: Options<S>,
        sink: impl FnOnce(Run) + Send + 'static,
    ) -> (Self, Vec<Forwarder>) {
        let (model, threads) = (&setup.model, threads(setup, &options));
        let (controller, tasks, budget) = (model.controller().clone(), model.tasks(), model.run().attempts);
        let (inbox_of_controller, forwarders) = ControllerInbox::new(usize::from(model.inboxes()));
        let phase = controller.phase();
        let board = PublishedStatus::new(phase, budget, usize::from(tasks), options.publication);
        let pipeline = Self {
            driver: Driver::new(controller, tasks, tasks, budget),
            recorder: Arc::new(Recorder::new(options.tape.clone(), phase, board.read(), sink)),
            board: Arc::new(board),
            model,
            options,
            threads,
            inbox_of_controller,
            gates: Vec::new(),
            barriers: Vec::new(),
        };
        (pipeline, forwarders)
    }

    /// The whole run, as long as the machine has threads for it.
    fn run(&mut self, forwarders: Vec<Forwarder>) -> Result<(), Unsupported> {
        for forwarder in forwarders {
            let hooks = self.options.hooks.clone();
            self.spawn(move || hooks.forward(forwarder))?;
        }
        self.start(Attempt(1))?;
        self.start_clock()?;
        self.observe()?;
        self.control()
    }

    fn spawn(&self, work: impl FnOnce() + Send + 'static) -> Result<(), Unsupported> {
        spawn(work).map_err(|_| Unsupported::NoThread(self.threads))
    }

    /// Spawns the tasks of an attempt.
    fn start(&mut self, attempt: Attempt) -> Result<(), Unsupported> {
        let (model, run) = (self.model, self.model.run());
        let can_stop = !run.lingers && attempt.0 < run.attempts;
        let ids = || (0..usize::from(model.tasks())).map(ActorId::at);
        let new = TaskEnd { state: TaskState::new(attempt), how: EndReason::Completed };
        self.recorder.note(|run| run.attempts.push(ids().map(|_| new).collect()));
        self.barriers = model.barriers.iter().map(|members| Arc::new(Barrier::new(members.len()))).collect();
        self.gates = ids().map(|_| Arc::new(StopGuard::new(can_stop))).collect();
        // Held until all are spawned: no inbox closes before its last task is there.
        let inboxes: Vec<_> =
            (1..=model.inboxes()).map(|worker| self.inbox_of_controller.open(WorkerId(worker))).collect();
        for id in ids() {
            let task = self.task(id, attempt, &inboxes);
            self.spawn(move || task.run())?;
        }
        Ok(())
    }

    fn task(&self, id: ActorId, attempt: Attempt, inboxes: &[Sender]) -> Task<S> {
        let actor = self.model.actor(id);
        let worker = actor.worker;
        Task {
            id,
            attempt,
            worker,
            fault: actor.fault(attempt, |_| false),
            state: TaskState::new(attempt),
            script: actor.script.clone(),
            inbox: inboxes[worker.index()].clone(),
            barrier: Arc::clone(&self.barriers[worker.index()]),
            gate: Arc::clone(&self.gates[id.index()]),
            board: Arc::clone(&self.board),
            recorder: Arc::clone(&self.recorder),
            is_watched: self.options.flags || self.options.looks > 0,
            quiet: Quiet::started(self.options.hooks.merges()),
            hooks: self.options.hooks.clone(),
        }
    }

    /// A clock that may run out at any time: its thread is free to be late.
    fn start_clock(&mut self) -> Result<(), Unsupported> {
        if self.model.run().timeout == Timeout::Hasty {
            let clock = self.inbox_of_controller.open_directly();
            self.spawn(move || clock.send(Message::TimedOut))?;
        }
        Ok(())
    }

    fn observe(&self) -> Result<(), Unsupported> {
        let looks = self.options.looks;
        if looks > 0 {
            let (board, recorder) = (Arc::clone(&self.board), Arc::clone(&self.recorder));
            let hooks = self.options.hooks.clone();
            self.spawn(move || watch(&board, looks, &recorder, &hooks))?;
        }
        Ok(())
    }

    /// The controller's loop.
    fn control(&mut self) -> Result<(), Unsupported> {
        let mut actions = 0..;
        while let Some((inbox, input)) = self.next_input() {
            self.options.hooks.pause(None, actions.next().unwrap_or_default());
            let before = self.driver.clone();
            match self.driver.receive(input, self.is_stale(input)) {
                Ok(received) => self.react(inbox, &before, received)?,
                Err(breach) => {
                    self.recorder.note(|run| run.breach = Some(breach));
                    while self.inbox_of_controller.next_message().is_some() {}
                    break;
                }
            }
        }
        let (phase, published) = (self.driver.controller.phase(), self.board.read());
        self.recorder.note(|run| (run.phase, run.published) = (phase, published));
        Ok(())
    }

    /// Lets the forwarders go; if the run is given up, after everything that has started has come to its end.
    fn end(mut self, is_given_up: bool) {
        if is_given_up {
            self.recorder.give_up();
            self.barriers.iter().for_each(|barrier| self.options.hooks.release(barrier.abandon(), Wait::Abandoned));
            while self.inbox_of_controller.next_message().is_some() {}
        }
        self.inbox_of_controller.close();
    }

    /// The next input, and from which inbox; none when nothing else can happen.
    fn next_input(&mut self) -> Option<(Option<WorkerId>, Input)> {
        let patient = self.model.run().timeout == Timeout::Patient;
        let starting = self.driver.controller.phase().stage == Stage::Starting;
        loop {
            match self.inbox_of_controller.next_message() {
                Some(Message::Notice(worker, notice)) => return Some((Some(worker), Input::Notice(notice))),
                Some(Message::TimedOut) if starting => return Some((None, Input::TimedOut)),
                // A timeout ends only the starting stage; the rest is for forwarders.
                Some(_) => {}
                None => return (patient && starting).then_some((None, Input::TimedOut)),
            }
        }
    }

    /// Whether an input is a notice of an attempt that its sender has left.
    fn is_stale(&self, input: Input) -> bool {
        matches!(input, Input::Notice(notice) if notice.attempt != self.driver.attempt)
    }

    fn react(&mut self, inbox: Option<WorkerId>, before: &Driver<C>, received: Received) -> Result<(), Unsupported> {
        let began = if begins(&received, &self.driver)? { Some(self.driver.next_attempt()) } else { None };
        let transition = Transition::of(before, received, &self.driver);
        let (after, reaction, changed) = (transition.after, transition.reaction, transition.before != transition.after);
        let stops = began.is_some() && !self.model.run().lingers;
        self.record(Event::Controller { inbox, redelivered: false, transition }, stops);
        if changed || began.is_some() {
            self.board.publish(self.driver.attempt, after);
        }
        if reaction == Reaction::BecameUp && self.options.flags {
            let flags = self.board.flags(self.driver.attempt);
            self.recorder.note(|run| run.shown.push(flags));
        }
        if stops {
            self.barriers.iter().for_each(|barrier| self.options.hooks.release(barrier.abandon(), Wait::Abandoned));
        }
        began.map_or(Ok(()), |attempt| self.start(attempt))
    }

    /// Records an input and what came of it; where it stops the tasks, while all their gates are held.
    fn record(&self, event: Event, stops: bool) {
        let mut shut = Vec::new();
        let mut stop = || shut.extend(self.gates.iter().filter(|_| stops).map(|gate| gate.close()));
        self.options.hooks.close_then_record(&mut stop, || self.recorder.step(|record| record(event)));
    }
}

/// Whether the controller begins an attempt.
///
/// # Errors
/// If it does what threads cannot do.
fn begins<C: Controller>(received: &Received, driver: &Driver<C>) -> Result<bool, Unsupported> {
    if driver.controller.phase().stage == Stage::Stopping {
        return Err(Unsupported::Stop);
    }
    match received.effects[..] {
        [] => Ok(false),
        [Effect::Retry] => Ok(true),
        [effect, ..] => Err(Unsupported::Effect(effect)),
    }
}

/// The observer: it reads what is published so many times, and notes each look.
fn watch(board: &PublishedStatus, looks: u32, recorder: &Recorder, hooks: &impl Hooks) {
    let mut before = None;
    for look in 0..looks {
        if look > 0 {
            yield_now();
        }
        let published = board.read();
        hooks.looked();
        let is_new = before.replace(published) != Some(published);
        let runs = is_new && published.stage == Shown::Up;
        let flags = runs.then(|| board.flags(published.attempt));
        recorder.note(|run| run.seen.push(Sight { published, flags }));
    }
}
