//! The tests in one crate, except those of the threads (`tests/loom`) and of the pages in a browser (`tests/browser`).
//!
//! # Where a test goes
//!
//! | the test is about | file |
//! |---|---|
//! | a reaction of the controller to an input: every pair | `transitions` |
//! | a reference number of the protocol: schedules, states, probabilities | `reference_numbers` |
//! | the core and the model: reference tables, every phase, own control planes | `model` |
//! | a property of random scenarios; a shrunk case that a property found | `properties`, `regression` |
//! | the proof that a property can fail | `property_negative` |
//! | a new rule of the protocol: a mutant that breaks it, against every claim | `mutants` (the list is in `tests/common/mutants/list.rs`) |
//! | the explorer, compared with a second implementation and with stateright | `agreement_reference`, `agreement_stateright` |
//! | the search, compared with a plain one that keeps every state | `engine` |
//! | layers that are written to files | `spill` |
//! | a search that is cut short at every possible place | `cut_short` |
//! | a limit of memory or effort, an interrupt: in process; and of the whole program | `limits`, `limits_of_a_run` |
//! | interchanging tasks | `orbits` |
//! | a proof for every number of tasks: its abstraction, its answers | `prove` |
//! | a user's own controller or claims | `own_controller` |
//! | a user's own control plane: helpers, own names, an own witness | `own_control_plane` |
//! | a suite, coverage, mutants of a user's controller, review, pins | `gate` |
//! | a user's code under the schedules of a model; a log that is a path of one | `conducted`, `conforms` |
//! | a controller that breaks its contract or panics | `contract` |
//! | an explanation, fact by fact | `explain` |
//! | a whole output, byte for byte | `golden`, `demo` |
//! | parsing options and schedules | `options`, `schedules` |
//! | a command, an exit code; JSON and its schemas | `cli`, `requests`, `stress`; `json` |
//! | random input, in process | `fuzz` |
//! | the catalog, the matrix, the game, the page, the pictures | `catalog`, `matrix`, `play`, `page`, `pictures`, `space_time` |
//! | the commands and outputs in the README and the lessons | `readme`, `lessons` |
//! | the list of the library's public names | `api` |
//! | a law of the architecture; which crates are built; what is published | `tidy`, `crates`, `package` |
//! | the excused mutants of cargo-mutants | `excuses` |
//!
//! Shared helpers are in `tests/common`. A module that runs the program needs the feature `cli`.

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
