//! A node asked one thing at a time: what a path is, what a file says, what runs, who is who.
//!
//! Enters: a directory that is a node's root, and paths of the node. Leaves: answers as the system
//! calls would give them, not redacted: whoever shows them redacts them. Always holds: nothing
//! outside of the root is read; no device, pipe or socket is opened; sizes and counts are bounded.

mod processes;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use rustix::fs::{Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

pub use self::processes::Running;

use super::process::Proc;
use super::root::{self, Place, Root};
use crate::Error;

/// The largest file that is read.
const LARGEST: u64 = 16 << 20;

/// The most names of one folder that are given.
const MOST_NAMES: usize = 100_000;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such path.
    Absent,
    /// A step of the path is no folder.
    NotDirectory,
    /// It is a folder.
    Directory,
    /// This user may not.
    Denied,
    /// Too many links.
    Loop,
    /// It is larger than what is read.
    TooLarge,
    /// It is neither a file nor a folder.
    Special,
    /// A name is too long.
    TooLong,
    /// Anything else.
    Other,
}

impl From<Errno> for Refused {
    fn from(error: Errno) -> Self {
        match error {
            Errno::NOENT => Self::Absent,
            Errno::NOTDIR => Self::NotDirectory,
            Errno::ISDIR => Self::Directory,
            Errno::ACCESS | Errno::PERM => Self::Denied,
            Errno::LOOP => Self::Loop,
            Errno::NAMETOOLONG => Self::TooLong,
            _ => Self::Other,
        }
    }
}

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Type and permission bits.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The owning group.
    pub gid: u32,
    /// Size in bytes.
    pub size: u64,
    /// Hard links.
    pub links: u64,
    /// The inode.
    pub inode: u64,
    /// Seconds since 1970 of the last change of the content.
    pub modified: i64,
}

/// A node's machine.
#[derive(Debug)]
pub struct Machine {
    root: Root,
    proc: Option<Proc>,
    running: OnceLock<Vec<Running>>,
    users: OnceLock<BTreeMap<u32, String>>,
    groups: OnceLock<BTreeMap<u32, String>>,
}

impl Machine {
    /// Takes `root` as the root of a node.
    ///
    /// # Errors
    /// Where it is no directory that can be opened.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let root = Root::open(root)?;
        let proc = Proc::of(&root);
        let (users, groups) = (OnceLock::new(), OnceLock::new());
        Ok(Self { root, proc, running: OnceLock::new(), users, groups })
    }

    /// Whether it is a machine that runs, and not a tree of files.
    pub fn runs(&self) -> bool {
        self.proc.is_some()
    }

    /// All processes by id, but this one; of a tree of files, what its units and static pods would
    /// start.
    pub fn processes(&self) -> &[Running] {
        self.running.get_or_init(|| match &self.proc {
            Some(proc) => processes::of(proc),
            None => processes::intended(&self.root),
        })
    }

    /// How many digits the largest process id has.
    pub fn pid_width(&self) -> usize {
        let most = self.proc.as_ref().and_then(|proc| proc.read("sys/kernel/pid_max"));
        let most =
            most.and_then(|bytes| String::from_utf8_lossy(&bytes).trim().parse::<u64>().ok());
        most.map_or(5, |most| most.saturating_sub(1).to_string().len()).max(5)
    }

    /// What `path` is; of a link, where `follow`, what it leads to.
    ///
    /// # Errors
    /// As the system call would give.
    pub fn stat(&self, path: &str, follow: bool) -> Result<Status, Refused> {
        let folder = path.ends_with('/');
        let stat = match follow || folder {
            true => self.find(path)?.stat,
            false => self.unfollowed(path)?,
        };
        if folder && FileType::from_raw_mode(stat.st_mode) != FileType::Directory {
            return Err(Refused::NotDirectory);
        }
        Ok(status(&stat))
    }

    /// What a regular file says.
    ///
    /// # Errors
    /// As the system call would give; and of what is larger than 16 MiB, or no regular file.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, Refused> {
        if let (Some(inner), Some(proc)) = (path.strip_prefix("/proc/"), &self.proc)
            && !inner.split('/').any(|step| matches!(step, ".." | "self"))
        {
            return proc.read(inner).ok_or(Refused::Absent);
        }
        let place = self.find(path)?;
        match FileType::from_raw_mode(place.stat.st_mode) {
            FileType::RegularFile if path.ends_with('/') => return Err(Refused::NotDirectory),
            FileType::RegularFile => {}
            FileType::Directory => return Err(Refused::Directory),
            _ => return Err(Refused::Special),
        }
        let name = place.path.rsplit('/').next().unwrap_or_default();
        let bytes = root::read(&place.parent, name, LARGEST)
            .map_err(|error| Errno::from_io_error(&error).map_or(Refused::Other, Refused::from))?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > LARGEST { Err(Refused::TooLarge) } else { Ok(bytes) }
    }

    /// The names in a folder with their modes, in the folder's own order.
    ///
    /// # Errors
    /// As the system call would give.
    pub fn list(&self, path: &str) -> Result<Vec<(String, u32)>, Refused> {
        let place = self.find(path)?;
        if FileType::from_raw_mode(place.stat.st_mode) != FileType::Directory {
            return Err(Refused::NotDirectory);
        }
        let folder = self.root.directory(&place.path)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let readable = rustix::fs::openat(&folder, ".", flags, Mode::empty())?;
        let mut names = Vec::new();
        for entry in Dir::new(readable)?.take(MOST_NAMES) {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name == "." || name == ".." {
                continue;
            }
            let mode = match entry.file_type() {
                FileType::Unknown => root::stat(&folder, &name).map_or(0, |stat| stat.st_mode),
                kind => kind.as_raw_mode(),
            };
            names.push((name, mode));
        }
        Ok(names)
    }

    /// Where the link at `path` points.
    ///
    /// # Errors
    /// As the system call would give.
    pub fn link(&self, path: &str) -> Result<String, Refused> {
        let (folder, name) = self.parent(path)?;
        Ok(root::target(&folder, &name)?)
    }

    /// The name of a user, as the root's `/etc/passwd` tells.
    pub fn user(&self, id: u32) -> Option<&str> {
        self.users.get_or_init(|| self.names("/etc/passwd")).get(&id).map(String::as_str)
    }

    /// The name of a group, as the root's `/etc/group` tells.
    pub fn group(&self, id: u32) -> Option<&str> {
        self.groups.get_or_init(|| self.names("/etc/group")).get(&id).map(String::as_str)
    }

    fn names(&self, path: &str) -> BTreeMap<u32, String> {
        let text = self.read(path).unwrap_or_default();
        let mut names = BTreeMap::new();
        for line in String::from_utf8_lossy(&text).lines() {
            let mut fields = line.split(':');
            let name = fields.next().unwrap_or_default().to_owned();
            if let Some(id) = fields.nth(1).and_then(|id| id.parse().ok()) {
                names.entry(id).or_insert(name);
            }
        }
        names
    }

    fn find(&self, path: &str) -> Result<Place, Refused> {
        if path.is_empty() {
            return Err(Refused::Absent);
        }
        Ok(self.root.find(path, &mut |_| {})?)
    }

    fn unfollowed(&self, path: &str) -> Result<Stat, Refused> {
        if path.is_empty() {
            return Err(Refused::Absent);
        }
        let whole = path.trim_end_matches('/');
        if whole.is_empty() || whole.ends_with("/..") || whole.ends_with("/.") {
            return Ok(self.find(path)?.stat);
        }
        let (folder, name) = self.parent(path)?;
        Ok(root::stat(&folder, &name)?)
    }

    /// The folder that holds `path`, and its name in it.
    fn parent(&self, path: &str) -> Result<(rustix::fd::OwnedFd, String), Refused> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = if parent.is_empty() { "/" } else { parent };
        let place = self.find(parent)?;
        if FileType::from_raw_mode(place.stat.st_mode) != FileType::Directory {
            return Err(Refused::NotDirectory);
        }
        Ok((self.root.directory(&place.path)?, name.to_owned()))
    }
}

fn status(stat: &Stat) -> Status {
    Status {
        mode: stat.st_mode,
        uid: stat.st_uid,
        gid: stat.st_gid,
        size: u64::try_from(stat.st_size).unwrap_or(0),
        links: u64::from(stat.st_nlink),
        inode: stat.st_ino,
        modified: stat.st_mtime,
    }
}

#[cfg(test)]
mod tests;
