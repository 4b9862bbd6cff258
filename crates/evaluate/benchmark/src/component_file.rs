//! Which files of a machine belong to which component, as the facts tell.
//!
//! Enters: a machine. Leaves: paths, whether or not something lies there. Always holds: what a
//! manifest, a flag or a field of a configuration names comes first; a habit of an installer is
//! added only where it is the same kind of file, so that a path moved by a flag is never missed.

use kuberlock_model::component::ComponentKind;
use kuberlock_model::configuration::Configuration;
use kuberlock_model::host::{File, FileType};

use crate::machine::Machine;

/// The static pod manifests that define `component`, whatever their names.
pub(crate) fn manifests(machine: &Machine<'_>, component: ComponentKind) -> Vec<String> {
    let program = component.program();
    let defines = |pod: &kuberlock_model::workload::Pod| {
        pod.spec.containers.iter().any(|container| container.name == program)
    };
    let pods = machine.host.static_pods.values();
    pods.filter(|file| file.pod.as_ref().is_ok_and(defines)).map(|file| file.path.clone()).collect()
}

/// etcd's data directory: `--data-dir`, its variable, or the field of its configuration file.
pub(crate) fn etcd_data(machine: &Machine<'_>) -> Vec<String> {
    let mut paths: Vec<String> =
        machine.host.named(ComponentKind::Etcd, "data-dir").map(str::to_owned).collect();
    for file in machine.host.configurations.values() {
        if let Configuration::Etcd(fields) = &file.configuration {
            paths.extend(fields.get("data-dir").and_then(|v| v.as_str()).map(str::to_owned));
        }
    }
    paths
}

/// The kubeconfigs with every right that installers leave on a node.
pub(crate) fn admin_kubeconfigs(_: &Machine<'_>) -> Vec<String> {
    [
        "/etc/kubernetes/admin.conf",
        "/etc/kubernetes/super-admin.conf",
        "/etc/rancher/k3s/k3s.yaml",
        "/etc/rancher/rke2/rke2.yaml",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The scheduler's kubeconfigs.
pub(crate) fn scheduler_kubeconfigs(machine: &Machine<'_>) -> Vec<String> {
    let mut paths = kubeconfigs(machine, ComponentKind::Scheduler, "scheduler");
    for file in machine.host.configurations.values() {
        if let Configuration::Scheduler(fields) = &file.configuration {
            let kubeconfig = fields.get("clientConnection.kubeconfig");
            paths.extend(kubeconfig.and_then(|value| value.as_str()).map(str::to_owned));
        }
    }
    paths
}

/// The controller manager's kubeconfigs.
pub(crate) fn controller_manager_kubeconfigs(machine: &Machine<'_>) -> Vec<String> {
    kubeconfigs(machine, ComponentKind::ControllerManager, "controller-manager")
}

fn kubeconfigs(machine: &Machine<'_>, component: ComponentKind, usual: &str) -> Vec<String> {
    let flags = ["kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"];
    let named = flags.iter().flat_map(|flag| machine.host.named(component, flag));
    let mut paths: Vec<String> = named.map(str::to_owned).collect();
    paths.push(format!("/etc/kubernetes/{usual}.conf"));
    paths
}

/// kube-proxy's kubeconfig, where it is a file of the node. A pod's lies in its volume.
pub(crate) fn kube_proxy_kubeconfigs(machine: &Machine<'_>) -> Vec<String> {
    let named = machine.host.named(ComponentKind::KubeProxy, "kubeconfig").map(str::to_owned);
    named.chain(["/etc/kubernetes/kube-proxy.conf".to_owned()]).collect()
}

/// The kubelet's kubeconfig: its flag's, else what installers write.
pub(crate) fn kubelet_kubeconfigs(machine: &Machine<'_>) -> Vec<String> {
    let named: Vec<String> =
        machine.host.named(ComponentKind::Kubelet, "kubeconfig").map(str::to_owned).collect();
    if named.is_empty() {
        return ["/etc/kubernetes/kubelet.conf", "/var/lib/kubelet/kubeconfig"]
            .map(str::to_owned)
            .to_vec();
    }
    named
}

/// The authorities by which the kubelet knows its clients: the flag's file, else the field's.
pub(crate) fn kubelet_client_ca(machine: &Machine<'_>) -> Vec<String> {
    let Some(kubelet) = machine.kubelet() else { return Vec::new() };
    let setting = kubelet.field("authentication.x509.clientCAFile", "client-ca-file");
    let named = setting.ok().and_then(|setting| setting.value);
    named.filter(|path| path.starts_with('/')).into_iter().collect()
}

/// The kubelet's configuration file and its drop-ins.
pub(crate) fn kubelet_configuration(machine: &Machine<'_>) -> Vec<String> {
    let Some(kubelet) = machine.kubelet() else { return Vec::new() };
    kubelet.files().iter().map(|file| file.path.clone()).collect()
}

/// The unit that starts the kubelet, and its drop-ins; of files of one name the first of systemd's
/// folders, which is the one in effect.
pub(crate) fn kubelet_units(machine: &Machine<'_>) -> Vec<String> {
    const FOLDERS: [&str; 5] = [
        "/etc/systemd/system",
        "/run/systemd/system",
        "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system",
        "/lib/systemd/system",
    ];
    let host = machine.host;
    let unit = FOLDERS.iter().map(|folder| format!("{folder}/kubelet.service"));
    let mut paths: Vec<String> = unit.filter(|path| host.file(path).is_some()).take(1).collect();
    let mut seen: Vec<&str> = Vec::new();
    for folder in FOLDERS {
        for file in host.below(&format!("{folder}/kubelet.service.d")) {
            let name = file.path.rsplit('/').next().unwrap_or_default();
            if name.ends_with(".conf") && !seen.contains(&name) {
                seen.push(name);
                paths.push(file.path.clone());
            }
        }
    }
    paths
}

/// What the container runtime reads of the network's configuration, and what lies beside it.
pub(crate) fn cni(machine: &Machine<'_>) -> Vec<String> {
    let mut folders = vec!["/etc/cni/net.d".to_owned()];
    for layout in ["k3s", "rke2"] {
        folders.push(format!("/var/lib/rancher/{layout}/agent/etc/cni/net.d"));
    }
    folders.extend(runtime_folders(machine));
    let files = folders.iter().flat_map(|folder| machine.host.below(folder));
    files.filter(|file| file.file_type != FileType::Directory).map(|f| f.path.clone()).collect()
}

/// The folder of networks that the runtime's own configuration names: `conf_dir` of containerd,
/// `network_dir` of CRI-O.
fn runtime_folders(machine: &Machine<'_>) -> Vec<String> {
    let is_runtime = |path: &str| path.contains("/containerd/") || path.contains("/crio/");
    let files = machine.host.files.values().filter(|file| is_runtime(&file.path));
    let lines = files.filter_map(|file| file.content.as_deref()).flat_map(str::lines);
    let folder = |line: &str| {
        let (key, value) = line.split_once('=')?;
        let folder = value.trim().trim_matches(['"', '\'']);
        let names = ["conf_dir", "network_dir"].contains(&key.trim());
        (names && folder.starts_with('/')).then(|| folder.trim_end_matches('/').to_owned())
    };
    lines.filter_map(folder).collect()
}

/// The folders of the cluster's keys and certificates: those that hold what the flags of the
/// control plane name, and those that installers use.
pub(crate) fn pki_folders(machine: &Machine<'_>) -> Vec<String> {
    let mut folders: Vec<String> = [
        "/etc/kubernetes/pki",
        "/var/lib/rancher/k3s/server/tls",
        "/var/lib/rancher/rke2/server/tls",
    ]
    .map(str::to_owned)
    .to_vec();
    let of_control_plane =
        [ComponentKind::ApiServer, ComponentKind::ControllerManager, ComponentKind::Etcd];
    for named in &machine.host.named {
        let holds_pki = [".crt", ".pem", ".key", ".pub"].iter().any(|e| named.path.ends_with(e));
        if let (true, true, Some((folder, _))) =
            (of_control_plane.contains(&named.component), holds_pki, named.path.rsplit_once('/'))
        {
            // The system's own authorities are nobody's PKI.
            if !folder.is_empty()
                && !folder.contains("/ssl/certs")
                && !folder.contains("/ca-certificates")
            {
                folders.push(folder.to_owned());
            }
        }
    }
    folders.sort();
    folders.dedup();
    let all = folders.clone();
    let within = |folder: &String, other: &String| {
        folder != other && folder.starts_with(&format!("{}/", other.trim_end_matches('/')))
    };
    folders.retain(|folder| !all.iter().any(|other| within(folder, other)));
    folders
}

/// The PKI's folders themselves and everything in them, links left out: what they lead to counts.
pub(crate) fn pki<'a>(machine: &Machine<'a>) -> Vec<&'a File> {
    let host = machine.host;
    let mut files: Vec<&File> = Vec::new();
    for folder in pki_folders(machine) {
        files.extend(host.file(&folder));
        for file in host.below(&folder) {
            files.extend(match file.file_type {
                FileType::Link => host.file(&file.path),
                _ => Some(file),
            });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    files
}

/// Of the PKI's files, the private keys: by their ending, or by the flag that names them.
pub(crate) fn pki_keys<'a>(machine: &Machine<'a>) -> Vec<&'a File> {
    let host = machine.host;
    let is_key_flag = |flag: &str| {
        ["private-key-file", "client-key", "keyfile", "key-file", "signing-key-file"]
            .iter()
            .any(|end| flag.ends_with(end))
            // It holds public keys as a rule; where it is the private one, its ending says so.
            && flag != "service-account-key-file"
    };
    let named = host.named.iter().filter(|named| is_key_flag(&named.flag));
    let mut files: Vec<&File> = named.filter_map(|named| host.file(&named.path)).collect();
    files.extend(pki(machine).into_iter().filter(|file| file.path.ends_with(".key")));
    files.retain(|file| file.file_type == FileType::File);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    files
}

/// Of the PKI's files, the certificates.
pub(crate) fn pki_certificates<'a>(machine: &Machine<'a>) -> Vec<&'a File> {
    let keys = pki_keys(machine);
    let is_key = |file: &File| keys.iter().any(|key| key.path == file.path);
    let named_so = |file: &File| file.path.ends_with(".crt") || file.path.ends_with(".pem");
    let files = pki(machine).into_iter();
    files.filter(|f| f.file_type == FileType::File && named_so(f) && !is_key(f)).collect()
}
