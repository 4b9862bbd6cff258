//! Where the files of a cluster lie, outside its namespaces.
//!
//! `nodes/NAME/` is the root of a node, with nothing but what Kubernetes puts there; `log/` what
//! programs say that have no place on a node; `new/` an empty folder to mount things on, which
//! stays empty outside.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The folders a node has to itself, with the mode each is born with.
pub(crate) const PRIVATE: [(&str, u32); 9] = [
    ("/etc/kubernetes", 0o755),
    ("/etc/cni", 0o755),
    ("/etc/default", 0o755),
    ("/opt/cni", 0o755),
    ("/usr/lib/systemd/system", 0o755),
    ("/usr/libexec/kubernetes", 0o755),
    ("/var/lib/etcd", 0o700),
    ("/var/lib/kubelet", 0o700),
    ("/var/log", 0o755),
];

/// The folder of one cluster.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    base: PathBuf,
}

impl Layout {
    pub(crate) fn new(base: &Path) -> Result<Self, Error> {
        let layout = Self { base: base.to_owned() };
        for dir in [layout.log(), layout.new_root(), layout.base.join("nodes")] {
            fs::create_dir_all(&dir).map_err(Error::file("make", &dir))?;
        }
        write(&layout.script("namespaces"), include_str!("namespaces.sh"), 0o600)?;
        write(&layout.script("rootfs"), include_str!("rootfs.sh"), 0o600)?;
        Ok(layout)
    }

    /// A shell script of this crate.
    pub(crate) fn script(&self, name: &str) -> PathBuf {
        self.base.join(format!("{name}.sh"))
    }

    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.base.join("log")
    }

    /// A file for what the program `name` says.
    pub(crate) fn log_file(&self, name: &str) -> Result<fs::File, Error> {
        let path = self.log().join(format!("{name}.log"));
        fs::File::create(&path).map_err(Error::file("write", &path))
    }

    /// Where a new root is mounted, in each mount namespace another.
    pub(crate) fn new_root(&self) -> PathBuf {
        self.base.join("new")
    }

    pub(crate) fn node(&self, name: &str) -> PathBuf {
        self.base.join("nodes").join(name)
    }

    /// Makes the empty root of a node.
    pub(crate) fn make_node(&self, name: &str, more: &[PathBuf]) -> Result<(), Error> {
        let root = self.node(name);
        for (dir, mode) in PRIVATE {
            make_dir(&inside(&root, Path::new(dir)), mode)?;
        }
        for dir in more {
            make_dir(&inside(&root, dir), 0o755)?;
        }
        Ok(())
    }
}

/// The absolute path `path` below `root`.
pub(crate) fn inside(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

pub(crate) fn make_dir(dir: &Path, mode: u32) -> Result<(), Error> {
    fs::create_dir_all(dir).map_err(Error::file("make", dir))?;
    set_mode(dir, mode)
}

/// Writes a file with the mode it has on a real node, and its folders.
pub(crate) fn write(path: &Path, text: impl AsRef<[u8]>, mode: u32) -> Result<(), Error> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(Error::file("make", parent))?;
    }
    fs::write(path, text).map_err(Error::file("write", path))?;
    set_mode(path, mode)
}

pub(crate) fn set_mode(path: &Path, mode: u32) -> Result<(), Error> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(Error::file("set the mode of", path))
}

pub(crate) fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::file("read", path))
}
