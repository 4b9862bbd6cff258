//! `find`.

use std::iter::Peekable;
use std::slice::Iter;

use super::{Done, quoted, unknown};
use crate::node::{FileType, Status};
use crate::shell::pattern::Pattern;
use crate::shell::{Io, Stop};

/// How deep folders are followed.
const DEEPEST: usize = 64;

/// An expression, which says what is done with a path.
#[derive(Debug)]
enum Test {
    Name { pattern: Pattern, fold: bool },
    Path { pattern: Pattern, fold: bool },
    Kind(Vec<char>),
    Permissions { bits: u32, how: How },
    User(String),
    Group(String),
    Empty,
    Executable,
    Truth(bool),
    Print { zero: bool },
    Exec { words: Vec<String>, at: usize },
    Prune,
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
}

/// How permissions are compared.
#[derive(Clone, Copy, Debug)]
enum How {
    Same,
    All,
    Any,
}

#[derive(Debug, Default)]
struct Search {
    follow: bool,
    least: usize,
    most: Option<usize>,
    acts: bool,
    /// The commands of `-exec … +`, and the paths that they wait for.
    batches: Vec<(Vec<String>, Vec<String>)>,
    status: u8,
    pruned: bool,
}

type Words<'a> = Peekable<Iter<'a, String>>;

pub(super) fn run(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let mut words = args.iter().peekable();
    let mut search = Search::default();
    while let Some(option) = words.next_if(|word| matches!(word.as_str(), "-L" | "-P" | "-H")) {
        search.follow = option == "-L";
    }
    let mut roots = Vec::new();
    while let Some(root) = words.next_if(|word| !begins_expression(word)) {
        roots.push(root.clone());
    }
    if roots.is_empty() {
        roots.push(".".to_owned());
    }
    let mut test = None;
    if words.peek().is_some() {
        test = Some(any(&mut words, &mut search, 0)?);
        if let Some(word) = words.next() {
            return unknown("find", word);
        }
    }
    let test = match (test, search.acts) {
        (None, _) => Test::Print { zero: false },
        (Some(test), true) => test,
        (Some(test), false) => Test::And(Box::new(test), Box::new(Test::Print { zero: false })),
    };
    for root in &roots {
        match io.node().stat(root, search.follow) {
            Ok(status) => visit(root, &status, 0, &test, &mut search, io)?,
            Err(reason) => {
                search.status = 1;
                let name = curly(root, io);
                io.err(&format!("find: {name}: {reason}\n"))?;
            }
        }
    }
    for (mut words, paths) in std::mem::take(&mut search.batches) {
        if paths.is_empty() {
            continue;
        }
        words.extend(paths);
        let (name, rest) = words.split_first().map_or(("", &[][..]), |(n, r)| (n.as_str(), r));
        match io.start(name, rest)? {
            Some(0) => {}
            _ => search.status = 1,
        }
    }
    Ok(search.status)
}

/// A name as find quotes it: in the C locale with apostrophes, elsewhere with curly marks.
fn curly(name: &str, io: &Io<'_, '_>) -> String {
    if io.node().unicode() { format!("‘{name}’") } else { quoted(name) }
}

fn begins_expression(word: &str) -> bool {
    word.starts_with('-') && word.len() > 1 || matches!(word, "(" | ")" | "!" | ",")
}

fn any(words: &mut Words<'_>, search: &mut Search, depth: u32) -> Result<Test, Stop> {
    let mut left = all(words, search, depth)?;
    while words.next_if(|word| matches!(word.as_str(), "-o" | "-or")).is_some() {
        left = Test::Or(Box::new(left), Box::new(all(words, search, depth)?));
    }
    Ok(left)
}

fn all(words: &mut Words<'_>, search: &mut Search, depth: u32) -> Result<Test, Stop> {
    let mut left = not(words, search, depth)?;
    loop {
        match words.peek().map(|word| word.as_str()) {
            None | Some("-o" | "-or" | ")" | ",") => return Ok(left),
            Some("-a" | "-and") => {
                words.next();
            }
            Some(_) => {}
        }
        left = Test::And(Box::new(left), Box::new(not(words, search, depth)?));
    }
}

fn not(words: &mut Words<'_>, search: &mut Search, depth: u32) -> Result<Test, Stop> {
    if depth > 30 {
        return unknown("find", "with deep parentheses");
    }
    if words.next_if(|word| matches!(word.as_str(), "!" | "-not")).is_some() {
        return Ok(Test::Not(Box::new(not(words, search, depth + 1)?)));
    }
    if words.next_if(|word| *word == "(").is_some() {
        let inner = any(words, search, depth + 1)?;
        return match words.next_if(|word| *word == ")") {
            Some(_) => Ok(inner),
            None => unknown("find", "("),
        };
    }
    let Some(name) = words.next() else { return unknown("find", "without a test") };
    one(name, words, search)
}

fn one(name: &str, words: &mut Words<'_>, search: &mut Search) -> Result<Test, Stop> {
    let mut value = || match words.next() {
        Some(value) => Ok(value.clone()),
        None => unknown("find", name),
    };
    let number = |text: String| match text.parse::<usize>() {
        Ok(number) => Ok(number),
        Err(_) => unknown("find", &text),
    };
    Ok(match name {
        "-name" => Test::Name { pattern: Pattern::new(&value()?), fold: false },
        "-iname" => Test::Name { pattern: Pattern::new(&value()?.to_lowercase()), fold: true },
        "-path" | "-wholename" => Test::Path { pattern: Pattern::new(&value()?), fold: false },
        "-ipath" => Test::Path { pattern: Pattern::new(&value()?.to_lowercase()), fold: true },
        "-type" => Test::Kind(value()?.chars().filter(|c| *c != ',').collect()),
        "-perm" => permissions(&value()?)?,
        "-user" => Test::User(value()?),
        "-group" => Test::Group(value()?),
        "-empty" => Test::Empty,
        "-executable" => Test::Executable,
        "-true" => Test::Truth(true),
        "-false" => Test::Truth(false),
        "-maxdepth" => {
            search.most = Some(number(value()?)?);
            Test::Truth(true)
        }
        "-mindepth" => {
            search.least = number(value()?)?;
            Test::Truth(true)
        }
        "-xdev" | "-mount" | "-noleaf" | "-depth" if name != "-depth" => Test::Truth(true),
        "-follow" => {
            search.follow = true;
            Test::Truth(true)
        }
        "-print" => {
            search.acts = true;
            Test::Print { zero: false }
        }
        "-print0" => {
            search.acts = true;
            Test::Print { zero: true }
        }
        "-prune" => Test::Prune,
        "-exec" => {
            search.acts = true;
            let mut command = Vec::new();
            loop {
                let word = value()?;
                match word.as_str() {
                    ";" => return Ok(Test::Exec { words: command, at: usize::MAX }),
                    "+" if command.last().is_some_and(|last| last == "{}") => {
                        command.pop();
                        search.batches.push((command, Vec::new()));
                        let at = search.batches.len() - 1;
                        return Ok(Test::Exec { words: Vec::new(), at });
                    }
                    _ => command.push(word),
                }
            }
        }
        other => return unknown("find", other),
    })
}

fn permissions(text: &str) -> Result<Test, Stop> {
    let (how, digits) = match text.chars().next() {
        Some('-') => (How::All, text.trim_start_matches('-')),
        Some('/') => (How::Any, text.trim_start_matches('/')),
        _ => (How::Same, text),
    };
    match u32::from_str_radix(digits, 8) {
        Ok(bits) => Ok(Test::Permissions { bits, how }),
        Err(_) => unknown("find -perm", text),
    }
}

fn visit(
    path: &str,
    status: &Status,
    depth: usize,
    test: &Test,
    search: &mut Search,
    io: &mut Io<'_, '_>,
) -> Result<(), Stop> {
    io.spend(300)?;
    search.pruned = false;
    if depth >= search.least {
        holds(test, path, status, search, io)?;
    }
    let folder = status.file_type() == FileType::Directory;
    if !folder || search.pruned || search.most.is_some_and(|most| depth >= most) {
        return Ok(());
    }
    if depth >= DEEPEST {
        return unknown("find", "below 64 folders");
    }
    let entries = match io.node().list(path) {
        Ok(entries) => entries,
        Err(reason) => {
            search.status = 1;
            let name = curly(path, io);
            return io.err(&format!("find: {name}: {reason}\n"));
        }
    };
    for entry in entries {
        let inner = match path.ends_with('/') {
            true => format!("{path}{}", entry.name),
            false => format!("{path}/{}", entry.name),
        };
        let node = io.node();
        let status = node.stat(&inner, search.follow).or_else(|_| node.stat(&inner, false));
        if let Ok(status) = status {
            visit(&inner, &status, depth + 1, test, search, io)?;
        }
    }
    Ok(())
}

fn holds(
    test: &Test,
    path: &str,
    status: &Status,
    search: &mut Search,
    io: &mut Io<'_, '_>,
) -> Result<bool, Stop> {
    Ok(match test {
        Test::Name { pattern, fold } => {
            let whole = path.trim_end_matches('/');
            let name = whole.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("/");
            pattern.matches(&folded(name, *fold))
        }
        Test::Path { pattern, fold } => pattern.matches(&folded(path, *fold)),
        Test::Kind(kinds) => kinds.contains(&letter(status)),
        Test::Permissions { bits, how } => match how {
            How::Same => status.permissions() == *bits,
            How::All => status.permissions() & bits == *bits,
            How::Any => *bits == 0 || status.permissions() & bits != 0,
        },
        Test::User(name) => {
            name.parse() == Ok(status.uid) || io.node().user(status.uid).as_ref() == Some(name)
        }
        Test::Group(name) => {
            name.parse() == Ok(status.gid) || io.node().group(status.gid).as_ref() == Some(name)
        }
        Test::Empty => match status.file_type() {
            FileType::File => status.size == 0,
            FileType::Directory => io.node().list(path).is_ok_and(|entries| entries.is_empty()),
            _ => false,
        },
        Test::Executable => status.permissions() & 0o111 != 0,
        Test::Truth(truth) => *truth,
        Test::Print { zero } => {
            io.out([path.as_bytes(), if *zero { b"\0" } else { b"\n" }].concat())?;
            true
        }
        Test::Exec { at, .. } if *at != usize::MAX => {
            if let Some((_, paths)) = search.batches.get_mut(*at) {
                paths.push(path.to_owned());
            }
            true
        }
        Test::Exec { words, .. } => {
            let words: Vec<String> = words.iter().map(|word| word.replace("{}", path)).collect();
            let Some((name, rest)) = words.split_first() else { return Ok(false) };
            match io.start(name, rest)? {
                Some(status) => status == 0,
                None => {
                    let name = curly(name, io);
                    io.err(&format!("find: {name}: No such file or directory\n"))?;
                    false
                }
            }
        }
        Test::Prune => {
            search.pruned = true;
            true
        }
        Test::Not(inner) => !holds(inner, path, status, search, io)?,
        Test::And(left, right) => {
            holds(left, path, status, search, io)? && holds(right, path, status, search, io)?
        }
        Test::Or(left, right) => {
            holds(left, path, status, search, io)? || holds(right, path, status, search, io)?
        }
    })
}

fn folded(text: &str, fold: bool) -> String {
    if fold { text.to_lowercase() } else { text.to_owned() }
}

fn letter(status: &Status) -> char {
    match status.file_type() {
        FileType::File => 'f',
        FileType::Directory => 'd',
        FileType::Link => 'l',
        FileType::Fifo => 'p',
        FileType::Socket => 's',
        FileType::Block => 'b',
        FileType::Character => 'c',
    }
}
