//! Lines of a stream, with their bytes' places and a bound.

use std::io::{self, BufRead};
use std::ops::Range;

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// From 1.
    pub(crate) number: u64,
    /// Its bytes within the stream, the line's end left out.
    pub(crate) range: Range<u64>,
    /// Its bytes; none where there are too many.
    pub(crate) bytes: Option<Vec<u8>>,
}

/// The lines of `reader`.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    number: u64,
    offset: u64,
    /// Bytes of a line at most.
    most: u64,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(reader: R, most: u64) -> Self {
        Self { reader, number: 0, offset: 0, most }
    }

    /// The next line, where there is one.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line>> {
        let start = self.offset;
        let mut bytes = Vec::new();
        let mut long = false;
        let mut ended = false;
        while !ended {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            let (piece, used) = match buffer.iter().position(|b| *b == b'\n') {
                Some(at) => {
                    ended = true;
                    (buffer.get(..at).unwrap_or_default(), at + 1)
                }
                None => (buffer, buffer.len()),
            };
            if bytes.len() as u64 + piece.len() as u64 > self.most {
                long = true;
                bytes = Vec::new();
            }
            if !long {
                bytes.extend_from_slice(piece);
            }
            self.offset += used as u64;
            self.reader.consume(used);
        }
        if self.offset == start {
            return Ok(None);
        }
        self.number += 1;
        let end = self.offset - u64::from(ended);
        let bytes = (!long).then_some(bytes);
        Ok(Some(Line { number: self.number, range: start..end, bytes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_places_and_a_bound() {
        let text = b"ab\n\n12345678\nc";
        let mut lines = Lines::new(io::BufReader::with_capacity(3, &text[..]), 4);
        let mut next = || lines.next().unwrap();
        assert_eq!(next().unwrap(), Line { number: 1, range: 0..2, bytes: Some(b"ab".into()) });
        assert_eq!(next().unwrap(), Line { number: 2, range: 3..3, bytes: Some(vec![]) });
        assert_eq!(next().unwrap(), Line { number: 3, range: 4..12, bytes: None });
        assert_eq!(next().unwrap(), Line { number: 4, range: 13..14, bytes: Some(b"c".into()) });
        assert_eq!(next(), None);
    }
}
