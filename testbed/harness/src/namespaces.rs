//! The namespaces of one node: processes, mounts, network and host name.
//!
//! Enters: the cluster's folder and the node's name. Leaves: commands that run on the node.
//! Always holds: when this value goes, or its process is killed, every process inside is killed
//! by the kernel.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::binaries::Binaries;
use crate::error::{Error, run};
use crate::layout::{Layout, PRIVATE, inside};
use crate::node::Address;

#[derive(Debug)]
pub(crate) struct Namespaces {
    unshare: Child,
    /// Closing it ends the first process, and with it all others.
    hold: Option<ChildStdin>,
    first: u32,
    path: OsString,
    cache: PathBuf,
}

impl Namespaces {
    /// Makes the namespaces of `node`; `more` are folders that it has to itself beside those that
    /// every node has, `remove` says whether the cluster's folder goes with it.
    pub(crate) fn start(
        layout: &Layout,
        binaries: &Binaries,
        node: &str,
        more: &[PathBuf],
        remove: bool,
    ) -> Result<Self, Error> {
        let mut command = Command::new("unshare");
        command
            .args(["--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--net", "--uts"])
            .args(["--", "sh"])
            .arg(layout.script("namespaces"))
            .arg(layout.new_root())
            .arg(layout.node(node))
            .arg(node)
            .arg(if remove { layout.base().as_os_str() } else { OsStr::new("") })
            .args(PRIVATE.iter().map(|(dir, _)| dir))
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(layout.log_file(&format!("namespaces-{node}"))?);
        let mut unshare =
            command.spawn().map_err(|source| Error::Start { command: "unshare".into(), source })?;
        let (hold, said) = (unshare.stdin.take(), unshare.stdout.take());
        let path = binaries.search_path();
        let cache = layout.base().join("kubectl");
        let mut namespaces = Self { unshare, hold, first: 0, path, cache };
        let mut line = String::new();
        if let Some(said) = said {
            // An end of file is told by the line that is not there.
            let _ = BufReader::new(said).read_line(&mut line);
        }
        match children(namespaces.unshare.id()).first() {
            Some(first) if line == "ready\n" => namespaces.first = *first,
            _ => {
                return Err(namespaces.failed(&layout.log().join(format!("namespaces-{node}.log"))));
            }
        }
        Ok(namespaces)
    }

    /// A command on the node. Killing it from outside kills what entered the namespaces, not the
    /// program; that ends with the cluster.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.enter(&["-m", "-n", "-p", "-u"]);
        command.arg(program).env("PATH", &self.path).env("KUBECACHEDIR", &self.cache);
        command
    }

    /// Gives the node an address that needs no link.
    pub(crate) fn set_address(&self, address: Address) -> Result<(), Error> {
        self.ip(&format!("address add {address}/32 dev lo"))
    }

    /// Links another node to this one.
    pub(crate) fn link(&self, own: Address, other: &Self, address: Address) -> Result<(), Error> {
        let link = format!("node{}", address.0);
        let process = other.first;
        self.ip(&format!("link add {link} type veth peer name eth0 netns {process}"))?;
        self.ip(&format!("link set {link} up"))?;
        other.ip(&format!("address add {address}/32 dev eth0"))?;
        other.ip("link set eth0 up")?;
        self.ip(&format!("route add {address} dev {link} src {own}"))?;
        other.ip(&format!("route add {own} dev eth0 src {address}"))?;
        other.ip(&format!("route add default via {own} src {address}"))
    }

    /// The file at an absolute path on the node, as seen from outside.
    pub(crate) fn seen(&self, path: &Path) -> PathBuf {
        inside(&PathBuf::from(format!("/proc/{}/root", self.first)), path)
    }

    /// The first process inside, by its number outside.
    pub(crate) fn first_process(&self) -> u32 {
        self.first
    }

    /// Runs `ip` in the node's network only, so that process numbers are those outside.
    fn ip(&self, words: &str) -> Result<(), Error> {
        run(self.enter(&["-n"]).arg("ip").args(words.split(' '))).map(drop)
    }

    fn enter(&self, namespaces: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.first.to_string()]).args(namespaces).arg("--");
        command
    }

    fn failed(&mut self, log: &Path) -> Error {
        self.end();
        Error::Failed {
            command: "unshare".into(),
            status: "no namespaces".into(),
            output: fs::read_to_string(log).unwrap_or_default().trim().to_owned(),
        }
    }

    /// Ends everything inside; dropping does the same.
    pub(crate) fn end(&mut self) {
        drop(self.hold.take());
        // Fails only when it has been waited for already.
        let _ = self.unshare.wait();
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        self.end();
    }
}

/// The children of a process, read from all of `/proc`: the kernel's own list is optional.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|process| parent_of(*process) == Some(parent))
        .collect()
}

fn parent_of(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in brackets, may hold anything, brackets too.
    let (_, after_name) = stat.rsplit_once(") ")?;
    after_name.split_ascii_whitespace().nth(1)?.parse().ok()
}
