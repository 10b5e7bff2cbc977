//! The scheduler's chair: a level is a scenario and a claim, and the player says who moves next.
//!
//! | file | what it holds |
//! |---|---|
//! | `levels` | the levels, as data |
//! | `command` | what a player can say |
//! | `game` | a level that is being played |
//!
//! 1. A game decides nothing about the protocol: moves are steps of the world, and the explorer says whether the claim is broken.
//! 2. It knows no terminal: a command in, a typed answer out. Text is made of that in [`show::play`](crate::show::play).

pub mod command;
pub mod game;
pub mod levels;
