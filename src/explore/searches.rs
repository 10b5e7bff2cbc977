//! For tests: records the searches and counts the steps of schedules, on this thread.

use std::cell::{Cell, RefCell};

use crate::core::Controller;
use crate::model::{Model, World};

thread_local! {
    static SEARCHES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Records a search: what is explored, from which state, and whether tasks are interchanged.
pub fn log<C: Controller>(model: &Model<C>, start: &World<C>, reduced: bool) {
    SEARCHES.with_borrow_mut(|searches| searches.push(format!("{reduced} {model:?} {start:?}")));
}

/// Records that all states that are reachable from this one are kept.
pub fn log_states<C: Controller>(model: &Model<C>, start: &World<C>) {
    SEARCHES.with_borrow_mut(|searches| searches.push(format!("states {model:?} {start:?}")));
}

/// Records a step of a schedule.
pub fn log_step() {
    STEPS.set(STEPS.get() + 1);
}

/// What was recorded since the last call: the searches, and the number of steps of schedules.
pub fn noted() -> (Vec<String>, usize) {
    (SEARCHES.take(), STEPS.take())
}
