//! What is collected from a node: the whole of it, as data.
//!
//! A path that is in no table here is read only where a component's own flags or configuration
//! name it.

/// Which content is taken of the files below a path; of all others, mode, owner and size only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// None.
    Nothing,
    /// Of every file whose name does not begin with a dot.
    All,
    /// Of files with one of these endings.
    Ending(&'static [&'static str]),
}

/// A path that is looked at on every node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) path: &'static str,
    /// How many directories deep; none is the path itself.
    pub(super) depth: usize,
    pub(super) content: Content,
}

const fn wanted(path: &'static str, depth: usize, content: Content) -> Wanted {
    Wanted { path, depth, content }
}

use Content::{All, Ending, Nothing};

/// Configuration, by its ending. Keys and tokens have none of these.
pub(super) const CONFIGURATION: Content =
    Ending(&[".conf", ".conflist", ".yaml", ".yml", ".json", ".env", ".toml", ".kubeconfig"]);
/// Certificates are public.
const CERTIFICATES: Content = Ending(&[".crt"]);
/// Directories that are gone down at most.
pub(super) const DEEP: usize = 8;

/// The longest path that is a file's own or its directory's tells what is taken of it.
pub(super) static WANTED: &[Wanted] = &[
    // kubeadm and everything that keeps to its layout
    wanted("/etc/kubernetes", DEEP, CONFIGURATION),
    wanted("/etc/kubernetes/manifests", 1, All),
    wanted("/etc/kubernetes/pki", DEEP, CERTIFICATES),
    wanted("/etc/kubernetes/tmp", 1, Nothing),
    // kubelet
    wanted("/var/lib/kubelet", 0, Nothing),
    wanted("/var/lib/kubelet/config.yaml", 0, All),
    wanted("/var/lib/kubelet/instance-config.yaml", 0, All),
    wanted("/var/lib/kubelet/kubeadm-flags.env", 0, All),
    wanted("/var/lib/kubelet/kubeconfig", 0, All),
    wanted("/var/lib/kubelet/pki", 1, CERTIFICATES),
    // etcd outside of a pod
    wanted("/etc/etcd", 2, CONFIGURATION),
    wanted("/etc/etcd.env", 0, All),
    // container runtimes and networks
    wanted("/etc/cni/net.d", 2, CONFIGURATION),
    wanted("/opt/cni/bin", 1, Nothing),
    wanted("/etc/containerd/config.toml", 0, All),
    wanted("/etc/containerd/conf.d", 1, CONFIGURATION),
    wanted("/etc/crio/crio.conf", 0, All),
    wanted("/etc/crio/crio.conf.d", 1, CONFIGURATION),
    wanted("/etc/docker/daemon.json", 0, All),
    wanted("/etc/crictl.yaml", 0, All),
    // the machine
    wanted("/etc/sysctl.conf", 0, All),
    wanted("/etc/sysctl.d", 1, CONFIGURATION),
    wanted("/run/sysctl.d", 1, CONFIGURATION),
    wanted("/usr/lib/sysctl.d", 1, CONFIGURATION),
    wanted("/etc/os-release", 0, All),
    // who may become root, and who may log in: only that the files are there
    wanted("/etc/sudoers", 0, Nothing),
    wanted("/etc/sudoers.d", 1, Nothing),
    wanted("/etc/ssh/sshd_config", 0, Nothing),
    // sockets that give root to whoever may write to them
    wanted("/run/containerd/containerd.sock", 0, Nothing),
    wanted("/run/crio/crio.sock", 0, Nothing),
    wanted("/run/cri-dockerd.sock", 0, Nothing),
    wanted("/run/docker.sock", 0, Nothing),
    wanted("/run/k3s/containerd/containerd.sock", 0, Nothing),
    // EKS
    wanted("/etc/eks", 1, Nothing),
    // k3s and RKE2
    wanted("/etc/rancher", 4, CONFIGURATION),
    wanted("/var/lib/rancher/k3s/server", 1, Nothing),
    wanted("/var/lib/rancher/k3s/server/tls", DEEP, CERTIFICATES),
    wanted("/var/lib/rancher/k3s/server/cred", 1, CONFIGURATION),
    wanted("/var/lib/rancher/k3s/server/db", 0, Nothing),
    wanted("/var/lib/rancher/k3s/server/db/etcd", 0, Nothing),
    wanted("/var/lib/rancher/k3s/server/db/etcd/config", 0, All),
    wanted("/var/lib/rancher/k3s/agent", 1, CONFIGURATION),
    wanted("/var/lib/rancher/k3s/agent/etc", 3, CONFIGURATION),
    wanted("/var/lib/rancher/k3s/agent/pod-manifests", 1, All),
    wanted("/var/lib/rancher/rke2/data", 1, Nothing),
    wanted("/var/lib/rancher/rke2/server", 1, Nothing),
    wanted("/var/lib/rancher/rke2/server/tls", DEEP, CERTIFICATES),
    wanted("/var/lib/rancher/rke2/server/cred", 1, CONFIGURATION),
    wanted("/var/lib/rancher/rke2/server/db", 0, Nothing),
    wanted("/var/lib/rancher/rke2/server/db/etcd", 0, Nothing),
    wanted("/var/lib/rancher/rke2/server/db/etcd/config", 0, All),
    wanted("/var/lib/rancher/rke2/agent", 1, CONFIGURATION),
    wanted("/var/lib/rancher/rke2/agent/etc", 3, CONFIGURATION),
    wanted("/var/lib/rancher/rke2/agent/pod-manifests", 1, All),
];

impl Content {
    /// Whether the content of the file `name` is taken.
    pub(super) fn takes(self, name: &str) -> bool {
        match self {
            Nothing => false,
            All => !name.starts_with('.'),
            Ending(endings) => {
                !name.starts_with('.') && endings.iter().any(|ending| name.ends_with(ending))
            }
        }
    }
}

/// What is taken of `path`, when it is met below a path of the table.
pub(super) fn content_at(path: &str) -> Content {
    let below = |w: &&Wanted| {
        path.strip_prefix(w.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    WANTED.iter().filter(below).max_by_key(|w| w.path.len()).map_or(Nothing, |w| w.content)
}

/// Where unit files lie, in systemd's order: the first wins.
pub(super) static UNIT_FOLDERS: &[&str] = &[
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// The beginnings of the names of units that are read.
pub(super) static UNITS: &[&str] =
    &["kubelet", "kube-", "etcd", "containerd", "crio", "docker.", "k3s", "rke2"];

/// Programs that are no component of Kubernetes, but run them.
pub(super) static RUNTIMES: &[&str] = &["containerd", "dockerd", "crio", "k3s", "rke2"];

/// Kernel settings, read where the root is that of a running machine.
pub(super) static SYSCTLS: &[&str] = &[
    "fs.protected_hardlinks",
    "fs.protected_symlinks",
    "kernel.dmesg_restrict",
    "kernel.keys.root_maxbytes",
    "kernel.keys.root_maxkeys",
    "kernel.kptr_restrict",
    "kernel.panic",
    "kernel.panic_on_oops",
    "kernel.randomize_va_space",
    "kernel.unprivileged_bpf_disabled",
    "kernel.yama.ptrace_scope",
    "net.bridge.bridge-nf-call-ip6tables",
    "net.bridge.bridge-nf-call-iptables",
    "net.ipv4.conf.all.accept_redirects",
    "net.ipv4.conf.all.rp_filter",
    "net.ipv4.conf.all.send_redirects",
    "net.ipv4.conf.default.rp_filter",
    "net.ipv4.ip_forward",
    "net.ipv6.conf.all.forwarding",
    "vm.overcommit_memory",
    "vm.panic_on_oom",
];

/// Endings of flags (and of fields and variables, spelt as flags) whose files are configuration.
static CONFIGURATION_FLAGS: &[&str] =
    &["config", "config-file", "kubeconfig", "audit-policy-file", "authorization-policy-file"];

/// Endings of flags whose files are certificates.
static CERTIFICATE_FLAGS: &[&str] = &[
    "ca-file",
    "cafile",
    "cert-file",
    "certfile",
    "kubelet-certificate-authority",
    "kubelet-client-certificate",
];

/// Whether the file that the flag `name` names is read, and not only looked at: configuration and
/// certificates are; keys, tokens, logs and data are not.
pub(super) fn is_read(name: &str) -> bool {
    if name == "cloud-config" {
        // Its format is the provider's, and it holds the provider's credentials.
        return false;
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    ends(CONFIGURATION_FLAGS) || ends(CERTIFICATE_FLAGS)
}

/// Whether `path` holds credentials whoever names it: a link or a flag may lead there too.
pub(super) fn is_credential(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let passwords = ["shadow", "gshadow", "shadow-", "gshadow-", "opasswd"];
    passwords.contains(&name)
        || [".key", ".p12", ".pfx", ".jks"].iter().any(|ending| name.ends_with(ending))
        || path.split('/').any(|step| step == ".ssh" || step == "secrets" || step == ".gnupg")
}

/// Bytes of one file that are read at most.
pub(super) const MOST_BYTES: u64 = 4 << 20;
/// Bytes of all files of a node together.
pub(super) const MOST_BYTES_TOGETHER: u64 = 64 << 20;
/// Files of a node.
pub(super) const MOST_FILES: usize = 20_000;
/// Certificates of a node.
pub(super) const MOST_CERTIFICATES: usize = 5_000;
/// Processes of a machine that are looked at.
pub(super) const MOST_PROCESSES: usize = 100_000;
/// Open files of one process that are looked at.
pub(super) const MOST_DESCRIPTORS: usize = 20_000;
/// Bytes of a process's command line or environment.
pub(super) const MOST_ARGUMENT_BYTES: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_path_decides() {
        assert!(content_at("/etc/kubernetes/admin.conf").takes("admin.conf"));
        assert!(content_at("/etc/kubernetes/manifests/x").takes("kube-apiserver.bak"));
        assert!(!content_at("/etc/kubernetes/manifests/.x").takes(".x.yaml"));
        assert!(content_at("/etc/kubernetes/pki/ca.crt").takes("ca.crt"));
        assert!(!content_at("/etc/kubernetes/pki/ca.key").takes("ca.key"));
        assert!(!content_at("/etc/kubernetes/token.csv").takes("token.csv"));
        assert_eq!(content_at("/etc/kubernetes2/x"), Nothing);
    }

    #[test]
    fn keys_and_tokens_are_not_read() {
        for flag in ["tls-private-key-file", "token-auth-file", "etcd-keyfile", "data-dir"] {
            assert!(!is_read(flag), "{flag}");
        }
        for flag in ["authentication-config", "client-ca-file", "etcd-certfile", "kubeconfig"] {
            assert!(is_read(flag), "{flag}");
        }
        assert!(is_credential("/etc/shadow") && is_credential("/home/ops/.ssh/config"));
        assert!(!is_credential("/etc/kubernetes/admin.conf"));
        assert!(is_read("encryption-provider-config"));
        assert!(!is_read("service-account-key-file"), "it may hold the private key");
    }
}
