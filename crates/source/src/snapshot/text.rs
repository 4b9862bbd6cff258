//! Snapshots as text, for where only text passes: a pod's log, a terminal.
//!
//! Enters: an archive to write; text to read, in which any number of snapshots lie. Leaves: its base64
//! between two lines that mark it, as RFC 7468 has it for keys; the records of all that are whole.
//! Always holds: what lies around a snapshot is passed over, and so is what a log puts before its lines;
//! a snapshot that was cut or disturbed is told and none of it taken, and the next one is read.

use std::io::{self, BufRead, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kuberlock_model::Origin;

use super::archive;
use super::intake::{Intake, Limits, Stop};
use super::lines::{Line, Lines};

const BEGIN: &str = "-----BEGIN KUBERLOCK SNAPSHOT-----";
const END: &str = "-----END KUBERLOCK SNAPSHOT-----";
/// Bytes of a line: its 76 characters are few enough for every log to keep it in one piece.
const LINE: usize = 57;
/// Bytes of a line that is looked at.
const MOST_LINE: u64 = 1 << 20;
/// Bytes of a snapshot's base64.
const MOST_TEXT: usize = 64 << 20;
/// Bytes of a snapshot as text, expanded: it is held until it is known to be whole.
pub(super) const MOST_EXPANDED: u64 = 256 << 20;
/// Snapshots that are told one by one when they cannot be read.
const TOLD: usize = 100;

/// Writes what `archive` writes as text.
pub(super) fn write<W: Write>(
    mut out: W,
    archive: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    writeln!(out, "{BEGIN}")?;
    let mut encoded = Encoded { out, held: Vec::new() };
    archive(&mut encoded)?;
    let Encoded { mut out, held } = encoded;
    lines(&mut out, &held)?;
    writeln!(out, "{END}")?;
    out.flush()
}

/// A writer of base64 in whole lines.
struct Encoded<W> {
    out: W,
    /// Less than a line.
    held: Vec<u8>,
}

impl<W: Write> Write for Encoded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        let rest = self.held.split_off(self.held.len() / LINE * LINE);
        lines(&mut self.out, &self.held)?;
        self.held = rest;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn lines(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    bytes.chunks(LINE).try_for_each(|line| writeln!(out, "{}", STANDARD.encode(line)))
}

/// Takes in every snapshot of the text. Where none is whole, the text is refused.
pub(super) fn read(text: impl BufRead, intake: &mut Intake<'_>) -> Result<(), Stop> {
    let (path, limits) = (intake.path.clone(), intake.limits);
    let (mut whole, mut faults) = (0_usize, 0_usize);
    let mut first_fault = None;
    each(text, &path, &mut |name, found| {
        let records = found.and_then(|bytes| {
            let records = Intake::apart(name, limits, |intake| {
                expand(&bytes, limits, &mut |entry, content| intake.entry(entry, content))?;
                intake.is_whole()
            });
            records.map_err(reason)
        });
        match records {
            Ok(records) => {
                whole += 1;
                intake.pass_on(records);
            }
            Err(reason) => {
                faults += 1;
                if faults <= TOLD {
                    first_fault.get_or_insert_with(|| reason.clone());
                    intake.unread(Origin::whole(name), reason);
                }
            }
        }
        Ok(())
    })?;
    if faults > TOLD {
        let reason = format!("{} more snapshots in it cannot be read", faults - TOLD);
        intake.unread(Origin::whole(path), reason);
    }
    match first_fault {
        _ if whole > 0 => Ok(()),
        Some(reason) => Err(Stop::Refused(reason)),
        None => Err(Stop::Refused(format!(
            "its name does not end in `{}`, and no line of it is `{BEGIN}`",
            super::ARCHIVE
        ))),
    }
}

/// Shows each entry of the snapshots in the text at `path`: the name that its records bear as their
/// source, and its bytes.
pub(super) fn entries(
    text: impl BufRead,
    path: &str,
    limits: Limits,
    visit: &mut dyn FnMut(&str, &mut dyn BufRead),
) -> Result<(), Stop> {
    each(text, path, &mut |name, found| {
        if let Ok(bytes) = found {
            // What cannot be read was told when it was read first.
            let _ = expand(&bytes, limits, &mut |entry, content| {
                visit(&format!("{name}!{entry}"), content);
                Ok(())
            });
        }
        Ok(())
    })
}

fn expand(bytes: &[u8], limits: Limits, visit: archive::Visit<'_>) -> Result<(), Stop> {
    let limits = Limits { expanded: limits.expanded.min(MOST_EXPANDED), ..limits };
    archive::expand(bytes, bytes.len() as u64, limits, visit)
}

fn reason(stop: Stop) -> String {
    match stop {
        Stop::Read(error) => format!("it is truncated or corrupt: {error}"),
        Stop::Refused(reason) => reason,
    }
}

/// What is done with an archive, or with why it cannot be had: the name of the snapshot comes first, of
/// the second in a text `PATH#2`.
type Found<'f> = &'f mut dyn FnMut(&str, Result<Vec<u8>, String>) -> Result<(), Stop>;

/// Finds each snapshot of the text.
fn each(text: impl BufRead, path: &str, found: Found<'_>) -> Result<(), Stop> {
    let mut lines = Lines::new(text, MOST_LINE);
    let mut count = 0_usize;
    let mut tell = |bytes: Result<Vec<u8>, String>| {
        count += 1;
        match count {
            1 => found(path, bytes),
            _ => found(&format!("{path}#{count}"), bytes),
        }
    };
    let mut held: Option<Vec<u8>> = None;
    while let Some(Line { number, bytes, .. }) = lines.next()? {
        let line = bytes.unwrap_or_default();
        let line = line.trim_ascii_end();
        if line.ends_with(BEGIN.as_bytes()) {
            if held.replace(Vec::new()).is_some() {
                tell(Err(format!("it has no end, and another begins in line {number}")))?;
            }
        } else if line.ends_with(END.as_bytes()) {
            if let Some(base64) = held.take() {
                let bytes = STANDARD.decode(base64);
                tell(bytes.map_err(|error| {
                    format!("the text that ends in line {number} is no base64: {error}")
                }))?;
            }
        } else if let Some(base64) = &mut held {
            // A log may have put a time or a pod's name before it.
            let word = line.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
            if base64.len() + word.len() > MOST_TEXT {
                held = None;
                tell(Err(format!("its text is longer than {MOST_TEXT} bytes")))?;
            } else {
                base64.extend_from_slice(word);
            }
        }
    }
    match held {
        Some(_) => tell(Err("it has no end: the text was cut".to_owned())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
