//! Credentials, taken out before anything else sees them.
//!
//! Enters: objects, configuration files, command lines and variables as read. Leaves: the same
//! with every value that may be a credential replaced by its length and keyed digest. Always
//! holds: it is listed what may pass, not what may not; redacting twice changes nothing; a
//! file keeps its number of lines; Secret values are not even measured.

mod fields;
mod lines;
mod mark;
mod name;
mod object;
mod random;
mod shape;
mod text;
mod value;
mod words;

pub use mark::set_key;
pub(crate) use object::key;
pub use object::object;
pub use text::text;
pub use words::{arguments, environment};

#[cfg(test)]
mod tests;
