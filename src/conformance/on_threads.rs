//! Conducts code that blocks: each of its points holds the thread until its turn.

use std::cell::RefCell;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::conduct::{Conduct, Conducted};
use super::stage::{Point, Stage};
use crate::core::Controller;
use crate::gate::NoAnswer;
use crate::threads::record::hold;

/// The run that is conducted now. There is one at a time.
static NOW: Mutex<Weak<Run>> = Mutex::new(Weak::new());

/// Held while code is conducted.
static TURN: Mutex<()> = Mutex::new(());

thread_local! {
    /// The run in which this thread came to its first point. A thread of a run that is over is not held.
    static MINE: RefCell<Option<Weak<Run>>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Run {
    board: Mutex<Board>,
    changed: Condvar,
}

#[derive(Default)]
struct Board {
    /// The threads that wait, each with its point.
    waiting: Vec<(u64, Point)>,
    /// The thread that was let go and has not finished its action.
    acting: Option<u64>,
    /// Where each thread was last, in the order of their first points.
    last: Vec<(String, Point)>,
    next: u64,
    is_over: bool,
}

/// An action of code that is conducted: it lasts until this is dropped.
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

/// A point of code that blocks: the thread waits until the schedule has this actor take this action. The action lasts until
/// what is returned is dropped. If nothing is conducted it returns at once.
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

/// The run that this thread belongs to, if it is conducted still.
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
    /// Dropped after the points are let go: what it holds may wait for the threads.
    published: Option<P>,
    limit: Duration,
}

impl<P> Threads<P> {
    /// Waits until something is so. False: it is not, within a time.
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
        // Another point of the same actor is reached instead: there is nothing to wait for.
        let is_decided = |board: &Board| board.waiting.iter().any(|(_, other)| other.actor == point.actor);
        self.wait_until(self.limit, is_decided);
        let is_there = hold(&self.run.board).waiting.iter().any(|(_, other)| other == point);
        is_there
            || self.wait_until(self.limit.min(SETTLE), |board| board.waiting.iter().any(|(_, other)| other == point))
    }

    fn release(&mut self, point: &Point) -> bool {
        let mut board = hold(&self.run.board);
        board.acting = board.waiting.iter().find(|(_, other)| other == point).map(|(key, _)| *key);
        self.run.changed.notify_all();
        drop(board);
        self.wait_until(self.limit, |board| board.acting.is_none())
    }

    fn waiting(&mut self) -> Vec<Point> {
        // Which thread has reached its next point by now is chance: what is waited for is compared, and nothing else.
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

/// How long a second point of an actor is waited for if another one is reached.
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
    /// Conducts code on threads. `start` starts it anew for each run and returns what reads the phase that it publishes; that is
    /// dropped when the run is over, after every point was let go.
    ///
    /// One run is conducted at a time in a process, and each thread of the process that comes to a point takes part in it. So let
    /// no other test use the code meanwhile, and join the threads when what `start` returns is dropped. What the code does
    /// after the model is over is not seen here.
    ///
    /// # Errors
    /// If the controller of the model breaks its contract, or the model has more states than can be kept.
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
            // The thread that starts the code may itself come to a point in a later run.
            MINE.set(None);
            Threads { published: Some(start()), run, limit }
        })
    }
}
