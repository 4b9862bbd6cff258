//! The processes of a running machine, from its `/proc`.
//!
//! Enters: the machine's `/proc`. Leaves: the command lines of components and runtimes, redacted.
//! Always holds: of all other processes nothing is kept; no environment but etcd's `ETCD_*`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kuberlock_model::component::ComponentKind;
use kuberlock_model::host::{Process, Sysctl};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, PROC_SUPER_MAGIC};

use super::root::{self, LOOK, Root};
use super::table::{MOST_ARGUMENT_BYTES, MOST_DESCRIPTORS, MOST_PROCESSES, RUNTIMES, SYSCTLS};
use crate::redact;

/// The `/proc` of a running machine.
#[derive(Debug)]
pub(super) struct Proc {
    fd: OwnedFd,
    pids: Vec<u32>,
}

impl Proc {
    /// The `/proc` of the machine with this root, where it has one with processes: its own, or
    /// ours where process 1 has the same root, as in a pod with `hostPID`.
    pub(super) fn of(root: &Root) -> Option<Self> {
        root.directory("/proc").ok().and_then(Self::with_processes).or_else(|| {
            let first = rustix::fs::stat("/proc/1/root/").ok()?;
            let same = root.identity() == Some((first.st_dev, first.st_ino));
            let ours = || Root::open(Path::new("/proc")).ok()?.directory("/").ok();
            same.then(ours).flatten().and_then(Self::with_processes)
        })
    }

    fn with_processes(fd: OwnedFd) -> Option<Self> {
        let (names, _) = root::names(&fd, MOST_PROCESSES).ok()?;
        let mut pids: Vec<u32> = names.iter().filter_map(|name| name.parse().ok()).collect();
        pids.sort_unstable();
        (!pids.is_empty()).then_some(Self { fd, pids })
    }

    /// Components and runtimes, by process id.
    pub(super) fn processes(&self) -> Vec<Process> {
        let own = std::process::id();
        self.pids.iter().filter(|pid| **pid != own).filter_map(|pid| self.process(*pid)).collect()
    }

    fn process(&self, pid: u32) -> Option<Process> {
        let args = words(&self.read(&format!("{pid}/cmdline"))?);
        let kind = ComponentKind::of_command(&args);
        let environment = match kind {
            Some(ComponentKind::Etcd) => self.environment(pid),
            Some(_) => BTreeMap::new(),
            None if is_runtime(args.first()?) => BTreeMap::new(),
            None => return None,
        };
        let args = redact::arguments(&args);
        Some(Process { pid: Some(pid), args, environment, file: None })
    }

    fn environment(&self, pid: u32) -> BTreeMap<String, String> {
        let bytes = self.read(&format!("{pid}/environ")).unwrap_or_default();
        let pairs = words(&bytes);
        let pairs = pairs.iter().filter_map(|pair| pair.split_once('='));
        etcd_variables(pairs)
    }

    /// The kernel settings of the table. Those of the network are the reader's own, whosever `/proc`
    /// shows them: in a network namespace of our own, as in a pod, they are not the machine's.
    pub(super) fn sysctls(&self) -> Vec<Sysctl> {
        let elsewhere = self.is_in_another_network();
        let setting = |name: &&str| {
            let bytes = self.read(&format!("sys/{}", name.replace('.', "/")))?;
            let value = String::from_utf8_lossy(&bytes).trim().to_owned();
            Some(Sysctl { name: (*name).to_owned(), value })
        };
        let told = SYSCTLS.iter().filter(|name| !(elsewhere && name.starts_with("net.")));
        told.filter_map(setting).collect()
    }

    /// Whether process 1 has another network namespace than this one has: each has files of its own
    /// below `net`, which anybody may look at.
    fn is_in_another_network(&self) -> bool {
        let is_kernels =
            rustix::fs::fstatfs(&self.fd).is_ok_and(|of| of.f_type == PROC_SUPER_MAGIC);
        let first = root::stat(&self.fd, "1/net/dev").map(|stat| stat.st_ino);
        let own = rustix::fs::stat("/proc/self/net/dev").map(|stat| stat.st_ino);
        is_kernels && first.is_ok() && first != own
    }

    /// The running kernel's release.
    pub(super) fn kernel(&self) -> Option<String> {
        let bytes = self.read("sys/kernel/osrelease")?;
        Some(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    /// All ids, sorted.
    pub(super) fn pids(&self) -> &[u32] {
        &self.pids
    }

    /// The user that a process runs as.
    pub(super) fn owner(&self, pid: u32) -> Option<u32> {
        root::stat(&self.fd, &pid.to_string()).ok().map(|stat| stat.st_uid)
    }

    /// The names of the programs that run, each once.
    pub(super) fn programs(&self) -> BTreeSet<String> {
        let name = |pid: &u32| {
            let args = words(&self.read(&format!("{pid}/cmdline"))?);
            let first = args.first()?.split_whitespace().next()?;
            Some(first.rsplit('/').next().unwrap_or(first).trim_end_matches(':').to_owned())
        };
        self.pids.iter().filter_map(name).collect()
    }

    /// The text of a file of `/proc`.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        Some(String::from_utf8_lossy(&self.read(path)?).into_owned())
    }

    /// The programs that hold these sockets, by inode, as far as this user may see.
    pub(super) fn holders(&self, sockets: &[u64]) -> BTreeMap<u64, String> {
        let mut holders = BTreeMap::new();
        for pid in &self.pids {
            let Ok(folder) = rustix::fs::openat(&self.fd, format!("{pid}/fd"), LOOK, Mode::empty())
            else {
                continue;
            };
            let Ok((names, _)) = root::names(&folder, MOST_DESCRIPTORS) else { continue };
            let held = names.iter().filter_map(|name| socket(&root::target(&folder, name).ok()?));
            let held: Vec<u64> = held.filter(|inode| sockets.contains(inode)).collect();
            if held.is_empty() {
                continue;
            }
            let name = self.text(&format!("{pid}/comm")).unwrap_or_default();
            for inode in held {
                holders.entry(inode).or_insert_with(|| name.trim().to_owned());
            }
        }
        holders
    }

    pub(super) fn read(&self, path: &str) -> Option<Vec<u8>> {
        root::read(&self.fd, path, MOST_ARGUMENT_BYTES).ok()
    }
}

/// The inode of `socket:[12345]`, as the kernel shows an open socket.
fn socket(target: &str) -> Option<u64> {
    target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// Of `pairs`, those that configure etcd, redacted.
pub(super) fn etcd_variables<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<String, String> {
    pairs
        .filter(|(name, _)| name.starts_with("ETCD_"))
        .map(|(name, value)| (name.to_owned(), redact::environment(name, value)))
        .collect()
}

/// Whether `program` runs components without being one.
pub(super) fn is_runtime(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    RUNTIMES.contains(&name)
}

fn words(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches('\0');
    if text.is_empty() {
        return Vec::new();
    }
    let words: Vec<String> = text.split('\0').map(str::to_owned).collect();
    match words.as_slice() {
        // k3s and RKE2 write their whole command line into the first word.
        [title] => {
            let split: Vec<String> = title.split_whitespace().map(str::to_owned).collect();
            let titled = split.first().is_some_and(|program| is_runtime(program));
            if titled { split } else { words }
        }
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_are_split_as_the_kernel_keeps_them() {
        assert_eq!(
            words(b"/usr/bin/kubelet\0--config=a b\0\0\0"),
            ["/usr/bin/kubelet", "--config=a b"]
        );
        assert_eq!(words(b"/usr/local/bin/k3s server\0\0"), ["/usr/local/bin/k3s", "server"]);
        assert!(words(b"").is_empty());
    }

    #[test]
    fn this_machine_has_processes() {
        let root = Root::open(Path::new("/")).unwrap();
        if cfg!(target_os = "linux") {
            assert!(Proc::of(&root).is_some());
        }
    }
}
