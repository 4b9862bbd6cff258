//! Lines put aside on disk until they can be written in order.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes held back before they are written.
const BUFFER: usize = 1 << 20;

/// A nameless file that grows by lines.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    held: Vec<u8>,
    written: u64,
}

/// The place of a line in the spool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    start: u64,
    length: u64,
}

impl Span {
    pub(super) fn length(self) -> u64 {
        self.length
    }
}

impl Spool {
    /// A spool on the file system of the folder `beside`.
    pub(super) fn create(beside: &Path) -> io::Result<Self> {
        let path = beside.join(format!(".kuberlock-{}.spool", unique()));
        let file = super::output::create_private(&path)?;
        // Nameless from now on: nothing is left behind, whatever ends this process.
        std::fs::remove_file(&path)?;
        Ok(Self { file, held: Vec::new(), written: 0 })
    }

    /// Puts one line aside.
    pub(super) fn put(&mut self, line: &[u8]) -> io::Result<Span> {
        let start = self.written + self.held.len() as u64;
        self.held.extend_from_slice(line);
        if self.held.len() >= BUFFER {
            self.flush()?;
        }
        Ok(Span { start, length: line.len() as u64 })
    }

    /// Writes out what is held, so that every span can be read.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.held)?;
        self.written += self.held.len() as u64;
        self.held.clear();
        Ok(())
    }

    /// The lines at `spans`, one after the other. What is held must have been written out.
    pub(super) fn lines<'s>(&'s self, spans: impl Iterator<Item = Span> + 's) -> impl Read + 's {
        SpoolReader { file: &self.file, spans, line: Vec::new(), at: 0 }
    }
}

struct SpoolReader<'s, I> {
    file: &'s File,
    spans: I,
    line: Vec<u8>,
    at: usize,
}

impl<I: Iterator<Item = Span>> Read for SpoolReader<'_, I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.line.len() {
            let Some(span) = self.spans.next() else { return Ok(0) };
            self.line.resize(usize::try_from(span.length).map_err(io::Error::other)?, 0);
            self.file.read_exact_at(&mut self.line, span.start)?;
            self.at = 0;
        }
        let read = self.line.get(self.at..).unwrap_or_default().read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

/// A word that no other snapshot being written has.
pub(super) fn unique() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
