//! Where the components are, or why there can be no cluster here.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What `testbed/build.sh` names the folder of this tree's binaries.
const VERSION: &str = include_str!("../../VERSION");

/// Everything a cluster runs.
const COMPONENTS: [&str; 9] = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubeadm",
    "kubectl",
    "kubelet",
    "kube-proxy",
    "kwok",
];

/// Programs of the host that the cluster is made with and that not every host has.
const HOST_PROGRAMS: [&str; 6] = ["unshare", "nsenter", "mount", "ip", "curl", "base64"];

/// The folder of the components, all of them present.
#[derive(Debug, Clone)]
pub struct Binaries {
    dir: PathBuf,
}

/// Why there can be no test cluster on this machine: one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing(String);

impl Binaries {
    /// Looks for the binaries in `$KUBERLOCK_TESTBED_BIN`, else in the cache that
    /// `testbed/build.sh` fills, and tries whether namespaces can be made.
    ///
    /// # Errors
    /// The reason why no cluster can start here.
    pub fn locate() -> Result<Self, Missing> {
        let binaries = Self { dir: folder()? };
        binaries.check_components()?;
        check_host_programs()?;
        check_namespaces()?;
        Ok(binaries)
    }

    /// The folder with one file a binary.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The file of one binary.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The folder of kwok's stage files.
    pub(crate) fn stages(&self) -> PathBuf {
        match self.dir.parent() {
            Some(parent) => parent.join("share/kwok"),
            None => self.dir.join("../share/kwok"),
        }
    }

    /// The folder of binaries, then the host's `PATH`.
    pub(crate) fn search_path(&self) -> std::ffi::OsString {
        let mut path = self.dir.clone().into_os_string();
        if let Some(host) = std::env::var_os("PATH") {
            path.push(OsStr::new(":"));
            path.push(host);
        }
        path
    }

    fn check_components(&self) -> Result<(), Missing> {
        let absent: Vec<_> =
            COMPONENTS.into_iter().filter(|name| !self.path(name).is_file()).collect();
        if absent.is_empty() {
            return Ok(());
        }
        if absent.len() == COMPONENTS.len() {
            let dir = self.dir.display();
            return Err(Missing(format!("`{dir}` has no test cluster; run `testbed/build.sh`")));
        }
        Err(Missing(format!(
            "`{}` lacks {}; run `testbed/build.sh`",
            self.dir.display(),
            absent.join(", ")
        )))
    }
}

impl Missing {
    /// Whether a test may pass over this: not on a continuous-integration machine (`CI=true`),
    /// where everything has to be there.
    #[must_use]
    pub fn may_be_ignored(&self) -> bool {
        std::env::var_os("CI").is_none_or(|value| value != "true")
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

fn folder() -> Result<PathBuf, Missing> {
    if let Some(dir) = std::env::var_os("KUBERLOCK_TESTBED_BIN") {
        return Ok(dir.into());
    }
    let cache = match (std::env::var_os("KUBERLOCK_CACHE"), std::env::var_os("HOME")) {
        (Some(cache), _) => PathBuf::from(cache),
        (None, Some(home)) => Path::new(&home).join(".cache/kuberlock"),
        (None, None) => return Err(Missing("neither KUBERLOCK_CACHE nor HOME is set".into())),
    };
    Ok(cache.join("testbed").join(VERSION.trim()).join("bin"))
}

fn check_host_programs() -> Result<(), Missing> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for program in HOST_PROGRAMS {
        if !folders.iter().any(|folder| folder.join(program).is_file()) {
            return Err(Missing(format!("`{program}` is not on the PATH")));
        }
    }
    Ok(())
}

fn check_namespaces() -> Result<(), Missing> {
    if !rustix::process::geteuid().is_root() {
        return Err(Missing("a test cluster needs root, to mount in namespaces of its own".into()));
    }
    let tried = Command::new("unshare")
        .args(["--pid", "--fork", "--mount", "--mount-proc", "--net", "--uts"])
        .args(["--", "ip", "link", "add", "one", "type", "veth", "peer", "name", "other"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Missing(format!("cannot start `unshare`: {error}")))?;
    if tried.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&tried.stderr).trim().to_owned();
    Err(Missing(format!("namespaces cannot be made here: {said}")))
}
