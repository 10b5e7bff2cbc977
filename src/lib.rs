//! lib
pub mod explore;
pub mod protocol;
