//! How fast the explorer is, and how much memory it needs, beside stateright on the same world: `cargo bench --bench search`.
//!
//! The scenario is `arroyo/before` with the last of n tasks failing. The explorer gives every verdict, the exact counts and
//! probabilities and the canonical counterexamples, and checks the witness; stateright gives the verdicts and a path for each refuted
//! claim. It may use every core; the explorer uses one. Each cell's answer is checked against the other searches' answer.

#[cfg(not(loom))]
mod table;

fn main() {
    // Stateright is not part of the loom build.
    #[cfg(not(loom))]
    table::main();
}
