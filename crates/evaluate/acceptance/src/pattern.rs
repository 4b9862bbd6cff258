//! Names with `*` for any text, and `?` for any one character.

use serde::Deserialize;

/// A pattern of names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Pattern(String);

impl Pattern {
    /// Whether the whole of `text` is such a name. Linear in the product of both lengths.
    pub(crate) fn meets(&self, text: &str) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
        let text: Vec<char> = text.chars().collect();
        // Where the last `*` stood, and how much of the text it took; on a mismatch it takes more.
        let (mut at, mut in_text) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while in_text < text.len() {
            match (pattern.get(at), text.get(in_text)) {
                (Some('*'), _) => {
                    star = Some((at, in_text));
                    at += 1;
                }
                (Some(p), Some(t)) if *p == '?' || p == t => {
                    at += 1;
                    in_text += 1;
                }
                _ => match &mut star {
                    Some((from, taken)) => {
                        *taken += 1;
                        (at, in_text) = (*from + 1, *taken);
                    }
                    None => return false,
                },
            }
        }
        pattern.iter().skip(at).all(|c| *c == '*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meets(pattern: &str, text: &str) -> bool {
        Pattern(pattern.to_owned()).meets(text)
    }

    #[test]
    fn stars_take_any_text() {
        assert!(meets("csi-*", "csi-node") && meets("*", "") && meets("a*c*e", "abcde"));
        assert!(meets("/etc/*/x.y?ml", "/etc/a/b/x.yaml") && meets("*-node", "csi-node-node"));
        assert!(!meets("csi-*", "x-csi-") && !meets("", "a") && !meets("a?", "a"));
    }

    proptest::proptest! {
        #[test]
        fn a_text_meets_itself_and_a_star_between_its_parts(a in "[a-z]{0,8}", b in "[a-z]{0,8}", c in "[a-z]{0,8}") {
            let (pattern, plain, whole) = (format!("{a}*{c}"), format!("{a}{c}"), format!("{a}{b}{c}"));
            proptest::prop_assert!(meets(&plain, &plain));
            proptest::prop_assert!(meets(&pattern, &whole));
        }
    }
}
