//! What a node's system does beside Kubernetes: who listens, who may become root, who keeps time.
//!
//! These are records of a snapshot too (`nodes/NAME/system.jsonl`), told apart by `type`. Always
//! holds: they carry facts, never text: no key, no rule as written, no command line.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// One fact of a node's system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SystemFact {
    /// A socket that takes connections or datagrams from the network.
    Listener(Listener),
    /// Memory that may be written to disk.
    Swap(Swap),
    /// A group of `/etc/group` that has members.
    Group(Group),
    /// A user's list of keys that log in over SSH.
    AuthorizedKeys(AuthorizedKeys),
    /// A rule by which a user or group becomes another.
    SudoRule(SudoRule),
    /// A daemon that is told of because something rests on it: one that keeps time.
    Daemon(Daemon),
}

/// A socket that takes connections or datagrams from the network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Listener {
    /// How it is spoken to.
    pub protocol: Protocol,
    /// The local address; unspecified (`0.0.0.0`, `::`) is every address.
    pub address: IpAddr,
    /// The local port.
    pub port: u16,
    /// The program that holds the socket, where it could be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
}

impl Listener {
    /// Whether other machines can reach it, as far as the address tells.
    pub fn is_exposed(&self) -> bool {
        !self.address.to_canonical().is_loopback()
    }
}

/// A transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP, in the state LISTEN.
    Tcp,
    /// UDP, not connected.
    Udp,
}

/// Memory that may be written to disk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Swap {
    /// The partition or file.
    pub device: String,
    /// Whether it is in use now, rather than only named in `/etc/fstab`.
    pub active: bool,
}

/// A group of `/etc/group` that has members.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its id.
    pub gid: u32,
    /// Who is in it beside those whose own group it is.
    pub members: Vec<String>,
}

/// A user's list of keys that log in over SSH.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AuthorizedKeys {
    /// The user.
    pub user: String,
    /// The user's id.
    pub uid: u32,
    /// The file.
    pub path: String,
    /// How many keys it holds.
    pub keys: u32,
}

/// A rule by which a user or group becomes another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SudoRule {
    /// The file.
    pub path: String,
    /// Its line, from 1.
    pub line: u32,
    /// Who: a user, or a group with `%`.
    pub who: String,
    /// Whether no password is asked for.
    pub without_password: bool,
    /// Whether every command is allowed.
    pub every_command: bool,
}

/// A daemon that something rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Daemon {
    /// The program's name, or its unit's without `.service`.
    pub name: String,
    /// Whether it is known to run, to start with the machine, or only to be there.
    pub state: DaemonState,
}

/// How far a daemon has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DaemonState {
    /// Its configuration is there.
    Installed,
    /// systemd starts it with the machine.
    Enabled,
    /// It runs.
    Running,
}
