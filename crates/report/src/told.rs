//! Lines for a person beside a result that goes to a program.

use crate::neutral::visible;

/// Characters of one line.
const TEXT: usize = 600;

/// Each text behind the word for its sort, in the order given.
pub fn told(sorts: &[(&str, &[String])]) -> Vec<String> {
    let lines = sorts.iter().flat_map(|(word, texts)| {
        texts.iter().map(move |text| format!("{word:<8} {}", visible(text, TEXT)))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_shown_and_does_nothing() {
        let texts = ["a\u{1b}[31m".to_owned()];
        assert_eq!(told(&[("breaks", &texts)]), ["breaks   a\\u{1b}[31m"]);
    }
}
