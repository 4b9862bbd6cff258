//! Lines and columns of byte offsets.

/// Up to how many bytes of a line characters are counted; beyond, a byte is taken for one, so that
/// a text of one huge line is not counted through for each of its objects.
const COUNTED: usize = 65_536;

/// Where the lines of a text begin.
#[derive(Debug)]
pub(crate) struct Places(Vec<usize>);

impl Places {
    pub(crate) fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect())
    }

    /// How many lines of `text` lie before that of the offset, and how many characters of its line
    /// before it.
    pub(crate) fn before(&self, text: &str, offset: usize) -> (u64, u64) {
        let line = self.0.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.0.get(line).copied().unwrap_or(0);
        let left = text.get(start..offset).unwrap_or_default();
        let characters = match left.len() {
            0..=COUNTED => left.trim_start_matches('\u{FEFF}').chars().count(),
            bytes => bytes,
        };
        (line as u64, characters as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted() {
        let text = "\u{FEFF}a\näb\n";
        let places = Places::new(text);
        let at = |part: &str| places.before(text, text.find(part).unwrap());
        assert_eq!(at("a"), (0, 0));
        assert_eq!(at("b"), (1, 1));
        assert_eq!(places.before(text, text.len()), (2, 0));
    }
}
