//! Where the documents of a stream begin and end.

use std::ops::Range;

/// The documents of a stream with their byte ranges: split at lines that begin with `---` or
/// `...`. Those that hold only white space, comments and markers are passed over.
pub fn documents(text: &str) -> impl Iterator<Item = (Range<u64>, &str)> {
    Documents { text, at: if text.starts_with('\u{FEFF}') { 3 } else { 0 } }
}

struct Documents<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Documents<'a> {
    type Item = (Range<u64>, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.text.len() {
            let (range, next) = self.document();
            self.at = next;
            if let Some(range) = range {
                let document = self.text.get(range.clone())?;
                return Some((range.start as u64..range.end as u64, document));
            }
        }
        None
    }
}

impl Documents<'_> {
    /// The range of the document at `at`, if there is one before the next marker, and where to
    /// go on.
    fn document(&self) -> (Option<Range<usize>>, usize) {
        let mut start = self.at;
        let mut at = self.at;
        let (mut has_content, mut has_directive) = (false, false);
        for line in self.text.get(self.at..).unwrap_or_default().split_inclusive('\n') {
            let end = at + line.len();
            match marker(line) {
                Some(Marker::Start) if !has_content && has_directive => has_directive = false,
                Some(Marker::Start) if !has_content => start = end,
                Some(Marker::StartWithContent) if !has_content => {
                    // The marker is part of the document: what follows it is indented by it.
                    start = if has_directive { start } else { at };
                    has_content = true;
                }
                Some(Marker::Start | Marker::StartWithContent) => return (Some(start..at), at),
                Some(Marker::End) if has_content => return (Some(start..at), end),
                Some(Marker::End) => {
                    start = end;
                    has_directive = false;
                }
                None if is_blank(line) => {}
                None if line.starts_with('%') && !has_content => has_directive = true,
                None => has_content = true,
            }
            at = end;
        }
        (has_content.then_some(start..at), at)
    }
}

enum Marker {
    Start,
    StartWithContent,
    End,
}

fn marker(line: &str) -> Option<Marker> {
    let after = |sign: &str| {
        let rest = line.strip_prefix(sign)?;
        (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(rest)
    };
    if after("...").is_some() {
        return Some(Marker::End);
    }
    let rest = after("---")?;
    Some(if is_blank(rest) { Marker::Start } else { Marker::StartWithContent })
}

fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        documents(text).map(|(_, document)| document).collect()
    }

    #[test]
    fn streams_are_split_at_markers() {
        assert_eq!(split("a: 1\n---\nb: 2\n"), ["a: 1\n", "b: 2\n"]);
        assert_eq!(split("---\r\na: 1\r\n--- # next\r\nb: 2"), ["a: 1\r\n", "b: 2"]);
        assert_eq!(split("# only\n---\n---\n\n# comments\n---\na: 1\n...\n# end\n"), ["a: 1\n"]);
        assert_eq!(split("--- {a: 1}\n--- |\n text\n"), ["--- {a: 1}\n", "--- |\n text\n"]);
        assert_eq!(split("%YAML 1.2\n---\na: 1\n"), ["%YAML 1.2\n---\na: 1\n"]);
        assert_eq!(split("a: |\n  ---\n  b\n---x: 1\n"), ["a: |\n  ---\n  b\n---x: 1\n"]);
        assert_eq!(split("\u{FEFF}a: 1\n"), ["a: 1\n"]);
        assert!(split("").is_empty());
    }

    #[test]
    fn ranges_are_those_of_the_text() {
        let text = "# x\n---\na: 1\n---\nb: ä\n";
        for (range, document) in documents(text) {
            let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            assert_eq!(text.get(range), Some(document));
        }
    }
}
