//! Where an expression matches, as POSIX has it: of what begins leftmost, the longest. An expression
//! of the `regex` crate alone takes the first alternative that fits.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use regex::bytes::Regex;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::{Anchored, Input, MatchKind};

/// The longest line in which the longest is looked for: the time is the square of it at most.
const LONGEST_LINE: usize = 4 << 10;

/// An expression whose matches are asked for, not only whether there are any.
#[derive(Clone, Debug)]
pub(crate) struct Longest {
    regex: Regex,
    /// Where there are alternatives: all that match at one place.
    all: Option<Rc<(DFA, RefCell<Cache>)>>,
}

impl Longest {
    /// The matches of `regex`.
    pub(crate) fn new(regex: Regex) -> Self {
        let build = || {
            let config = DFA::config().match_kind(MatchKind::All).skip_cache_capacity_check(true);
            let syntax = regex_automata::util::syntax::Config::new().utf8(false);
            let dfa = DFA::builder().configure(config).syntax(syntax).build(regex.as_str()).ok()?;
            let cache = RefCell::new(dfa.create_cache());
            Some(Rc::new((dfa, cache)))
        };
        let all = if regex.as_str().contains('|') { build() } else { None };
        Self { regex, all }
    }

    /// Whether it matches anywhere.
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        self.regex.is_match(text)
    }

    /// The steps that finding so many matches in a text of this length took.
    pub(crate) fn cost(&self, found: usize, length: usize) -> usize {
        let squared = self.all.is_some() && length <= LONGEST_LINE;
        if squared { found.saturating_mul(length) } else { length }
    }

    /// The first match.
    pub(crate) fn first(&self, text: &[u8]) -> Option<Range<usize>> {
        self.at(text, 0)
    }

    /// All matches, none overlapping another.
    pub(crate) fn ranges(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        while from <= text.len() {
            let Some(range) = self.at(text, from) else { break };
            let touches = found.last().is_some_and(|last| last.end == range.start);
            from = range.end + usize::from(range.is_empty());
            if !(range.is_empty() && touches) {
                found.push(range);
            }
        }
        found
    }

    fn at(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        let found = self.regex.find_at(text, from)?.range();
        let Some(all) = self.all.as_ref().filter(|_| text.len() <= LONGEST_LINE) else {
            return Some(found);
        };
        let (dfa, cache) = &**all;
        let input = Input::new(text).range(found.start..).anchored(Anchored::Yes);
        let end = dfa.try_search_fwd(&mut cache.borrow_mut(), &input).ok().flatten();
        let end = end.map_or(found.end, |end| end.offset().max(found.end));
        Some(found.start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_of_the_leftmost() {
        for (pattern, text, ranges) in [
            (":|: *", "a:  b:c", vec![1..4, 5..6]),
            ("a|ab|abc", "xabcabx", vec![1..4, 4..6]),
            ("b|", "abc", vec![0..0, 1..2, 3..3]),
            ("[0-9]+", "a12b3", vec![1..3, 4..5]),
            ("^a|a$", "aba", vec![0..1, 2..3]),
        ] {
            let longest = Longest::new(Regex::new(pattern).unwrap());
            assert_eq!(longest.ranges(text.as_bytes()), ranges, "{pattern}");
        }
    }
}
