//! Every schedule of a world: the search, and what can be read off it.
//!
//! | file | what it holds |
//! |---|---|
//! | `engine` | the search: every state, without a graph |
//! | `steps` | every state of a small scenario and the steps between them, for what asks for these |
//! | `plain` | the same answers, read off these: short, and slow |
//! | `orbits` | tasks that are alike are interchanged |
//! | `represent` | a state turned into its representative |
//! | `contract` | what a controller promises, put to the test |
//! | `permute` | an input or a reaction under other names |
//! | `actor_index` | an actor as a number |
//! | `limits` | what a request may use: states, memory, time until it is interrupted |
//! | `probability` | how many schedules, and how likely |
//! | `state_space` | every state of a small scenario, for what shows or walks them |
//! | `forecast` | whether a claim can still be broken, in every state |
//! | `counterexample` | the canonical rest of a schedule, where the states are kept |
//! | `found` | what a search found of its claims |
//! | `verdict` | what may be said |
//! | `report` | all of it together |
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
#[cfg(test)]
pub(crate) mod searches;
pub mod state_space;
pub mod steps;
pub mod trace;
pub mod verdict;
