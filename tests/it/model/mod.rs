//! The core and the model: every number of both reference tables, and models of other control planes.

mod every_phase;
mod explorer;
mod one_and_more_attempts;
mod own;
mod refused;
mod reports;
mod retries;
mod search;
mod texts;
