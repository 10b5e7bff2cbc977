//! Every test that needs no loom, in one crate.
//!
//! # Where a test goes
//!
//! | what it shows | file |
//! |---|---|
//! | a reaction of the controller, a step of a task: every pair | `transitions` |
//! | a number that the protocol fixes: schedules, states, probabilities | `reference_numbers` |
//! | the core and the model: reference tables, every phase, own control planes | `model` |
//! | a property of every scenario, and a shrunk case that it found | `properties`, `regression` |
//! | that a property can fail | `property_negative` |
//! | a new rule of the protocol: a mutant that breaks it, against every claim | `mutants` (the list is in `tests/common/mutants/list.rs`) |
//! | the explorer against a second implementation; against stateright | `agreement_reference`, `agreement_stateright` |
//! | the search against a plain one that keeps every state | `engine` |
//! | layers that do not fit in memory | `spill` |
//! | a search that is cut short at every possible place | `cut_short` |
//! | a limit of memory, of effort, an interrupt: in process; as a user meets them | `limits`, `limits_of_a_run` |
//! | interchanging tasks | `orbits` |
//! | a proof for every number of tasks: its abstraction, its answers | `prove` |
//! | a user's own controller or claims | `own_controller` |
//! | a control plane of one's own: helpers, own names, an own witness | `own_control_plane` |
//! | a suite, coverage, mutants of a user's controller, review, pins | `gate` |
//! | a user's code under the schedules of a model; a log that is a path of one | `conducted`, `conforms` |
//! | a controller that is not what it says, or that panics | `contract` |
//! | an explanation, fact by fact | `explain` |
//! | a whole page of text, byte for byte | `golden`, `demo` |
//! | reading options and schedules | `options`, `schedules` |
//! | a command, an exit code; JSON and its schemas | `cli`, `requests`, `stress`; `json` |
//! | any input at all, in process | `fuzz` |
//! | the catalog, the matrix, the game, the page, the pictures | `catalog`, `matrix`, `play`, `page`, `pictures`, `space_time` |
//! | what the README and the lessons say | `readme`, `lessons` |
//! | the list of what the library offers | `api` |
//! | a law of the architecture; which crates are built; what is published | `tidy`, `crates`, `package` |
//! | what cargo-mutants lets through, and where | `excuses` |
//!
//! Threads and loom are in `tests/loom`, the page in a browser is in `tests/browser`, and shared helpers are in
//! `tests/common`. A module that runs the program needs the feature `cli`.

#![cfg(not(loom))]

#[path = "../common/mod.rs"]
mod common;
mod reference;

mod agreement_reference;
mod agreement_stateright;
mod api;
mod catalog;
#[cfg(feature = "cli")]
mod cli;
mod conducted;
#[cfg(feature = "cli")]
mod conforms;
mod contract;
mod crates;
mod cut_short;
#[cfg(feature = "cli")]
mod demo;
mod engine;
mod excuses;
mod explain;
#[cfg(feature = "cli")]
mod fuzz;
mod gate;
#[cfg(feature = "cli")]
mod golden;
#[cfg(feature = "cli")]
mod json;
#[cfg(feature = "cli")]
mod lessons;
mod limits;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod limits_of_a_run;
mod matrix;
mod model;
mod mutants;
mod options;
mod orbits;
mod own_control_plane;
mod own_controller;
mod package;
#[cfg(feature = "cli")]
mod page;
#[cfg(feature = "cli")]
mod pictures;
#[cfg(feature = "cli")]
mod play;
mod properties;
mod property_negative;
mod prove;
#[cfg(all(feature = "cli", unix))]
mod readme;
mod reference_numbers;
mod regression;
#[cfg(feature = "cli")]
mod requests;
mod schedules;
#[cfg(feature = "cli")]
mod space_time;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod spill;
#[cfg(feature = "cli")]
mod stress;
mod tidy;
mod transitions;
