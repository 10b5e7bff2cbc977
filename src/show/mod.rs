//! A run as something to look at. Text is made here, from typed events, and nowhere else.
//!
//! | file | what it holds |
//! |---|---|
//! | `labels` | the names of the protocol's values |
//! | `faults` | what goes wrong with the tasks |
//! | `names` | what the actors are called |
//! | `messages` | the messages of errors |
//! | `command` | a scenario as command-line options |
//! | `foreign` | text from outside, such as a claim's, made safe to print |
//! | `layout` | the width, the colours, text filled to lines |
//! | `table` | a schedule, one column a task |
//! | `observer` | what the observer of a run on threads read |
//! | `explanation` | why a claim is broken, below its table |
//! | `narrate`, `sentence`, `phrasing` | the facts of an explanation as sentences |
//! | `deciding_pair` | what decides whether a claim is broken |
//! | `report` | what a check found |
//! | `proof` | an answer for every number of tasks |
//! | `certificate`, `smt` | the same for solvers, in SMT-LIB |
//! | `catalog` | the scenarios of the catalog, and what was found of each |
//! | `matrix` | the causes of the bug, judged |
//! | `mermaid` | a schedule as a sequence diagram |
//! | `space_time` | a schedule as a space-time diagram |
//! | `dot` | the graph of a small scenario, for Graphviz |
//! | `html` | a page that walks the graph of a scenario (with the feature `cli`) |
//! | `probability` | probabilities and forecasts in words |
//! | `play` | a game |
//! | `stress` | runs on real threads, counted |
//! | `demo` | the bug, and its fix, told as a story |
//! | `check_threads` | what the threads did in every order (under loom) |
//! | `conformance`, `conforms` | whether code, or a log, is the model |
//! | `gate` | a suite, its coverage, the mutants of its controller |
//! | `expect` | a check as a test |
//!
//! No line is wider than the page, but for a command or a line of code that is there to be pasted: that is never broken.

pub mod catalog;
pub mod certificate;
pub mod chaos;
#[cfg(loom)]
mod check_threads;
pub mod command;
mod conformance;
#[cfg(all(feature = "json", not(loom), not(doctest)))]
mod conforms;
mod deciding_pair;
pub mod demo;
pub mod dot;
mod expect;
pub mod explanation;
mod faults;
pub mod foreign;
mod gate;
#[cfg(all(feature = "cli", not(doctest)))]
pub mod html;
pub mod labels;
pub mod layout;
pub mod lines;
pub mod matrix;
pub mod mermaid;
mod messages;
mod models;
pub mod names;
mod narrate;
pub mod observer;
mod phrasing;
pub mod play;
pub mod probability;
pub mod proof;
pub mod report;
mod sentence;
mod smt;
pub mod space_time;
pub mod stress;
pub mod table;

pub(crate) use expect::{breach, write_pins};
pub use layout::Style;
