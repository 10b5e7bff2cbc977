//! What is checked: the startup protocol. Pure: no thread, clock, randomness or I/O, and nothing from the other rooms.

pub mod claims;
pub mod controller;
pub mod event;
pub mod notice;
pub mod rules;
pub mod scenario;
pub mod startup;
pub mod world;
