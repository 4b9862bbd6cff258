//! Foreign text made harmless.
//!
//! Enters: any text of a cluster: a name, a message, a value. Leaves: text that shows what it
//! holds. Always holds: no control character, no mark that reorders or hides text, no line break,
//! no more than the limit and its mark.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// How many marks may sit on one letter before the rest is shown as escapes.
const MARKS: usize = 4;

/// Whether `c` acts on a display instead of being shown by it: controls, bidi marks, characters of
/// no width, separators of lines.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// `text` with line breaks and tabs folded into spaces, whatever is hidden as a visible escape,
/// and cut with a mark after `limit` characters.
pub(crate) fn visible(text: &str, limit: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(limit));
    let mut chars = text.chars().peekable();
    let mut marks = 0;
    for _ in 0..limit {
        let Some(c) = chars.next() else { break };
        marks = if c.width() == Some(0) { marks + 1 } else { 0 };
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\t' => shown.push(' '),
            c if is_hidden(c) || marks > MARKS => push_escape(&mut shown, c),
            c => shown.push(c),
        }
    }
    let cut = chars.count();
    if cut > 0 {
        // Writing to a String does not fail.
        let _ = write!(shown, "… [{cut} more characters]");
    }
    shown
}

fn push_escape(shown: &mut String, c: char) {
    let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_hidden_is_shown() {
        let hostile = "a\u{1b}[31mb\u{202e}c\u{200b}d\u{7f}e\u{9b}f\ng\r\nh\0";
        assert_eq!(
            visible(hostile, 100),
            "a\\u{1b}[31mb\\u{202e}c\\u{200b}d\\u{7f}e\\u{9b}f g h\\u{0}"
        );
    }

    #[test]
    fn a_cut_is_marked() {
        assert_eq!(visible("abcdef", 6), "abcdef");
        assert_eq!(visible("abcdefg", 4), "abcd… [3 more characters]");
    }

    #[test]
    fn a_heap_of_marks_does_not_leave_its_line() {
        let shown = visible(&format!("a{}", "\u{301}".repeat(20)), 100);
        assert_eq!(shown.matches('\u{301}').count(), MARKS);
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>(), limit in 0usize..200) {
            let shown = visible(&text, limit);
            prop_assert!(!shown.chars().any(is_hidden));
        }
    }
}
