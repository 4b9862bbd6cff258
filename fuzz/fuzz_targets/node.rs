//! Any bytes as the configuration of a node.
#![no_main]

use kuberlock_model::component::ComponentKind;
use kuberlock_model::Cluster;
use kuberlock_source::{convert::Converter, node};
use libfuzzer_sys::fuzz_target;

const FILES: [&str; 6] = [
    "etc/kubernetes/manifests/a.yaml",
    "etc/systemd/system/kubelet.service",
    "etc/systemd/system/kubelet.service.d/10.conf",
    "var/lib/kubelet/config.yaml",
    "var/lib/kubelet/kubeadm-flags.env",
    "etc/passwd",
];

fuzz_target!(|data: &[u8]| {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    // Zero bytes part the files.
    for (path, text) in FILES.iter().zip(data.split(|byte| *byte == 0)) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut cluster = Cluster::default();
    let mut converter = Converter::default();
    node::read(Some("n"), folder.path(), &mut |records| {
        converter.push(records, &mut |change| cluster.apply(change));
    })
    .unwrap();
    converter.finish(&mut |change| cluster.apply(change));
    for kind in ComponentKind::ALL {
        cluster.components(kind);
    }
});
