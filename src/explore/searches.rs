//! For tests: the searches and the steps of schedules that this thread has made.

use std::cell::{Cell, RefCell};

use crate::core::Controller;
use crate::model::World;
use crate::scenario::Setup;

thread_local! {
    static SEARCHES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Notes a search: what is explored, from which state, and whether tasks are interchanged.
pub fn log<C: Controller>(setup: &Setup<C>, start: &World<C>, reduced: bool) {
    SEARCHES.with_borrow_mut(|searches| searches.push(format!("{reduced} {:?} {start:?}", setup.model)));
}

/// Notes a step of a schedule.
pub fn log_step() {
    STEPS.set(STEPS.get() + 1);
}

/// What was noted since the last call: the searches, and how many steps of schedules there were.
pub fn noted() -> (Vec<String>, usize) {
    (SEARCHES.take(), STEPS.take())
}
