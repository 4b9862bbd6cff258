//! Processes as `ps` shows them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::super::collect::Collector;
use super::super::process::Proc;
use super::super::root::{self, Root};
use super::super::units;
use crate::yaml;

/// A process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Running {
    /// Its id.
    pub pid: u32,
    /// Its parent's.
    pub ppid: u32,
    /// Its user's.
    pub uid: u32,
    /// The kernel's name of it.
    pub comm: String,
    /// Its command line, as it stands there.
    pub args: Vec<String>,
    /// Whether it has ended, and waits for its parent.
    pub ended: bool,
    /// Its terminal.
    pub tty: Option<String>,
    /// Processor time used, in seconds.
    pub time: u64,
    /// Processor use since its start, in percent.
    pub percent: u32,
    /// The same in tenths.
    pub tenths: u32,
    /// Memory that it has addresses of.
    pub virtual_kib: u64,
    /// Memory that it is in.
    pub resident_kib: u64,
    /// The share of all memory, in tenths of a percent.
    pub memory_tenths: u32,
    /// What it does, as `ps` writes it: `Ss`, `Sl+`.
    pub state: String,
    /// When it was started: `04:07` of today, `Nov23` of this year, `2025`. In UTC.
    pub started: String,
}

/// Ticks of the kernel's clock in a second, on every machine that Linux runs on today.
const TICKS: u64 = 100;

/// A page of memory, on the machines that Kubernetes runs on most.
const PAGE_KIB: u64 = 4;

/// What the machine itself says of time.
#[derive(Debug)]
struct Clock {
    booted: u64,
    now: u64,
    /// All memory, in KiB.
    memory: u64,
}

/// All processes of a running machine but this one.
pub(super) fn of(proc: &Proc) -> Vec<Running> {
    let booted = proc.read("stat").and_then(|bytes| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())
    });
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |past| past.as_secs());
    let memory = proc.read("meminfo").and_then(|bytes| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.lines().find_map(|line| {
            line.strip_prefix("MemTotal:")?.trim_end_matches("kB").trim().parse().ok()
        })
    });
    let memory = memory.unwrap_or(u64::MAX);
    let clock = Clock { booted: booted.unwrap_or(now), now, memory };
    let own = std::process::id();
    let others = proc.pids().iter().copied().filter(|pid| *pid != own);
    others.filter_map(|pid| one(proc, pid, &clock)).collect()
}

fn one(proc: &Proc, pid: u32, clock: &Clock) -> Option<Running> {
    let stat = proc.read(&format!("{pid}/stat"))?;
    let stat = String::from_utf8_lossy(&stat).into_owned();
    // The name stands in parentheses, and may hold some itself.
    let (before, after) = stat.rsplit_once(')')?;
    let (_, comm) = before.split_once('(')?;
    let fields: Vec<&str> = after.split_ascii_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    let started = clock.booted + number(19) / TICKS;
    let time = (number(11) + number(12)) / TICKS;
    let lived = clock.now.saturating_sub(started);
    let percent = (time * 100).checked_div(lived).unwrap_or(0);
    let tenths = (time * 1000).checked_div(lived).unwrap_or(0);
    let resident_kib = number(21) * PAGE_KIB;
    let line = proc.read(&format!("{pid}/cmdline")).unwrap_or_default();
    Some(Running {
        pid,
        ppid: u32::try_from(number(1)).unwrap_or(0),
        uid: proc.owner(pid)?,
        comm: comm.to_owned(),
        args: args(&line),
        ended: fields.first() == Some(&"Z"),
        tty: terminal(number(4)),
        time,
        percent: u32::try_from(percent).unwrap_or(99),
        tenths: u32::try_from(tenths).unwrap_or(999),
        virtual_kib: number(20) / 1024,
        resident_kib,
        memory_tenths: u32::try_from(resident_kib * 1000 / clock.memory).unwrap_or(999),
        state: state(pid, &fields),
        started: shown(started, clock.now),
    })
}

/// What a process does, and what more `ps` tells by letters.
fn state(pid: u32, fields: &[&str]) -> String {
    let number = |at: usize| fields.get(at).and_then(|n| n.parse::<i64>().ok()).unwrap_or(0);
    let (group, session, foreground) = (number(2), number(3), number(5));
    let (nice, threads) = (number(16), number(17));
    let mut letters = fields.first().copied().unwrap_or_default().to_owned();
    let marks = [
        (nice < 0, '<'),
        (nice > 0, 'N'),
        (session == i64::from(pid), 's'),
        (threads > 1, 'l'),
        (foreground == group, '+'),
    ];
    letters.extend(marks.into_iter().filter(|(there, _)| *there).map(|(_, mark)| mark));
    letters
}

fn args(line: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end_matches('\0');
    if text.is_empty() {
        return Vec::new();
    }
    text.split('\0').map(str::to_owned).collect()
}

fn terminal(number: u64) -> Option<String> {
    let (major, minor) = (number >> 8 & 0xfff, (number & 0xff) | (number >> 12 & 0xf_ff00));
    match major {
        0 => None,
        136..=143 => Some(format!("pts/{}", minor + (major - 136) * 256)),
        4 if minor < 64 => Some(format!("tty{minor}")),
        4 => Some(format!("ttyS{}", minor - 64)),
        _ => Some("?".to_owned()),
    }
}

/// A time as `ps` shows when something was started.
fn shown(time: u64, now: u64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = date(time / 86_400);
    let (this_year, ..) = date(now / 86_400);
    if time / 86_400 == now / 86_400 {
        return format!("{:02}:{:02}", time / 3600 % 24, time / 60 % 60);
    }
    if year != this_year {
        return year.to_string();
    }
    let month = month.checked_sub(1).and_then(|at| MONTHS.get(at)).copied().unwrap_or_default();
    format!("{month}{day:02}")
}

/// Year, month and day of a day counted from 1970.
fn date(days: u64) -> (u64, usize, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, usize::try_from(month).unwrap_or(1), day)
}

/// The folder of static pods where nothing says another.
const STATIC_PODS: &str = "/etc/kubernetes/manifests";

/// What the units and static pods of a tree of files would start, redacted as these are.
pub(super) fn intended(root: &Root) -> Vec<Running> {
    let mut collector = Collector::new(root);
    let mut lines: Vec<Vec<String>> =
        units::read(&mut collector, "node").into_iter().map(|process| process.args).collect();
    if let Ok(folder) = root.directory(STATIC_PODS) {
        let (names, _) = root::names(&folder, 1000).unwrap_or_default();
        for name in names.iter().filter(|name| !name.starts_with('.')) {
            let text = root::read(&folder, name, 1 << 20).unwrap_or_default();
            if let Ok(pod) = yaml::to_value(&String::from_utf8_lossy(&text)) {
                lines.extend(commands(&pod));
            }
        }
    }
    let numbered = lines.into_iter().filter(|args| !args.is_empty()).zip(1..);
    numbered
        .map(|(args, pid)| {
            let program = args.first().map(String::as_str).unwrap_or_default();
            let name = program.rsplit('/').next().unwrap_or(program);
            let comm = name.chars().take(15).collect();
            let started = "00:00".to_owned();
            Running { pid, ppid: 1, comm, args, started, ..Running::default() }
        })
        .collect()
}

/// The command lines of a pod's containers.
fn commands(pod: &Value) -> Vec<Vec<String>> {
    let containers = pod.pointer("/spec/containers").and_then(Value::as_array);
    let words = |container: &Value, field: &str| -> Vec<String> {
        let list = container.get(field).and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    let line = |container: &Value| [words(container, "command"), words(container, "args")].concat();
    containers.into_iter().flatten().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_shown_as_ps_shows_it() {
        let now = 1_795_493_100; // 2026-11-24 04:05 UTC
        assert_eq!(shown(now, now), "04:05");
        assert_eq!(shown(now - 86_400, now), "Nov23");
        assert_eq!(shown(now - 400 * 86_400, now), "2025");
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(11_016), (2000, 2, 29));
    }

    #[test]
    fn terminals_have_their_names() {
        assert_eq!(terminal(0), None);
        assert_eq!(terminal(34_816).as_deref(), Some("pts/0"));
        assert_eq!(terminal(1025).as_deref(), Some("tty1"));
        assert_eq!(terminal(1088).as_deref(), Some("ttyS0"));
    }
}
