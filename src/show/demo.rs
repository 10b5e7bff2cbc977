//! The demo: the bug, or its fix, narrated from the events of one schedule, which the model steps.
//!
//! Its lines are computed, so they are true in every scenario, with two exceptions that are kept from the original
//! text: "Ignoring failure during scheduling phase!" is also printed if the phase is Running, and "triggering
//! reschedule" is also printed if no attempt is left.

#![cfg(not(loom))]

use std::fmt::Write as _;

use crate::core::{
    ActorId, Attempt, Fault, Input, Kind, Phase, PipelineController, Reason, Stage, Status, Step, WorkerId,
};
use crate::model::{Action, World};
use crate::scenario::{Rules, Scenario, Setup};
use crate::schedule::Schedule;
use crate::transition::{Dropped, Event, Reaction, Transition};

/// Which of the two demos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `seed/buggy`
    Buggy,
    /// `seed/fixed`
    Fixed,
}

impl Version {
    /// Its rules.
    pub fn rules(self) -> Rules {
        let name = match self {
            Self::Buggy => "seed/buggy",
            Self::Fixed => "seed/fixed",
        };
        Rules::named(name).expect("both protocols have a name")
    }

    fn tag(self) -> &'static str {
        match self {
            Self::Buggy => "BUGGY",
            Self::Fixed => "FIXED",
        }
    }
}

/// The schedule of the demo. It has rounds: each task takes one step, in order, and a task that panics reports it at
/// once. After each report, and at the end of each round, the controller reads everything in its inbox. A retry
/// begins a new round. The schedule stops at the controller's reaction to the last failure, unless this begins a new
/// attempt. If there is no failure, it stops at the last notice. If a stop may be asked for, it is asked for then, and
/// each task that can stop does so.
pub fn schedule(setup: &Setup<PipelineController>) -> Schedule {
    let mut story = Story { setup, world: setup.model.start(), taken: Vec::new() };
    while !story.is_told() && story.round() {}
    if setup.scenario.rules().run.stop {
        story.stop();
    }
    Schedule(story.taken)
}

struct Story<'a> {
    setup: &'a Setup<PipelineController>,
    world: World<PipelineController>,
    taken: Vec<Action>,
}

impl Story<'_> {
    /// Plays a round. Returns false if no actor could move.
    fn round(&mut self) -> bool {
        let (attempt, before) = (self.world.driver.attempt, self.taken.len());
        for task in self.setup.scenario.ids() {
            self.take(Action::Step(task));
            if matches!(self.world.attempts[0][task.index()].status, Status::Panicked(_)) {
                self.take(Action::Step(task));
                self.read();
            }
            if self.is_told() || self.world.driver.attempt != attempt {
                return true;
            }
        }
        self.read();
        self.taken.len() > before
    }

    /// Takes every task to `run`, asks for a stop, and lets every task stop.
    fn stop(&mut self) {
        let tasks: Vec<ActorId> = self.setup.scenario.ids().collect();
        while tasks.iter().any(|&task| self.take(Action::Step(task))) {}
        self.read();
        if self.take(Action::Stop) {
            for &task in &tasks {
                self.take(Action::Step(task));
            }
            self.read();
        }
    }

    fn read(&mut self) {
        while self.take(Action::Receive(WorkerId(1))) {}
    }

    fn take(&mut self, actor: Action) -> bool {
        let took = self.setup.model.apply(&mut self.world, actor).is_ok();
        if took {
            self.taken.push(actor);
        }
        took
    }

    /// Whether the inboxes are empty and every task that panics in this attempt is dead. If no task panics: whether the
    /// inboxes are empty and every task has announced itself.
    fn is_told(&self) -> bool {
        let attempt = self.world.driver.attempt;
        let fails = |task: ActorId| self.setup.scenario.fault(task, attempt) == Some(Fault::Panics);
        let done = |task: ActorId| {
            let state = self.world.attempts[0][task.index()];
            let announced = || state.has_completed(Step::ANNOUNCE, &self.setup.model.actor(task).script);
            if fails(task) { state.is_dead() } else { announced() }
        };
        let someone_fails = self.setup.scenario.ids().any(fails);
        let waits_for = self.setup.scenario.ids().filter(|&task| fails(task) || !someone_fails);
        self.world.inboxes.iter().all(|inbox| inbox.is_empty()) && waits_for.into_iter().all(done)
    }
}

/// Narrates a schedule. Steps that the model refuses are left out.
pub fn tell(version: Version, setup: &Setup<PipelineController>, schedule: &Schedule) -> String {
    let mut world = setup.model.start();
    let events: Vec<Event> =
        schedule.0.iter().filter_map(|&actor| setup.model.observe(&mut world, actor).ok()).collect();
    let told = Told { version, setup };
    let mut text = told.opening();
    let mut started = Vec::new();
    for event in &events {
        for line in told.lines(event, &mut started) {
            let _ = writeln!(text, "[{}] {line}", version.tag());
        }
    }
    let _ = writeln!(text, "\n=== Results ===\nFinal pipeline state: {}\n", told.phase(world.phase()));
    text + &told.closing(&world, &events)
}

struct Told<'a> {
    version: Version,
    setup: &'a Setup<PipelineController>,
}

impl Told<'_> {
    fn opening(&self) -> String {
        let (tag, order) = match self.version {
            Version::Buggy => ("BUGGY", "before"),
            Version::Fixed => ("FIXED", "after"),
        };
        let scenario = &self.setup.scenario;
        let count = scenario.tasks().len();
        let plural = if count == 1 { "" } else { "s" };
        format!(
            "=== Arroyo Issue #712: Task Startup Race Condition ===\n\n\
             Running {tag} version (TaskStarted {order} on_start)...\n\n\
             Scenario: Start {count} task{plural}, {} during on_start\n\n",
            failing(scenario)
        )
    }

    /// The lines for an event. `started` has the tasks that have completed `on_start`.
    fn lines(&self, event: &Event, started: &mut Vec<(Attempt, ActorId)>) -> Vec<String> {
        match *event {
            Event::Task { attempt, task, step, state, .. } => {
                let begins = format!("Task {} executing on_start...", task.0);
                match step {
                    Step::ANNOUNCE if started.contains(&(attempt, task)) => {
                        vec![format!("Task {} sending TaskStarted (after on_start)", task.0)]
                    }
                    Step::ANNOUNCE => vec![format!("Task {} sending TaskStarted (before on_start)", task.0)],
                    Step::OnStart if matches!(state.status, Status::Panicked(_)) => {
                        vec![begins, format!("Task {} ({}) PANICKED during on_start!", task.0, self.name(task))]
                    }
                    Step::OnStart => {
                        started.push((attempt, task));
                        vec![begins]
                    }
                    Step::Run => vec![format!("Task {} is running", task.0)],
                    Step::Stop => vec![format!("Task {} stops, sending TaskFinished", task.0)],
                    Step::Send(_) | Step::Arrive | Step::Panic(_) | Step::Discard => Vec::new(),
                }
            }
            Event::Controller { ref transition, .. } => self.received(transition),
            Event::Lost(..) => vec!["A message was lost".to_string()],
        }
    }

    fn received(&self, received: &Transition) -> Vec<String> {
        let notice = match received.input {
            Input::Notice(notice) => notice,
            Input::TimedOut => return vec!["Gave up waiting".to_string()],
            Input::Stop => {
                return vec!["A stop was asked".to_string(), format!("The phase is {}", received.after.name)];
            }
            Input::Restarted => return vec!["The controller crashed and restarted".to_string()],
        };
        let mut lines = vec![match notice.kind {
            Kind::Started => format!("Received TaskStarted for task {}", notice.from.0),
            Kind::Finished => format!("Received TaskFinished for task {}", notice.from.0),
            Kind::Own(name) => format!("Received {name} of task {}", notice.from.0),
            Kind::Failed(cause) => {
                let reason = self.reason(Reason::Task(notice.from, cause));
                format!("Received TaskFailed for task {}: {reason}", notice.from.0)
            }
        }];
        let failure = matches!(notice.kind, Kind::Failed(_));
        let during = if received.before.stage == Stage::Up { "while running" } else { "during scheduling" };
        match received.reaction {
            Reaction::BecameUp => lines.push("All tasks started, transitioning to Running".to_string()),
            Reaction::Duplicate => lines.push("It had been counted before".to_string()),
            Reaction::Dropped(Dropped::Final) => lines.push("The pipeline has failed already".to_string()),
            Reaction::Dropped(_) if failure => lines.push("Ignoring failure during scheduling phase!".to_string()),
            Reaction::Failed(_) => lines.push(format!("Failure {during} - triggering reschedule")),
            Reaction::Retry(_) | Reaction::Restart(..) => {
                let (budget, next) =
                    (self.setup.scenario.rules().run.attempts, received.began.map_or(0, |next| next.0));
                lines.push(format!("Failure {during} - triggering reschedule"));
                lines.push(format!("Attempt {next} of {budget} begins"));
            }
            Reaction::Moved => lines.push(format!("The phase is {}", received.after.name)),
            Reaction::Counted | Reaction::Acknowledged | Reaction::Dropped(_) => {}
        }
        lines
    }

    fn closing(&self, world: &World<PipelineController>, events: &[Event]) -> String {
        let is_panic =
            |event: &Event| matches!(event, Event::Task { state, .. } if matches!(state.status, Status::Panicked(_)));
        let panicked = events.iter().any(is_panic);
        let dead: Vec<ActorId> =
            self.setup.scenario.ids().filter(|task| world.attempts[0][task.index()].is_dead()).collect();
        match world.stage() {
            Stage::Up if !panicked => self.no_failure(world),
            Stage::Up if !dead.is_empty() => format!(
                "[BUG DEMONSTRATED]\nPipeline shows as 'Running' but {} failed!\n\n{PROBLEM}",
                tasks(&dead.iter().map(|task| task.0.to_string()).collect::<Vec<_>>())
            ),
            Stage::Failed(reason) => {
                format!("[FIXED]\nPipeline correctly shows as Failed: {}\n\n{FIX}", self.reason(reason))
            }
            Stage::Up => {
                let (attempt, budget) = (world.driver.attempt.0, self.setup.scenario.rules().run.attempts);
                format!(
                    "[FIXED]\nPipeline correctly shows as Running: attempt {attempt} of {budget} started every task\n\n{FIX}"
                )
            }
            Stage::Starting => "[UNDECIDED]\nPipeline is still scheduling\n".to_string(),
            Stage::Ended => "[STOPPED]\nPipeline stopped as asked: every task has finished\n".to_string(),
            Stage::Stopping if dead.is_empty() => "[UNDECIDED]\nPipeline is still stopping\n".to_string(),
            Stage::Stopping => format!(
                "[NOT STOPPED]\nPipeline is still stopping: {} will never finish\n",
                tasks(&dead.iter().map(|task| task.0.to_string()).collect::<Vec<_>>())
            ),
        }
    }

    fn no_failure(&self, world: &World<PipelineController>) -> String {
        let early = |id: &ActorId| {
            let state = world.attempts[0][id.index()];
            !state.has_completed(Step::OnStart, &self.setup.model.actor(*id).script)
        };
        let (early, all) = (self.setup.scenario.ids().filter(early).count(), self.setup.scenario.tasks().len());
        let how = match early {
            0 => "every task had completed on_start before that".to_string(),
            early => format!("it was so before {early} of {all} had completed on_start"),
        };
        format!("[NO FAILURE]\nPipeline shows as 'Running' and no task failed;\n{how}\n")
    }

    fn name(&self, task: ActorId) -> &str {
        &self.setup.scenario.task(task).name
    }

    fn reason(&self, reason: Reason) -> String {
        match reason {
            Reason::Task(task, _) => format!("{} panicked", self.name(task)),
            Reason::TimedOut => "timed out".to_string(),
            Reason::Other(reason) => reason.to_string(),
        }
    }

    fn phase(&self, phase: Phase) -> String {
        match phase.stage {
            Stage::Failed(reason) => format!("{}({:?})", phase.name, self.reason(reason)),
            Stage::Starting | Stage::Up | Stage::Stopping | Stage::Ended => phase.name.to_string(),
        }
    }
}

/// The tasks that will panic. Each is named with its attempts, unless it panics in every attempt.
fn failing(scenario: &Scenario) -> String {
    let budget = scenario.rules().run.attempts;
    let describe = |task: ActorId| {
        let panics = |attempt: &u8| scenario.fault(task, Attempt(*attempt)) == Some(Fault::Panics);
        let attempts: Vec<String> = (1..=budget).filter(panics).map(|attempt| attempt.to_string()).collect();
        let name = format!("{} ({})", task.0, scenario.task(task).name);
        match attempts.len() {
            0 => None,
            all if all == usize::from(budget) => Some(name),
            _ => Some(format!("{name} in attempt {}", attempts.join(" and "))),
        }
    };
    let names: Vec<String> = scenario.ids().filter_map(describe).collect();
    if names.is_empty() { "no task will panic".to_string() } else { format!("{} will panic", tasks(&names)) }
}

/// `task 2`, `tasks 1 and 3`, `tasks 1, 2 and 3`
fn tasks(names: &[String]) -> String {
    match names {
        [one] => format!("task {one}"),
        [first @ .., last] => format!("tasks {} and {last}", first.join(", ")),
        [] => "no task".to_string(),
    }
}

const PROBLEM: &str = "Problem:
  - TaskStarted sent BEFORE on_start completes
  - All TaskStarted received -> pipeline marked Running
  - TaskFailed during scheduling was IGNORED
  - Pipeline appears healthy but is broken
";

const FIX: &str = "Fix:
  - TaskStarted sent AFTER on_start completes
  - TaskFailed during scheduling triggers reschedule
  - Failed tasks are properly detected
";
