//! The time and the memory of the explorer, compared with stateright on the same model: `cargo bench --bench search`.
//!
//! The scenario is `arroyo/before` with the last of n tasks failing. The explorer gives every verdict, the exact counts
//! and probabilities and the canonical counterexamples, and checks the witness; stateright gives the verdicts and a
//! path for each refuted claim. Stateright may use every core; the explorer uses one. The answers of all searches in a
//! row are compared.

#[cfg(not(loom))]
mod table;

fn main() {
    // Stateright is not part of the loom build.
    #[cfg(not(loom))]
    table::main();
}
