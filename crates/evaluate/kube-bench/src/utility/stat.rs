//! `stat -c`.

use super::{Done, options, quoted, unknown};
use crate::node::{FileType, Status};
use crate::shell::{Io, Stop};

pub(super) fn run(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let parsed = options("stat", args, "Lc:", &["format=", "printf=", "dereference"], false)?;
    let (mut format, mut follow, mut line) = (None, false, true);
    for (name, value) in parsed.options {
        match name.as_str() {
            "L" | "--dereference" => follow = true,
            "--printf" => (format, line) = (value, false),
            _ => (format, line) = (value, true),
        }
    }
    if parsed.operands.is_empty() {
        io.err("stat: missing operand\nTry 'stat --help' for more information.\n")?;
        return Ok(1);
    }
    let Some(format) = format else { return unknown("stat", "without -c") };
    let mut failed = false;
    for path in &parsed.operands {
        io.spend(500)?;
        match io.node().stat(path, follow) {
            Ok(status) => {
                let mut text = shown(&format, path, &status, io)?;
                if !line {
                    text = super::printf::unescaped(&text, false).0;
                }
                io.out(if line { text + "\n" } else { text })?;
            }
            Err(reason) => {
                failed = true;
                io.err(&format!("stat: cannot statx {}: {reason}\n", quoted(path)))?;
            }
        }
    }
    Ok(u8::from(failed))
}

fn shown(format: &str, path: &str, status: &Status, io: &Io<'_, '_>) -> Result<String, Stop> {
    let mut text = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('a') => text.push_str(&format!("{:o}", status.permissions())),
            Some('A') => text.push_str(&letters(status)),
            Some('U') => {
                let name = io.node().user(status.uid);
                text.push_str(name.as_deref().unwrap_or("UNKNOWN"));
            }
            Some('G') => {
                let name = io.node().group(status.gid);
                text.push_str(name.as_deref().unwrap_or("UNKNOWN"));
            }
            Some('u') => text.push_str(&status.uid.to_string()),
            Some('g') => text.push_str(&status.gid.to_string()),
            Some('n') => text.push_str(path),
            Some('s') => text.push_str(&status.size.to_string()),
            Some('h') => text.push_str(&status.links.to_string()),
            Some('i') => text.push_str(&status.inode.to_string()),
            Some('f') => text.push_str(&format!("{:x}", status.mode)),
            Some('Y') => text.push_str(&status.modified.to_string()),
            Some('F') => text.push_str(kind(status)),
            Some('%') | None => text.push('%'),
            Some(other) => return unknown("stat -c", &format!("%{other}")),
        }
    }
    Ok(text)
}

fn kind(status: &Status) -> &'static str {
    match status.file_type() {
        FileType::File if status.size == 0 => "regular empty file",
        FileType::File => "regular file",
        FileType::Directory => "directory",
        FileType::Link => "symbolic link",
        FileType::Fifo => "fifo",
        FileType::Socket => "socket",
        FileType::Block => "block special file",
        FileType::Character => "character special file",
    }
}

/// The mode as `ls -l` writes it.
pub(super) fn letters(status: &Status) -> String {
    let mode = status.mode;
    let mut text = String::from(match status.file_type() {
        FileType::File => "-",
        FileType::Directory => "d",
        FileType::Link => "l",
        FileType::Fifo => "p",
        FileType::Socket => "s",
        FileType::Block => "b",
        FileType::Character => "c",
    });
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 == 0 { '-' } else { 'r' });
        text.push(if bits & 2 == 0 { '-' } else { 'w' });
        text.push(match (bits & 1 != 0, mode & special != 0) {
            (true, true) => letter,
            (false, true) => letter.to_ascii_uppercase(),
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}
