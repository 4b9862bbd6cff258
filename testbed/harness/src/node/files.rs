//! The files of a node, as kubeadm and the kubelet's package leave them.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::{Error, checked};
use crate::kubeadm::Kubeadm;
use crate::layout::{Layout, inside, make_dir, read, write};

const KUBELET_SERVICE: &str = "\
[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
";

const KUBEADM_DROP_IN: &str = r#"[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
# Written by kubeadm init and kubeadm join.
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
# For the user's own arguments; better put them into kubeadm's configuration.
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
"#;

/// What the kubelet's package brings.
pub(crate) fn install_kubelet(root: &Path) -> Result<(), Error> {
    let units = inside(root, Path::new("/usr/lib/systemd/system"));
    write(&units.join("kubelet.service"), KUBELET_SERVICE, 0o644)?;
    write(&units.join("kubelet.service.d/10-kubeadm.conf"), KUBEADM_DROP_IN, 0o644)?;
    write(&inside(root, Path::new("/etc/default/kubelet")), "KUBELET_EXTRA_ARGS=\n", 0o644)
}

/// The files that `kubeadm join` leaves on a worker, made from the first node's.
pub(crate) fn join(
    kubeadm: &Kubeadm<'_>,
    layout: &Layout,
    first: &str,
    name: &str,
) -> Result<(), Error> {
    let (from, to) = (layout.node(first), layout.node(name));
    for (file, mode) in [
        ("/etc/kubernetes/pki/ca.crt", 0o644),
        ("/var/lib/kubelet/config.yaml", 0o644),
        ("/var/lib/kubelet/instance-config.yaml", 0o644),
        ("/var/lib/kubelet/kubeadm-flags.env", 0o644),
    ] {
        let file = Path::new(file);
        write(&inside(&to, file), read(&inside(&from, file))?, mode)?;
    }
    make_dir(&inside(&to, Path::new("/etc/kubernetes/manifests")), 0o755)?;
    let conf = inside(&to, Path::new("/etc/kubernetes/kubelet.conf"));
    write(&conf, kubeadm.kubelet_conf(name)?, 0o600)
}

/// Moves the credential out of `kubelet.conf` into the file that the kubelet renews, as a kubelet
/// does after it has joined.
pub(crate) fn rotate_credential(root: &Path) -> Result<(), Error> {
    const CURRENT: &str = "/var/lib/kubelet/pki/kubelet-client-current.pem";
    let path = inside(root, Path::new("/etc/kubernetes/kubelet.conf"));
    let (mut text, mut pem) = (String::new(), Vec::new());
    for line in read(&path)?.lines() {
        match line.split_once("-data: ") {
            Some((key, data)) if key.trim_start().starts_with("client-") => {
                pem.extend(decode(data)?);
                text.push_str(&format!("{key}: {CURRENT}\n"));
            }
            _ => text.push_str(&format!("{line}\n")),
        }
    }
    let pki = inside(root, Path::new("/var/lib/kubelet/pki"));
    make_dir(&pki, 0o755)?;
    let name =
        format!("kubelet-client-{}.pem", jiff::Timestamp::now().strftime("%Y-%m-%d-%H-%M-%S"));
    write(&pki.join(&name), pem, 0o600)?;
    let current = pki.join("kubelet-client-current.pem");
    symlink(format!("/var/lib/kubelet/pki/{name}"), &current)
        .map_err(Error::file("link", &current))?;
    write(&path, text, 0o600)
}

/// Base64, by the program of that name: one use does not earn a dependency.
fn decode(data: &str) -> Result<Vec<u8>, Error> {
    use std::io::Write;
    let failed = |source| Error::Start { command: "base64 -d".into(), source };
    let mut command = Command::new("base64");
    command.arg("-d").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(data.as_bytes()).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    Ok(checked(&command, output)?.stdout)
}
