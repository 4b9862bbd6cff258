//! `grep`.

use super::expression::{self, Syntax};
use super::longest::Longest;
use super::{Done, lines, options, unknown};
use crate::node::FileType;
use crate::shell::{Io, Stop};

#[derive(Debug, Default)]
struct Options {
    inverted: bool,
    only: bool,
    count: bool,
    quiet: bool,
    silent: bool,
    numbers: bool,
    names: bool,
    listed: bool,
    unlisted: bool,
    recursive: bool,
    with_name: Option<bool>,
    most: Option<usize>,
    before: usize,
    after: usize,
}

pub(super) fn run(args: &[String], io: &mut Io<'_, '_>) -> Done {
    grep(args, Syntax::Basic, io)
}

pub(super) fn egrep(args: &[String], io: &mut Io<'_, '_>) -> Done {
    grep(args, Syntax::Extended, io)
}

pub(super) fn fgrep(args: &[String], io: &mut Io<'_, '_>) -> Done {
    grep(args, Syntax::Fixed, io)
}

fn grep(args: &[String], mut syntax: Syntax, io: &mut Io<'_, '_>) -> Done {
    const LONG: [&str; 20] = [
        "color",
        "colour",
        "invert-match",
        "ignore-case",
        "only-matching",
        "count",
        "quiet",
        "silent",
        "word-regexp",
        "line-regexp",
        "extended-regexp",
        "fixed-strings",
        "no-messages",
        "basic-regexp",
        "perl-regexp",
        "max-count=",
        "regexp=",
        "after-context=",
        "before-context=",
        "context=",
    ];
    let args: Vec<String> = args.iter().map(|arg| context_digits(arg)).collect();
    let short = "EFGPvioqscnHhlLrRwxae:m:A:B:C:f:";
    let parsed = options("grep", &args, short, &LONG, false)?;
    let mut chosen = Options::default();
    let (mut patterns, mut case, mut word, mut line) = (Vec::new(), false, false, false);
    for (name, value) in parsed.options {
        let number = || value.as_deref().and_then(|v| v.parse::<usize>().ok());
        match name.as_str() {
            "E" | "--extended-regexp" => syntax = Syntax::Extended,
            "F" | "--fixed-strings" => syntax = Syntax::Fixed,
            "G" | "--basic-regexp" => syntax = Syntax::Basic,
            "P" | "--perl-regexp" => syntax = Syntax::Perl,
            "v" | "--invert-match" => chosen.inverted = true,
            "i" | "--ignore-case" => case = true,
            "o" | "--only-matching" => chosen.only = true,
            "q" | "--quiet" | "--silent" => chosen.quiet = true,
            "s" | "--no-messages" => chosen.silent = true,
            "c" | "--count" => chosen.count = true,
            "n" => chosen.numbers = true,
            "H" => chosen.with_name = Some(true),
            "h" => chosen.with_name = Some(false),
            "l" => chosen.listed = true,
            "L" => chosen.unlisted = true,
            "r" | "R" => chosen.recursive = true,
            "w" | "--word-regexp" => word = true,
            "x" | "--line-regexp" => line = true,
            "a" | "--color" | "--colour" => {}
            "e" | "--regexp" => patterns.push(value.unwrap_or_default()),
            "m" | "--max-count" => chosen.most = number(),
            "A" | "--after-context" => chosen.after = number().unwrap_or(0),
            "B" | "--before-context" => chosen.before = number().unwrap_or(0),
            "C" | "--context" => {
                chosen.after = number().unwrap_or(0);
                chosen.before = chosen.after;
            }
            other => return unknown("grep", other),
        }
    }
    let mut files = parsed.operands;
    if patterns.is_empty() {
        if files.is_empty() {
            io.err("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n")?;
            return Ok(2);
        }
        patterns.push(files.remove(0));
    }
    let patterns: Vec<&str> = patterns.iter().flat_map(|pattern| pattern.split('\n')).collect();
    let around = match (word, line) {
        (_, true) => |whole: &str| format!("^(?:{whole})$"),
        (true, _) => |whole: &str| format!("\\b{{start-half}}(?:{whole})\\b{{end-half}}"),
        _ => |whole: &str| whole.to_owned(),
    };
    if let Some(refused) = patterns.iter().find_map(|p| expression::refused(p, syntax)) {
        io.err(&format!("grep: {refused}\n"))?;
        return Ok(2);
    }
    let regex = expression::compile(&patterns, syntax, case, around).map_err(Stop::NotRun)?;
    search(&Longest::new(regex), &files, &mut chosen, io)
}

/// `-3` is `-C3`.
fn context_digits(arg: &str) -> String {
    match arg.strip_prefix('-') {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            format!("-C{digits}")
        }
        _ => arg.to_owned(),
    }
}

fn search(regex: &Longest, files: &[String], chosen: &mut Options, io: &mut Io<'_, '_>) -> Done {
    let mut files = files.to_vec();
    let mut failed = false;
    if chosen.recursive {
        let roots = std::mem::take(&mut files);
        let roots = if roots.is_empty() { vec![".".to_owned()] } else { roots };
        for root in roots {
            walk(&root, &mut files, io, 0)?;
        }
    } else if files.is_empty() {
        files.push("-".to_owned());
    }
    chosen.names = chosen.with_name.unwrap_or(files.len() > 1 || chosen.recursive);
    let mut any = false;
    for file in &files {
        match io.read(file)? {
            Ok(text) => any |= one(regex, file, &text, chosen, io)?,
            Err(reason) => {
                failed = true;
                if !chosen.silent {
                    io.err(&format!("grep: {file}: {reason}\n"))?;
                }
            }
        }
        if any && chosen.quiet {
            return Ok(0);
        }
    }
    Ok(if failed { 2 } else { u8::from(!any) })
}

fn walk(path: &str, files: &mut Vec<String>, io: &mut Io<'_, '_>, depth: u32) -> Result<(), Stop> {
    io.spend(1000)?;
    let entries = if depth < 64 { io.node().list(path) } else { Ok(Vec::new()) };
    let Ok(entries) = entries else {
        files.push(path.to_owned());
        return Ok(());
    };
    for entry in entries {
        let inner = format!("{}/{}", path.trim_end_matches('/'), entry.name);
        match entry.kind {
            FileType::Directory => walk(&inner, files, io, depth + 1)?,
            FileType::File => files.push(inner),
            _ => {}
        }
    }
    Ok(())
}

fn one(
    regex: &Longest,
    file: &str,
    text: &[u8],
    chosen: &Options,
    io: &mut Io<'_, '_>,
) -> Result<bool, Stop> {
    io.spend(text.len())?;
    let shown = if file == "-" { "(standard input)" } else { file };
    let binary = text.contains(&0);
    let all: Vec<&[u8]> = lines(text).collect();
    let mut found = 0_usize;
    let mut printed: Option<usize> = None;
    let mut until = 0_usize;
    for (at, line) in all.iter().enumerate() {
        if chosen.most.is_some_and(|most| found >= most) && at >= until {
            break;
        }
        let more = chosen.most.is_none_or(|most| found < most);
        let hit = more && regex.is_match(line) != chosen.inverted;
        found += usize::from(hit);
        if hit && (chosen.quiet || chosen.listed || chosen.unlisted) {
            break;
        }
        if chosen.count {
            continue;
        }
        if hit && binary {
            io.out(format!("grep: {shown}: binary file matches\n"))?;
            return Ok(true);
        }
        if hit {
            let from = at.saturating_sub(chosen.before).max(printed.map_or(0, |last| last + 1));
            let gap = printed.is_some_and(|last| last + 1 < from);
            if gap && (chosen.before > 0 || chosen.after > 0) {
                io.out("--\n")?;
            }
            for (number, before) in all.iter().enumerate().take(at).skip(from) {
                print(shown, number, before, '-', chosen, regex, io)?;
            }
            print(shown, at, line, ':', chosen, regex, io)?;
            printed = Some(at);
            until = at + 1 + chosen.after;
        } else if at < until {
            print(shown, at, line, '-', chosen, regex, io)?;
            printed = Some(at);
        }
    }
    if chosen.quiet {
        return Ok(found > 0);
    }
    if chosen.listed || chosen.unlisted {
        if (found > 0) == chosen.listed {
            io.out(format!("{shown}\n"))?;
        }
        return Ok((found > 0) == chosen.listed);
    }
    if chosen.count {
        let name = if chosen.names { format!("{shown}:") } else { String::new() };
        io.out(format!("{name}{found}\n"))?;
    }
    Ok(found > 0)
}

fn print(
    file: &str,
    at: usize,
    line: &[u8],
    mark: char,
    chosen: &Options,
    regex: &Longest,
    io: &mut Io<'_, '_>,
) -> Result<(), Stop> {
    let mut head = String::new();
    if chosen.names {
        head.push_str(file);
        head.push(mark);
    }
    if chosen.numbers {
        head.push_str(&(at + 1).to_string());
        head.push(mark);
    }
    if !chosen.only {
        return io.out([head.as_bytes(), line, b"\n"].concat());
    }
    if chosen.inverted || mark == '-' {
        return Ok(());
    }
    let hits = regex.ranges(line);
    io.spend(regex.cost(hits.len(), line.len()))?;
    for hit in hits.into_iter().filter(|hit| !hit.is_empty()) {
        let hit = line.get(hit).unwrap_or_default();
        io.out([head.as_bytes(), hit, b"\n"].concat())?;
    }
    Ok(())
}
