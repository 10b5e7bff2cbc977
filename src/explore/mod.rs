//! Explores every schedule of a model: the search, and the results that are derived from it.
//!
//! | file | contents |
//! |---|---|
//! | `engine` | the search: every state, without a graph |
//! | `steps` | every state of a small scenario and the steps between them, for code that needs them |
//! | `plain` | the answers of `engine`, computed from the states of `steps`: short code, but slow |
//! | `orbits` | the interchange of tasks that are alike |
//! | `naming` | the names of the tasks in the representative of a state |
//! | `represent` | turns a state into its representative |
//! | `orbit_check` | checks a user's claim on every renaming of a state |
//! | `contract` | tests what a controller promises |
//! | `asked` | the input that an action would give to the controller |
//! | `permute` | an input or a reaction after a renaming of the tasks |
//! | `actor_index` | an actor as a number |
//! | `limits` | the limits of a request: states, memory, an interrupt |
//! | `probability` | the number of schedules, and their probability |
//! | `state_space` | every state of a small scenario, for code that shows them or walks through them |
//! | `forecast` | whether a claim can still be broken, in every state |
//! | `counterexample` | the canonical rest of a schedule, if the states are kept |
//! | `found` | what a search found for its claims |
//! | `verdict` | which verdict a search allows |
//! | `report` | all results of a check |
//! | `own_claims` | further options of a check, such as a witness of your own |
//! | `trace` | one schedule, stepped: states and events |
//! | `messages` | the messages of a trace: when each was sent and delivered |
//! | `replay` | a schedule given as text |
//! | `explain` | why a claim is broken |

pub mod actor_index;
mod asked;
pub mod contract;
pub mod counterexample;
#[doc(hidden)]
#[cfg_attr(all(feature = "plain", target_family = "wasm"), allow(dead_code))]
pub mod engine;
pub mod explain;
pub mod forecast;
mod found;
pub mod limits;
pub mod messages;
mod naming;
mod orbit_check;
pub mod orbits;
mod own_claims;
mod permute;
#[doc(hidden)]
pub mod plain;
pub mod probability;
pub mod replay;
pub mod report;
mod represent;
#[cfg(all(test, not(loom)))]
pub(crate) mod searches;
pub mod state_space;
pub mod steps;
pub mod trace;
pub mod verdict;
