//! A simple second implementation of the startup protocol. Tests compare the real one with it.
//!
//! It was written from the protocol's description alone and shares no code with `src/`. Both can be wrong in the same
//! way only if the same mistake was made twice, or if the description is wrong.
//!
//! [`enabled`] lists the actions that are possible in a [`State`], and [`step`] takes one. A schedule is a sequence of
//! actions up to an end: a state in which no action is enabled. [`answer()`] walks every schedule, one by one, and
//! stores nothing: it is the simplest and the most trustworthy. [`answer_memo`] visits each state only once for each
//! action that leads to it, for scenarios with too many schedules to walk. Both return how many schedules break each
//! claim, the probability of that under the uniform scheduler, and the canonical counterexample: the shortest, then the
//! one with the fewest switches, then the first in order.

mod answer;

pub use answer::{Answer, Judged, answer, answer_memo};

/// A task: its worker, and the attempts in which its `on_start` panics, it vanishes or hangs there, or it dies in its
/// loop.
#[derive(Clone, Debug)]
pub struct Task {
    pub worker: u8,
    pub panics: Vec<u8>,
    pub vanishes: Vec<u8>,
    pub hangs: Vec<u8>,
    pub dies: Vec<u8>,
}

/// The knobs, spelled as in the protocol's description, and the tasks with their faults.
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
    pub losses: u8,
    pub stop: &'static str,
    pub stop_while_scheduling: &'static str,
    pub failed_while_stopping: &'static str,
    pub crashes: u8,
    pub recovery: &'static str,
    pub restart: &'static str,
    pub tasks: Vec<Task>,
}

/// Whether a knob with two values has the second one. A misspelt value panics. Otherwise it would silently be another
/// rule.
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
        let healthy = Task { worker: 1, panics: vec![], vanishes: vec![], hangs: vec![], dies: vec![] };
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
            losses: 0,
            stop: "none",
            stop_while_scheduling: "obey",
            failed_while_stopping: "fail",
            crashes: 0,
            recovery: "forgets",
            restart: "all",
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
            other => panic!("no task announces {other}"),
        };
        let barrier = is_on(self.barrier, "none", "per-worker");
        steps.retain(|step| barrier || *step != Arrive);
        steps
    }

    /// The scenario without faults, in which the witness is judged.
    fn without_faults(&self) -> Scenario {
        let mut calm = self.clone();
        (calm.duplicates, calm.losses, calm.crashes, calm.stop) = (0, 0, 0, "none");
        if calm.timeout == "hasty" {
            calm.timeout = "none";
        }
        for task in &mut calm.tasks {
            task.panics.clear();
            task.vanishes.clear();
            task.hangs.clear();
            task.dies.clear();
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
    Stop,
}

/// How far a task is: how many steps of its startup sequence it has done, or its state after that. If a task panicked
/// or died, `true` means in its loop and `false` means in `on_start`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Progress {
    Done(usize),
    Panicked(bool),
    Dead(bool),
    Finished,
    Hung,
}

/// A task: its attempt, and how far it is.
type Member = (u8, Progress);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Phase {
    Scheduling,
    Running,
    Stopping,
    Stopped,
    Failed(String),
}

impl Phase {
    fn is_final(&self) -> bool {
        matches!(self, Phase::Stopped | Phase::Failed(_))
    }
}

/// A notice: the attempt and the task (from 0) that sent it, and the step that sent it.
type Notice = (u8, usize, Step);

/// A state. The last of `crews` has the current tasks; the ones before it have those of each lingering attempt. `wish`
/// is a deferred stop. `asked` says that the stop was asked for.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    phase: Phase,
    attempt: u8,
    counted: Vec<bool>,
    over: Vec<bool>,
    wish: bool,
    asked: bool,
    crews: Vec<Vec<Member>>,
    inboxes: Vec<Vec<Notice>>,
    duplicates: u8,
    losses: u8,
    crashes: u8,
}

impl State {
    fn first(scenario: &Scenario) -> State {
        let tasks = scenario.tasks.len();
        let workers = scenario.tasks.iter().map(|task| task.worker).max();
        State {
            phase: Phase::Scheduling,
            attempt: 1,
            counted: vec![false; tasks],
            over: vec![false; tasks],
            wish: false,
            asked: false,
            crews: vec![vec![(1, Progress::Done(0)); tasks]],
            inboxes: vec![vec![]; workers.expect("a task").into()],
            duplicates: scenario.duplicates,
            losses: scenario.losses,
            crashes: scenario.crashes,
        }
    }

    fn crew(&self) -> &[Member] {
        &self.crews[self.crews.len() - 1]
    }
}

/// One action of a schedule. The controller's actions on a notice have an inbox (from 0). A task's action has the
/// number of retries of all tasks since it began, its number (from 0) and its attempt. The derived order is the
/// canonical order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Action {
    Task(u8, usize, u8),
    Receive(usize),
    Keep(usize),
    Lose(usize),
    Stop,
    Timeout,
    Crash,
}

impl Action {
    /// The actor: a task of an attempt, or `None` for the controller.
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
            Action::Lose(_) if inboxes == 1 => "l".to_string(),
            Action::Lose(inbox) => format!("l{}", inbox + 1),
            Action::Stop => "s".to_string(),
            Action::Timeout => "t".to_string(),
            Action::Crash => "x".to_string(),
        }
    }
}

/// Every action that is possible in this state, in canonical order.
fn enabled(scenario: &Scenario, state: &State) -> Vec<Action> {
    let mut actions = vec![];
    for (age, crew) in (0..).zip(state.crews.iter().rev()) {
        let stopping = age == 0 && state.phase == Phase::Stopping;
        for task in 0..crew.len() {
            let next = next_step(scenario, crew, task, stopping);
            actions.extend(next.map(|_| Action::Task(age, task, crew[task].0)));
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
    let full = (0..state.inboxes.len()).filter(|&inbox| state.losses > 0 && !state.inboxes[inbox].is_empty());
    actions.extend(full.map(Action::Lose));
    let stops = is_on(scenario.stop, "none", "asked") && !state.asked;
    actions.extend((stops && !state.phase.is_final()).then_some(Action::Stop));
    actions.extend((state.crashes > 0 && !state.phase.is_final()).then_some(Action::Crash));
    actions.sort();
    actions
}

/// The next step of this task of the crew, if it can take one.
fn next_step(scenario: &Scenario, crew: &[Member], task: usize, stopping: bool) -> Option<Step> {
    let sequence = scenario.sequence();
    let (attempt, at) = crew[task];
    match at {
        Progress::Done(done) if done == sequence.len() && scenario.tasks[task].dies.contains(&attempt) => {
            Some(Step::Panic)
        }
        Progress::Done(done) if done == sequence.len() => {
            cascade_step(scenario, crew, task).or(stopping.then_some(Step::Stop))
        }
        Progress::Done(done) => {
            let arrived = done > 0 && sequence[done - 1] == Step::Arrive;
            let held = arrived && !barrier_is_open(scenario, crew, scenario.tasks[task].worker);
            (!held).then_some(sequence[done])
        }
        Progress::Panicked(_) => Some(Step::Report),
        Progress::Dead(_) | Progress::Finished | Progress::Hung => None,
    }
}

/// The step that the neighbours in the chain cause for a task in its loop.
fn cascade_step(scenario: &Scenario, crew: &[Member], task: usize) -> Option<Step> {
    if !is_on(scenario.cascade, "none", "chain") {
        return None;
    }
    if task + 1 < crew.len() && is_dead(&crew[task + 1].1) {
        return Some(Step::Panic);
    }
    let is_over = |task: &Progress| is_dead(task) || *task == Progress::Finished;
    (task > 0 && is_over(&crew[task - 1].1)).then_some(Step::Finish)
}

/// Whether every task of this worker has arrived.
fn barrier_is_open(scenario: &Scenario, crew: &[Member], worker: u8) -> bool {
    let mut tasks = scenario.tasks.iter().zip(crew);
    tasks.all(|(task, (_, at))| task.worker != worker || has_done(scenario, at, Step::Arrive))
}

/// Whether a task has done this step of the startup sequence.
fn has_done(scenario: &Scenario, task: &Progress, step: Step) -> bool {
    match task {
        Progress::Done(done) => scenario.sequence()[..*done].contains(&step),
        Progress::Panicked(in_loop) | Progress::Dead(in_loop) => *in_loop,
        Progress::Finished => true,
        Progress::Hung => false,
    }
}

fn is_dead(task: &Progress) -> bool {
    matches!(task, Progress::Dead(_))
}

/// The state after an enabled action.
fn step(scenario: &Scenario, state: &State, action: Action) -> State {
    let mut next = state.clone();
    match action {
        Action::Task(age, task, _) => step_task(scenario, &mut next, usize::from(age), task),
        Action::Receive(inbox) => {
            let notice = next.inboxes[inbox].remove(0);
            react(scenario, &mut next, notice);
        }
        Action::Keep(inbox) => {
            next.duplicates -= 1;
            react(scenario, &mut next, state.inboxes[inbox][0]);
        }
        Action::Lose(inbox) => {
            next.losses -= 1;
            next.inboxes[inbox].remove(0);
        }
        Action::Stop => {
            next.asked = true;
            ask_to_stop(scenario, &mut next);
        }
        Action::Timeout => fail(scenario, &mut next, "timed out".to_string(), None),
        Action::Crash => crash(scenario, &mut next),
    }
    next
}

fn step_task(scenario: &Scenario, state: &mut State, age: usize, task: usize) {
    let fate = &scenario.tasks[task];
    let stopping = age == 0 && state.phase == Phase::Stopping;
    let crew = state.crews.len() - 1 - age;
    let crew = &mut state.crews[crew];
    let step = next_step(scenario, crew, task, stopping).expect("an enabled action");
    let (attempt, at) = crew[task];
    crew[task].1 = match (step, at) {
        (Step::OnStart, _) if fate.panics.contains(&attempt) => Progress::Panicked(false),
        (Step::OnStart, _) if fate.vanishes.contains(&attempt) => Progress::Dead(false),
        (Step::OnStart, _) if fate.hangs.contains(&attempt) => Progress::Hung,
        (Step::Panic, _) => Progress::Panicked(true),
        (Step::Finish | Step::Stop, _) => Progress::Finished,
        (_, Progress::Done(done)) => Progress::Done(done + 1),
        (_, Progress::Panicked(in_loop)) => Progress::Dead(in_loop),
        (_, over) => over,
    };
    let says = if step == Step::Stop { Step::Finish } else { step };
    if matches!(says, Step::Announce | Step::Report | Step::Finish) {
        state.inboxes[usize::from(fate.worker) - 1].push((attempt, task, says));
    }
}

/// The controller's reaction to a notice. A notice for which there is no arm is dropped.
fn react(scenario: &Scenario, state: &mut State, (attempt, task, step): Notice) {
    let stale = attempt != state.crew()[task].0;
    if state.phase.is_final() || is_on(scenario.fence, "none", "attempt") && stale {
        return;
    }
    let may_stop = is_on(scenario.stop, "none", "asked");
    match (&state.phase, step) {
        (Phase::Scheduling, Step::Announce) => {
            state.counted[task] = true;
            if !state.counted.contains(&false) && state.wish {
                state.wish = false;
                begin_stop(state);
            } else if !state.counted.contains(&false) {
                state.phase = Phase::Running;
            }
        }
        (Phase::Running, Step::Finish) if may_stop => state.over[task] = true,
        (Phase::Stopping, Step::Finish) => over(state, task),
        (_, Step::Report) => failed(scenario, state, attempt, task),
        _ => {}
    }
}

/// What a `TaskFailed` does.
fn failed(scenario: &Scenario, state: &mut State, attempt: u8, task: usize) {
    let fate = &scenario.tasks[task];
    let cause = match () {
        () if fate.panics.contains(&attempt) => "on_start",
        () if fate.dies.contains(&attempt) => "died",
        () => "send",
    };
    let reason = format!("task {}: {cause}", task + 1);
    let rule = match state.phase {
        Phase::Scheduling if is_on(scenario.failed_while_scheduling, "ignore", "fail") => "retry",
        Phase::Running if is_on(scenario.failed_while_running, "ignore", "fail") => "retry",
        Phase::Stopping => scenario.failed_while_stopping,
        _ => "ignore",
    };
    let one = is_on(scenario.restart, "all", "one");
    match rule {
        "ignore" => {}
        "count" => over(state, task),
        "fail" => state.phase = Phase::Failed(reason),
        "retry" => fail(scenario, state, reason, one.then_some(task)),
        other => panic!("no rule is {other}"),
    }
}

/// Enters Stopping, or Stopped if every task is already over.
fn begin_stop(state: &mut State) {
    state.phase = if state.over.contains(&false) { Phase::Stopping } else { Phase::Stopped };
}

fn over(state: &mut State, task: usize) {
    state.over[task] = true;
    begin_stop(state);
}

fn ask_to_stop(scenario: &Scenario, state: &mut State) {
    match (&state.phase, scenario.stop_while_scheduling) {
        (Phase::Running, _) | (Phase::Scheduling, "obey") => begin_stop(state),
        (Phase::Scheduling, "defer") => state.wish = true,
        (_, "obey" | "defer" | "ignore") => {}
        (_, other) => panic!("no stop is {other}"),
    }
}

fn crash(scenario: &Scenario, state: &mut State) {
    state.crashes -= 1;
    if scenario.recovery == "remembers" {
        return;
    }
    state.phase = Phase::Scheduling;
    state.counted.fill(false);
    state.over.fill(false);
    state.wish = false;
    if !is_on(scenario.recovery, "forgets", "asks") {
        return;
    }
    for (task, (attempt, at)) in state.crew().to_vec().into_iter().enumerate() {
        let announced = |done: usize| scenario.sequence()[..done].contains(&Step::Announce);
        if matches!(at, Progress::Done(done) if announced(done)) {
            state.inboxes[usize::from(scenario.tasks[task].worker) - 1].push((attempt, task, Step::Announce));
        }
    }
}

/// Starts the next attempt of every task, or of one, if an attempt is left. If none is left, the pipeline fails.
fn fail(scenario: &Scenario, state: &mut State, reason: String, one: Option<usize>) {
    if state.attempt == scenario.attempts {
        state.phase = Phase::Failed(reason);
        return;
    }
    state.attempt += 1;
    state.phase = Phase::Scheduling;
    let (last, new) = (state.crews.len() - 1, (state.attempt, Progress::Done(0)));
    if let Some(task) = one {
        (state.counted[task], state.over[task]) = (false, false);
        state.crews[last][task] = new;
        return;
    }
    state.counted.fill(false);
    state.over.fill(false);
    if !is_on(scenario.old_attempt, "stopped", "lingers") {
        state.crews.clear();
    }
    state.crews.push(vec![new; scenario.tasks.len()]);
}

/// The claims. Those of [`EVERYWHERE`] are judged in every state, the others at the ends.
pub const CLAIMS: [&str; 8] = [
    "no-false-start",
    "no-lost-failure",
    "no-false-alarm",
    "always-decides",
    "running-runs",
    "no-lost-stop",
    "no-false-stop",
    "no-half-run",
];

/// The indices of the claims that are judged in every state.
const EVERYWHERE: [usize; 2] = [0, 6];

/// Whether this state breaks the claim.
fn breaks(scenario: &Scenario, state: &State, claim: &str) -> bool {
    let running = state.phase == Phase::Running;
    let mut current = state.crew().iter().map(|(_, at)| at);
    let has = |task, step| has_done(scenario, task, step);
    let is_gone = |(_, at): &Member| is_dead(at) || *at == Progress::Finished;
    match claim {
        "no-false-start" => running && !current.all(|task| has(task, Step::OnStart)),
        "no-lost-failure" => running && current.any(is_dead),
        "no-false-alarm" => matches!(state.phase, Phase::Failed(_)) && !current.any(is_dead),
        "always-decides" => matches!(state.phase, Phase::Scheduling | Phase::Stopping),
        "running-runs" => running && !current.all(|task| is_dead(task) || has(task, Step::Run)),
        "no-lost-stop" => running && state.asked,
        "no-false-stop" => state.phase == Phase::Stopped && !state.crews.iter().flatten().all(is_gone),
        "no-half-run" => running && current.any(|task| *task == Progress::Finished),
        other => panic!("no claim is {other}"),
    }
}

/// Which of the claims that are judged in every state this state breaks.
fn broken_now(scenario: &Scenario, state: &State) -> [bool; 2] {
    EVERYWHERE.map(|claim| breaks(scenario, state, CLAIMS[claim]))
}
