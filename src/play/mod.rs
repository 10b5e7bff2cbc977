//! The game: a level is a scenario and a claim, and the player, as the scheduler, says which actor moves next.
//!
//! | file | contents |
//! |---|---|
//! | `levels` | the levels, as data |
//! | `command` | the commands of a player |
//! | `game` | a level that is being played |
//!
//! 1. A game has no rules of its own about the protocol: moves are steps of the model, and the explorer says whether
//!    the claim is broken.
//! 2. It does not depend on a terminal: it takes a command and returns a typed answer.
//!    [`show::play`](crate::show::play) makes text of the answer.

#![cfg(not(loom))]

pub mod command;
pub mod game;
pub mod levels;
