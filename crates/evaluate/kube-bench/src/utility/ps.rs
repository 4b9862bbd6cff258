//! `ps` of procps, its output not a terminal's and therefore as wide as it needs to be.

use std::borrow::Cow;

use super::{Done, unknown};
use crate::node::Process;
use crate::shell::{Io, Stop};

/// A column: what is asked for, and the head it is given.
#[derive(Clone, Debug)]
struct Column {
    kind: Kind,
    head: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    User,
    Uid,
    Pid,
    Ppid,
    Percent,
    Started,
    Terminal,
    Time,
    Args,
    Comm,
    PercentTenths,
    MemoryTenths,
    Virtual,
    Resident,
    State,
    Clock,
}

#[derive(Debug, Default)]
struct Options {
    everything: bool,
    full: bool,
    /// `ps ax`, `ps aux`.
    old: bool,
    old_user: bool,
    names: Option<Vec<String>>,
    pids: Option<Vec<u32>>,
    columns: Vec<Column>,
    no_head: bool,
}

pub(super) fn run(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let Some(options) = read(args, io)? else { return Ok(1) };
    let all = processes(io);
    io.spend(all.len() * 20)?;
    let chosen: Vec<&Process> = all.iter().filter(|process| options.takes(process)).collect();
    let columns = options.columns();
    let width = io.node().pid_width();
    let mut out = String::new();
    let headed = !options.no_head && columns.iter().any(|c| c.head.as_deref() != Some(""));
    if headed {
        line(&mut out, &columns, width, |column| {
            Cow::Borrowed(column.head.as_deref().unwrap_or_else(|| column.kind.head()))
        });
    }
    for process in &chosen {
        line(&mut out, &columns, width, |column| Cow::Owned(value(column.kind, process, io)));
    }
    io.out(out)?;
    Ok(u8::from(chosen.is_empty()))
}

/// The node's processes, and those of the audit itself.
fn processes(io: &Io<'_, '_>) -> Vec<Process> {
    let mut all = io.node().processes().to_vec();
    let mut pid = all.iter().map(|process| process.pid).max().unwrap_or(1);
    for args in &io.shell.running {
        pid = pid.saturating_add(1);
        let program = args.first().map(String::as_str).unwrap_or_default();
        let comm = program.rsplit('/').next().unwrap_or(program).to_owned();
        let started = all.last().map(|process| process.started.clone()).unwrap_or_default();
        all.push(Process { pid, ppid: 1, comm, args: args.clone(), started, ..Process::default() });
    }
    all
}

fn read(args: &[String], io: &mut Io<'_, '_>) -> Result<Option<Options>, Stop> {
    let mut options = Options::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if let Some(name) = arg.strip_prefix("--") {
            match name.split_once('=').unwrap_or((name, "")) {
                ("no-headers" | "no-heading" | "noheaders", _) => options.no_head = true,
                ("pid", pids) if !pids.is_empty() => options.pids = Some(numbers(pids)),
                ("format", columns) if !columns.is_empty() => options.add(columns)?,
                _ => return unknown("ps", arg),
            }
            continue;
        }
        let (letters, dashed) = match arg.strip_prefix('-') {
            // No user is called `x`, so that ps takes `-aux` for `aux`.
            Some(letters) if matches!(letters.trim_end_matches('w'), "aux" | "ax") => {
                (letters, false)
            }
            Some(letters) => (letters, true),
            None => (arg.as_str(), false),
        };
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            let mut value = || {
                let glued: String = letters.by_ref().collect();
                if glued.is_empty() { rest.next().cloned() } else { Some(glued) }
            };
            match (letter, dashed) {
                ('e' | 'A', true) => options.everything = true,
                ('f', true) => options.full = true,
                ('w', _) => {}
                ('C', true) => match value() {
                    Some(names) => {
                        let names = names.split([',', ' ']).filter(|name| !name.is_empty());
                        options.names = Some(names.map(str::to_owned).collect());
                    }
                    None => {
                        io.err(NO_NAMES)?;
                        return Ok(None);
                    }
                },
                ('p', _) => match value() {
                    Some(pids) => options.pids = Some(numbers(&pids)),
                    None => return unknown("ps", arg),
                },
                ('o', _) => match value() {
                    Some(columns) => options.add(&columns)?,
                    None => return unknown("ps", arg),
                },
                ('h', false) => options.no_head = true,
                ('a' | 'x', false) => (options.everything, options.old) = (true, true),
                ('u', false) => (options.old, options.old_user) = (true, true),
                _ => return unknown("ps", arg),
            }
        }
    }
    if !options.everything && options.names.is_none() && options.pids.is_none() {
        return unknown("ps", "for one terminal");
    }
    Ok(Some(options))
}

const NO_NAMES: &str = "error: list of command names must follow -C\n\nUsage:\n ps [options]\n\n \
    Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n \
    for additional help text.\n\nFor more details see ps(1).\n";

fn numbers(text: &str) -> Vec<u32> {
    text.split([',', ' ']).filter_map(|number| number.parse().ok()).collect()
}

impl Options {
    /// Adds columns: `pid,args`, `cmd=`, `pid=PROCESS`.
    fn add(&mut self, text: &str) -> Result<(), Stop> {
        let (names, head) = match text.split_once('=') {
            Some((names, head)) => (names, Some(head.to_owned())),
            None => (text, None),
        };
        for name in names.split([',', ' ']).filter(|name| !name.is_empty()) {
            let Some(kind) = Kind::of(name) else { return unknown("ps -o", name) };
            // These are shown as `CMD` by other names.
            let longer = matches!(name, "args" | "command" | "comm" | "ucomm");
            self.columns.push(Column { kind, head: longer.then(|| "COMMAND".to_owned()) });
        }
        if let (Some(last), Some(head)) = (self.columns.last_mut(), head) {
            last.head = Some(head);
        }
        Ok(())
    }

    fn takes(&self, process: &Process) -> bool {
        let named = |names: &Vec<String>| names.iter().any(|name| same_name(name, &process.comm));
        self.everything
            || self.names.as_ref().is_some_and(named)
            || self.pids.as_ref().is_some_and(|pids| pids.contains(&process.pid))
    }

    fn columns(&self) -> Vec<Column> {
        if !self.columns.is_empty() {
            return self.columns.clone();
        }
        let full = [
            Kind::User,
            Kind::Pid,
            Kind::Ppid,
            Kind::Percent,
            Kind::Started,
            Kind::Terminal,
            Kind::Time,
            Kind::Args,
        ];
        let user = [
            Kind::User,
            Kind::Pid,
            Kind::PercentTenths,
            Kind::MemoryTenths,
            Kind::Virtual,
            Kind::Resident,
            Kind::Terminal,
            Kind::State,
            Kind::Started,
            Kind::Clock,
            Kind::Args,
        ];
        let short = [Kind::Pid, Kind::Terminal, Kind::Time, Kind::Comm];
        let old = [Kind::Pid, Kind::Terminal, Kind::State, Kind::Clock, Kind::Args];
        let kinds: &[Kind] = match (self.old_user, self.old, self.full) {
            (true, ..) => &user,
            (_, true, _) => &old,
            (.., true) => &full,
            _ => &short,
        };
        let column = |kind: &Kind| Column {
            kind: *kind,
            head: match (*kind, self.old) {
                (Kind::User, false) => Some("UID".to_owned()),
                (Kind::Started, true) => Some("START".to_owned()),
                (Kind::Args, true) => Some("COMMAND".to_owned()),
                _ => None,
            },
        };
        kinds.iter().map(column).collect()
    }
}

/// Whether `name` names the process that the kernel calls `comm`, of which it keeps 15 bytes.
pub(crate) fn same_name(name: &str, comm: &str) -> bool {
    name.as_bytes().get(..name.len().min(15)) == Some(comm.as_bytes())
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "user" | "euser" => Self::User,
            "uid" | "euid" => Self::Uid,
            "pid" | "tgid" => Self::Pid,
            "ppid" => Self::Ppid,
            "c" => Self::Percent,
            "stime" => Self::Started,
            "tty" | "tt" | "tname" => Self::Terminal,
            "time" | "cputime" => Self::Time,
            "args" | "cmd" | "command" => Self::Args,
            "comm" | "ucmd" | "ucomm" => Self::Comm,
            "pcpu" | "%cpu" => Self::PercentTenths,
            "pmem" | "%mem" => Self::MemoryTenths,
            "vsz" | "vsize" => Self::Virtual,
            "rss" | "rssize" | "rsz" => Self::Resident,
            "stat" => Self::State,
            "bsdtime" => Self::Clock,
            _ => return None,
        })
    }

    fn head(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Uid => "UID",
            Self::Pid => "PID",
            Self::Ppid => "PPID",
            Self::Percent => "C",
            Self::Started => "STIME",
            Self::Terminal => "TTY",
            Self::Time | Self::Clock => "TIME",
            Self::PercentTenths => "%CPU",
            Self::MemoryTenths => "%MEM",
            Self::Virtual => "VSZ",
            Self::Resident => "RSS",
            Self::State => "STAT",
            Self::Args | Self::Comm => "CMD",
        }
    }

    /// The width, and whether it stands to the right.
    fn width(self, pid: usize) -> (usize, bool) {
        match self {
            Self::User | Self::Terminal => (8, false),
            Self::Uid => (5, true),
            Self::Pid | Self::Ppid => (pid, true),
            Self::Percent => (2, true),
            Self::Started => (5, false),
            Self::Time => (8, true),
            Self::Args => (27, false),
            Self::Comm => (15, false),
            Self::PercentTenths | Self::MemoryTenths => (4, true),
            Self::Virtual => (6, true),
            Self::Resident => (5, true),
            Self::State => (4, false),
            Self::Clock => (6, true),
        }
    }
}

fn line<'c>(
    out: &mut String,
    columns: &'c [Column],
    pid: usize,
    text: impl Fn(&'c Column) -> Cow<'c, str>,
) {
    for (at, column) in columns.iter().enumerate() {
        let (width, right) = column.kind.width(pid);
        let last = at + 1 == columns.len();
        let text = text(column);
        let gap = " ".repeat(width.saturating_sub(text.chars().count()));
        match (right, last) {
            (true, _) => out.push_str(&(gap + &text)),
            (false, true) => out.push_str(&text),
            (false, false) => out.push_str(&(text.into_owned() + &gap)),
        }
        out.push(if last { '\n' } else { ' ' });
    }
}

fn value(kind: Kind, process: &Process, io: &Io<'_, '_>) -> String {
    match kind {
        Kind::User => user(process.uid, io),
        Kind::Uid => process.uid.to_string(),
        Kind::Pid => process.pid.to_string(),
        Kind::Ppid => process.ppid.to_string(),
        Kind::Percent => process.percent.min(99).to_string(),
        Kind::Started => process.started.clone(),
        Kind::Terminal => process.tty.clone().unwrap_or_else(|| "?".to_owned()),
        Kind::Time => {
            let (hours, rest) = (process.time / 3600, process.time % 3600);
            let clock = format!("{:02}:{:02}:{:02}", hours % 24, rest / 60, rest % 60);
            if hours < 24 { clock } else { format!("{}-{clock}", hours / 24) }
        }
        Kind::Clock => format!("{}:{:02}", process.time / 60, process.time % 60),
        Kind::PercentTenths => tenths(process.tenths),
        Kind::MemoryTenths => tenths(process.memory_tenths.min(999)),
        Kind::Virtual => process.virtual_kib.to_string(),
        Kind::Resident => process.resident_kib.to_string(),
        Kind::State if process.state.is_empty() => "S".to_owned(),
        Kind::State => process.state.clone(),
        Kind::Args => command_line(process),
        Kind::Comm => printable(&process.comm),
    }
}

fn tenths(tenths: u32) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A user's name, or its number where it is too long, or there is none.
fn user(uid: u32, io: &Io<'_, '_>) -> String {
    match io.node().user(uid) {
        Some(name) if name.chars().count() <= 8 => name,
        Some(name) => name.chars().take(7).chain(['+']).collect(),
        None => uid.to_string(),
    }
}

/// The command line as one text.
pub(crate) fn command_line(process: &Process) -> String {
    let ended = if process.ended { " <defunct>" } else { "" };
    if process.args.is_empty() {
        return format!("[{}]{ended}", printable(&process.comm));
    }
    printable(&process.args.join(" ")) + ended
}

fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}
