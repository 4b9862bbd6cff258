//! Who can talk to whom, and why.

mod cni;
mod verdict;

pub use cni::{Cni, NotACni};
pub use verdict::{Connection, Party, Verdict};
