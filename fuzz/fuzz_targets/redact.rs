//! Any text as a node's configuration file: redaction keeps the lines, and twice is once.
#![no_main]

use kuberlock_source::redact;
use libfuzzer_sys::fuzz_target;

const PATHS: [&str; 6] = [
    "/etc/kubernetes/admin.conf",
    "/etc/kubernetes/manifests/kube-apiserver.yaml",
    "/etc/containerd/config.toml",
    "/etc/systemd/system/kubelet.service",
    "/etc/cni/net.d/10-net.conflist",
    "/var/lib/kubelet/kubeadm-flags.env",
];

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let path = PATHS[*first as usize % PATHS.len()];
    let once = redact::text(path, text);
    assert_eq!(once.matches('\n').count(), text.matches('\n').count());
    assert_eq!(redact::text(path, &once), once);
});
