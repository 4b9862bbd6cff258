//! A directory taken as the root of a node: every path is looked up inside it.
//!
//! Enters: paths of the node. Leaves: what lies there, and the links on the way. Always holds: no
//! lookup leaves the directory, wherever a link points; only regular files are opened to be read,
//! and never in a way that could block.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use kuberlock_model::host::FileType;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, RawMode, Stat};
use rustix::io::Errno;

use crate::Error;

/// Links that are followed for one path, as in Linux.
const MOST_LINKS: usize = 40;

#[cfg(target_os = "linux")]
pub(crate) const LOOK: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
pub(crate) const LOOK: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// A directory taken as a root.
#[derive(Debug)]
pub(crate) struct Root {
    fd: OwnedFd,
}

/// A link met on the way.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) path: String,
    pub(crate) target: String,
    pub(crate) stat: Stat,
}

/// Where a path leads.
#[derive(Debug)]
pub(crate) struct Place {
    /// The path without links.
    pub(crate) path: String,
    /// The directory that holds it.
    pub(crate) parent: OwnedFd,
    /// What it is.
    pub(crate) stat: Stat,
}

impl Root {
    /// Takes `path` as a root.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        match rustix::fs::openat(CWD, path, LOOK, Mode::empty()) {
            Ok(fd) => Ok(Self { fd }),
            Err(Errno::NOTDIR) => {
                Err(Error::Unusable { path: path.to_owned(), reason: "is no directory".to_owned() })
            }
            Err(error) => Err(Error::Read { path: path.to_owned(), source: error.into() }),
        }
    }

    /// Device and inode of the root itself.
    pub(crate) fn identity(&self) -> Option<(u64, u64)> {
        let stat = rustix::fs::fstat(&self.fd).ok()?;
        Some((stat.st_dev, stat.st_ino))
    }

    /// Opens the directory at `path`, which must hold no link and no `..`.
    pub(crate) fn directory(&self, path: &str) -> Result<OwnedFd, Errno> {
        let inner = path.trim_matches('/');
        if inner.is_empty() {
            return rustix::fs::openat(&self.fd, ".", LOOK, Mode::empty());
        }
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::ResolveFlags;
            let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS;
            match rustix::fs::openat2(&self.fd, inner, LOOK, Mode::empty(), resolve) {
                // Old kernels do not have it; some sandboxes refuse it.
                Err(Errno::NOSYS | Errno::PERM) => {}
                answer => return answer,
            }
        }
        self.directory_by_steps(inner)
    }

    /// As [`Root::directory`], without `openat2`.
    fn directory_by_steps(&self, inner: &str) -> Result<OwnedFd, Errno> {
        let mut at = rustix::fs::openat(&self.fd, ".", LOOK, Mode::empty())?;
        for step in inner.split('/').filter(|s| !s.is_empty() && *s != ".") {
            if step == ".." {
                return Err(Errno::LOOP);
            }
            at = rustix::fs::openat(&at, step, LOOK | OFlags::NOFOLLOW, Mode::empty())?;
        }
        Ok(at)
    }

    /// Finds where `path` leads, telling every link on the way.
    pub(crate) fn find(&self, path: &str, link: &mut dyn FnMut(Link)) -> Result<Place, Errno> {
        let dotted = path.split('/').any(|step| step == ".." || step == ".");
        if !dotted {
            match self.plain(path) {
                Ok(place) if !is_link(&place.stat) => return Ok(place),
                // A link at the end, or on the way: the slower walk tells which.
                Ok(_) | Err(Errno::LOOP | Errno::NOTDIR) => {}
                Err(error) => return Err(error),
            }
        }
        self.find_by_steps(path, link)
    }

    fn plain(&self, path: &str) -> Result<Place, Errno> {
        let path = format!("/{}", path.trim_matches('/'));
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", ""));
        let parent = self.directory(parent)?;
        let stat = match name {
            "" => rustix::fs::fstat(&parent)?,
            name => rustix::fs::statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW)?,
        };
        Ok(Place { path, parent, stat })
    }

    fn find_by_steps(&self, path: &str, link: &mut dyn FnMut(Link)) -> Result<Place, Errno> {
        let mut walked: Vec<String> = Vec::new();
        let mut ahead: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut links = 0;
        while let Some(step) = ahead.pop() {
            match step.as_str() {
                "" | "." => continue,
                ".." => {
                    walked.pop();
                    continue;
                }
                _ => walked.push(step),
            }
            let place = self.plain(&format!("/{}", walked.join("/")))?;
            if !is_link(&place.stat) {
                continue;
            }
            links += 1;
            if links > MOST_LINKS {
                return Err(Errno::LOOP);
            }
            let name = walked.pop().unwrap_or_default();
            let target = rustix::fs::readlinkat(&place.parent, name, Vec::new())?;
            let target = target.to_string_lossy().into_owned();
            if target.starts_with('/') {
                walked.clear();
            }
            ahead.extend(target.split('/').rev().map(str::to_owned));
            link(Link { path: place.path, target, stat: place.stat });
        }
        self.plain(&format!("/{}", walked.join("/")))
    }
}

/// The names in a directory, sorted; at most `most`, and whether there are more.
pub(crate) fn names(directory: impl AsFd, most: usize) -> Result<(Vec<String>, bool), Errno> {
    let mut names = Vec::new();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let readable = rustix::fs::openat(directory, ".", flags, Mode::empty())?;
    for entry in Dir::new(readable)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy();
        if name == "." || name == ".." {
            continue;
        }
        if names.len() == most {
            return Ok((names, true));
        }
        names.push(name.into_owned());
    }
    names.sort_unstable();
    Ok((names, false))
}

/// What `name` in `directory` is, a link being a link.
pub(crate) fn stat(directory: impl AsFd, name: &str) -> Result<Stat, Errno> {
    rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)
}

/// What the link `name` in `directory` says.
pub(crate) fn target(directory: impl AsFd, name: &str) -> Result<String, Errno> {
    let target = rustix::fs::readlinkat(directory, name, Vec::new())?;
    Ok(target.to_string_lossy().into_owned())
}

/// Reads the regular file `name` of `directory`: at most `most` bytes and one, so that a longer
/// file is seen as such.
pub(crate) fn read(directory: impl AsFd, name: &str, most: u64) -> io::Result<Vec<u8>> {
    let file = open(directory, name)?;
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens the regular file `name` of `directory`.
pub(crate) fn open(directory: impl AsFd, name: &str) -> io::Result<File> {
    // Not blocking, since what was a regular file a moment ago may be a FIFO now.
    let flags =
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let fd = rustix::fs::openat(directory, name, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&fd)?;
    if file_type(&stat) == FileType::File {
        Ok(File::from(fd))
    } else {
        Err(io::Error::other("it is no regular file"))
    }
}

fn is_link(stat: &Stat) -> bool {
    file_type(stat) == FileType::Link
}

/// What a path is.
pub(crate) fn file_type(stat: &Stat) -> FileType {
    match rustix::fs::FileType::from_raw_mode(stat.st_mode as RawMode) {
        rustix::fs::FileType::RegularFile => FileType::File,
        rustix::fs::FileType::Directory => FileType::Directory,
        rustix::fs::FileType::Symlink => FileType::Link,
        _ => FileType::Special,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn root() -> (tempfile::TempDir, Root) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("data/k8s")).unwrap();
        std::fs::create_dir(dir.path().join("etc")).unwrap();
        std::fs::write(dir.path().join("data/k8s/a.conf"), "a").unwrap();
        symlink("/data/k8s", dir.path().join("etc/kubernetes")).unwrap();
        symlink("../../../../../../data/k8s/a.conf", dir.path().join("etc/up.conf")).unwrap();
        symlink("circle", dir.path().join("etc/circle")).unwrap();
        let root = Root::open(dir.path()).unwrap();
        (dir, root)
    }

    #[test]
    fn links_stay_within_the_root_and_are_told() {
        let (_dir, root) = root();
        for path in ["/etc/kubernetes/a.conf", "etc/up.conf", "/etc/../../etc/./kubernetes/a.conf"]
        {
            let mut links = Vec::new();
            let place = root.find(path, &mut |link| links.push(link.path)).unwrap();
            assert_eq!(place.path, "/data/k8s/a.conf", "{path}");
            assert_eq!(links.len(), 1, "{path}");
            assert_eq!(read(&place.parent, "a.conf", 10).unwrap(), b"a");
        }
        assert_eq!(root.find("/etc/circle", &mut |_| {}).unwrap_err(), Errno::LOOP);
        assert_eq!(root.find("/etc/absent", &mut |_| {}).unwrap_err(), Errno::NOENT);
        assert_eq!(root.find("/", &mut |_| {}).unwrap().path, "/");
    }

    #[test]
    fn without_openat2_the_same_holds() {
        let (_dir, root) = root();
        assert!(root.directory_by_steps("data/k8s").is_ok());
        assert!(root.directory_by_steps("etc/kubernetes").is_err());
        assert!(root.directory_by_steps("etc/../..").is_err());
    }

    #[test]
    fn a_fifo_is_not_opened_to_be_read() {
        let dir = tempfile::tempdir().unwrap();
        rustix::fs::mknodat(
            CWD,
            dir.path().join("fifo"),
            rustix::fs::FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .unwrap();
        let root = Root::open(dir.path()).unwrap();
        let fd = root.directory("/").unwrap();
        assert!(read(&fd, "fifo", 10).is_err());
    }
}
