//! Lines of a terminal: escaped, broken at the width, coloured where that is wanted.
//!
//! Always holds: every text that is written was made harmless here, whoever it came from.

use std::io;

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use crate::Options;
use crate::neutral::visible;

/// The longest piece of text shown whole.
const LIMIT: usize = 400;
/// A terminal narrower than this is written to as if it had this width.
const NARROWEST: usize = 40;

/// A line being put together.
#[derive(Debug, Default)]
pub(super) struct Line {
    indent: usize,
    hang: usize,
    pieces: Vec<(Style, String)>,
}

impl Line {
    /// A line that starts `indent` columns in and goes on `hang` columns in when it is broken.
    pub(super) fn new(indent: usize, hang: usize) -> Self {
        Self { indent, hang, pieces: Vec::new() }
    }

    /// One more piece in `style`.
    pub(super) fn styled(mut self, style: Style, text: &str) -> Self {
        self.pieces.push((style, visible(text, LIMIT)));
        self
    }

    /// One more piece.
    pub(super) fn text(self, text: &str) -> Self {
        self.styled(Style::new(), text)
    }

    /// Pieces joined by a middle dot.
    pub(super) fn dotted<'a>(mut self, pieces: impl Iterator<Item = (Style, &'a str)>) -> Self {
        for (at, (style, text)) in pieces.enumerate() {
            self = if at > 0 { self.text(" · ") } else { self };
            self = self.styled(style, text);
        }
        self
    }
}

/// Characters that are never broken: pieces with their styles, and the blanks before them.
struct Word<'a> {
    blanks: usize,
    pieces: Vec<(Style, &'a str)>,
}

impl Word<'_> {
    fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| text.width()).sum()
    }
}

fn words(pieces: &[(Style, String)]) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut blanks = 0;
    let mut open = false;
    for (style, text) in pieces {
        for (at, part) in text.split(' ').enumerate() {
            if at > 0 {
                blanks += 1;
                open = false;
            }
            match words.last_mut() {
                _ if part.is_empty() => {}
                Some(word) if open => word.pieces.push((*style, part)),
                _ => {
                    words.push(Word { blanks, pieces: vec![(*style, part)] });
                    blanks = 0;
                    open = true;
                }
            }
        }
    }
    words
}

/// Where lines go.
pub(super) struct Paper<'a> {
    out: &'a mut dyn io::Write,
    color: bool,
    width: Option<usize>,
    /// The style that is on.
    style: Style,
}

impl<'a> Paper<'a> {
    /// Lines into `out`, as `options` want them.
    pub(super) fn new(out: &'a mut dyn io::Write, options: &Options) -> Self {
        let width = options.width.map(|width| width.max(NARROWEST));
        Self { out, color: options.color, width, style: Style::new() }
    }

    /// An empty line.
    pub(super) fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// `line`, on as many lines as it takes.
    pub(super) fn line(&mut self, line: &Line) -> io::Result<()> {
        let mut column = line.indent;
        let mut fresh = true;
        self.blanks(line.indent)?;
        for word in words(&line.pieces) {
            let width = word.width();
            if !fresh && self.width.is_some_and(|most| column + word.blanks + width > most) {
                self.switch(Style::new())?;
                self.blank()?;
                self.blanks(line.hang)?;
                column = line.hang;
            } else {
                // A blank between two styles belongs to neither.
                if word.pieces.first().is_none_or(|(style, _)| *style != self.style) {
                    self.switch(Style::new())?;
                }
                self.blanks(word.blanks)?;
                column += word.blanks;
            }
            self.word(&word)?;
            column += width;
            fresh = false;
        }
        self.switch(Style::new())?;
        self.blank()
    }

    fn blanks(&mut self, count: usize) -> io::Result<()> {
        write!(self.out, "{:count$}", "")
    }

    fn word(&mut self, word: &Word<'_>) -> io::Result<()> {
        for (style, text) in &word.pieces {
            self.switch(*style)?;
            self.out.write_all(text.as_bytes())?;
        }
        Ok(())
    }

    /// Turns `style` on and what was on before off.
    fn switch(&mut self, style: Style) -> io::Result<()> {
        if self.color && style != self.style {
            write!(self.out, "{:#}{style}", self.style)?;
            self.style = style;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(line: &Line, width: Option<usize>) -> String {
        let mut out = Vec::new();
        let options = Options { width, ..Options::default() };
        Paper::new(&mut out, &options).line(line).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn long_lines_hang() {
        let line = Line::new(2, 6).text("one two three four").text(" five six seven eight nine");
        assert_eq!(
            written(&line, Some(40)),
            "  one two three four five six seven\n      eight nine\n"
        );
        assert_eq!(written(&line, None), "  one two three four five six seven eight nine\n");
    }

    #[test]
    fn pieces_without_a_blank_stay_together() {
        let line = Line::new(0, 2).text("see ").text("path/that/is/quite/long/indeed").text(":17");
        assert_eq!(written(&line, Some(10)), "see path/that/is/quite/long/indeed:17\n");
    }
}
