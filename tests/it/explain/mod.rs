//! Explanations against the events that they are about.
//!
//! 1. Each step that a fact names is an event of the kind that the fact names: over 200 random rule sets, and a user's own
//!    controller. The same check refuses each fact when its steps are moved.
//! 2. What is said to be beyond mending is, by walking every continuation.
//! 3. The nearest passing twin is as near as the plain search says that tries swap after swap.
//! 4. A knob that is said to mend a claim does, and one that is not does not.
//! 5. What a lost notice, a hang, a stop, a crash and a restart of one task have to do with it is said, and is so.
//! 6. A failure that is marked as lost left the controller as it was.

// Nothing here is of another kind under loom.

mod every_phase;
mod fact_check;
mod facts;
mod generators;
mod knobs;
mod lost;
mod recovery;
mod stuck;
mod twins;
