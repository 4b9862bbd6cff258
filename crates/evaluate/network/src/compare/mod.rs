//! Two networks side by side: what differs, and how two sets of policies relate to one another.
//!
//! Enters: two computed networks, of one cluster under two sets of policies or of two clusters. Leaves:
//! what the one allows and the other does not ([`diff`]), and whether they are equivalent, one holds
//! the other, they share nothing or overlap ([`compare`]), with connections that show it. Always
//! holds: ends are the same where namespace, owner and labels are; addresses outside are cut where either
//! network cuts them; what the API leaves open in one of them is never told as equal to what is sure.

mod align;
mod difference;
mod policies;
mod relation;
#[cfg(test)]
mod tests;

pub use align::{Aligned, End};
pub use difference::{Change, Difference, diff};
pub use policies::{Vacuity, captured, forbids, interferes, permits, sharing, vacuity};
pub use relation::{Comparison, Example, Relation, compare};
