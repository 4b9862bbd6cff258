//! What tells of the machine and of who asks: `id`, `whoami`, `hostname`, `uname`; and `seq`.

use super::{Done, options, quoted, unknown};
use crate::shell::{Io, Stop};

/// The most numbers that `seq` prints.
const MOST: i64 = 100_000;

/// The audits are taken to be root's.
pub(super) fn id(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let parsed = options("id", args, "ugn", &["user", "group", "name"], false)?;
    let has = |short: &str, long: &str| {
        parsed.options.iter().any(|(name, _)| name == short || name == long)
    };
    let (user, group) = (has("u", "--user"), has("g", "--group"));
    if !parsed.operands.is_empty() || user == group {
        return unknown("id", &args.join(" "));
    }
    io.out(if has("n", "--name") { "root\n" } else { "0\n" })?;
    Ok(0)
}

pub(super) fn whoami(args: &[String], io: &mut Io<'_, '_>) -> Done {
    if !args.is_empty() {
        return unknown("whoami", &args.join(" "));
    }
    io.out("root\n")?;
    Ok(0)
}

pub(super) fn hostname(args: &[String], io: &mut Io<'_, '_>) -> Done {
    if !args.is_empty() {
        return unknown("hostname", &args.join(" "));
    }
    let name = kernel("hostname", io)?;
    io.out(format!("{name}\n"))?;
    Ok(0)
}

pub(super) fn uname(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let parsed = options("uname", args, "snrv", &[], false)?;
    if !parsed.operands.is_empty() {
        return unknown("uname", &args.join(" "));
    }
    let asked = |letter: &str| parsed.options.iter().any(|(name, _)| name == letter);
    let mut words = Vec::new();
    for (letter, name) in [("s", "ostype"), ("n", "hostname"), ("r", "osrelease"), ("v", "version")]
    {
        if asked(letter) || parsed.options.is_empty() && letter == "s" {
            words.push(kernel(name, io)?);
        }
    }
    io.out(words.join(" ") + "\n")?;
    Ok(0)
}

/// What the kernel says of itself.
fn kernel(name: &str, io: &mut Io<'_, '_>) -> Result<String, Stop> {
    let path = format!("/proc/sys/kernel/{name}");
    match io.read(&path)? {
        Ok(text) => Ok(String::from_utf8_lossy(&text).trim_end().to_owned()),
        Err(_) => Err(Stop::NotRun(format!("the node does not tell `{path}`"))),
    }
}

/// `seq [FIRST [STEP]] LAST`, of whole numbers.
pub(super) fn seq(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let numbers: Option<Vec<i64>> = args.iter().map(|arg| arg.parse().ok()).collect();
    let (first, step, last) = match numbers.as_deref() {
        Some([last]) => (1, 1, *last),
        Some([first, last]) => (*first, 1, *last),
        Some([first, step, last]) if *step != 0 => (*first, *step, *last),
        _ => return unknown("seq", &args.join(" ")),
    };
    let mut at = first;
    let mut text = String::new();
    for _ in 0..MOST {
        if (step > 0 && at > last) || (step < 0 && at < last) {
            io.out(text)?;
            return Ok(0);
        }
        text.push_str(&format!("{at}\n"));
        let Some(next) = at.checked_add(step) else { break };
        at = next;
    }
    unknown("seq", &format!("beyond {MOST} numbers"))
}

/// `comm`: the lines that are in the one, in the other, in both.
pub(super) fn comm(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let parsed = options("comm", args, "123", &["nocheck-order"], false)?;
    let hidden = |column: &str| parsed.options.iter().any(|(name, _)| name == column);
    let shown = [!hidden("1"), !hidden("2"), !hidden("3")];
    let [left, right] = parsed.operands.as_slice() else {
        return unknown("comm", &args.join(" "));
    };
    let mut texts = Vec::new();
    for file in [left, right] {
        match io.read(file)? {
            Ok(bytes) => texts.push(bytes),
            Err(why) => {
                io.err(&format!("comm: {}: {why}\n", super::quoted_if_needed(file)))?;
                return Ok(1);
            }
        }
    }
    let all: Vec<Vec<&[u8]>> = texts.iter().map(|text| super::lines(text).collect()).collect();
    let [left, right] = all.as_slice() else { return Ok(1) };
    if !left.is_sorted() || !right.is_sorted() {
        return unknown("comm", "on lines that are not sorted");
    }
    io.spend(10 * (left.len() + right.len()))?;
    io.out(merged(left, right, shown))?;
    Ok(0)
}

fn merged(left: &[&[u8]], right: &[&[u8]], shown: [bool; 3]) -> Vec<u8> {
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    let mut out = Vec::new();
    loop {
        let (column, line) = match (left.peek(), right.peek()) {
            (None, None) => return out,
            (Some(one), Some(other)) if one == other => {
                right.next();
                (2, left.next())
            }
            (Some(one), Some(other)) if one < other => (0, left.next()),
            (Some(_), None) => (0, left.next()),
            _ => (1, right.next()),
        };
        if shown.get(column) == Some(&true) {
            let before = shown.iter().take(column).filter(|shown| **shown).count();
            out.extend(std::iter::repeat_n(b'\t', before));
            out.extend_from_slice(line.copied().unwrap_or_default());
            out.push(b'\n');
        }
    }
}

/// `sleep`: nothing changes meanwhile.
pub(super) fn sleep(args: &[String], io: &mut Io<'_, '_>) -> Done {
    match args {
        [time] if time.trim_end_matches(['s', 'm', 'h']).parse::<f64>().is_ok() => Ok(0),
        [time] => {
            io.err(&format!("sleep: invalid time interval {}\n", quoted(time)))?;
            Ok(1)
        }
        _ => unknown("sleep", &args.join(" ")),
    }
}
