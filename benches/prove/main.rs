//! How long a proof for every number of tasks takes, and its certificate: `cargo bench --bench prove`. Beside it: what
//! `check` and stateright take for one number of tasks.

#[cfg(not(loom))]
mod table;

fn main() {
    // Stateright is not part of the loom build.
    #[cfg(not(loom))]
    table::main();
}
