//! One global state, its actions, and one step. This module imports only the core.
//!
//! | question | file |
//! |---|---|
//! | Which actors take part in a run, and what goes wrong with them? | [`actors`] |
//! | Which actions are enabled, and what does one do? | [`world`] |
//! | What is an action, and what is recorded of it? | [`event`] |
//! | What did the controller do, and was it allowed? | [`driver`] |
//! | What if a user's code panics? | `guard` |

pub mod actors;
pub mod driver;
pub mod event;
pub(crate) mod guard;
pub mod world;

pub use {actors::*, driver::*, event::*, world::*};
