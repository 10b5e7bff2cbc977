//! Explanations against the events that they are about.
//!
//! 1. Each step that a fact names is an event of the right kind, for 200 random rule sets and for a user's own
//!    controller. The same check refuses wrong versions of each fact, such as one with moved steps.
//! 2. If an explanation says that nothing can fix a claim, this is confirmed by walking every continuation.
//! 3. The nearest passing schedule is as near as the one that a plain search finds swap by swap.
//! 4. A knob fixes a claim if and only if the explanation says so.
//! 5. Explanations mention lost notices, hangs, stops, crashes and restarts of one task if they matter, and what they
//!    say is true.
//! 6. A failure that is marked as lost left the controller as it was.

// These tests do not depend on loom.

mod every_phase;
mod fact_check;
mod facts;
mod generators;
mod knobs;
mod lost;
mod recovery;
mod stuck;
mod twins;
