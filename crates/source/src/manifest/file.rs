//! One file, opened without being caught: no FIFO, no device, no link, nothing too large.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::MAX_FILE;

/// The text of a regular file; the reason where there is none to be had.
pub(crate) fn text(path: &Path) -> Result<String, String> {
    let metadata = std::fs::symlink_metadata(path).map_err(|error| because(&error))?;
    if !metadata.is_file() {
        return Err("is no regular file, and is not opened".to_owned());
    }
    if metadata.len() > MAX_FILE {
        return Err(too_large());
    }
    // Between the question and the answer the path may have become something else.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let opened = rustix::fs::open(path, flags, Mode::empty());
    let mut file = File::from(opened.map_err(|error| because(&error.into()))?);
    match file.metadata() {
        Ok(metadata) if metadata.is_file() => decoded(&mut file),
        Ok(_) => Err("is no regular file, and is not opened".to_owned()),
        Err(error) => Err(because(&error)),
    }
}

/// Reads to the end, up to the bound, and decodes UTF-8, or UTF-16 that says so.
pub(super) fn decoded(source: &mut dyn Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    source.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| because(&error))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(too_large());
    }
    match bytes.get(..2) {
        Some([0xFF, 0xFE]) => utf16(&bytes, u16::from_le_bytes),
        Some([0xFE, 0xFF]) => utf16(&bytes, u16::from_be_bytes),
        _ => String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let head = error.as_bytes().get(..at).unwrap_or_default();
            let line = head.iter().filter(|b| **b == b'\n').count() + 1;
            format!("line {line}: is not UTF-8")
        }),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let units = bytes.get(2..).unwrap_or_default().chunks(2).map(|pair| match pair {
        [first, second] => unit([*first, *second]),
        // Half a unit at the end is no character.
        _ => 0xD800,
    });
    char::decode_utf16(units)
        .collect::<Result<String, _>>()
        .map_err(|_| "begins as UTF-16 and is none".to_owned())
}

fn too_large() -> String {
    format!("is larger than the bound of {} MiB", MAX_FILE / 1024 / 1024)
}

fn because(error: &std::io::Error) -> String {
    format!("cannot be read: {}", error.to_string().to_lowercase())
}
