//! A node of `source`, as kube-bench's audits ask it.

use std::path::Path;

use kuberlock_kube_bench::benchmark::Result as Target;
use kuberlock_kube_bench::{Entry, FileType, Node, Process, Refusal, Status};
use kuberlock_source::node::machine::{Machine, Refused, Running};
use kuberlock_source::redact;

use crate::error::Error;

/// The node.
#[derive(Debug)]
pub(super) struct Audited {
    machine: Machine,
    processes: Vec<Process>,
}

impl Audited {
    pub(super) fn open(root: &Path) -> Result<Self, Error> {
        let machine = Machine::open(root)?;
        let processes = machine.processes().iter().map(process).collect();
        Ok(Self { machine, processes })
    }
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

/// The results, with what looks like a credential taken out of what the audits printed.
pub(super) fn redacted(mut results: Vec<Target>) -> Vec<Target> {
    let checks = results.iter_mut().flat_map(|result| &mut result.groups);
    for (_, outcome) in checks.flat_map(|group| &mut group.checks) {
        for text in [&mut outcome.actual, &mut outcome.reason] {
            if !text.is_empty() {
                *text = redact::text("audit", text);
            }
        }
    }
    results
}
