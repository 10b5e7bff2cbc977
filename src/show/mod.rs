//! Text and pictures. All text is made here, from typed values.
//!
//! | file | contents |
//! |---|---|
//! | `labels` | the names of the protocol's values |
//! | `faults` | what goes wrong with the tasks |
//! | `names` | the names of the actors |
//! | `messages`, `models` | the messages of errors |
//! | `command` | a scenario as command-line options |
//! | `foreign` | text from outside, such as a claim's, made safe to print |
//! | `layout`, `lines` | the width, the colours, text filled to lines |
//! | `table` | a schedule, with one column for each task |
//! | `observer` | what the observer of a run on threads read |
//! | `explanation` | why a claim is broken, below its table |
//! | `narrate`, `sentence`, `phrasing` | the facts of an explanation as sentences |
//! | `deciding_pair` | what decides whether a claim is broken |
//! | `report` | the result of a check |
//! | `proof` | the answer for every number of tasks |
//! | `certificate`, `smt` | the same for solvers, in SMT-LIB |
//! | `catalog` | the scenarios of the catalog, and their results |
//! | `matrix` | the causes of the bug, in every combination |
//! | `mermaid` | a schedule as a sequence diagram |
//! | `space_time` | a schedule as a space-time diagram |
//! | `dot` | the graph of a small scenario, for Graphviz |
//! | `html` | a page that walks the graph of a scenario (with the feature `cli`) |
//! | `probability` | probabilities and forecasts in words |
//! | `play` | the game |
//! | `stress`, `chaos` | runs on real threads, and how many broke each claim |
//! | `demo` | the bug, and its fix, narrated |
//! | `check_threads` | the result of a check of the real threads (under loom) |
//! | `conformance`, `conforms` | whether code, or a log, agrees with the model |
//! | `gate` | a suite, its coverage, the mutants of its controller |
//! | `expect` | a check as a test |
//!
//! No line is wider than the given width, with two exceptions: a command or a line of code to be copied, which is never
//! broken; and a table whose narrowest form is too wide.

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
