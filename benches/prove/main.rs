//! The time of a proof for every number of tasks, and of its certificate: `cargo bench --bench prove`. For comparison,
//! the time of `check` and of stateright for two, four and eight tasks.

#[cfg(not(loom))]
mod table;

fn main() {
    // Stateright is not part of the loom build.
    #[cfg(not(loom))]
    table::main();
}
