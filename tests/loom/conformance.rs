//! Whether a run of the threads is a path of the model, and its outcome. The library has this code.

pub use startup_race::conformance::path::*;
