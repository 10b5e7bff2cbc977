//! A naive second implementation of the startup protocol, for tests to hold the real one against.
//!
//! Written from the protocol's description alone, apart from `src/`, with no code shared:
//! for both to be wrong in the same way, the same mistake would have to be made twice.
//!
//! [`enabled`] lists the actions possible in a [`State`], [`step`] carries one out. A schedule is a
//! sequence of actions up to an end: a state in which none is enabled. [`answer()`] walks every
//! schedule, one by one, and remembers nothing: it is the one to believe. [`answer_memo`] looks at
//! each state once, for scenarios with more schedules than can be walked. Both tell how many
//! schedules break each claim, the probability of that under the uniform scheduler, and the canonical
//! counterexample: the shortest, then the one with the fewest switches, then the first in order.

mod answer;

pub use answer::{Answer, Judged, answer, answer_memo};

/// A task: its worker, and the attempts in which its `on_start` panics or it vanishes there.
#[derive(Clone, Debug)]
pub struct Task {
    pub worker: u8,
    pub panics: Vec<u8>,
    pub vanishes: Vec<u8>,
}

/// The knobs, spelled as in the protocol's description, and the tasks with their fates.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub announce: &'static str,
    pub failed_while_scheduling: &'static str,
    pub failed_while_running: &'static str,
    pub barrier: &'static str,
    pub attempts: u8,
    pub old_attempt: &'static str,
    pub fence: &'static str,
    pub timeout: &'static str,
    pub cascade: &'static str,
    pub duplicates: u8,
    pub tasks: Vec<Task>,
}

/// Whether a knob of two values has the second. A misspelt one would quietly be another rule.
fn is_on(knob: &str, off: &str, on: &str) -> bool {
    assert!([off, on].contains(&knob), "no knob is {knob}");
    knob == on
}

impl Scenario {
    /// One of the named protocols: one attempt of this many healthy tasks on one worker.
    pub fn named(protocol: &str, tasks: u8) -> Scenario {
        let (announce, failed_while_scheduling, failed_while_running, barrier) = match protocol {
            "seed/buggy" => ("before-on-start", "ignore", "ignore", "none"),
            "seed/fixed" => ("after-on-start", "fail", "fail", "none"),
            "arroyo/before" => ("before-on-start", "ignore", "fail", "per-worker"),
            "arroyo/after" => ("after-barrier", "fail", "fail", "per-worker"),
            "arroyo/late-only" => ("after-barrier", "ignore", "fail", "per-worker"),
            "arroyo/handled-only" => ("before-on-start", "fail", "fail", "per-worker"),
            other => panic!("no protocol is named {other}"),
        };
        let healthy = Task { worker: 1, panics: vec![], vanishes: vec![] };
        Scenario {
            announce,
            failed_while_scheduling,
            failed_while_running,
            barrier,
            attempts: 1,
            old_attempt: "stopped",
            fence: "none",
            timeout: "none",
            cascade: "none",
            duplicates: 0,
            tasks: vec![healthy; tasks.into()],
        }
    }

    /// Every task's startup sequence.
    fn sequence(&self) -> Vec<Step> {
        use Step::{Announce, Arrive, OnStart, Run};
        let mut steps = match self.announce {
            "before-on-start" => vec![Announce, OnStart, Arrive, Run],
            "after-on-start" => vec![OnStart, Announce, Arrive, Run],
            "after-barrier" => vec![OnStart, Arrive, Announce, Run],
            "never" => vec![OnStart, Arrive, Run],
            other => panic!("nobody announces {other}"),
        };
        let barrier = is_on(self.barrier, "none", "per-worker");
        steps.retain(|step| barrier || *step != Arrive);
        steps
    }

    /// The scenario with every fault taken out, which is what the witness is about.
    fn without_faults(&self) -> Scenario {
        let mut calm = self.clone();
        calm.duplicates = 0;
        if calm.timeout == "hasty" {
            calm.timeout = "none";
        }
        for task in &mut calm.tasks {
            task.panics.clear();
            task.vanishes.clear();
        }
        calm
    }
}

/// What a task does in one action.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    Announce,
    OnStart,
    Arrive,
    Run,
    Panic,
    Report,
    Finish,
}

/// How far a task is: so many steps of its startup sequence are done, or it is past that. A task
/// that panicked or died did so out of its loop (`true`: the cascade) or in `on_start` (`false`).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Progress {
    Done(usize),
    Panicked(bool),
    Dead(bool),
    Finished,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Phase {
    Scheduling,
    Running,
    Failed(String),
}

/// A notice tells the attempt and the task (from 0) that sent it, and by which step.
type Notice = (u8, usize, Step);

/// `crews` holds the tasks of each attempt so far; a stopped attempt has none left.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    phase: Phase,
    attempt: u8,
    counted: Vec<bool>,
    crews: Vec<Vec<Progress>>,
    inboxes: Vec<Vec<Notice>>,
    duplicates: u8,
}

impl State {
    fn first(scenario: &Scenario) -> State {
        let tasks = scenario.tasks.len();
        let workers = scenario.tasks.iter().map(|task| task.worker).max();
        State {
            phase: Phase::Scheduling,
            attempt: 1,
            counted: vec![false; tasks],
            crews: vec![vec![Progress::Done(0); tasks]],
            inboxes: vec![vec![]; workers.expect("a task").into()],
            duplicates: scenario.duplicates,
        }
    }
}

/// One action of a schedule; the controller's are by inbox (from 0), a task's by how many attempts
/// ago it began, its number (from 0) and its attempt. They sort as the canonical one wants them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Action {
    Task(u8, usize, u8),
    Receive(usize),
    Keep(usize),
    Timeout,
}

impl Action {
    /// Who acts: a task of an attempt, or the controller (`None`), whatever it does.
    fn actor(self) -> Option<(u8, usize)> {
        match self {
            Action::Task(_, task, attempt) => Some((attempt, task)),
            _ => None,
        }
    }

    fn text(self, inboxes: usize) -> String {
        match self {
            Action::Task(0, task, _) => format!("{}", task + 1),
            Action::Task(_, task, attempt) => format!("{}@{attempt}", task + 1),
            Action::Receive(_) if inboxes == 1 => "c".to_string(),
            Action::Receive(inbox) => format!("c{}", inbox + 1),
            Action::Keep(_) if inboxes == 1 => "d".to_string(),
            Action::Keep(inbox) => format!("d{}", inbox + 1),
            Action::Timeout => "t".to_string(),
        }
    }
}

/// Every action possible in this state, in their order.
fn enabled(scenario: &Scenario, state: &State) -> Vec<Action> {
    let mut actions = vec![];
    for (attempt, crew) in (1..).zip(&state.crews) {
        for task in 0..crew.len() {
            let next = next_step(scenario, crew, task);
            actions.extend(next.map(|_| Action::Task(state.attempt - attempt, task, attempt)));
        }
    }
    for inbox in 0..state.inboxes.len() {
        let notice = state.inboxes[inbox].first();
        actions.extend(notice.map(|_| Action::Receive(inbox)));
        let kept = notice.filter(|_| state.duplicates > 0);
        actions.extend(kept.map(|_| Action::Keep(inbox)));
    }
    let time_is_up = match scenario.timeout {
        "none" => false,
        "patient" => actions.is_empty(),
        "hasty" => true,
        other => panic!("no timeout is {other}"),
    };
    if state.phase == Phase::Scheduling && time_is_up {
        actions.push(Action::Timeout);
    }
    actions.sort();
    actions
}

/// What this task of the crew does next, if it can do anything now.
fn next_step(scenario: &Scenario, crew: &[Progress], task: usize) -> Option<Step> {
    let sequence = scenario.sequence();
    match crew[task] {
        Progress::Done(done) if done == sequence.len() => cascade_step(scenario, crew, task),
        Progress::Done(done) => {
            let arrived = done > 0 && sequence[done - 1] == Step::Arrive;
            let held = arrived && !barrier_is_open(scenario, crew, scenario.tasks[task].worker);
            (!held).then_some(sequence[done])
        }
        Progress::Panicked(_) => Some(Step::Report),
        Progress::Dead(_) | Progress::Finished => None,
    }
}

/// What its neighbours in the chain make a task do that is in its loop.
fn cascade_step(scenario: &Scenario, crew: &[Progress], task: usize) -> Option<Step> {
    if !is_on(scenario.cascade, "none", "chain") {
        return None;
    }
    if task + 1 < crew.len() && is_dead(&crew[task + 1]) {
        return Some(Step::Panic);
    }
    let is_over = |task: &Progress| is_dead(task) || *task == Progress::Finished;
    (task > 0 && is_over(&crew[task - 1])).then_some(Step::Finish)
}

/// Whether every task of this worker has arrived.
fn barrier_is_open(scenario: &Scenario, crew: &[Progress], worker: u8) -> bool {
    let mut tasks = scenario.tasks.iter().zip(crew);
    tasks.all(|(task, at)| task.worker != worker || has_done(scenario, at, Step::Arrive))
}

/// Whether a task has this step of the startup sequence behind it.
fn has_done(scenario: &Scenario, task: &Progress, step: Step) -> bool {
    match task {
        Progress::Done(done) => scenario.sequence()[..*done].contains(&step),
        Progress::Panicked(in_loop) | Progress::Dead(in_loop) => *in_loop,
        Progress::Finished => true,
    }
}

fn is_dead(task: &Progress) -> bool {
    matches!(task, Progress::Dead(_))
}

/// The state after an enabled action.
fn step(scenario: &Scenario, state: &State, action: Action) -> State {
    let mut next = state.clone();
    match action {
        Action::Task(_, task, attempt) => step_task(scenario, &mut next, attempt, task),
        Action::Receive(inbox) => {
            let notice = next.inboxes[inbox].remove(0);
            react(scenario, &mut next, notice);
        }
        Action::Keep(inbox) => {
            next.duplicates -= 1;
            react(scenario, &mut next, state.inboxes[inbox][0]);
        }
        Action::Timeout => fail(scenario, &mut next, "timed out".to_string()),
    }
    next
}

fn step_task(scenario: &Scenario, state: &mut State, attempt: u8, task: usize) {
    let fate = &scenario.tasks[task];
    let crew = &mut state.crews[usize::from(attempt) - 1];
    let step = next_step(scenario, crew, task).expect("an enabled action");
    crew[task] = match (step, crew[task]) {
        (Step::OnStart, _) if fate.panics.contains(&attempt) => Progress::Panicked(false),
        (Step::OnStart, _) if fate.vanishes.contains(&attempt) => Progress::Dead(false),
        (Step::Panic, _) => Progress::Panicked(true),
        (Step::Finish, _) => Progress::Finished,
        (_, Progress::Done(done)) => Progress::Done(done + 1),
        (_, Progress::Panicked(in_loop)) => Progress::Dead(in_loop),
        (_, over) => over,
    };
    if matches!(step, Step::Announce | Step::Report | Step::Finish) {
        state.inboxes[usize::from(fate.worker) - 1].push((attempt, task, step));
    }
}

/// The controller's reaction to a notice; whatever is not said here is dropped.
fn react(scenario: &Scenario, state: &mut State, (attempt, task, step): Notice) {
    if is_on(scenario.fence, "none", "attempt") && attempt != state.attempt {
        return;
    }
    let fatal = match state.phase {
        Phase::Scheduling => is_on(scenario.failed_while_scheduling, "ignore", "fail"),
        Phase::Running => is_on(scenario.failed_while_running, "ignore", "fail"),
        Phase::Failed(_) => false,
    };
    if step == Step::Announce && state.phase == Phase::Scheduling {
        state.counted[task] = true;
        if !state.counted.contains(&false) {
            state.phase = Phase::Running;
        }
    } else if step == Step::Report && fatal {
        let in_on_start = scenario.tasks[task].panics.contains(&attempt);
        let cause = if in_on_start { "on_start" } else { "send" };
        fail(scenario, state, format!("task {}: {cause}", task + 1));
    }
}

/// Starts the next attempt while one is left, else gives up.
fn fail(scenario: &Scenario, state: &mut State, reason: String) {
    if state.attempt == scenario.attempts {
        state.phase = Phase::Failed(reason);
        return;
    }
    if !is_on(scenario.old_attempt, "stopped", "lingers") {
        state.crews[usize::from(state.attempt) - 1].clear();
    }
    let crew = vec![Progress::Done(0); scenario.tasks.len()];
    state.crews.push(crew);
    state.attempt += 1;
    state.phase = Phase::Scheduling;
    state.counted.fill(false);
}

/// The claims. The first is judged in every state, the others at the ends.
pub const CLAIMS: [&str; 5] = ["no-false-start", "no-lost-failure", "no-false-alarm", "always-decides", "running-runs"];

/// Whether this state breaks the claim.
fn breaks(scenario: &Scenario, state: &State, claim: &str) -> bool {
    let running = state.phase == Phase::Running;
    let mut current = state.crews[usize::from(state.attempt) - 1].iter();
    let has = |task, step| has_done(scenario, task, step);
    match claim {
        "no-false-start" => running && !current.all(|task| has(task, Step::OnStart)),
        "no-lost-failure" => running && current.any(is_dead),
        "no-false-alarm" => matches!(state.phase, Phase::Failed(_)) && !current.any(is_dead),
        "always-decides" => state.phase == Phase::Scheduling,
        _ => running && !current.all(|task| is_dead(task) || has(task, Step::Run)),
    }
}

fn false_start(scenario: &Scenario, state: &State) -> bool {
    breaks(scenario, state, CLAIMS[0])
}
