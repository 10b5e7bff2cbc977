//! Code that the tests share: one way to write a scenario, one generator of scenarios, one list of mutants.
//!
//! | file | contents |
//! |---|---|
//! | `request` | a scenario from options, as on the command line |
//! | `generators` | random scenarios and walks for property tests |
//! | `phases` | the phases of the built-in controller |
//! | `mutants` | the named mutants of the protocol; `tests/loom` uses them too |
//! | `stateright_model` | the same protocol as a model of stateright; the benchmark uses it too |
//! | `cli` | the program, run as a user runs it |

#[cfg(feature = "cli")]
pub mod cli;
pub mod generators;
pub mod mutants;
pub mod phases;
pub mod request;
pub mod stateright_model;
