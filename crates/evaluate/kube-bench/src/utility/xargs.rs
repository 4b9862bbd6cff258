//! `xargs`.

use super::{Done, options, unknown};
use crate::shell::Io;

/// What is given to one command at most, as GNU does it: 128 KiB.
const MOST_BYTES: usize = 128 << 10;

pub(super) fn run(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let long = ["no-run-if-empty", "null", "replace=", "max-args=", "max-lines=", "delimiter="];
    let parsed = options("xargs", args, "r0tI:n:L:d:P:", &long, true)?;
    let (mut skip_empty, mut separator, mut replaced) = (false, None, None);
    let (mut most, mut by_lines) = (usize::MAX, None);
    for (name, value) in parsed.options {
        let number = value.as_deref().and_then(|v| v.parse::<usize>().ok()).unwrap_or(1);
        match name.as_str() {
            "r" | "--no-run-if-empty" => skip_empty = true,
            "0" | "--null" => separator = Some(0),
            "I" | "--replace" => replaced = Some(value.unwrap_or_else(|| "{}".to_owned())),
            "n" | "--max-args" => most = number.max(1),
            "L" | "--max-lines" => by_lines = Some(number.max(1)),
            "P" => {}
            "d" | "--delimiter" => match value.as_deref() {
                Some("\\n") => separator = Some(b'\n'),
                Some("\\0") => separator = Some(0),
                Some(one) if one.len() == 1 => separator = one.bytes().next(),
                _ => return unknown("xargs", "-d"),
            },
            other => return unknown("xargs", other),
        }
    }
    let mut command = parsed.operands;
    if command.is_empty() {
        command.push("echo".to_owned());
    }
    let input = io.input();
    io.spend(input.len())?;
    let mut calls: Vec<Vec<String>> = Vec::new();
    let mut open = None;
    if let Some(mark) = &replaced {
        for line in items(&input, Some(separator.unwrap_or(b'\n')), true) {
            let mut line = line;
            if separator.is_none() {
                (line, open) = unquoted(line.trim_start());
            }
            if open.is_some() {
                break;
            }
            calls.push(command.iter().map(|word| word.replace(mark.as_str(), &line)).collect());
        }
    } else {
        let batches = match (by_lines, separator) {
            (Some(count), _) => {
                let all = items(&input, Some(b'\n'), true);
                let parts = all.chunks(count).map(|lines| words(&lines.join(" ")));
                let parts: Vec<_> = parts.collect();
                open = parts.iter().find_map(|(_, open)| *open);
                parts.into_iter().map(|(words, _)| words).collect()
            }
            (None, Some(_)) => batches(items(&input, separator, false), most, &command),
            (None, None) => {
                let (all, unclosed) = words(&String::from_utf8_lossy(&input));
                open = unclosed;
                batches(all, most, &command)
            }
        };
        let none = batches.is_empty() && !skip_empty && open.is_none();
        for batch in batches {
            calls.push(command.iter().cloned().chain(batch).collect());
        }
        if none {
            calls.push(command);
        }
    }
    if let Some(quote) = open {
        let kind = if quote == '"' { "double" } else { "single" };
        io.err(&format!(
            "xargs: unmatched {kind} quote; by default quotes are special to xargs unless you use \
             the -0 option\n"
        ))?;
    }
    start(calls, u8::from(open.is_some()), io)
}

/// Runs the commands; `status` is what is told where all succeed.
fn start(calls: Vec<Vec<String>>, mut status: u8, io: &mut Io<'_, '_>) -> Done {
    for call in calls {
        io.spend(1000)?;
        let Some((name, rest)) = call.split_first() else { continue };
        match io.start(name, rest)? {
            Some(0) => {}
            Some(255) => {
                io.err(&format!("xargs: {name}: exited with status 255; aborting\n"))?;
                return Ok(124);
            }
            Some(_) => status = 123,
            None => {
                io.err(&format!("xargs: {name}: No such file or directory\n"))?;
                return Ok(127);
            }
        }
    }
    Ok(status)
}

fn batches(all: Vec<String>, most: usize, command: &[String]) -> Vec<Vec<String>> {
    let fixed: usize = command.iter().map(|word| word.len() + 1).sum();
    let mut batches: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0;
    for item in all {
        let full = batches.last().is_none_or(|last: &Vec<String>| {
            last.len() >= most || bytes + item.len() + 1 > MOST_BYTES
        });
        if full {
            batches.push(Vec::new());
            bytes = fixed;
        }
        bytes += item.len() + 1;
        if let Some(last) = batches.last_mut() {
            last.push(item);
        }
    }
    batches
}

/// What stands between separators; empty ones count where they are not blanks.
fn items(input: &[u8], separator: Option<u8>, skip: bool) -> Vec<String> {
    let separator = separator.unwrap_or(b'\n');
    let whole = input.strip_suffix(&[separator]).unwrap_or(input);
    let parts = whole.split(|byte| *byte == separator);
    let texts = parts.map(|part| String::from_utf8_lossy(part).into_owned());
    let none = input.is_empty();
    texts.filter(|text| !(none || skip && text.trim().is_empty())).collect()
}

/// Words between blanks; quotes and backslashes hold them together. With a quote that is not
/// closed, the words before it, and the quote.
fn words(text: &str) -> (Vec<String>, Option<char>) {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' | '"' => {
                let open = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some(end) if end == c => break,
                        Some('\n') | None => return (words, Some(c)),
                        Some(inner) => open.push(inner),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    (words, None)
}

/// A line with its quotes and backslashes read.
fn unquoted(line: &str) -> (String, Option<char>) {
    if !line.contains(['\'', '"', '\\']) {
        return (line.to_owned(), None);
    }
    let escaped = line.replace(' ', "\\ ").replace('\t', "\\\t");
    let (parts, open) = words(&escaped);
    (parts.concat(), open)
}
