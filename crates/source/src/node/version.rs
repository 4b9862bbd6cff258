//! What a root tells of versions, nothing executed.

use kuberlock_model::Release;
use kuberlock_model::host::{FileType, Version};
use serde_json::Value;

use super::process::Proc;
use super::root::{self, Root};
use super::table::MOST_BYTES;
use crate::convert::host::kubelet::{self, Files};

/// Kernel, operating system and Kubernetes, as far as they are told.
pub(super) fn versions(
    root: &Root,
    proc: Option<&Proc>,
    files: &Files,
    pods: &[(String, Value)],
) -> Vec<Version> {
    let kubernetes = api_server_image(pods).or_else(|| rke2(files)).or_else(|| package(root));
    [kernel(root, proc), os(files), kubernetes].into_iter().flatten().collect()
}

fn version(of: &str, version: &str, from: &str) -> Version {
    Version { of: of.to_owned(), version: version.to_owned(), from: from.to_owned() }
}

/// The kernel that runs, else the newest that is installed.
fn kernel(root: &Root, proc: Option<&Proc>) -> Option<Version> {
    if let Some(release) = proc.and_then(Proc::kernel) {
        return Some(version("kernel", &release, "/proc/sys/kernel/osrelease"));
    }
    let place = root.find("/lib/modules", &mut |_| {}).ok()?;
    let (names, _) = root::names(root.directory(&place.path).ok()?, 1000).ok()?;
    let newest = names.iter().max_by_key(|name| numbers(name))?;
    Some(version("kernel", newest, &format!("{}/{newest}", place.path)))
}

/// The numbers of a version, by which versions compare.
fn numbers(name: &str) -> Vec<u64> {
    name.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

fn os(files: &Files) -> Option<Version> {
    let (path, text) = kubelet::text(files, "/etc/os-release").ok()?;
    let fields = super::words::environment_file(text);
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, v)| v.as_str());
    let name = field("PRETTY_NAME").or_else(|| field("NAME"))?;
    Some(version("os", name, path))
}

/// The tag of the API server's image.
fn api_server_image(pods: &[(String, Value)]) -> Option<Version> {
    pods.iter().find_map(|(path, pod)| {
        let containers = pod.pointer("/spec/containers")?.as_array()?;
        let server = containers.iter().find(|c| c["name"] == "kube-apiserver")?;
        let image = server.get("image")?.as_str()?;
        let (_, tag) = image.split('@').next()?.rsplit_once(':')?;
        tag.parse::<Release>().ok()?;
        Some(version("kubernetes", tag, path))
    })
}

/// RKE2 unpacks each release into a folder of its name: `v1.30.1-rke2r1-0123456789ab`.
fn rke2(files: &Files) -> Option<Version> {
    const DATA: &str = "/var/lib/rancher/rke2/data/";
    let folders = files
        .range(DATA.to_owned()..)
        .map_while(|(path, file)| path.strip_prefix(DATA).map(|name| (path, name, file.file_type)));
    let releases = folders.filter_map(|(path, name, file_type)| {
        let (release, _digest) = name.rsplit_once('-')?;
        let parsed: Release = release.parse().ok()?;
        (file_type == FileType::Directory).then_some((parsed, release, path))
    });
    let (_, release, path) = releases.max_by(|a, b| a.0.cmp(&b.0))?;
    Some(version("kubernetes", release, path))
}

/// The kubelet's package, where dpkg keeps a list of packages.
fn package(root: &Root) -> Option<Version> {
    const LIST: &str = "/var/lib/dpkg/status";
    let place = root.find(LIST, &mut |_| {}).ok()?;
    let name = place.path.rsplit('/').next()?;
    let text = String::from_utf8(root::read(&place.parent, name, MOST_BYTES).ok()?).ok()?;
    let from = text.find("Package: kubelet\n")?;
    let stanza = text.get(from..)?.split("\n\n").next()?;
    let full = stanza.lines().find_map(|line| line.strip_prefix("Version: "))?;
    let upstream = full.rsplit_once('-').map_or(full, |(upstream, _)| upstream);
    upstream.parse::<Release>().ok()?;
    Some(version("kubernetes", upstream, LIST))
}
