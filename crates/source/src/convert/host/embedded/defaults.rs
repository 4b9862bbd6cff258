//! What k3s and RKE2 give each component of themselves, as far as a question is asked of it.

use std::collections::BTreeMap;

use kuberlock_model::component::ComponentKind;

use super::super::kubelet::Files;
use super::Supervisor;
use super::settings::Settings;

type Flags = BTreeMap<String, String>;

/// The flags that `supervisor` gives `kind`; none where they depend on files that were not seen.
pub(super) fn of(
    supervisor: &Supervisor,
    kind: ComponentKind,
    settings: &Settings,
    data: &str,
    files: &Files,
) -> Option<Flags> {
    let server = format!("{data}/server");
    let flags = match kind {
        ComponentKind::ApiServer => api_server(&server, settings, files),
        ComponentKind::ControllerManager => controller_manager(&server),
        ComponentKind::Scheduler => {
            let kubeconfig = format!("{server}/cred/scheduler.kubeconfig");
            let mut flags = kubeconfigs(&kubeconfig);
            flags.extend(texts(&[("secure-port", "10259")]));
            flags
        }
        ComponentKind::Etcd => texts(&[("config-file", &format!("{server}/db/etcd/config"))]),
        ComponentKind::Kubelet => return kubelet(supervisor, settings, data, files),
        ComponentKind::KubeProxy => texts(&[
            ("healthz-bind-address", "127.0.0.1"),
            ("kubeconfig", &format!("{data}/agent/kubeproxy.kubeconfig")),
            ("proxy-mode", "iptables"),
        ]),
    };
    Some(flags)
}

/// The suites that k3s takes unless it is told others.
const CIPHERS: &str = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,\
    TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,\
    TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305,\
    TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305";

fn texts(pairs: &[(&str, &str)]) -> Flags {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn api_server(server: &str, settings: &Settings, files: &Files) -> Flags {
    let tls = |name: &str| format!("{server}/tls/{name}");
    let mut flags = texts(&[
        ("allow-privileged", "true"),
        ("anonymous-auth", "false"),
        ("authorization-mode", "Node,RBAC"),
        ("bind-address", "127.0.0.1"),
        ("enable-admission-plugins", "NodeRestriction"),
        ("enable-bootstrap-token-auth", "true"),
        ("profiling", "false"),
        ("requestheader-allowed-names", "system:auth-proxy"),
        ("secure-port", "6444"),
        ("storage-backend", "etcd3"),
        ("tls-cipher-suites", CIPHERS),
    ]);
    for (flag, file) in [
        ("client-ca-file", "client-ca.crt"),
        ("kubelet-certificate-authority", "server-ca.crt"),
        ("kubelet-client-certificate", "client-kube-apiserver.crt"),
        ("kubelet-client-key", "client-kube-apiserver.key"),
        ("proxy-client-cert-file", "client-auth-proxy.crt"),
        ("proxy-client-key-file", "client-auth-proxy.key"),
        ("requestheader-client-ca-file", "request-header-ca.crt"),
        ("service-account-key-file", "service.key"),
        ("service-account-signing-key-file", "service.current.key"),
        ("tls-cert-file", "serving-kube-apiserver.crt"),
        ("tls-private-key-file", "serving-kube-apiserver.key"),
    ] {
        flags.insert(flag.to_owned(), tls(file));
    }
    let external = settings.last("datastore-endpoint").is_some();
    if !external && files.contains_key(&format!("{server}/db/etcd/config")) {
        flags.insert("etcd-servers".to_owned(), "https://127.0.0.1:2379".to_owned());
        for (flag, file) in [
            ("etcd-cafile", "etcd/server-ca.crt"),
            ("etcd-certfile", "etcd/client.crt"),
            ("etcd-keyfile", "etcd/client.key"),
        ] {
            flags.insert(flag.to_owned(), tls(file));
        }
    } else if !external {
        // kine, in the same process, behind a socket that only root reaches.
        let socket = format!("unix://{server}/kine.sock");
        flags.insert("etcd-servers".to_owned(), socket);
    }
    if settings.is_on("secrets-encryption") {
        let path = format!("{server}/cred/encryption-config.json");
        flags.insert("encryption-provider-config".to_owned(), path);
    }
    flags
}

fn controller_manager(server: &str) -> Flags {
    let tls = |name: &str| format!("{server}/tls/{name}");
    let mut flags = kubeconfigs(&format!("{server}/cred/controller.kubeconfig"));
    flags.extend(texts(&[
        ("root-ca-file", &tls("server-ca.crt")),
        ("secure-port", "10257"),
        ("service-account-private-key-file", &tls("service.current.key")),
        ("use-service-account-credentials", "true"),
    ]));
    flags
}

/// What controller manager and scheduler have in common.
fn kubeconfigs(kubeconfig: &str) -> Flags {
    texts(&[
        ("authentication-kubeconfig", kubeconfig),
        ("authorization-kubeconfig", kubeconfig),
        ("bind-address", "127.0.0.1"),
        ("kubeconfig", kubeconfig),
        ("profiling", "false"),
    ])
}

/// Newer supervisors write what they want into a drop-in, older ones give flags.
fn kubelet(
    supervisor: &Supervisor,
    settings: &Settings,
    data: &str,
    files: &Files,
) -> Option<Flags> {
    let agent = format!("{data}/agent");
    if !files.contains_key(&agent) {
        return None;
    }
    let mut flags = texts(&[("kubeconfig", &format!("{agent}/kubelet.kubeconfig"))]);
    let drop_ins = format!("{agent}/etc/kubelet.conf.d");
    let own = format!("{drop_ins}/00-{}-defaults.conf", supervisor.name);
    if files.contains_key(&own) {
        flags.insert("config-dir".to_owned(), drop_ins);
        return Some(flags);
    }
    flags.extend(texts(&[
        ("address", "0.0.0.0"),
        ("anonymous-auth", "false"),
        ("authentication-token-webhook", "true"),
        ("authorization-mode", "Webhook"),
        ("client-ca-file", &format!("{agent}/client-ca.crt")),
        ("fail-swap-on", "false"),
        ("healthz-bind-address", "127.0.0.1"),
        ("pod-manifest-path", &format!("{agent}/pod-manifests")),
        ("read-only-port", "0"),
        ("tls-cert-file", &format!("{agent}/serving-kubelet.crt")),
        ("tls-private-key-file", &format!("{agent}/serving-kubelet.key")),
    ]));
    if settings.is_on("protect-kernel-defaults") {
        flags.insert("protect-kernel-defaults".to_owned(), "true".to_owned());
    }
    Some(flags)
}
