//! The time of a proof for every number of tasks, and of its certificate: `cargo bench --bench prove`. For comparison,
//! the time of `check` and of stateright for one number of tasks.

#[cfg(not(loom))]
mod table;

fn main() {
    // Stateright is not part of the loom build.
    #[cfg(not(loom))]
    table::main();
}
