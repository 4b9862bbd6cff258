//! `ls`, `readlink`, `basename`, `dirname`, and the shell's own commands called as programs.

use super::{Done, options, printf as format, quoted, unknown};
use crate::node::{Entry, FileType};
use crate::shell::{Io, Stop};

pub(super) fn success(_: &[String], _: &mut Io<'_, '_>) -> Done {
    Ok(0)
}

pub(super) fn failure(_: &[String], _: &mut Io<'_, '_>) -> Done {
    Ok(1)
}

/// `/bin/echo`, which reads no backslashes unless told to.
pub(super) fn echo(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let (mut words, mut newline, mut escapes) = (args, true, false);
    while let Some((first, rest)) = words.split_first() {
        match first.as_str() {
            "-n" => newline = false,
            "-e" => escapes = true,
            "-E" => escapes = false,
            "-ne" | "-en" => (newline, escapes) = (false, true),
            _ => break,
        }
        words = rest;
    }
    let mut text = words.join(" ");
    if escapes {
        text = format::unescaped(&text, true).0;
    }
    if newline {
        text.push('\n');
    }
    io.out(text)?;
    Ok(0)
}

pub(super) fn printf(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let text = format::printed(args).map_err(Stop::NotRun)?;
    io.out(text)?;
    Ok(0)
}

/// Only as a way to start something.
pub(super) fn env(args: &[String], io: &mut Io<'_, '_>) -> Done {
    match args.split_first() {
        Some((name, rest)) if !name.starts_with('-') && !name.contains('=') => {
            match io.start(name, rest)? {
                Some(status) => Ok(status),
                None => {
                    io.err(&format!("env: {}: No such file or directory\n", quoted(name)))?;
                    Ok(127)
                }
            }
        }
        _ => unknown("env", &args.join(" ")),
    }
}

pub(super) fn basename(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let (path, suffix) = match args {
        [path] => (path, ""),
        [path, suffix] => (path, suffix.as_str()),
        _ => return unknown("basename", &args.join(" ")),
    };
    let whole = path.trim_end_matches('/');
    let name = whole.rsplit('/').next().unwrap_or(whole);
    let name = if name.is_empty() && !path.is_empty() { "/" } else { name };
    let short = name.strip_suffix(suffix).filter(|short| !short.is_empty()).unwrap_or(name);
    io.out(format!("{short}\n"))?;
    Ok(0)
}

pub(super) fn dirname(args: &[String], io: &mut Io<'_, '_>) -> Done {
    for path in args {
        if path.starts_with('-') {
            return unknown("dirname", path);
        }
        let whole = path.trim_end_matches('/');
        let folder = match whole.rsplit_once('/') {
            Some((folder, _)) if folder.trim_end_matches('/').is_empty() => "/",
            Some((folder, _)) => folder.trim_end_matches('/'),
            None if path.starts_with('/') => "/",
            None => ".",
        };
        io.out(format!("{folder}\n"))?;
    }
    Ok(u8::from(args.is_empty()))
}

pub(super) fn readlink(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let mut failed = false;
    for path in args {
        if path.starts_with('-') {
            return unknown("readlink", path);
        }
        match io.node().link(path) {
            Ok(target) => io.out(format!("{target}\n"))?,
            Err(_) => failed = true,
        }
    }
    Ok(u8::from(failed || args.is_empty()))
}

/// Names, one a line: its output is no terminal.
pub(super) fn ls(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let parsed = options("ls", args, "1aAd", &["all", "almost-all", "directory"], false)?;
    let given =
        |names: [&str; 2]| parsed.options.iter().any(|(name, _)| names.contains(&name.as_str()));
    let (all, almost) = (given(["a", "--all"]), given(["A", "--almost-all"]));
    let itself = given(["d", "--directory"]);
    let mut operands = parsed.operands;
    if operands.is_empty() {
        operands.push(".".to_owned());
    }
    operands.sort();
    let (mut folders, mut names, mut failed) = (Vec::new(), Vec::new(), false);
    for path in &operands {
        match io.node().stat(path, true).or_else(|_| io.node().stat(path, false)) {
            Ok(status) if status.file_type() == FileType::Directory && !itself => {
                folders.push(path);
            }
            Ok(_) => names.push(path),
            Err(reason) => {
                failed = true;
                io.err(&format!("ls: cannot access {}: {reason}\n", quoted(path)))?;
            }
        }
    }
    for name in &names {
        io.out(format!("{name}\n"))?;
    }
    for (at, folder) in folders.iter().enumerate() {
        if operands.len() > 1 {
            let gap = if at > 0 || !names.is_empty() { "\n" } else { "" };
            io.out(format!("{gap}{folder}:\n"))?;
        }
        match io.node().list(folder) {
            Ok(entries) => listed(entries, all, all || almost, io)?,
            Err(reason) => {
                failed = true;
                io.err(&format!("ls: cannot open directory {}: {reason}\n", quoted(folder)))?;
            }
        }
    }
    Ok(if failed { 2 } else { 0 })
}

fn listed(entries: Vec<Entry>, dots: bool, hidden: bool, io: &mut Io<'_, '_>) -> Result<(), Stop> {
    io.spend(entries.len() * 100)?;
    let mut names: Vec<String> = entries.into_iter().map(|entry| entry.name).collect();
    names.retain(|name| hidden || !name.starts_with('.'));
    if dots {
        names.extend([".".to_owned(), "..".to_owned()]);
    }
    names.sort();
    for name in names {
        io.out(format!("{name}\n"))?;
    }
    Ok(())
}
