//! A snapshot that is a `.tar.zst`.
//!
//! The headers are read raw, so that long names and extended headers are bounded here and not
//! believed anywhere else.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use tar::EntryType;

use super::intake::{Limits, Stop};

/// Bytes of a long name, or of an extended header.
const MOST_HEADER: u64 = 64 << 10;
/// The largest window that a decoder sets up: 128 MiB, as the zstd program does.
const WINDOW_LOG: u32 = 27;

/// What is done with an entry: its name and its bytes.
pub(super) type Visit<'v> = &'v mut dyn FnMut(&str, &mut dyn BufRead) -> Result<(), Stop>;

/// Shows every entry of the archive at `path`, in its order.
pub(super) fn read(path: &Path, limits: Limits, visit: Visit<'_>) -> Result<(), Stop> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    expand(BufReader::new(file), length, limits, visit)
}

/// Shows every entry of an archive of `length` bytes, in its order.
pub(super) fn expand(
    archive: impl BufRead,
    length: u64,
    limits: Limits,
    visit: Visit<'_>,
) -> Result<(), Stop> {
    let most = most_expanded(length, limits);
    let mut decoder = zstd::Decoder::with_buffer(archive)?;
    decoder.window_log_max(WINDOW_LOG)?;
    let bounded = Bounded { reader: decoder, left: most, most };
    let mut archive = tar::Archive::new(bounded);
    let mut seen = BTreeSet::new();
    let mut long_name = None;
    let mut count = 0_usize;
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        count += 1;
        if count > limits.entries {
            let most = limits.entries;
            return Err(Stop::Refused(format!("it holds more than {most} entries")));
        }
        let size = entry.header().entry_size()?;
        let name = long_name.take();
        match entry.header().entry_type() {
            EntryType::GNULongName => {
                let mut bytes = header(&mut entry, size)?;
                bytes.retain(|byte| *byte != 0);
                long_name = Some(bytes);
            }
            EntryType::XHeader => long_name = extended(&header(&mut entry, size)?)?.or(name),
            EntryType::XGlobalHeader => {
                extended(&header(&mut entry, size)?)?;
            }
            EntryType::Directory => {
                checked(&name.unwrap_or_else(|| entry.header().path_bytes().into_owned()))?;
            }
            EntryType::Regular => {
                let name =
                    checked(&name.unwrap_or_else(|| entry.header().path_bytes().into_owned()))?;
                if !seen.insert(name.clone()) {
                    return Err(Stop::Refused(format!("it holds `{}` twice", shown(&name))));
                }
                content(&name, &mut entry, size, limits, visit)?;
            }
            other => {
                let name = name.unwrap_or_else(|| entry.header().path_bytes().into_owned());
                let name = String::from_utf8_lossy(&name).into_owned();
                return Err(Stop::Refused(format!("`{}` is {}", shown(&name), word(other))));
            }
        }
    }
    // To the very end, where the checksum stands.
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    Ok(())
}

fn content(
    name: &str,
    entry: &mut impl Read,
    size: u64,
    limits: Limits,
    visit: Visit<'_>,
) -> Result<(), Stop> {
    if size > limits.entry {
        let most = limits.entry;
        return Err(Stop::Refused(format!("`{}` has more than {most} bytes", shown(name))));
    }
    let mut counted = Counted { reader: entry, bytes: 0 };
    visit(name, &mut BufReader::with_capacity(1 << 16, &mut counted))?;
    // What was passed over is read too, so that a cut is seen.
    io::copy(&mut counted, &mut io::sink())?;
    if counted.bytes == size {
        Ok(())
    } else {
        Err(Stop::Read(io::Error::other(format!("it ends within `{}`", shown(name)))))
    }
}

/// The bytes that an archive of `length` bytes may expand to.
fn most_expanded(length: u64, limits: Limits) -> u64 {
    length.saturating_mul(limits.ratio).max(limits.small).min(limits.expanded)
}

fn header(entry: &mut impl Read, size: u64) -> Result<Vec<u8>, Stop> {
    if size > MOST_HEADER {
        return Err(Stop::Refused(format!("one of its headers has more than {MOST_HEADER} bytes")));
    }
    let mut bytes = Vec::new();
    entry.take(size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The name that an extended header (pax) gives, where it gives one.
fn extended(bytes: &[u8]) -> Result<Option<Vec<u8>>, Stop> {
    let mut name = None;
    for pair in tar::PaxExtensions::new(bytes) {
        let pair = pair?;
        match pair.key_bytes() {
            b"path" => name = Some(pair.value_bytes().to_vec()),
            b"size" | b"linkpath" => {
                return Err(Stop::Refused("an extended header changes sizes or links".to_owned()));
            }
            key if key.starts_with(b"GNU.sparse") => {
                return Err(Stop::Refused("it holds a sparse file".to_owned()));
            }
            _ => {}
        }
    }
    Ok(name)
}

/// The name of an entry, if it stays within the snapshot.
fn checked(name: &[u8]) -> Result<String, Stop> {
    let name = String::from_utf8_lossy(name);
    if name.starts_with('/') {
        return Err(Stop::Refused(format!("`{}` is an absolute path", shown(&name))));
    }
    if name.split(['/', '\\']).any(|step| step == "..") {
        return Err(Stop::Refused(format!("`{}` leads out of it", shown(&name))));
    }
    let steps: Vec<&str> = name.split('/').filter(|s| !s.is_empty() && *s != ".").collect();
    Ok(steps.join("/"))
}

/// The beginning of a name, as it can be shown.
fn shown(name: &str) -> String {
    name.chars().take(120).flat_map(char::escape_default).collect()
}

fn word(entry_type: EntryType) -> &'static str {
    match entry_type {
        EntryType::Link | EntryType::Symlink | EntryType::GNULongLink => "a link",
        EntryType::Char | EntryType::Block => "a device",
        EntryType::Fifo => "a FIFO",
        EntryType::GNUSparse => "a sparse file",
        _ => "of a type that has no place in a snapshot",
    }
}

/// A reader that fails when more than `most` bytes come out of it.
struct Bounded<R> {
    reader: R,
    left: u64,
    most: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other(format!(
                "it expands to more than {} bytes, which is the most that is read of an archive \
                 of its size",
                self.most
            ))
        })?;
        Ok(read)
    }
}

/// A reader that counts its bytes.
struct Counted<R> {
    reader: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.bytes += read as u64;
        Ok(read)
    }
}
