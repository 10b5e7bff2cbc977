//! What is checked: the startup protocol. Pure: no thread, clock, randomness or I/O, and nothing from the other rooms.
//!
//! # The protocol
//!
//! **Tasks** walk a startup sequence and send **notices** to the inbox of the **worker** that they run on. The
//! **controller** takes notices, one at a time, and moves from `Scheduling` to `Running` or `Failed`. A *schedule* is a
//! sequence of actions, one actor at a time; nothing smaller is visible, nothing larger is atomic. It is *complete* when
//! no action is enabled: its last state is an *end*. A *state* is the phase with its reason, the attempt, the counted
//! set, how far each task has come, the inboxes, and the duplicates left.
//!
//! | actor | action | effect | file |
//! |---|---|---|---|
//! | task | `announce` | sends `TaskStarted` | [`startup`] |
//! | task | `on_start` | builds its resources; here it panics, or vanishes and is dead | [`startup`] |
//! | task | `report` | sends `TaskFailed`; from here on it is dead | [`startup`] |
//! | task | `arrive` | arrives at its worker's barrier; goes on once every task of that worker has | [`startup`] |
//! | task | `run` | enters its loop: the last step of every sequence | [`startup`] |
//! | task | `panic`, `finish` | in a chain: what a dead neighbour downstream, or one upstream that is gone, does to it | [`startup`] |
//! | controller | `receive` | takes the oldest notice of one inbox and reacts | [`world`], [`controller`] |
//! | controller | `keep` | the same, and the notice stays: the network repeats it | [`world`] |
//! | controller | `timeout` | gives up waiting | [`world`], [`controller`] |
//!
//! # Where each rule is
//!
//! | rule | file |
//! |---|---|
//! | who may say what: notices, and the attempt that they carry | [`notice`] |
//! | counting, becoming Running, failing, dropping, the fence, asking for a retry, granting it | [`controller`] |
//! | the order of a task's steps, panics, deaths, the barrier, the cascade | [`startup`] |
//! | the knobs, and the protocols that are a setting of them | [`rules`] |
//! | tasks, workers, names, fates, and what a scenario cannot be | [`scenario`] |
//! | inboxes, who can move, one step, what a retry does to tasks, when a timeout may come | [`world`] |
//! | what happened, and how a schedule is written | [`event`] |
//! | premise and conclusion of each claim, and where it is judged | [`claims`] |
//!
//! # The knobs
//!
//! | knob | obeyed in |
//! |---|---|
//! | `announce` | [`startup::Sequence::of`] |
//! | `failed-while-scheduling` | [`controller::Pipeline`] |
//! | `failed-while-running` | [`controller::Pipeline`] |
//! | `barrier` | [`startup::Sequence::of`] |
//! | `attempts` | [`controller::Control`] |
//! | `old-attempt` | [`world::World`] |
//! | `fence` | [`controller::Pipeline`] |
//! | `timeout` | [`world::World`] |
//! | `cascade` | [`world::World`], [`startup::Life`] |
//! | `duplicates` | [`world::World`] |
//!
//! To add a knob: a line in [`rules`] with its name and its default; the code that obeys it; a row in this table; what it
//! means, in `src/cli/explain.rs`; its key, in `src/cli/check.schema.json`; a mutant that turns it, in `tests/common/mutants`. The
//! option of the command line and the key in JSON come of themselves. `tests/it/tidy.rs` holds this list true.

pub mod claims;
pub mod controller;
pub mod event;
pub mod notice;
pub mod rules;
pub mod scenario;
pub mod startup;
pub mod world;
