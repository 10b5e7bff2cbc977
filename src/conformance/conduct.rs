//! Runs a user's own code under the schedules of a model.
//!
//! The code marks the places at which an actor of the model acts. The conductor releases these points in the order of a
//! schedule. After each step, it compares the phase that the code publishes with the phase of the model.

use std::collections::HashSet;
use std::time::Duration;

use super::cover::{Edge, Graph, schedules};
use super::stage::{Point, Stage};
use crate::core::{ActorId, Controller, RunRules};
use crate::explore::report::Check;
use crate::explore::trace::Trace;
use crate::gate::NoAnswer;
use crate::model::Action;
use crate::scenario::Setup;
use crate::schedule::Schedule;

/// If there are more schedules than this, only some of them are conducted, by default. See [`Conduct::all_up_to`].
pub const ALL: usize = 1000;

/// How many states the model may have.
pub const MOST_STATES: usize = 50_000;

/// How long a thread may take to reach its next point, or to end its action, by default. See [`Conduct::limit`].
pub const LIMIT: Duration = Duration::from_secs(10);

/// A setup whose code will be conducted: see [`conduct`].
#[must_use = "nothing is conducted until `on_threads` or `on_tokio` is called"]
pub struct Conduct<C> {
    pub(super) setup: Setup<C>,
    pub(super) limit: Duration,
    timers: Vec<ActorId>,
    most: usize,
}

/// The result of conducting code.
#[derive(Debug, Clone)]
pub struct Conducted<C> {
    /// The model.
    pub setup: Setup<C>,
    /// How many schedules were conducted, each of them twice.
    pub schedules: usize,
    /// How many different steps of the graph were taken by the schedules in which the code and the model agree.
    pub covered: usize,
    /// How many steps the graph has.
    pub steps: usize,
    /// Whether all schedules of the model were to be conducted. The first difference ends the work early.
    pub all: bool,
    /// Where the code and the model differ, if they do.
    pub parted: Option<Box<Parted<C>>>,
}

/// A difference between the code and the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parted<C> {
    /// The schedule up to the step in which they differ.
    pub trace: Trace<C>,
    /// How they differ.
    pub how: Parting,
    /// The points at which the code waits. Always empty on threads.
    pub waiting: Vec<Point>,
    /// The last point of each thread, if that is known.
    pub last: Vec<String>,
}

/// How the code and the model differ.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Parting {
    /// Diverges: the code publishes another phase.
    Phase(String),
    /// Diverges: the actor is about to do something else.
    Instead(Point),
    /// Diverges: the model is at an end, but the code reaches this point.
    GoesOn(Point),
    /// Stuck: the code does not reach the point.
    Stuck(Point),
    /// Stuck: the code was released from the point, and its action does not end.
    NoRest(Point),
    /// The model cannot take the step again, because its controller does not do the same each time; or code has no
    /// point for the step.
    NoPoint,
    /// A second run of the same schedule differed after this many steps.
    NotDeterministic(usize),
}

/// Runs a user's own code under the schedules of a model.
///
/// The code calls `point` (for tokio, with `on_tokio`) or [`point_blocking`] (for threads, with
/// [`Conduct::on_threads`]) at each place at which an actor acts. The arguments are the actor's number in the model and
/// the action:
///
/// | actor | action | the point is |
/// |---|---|---|
/// | a task, from 1 | `on_start` | before it builds its resources; a panic there belongs to this action |
/// | | `announce` | before it tells the controller that it has started |
/// | | `arrive` | before it waits at the barrier |
/// | | `run` | before its work |
/// | | `panic` | before it dies in `run` |
/// | | `report` | before the controller is told that it has died |
/// | | `stop` | before it ends because the controller is stopping; the notice of its end belongs to this action |
/// | | `finish` | before it ends because a neighbour has ended; the notice of its end belongs to this action |
/// | | the name of a kind of notice of your own | before it sends such a notice |
/// | the controller, 0 | `receive` | before it reacts to a message of its inbox (`receive 2`: that of worker 2, if there are several) |
/// | | `stop`, `timeout`, `crash` | before it reacts to that |
///
/// Code that waits at the point of one actor holds back every other actor for which it acts, so let each actor wait in
/// a task or thread of its own. The model has one inbox for each worker. What the controller takes from elsewhere, such
/// as the results of a `JoinSet`, must be forwarded to that inbox. In a final phase the controller still receives the
/// messages of its inbox, but it takes no stop, timeout or crash.
///
/// A module of your own makes the call empty outside of tests, so that your program does not depend on this crate:
///
/// ```
/// mod conducted {
///     #[cfg(test)]
///     pub use startup_race::point_blocking as point;
///     #[cfg(not(test))]
///     pub fn point(_actor: u8, _action: &str) -> impl Sized {}
/// }
/// # let _step = conducted::point(1, "announce");
/// ```
///
/// If there are at most 1000 schedules (see [`Conduct::all_up_to`]), all of them are conducted. If there are more, some
/// are chosen that together take every step of the model's graph. The canonical counterexamples are always included.
/// Each schedule is conducted twice, and the results must be equal.
///
/// ```
/// use std::sync::{Arc, Mutex, mpsc};
/// use startup_race::{Rules, Scenario, Setup, conduct, point_blocking};
///
/// /// One task, and a controller that publishes what it knows.
/// fn start() -> impl FnMut() -> String {
///     let (phase, (sender, inbox)) = (Arc::new(Mutex::new("Scheduling")), mpsc::channel());
///     std::thread::spawn(move || {
///         drop(point_blocking(1, "on_start"));
///         let step = point_blocking(1, "announce");
///         sender.send("started").unwrap();
///         drop(step);
///         drop(point_blocking(1, "run"));
///     });
///     let published = Arc::clone(&phase);
///     std::thread::spawn(move || {
///         while inbox.recv().is_ok() {
///             let _step = point_blocking(0, "receive");
///             *published.lock().unwrap() = "Running";
///         }
///     });
///     move || phase.lock().unwrap().to_string()
/// }
///
/// let setup = Setup::of(Scenario::new(Rules::named("seed/fixed").unwrap(), 1)?);
/// let conducted = conduct(setup).on_threads(start)?.expect_conforms();
/// assert_eq!(conducted.covered, conducted.steps);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`point_blocking`]: super::on_threads::point_blocking
pub fn conduct<C: Controller>(setup: Setup<C>) -> Conduct<C> {
    Conduct { setup, limit: LIMIT, timers: Vec::new(), most: ALL }
}

impl<C: Controller> Conduct<C> {
    /// Declares that a helper is a timer. On tokio, time moves only while a step of a timer, or a timeout, is awaited.
    pub fn timer(mut self, helper: ActorId) -> Self {
        self.timers.push(helper);
        self
    }

    /// Sets how long a thread may take to reach its next point, or to end its action. Tokio needs no limit, because it
    /// is known when the runtime is idle.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Sets the number of schedules up to which all are conducted, instead of 1000.
    pub fn all_up_to(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// Conducts the code. `stage` starts it again for each run.
    pub(super) fn on<S: Stage>(self, mut stage: impl FnMut() -> S) -> Result<Conducted<C>, NoAnswer> {
        if let Some(knob) = without_points(*self.setup.model.run()) {
            return Err(NoAnswer::NotConducted(knob));
        }
        let report = Check::new(self.setup.clone()).keep_states(MOST_STATES).run();
        let report = report.map_err(|broken| NoAnswer::Broken("the model".to_string(), broken))?;
        let space = report.space.clone();
        let space = space.ok_or_else(|| NoAnswer::TooManyStates("the model".to_string(), MOST_STATES))?;
        let graph = Graph::of(&report, &space);
        let (all, steps) = (schedules(&report, &graph, self.most), graph.edges());
        let is_all = report.schedules.as_ref().is_some_and(|count| *count == all.len().into());
        let (mut schedules, mut covered, mut parted) = (0, HashSet::<Edge>::new(), None);
        for schedule in &all {
            schedules += 1;
            match self.twice(schedule, &mut stage) {
                Ok(()) => covered.extend(graph.taken(schedule)),
                Err(here) => {
                    parted = Some(here);
                    break;
                }
            }
        }
        Ok(Conducted { setup: self.setup, schedules, covered: covered.len(), steps, all: is_all, parted })
    }

    /// Conducts a schedule twice. The results must be equal.
    fn twice<S: Stage>(&self, schedule: &Schedule, stage: &mut impl FnMut() -> S) -> Result<(), Box<Parted<C>>> {
        let (mut seen, mut again) = (Vec::new(), Vec::new());
        let first = self.conduct_one(schedule, &mut stage(), &mut seen);
        let second = self.conduct_one(schedule, &mut stage(), &mut again);
        let same = seen.iter().zip(&again).take_while(|(one, other)| one == other).count();
        // The positions of the threads may differ, but not the result.
        let came_to = |run: &Result<(), Box<Parted<C>>>| {
            run.as_ref().err().map(|parted| (parted.how.clone(), parted.trace.clone()))
        };
        if seen == again && came_to(&first) == came_to(&second) {
            return first;
        }
        let cut = Schedule(schedule.0[..same.min(schedule.0.len())].to_vec());
        let trace = Trace::of(&self.setup, &cut).unwrap_or_else(|_| Trace::new(&self.setup));
        let waiting = again.get(same).map_or_else(Vec::new, |(waiting, _)| waiting.clone());
        Err(Box::new(Parted { trace, how: Parting::NotDeterministic(same), waiting, last: Vec::new() }))
    }

    fn conduct_one(&self, schedule: &Schedule, stage: &mut impl Stage, seen: &mut Seen) -> Result<(), Box<Parted<C>>> {
        let mut trace = Trace::new(&self.setup);
        compare(&trace, stage, seen)?;
        for &action in &schedule.0 {
            if trace.step(&self.setup, action).is_err() {
                return Err(parted(&trace, Parting::NoPoint, stage));
            }
            let Some(point) = Point::of(&self.setup, &trace) else {
                return Err(parted(&trace, Parting::NoPoint, stage));
            };
            if !stage.wait_for(&point, self.is_timer(action)) {
                let instead = stage.point_of(point.actor);
                return Err(parted(&trace, instead.map_or(Parting::Stuck(point), Parting::Instead), stage));
            }
            if !stage.release(&point) {
                return Err(parted(&trace, Parting::NoRest(point), stage));
            }
            compare(&trace, stage, seen)?;
        }
        match stage.waiting().into_iter().next() {
            Some(point) => Err(parted(&trace, Parting::GoesOn(point), stage)),
            None => Ok(()),
        }
    }

    fn is_timer(&self, action: Action) -> bool {
        match action {
            Action::TimeOut => true,
            Action::Step(id) => self.timers.contains(&id),
            _ => false,
        }
    }
}

/// The knob that makes steps for which code has no point: the network's steps, and those of a lingering task.
fn without_points(run: RunRules) -> Option<&'static str> {
    let knobs = [
        ("losses", run.losses > 0),
        ("duplicates", run.duplicates > 0),
        ("old-attempt lingers", run.lingers && run.attempts > 1),
    ];
    knobs.into_iter().find(|(_, is_on)| *is_on).map(|(knob, _)| knob)
}

/// What was observed after each step: the points at which the code waits, and the phase that it publishes.
type Seen = Vec<(Vec<Point>, String)>;

/// Compares the phase that the code publishes with the phase of the model.
fn compare<C: Controller>(trace: &Trace<C>, stage: &mut impl Stage, seen: &mut Seen) -> Result<(), Box<Parted<C>>> {
    let phase = stage.phase();
    let differs = phase != trace.last().phase().name;
    seen.push((stage.waiting(), phase.clone()));
    if differs { Err(parted(trace, Parting::Phase(phase), stage)) } else { Ok(()) }
}

fn parted<C: Controller>(trace: &Trace<C>, how: Parting, stage: &mut impl Stage) -> Box<Parted<C>> {
    Box::new(Parted { trace: trace.clone(), how, waiting: stage.waiting(), last: stage.last_points() })
}

impl<C> Conducted<C> {
    /// Whether the code behaved like the model in every schedule that was conducted.
    pub fn conforms(&self) -> bool {
        self.parted.is_none() && self.schedules > 0
    }
}
