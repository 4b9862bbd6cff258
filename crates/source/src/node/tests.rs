use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, Instant};

use kuberlock_model::configuration::{AnonymousAccess, Authentication, Configuration};
use kuberlock_model::host::{File, Host};
use kuberlock_model::{Change, Cluster};

use super::*;
use crate::convert::host::changes;

/// A node's root in the making.
struct Made(tempfile::TempDir);

impl Made {
    fn of(files: &[(&str, &str)]) -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            made.file(path, text.as_bytes());
        }
        made
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }

    fn file(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn link(&self, path: &str, target: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    fn fifo(&self, path: &str) {
        let kind = rustix::fs::FileType::Fifo;
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, self.path(path), kind, mode, 0).unwrap();
    }

    fn read(&self) -> (String, Cluster) {
        let mut cluster = Cluster::default();
        let mut hosts: BTreeMap<String, Vec<HostRecord>> = BTreeMap::new();
        let name = read(None, self.0.path(), &mut |records| {
            for record in records {
                match record {
                    Record::Host { node, record } => hosts.entry(node).or_default().push(record),
                    Record::Reading(reading) => cluster.apply(Change::Reading(reading)),
                    other => panic!("{other:?}"),
                }
            }
        })
        .unwrap();
        for (node, records) in hosts {
            changes(&node, records).into_iter().for_each(|change| cluster.apply(change));
        }
        (name, cluster)
    }

    fn host(&self) -> Host {
        let (name, cluster) = self.read();
        cluster.host(&name).unwrap().clone()
    }
}

fn file<'h>(host: &'h Host, path: &str) -> &'h File {
    host.files.get(path).unwrap_or_else(|| panic!("no {path} among {:?}", host.files.keys()))
}

const API_SERVER: &str = "apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  hostNetwork: true
  containers:
  - name: kube-apiserver
    image: example.com/kube-apiserver:v1.37.2
    command:
    - kube-apiserver
    - --authentication-config=/conf/auth.yaml
    - --encryption-provider-config=/etc/kubernetes/enc.yaml
    - --tls-private-key-file=/srv/tls/server.key
    volumeMounts:
    - {name: conf, mountPath: /conf}
    - {name: k8s, mountPath: /etc/kubernetes}
    - {name: tls, mountPath: /srv/tls}
  volumes:
  - {name: conf, hostPath: {path: /srv/conf}}
  - {name: k8s, hostPath: {path: /etc/kubernetes}}
  - {name: tls, hostPath: {path: /srv/tls}}
";

const UNIT: &str = "[Service]\nExecStart=/usr/bin/kubelet\n";
const DROP_IN: &str = "[Service]
Environment=\"KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml\"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
";

fn control_plane() -> Made {
    let made = Made::of(&[
        ("/etc/hostname", "# name\nCP-1\n"),
        ("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:\n"),
        ("/etc/group", "root:x:0:\n"),
        ("/usr/lib/os-release", "NAME=Debian\nPRETTY_NAME=\"Debian GNU/Linux 13\"\n"),
        ("/etc/kubernetes/manifests/kube-apiserver.yaml", API_SERVER),
        ("/etc/kubernetes/manifests/kube-apiserver.yaml.bak", API_SERVER),
        ("/etc/kubernetes/manifests/broken.txt", "a: [b"),
        ("/etc/kubernetes/manifests/.hidden.yaml", API_SERVER),
        ("/etc/kubernetes/enc.yaml", "kind: EncryptionConfiguration\n"),
        ("/etc/kubernetes/pki/ca.crt", "-----BEGIN CERTIFICATE-----\n"),
        ("/etc/kubernetes/pki/ca.key", "-----BEGIN PRIVATE KEY-----\n"),
        ("/etc/kubernetes/admin.conf", "kind: Config\n"),
        ("/srv/tls/server.key", "-----BEGIN PRIVATE KEY-----\n"),
        (
            "/srv/conf/auth.yaml",
            "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n\
             anonymous: {enabled: true, conditions: [{path: /livez}]}\n",
        ),
        ("/usr/lib/systemd/system/kubelet.service", UNIT),
        ("/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf", DROP_IN),
        ("/usr/lib/systemd/system/unrelated.service", UNIT),
        (
            "/var/lib/kubelet/kubeadm-flags.env",
            "KUBELET_KUBEADM_ARGS=\"--v=2 --node-ip=10.0.0.1\"\n",
        ),
        (
            "/var/lib/kubelet/config.yaml",
            "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n\
             staticPodPath: /etc/kubernetes/manifests\n\
             authentication: {x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}}\n",
        ),
        ("/lib/modules/6.1.9/x", ""),
        ("/lib/modules/6.1.10/x", ""),
    ]);
    made.link("/etc/os-release", "../usr/lib/os-release");
    made
}

#[test]
fn a_control_plane_of_kubeadm_is_read() {
    let made = control_plane();
    fs::set_permissions(made.path("/etc/kubernetes/admin.conf"), fs::Permissions::from_mode(0o640))
        .unwrap();
    let (name, cluster) = made.read();
    assert_eq!(name, "cp-1");
    let host = cluster.host("cp-1").unwrap();

    assert_eq!(file(host, "/etc/kubernetes/admin.conf").mode, 0o640);
    assert_eq!(file(host, "/etc/kubernetes/pki").file_type, FileType::Directory);
    assert!(file(host, "/etc/kubernetes/pki/ca.crt").content.is_some());
    for key in ["/etc/kubernetes/pki/ca.key", "/srv/tls/server.key"] {
        assert_eq!((&file(host, key).content, &file(host, key).unread), (&None, &None), "{key}");
    }
    assert!(file(host, "/etc/kubernetes/manifests/.hidden.yaml").content.is_none());
    assert_eq!(file(host, "/etc/os-release").target.as_deref(), Some("../usr/lib/os-release"));
    assert!(host.file("/etc/os-release").unwrap().content.is_some());
    assert!(!host.files.contains_key("/usr/lib/systemd/system/unrelated.service"));
    if rustix::process::geteuid().is_root() {
        assert_eq!(file(host, "/etc/kubernetes/admin.conf").user.as_deref(), Some("root"));
    }
}

#[test]
fn a_control_plane_of_kubeadm_is_understood() {
    let (_, cluster) = control_plane().read();
    let host = cluster.host("cp-1").unwrap();
    let [kubelet] = host.processes.as_slice() else { panic!("{:?}", host.processes) };
    assert_eq!(
        kubelet.args,
        [
            "/usr/bin/kubelet",
            "--config=/var/lib/kubelet/config.yaml",
            "--v=2",
            "--node-ip=10.0.0.1"
        ]
    );
    assert_eq!(
        kubelet.file.as_deref(),
        Some("/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf")
    );

    let pods: Vec<_> = host.static_pods.values().map(|p| (&*p.path, p.pod.is_ok())).collect();
    assert_eq!(
        pods,
        [
            ("/etc/kubernetes/manifests/broken.txt", false),
            ("/etc/kubernetes/manifests/kube-apiserver.yaml", true),
            ("/etc/kubernetes/manifests/kube-apiserver.yaml.bak", true),
        ]
    );
    let authentication = host.configurations.get("/srv/conf/auth.yaml").unwrap();
    assert_eq!(&*authentication.origin.source, "cp-1:/srv/conf/auth.yaml");
    let paths = vec!["/livez".to_owned()];
    assert_eq!(
        authentication.configuration,
        Configuration::Authentication(Authentication {
            anonymous: AnonymousAccess::Enabled { paths },
            issuers: Vec::new(),
        })
    );
    let kubelet = &host.configurations.get("/var/lib/kubelet/config.yaml").unwrap().configuration;
    assert!(
        matches!(kubelet, Configuration::Kubelet(fields) if fields.get("staticPodPath").is_some())
    );

    let version = |of: &str| host.versions.iter().find(|v| v.of == of).unwrap().version.clone();
    assert_eq!(version("kernel"), "6.1.10");
    assert_eq!(version("os"), "Debian GNU/Linux 13");
    assert_eq!(version("kubernetes"), "v1.37.2");
    assert!(host.sysctls.is_empty());
    assert_eq!(cluster.coverage().host("cp-1"), &Reach::Complete);
    assert!(cluster.coverage().is_complete(), "{:?}", cluster.coverage());
}

#[test]
fn drop_ins_and_flags_decide_where_static_pods_are() {
    let made = Made::of(&[
        (
            "/etc/systemd/system/kubelet.service",
            "[Service]\nExecStart=/k/kubelet --config /c.yaml --config-dir=/d --hostname-override=w1\n",
        ),
        ("/usr/lib/systemd/system/kubelet.service", "[Service]\nExecStart=/k/kubelet --wrong\n"),
        ("/c.yaml", "kind: KubeletConfiguration\nstaticPodPath: /one\n"),
        ("/d/20-b.conf", "kind: KubeletConfiguration\nstaticPodPath: /two\n"),
        ("/d/10/a.conf", "kind: KubeletConfiguration\nstaticPodPath: /three\n"),
        ("/d/30.yaml", "staticPodPath: /four\n"),
        ("/d/40.conf", "kind: Other\n"),
        (
            "/two/a",
            "kind: Pod\napiVersion: v1\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n",
        ),
        ("/one/b", ""),
    ]);
    made.link("/two/linked", "/elsewhere/pod.yaml");
    made.file("/elsewhere/pod.yaml", b"kind: Pod\napiVersion: v1\nmetadata: {name: c}\nspec: {containers: [{name: a, image: b}]}\n");
    made.file("/two/folder/x.yaml", b"");
    let (name, cluster) = made.read();
    assert_eq!(name, "w1");
    let host = cluster.host("w1").unwrap();
    let pods: Vec<_> = host.static_pods.values().map(|p| (&*p.path, p.pod.is_ok())).collect();
    assert_eq!(pods, [("/two/a", true), ("/two/linked", true)]);
    let origin = &host.static_pods["/two/linked"].pod.as_ref().unwrap().metadata.origin;
    assert_eq!(&*origin.source, "w1:/elsewhere/pod.yaml");
    let configurations: Vec<_> = host.configurations.keys().map(String::as_str).collect();
    assert_eq!(configurations, ["/c.yaml", "/d/10/a.conf", "/d/20-b.conf", "/d/40.conf"]);
    assert!(matches!(
        host.configurations["/d/40.conf"].configuration,
        Configuration::Unreadable(_)
    ));
}

#[test]
fn a_configuration_that_is_missing_is_told() {
    let host = Made::of(&[(
        "/etc/systemd/system/kubelet.service",
        "[Service]\nExecStart=/k/kubelet --config=/absent.yaml\n",
    )])
    .host();
    let Configuration::Unreadable(reason) = &host.configurations["/absent.yaml"].configuration
    else {
        panic!("{:?}", host.configurations)
    };
    assert_eq!(reason, "there is no such file");
}

#[test]
fn k3s_and_rke2_are_found_at_their_places() {
    let k3s = Made::of(&[
        (
            "/etc/systemd/system/k3s.service",
            "[Service]\nExecStart=/usr/local/bin/k3s \\\n    server \\\n\t'--tls-san' \\\n",
        ),
        ("/etc/rancher/k3s/config.yaml", "protect-kernel-defaults: true\n"),
        ("/etc/rancher/k3s/config.yaml.d/a.yaml", "x: y\n"),
        ("/var/lib/rancher/k3s/server/tls/server-ca.crt", "x"),
        ("/var/lib/rancher/k3s/server/token", "secret"),
        (
            "/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/00-k3s-defaults.conf",
            "kind: KubeletConfiguration\nreadOnlyPort: 0\n",
        ),
    ])
    .host();
    assert_eq!(k3s.processes[0].args, ["/usr/local/bin/k3s", "server", "--tls-san"]);
    assert!(file(&k3s, "/etc/rancher/k3s/config.yaml").content.is_some());
    assert!(file(&k3s, "/etc/rancher/k3s/config.yaml.d/a.yaml").content.is_some());
    assert!(file(&k3s, "/var/lib/rancher/k3s/server/token").content.is_none());
    assert_eq!(k3s.configurations.len(), 1);

    let rke2 = Made::of(&[
        ("/var/lib/rancher/rke2/agent/pod-manifests/kube-apiserver.yaml", API_SERVER),
        ("/var/lib/rancher/rke2/data/v1.9.1-rke2r1-0123456789ab/bin/x", ""),
        ("/var/lib/rancher/rke2/data/v1.30.1-rke2r1-0123456789ab/bin/x", ""),
    ]);
    assert_eq!(rke2.host().static_pods.len(), 1);
    fs::remove_dir_all(rke2.path("/var/lib/rancher/rke2/agent")).unwrap();
    let versions = rke2.host().versions;
    assert_eq!(versions[0].version, "v1.30.1-rke2r1");
}

#[test]
fn etcds_own_files_are_found() {
    let made = Made::of(&[
        (
            "/etc/systemd/system/etcd.service",
            "[Service]\nEnvironment=ETCD_DATA_DIR=/data/etcd OTHER=x\nEnvironmentFile=/etc/etcd/etcd.env\nExecStart=/usr/bin/etcd --config-file /etc/etcd/etcd.conf.yml\n",
        ),
        ("/etc/etcd/etcd.env", "ETCD_CERT_FILE=/etc/etcd/server.crt\n"),
        ("/etc/etcd/etcd.conf.yml", "client-transport-security: {key-file: /keys/etcd.key}\n"),
        ("/etc/etcd/server.crt", "cert"),
        ("/keys/etcd.key", "key"),
        ("/data/etcd/member/snap/db", "big"),
    ]);
    let host = made.host();
    assert_eq!(host.processes[0].environment.len(), 2);
    assert_eq!(file(&host, "/data/etcd").file_type, FileType::Directory);
    assert!(!host.files.contains_key("/data/etcd/member"));
    assert!(file(&host, "/etc/etcd/server.crt").content.is_some());
    assert!(file(&host, "/keys/etcd.key").content.is_none());
    assert!(matches!(
        host.configurations["/etc/etcd/etcd.conf.yml"].configuration,
        Configuration::Etcd(_)
    ));
}

#[test]
fn hostile_files_neither_block_nor_fill() {
    let made = control_plane();
    made.fifo("/etc/kubernetes/manifests/fifo.yaml");
    made.fifo("/etc/kubernetes/scheduler.conf");
    made.file("/etc/kubernetes/manifests/latin.yaml", b"name: \xff\n");
    let sparse = fs::File::create(made.path("/etc/kubernetes/controller-manager.conf")).unwrap();
    sparse.set_len(1 << 30).unwrap();
    made.link("/etc/kubernetes/outside.conf", "../../../../../../../../../../etc/passwd");
    made.link("/etc/kubernetes/circle.conf", "circle.conf");
    made.link("/etc/kubernetes/kernel.conf", "/proc/kcore");

    let started = Instant::now();
    let (name, cluster) = made.read();
    assert!(started.elapsed() < Duration::from_secs(5));
    let host = cluster.host(&name).unwrap();
    assert!(file(host, "/etc/kubernetes/scheduler.conf").unread.is_some());
    let sparse = file(host, "/etc/kubernetes/controller-manager.conf");
    assert_eq!((sparse.size, sparse.content.is_some()), (1 << 30, false));
    assert!(sparse.unread.as_ref().unwrap().contains("4 MiB"));
    // The link leads to the root's own passwd, never to this machine's.
    let outside = host.file("/etc/kubernetes/outside.conf").unwrap();
    assert_eq!(outside.path, "/etc/passwd");
    assert_eq!(outside.size, 45);
    let latin = &host.static_pods["/etc/kubernetes/manifests/latin.yaml"];
    assert_eq!(latin.pod, Err("it is not UTF-8 from byte 6 on".to_owned()));
    assert!(host.static_pods["/etc/kubernetes/manifests/fifo.yaml"].pod.is_err());
    let unread: Vec<_> =
        cluster.coverage().unread().iter().map(|u| u.origin.source.to_string()).collect();
    assert_eq!(
        unread,
        [
            "cp-1:/etc/kubernetes/controller-manager.conf",
            "cp-1:/etc/kubernetes/manifests/latin.yaml",
            "cp-1:/etc/kubernetes/scheduler.conf",
        ]
    );
}

#[test]
fn what_this_user_may_not_read_is_told() {
    if rustix::process::geteuid().is_root() {
        return;
    }
    let made = control_plane();
    fs::set_permissions(made.path("/etc/kubernetes/admin.conf"), fs::Permissions::from_mode(0o000))
        .unwrap();
    let (name, cluster) = made.read();
    assert!(
        matches!(cluster.coverage().host(&name), Reach::Partial(why) if why.contains("admin.conf"))
    );
}

#[test]
fn a_root_with_processes_tells_them() {
    let made = control_plane();
    made.file("/proc/7/cmdline", b"kubelet\0--config=/var/lib/kubelet/config.yaml\0");
    made.file("/proc/8/cmdline", b"etcd\0--data-dir=/d\0");
    made.file("/proc/8/environ", b"ETCD_NAME=a\0PATH=/bin\0");
    made.file("/proc/9/cmdline", b"");
    made.file("/proc/10/cmdline", b"/bin/sh\0-c\0kubelet\0");
    made.file("/proc/sys/vm/panic_on_oom", b"0\n");
    made.file("/proc/sys/kernel/osrelease", b"6.1.0\n");
    let host = made.host();
    let pids: Vec<_> = host.processes.iter().map(|p| p.pid).collect();
    assert_eq!(pids, [Some(7), Some(8)]);
    assert_eq!(host.processes[1].environment.keys().collect::<Vec<_>>(), ["ETCD_NAME"]);
    assert_eq!(host.sysctls["vm.panic_on_oom"], "0");
}

#[test]
fn a_root_that_is_none_is_refused() {
    let made = Made::of(&[("/file", "")]);
    let read = |path: &str| read(None, &made.path(path), &mut |_| {}).unwrap_err().to_string();
    assert!(read("/file").ends_with("is no directory"));
    assert!(read("/absent").starts_with("cannot read"));
}

#[test]
fn this_machine_can_be_read() {
    let mut count = 0;
    let name = read(None, Path::new("/"), &mut |records| count += records.len()).unwrap();
    assert!(is_node_name(&name));
    assert!(count > 0);
}

#[test]
fn redaction_leaves_settings_that_are_no_credentials() {
    let kubelet = "apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true, cacheTTL: 2m0s}
  x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}
authorization: {mode: Webhook}
eventRecordQPS: 5
makeIPTablesUtilChains: true
protectKernelDefaults: true
readOnlyPort: 0
rotateCertificates: true
serverTLSBootstrap: true
staticPodPath: /etc/kubernetes/manifests
streamingConnectionIdleTimeout: 4h0m0s
tlsCertFile: /var/lib/kubelet/pki/kubelet.crt
tlsPrivateKeyFile: /var/lib/kubelet/pki/kubelet.key
tlsCipherSuites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]
tlsMinVersion: VersionTLS12
featureGates: {RotateKubeletServerCertificate: true}
";
    let etcd = "name: cp-1
data-dir: /var/lib/etcd
auto-tls: false
client-transport-security:
  cert-file: /etc/etcd/server.crt
  key-file: /etc/etcd/server.key
  client-cert-auth: true
  trusted-ca-file: /etc/etcd/ca.crt
peer-transport-security: {auto-tls: true, key-file: /etc/etcd/peer.key}
";
    let authentication = "apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
anonymous:
  enabled: true
  conditions:
  - path: /livez
  - path: /readyz
";
    for text in [kubelet, etcd, authentication] {
        let before = Fields::flatten(&yaml::to_value(text).unwrap()).0;
        let after = crate::redact::text("/etc/x.yaml", text);
        let after = Fields::flatten(&yaml::to_value(&after).unwrap()).0;
        for (field, value) in before {
            assert_eq!(after.get(&field), Some(&value), "{field}");
        }
    }
}
