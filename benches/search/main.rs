//! The time and the memory of the explorer, compared with stateright on the same model: `cargo bench --bench search`.
//!
//! The scenario is `arroyo/before` with the last of n tasks failing. The explorer gives every verdict, the exact counts
//! and probabilities and the canonical counterexamples, and checks the witness; stateright gives the verdicts and a
//! path for each refuted claim. The explorer uses one thread, stateright every core. In each row, searches of the same
//! states must store equally many states and refute equally many claims.

#[cfg(not(loom))]
mod table;

fn main() {
    // Stateright is not part of the loom build.
    #[cfg(not(loom))]
    table::main();
}
