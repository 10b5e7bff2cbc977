//! May a system say *Running* before every part of it has started? A model-checked answer.
pub mod explore;
pub mod protocol;
pub mod threads;
