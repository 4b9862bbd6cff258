//! `cat`, `head`, `tail`, `cut`, `tr`, `sort`, `uniq`, `wc`, `paste`, `base64`.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::{Done, lines, options, quoted, quoted_if_needed, unknown};
use crate::shell::pattern::in_class;
use crate::shell::{Io, Stop};

/// Names and contents, and whether any could not be read.
type Contents = (Vec<(String, Vec<u8>)>, bool);

/// The contents of the files, or of the standard input; what cannot be read is complained of.
fn contents(program: &str, files: &[String], io: &mut Io<'_, '_>) -> Result<Contents, Stop> {
    let input = ["-".to_owned()];
    let files = if files.is_empty() { &input[..] } else { files };
    let mut read = Vec::new();
    let mut failed = false;
    for file in files {
        match io.read(file)? {
            Ok(bytes) => {
                io.spend(bytes.len())?;
                read.push((file.clone(), bytes));
            }
            Err(reason) => {
                failed = true;
                let text = match (program, reason.as_str()) {
                    ("head", "Is a directory") => {
                        format!("head: error reading {}: {reason}\n", quoted(file))
                    }
                    ("tail", "Is a directory") => {
                        format!("tail: error reading {}: {reason}\n", quoted(file))
                    }
                    ("head" | "tail", _) => {
                        format!("{program}: cannot open {} for reading: {reason}\n", quoted(file))
                    }
                    ("sort", _) => {
                        format!("sort: cannot read: {}: {reason}\n", quoted_if_needed(file))
                    }
                    _ => format!("{program}: {}: {reason}\n", quoted_if_needed(file)),
                };
                io.err(&text)?;
            }
        }
    }
    Ok((read, failed))
}

pub(super) fn cat(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let parsed = options("cat", args, "u", &[], false)?;
    let input = ["-".to_owned()];
    let files = if parsed.operands.is_empty() { &input[..] } else { &parsed.operands };
    let mut failed = false;
    for file in files {
        match io.read(file)? {
            Ok(bytes) => io.out(bytes)?,
            Err(reason) => {
                failed = true;
                io.err(&format!("cat: {}: {reason}\n", quoted_if_needed(file)))?;
            }
        }
    }
    Ok(u8::from(failed))
}

/// The lines, the last first.
pub(super) fn tac(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let parsed = options("tac", args, "", &[], false)?;
    let (files, failed) = contents("tac", &parsed.operands, io)?;
    for (_, text) in files {
        let mut all: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        all.reverse();
        io.out(all.concat())?;
    }
    Ok(u8::from(failed))
}

/// `-5` is `-n5`.
fn count_digits(args: &[String]) -> Vec<String> {
    let digits = |arg: &String| {
        let rest = arg.strip_prefix(['-', '+']).unwrap_or_default();
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())
    };
    let mut args = args.to_vec();
    if let Some(first) = args.first_mut().filter(|first| digits(first)) {
        *first = format!("-n{}", first.trim_start_matches('-'));
    }
    args
}

pub(super) fn head(args: &[String], io: &mut Io<'_, '_>) -> Done {
    ends("head", args, io)
}

pub(super) fn tail(args: &[String], io: &mut Io<'_, '_>) -> Done {
    ends("tail", args, io)
}

fn ends(program: &'static str, args: &[String], io: &mut Io<'_, '_>) -> Done {
    let args = count_digits(args);
    let long = ["lines=", "bytes=", "quiet", "silent"];
    let parsed = options(program, &args, "n:c:q", &long, false)?;
    let (mut count, mut bytes, mut quiet) = ("10".to_owned(), false, false);
    for (name, value) in parsed.options {
        match name.as_str() {
            "q" | "--quiet" | "--silent" => quiet = true,
            "c" | "--bytes" => (count, bytes) = (value.unwrap_or_default(), true),
            _ => (count, bytes) = (value.unwrap_or_default(), false),
        }
    }
    let (sign, digits) = match count.strip_prefix(['-', '+']) {
        Some(digits) => (count.chars().next(), digits),
        None => (None, count.as_str()),
    };
    let Ok(number) = digits.parse::<usize>() else {
        return unknown(program, &format!("-n {count}"));
    };
    let heads = parsed.operands.len() > 1 && !quiet;
    let (files, failed) = contents(program, &parsed.operands, io)?;
    for (at, (file, text)) in files.iter().enumerate() {
        if heads {
            io.out(format!("{}==> {file} <==\n", if at > 0 { "\n" } else { "" }))?;
        }
        let parts: Vec<&[u8]> = match bytes {
            true => text.chunks(1).collect(),
            false => text.split_inclusive(|byte| *byte == b'\n').collect(),
        };
        let (from, to) = match (program, sign) {
            ("head", Some('-')) => (0, parts.len().saturating_sub(number)),
            ("head", _) => (0, number.min(parts.len())),
            (_, Some('+')) => (number.saturating_sub(1).min(parts.len()), parts.len()),
            _ => (parts.len().saturating_sub(number), parts.len()),
        };
        io.out(parts.get(from..to).unwrap_or_default().concat())?;
    }
    Ok(u8::from(failed))
}

/// The places of a list such as `1,3-5,7-`, from 1.
fn ranges(list: &str) -> Option<Vec<(usize, usize)>> {
    list.split(',')
        .map(|part| {
            let (from, to) = match part.split_once('-') {
                Some((from, to)) => (from, to),
                None => (part, part),
            };
            let from = if from.is_empty() { 1 } else { from.parse().ok()? };
            let to = if to.is_empty() { usize::MAX } else { to.parse().ok()? };
            (from > 0 && from <= to).then_some((from, to))
        })
        .collect()
}

pub(super) fn cut(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let long = [
        "delimiter=",
        "fields=",
        "characters=",
        "bytes=",
        "only-delimited",
        "complement",
        "output-delimiter=",
    ];
    let parsed = options("cut", args, "d:f:c:b:s", &long, false)?;
    let (mut delimiter, mut fields, mut list, mut only) = ("\t".to_owned(), true, None, false);
    let (mut complement, mut between) = (false, None);
    for (name, value) in parsed.options {
        match name.as_str() {
            "d" | "--delimiter" => delimiter = value.unwrap_or_default(),
            "f" | "--fields" => (list, fields) = (value, true),
            "s" | "--only-delimited" => only = true,
            "--complement" => complement = true,
            "--output-delimiter" => between = value,
            _ => (list, fields) = (value, false),
        }
    }
    let Some(places) = list.as_deref().and_then(ranges) else {
        return unknown("cut", &args.join(" "));
    };
    let between = between.unwrap_or_else(|| delimiter.clone());
    let takes =
        |at: usize| places.iter().any(|(from, to)| (*from..=*to).contains(&(at + 1))) != complement;
    let (files, failed) = contents("cut", &parsed.operands, io)?;
    for (_, text) in files {
        for line in lines(&text) {
            let line = String::from_utf8_lossy(line);
            if !fields {
                let kept = line.chars().enumerate().filter(|(at, _)| takes(*at)).map(|(_, c)| c);
                io.out(kept.chain(['\n']).collect::<String>())?;
                continue;
            }
            if !line.contains(&delimiter) {
                if !only {
                    io.out(format!("{line}\n"))?;
                }
                continue;
            }
            let parts = line.split(delimiter.as_str()).enumerate();
            let kept: Vec<&str> =
                parts.filter(|(at, _)| takes(*at)).map(|(_, part)| part).collect();
            io.out(format!("{}\n", kept.join(&between)))?;
        }
    }
    Ok(u8::from(failed))
}

/// The characters of a set: ranges, classes and what backslashes mean.
fn set(text: &str) -> Option<Vec<char>> {
    const MOST: usize = 4096;
    let chars: Vec<char> = text.chars().collect();
    let mut set = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        if c == '[' && chars.get(at) == Some(&':') {
            let rest: String = chars.get(at + 1..)?.iter().collect();
            let (class, _) = rest.split_once(":]")?;
            at += class.chars().count() + 3;
            set.extend((0..=255_u8).map(char::from).filter(|c| in_class(class, *c)));
            continue;
        }
        let c = match (c, chars.get(at)) {
            ('\\', Some(next)) => {
                at += 1;
                match next {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    '0' => {
                        while chars.get(at) == Some(&'0') {
                            at += 1;
                        }
                        '\0'
                    }
                    '1'..='7' => return None,
                    other => *other,
                }
            }
            (c, _) => c,
        };
        match (chars.get(at), chars.get(at + 1)) {
            (Some('-'), Some(end)) if *end != '\\' => {
                at += 2;
                set.extend((c..=*end).take(MOST));
            }
            _ => set.push(c),
        }
        if set.len() > 2 * MOST {
            return None;
        }
    }
    Some(set)
}

pub(super) fn tr(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let parsed = options("tr", args, "dscC", &["delete", "squeeze-repeats", "complement"], true)?;
    let given =
        |names: &[&str]| parsed.options.iter().any(|(name, _)| names.contains(&name.as_str()));
    let (delete, squeeze) = (given(&["d", "--delete"]), given(&["s", "--squeeze-repeats"]));
    let complement = given(&["c", "C", "--complement"]);
    let mut sets = parsed.operands.iter().map(|text| set(text));
    let (first, second) = match (sets.next(), sets.next()) {
        (Some(Some(first)), None) if delete || squeeze => (first, None),
        (Some(Some(first)), Some(Some(second))) => (first, Some(second)),
        _ => return unknown("tr", &args.join(" ")),
    };
    let input = io.input();
    io.spend(input.len() * 8)?;
    let text = String::from_utf8_lossy(&input);
    let members: BTreeSet<char> = first.iter().copied().collect();
    let inside = |c: char| members.contains(&c) != complement;
    let squeezed: BTreeSet<char> = second.as_ref().unwrap_or(&first).iter().copied().collect();
    let mut out = String::new();
    let mut last = None;
    for c in text.chars() {
        if delete && inside(c) {
            continue;
        }
        let to = match &second {
            Some(second) if !delete && inside(c) => {
                let at = first.iter().position(|one| *one == c).filter(|_| !complement);
                let at = at.unwrap_or(usize::MAX).min(second.len().saturating_sub(1));
                second.get(at).copied().unwrap_or(c)
            }
            _ => c,
        };
        let in_set = match (&second, complement) {
            (None, true) => inside(to),
            _ => squeezed.contains(&to),
        };
        if squeeze && in_set && last == Some(to) {
            continue;
        }
        last = Some(to);
        out.push(to);
    }
    io.out(out)?;
    Ok(0)
}

pub(super) fn sort(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let long = ["unique", "reverse", "numeric-sort"];
    let parsed = options("sort", args, "unrk:t:bfV", &long, false)?;
    let (mut unique, mut reverse, mut numeric, mut fold) = (false, false, false, false);
    let (mut key, mut separator) = (None, None);
    for (name, value) in parsed.options {
        match name.as_str() {
            "u" | "--unique" => unique = true,
            "r" | "--reverse" => reverse = true,
            "n" | "--numeric-sort" => numeric = true,
            "f" => fold = true,
            "b" => {}
            "t" => separator = value.and_then(|v| v.chars().next()),
            "k" => {
                let text = value.unwrap_or_default();
                let first = text.split(',').next().unwrap_or_default();
                numeric |= first.ends_with('n');
                let digits = first.trim_end_matches(['n', 'b']);
                match digits.parse::<usize>() {
                    Ok(number) if number > 0 => key = Some(number - 1),
                    _ => return unknown("sort -k", &text),
                }
            }
            other => return unknown("sort", other),
        }
    }
    let (files, failed) = contents("sort", &parsed.operands, io)?;
    let texts: Vec<String> = files
        .iter()
        .flat_map(|(_, text)| lines(text))
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    io.spend(texts.len() * 50)?;
    let value = |line: &str| -> String {
        let whole = match (key, separator) {
            (None, _) => line.to_owned(),
            (Some(at), Some(c)) => line.split(c).skip(at).collect::<Vec<_>>().join(&c.to_string()),
            (Some(at), None) => line.split_whitespace().skip(at).collect::<Vec<_>>().join(" "),
        };
        if fold { whole.to_uppercase() } else { whole }
    };
    let compare = |a: &str, b: &str| {
        let (a, b) = (value(a), value(b));
        if numeric { number(&a).total_cmp(&number(&b)) } else { a.cmp(&b) }
    };
    let mut sorted = texts;
    sorted.sort_by(|a, b| {
        let order = compare(a, b).then_with(|| if unique { Ordering::Equal } else { a.cmp(b) });
        if reverse { order.reverse() } else { order }
    });
    if unique {
        sorted.dedup_by(|a, b| compare(a, b) == Ordering::Equal);
    }
    for line in sorted {
        io.out(line + "\n")?;
    }
    Ok(if failed { 2 } else { 0 })
}

/// The number that a text begins with.
fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let digits = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || (*at == 0 && *c == '-')));
    let end = digits.map_or(text.len(), |(at, _)| at);
    text.get(..end).and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

pub(super) fn uniq(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let long = ["count", "repeated", "unique", "ignore-case"];
    let parsed = options("uniq", args, "cdui", &long, false)?;
    let given =
        |names: [&str; 2]| parsed.options.iter().any(|(name, _)| names.contains(&name.as_str()));
    let (count, repeated) = (given(["c", "--count"]), given(["d", "--repeated"]));
    let (single, fold) = (given(["u", "--unique"]), given(["i", "--ignore-case"]));
    if parsed.operands.len() > 1 {
        return unknown("uniq", &args.join(" "));
    }
    let (files, failed) = contents("uniq", &parsed.operands, io)?;
    let mut runs: Vec<(String, usize)> = Vec::new();
    for line in files.iter().flat_map(|(_, text)| lines(text)) {
        let line = String::from_utf8_lossy(line).into_owned();
        let same = |last: &str| {
            if fold { last.to_lowercase() == line.to_lowercase() } else { last == line }
        };
        match runs.last_mut() {
            Some((last, times)) if same(last) => *times += 1,
            _ => runs.push((line, 1)),
        }
    }
    for (line, times) in runs {
        if (repeated && times == 1) || (single && times > 1) {
            continue;
        }
        let head = if count { format!("{times:7} ") } else { String::new() };
        io.out(format!("{head}{line}\n"))?;
    }
    Ok(u8::from(failed))
}

pub(super) fn wc(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let parsed = options("wc", args, "lwcm", &["lines", "words", "bytes", "chars"], false)?;
    let given =
        |names: [&str; 2]| parsed.options.iter().any(|(name, _)| names.contains(&name.as_str()));
    let all = parsed.options.is_empty();
    let wanted = [
        all || given(["l", "--lines"]),
        all || given(["w", "--words"]),
        given(["m", "--chars"]),
        all || given(["c", "--bytes"]),
    ];
    let (files, failed) = contents("wc", &parsed.operands, io)?;
    let piped = parsed.operands.is_empty();
    let mut totals = [0_usize; 4];
    let rows: Vec<([usize; 4], &str)> = files
        .iter()
        .map(|(file, bytes)| {
            let text = String::from_utf8_lossy(bytes);
            let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
            let row = [ends, text.split_whitespace().count(), text.chars().count(), bytes.len()];
            totals.iter_mut().zip(row).for_each(|(total, one)| *total += one);
            (row, file.as_str())
        })
        .collect();
    let many = wanted.iter().filter(|wanted| **wanted).count() > 1;
    let digits = totals.iter().max().map_or(1, |most| most.to_string().len());
    let width = match (many, piped) {
        (true, true) => 7,
        (false, true) => 1,
        _ if many || rows.len() > 1 => digits,
        _ => 1,
    };
    let line = |row: &[usize; 4], name: &str| {
        let numbers = row.iter().zip(wanted).filter(|(_, wanted)| *wanted);
        let numbers: Vec<String> = numbers.map(|(number, _)| format!("{number:width$}")).collect();
        let name = if piped { String::new() } else { format!(" {name}") };
        format!("{}{name}\n", numbers.join(" "))
    };
    for (row, name) in &rows {
        io.out(line(row, name))?;
    }
    if parsed.operands.len() > 1 {
        io.out(line(&totals, "total"))?;
    }
    Ok(u8::from(failed))
}

/// `paste -s`, which joins lines.
pub(super) fn paste(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let parsed = options("paste", args, "sd:", &["serial", "delimiters="], false)?;
    let (mut serial, mut delimiter) = (false, "\t".to_owned());
    for (name, value) in parsed.options {
        match name.as_str() {
            "s" | "--serial" => serial = true,
            _ => delimiter = super::printf::unescaped(&value.unwrap_or_default(), false).0,
        }
    }
    if !serial || delimiter.chars().count() > 1 {
        return unknown("paste", &args.join(" "));
    }
    let (files, failed) = contents("paste", &parsed.operands, io)?;
    for (_, text) in files {
        let all: Vec<String> =
            lines(&text).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        io.out(all.join(&delimiter) + "\n")?;
    }
    Ok(u8::from(failed))
}

/// `base64 -d`.
pub(super) fn base64(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let parsed = options("base64", args, "di", &["decode", "ignore-garbage"], false)?;
    if !parsed.options.iter().any(|(name, _)| matches!(name.as_str(), "d" | "--decode")) {
        return unknown("base64", "without -d");
    }
    let (files, failed) = contents("base64", &parsed.operands, io)?;
    let mut wrong = false;
    for (_, text) in files {
        let (mut bits, mut count) = (0_u32, 0_u32);
        let mut out = Vec::new();
        for byte in text.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=')
        {
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => {
                    wrong = true;
                    break;
                }
            };
            bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
            count += 6;
            if count >= 8 {
                count -= 8;
                out.push(u8::try_from(bits >> count & 0xff).unwrap_or(0));
            }
        }
        io.out(out)?;
    }
    if wrong {
        io.err("base64: invalid input\n")?;
    }
    Ok(u8::from(failed || wrong))
}
