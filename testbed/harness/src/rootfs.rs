//! The root file system of a container.
//!
//! Enters: what a container mounts. Leaves: a command that runs with these mounts, the components
//! and nothing else of the node, as in a container. Always holds: a file of the node that is not
//! mounted is not there.

use std::path::Path;
use std::process::Command;

use crate::binaries::Binaries;
use crate::layout::Layout;
use crate::namespaces::Namespaces;

/// What a container finds on its path; the components are in the first.
const PATH: &str = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A file or folder of the node that a container sees.
#[derive(Debug)]
pub(crate) struct Mount<'a> {
    pub(crate) source: &'a str,
    pub(crate) target: &'a str,
    pub(crate) read_only: bool,
}

/// A command in a new root; the container's program and its arguments are to be added.
///
/// The images of components hold nothing but the component. Any other program comes from the
/// host, so that a test's own static pod can run `sleep`.
pub(crate) fn command(
    namespaces: &Namespaces,
    layout: &Layout,
    binaries: &Binaries,
    program: &str,
    mounts: &[Mount<'_>],
) -> Command {
    let name = Path::new(program).file_name().and_then(|name| name.to_str()).unwrap_or(program);
    let image = if binaries.path(name).is_file() { "components" } else { "host" };
    let mut mounts: Vec<_> = mounts.iter().collect();
    // Outer targets first, or they would cover the inner ones.
    mounts.sort_by_key(|mount| mount.target);
    let mut command = namespaces.command("unshare");
    command
        .args(["--mount", "sh"])
        .arg(layout.script("rootfs"))
        .arg(layout.new_root())
        .arg(binaries.dir())
        .arg(image);
    for mount in mounts {
        command.args([if mount.read_only { "ro" } else { "rw" }, mount.source, mount.target]);
    }
    command.arg("--").env_clear().env("PATH", PATH);
    command
}
