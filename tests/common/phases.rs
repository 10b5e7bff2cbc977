//! The phases that the built-in controller publishes, for the controllers that tests make.

#![allow(dead_code, reason = "each test file uses a part of it")]

use startup_race::{Phase, Reason, Stage};

pub const SCHEDULING: Phase = Phase { name: "Scheduling", stage: Stage::Starting };
pub const RUNNING: Phase = Phase { name: "Running", stage: Stage::Up };

pub const fn failed(reason: Reason) -> Phase {
    Phase { name: "Failed", stage: Stage::Failed(reason) }
}
