//! Conducts code on tokio: a runtime of one thread whose clock is paused.
//!
//! A step is over when the runtime is about to park, because then no task can continue. Time moves only while a timer's
//! step is awaited.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::conduct::{Conduct, Conducted};
use super::stage::{Point, Stage};
use crate::core::Controller;
use crate::gate::NoAnswer;

thread_local! {
    /// The code that this thread conducts, if any.
    static BOARD: RefCell<Option<Board>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Board {
    waiting: Vec<Waiting>,
    next: u64,
    /// The waker of the future that waits until no task can continue.
    idle: Option<Waker>,
    is_idle: bool,
    /// The waker of the future that waits for a point.
    reached: Option<Waker>,
}

struct Waiting {
    key: u64,
    point: Point,
    is_free: bool,
    waker: Option<Waker>,
}

fn board<T>(ask: impl FnOnce(&mut Board) -> T) -> Option<T> {
    BOARD.with_borrow_mut(|board| board.as_mut().map(ask))
}

/// A point of code on tokio: the task waits until it is this action's turn in the schedule. If no code is being
/// conducted, it continues at once.
pub async fn point(actor: u8, action: &str) {
    let point = Point::new(actor, action);
    let arrive = |board: &mut Board| {
        let key = board.next;
        board.next += 1;
        board.waiting.push(Waiting { key, point, is_free: false, waker: None });
        board.reached.take().into_iter().for_each(Waker::wake);
        key
    };
    if let Some(key) = board(arrive) {
        Turn(key).await;
    }
}

/// Waits at a point. If the task is cancelled, it no longer waits.
struct Turn(u64);

impl Future for Turn {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let is_free = |board: &mut Board| {
            let Some(waiting) = board.waiting.iter_mut().find(|waiting| waiting.key == self.0) else { return true };
            waiting.waker = Some(context.waker().clone());
            waiting.is_free
        };
        if board(is_free).unwrap_or(true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // While the runtime is being dropped, there may be no board, and the thread-local memory may be freed.
        let _ = BOARD.try_with(|board| {
            if let Ok(mut board) = board.try_borrow_mut() {
                board.iter_mut().for_each(|board| board.waiting.retain(|waiting| waiting.key != self.0));
            }
        });
    }
}

/// Waits until no task can continue.
struct Idle(bool);

impl Future for Idle {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let is_first = !std::mem::replace(&mut self.0, true);
        let is_idle = |board: &mut Board| {
            board.is_idle &= !is_first;
            board.idle = Some(context.waker().clone());
            board.is_idle
        };
        if board(is_idle).unwrap_or(true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Called when the runtime is about to park: no task can continue.
fn about_to_park() {
    let wake = |board: &mut Board| {
        let idle = board.idle.take();
        board.is_idle |= idle.is_some();
        idle
    };
    board(wake).flatten().into_iter().for_each(Waker::wake);
}

/// Waits until a point is reached.
struct Reached<'a>(&'a Point);

impl Future for Reached<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let is_reached = |board: &mut Board| {
            board.reached = Some(context.waker().clone());
            board.waiting.iter().any(|waiting| waiting.point == *self.0)
        };
        if board(is_reached).unwrap_or(true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Code on tokio.
struct Tokio<P> {
    runtime: Option<Runtime>,
    published: Option<P>,
}

/// How far time may move for one timer.
const LONGEST_TIMER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

impl<P> Tokio<P> {
    fn settle(&self) {
        self.runtime.iter().for_each(|runtime| runtime.block_on(Idle(false)));
    }
}

impl<S: AsRef<str>, P: FnMut() -> S> Stage for Tokio<P> {
    fn wait_for(&mut self, point: &Point, is_timer: bool) -> bool {
        let is_there = || board(|board| board.waiting.iter().any(|waiting| waiting.point == *point)).unwrap_or(false);
        if let (true, false, Some(runtime)) = (is_timer, is_there(), &self.runtime) {
            let reached = runtime.block_on(async { tokio::time::timeout(LONGEST_TIMER, Reached(point)).await.is_ok() });
            board(|board| board.reached = None);
            if reached {
                self.settle();
            }
        }
        is_there()
    }

    fn release(&mut self, point: &Point) -> bool {
        let free = |board: &mut Board| {
            let waiting = board.waiting.iter_mut().find(|waiting| waiting.point == *point);
            waiting.and_then(|waiting| {
                waiting.is_free = true;
                waiting.waker.take()
            })
        };
        board(free).flatten().into_iter().for_each(Waker::wake);
        self.settle();
        true
    }

    fn waiting(&mut self) -> Vec<Point> {
        let points = |board: &mut Board| board.waiting.iter().map(|waiting| waiting.point.clone()).collect::<Vec<_>>();
        let mut points = board(points).unwrap_or_default();
        points.sort();
        points
    }

    fn phase(&mut self) -> String {
        let _entered = self.runtime.as_ref().map(Runtime::enter);
        self.published.as_mut().map_or_else(String::new, |published| published().as_ref().to_string())
    }
}

impl<P> Drop for Tokio<P> {
    fn drop(&mut self) {
        // Tasks of this run must not find the board of the next one.
        BOARD.set(None);
        drop(self.published.take());
        drop(self.runtime.take());
    }
}

impl<C: Controller> Conduct<C> {
    /// Conducts code on tokio, on a runtime of one thread whose clock is paused. `start` starts the code again for each
    /// run, in the runtime, and returns a function that reads the published phase.
    ///
    /// If a `select!` of the controller can take one of several inputs, the schedule must choose. So each branch must
    /// wait at its own point, and must keep what it has taken if another branch is chosen:
    ///
    /// ```ignore
    /// async fn next(inbox: &mut mpsc::Receiver<Event>, held: &mut Option<Event>) -> Option<Event> {
    ///     if held.is_none() {
    ///         *held = Some(inbox.recv().await?);
    ///     }
    ///     point(0, "receive").await;
    ///     held.take()
    /// }
    /// ```
    ///
    /// Two kinds of code cannot be conducted: tasks of `spawn_blocking`, and code that never lets the runtime become
    /// idle.
    ///
    /// # Errors
    /// If the controller of the model breaks its contract, if the model has more states than can be kept, or if the
    /// model has losses, duplicates or lingering tasks: code has no points for them.
    ///
    /// # Panics
    /// If the runtime cannot be created.
    pub fn on_tokio<S, P>(self, start: impl Fn() -> P) -> Result<Conducted<C>, NoAnswer>
    where
        S: AsRef<str>,
        P: FnMut() -> S,
    {
        self.on(|| {
            let mut builder = Builder::new_current_thread();
            let runtime = builder.enable_time().start_paused(true).on_thread_park(about_to_park).build();
            let runtime = runtime.expect("a runtime of one thread can be made");
            BOARD.set(Some(Board::default()));
            let published = runtime.block_on(async { start() });
            let stage = Tokio { runtime: Some(runtime), published: Some(published) };
            stage.settle();
            stage
        })
    }
}
