//! Command lines of kubectl, on a real cluster and on the model read from it.

use kuberlock_conformance::{Inside, Outcome, from_line};
use kuberlock_kubectl::{Output, Session};
use kuberlock_model::coverage::Reading;
use kuberlock_model::{Change, Cluster as Model, Kind, Reach};
use kuberlock_source::convert::Converter;
use kuberlock_testbed::Cluster;
use libtest_mimic::Failed;

const INSIDE: &str = env!("CARGO_BIN_EXE_inside");
pub const OBJECTS: &str = include_str!("objects.yaml");

/// What both are asked.
const CALLS: &[&[&str]] = &[
    &[
        "get",
        "clusterrolebindings",
        "-o=custom-columns=NAME:.metadata.name,ROLE:.roleRef.name,SUBJECT:.subjects[*].name",
        "--no-headers",
    ],
    &[
        "get",
        "clusterrolebindings",
        "-o=custom-columns=NAME:.metadata.name,ROLE:.roleRef.name,SUBJECT:.subjects[*].name",
    ],
    &[
        "get",
        "rolebindings",
        "-A",
        "-o",
        "custom-columns=N:.metadata.name,K:roleRef.kind,S:{.subjects[*].name}",
    ],
    &[
        "get",
        "roles",
        "--all-namespaces",
        "-o",
        "custom-columns=ROLE_NAMESPACE:.metadata.namespace,ROLE_NAME:.metadata.name",
        "--no-headers",
    ],
    &["get", "role", "-n", "audited", "wild", "-o=jsonpath={.rules}"],
    &["get", "role", "-n", "audited", "wild", "-o=jsonpath={.rules[*].verbs[*]}"],
    &["get", "role", "-n", "audited", "nothing", "-o=jsonpath={.rules}"],
    &[
        "get",
        "clusterroles",
        "-o",
        "custom-columns=CLUSTERROLE_NAME:.metadata.name",
        "--no-headers",
    ],
    &["get", "clusterrole", "admin", "-o=jsonpath={.rules}"],
    &["get", "clusterrole", "cluster-admin", "-o=jsonpath={.rules}"],
    &["get", "clusterrole", "empty", "-o=jsonpath={.rules}"],
    &["get", "clusterrole", "absent", "-o=json"],
    &["get", "clusterrole", "absent", "-o=json", "--ignore-not-found"],
    &["get", "clusterrole", "absent", "missing", "-o=name"],
    &["get", "pod", "absent", "-n", "audited", "-o", "jsonpath={.spec.hostPID}"],
    &["get", "pod/absent", "-n", "audited", "-o", "json"],
    &["get", "pod", "absent", "-A", "-o", "json"],
    &["get", "sa", "", "-o", "json"],
    &["get", "sa", "<none>", "-n", "kube-system", "-o", "json"],
    &[
        "get",
        "pods",
        "--all-namespaces",
        "-o",
        "custom-columns=POD_NAMESPACE:.metadata.namespace,POD_NAME:.metadata.name,POD_SERVICE_ACCOUNT:.spec.serviceAccount,TOKEN:.spec.automountServiceAccountToken",
        "--no-headers",
    ],
    &[
        "get",
        "pods",
        "-A",
        "-o",
        "custom-columns=N:.metadata.name,P:.spec.containers[*].securityContext.privileged,I:.spec.initContainers[*].name,H:.spec.hostNetwork",
    ],
    &[
        "get",
        "pods",
        "-A",
        "-o",
        "jsonpath={range .items[?(@.spec.hostNetwork==true)]}{.metadata.name}{\"\\n\"}{end}",
    ],
    &[
        "get",
        "pods",
        "-A",
        "-o",
        "jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}: {range .spec.containers[*]}{.name} {end};{end}",
    ],
    &[
        "get",
        "pods",
        "-A",
        "-o",
        "jsonpath={.items[*].spec.containers[?(@.securityContext.privileged==true)].name}",
    ],
    &[
        "get",
        "pods",
        "-A",
        "-o",
        "jsonpath={.items[0].metadata.name} {.items[-1].metadata.name} {.items[1:3].metadata.name}",
    ],
    &["get", "pods", "-A", "-o", "jsonpath={..hostNetwork}"],
    &["get", "pods", "-n", "audited", "-o", "name"],
    &["get", "pods", "-n", "audited", "-l", "app=web", "-o", "name"],
    &["get", "pods", "-n", "audited", "-l", "app in (web,db),tier!=back", "-o", "name"],
    &["get", "pods", "-n", "audited", "-l", "!app", "-o", "name"],
    &["get", "pods", "-n", "nowhere", "-o", "name"],
    &["get", "pods", "-n", "nowhere", "-o", "json"],
    &["get", "pods", "-n", "nowhere", "-o", "custom-columns=N:.metadata.name"],
    &["get", "pods,sa", "-n", "audited", "-o", "name"],
    &["get", "ns", "-o", "jsonpath={.items[*].metadata.name}"],
    &["get", "namespaces", "-o", "name"],
    &["get", "networkpolicy", "-n", "audited", "-o", "jsonpath={.items[*].metadata.name}"],
    &[
        "get",
        "networkpolicies",
        "-A",
        "-o",
        "custom-columns=N:.metadata.namespace,NAME:.metadata.name,T:.spec.policyTypes",
    ],
    &["get", "networkpolicy", "-n", "nowhere", "--no-headers"],
    &["get", "networkpolicy", "-n", "nowhere"],
    &[
        "get",
        "serviceaccount",
        "--all-namespaces",
        "--field-selector",
        "metadata.name=default",
        "-o",
        "jsonpath={range .items[*]}{.metadata.namespace} {.automountServiceAccountToken}{'\\n'}{end}",
    ],
    &["get", "psp"],
    &["get", "roles", "-A", "-o", "jsonpath={range .items[*]}"],
    &["get", "roles", "-A", "-o", "jsonpath={.items[}"],
    &["get", "roles", "-A", "-o", "custom-columns=N"],
    &[
        "auth",
        "can-i",
        "get,list,watch",
        "secrets",
        "--all-namespaces",
        "--as=system:authenticated",
    ],
    &["auth", "can-i", "get", "secrets", "--all-namespaces", "--as=system:authenticated"],
    &["auth", "can-i", "create", "pods", "--all-namespaces", "--as=system:authenticated"],
    &["auth", "can-i", "get,list,watch", "secrets", "--as=root-like"],
    &["auth", "can-i", "get", "secrets", "-n", "audited", "--as=reader"],
    &["auth", "can-i", "get", "secrets", "-n", "audited", "--as=dangling"],
    &["auth", "can-i", "get", "pods/x", "-n", "audited", "--as=reader"],
    &["auth", "can-i", "list", "nodes", "--as=reader"],
    &["auth", "can-i", "list", "clusterroles", "--as=reader"],
    &["auth", "can-i", "get", "/healthz", "--as=reader"],
    &["auth", "can-i", "get", "/metrics", "--as=reader"],
    &["auth", "can-i", "frob", "pods", "-n", "audited", "--as=reader"],
    &["auth", "can-i", "get", "secrets", "-A", "--as=system:serviceaccount:audited:robot"],
    &[
        "auth",
        "can-i",
        "get",
        "secrets",
        "-n",
        "audited",
        "--as=system:serviceaccount:audited:robot",
        "-q",
    ],
    &["auth", "can-i", "create", "pods", "-A", "--as=nobody", "--as-group=system:masters"],
];

pub fn run(cluster: &Cluster) -> Outcome {
    cluster.apply(OBJECTS)?;
    std::thread::sleep(std::time::Duration::from_secs(3));
    let model = model(cluster)?;
    let mut different = Vec::new();
    let mut unanswered = Vec::new();
    for call in CALLS {
        let theirs = real(cluster, call)?;
        match Session::new(&model).kubectl(call) {
            Ok(ours) if ours == theirs => {}
            Ok(ours) => different.push(format!("{call:?}\n  ours {ours:#?}\n  real {theirs:#?}")),
            Err(why) => unanswered.push(format!("{call:?}: {why}")),
        }
    }
    println!("{} calls; not answered: {unanswered:#?}", CALLS.len());
    if different.is_empty() && unanswered.is_empty() {
        return Ok(());
    }
    Err(format!("{} differ\n{}", different.len(), different.join("\n")).into())
}

/// The model, as a live scan reads it.
pub fn model(cluster: &Cluster) -> Result<Model, Failed> {
    let mut model = Model::default();
    let mut converter = Converter::default();
    let mut apply = |change: Change| model.apply(change);
    let lines = Inside::administrator(cluster, INSIDE).read(&[])?;
    converter.push(lines.iter().filter_map(from_line).collect(), &mut apply);
    converter.finish(&mut apply);
    for line in &lines {
        let text = |key: &str| line.get(key).and_then(serde_json::Value::as_str);
        let kind = Kind::all().iter().find(|kind| Some(kind.name) == text("kind"));
        if let (Some(kind), Some("complete")) = (kind, text("reach")) {
            apply(Change::Reading(Reading::Kind(kind.kind, Reach::Complete)));
        }
    }
    Ok(model)
}

fn real(cluster: &Cluster, call: &[&str]) -> Result<Output, Failed> {
    let kubeconfig = format!("--kubeconfig={}", cluster.kubeconfig_path().display());
    let out = cluster.command("kubectl").arg(kubeconfig).args(call).output()?;
    Ok(Output {
        stdout: String::from_utf8_lossy(&out.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&out.stderr).into_owned(),
        status: u8::try_from(out.status.code().unwrap_or(255)).unwrap_or(255),
    })
}
