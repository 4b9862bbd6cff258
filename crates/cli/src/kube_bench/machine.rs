//! A node of `source`, as kube-bench's audits ask it.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use kuberlock_kube_bench::{Entry, FileType, Node, Process, Refusal, Status};
use kuberlock_source::node::machine::{Machine, Refused, Running};

use crate::error::Error;

/// The node.
#[derive(Debug)]
pub(super) struct Audited {
    machine: Machine,
    processes: Vec<Process>,
    /// Whether programs of this locale quote in Unicode.
    unicode: bool,
    /// The time that audits are told, where there is one.
    now: Option<i64>,
}

impl Audited {
    pub(super) fn open(root: &Path) -> Result<Self, Error> {
        let machine = Machine::open(root)?;
        let processes = machine.processes().iter().map(process).collect();
        // The first that is set and not empty counts.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(std::env::var).into_iter().flatten();
        let locale = locale.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
        let unicode = locale.to_uppercase().replace('-', "").contains("UTF8");
        Ok(Self { machine, processes, unicode, now: now(root) })
    }
}

/// The time that is given, or the clock's where the machine itself is looked at: a folder tells no
/// time.
fn now(root: &Path) -> Option<i64> {
    if let Some(given) = std::env::var_os("SOURCE_DATE_EPOCH") {
        return given.to_str()?.parse().ok();
    }
    if root != Path::new("/") {
        return None;
    }
    let past = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(past.as_secs()).ok()
}

fn process(running: &Running) -> Process {
    Process {
        pid: running.pid,
        ppid: running.ppid,
        uid: running.uid,
        comm: running.comm.clone(),
        args: running.args.clone(),
        ended: running.ended,
        tty: running.tty.clone(),
        time: running.time,
        percent: running.percent,
        tenths: running.tenths,
        virtual_kib: running.virtual_kib,
        resident_kib: running.resident_kib,
        memory_tenths: running.memory_tenths,
        state: running.state.clone(),
        started: running.started.clone(),
    }
}

fn refusal(refused: Refused) -> Refusal {
    match refused {
        Refused::Absent => Refusal::Absent,
        Refused::NotDirectory => Refusal::NotDirectory,
        Refused::Directory => Refusal::Directory,
        Refused::Denied => Refusal::Denied,
        Refused::Loop => Refusal::Loop,
        Refused::TooLarge => Refusal::TooLarge,
        Refused::Special => Refusal::Special,
        Refused::TooLong => Refusal::TooLong,
        Refused::Other => Refusal::Other,
    }
}

impl Node for Audited {
    fn stat(&self, path: &str, follow: bool) -> Result<Status, Refusal> {
        let found = self.machine.stat(path, follow).map_err(refusal)?;
        Ok(Status {
            mode: found.mode,
            uid: found.uid,
            gid: found.gid,
            size: found.size,
            links: found.links,
            inode: found.inode,
            modified: found.modified,
        })
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Refusal> {
        self.machine.read(path).map_err(refusal)
    }

    fn list(&self, path: &str) -> Result<Vec<Entry>, Refusal> {
        let names = self.machine.list(path).map_err(refusal)?;
        let entry = |(name, mode)| Entry { name, kind: kind(mode) };
        Ok(names.into_iter().map(entry).collect())
    }

    fn link(&self, path: &str) -> Result<String, Refusal> {
        self.machine.link(path).map_err(refusal)
    }

    fn processes(&self) -> &[Process] {
        &self.processes
    }

    fn pid_width(&self) -> usize {
        self.machine.pid_width()
    }

    fn now(&self) -> Option<i64> {
        self.now
    }

    fn unicode(&self) -> bool {
        self.unicode
    }

    fn user(&self, id: u32) -> Option<String> {
        self.machine.user(id).map(str::to_owned)
    }

    fn group(&self, id: u32) -> Option<String> {
        self.machine.group(id).map(str::to_owned)
    }
}

fn kind(mode: u32) -> FileType {
    let only = Status { mode, uid: 0, gid: 0, size: 0, links: 0, inode: 0, modified: 0 };
    only.file_type()
}

/// The node's release, as its kubelet or its control plane tells it.
pub(super) fn release(root: &Path) -> Result<Option<(u32, u32)>, Error> {
    let mut cluster = kuberlock_model::Cluster::default();
    let mut converter = kuberlock_source::convert::Converter::default();
    kuberlock_source::node::read(None, root, &mut |records| {
        converter.push(records, &mut |change| cluster.apply(change));
    })?;
    converter.finish(&mut |change| cluster.apply(change));
    Ok(cluster.release().map(|release| (release.major, release.minor)))
}
