//! A small pipeline on tokio: tasks announce themselves and start, a supervisor reports a panic, a controller decides.
//!
//! With [`Order::Early`] it has the bug of Arroyo #712: a task announces itself before its `on_start` has run, and the
//! controller drops a failure while it is scheduling. `src/conducted.rs` conducts this code: with two tasks under every
//! schedule of the model, with three tasks under some schedules that together take every step.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Barrier, mpsc, watch};
use tokio::task::JoinSet;

use conduct::point;

/// The points at which a schedule can decide which actor acts next. Outside of tests they do nothing.
mod conduct {
    #[cfg(test)]
    pub use startup_race::point;
    #[cfg(not(test))]
    pub async fn point(_actor: u8, _action: &str) {}
}

/// The number of the controller at a point.
const CONTROLLER: u8 = 0;

/// When a task announces itself, and whether the controller handles a failure while it is scheduling.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The bug. Tasks announce themselves before their `on_start`; a failure while scheduling is dropped.
    Early,
    /// The fix. Tasks announce themselves after the barrier; a failure is never dropped.
    Late,
}

/// The configuration of a pipeline.
#[derive(Clone, Copy)]
pub struct Plan {
    /// How many tasks there are.
    pub tasks: u8,
    /// The task that panics, if one does.
    pub fails: Option<u8>,
    /// The task whose `on_start` never returns, if there is one.
    pub hangs: Option<u8>,
    /// The bug, or the fix.
    pub order: Order,
    /// How long the controller waits for its tasks. `None` means for ever.
    pub patience: Option<Duration>,
}

enum Notice {
    Started(u8),
    Failed,
}

/// Starts the pipeline on the current runtime. Returns the phase that it publishes.
pub fn start(plan: Plan) -> watch::Receiver<&'static str> {
    let (publish, published) = watch::channel("Scheduling");
    let (sender, inbox) = mpsc::unbounded_channel();
    tokio::spawn(control(plan, inbox, publish));
    tokio::spawn(supervise(plan, sender));
    published
}

/// One task of the pipeline.
async fn task(plan: Plan, id: u8, inbox: mpsc::UnboundedSender<Notice>, barrier: Arc<Barrier>) {
    if plan.order == Order::Early {
        point(id, "announce").await;
        let _ = inbox.send(Notice::Started(id));
    }
    point(id, "on_start").await;
    assert!(plan.fails != Some(id), "task {id} cannot build its resources");
    if plan.hangs == Some(id) {
        std::future::pending::<()>().await;
    }
    point(id, "arrive").await;
    barrier.wait().await;
    if plan.order == Order::Late {
        point(id, "announce").await;
        let _ = inbox.send(Notice::Started(id));
    }
    point(id, "run").await;
    std::future::pending::<()>().await;
}

/// Runs the tasks, and reports each that panics.
async fn supervise(plan: Plan, inbox: mpsc::UnboundedSender<Notice>) {
    let barrier = Arc::new(Barrier::new(usize::from(plan.tasks)));
    let (mut tasks, mut ids) = (JoinSet::new(), std::collections::HashMap::new());
    for id in 1..=plan.tasks {
        let handle = tasks.spawn(task(plan, id, inbox.clone(), Arc::clone(&barrier)));
        ids.insert(handle.id(), id);
    }
    while let Some(ended) = tasks.join_next_with_id().await {
        if let Err(error) = ended {
            point(ids[&error.id()], "report").await;
            let _ = inbox.send(Notice::Failed);
        }
    }
}

/// The controller: counts the tasks that have announced themselves, and publishes its phase.
async fn control(plan: Plan, mut inbox: mpsc::UnboundedReceiver<Notice>, phase: watch::Sender<&'static str>) {
    let mut started = BTreeSet::new();
    let patience = tokio::time::sleep(plan.patience.unwrap_or(Duration::MAX));
    tokio::pin!(patience);
    loop {
        let now = *phase.borrow();
        tokio::select! {
            // Without `biased` the choice is random, and a conducted run could not be repeated.
            biased;
            notice = inbox.recv() => {
                let Some(notice) = notice else { return };
                point(CONTROLLER, "receive").await;
                match notice {
                    Notice::Started(task) if now == "Scheduling" => {
                        started.insert(task);
                        if started.len() == usize::from(plan.tasks) {
                            phase.send_replace("Running");
                        }
                    }
                    Notice::Started(_) => {}
                    Notice::Failed if now == "Scheduling" && plan.order == Order::Early => {}
                    Notice::Failed => {
                        phase.send_replace("Failed");
                    }
                }
            }
            () = &mut patience, if plan.patience.is_some() && now == "Scheduling" => {
                point(CONTROLLER, "timeout").await;
                phase.send_replace("Failed");
            }
        }
    }
}

#[cfg(test)]
mod conducted;
