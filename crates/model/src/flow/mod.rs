//! Connections that somebody saw: what flow logs and listings of connections tell.
//!
//! Enters: records of any observer, read by a source. Leaves: each connection once, with how often,
//! when first and when last it was seen. Always holds: sets merge in any order to the same; what was
//! not told is `None`; a port that its opener took at random is left out, so that a million
//! connections of one client are one flow; what was ignored or could not be read is counted.

mod end;
mod set;

pub use end::{Entity, FlowEnd};
pub use set::{FlowKey, FlowSet, Ignored, Observation, Observer, Period, Place, Tally};
