//! Nodes of a made-up cluster: three of the control plane, the rest as kubeadm's workers are.
//!
//! Their files are the example cluster's, under their own names; processes, kernel settings and the
//! rest as a node that was looked at itself has them.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::lines::Lines;
use super::{Size, example};

/// Nodes that run the control plane.
const CONTROL_PLANE: usize = 3;

/// The name of the node `number`.
pub(super) fn name(number: usize) -> String {
    if number < CONTROL_PLANE {
        format!("control-{number}")
    } else {
        format!("node-{:05}", number - CONTROL_PLANE)
    }
}

/// The name of the node that a pod with this number is on.
pub(super) fn of_pod(size: Size, number: usize) -> String {
    let workers = size.nodes.saturating_sub(CONTROL_PLANE);
    name(CONTROL_PLANE + number % if workers == 0 { 500 } else { workers })
}

/// Writes the Node objects and the records of the machines.
pub(super) fn write(size: Size, folder: &Path, lines: &mut Lines) -> io::Result<()> {
    let control = fs::read_to_string(example().join("nodes/cp-1/files.jsonl"))?;
    let worker = fs::read_to_string(example().join("nodes/worker-1/files.jsonl"))?;
    for number in 0..size.nodes {
        let node = name(number);
        lines.line("nodes.jsonl", &object(&node, number))?;
        let is_control = number < CONTROL_PLANE;
        let files = if is_control {
            control.replace("cp-1", &node)
        } else {
            worker.replace("worker-1", &node)
        };
        let mut machine = Lines::create(&folder.join("nodes").join(&node))?;
        machine.text("files.jsonl", &lax_files(size, number, files))?;
        for process in processes(size, number) {
            machine.line("processes.jsonl", &process)?;
        }
        for (setting, value) in SYSCTLS {
            machine.line("sysctls.jsonl", &json!({ "name": setting, "value": value }))?;
        }
        for version in versions() {
            machine.line("versions.jsonl", &version)?;
        }
        for fact in system(size, number) {
            machine.line("system.jsonl", &fact)?;
        }
        machine.line("certificates.jsonl", &certificate(&node))?;
        machine.finish()?;
    }
    Ok(())
}

/// What the kubelet wants of the kernel, and what else is looked at.
const SYSCTLS: [(&str, &str); 12] = [
    ("fs.protected_hardlinks", "1"),
    ("fs.protected_symlinks", "1"),
    ("kernel.dmesg_restrict", "1"),
    ("kernel.keys.root_maxbytes", "25000000"),
    ("kernel.keys.root_maxkeys", "1000000"),
    ("kernel.kptr_restrict", "1"),
    ("kernel.panic", "10"),
    ("kernel.panic_on_oops", "1"),
    ("kernel.randomize_va_space", "2"),
    ("net.ipv4.ip_forward", "1"),
    ("vm.overcommit_memory", "1"),
    ("vm.panic_on_oom", "0"),
];

fn object(node: &str, number: usize) -> Value {
    let mut labels = json!({ "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": node, "kubernetes.io/os": "linux" });
    let mut taints = json!([]);
    if number < CONTROL_PLANE {
        let role = "node-role.kubernetes.io/control-plane";
        super::workloads::put(&mut labels, role, json!(""));
        taints = json!([{ "effect": "NoSchedule", "key": role }]);
    }
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": node, "labels": labels, "uid": format!("00000000-0000-4000-9000-{number:012}") },
        "spec": { "podCIDR": format!("10.{}.{}.0/24", number / 256 % 256, number % 256), "taints": taints },
        "status": {
            "capacity": { "cpu": "8", "memory": "32Gi", "pods": "110" },
            "nodeInfo": {
                "architecture": "amd64", "containerRuntimeVersion": "containerd://2.2.1",
                "kernelVersion": "6.12.48+deb13-amd64", "kubeletVersion": "v1.37.2",
                "operatingSystem": "linux", "osImage": "Debian GNU/Linux 13 (trixie)",
            },
        },
    })
}

/// On one node of ten anonymous requests reach the kubelet; on one of thirty all may write its
/// configuration.
fn lax_files(size: Size, number: usize, mut files: String) -> String {
    if size.is_one_of(10, "anonymous", number) {
        files = files.replace("anonymous:\\n    enabled: false", "anonymous:\\n    enabled: true");
    }
    if size.is_one_of(30, "writable", number) {
        let config = "\"path\":\"/var/lib/kubelet/config.yaml\",\"type\":\"file\",\"mode\":";
        files = files.replace(&format!("{config}\"0644\""), &format!("{config}\"0666\""));
    }
    files
}

fn processes(size: Size, number: usize) -> Vec<Value> {
    let process = |pid: u32, args: &[&str]| json!({ "pid": pid, "args": args });
    let mut kubelet = vec![
        "/usr/bin/kubelet",
        "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf",
        "--kubeconfig=/etc/kubernetes/kubelet.conf",
        "--config=/var/lib/kubelet/config.yaml",
    ];
    if size.is_one_of(40, "ciphers", number) {
        kubelet.push("--tls-cipher-suites=TLS_RSA_WITH_AES_128_CBC_SHA");
    }
    vec![
        process(811, &kubelet),
        process(1290, &["/usr/local/bin/kube-proxy", "--config=/var/lib/kube-proxy/config.conf"]),
    ]
}

fn versions() -> [Value; 3] {
    [
        json!({ "of": "kernel", "version": "6.12.48+deb13-amd64", "from": "/proc/sys/kernel/osrelease" }),
        json!({ "of": "kubernetes", "version": "v1.37.2", "from": "/usr/bin/kubelet" }),
        json!({ "of": "os", "version": "Debian GNU/Linux 13 (trixie)", "from": "/usr/lib/os-release" }),
    ]
}

fn system(size: Size, number: usize) -> Vec<Value> {
    let listener = |port: u16, program: &str| json!({ "type": "listener", "protocol": "tcp", "address": "0.0.0.0", "port": port, "program": program });
    let mut facts = vec![listener(22, "sshd"), listener(10250, "kubelet")];
    if size.is_one_of(25, "listener", number) {
        facts.push(listener(8080, "python3"));
    }
    facts.push(json!({ "type": "group", "name": "sudo", "gid": 27, "members": ["admin"] }));
    facts.push(json!({ "type": "daemon", "name": "systemd-timesyncd", "state": "running" }));
    facts
}

fn certificate(node: &str) -> Value {
    json!({
        "path": "/var/lib/kubelet/pki/kubelet.crt", "index": 0,
        "subject": format!("CN={node}@1764000000"), "issuer": format!("CN={node}-ca@1764000000"),
        "names": [node],
        "not_before": "2025-11-24T00:00:00Z", "not_after": "2026-11-24T00:00:00Z",
        "serial": "02", "key": "RSA", "bits": 2048, "signature": "SHA256",
        "is_authority": false, "is_client": false, "is_server": true,
    })
}
