//! The programs that the audits call, in the forms they call them in, and near relatives of these.
//!
//! Always holds: an option that is not known is told as not run; nothing is guessed.

mod awk;
mod date;
pub(crate) mod expression;
mod files;
mod find;
mod grep;
mod journal;
mod longest;
mod machine;
mod openssl;
pub(crate) mod printf;
mod ps;
mod sed;
mod stat;
mod text;
mod xargs;

pub(crate) use ps::{command_line, same_name};

use crate::node::{FileType, Node};
use crate::shell::{Io, Stop};

/// Where programs are looked for, in this order.
pub(crate) const PATH: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// A program of ours.
pub(crate) type Utility = fn(&[String], &mut Io<'_, '_>) -> Result<u8, Stop>;

/// What comes of a utility.
pub(crate) type Done = Result<u8, Stop>;

/// The program of this name.
pub(crate) fn find(name: &str) -> Option<Utility> {
    Some(match name {
        "awk" | "gawk" | "mawk" => awk::run,
        "base64" => text::base64,
        "basename" => files::basename,
        "cat" => text::cat,
        "comm" => machine::comm,
        "cut" => text::cut,
        "date" => date::run,
        "dirname" => files::dirname,
        "echo" => files::echo,
        "egrep" => grep::egrep,
        "env" => files::env,
        "false" => files::failure,
        "fgrep" => grep::fgrep,
        "find" => find::run,
        "grep" => grep::run,
        "head" => text::head,
        "hostname" => machine::hostname,
        "id" => machine::id,
        "ls" => files::ls,
        "paste" => text::paste,
        "printf" => files::printf,
        "ps" => ps::run,
        "readlink" => files::readlink,
        "sed" => sed::run,
        "seq" => machine::seq,
        "sleep" => machine::sleep,
        "sort" => text::sort,
        "stat" => stat::run,
        "tac" => text::tac,
        "tail" => text::tail,
        "test" | "[" => return None,
        "tr" => text::tr,
        "true" => files::success,
        "uname" => machine::uname,
        "uniq" => text::uniq,
        "wc" => text::wc,
        "whoami" => machine::whoami,
        "xargs" => xargs::run,
        _ => return None,
    })
}

/// A program of ours that stands for one that not every node has.
pub(crate) fn find_optional(name: &str) -> Option<Utility> {
    Some(match name {
        "journalctl" => journal::run,
        "openssl" => openssl::run,
        _ => return None,
    })
}

/// A program's name without the folder that programs are in.
pub(crate) fn short_name(name: &str) -> &str {
    match name.rsplit_once('/') {
        Some((folder, short)) if PATH.contains(&folder) => short,
        _ => name,
    }
}

/// Whether `name` is a shell; and whether it is bash.
pub(crate) fn shell_of(name: &str) -> Option<bool> {
    match short_name(name) {
        "sh" | "dash" => Some(false),
        "bash" => Some(true),
        _ => None,
    }
}

/// Whether the node has a program of this name.
pub(crate) fn is_on_node(node: &dyn Node, name: &str) -> bool {
    path_on_node(node, name).is_some()
}

/// Where the node has the program `name`.
pub(crate) fn path_on_node(node: &dyn Node, name: &str) -> Option<String> {
    let is_program = |path: &String| {
        node.stat(path, true).is_ok_and(|status| {
            status.file_type() == FileType::File && status.permissions() & 0o111 != 0
        })
    };
    if name.is_empty() {
        return None;
    }
    if name.contains('/') {
        return Some(name.to_owned()).filter(is_program);
    }
    PATH.iter().map(|folder| format!("{folder}/{name}")).find(is_program)
}

/// What is told of a use that is not known.
pub(crate) fn unknown<T>(program: &str, what: &str) -> Result<T, Stop> {
    Err(Stop::NotRun(format!("it uses `{program} {what}`")))
}

/// A name as the programs of GNU quote it in what they complain of.
pub(crate) fn quoted(name: &str) -> String {
    if name.contains('\'') && !name.contains(['"', '$', '`', '\\', '\n', '\t']) {
        return format!("\"{name}\"");
    }
    let escaped = name.replace('\'', "'\\''");
    let escaped = escaped.replace('\n', "'$'\\n''").replace('\t', "'$'\\t''");
    format!("'{escaped}'")
}

/// As [`quoted`], where there is need.
pub(crate) fn quoted_if_needed(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "%+,-./:=@_]{}~#".contains(c);
    let safe = !name.is_empty() && name.chars().all(plain) && !name.starts_with(['~', '#']);
    if safe { name.to_owned() } else { quoted(name) }
}

/// The lines of a text, without their ends.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let none = bytes.is_empty();
    whole.split(|byte| *byte == b'\n').filter(move |_| !none)
}

/// Options and what they apply to, as `getopt` of GNU tells them apart.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// Each option with its value; a long one with its dashes.
    pub(crate) options: Vec<(String, Option<String>)>,
    /// What is no option.
    pub(crate) operands: Vec<String>,
}

/// Reads `args`. `short` lists the letters, each with `:` behind it where it takes a value; `long`
/// the names, each with `=` likewise. `ordered` ends the options at the first operand.
pub(crate) fn options(
    program: &str,
    args: &[String],
    short: &str,
    long: &[&str],
    ordered: bool,
) -> Result<Parsed, Stop> {
    let mut parsed = Parsed::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if arg == "--" {
            parsed.operands.extend(rest.cloned());
            break;
        }
        if let Some(name) = arg.strip_prefix("--") {
            let (name, value) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (name, None),
            };
            let takes = long.contains(&format!("{name}=").as_str());
            if !takes && !long.contains(&name) {
                return unknown(program, arg);
            }
            let value = if takes && value.is_none() { rest.next().cloned() } else { value };
            parsed.options.push((format!("--{name}"), value));
            continue;
        }
        let Some(letters) = arg.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            parsed.operands.push(arg.clone());
            if ordered {
                parsed.operands.extend(rest.cloned());
                break;
            }
            continue;
        };
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            let Some(at) = short.find(letter).filter(|_| letter != ':') else {
                return unknown(program, arg);
            };
            let takes = short.get(at + letter.len_utf8()..).is_some_and(|s| s.starts_with(':'));
            let mut value = None;
            if takes {
                let glued: String = letters.by_ref().collect();
                value = if glued.is_empty() { rest.next().cloned() } else { Some(glued) };
                if value.is_none() {
                    return unknown(program, arg);
                }
            }
            parsed.options.push((letter.to_string(), value));
        }
    }
    Ok(parsed)
}
