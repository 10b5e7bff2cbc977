//! Every schedule of a world: the search, and what can be read off it.
//!
//! | file | what it holds |
//! |---|---|
//! | `search` | the states, layer by layer, and the steps between them |
//! | `orbits` | tasks that are alike stand for each other |
//! | `pack` | a state in a few bytes |
//! | `limits` | what a request may use: states, memory, time until it is interrupted |
//! | `odds` | how many schedules, and how likely |
//! | `standing` | how a claim stands in every state |
//! | `counterexample` | the canonical schedule to a state |
//! | `verdict` | what may be said |
//! | `report` | all of it together |
//! | `replay` | one schedule, stepped |
//! | `explain` | why a claim is broken |

pub mod counterexample;
pub mod explain;
pub mod limits;
pub mod odds;
pub mod orbits;
pub mod pack;
pub mod replay;
pub mod report;
pub mod search;
pub mod standing;
pub mod verdict;
