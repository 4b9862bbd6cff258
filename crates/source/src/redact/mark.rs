//! What stands in place of a credential: its length and a digest that only this run can make.
//!
//! Enters: text that may hold a credential. Leaves: `[redacted 32 bytes, digest 1a2b3c4d5e6f7a8b]`.
//! Always holds: the key never leaves the process, so a digest tells only that two values of one
//! run are the same; a mark is never marked again.

use std::cell::Cell;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const OPENING: &str = "[redacted ";
const MIDDLE: &str = " bytes, digest ";
const DIGITS: usize = 16;

/// What stands in for a mark while the text around it is judged: a private-use character.
pub(super) const PLACEHOLDER: char = '\u{E000}';

thread_local! {
    static MADE: Cell<u64> = const { Cell::new(0) };
    /// Whether the text at hand has placeholders for its marks already.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

static KEY: RwLock<Option<[u8; 32]>> = RwLock::new(None);

/// Sets the key of the digests, for runs that must be reproducible.
///
/// Without it every process makes its own, and nobody can try guesses against a digest.
pub fn set_key(key: [u8; 32]) {
    *KEY.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
}

/// The mark for `value`, or `value` itself where it is a mark.
pub(crate) fn mark(value: &str) -> String {
    let stands_for_mark = INSIDE.get() && value.chars().all(|c| c == PLACEHOLDER);
    if is_mark(value) || stands_for_mark {
        return value.to_owned();
    }
    MADE.set(MADE.get().wrapping_add(1));
    format!("{OPENING}{}{MIDDLE}{}]", value.len(), digest(value.as_bytes()))
}

/// How many marks this thread has made: whether a look at something found more to redact.
pub(super) fn made() -> u64 {
    MADE.get()
}

/// Whether the whole text is one mark.
pub(crate) fn is_mark(text: &str) -> bool {
    next_mark(text).is_some_and(|range| range == (0..text.len()))
}

/// Judges the text around marks by `rule`, which sees [`PLACEHOLDER`] in place of each.
///
/// A rule may call this again for a part of its text.
pub(super) fn around_marks(text: &str, mut rule: impl FnMut(&str) -> String) -> String {
    if INSIDE.get() {
        return rule(text);
    }
    if text.contains(PLACEHOLDER) {
        return mark(text);
    }
    let mut shielded = String::with_capacity(text.len());
    let mut marks = Vec::new();
    let mut rest = text;
    while let Some(range) = next_mark(rest) {
        shielded.push_str(rest.get(..range.start).unwrap_or_default());
        shielded.push(PLACEHOLDER);
        marks.push(rest.get(range.clone()).unwrap_or_default());
        rest = rest.get(range.end..).unwrap_or_default();
    }
    if marks.is_empty() {
        return rule(text);
    }
    shielded.push_str(rest);
    INSIDE.set(true);
    let judged = rule(&shielded);
    INSIDE.set(false);
    if judged.matches(PLACEHOLDER).count() != marks.len() {
        return mark(text);
    }
    let mut marks = marks.into_iter();
    judged.chars().fold(String::with_capacity(text.len()), |mut whole, c| {
        match (c == PLACEHOLDER).then(|| marks.next()).flatten() {
            Some(mark) => whole.push_str(mark),
            None => whole.push(c),
        }
        whole
    })
}

fn next_mark(text: &str) -> Option<Range<usize>> {
    text.match_indices(OPENING).find_map(|(start, _)| {
        let rest = text.get(start + OPENING.len()..)?;
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let digest = rest.get(length..)?.strip_prefix(MIDDLE)?;
        let hex = digest.bytes().take_while(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')).count();
        let whole =
            (1..=10).contains(&length) && hex == DIGITS && digest.get(hex..)?.starts_with(']');
        whole.then(|| start..start + OPENING.len() + length + MIDDLE.len() + DIGITS + 1)
    })
}

fn digest(value: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key()) else {
        return "0".repeat(DIGITS);
    };
    mac.update(value);
    mac.finalize().into_bytes().iter().take(DIGITS / 2).map(|b| format!("{b:02x}")).collect()
}

fn key() -> [u8; 32] {
    if let Some(key) = *KEY.read().unwrap_or_else(PoisonError::into_inner) {
        return key;
    }
    *KEY.write().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(random_key)
}

/// 32 bytes from the kernel; where there are none to be had, from the seeds of the standard
/// library's hash tables, which are random for each process too.
fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    let read = File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut key));
    if read.is_err() {
        for chunk in key.chunks_mut(8) {
            chunk.copy_from_slice(&RandomState::new().hash_one(0).to_le_bytes());
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_never_marked_again() {
        let once = mark("hunter2");
        assert!(once.starts_with("[redacted 7 bytes, digest "), "{once}");
        assert_eq!(mark(&once), once);
        assert!(is_mark(&once));
        assert!(!is_mark(&format!("{once} hunter2")));
    }

    #[test]
    fn text_around_marks_is_judged_without_them() {
        let text = format!("a{}b{}", mark("x"), mark("y"));
        assert_eq!(around_marks(&text, str::to_uppercase), format!("A{}B{}", mark("x"), mark("y")));
        // A rule that drops a mark gets the whole marked.
        assert!(is_mark(&around_marks(&text, |_| "gone".to_owned())));
        // Text cannot smuggle the placeholder in.
        assert!(is_mark(&around_marks("\u{E000}hunter2", str::to_owned)));
    }
}
