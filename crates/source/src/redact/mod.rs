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

use serde_json::Value;

pub use mark::set_key;
pub(crate) use object::key;

/// How often one thing is looked at. What a value is judged by (the word before it, the host of its
/// URL) may itself be redacted, and the value then be judged otherwise: it is looked at again until
/// nothing more goes, so that what was redacted once is redacted for good.
const LOOKS: usize = 8;

/// Redacts one object of any kind, a list of them, or a configuration document.
pub fn object(document: &mut Value) {
    settle(document, object::object);
}

/// Redacts a node's configuration file. Its path tells its format; it keeps its number of lines.
pub fn text(path: &str, text: &str) -> String {
    let (mut settled, reading) = text::text(path, text);
    if reading == text::Reading::Lines {
        settle(&mut settled, |text| *text = text::text(path, text).0);
    }
    settled
}

/// Redacts a command line, program first; it keeps its number of words.
pub fn arguments(args: &[String]) -> Vec<String> {
    let mut settled = args.to_vec();
    settle(&mut settled, |args| *args = words::arguments(args));
    settled
}

/// Redacts the value of an environment variable.
pub fn environment(name: &str, value: &str) -> String {
    let mut settled = value.to_owned();
    settle(&mut settled, |value| *value = words::environment(name, value));
    settled
}

fn settle<T>(thing: &mut T, look: impl Fn(&mut T)) {
    for _ in 0..LOOKS {
        let before = mark::made();
        look(thing);
        if mark::made() == before {
            break;
        }
    }
}

#[cfg(test)]
mod tests;
