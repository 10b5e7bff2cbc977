//! A pipeline on threads: who runs on which thread, and the controller's loop.
//!
//! 1. The controller runs on the calling thread, so it need not be `Send`. Each task of each attempt has a thread; so have
//!    each worker's forwarder where there are several, the observer, and the clock of a hasty timeout.
//! 2. The loop ends when every inbox has closed and all that was sent has been received: nothing else can happen. A patient
//!    timeout is that moment.
//! 3. A retry is one step with the receive that causes it. While it is recorded all gates are held; then the old barrier is
//!    abandoned and the new tasks are spawned.
//! 4. A controller that breaks its contract is noted, and from then on only drained.
//! 5. If the machine cannot start a thread, the run is given up: what has started comes to its end.

use std::io;
use std::sync::Arc;

use super::barrier::{Barrier, Wait};
use super::gate::Gate;
use super::health::{Board, Shown};
use super::mailbox::{Forwarder, Mail, Mailroom, Sender};
use super::record::{Ended, How, Recorder, Run, Sight};
use super::seams::Seams;
use super::sync::{spawn, thread::yield_now};
use super::task::Task;
use super::{CannotRun, Options, check, threads};
use crate::core::{ActorId, Attempt, Controller, Input, Phase, TaskState, Timeout, WorkerId};
use crate::model::{Driver};
use crate::scenario::{Setup};
use crate::transition::{Event, Reaction, Transition};

/// Starts a setup on threads and runs its controller here, until nothing is left to receive. The sink is given the run
/// when its last thread has ended, on that thread.
///
/// # Errors
/// If threads cannot run such a setup; then nothing was started. If the machine could not start a thread; then the sink is
/// not called.
pub fn launch<C: Controller, S: Seams>(
    setup: &Setup<C>,
    options: Options<S>,
    sink: impl FnOnce(Run) + Send + 'static,
) -> Result<(), CannotRun> {
    check(setup, &options)?;
    let no_thread = CannotRun::NoThread(threads(setup, &options));
    let (mut pipeline, forwarders) = PipelineController::new(setup, options, sink);
    let done = pipeline.run(forwarders);
    pipeline.end(done.is_err());
    done.map_err(|_| no_thread)
}

struct PipelineController<'a, C, S> {
    setup: &'a Setup<C>,
    options: Options<S>,
    control: Driver<C>,
    mailroom: Mailroom,
    board: Arc<Board>,
    recorder: Arc<Recorder>,
    /// Of the current attempt.
    gates: Vec<Arc<Gate>>,
    /// Of the current attempt, by worker.
    barriers: Vec<Arc<Barrier>>,
}

impl<'a, C: Controller, S: Seams> PipelineController<'a, C, S> {
    fn new(
        setup: &'a Setup<C>,
        options: Options<S>,
        sink: impl FnOnce(Run) + Send + 'static,
    ) -> (Self, Vec<Forwarder>) {
        let (scenario, rules) = (&setup.scenario, setup.scenario.rules());
        let tasks = scenario.tasks().len();
        let (mailroom, forwarders) = Mailroom::new(usize::from(scenario.workers()));
        let board = Board::new(setup.controller.phase(), rules.attempts, tasks, options.publication);
        let pipeline = Self {
            control: Driver::new(setup.controller.clone(), ActorId::at(tasks - 1).0, rules.attempts),
            recorder: Arc::new(Recorder::new(options.tape.clone(), board.read(), sink)),
            board: Arc::new(board),
            setup,
            options,
            mailroom,
            gates: Vec::new(),
            barriers: Vec::new(),
        };
        (pipeline, forwarders)
    }

    /// The whole run, as long as the machine has threads for it.
    fn run(&mut self, forwarders: Vec<Forwarder>) -> io::Result<()> {
        for forwarder in forwarders {
            let seams = self.options.seams.clone();
            spawn(move || seams.forward(forwarder))?;
        }
        self.start(Attempt(1))?;
        self.start_clock()?;
        self.observe()?;
        self.control()
    }

    /// Spawns the tasks of an attempt.
    fn start(&mut self, attempt: Attempt) -> io::Result<()> {
        let (scenario, rules) = (&self.setup.scenario, self.setup.scenario.rules());
        let can_stop = rules.old_attempt == OldAttempt::Stopped && attempt.0 < rules.attempts;
        let workers = || (0..usize::from(scenario.workers())).map(WorkerId::at);
        let crew = vec![Ended { life: Life::NEW, how: How::Over }; scenario.tasks().len()];
        self.recorder.note(|run| run.attempts.push(crew));
        self.barriers = workers().map(|worker| Arc::new(Barrier::new(scenario.on(worker).count()))).collect();
        self.gates = scenario.ids().map(|_| Arc::new(Gate::new(can_stop))).collect();
        // Held until all are spawned: no inbox closes before its last task is there.
        let inboxes: Vec<_> = workers().map(|worker| self.mailroom.open(worker)).collect();
        for id in scenario.ids() {
            let task = self.task(id, attempt, &inboxes);
            spawn(move || task.run())?;
        }
        Ok(())
    }

    fn task(&self, id: ActorId, attempt: Attempt, inboxes: &[Sender]) -> Task<S> {
        let worker = self.setup.scenario.task(id).worker;
        Task {
            id,
            attempt,
            worker,
            fate: self.setup.scenario.fate(id, attempt),
            life: Life::NEW,
            sequence: self.setup.sequence.clone(),
            inbox: inboxes[worker.index()].clone(),
            barrier: Arc::clone(&self.barriers[worker.index()]),
            gate: Arc::clone(&self.gates[id.index()]),
            board: Arc::clone(&self.board),
            recorder: Arc::clone(&self.recorder),
            seams: self.options.seams.clone(),
        }
    }

    /// A clock that may run out at any time: its thread is free to be late.
    fn start_clock(&mut self) -> io::Result<()> {
        if self.setup.scenario.rules().timeout == Timeout::Hasty {
            let clock = self.mailroom.open_directly();
            spawn(move || clock.send(Mail::TimedOut))?;
        }
        Ok(())
    }

    fn observe(&self) -> io::Result<()> {
        let looks = self.options.looks;
        if looks > 0 {
            let (board, recorder) = (Arc::clone(&self.board), Arc::clone(&self.recorder));
            let seams = self.options.seams.clone();
            spawn(move || watch(&board, looks, &recorder, &seams))?;
        }
        Ok(())
    }

    /// The controller's loop.
    fn control(&mut self) -> io::Result<()> {
        let mut actions = 0..;
        while let Some((inbox, input)) = self.next_input() {
            self.options.seams.pause(None, actions.next().unwrap_or_default());
            match self.driver.receive(input) {
                Ok(received) => self.react(inbox, received)?,
                Err(breach) => {
                    self.recorder.note(|run| run.breach = Some(breach));
                    while self.mailroom.next_mail().is_some() {}
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
            self.barriers.iter().for_each(|barrier| self.options.seams.let_go(barrier.abandon(), Wait::Abandoned));
            while self.mailroom.next_mail().is_some() {}
        }
        self.mailroom.close();
    }

    /// The next input, and from which inbox; none when nothing else can happen.
    fn next_input(&mut self) -> Option<(Option<WorkerId>, Input)> {
        let patient = self.setup.scenario.rules().timeout == Timeout::Patient;
        let scheduling = self.driver.controller.phase() == Phase::Scheduling;
        loop {
            match self.mailroom.next_mail() {
                Some(Mail::Notice(worker, notice)) => return Some((Some(worker), Input::Notice(notice))),
                Some(Mail::TimedOut) if scheduling => return Some((None, Input::TimedOut)),
                // A timeout ends only Scheduling; the rest is for forwarders.
                Some(_) => {}
                None => return (patient && scheduling).then_some((None, Input::TimedOut)),
            }
        }
    }

    fn react(&mut self, inbox: Option<WorkerId>, received: Transition) -> io::Result<()> {
        let stops = received.began.is_some() && self.setup.scenario.rules().old_attempt == OldAttempt::Stopped;
        self.record(Event::Controller { inbox, kept: false, received }, stops);
        if received.before != received.after || received.began.is_some() {
            self.board.publish(self.driver.attempt, received.after);
        }
        if received.reaction == Reaction::BecameUp && self.options.flags {
            let flags = self.board.flags(self.driver.attempt);
            self.recorder.note(|run| run.shown.push(flags));
        }
        if stops {
            self.barriers.iter().for_each(|barrier| self.options.seams.let_go(barrier.abandon(), Wait::Abandoned));
        }
        if let Some(attempt) = received.began {
            self.start(attempt)?;
        }
        Ok(())
    }

    /// Records an input and what came of it; where it stops the tasks, while all their gates are held.
    fn record(&self, event: Event, stops: bool) {
        let mut shut = Vec::new();
        let mut stop = || shut.extend(self.gates.iter().filter(|_| stops).map(|gate| gate.shut()));
        self.options.seams.stop(&mut stop, || self.recorder.step(|record| record(event)));
    }
}

/// The observer: it reads what is published so many times, and notes each look.
fn watch(board: &Board, looks: u32, recorder: &Recorder, seams: &impl Seams) {
    let mut before = None;
    for look in 0..looks {
        if look > 0 {
            yield_now();
        }
        let published = board.read();
        seams.looked();
        let is_new = before.replace(published) != Some(published);
        let runs = is_new && published.phase == Shown::Running;
        let flags = runs.then(|| board.flags(published.attempt));
        recorder.note(|run| run.seen.push(Sight { published, flags }));
    }
}
