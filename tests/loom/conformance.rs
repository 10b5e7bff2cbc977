//! Whether what the threads did is a path of the world, and what it came to. The library has it.

pub use startup_race::conformance::path::*;
