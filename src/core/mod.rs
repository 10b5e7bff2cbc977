//! The two state machines of a startup protocol. This module imports no other module of the crate.
//!
//! A task walks a script and sends notices: [`startup`]. A controller takes notices and moves through phases:
//! [`controller`]. Both are plain transition functions. They do not depend on inboxes, schedules or threads, so the
//! explorer and the real threads drive the same code.
//!
//! | question | file |
//! |---|---|
//! | What do tasks and the controller say to each other? | [`message`] |
//! | What does the controller do with an input? | [`controller`] |
//! | What does a task do next, and what goes wrong with it? | [`startup`] |
//! | Which knobs are there, and which part obeys them? | [`rules`] |

pub mod controller;
pub mod message;
pub mod rules;
pub mod startup;

pub use {controller::*, message::*, rules::*, startup::*};
