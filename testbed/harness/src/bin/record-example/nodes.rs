//! The nodes of the example: three, with what people leave on nodes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use kuberlock_testbed::{Cluster, NodeSpec, Options};

use super::{Failure, example};

const AUDIT_POLICY: &str = "/etc/kubernetes/audit/policy.yaml";
const AUDIT_LOG: &str = "/var/log/kubernetes/audit";

/// Where what is recorded lies on the control-plane node: the snapshot names its sources, and
/// shall name the same ones each time.
pub(super) const RECORDED: &str = "/srv/recorded";

/// The same folder, outside.
pub(super) fn recorded(cluster: &Cluster) -> PathBuf {
    cluster.root().join(RECORDED.trim_start_matches('/'))
}

/// The cluster that is recorded; what runs is what its files say.
pub(super) fn options() -> Result<Options, Failure> {
    let text = |name: &str| fs::read_to_string(example().join("nodes").join(name));
    let cni = text("10-flannel.conflist")?;
    let node = |spec: NodeSpec| spec.file("/etc/cni/net.d/10-flannel.conflist", 0o644, &cni);
    let extra = "KUBELET_EXTRA_ARGS=--config-dir=/etc/kubernetes/kubelet.conf.d\n";
    let nodes = vec![
        node(NodeSpec::control_plane("cp-1")).file(
            AUDIT_POLICY,
            0o600,
            &text("audit-policy.yaml")?,
        ),
        node(NodeSpec::worker("worker-1")).label("env", "production"),
        node(NodeSpec::worker("worker-2"))
            .label("env", "staging")
            .file("/etc/default/kubelet", 0o644, extra)
            .file("/etc/kubernetes/kubelet.conf.d/90-debug.conf", 0o644, &text("90-debug.conf")?),
    ];
    Ok(Options { nodes, private: vec![RECORDED.into()], ..Options::default() }
        .api_server_arg("audit-policy-file", AUDIT_POLICY)
        .api_server_arg("audit-log-path", &format!("{AUDIT_LOG}/audit.log"))
        .api_server_volume("audit-policy", AUDIT_POLICY, "File", true)
        .api_server_volume("audit-log", AUDIT_LOG, "DirectoryOrCreate", false))
}

/// Copies the nodes' files to [`RECORDED`] and makes the mistakes there that would change what
/// runs, or that nobody makes before the cluster stands. Returns the names and the roots outside.
pub(super) fn with_mistakes(cluster: &Cluster) -> Result<Vec<(String, PathBuf)>, Failure> {
    let beside = tempfile::Builder::new().prefix("kuberlock-example-").tempdir()?;
    let mut roots = Vec::new();
    for name in cluster.nodes() {
        // Not at once to its place, which lies in the tree that is copied.
        copy(&cluster.node_root(name)?, &beside.path().join(name))?;
        roots.push((name.clone(), recorded(cluster).join(name)));
    }
    for (name, root) in &roots {
        fs::rename(beside.path().join(name), root)?;
    }
    for (name, root) in &roots {
        match name.as_str() {
            "cp-1" => careless_edit(root)?,
            "worker-1" => set_mode(&root.join("etc/kubernetes/kubelet.conf"), 0o644)?,
            _ => {}
        }
    }
    Ok(roots)
}

/// The copy made before audit logging was switched on still lies beside its successor, where the
/// kubelet takes it for the truth at the next restart; and an editor has lost a file's mode.
fn careless_edit(root: &Path) -> Result<(), Failure> {
    let manifests = root.join("etc/kubernetes/manifests");
    let text = fs::read_to_string(manifests.join("kube-apiserver.yaml"))?;
    let before: Vec<&str> = text.lines().filter(|line| !line.contains("--audit-")).collect();
    let backup = manifests.join("kube-apiserver.yaml.bak");
    fs::write(&backup, before.join("\n") + "\n")?;
    set_mode(&backup, 0o644)?;
    set_mode(&manifests.join("kube-scheduler.yaml"), 0o644)?;
    set_mode(&root.join("etc/kubernetes/admin.conf"), 0o644)
}

/// Keeps owners, modes and times; leaves out what only fills the disk, data and logs, and the
/// place for the copies.
fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    if !status.success() {
        return Err(format!("`cp` of `{}` ended with {status}", from.display()).into());
    }
    fs::remove_dir_all(to.join("srv"))?;
    for heavy in ["var/lib/etcd/member", "var/log/pods", "var/log/kubernetes/audit"] {
        let heavy = to.join(heavy);
        if heavy.is_dir() {
            let mode = fs::metadata(&heavy)?.permissions();
            fs::remove_dir_all(&heavy)?;
            fs::create_dir(&heavy)?;
            fs::set_permissions(&heavy, mode)?;
        }
    }
    Ok(())
}

fn set_mode(path: &Path, mode: u32) -> Result<(), Failure> {
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}
