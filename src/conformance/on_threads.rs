//! Conducts code that blocks. At each point the thread waits until it is released.

use std::cell::RefCell;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::conduct::{Conduct, Conducted};
use super::stage::{Point, Stage};
use crate::core::Controller;
use crate::gate::NoAnswer;
use crate::threads::record::hold;

/// The run that is being conducted. There is at most one at a time.
static NOW: Mutex<Weak<Run>> = Mutex::new(Weak::new());

/// Held while code is conducted.
static TURN: Mutex<()> = Mutex::new(());

thread_local! {
    /// The run in which this thread reached its first point. A thread of a run that is over does not wait at points.
    static MINE: RefCell<Option<Weak<Run>>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Run {
    board: Mutex<Board>,
    changed: Condvar,
}

#[derive(Default)]
struct Board {
    /// The waiting threads, each with its point.
    waiting: Vec<(u64, Point)>,
    /// The thread that was released and has not finished its action.
    acting: Option<u64>,
    /// The last point of each thread, in the order in which the threads reached their first points.
    last: Vec<(String, Point)>,
    next: u64,
    is_over: bool,
}

/// An action of code that is conducted. The action ends when this is dropped.
#[must_use = "the action lasts until this is dropped"]
#[derive(Default)]
pub struct ConductedStep(Option<(Arc<Run>, u64)>);

impl Drop for ConductedStep {
    fn drop(&mut self) {
        let Some((run, key)) = &self.0 else { return };
        let mut board = hold(&run.board);
        board.acting = board.acting.filter(|acting| acting != key);
        run.changed.notify_all();
    }
}

/// A point of code that blocks: the thread waits until it is this action's turn in the schedule. The action ends when
/// the returned value is dropped. If no code is being conducted, the call returns at once.
pub fn point_blocking(actor: u8, action: &str) -> ConductedStep {
    let Some(run) = my_run() else { return ConductedStep::default() };
    let point = Point::new(actor, action);
    let mut board = hold(&run.board);
    let key = board.next;
    board.next += 1;
    board.note(&point);
    board.waiting.push((key, point));
    run.changed.notify_all();
    while !board.is_over && board.acting != Some(key) {
        board = run.changed.wait(board).unwrap_or_else(PoisonError::into_inner);
    }
    board.waiting.retain(|(other, _)| *other != key);
    drop(board);
    ConductedStep(Some((run, key)))
}

/// The run that this thread belongs to, if it is still being conducted.
fn my_run() -> Option<Arc<Run>> {
    MINE.with_borrow_mut(|mine| mine.get_or_insert_with(|| hold(&NOW).clone()).upgrade())
}

impl Board {
    fn note(&mut self, point: &Point) {
        let thread = std::thread::current();
        let name = format!("{} {:?}", thread.name().unwrap_or("thread"), thread.id());
        match self.last.iter_mut().find(|(other, _)| *other == name) {
            Some((_, last)) => *last = point.clone(),
            None => self.last.push((name, point.clone())),
        }
    }
}

/// Code on threads.
struct Threads<P> {
    run: Arc<Run>,
    /// Dropped after all points are released, because dropping it may wait for the threads.
    published: Option<P>,
    limit: Duration,
}

impl<P> Threads<P> {
    /// Waits until a condition holds. Returns false if it does not hold within the time limit.
    fn wait_until(&self, limit: Duration, is_so: impl Fn(&Board) -> bool) -> bool {
        let end = Instant::now() + limit;
        let mut board = hold(&self.run.board);
        while !is_so(&board) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            board = self.run.changed.wait_timeout(board, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

impl<S: AsRef<str>, P: FnMut() -> S> Stage for Threads<P> {
    fn wait_for(&mut self, point: &Point, _is_timer: bool) -> bool {
        // Any point of the actor ends this wait. If it is not the expected one, the code has only the time `SETTLE` to
        // reach the expected one.
        let is_decided = |board: &Board| board.waiting.iter().any(|(_, other)| other.actor == point.actor);
        let end = Instant::now() + self.limit;
        let is_there = |board: &Board| board.waiting.iter().any(|(_, other)| other == point);
        self.wait_until(self.limit, is_decided)
            && self.wait_until(end.saturating_duration_since(Instant::now()).min(SETTLE), is_there)
    }

    fn release(&mut self, point: &Point) -> bool {
        let mut board = hold(&self.run.board);
        board.acting = board.waiting.iter().find(|(_, other)| other == point).map(|(key, _)| *key);
        self.run.changed.notify_all();
        drop(board);
        self.wait_until(self.limit, |board| board.acting.is_none())
    }

    fn waiting(&mut self) -> Vec<Point> {
        // Which threads have already reached their next points depends on chance, so only the awaited point is
        // compared.
        Vec::new()
    }

    fn point_of(&mut self, actor: u8) -> Option<Point> {
        let board = hold(&self.run.board);
        board.waiting.iter().map(|(_, point)| point).find(|point| point.actor == actor).cloned()
    }

    fn phase(&mut self) -> String {
        self.published.as_mut().map_or_else(String::new, |published| published().as_ref().to_string())
    }

    fn last_points(&self) -> Vec<String> {
        let board = hold(&self.run.board);
        board.last.iter().map(|(thread, point)| format!("{thread}: {point}")).collect()
    }
}

/// If an actor has reached another point, how long to wait for the expected one.
const SETTLE: Duration = Duration::from_secs(1);

impl<P> Drop for Threads<P> {
    fn drop(&mut self) {
        hold(&self.run.board).is_over = true;
        self.run.changed.notify_all();
        *hold(&NOW) = Weak::new();
        drop(self.published.take());
    }
}

impl<C: Controller> Conduct<C> {
    /// Conducts code on threads. `start` starts the code again for each run, and returns a function that reads the
    /// published phase. That function is dropped when the run is over, after every point was released.
    ///
    /// A process conducts one run at a time, and every thread of the process that reaches a point takes part in it. So
    /// no other test may use the code at the same time, and the threads should be joined when the function that `start`
    /// returns is dropped. What the code does after the end of the model is not observed.
    ///
    /// # Errors
    /// If the controller of the model breaks its contract, if the model has more states than can be kept, or if the
    /// model has losses, duplicates or lingering tasks: code has no points for them.
    pub fn on_threads<S, P>(self, start: impl Fn() -> P) -> Result<Conducted<C>, NoAnswer>
    where
        S: AsRef<str>,
        P: FnMut() -> S,
    {
        let _turn = hold(&TURN);
        let limit = self.limit;
        self.on(|| {
            let run = Arc::new(Run::default());
            *hold(&NOW) = Arc::downgrade(&run);
            // This thread starts the code, and may itself reach points. They belong to this run, not to an earlier one.
            MINE.set(None);
            Threads { published: Some(start()), run, limit }
        })
    }
}
