//! Why a claim is broken: read off one schedule, state by state, as typed values. The sentences are made elsewhere.

pub mod marks;
