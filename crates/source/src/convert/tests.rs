//! What manifests become.

use kuberlock_model::network::NetworkPolicy;
use kuberlock_model::rbac::{Principal, RoleRef};
use kuberlock_model::selector::Requirement;
use kuberlock_model::workload::{ContainerList, Workload};
use kuberlock_model::{Cluster, FieldPath, ObjectKey};

use super::*;
use crate::yaml;

fn changes_of(text: &str) -> Vec<Change> {
    let records = yaml::documents(text).map(|(range, document)| Record::Object {
        object: yaml::to_value(document).unwrap(),
        origin: Origin::within("x.yaml", range),
    });
    let mut changes = Vec::new();
    let mut converter = Converter::default();
    converter.push(records.collect(), &mut |change| changes.push(change));
    converter.finish(&mut |change| changes.push(change));
    changes
}

fn cluster(text: &str) -> Cluster {
    let mut cluster = Cluster::default();
    changes_of(text).into_iter().for_each(|change| cluster.apply(change));
    cluster
}

fn reasons(text: &str) -> Vec<String> {
    cluster(text).coverage().unread().iter().map(|unread| unread.reason.clone()).collect()
}

fn notices(text: &str) -> Vec<String> {
    cluster(text).coverage().notices().map(|(notice, ..)| notice.to_string()).collect()
}

#[test]
fn a_pod_has_the_defaults_of_the_api() {
    let cluster = cluster(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: {x: ~}\nspec:\n  initContainers:\n  - {name: i, image: x}\n  containers:\n  - name: a\n    image: b\n    args: [--x]\n    resources: {limits: {cpu: 1, memory: 1Gi}}\n    securityContext: {privileged: true}\n    env: [{name: A, value: b}, {name: C, valueFrom: {fieldRef: {fieldPath: x}}}]\n  ephemeralContainers: ~\nstatus: {phase: Succeeded}\n",
    );
    assert_eq!(cluster.coverage().unread(), []);
    let pod = cluster.pods().next().unwrap();
    assert_eq!(pod.metadata.namespace.as_deref(), Some("default"));
    assert_eq!(pod.metadata.labels["x"], "");
    assert_eq!(pod.spec.service_account, "default");
    assert!(pod.finished);
    assert_eq!(pod.spec.containers.len(), 2);
    assert_eq!(pod.spec.containers[0].list, ContainerList::Init);
    assert_eq!(pod.spec.containers[1].security().privileged, Some(true));
    assert_eq!(pod.spec.containers[1].environment, [("A".to_owned(), "b".to_owned())]);
}

#[test]
fn every_workload_converts() {
    let template = "template: {metadata: {labels: {a: b}}, spec: {serviceAccount: old, hostNetwork: true, containers: [{name: a, image: b}]}}";
    for (version, kind, spec, replicas) in [
        ("apps/v1", "Deployment", format!("selector: {{}}, {template}"), Some(1)),
        ("extensions/v1beta1", "Deployment", format!("replicas: 0, {template}"), Some(0)),
        ("apps/v1beta2", "StatefulSet", format!("replicas: 3, {template}"), Some(3)),
        ("apps/v1", "DaemonSet", template.to_owned(), None),
        ("apps/v1", "ReplicaSet", template.to_owned(), Some(1)),
        ("v1", "ReplicationController", template.to_owned(), Some(1)),
        ("batch/v1", "Job", template.to_owned(), None),
        (
            "batch/v1beta1",
            "CronJob",
            format!("schedule: '* * * * *', jobTemplate: {{spec: {{{template}}}}}"),
            None,
        ),
    ] {
        let text = format!(
            "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a, namespace: team}}\nspec: {{{spec}}}\n"
        );
        let cluster = cluster(&text);
        assert_eq!(cluster.coverage().unread(), [], "{kind}");
        let workload: &Workload = cluster.workloads().next().unwrap();
        assert_eq!(workload.kind.to_string(), kind);
        assert_eq!(workload.spec.service_account, "old");
        assert!(workload.spec.host_network);
        assert_eq!(workload.pod_labels["a"], "b");
        assert_eq!(workload.replicas, replicas, "{kind}");
    }
}

#[test]
fn bindings_have_their_defaults() {
    let cluster = cluster(
        "apiVersion: rbac.authorization.k8s.io/v1beta1\nkind: RoleBinding\nmetadata: {name: a, namespace: team}\nroleRef: {kind: ClusterRole, name: view}\nsubjects:\n- {kind: ServiceAccount, name: sa}\n- {kind: User, name: joe}\n- {kind: Group, name: 'system:masters', apiGroup: rbac.authorization.k8s.io}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: view}\nrules: ~\naggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}, matchExpressions: [{key: c, operator: Exists}]}]}\n",
    );
    assert_eq!(cluster.coverage().unread(), []);
    let binding = cluster.bindings().next().unwrap();
    assert_eq!(binding.role, RoleRef::ClusterRole("view".into()));
    assert_eq!(
        binding.subjects,
        [
            Principal::ServiceAccount { namespace: "team".into(), name: "sa".into() },
            Principal::User { name: "joe".into() },
            Principal::Group { name: "system:masters".into() },
        ]
    );
    let role = cluster.roles().next().unwrap();
    assert_eq!(
        role.aggregates[0].requirements,
        [Requirement::In("a".into(), vec!["b".into()]), Requirement::Exists("c".into())]
    );
}

#[test]
fn policy_types_have_their_defaults() {
    for (spec, ingress, egress) in [
        ("podSelector: {}", true, false),
        ("egress: [{}]", true, true),
        ("policyTypes: [Egress]", false, true),
        ("policyTypes: []", true, false),
    ] {
        let cluster = cluster(&format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: a}}\nspec: {{{spec}}}\n"
        ));
        let policy: &NetworkPolicy = cluster.network_policies().next().unwrap();
        assert_eq!((policy.ingress, policy.egress), (ingress, egress), "{spec}");
    }
}

#[test]
fn what_does_not_convert_is_told() {
    let pod = |metadata: &str, rest: &str| {
        reasons(&format!("apiVersion: v1\nkind: Pod\nmetadata: {metadata}\n{rest}"))
    };
    let spec = "spec: {containers: []}\n";
    assert_eq!(pod("{name: a}", spec), Vec::<String>::new());
    assert_eq!(pod("{}", spec), ["Pod has no name"]);
    assert_eq!(pod("{name: a}", ""), ["Pod `a` has no spec"]);
    assert!(pod("{name: \"a\\u001b[31m\"}", spec)[0].contains("no name may have"));
    assert!(pod(&format!("{{name: {}}}", "a".repeat(254)), spec)[0].contains("longer than 253"));
    assert!(pod("{name: a, namespace: A_b}", spec)[0].contains("no DNS label"));
    assert!(pod("{name: '{{ .Release.Name }}'}", spec)[0].contains("helm template"));
    assert!(
        pod("{name: a}", "spec: {hostNetwork: 3}\n")[0].starts_with("Pod `a` is no valid Pod: ")
    );
    assert!(pod("{name: a, labels: 3}", spec)[0].contains("is no valid Pod"));
    assert_eq!(reasons("metadata: {name: a}\nkind: Pod\n"), ["an object without `apiVersion`"]);
    assert_eq!(pod("{generateName: a-}", spec), Vec::<String>::new());
}

#[test]
fn what_is_unknown_is_told_once() {
    assert_eq!(
        notices(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - {name: a, imagee: x}\n  - {name: b, imagee: y}\n  hostNetworks: true\n"
        ),
        [
            "unknown field `spec.containers.imagee` of Pod",
            "unknown field `spec.hostNetworks` of Pod"
        ]
    );
    assert_eq!(
        notices(
            "apiVersion: example.com/v1\nkind: Thing\n---\napiVersion: example.com/v1\nkind: Thing\n"
        ),
        ["unknown kind `example.com/v1 Thing`"]
    );
}

#[test]
fn a_redacted_secret_and_config_map_convert() {
    let mut cluster = Cluster::default();
    for text in [
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: kubernetes.io/tls\ndata: {tls.key: eA==}\nstringData: {b: c}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b, c: 'true'}\nbinaryData: {x: eA==}\n",
    ] {
        let mut object = yaml::to_value(text).unwrap();
        crate::redact::object(&mut object);
        let record = Record::Object { object, origin: Origin::whole("x") };
        Converter::default().push(vec![record], &mut |change| cluster.apply(change));
    }
    assert_eq!(cluster.coverage().unread(), []);
    let secret = cluster.secrets().next().unwrap();
    assert_eq!((secret.secret_type.as_str(), secret.keys.len()), ("kubernetes.io/tls", 2));
    let map = cluster.config_maps().next().unwrap();
    assert_eq!(map.data["c"], "true");
    assert!(map.data["a"].starts_with("[redacted 1 bytes"));
}

#[test]
fn the_pod_of_a_file_keeps_its_name() {
    let value =
        yaml::to_value("apiVersion: v1\nkind: Pod\nmetadata: {name: etcd}\nspec: {}\n").unwrap();
    let pod = pod(&value, Origin::whole("n:/x")).unwrap();
    assert_eq!(
        (pod.metadata.name.as_str(), pod.metadata.namespace.as_deref()),
        ("etcd", Some("default"))
    );
    let value = yaml::to_value("apiVersion: apps/v1\nkind: Deployment\n").unwrap();
    assert!(super::pod(&value, Origin::whole("n:/x")).unwrap_err().contains("not a pod"));
}

#[test]
fn many_records_keep_their_order() {
    let text: String = (0..500)
        .map(|n| format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: n{n}}}\n"))
        .collect();
    let names = changes_of(&text).into_iter().map(|change| match change {
        Change::Upsert(object) => object.metadata().name.clone(),
        other => panic!("{other:?}"),
    });
    assert!(names.eq((0..500).map(|n| format!("n{n}"))));
    let key = ObjectKey::new(Kind::Namespace, None, "n499");
    assert!(cluster(&text).get(&key).is_some());
}

const EVERYTHING: &str = "
apiVersion: v1
kind: Pod
metadata: { name: a, annotations: { container.apparmor.security.beta.kubernetes.io/a: unconfined } }
spec:
  hostPID: true
  hostUsers: false
  os: { name: windows }
  restartPolicy: Never
  securityContext:
    sysctls: [{ name: kernel.msgmax, value: '1' }]
    seccompProfile: { type: Unconfined }
    seLinuxOptions: { type: spc_t, user: system_u }
  volumes:
  - { name: node, hostPath: { path: /etc } }
  - { name: token, projected: { sources: [{ serviceAccountToken: { path: token } }] } }
  - { name: shelf, nfs: { server: a, path: /a } }
  - { name: tmp }
  initContainers:
  - { name: side, image: a, restartPolicy: Always }
  containers:
  - name: a
    image: b
    imagePullPolicy: Always
    env:
    - { name: LEVEL, value: info }
    - { name: PASSWORD, valueFrom: { secretKeyRef: { name: db, key: password } } }
    envFrom: [{ configMapRef: { name: a } }, { secretRef: { name: all } }]
    ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 81, hostIP: 127.0.0.1 }]
    resources: { requests: { cpu: 0, memory: 1Gi }, limits: { cpu: 0.5 } }
    volumeMounts: [{ name: tmp, mountPath: /tmp }, { name: node, mountPath: /node, readOnly: true }]
    livenessProbe: { tcpSocket: { host: 10.0.0.1, port: 1 } }
    lifecycle: { preStop: { httpGet: { host: '', port: 1 } } }
    securityContext:
      procMount: Unmasked
      runAsUser: 0
      capabilities: { add: [NET_ADMIN], drop: [ALL] }
      appArmorProfile: { type: Localhost, localhostProfile: a }
      windowsOptions: { hostProcess: true }
";

#[test]
fn what_a_pod_asks_for_is_kept() {
    use kuberlock_model::workload::{Profile, PullPolicy, RestartPolicy, VolumeSource};

    let cluster = cluster(EVERYTHING);
    assert_eq!(cluster.coverage().unread(), []);
    let spec = &cluster.pods().next().unwrap().spec;
    assert!(spec.host_pid && !spec.host_ipc && spec.is_windows);
    assert_eq!((spec.host_users, spec.restart_policy), (Some(false), RestartPolicy::Never));
    assert_eq!(spec.security().seccomp, Some(Profile::Unconfined));
    assert_eq!(spec.security().sysctls, ["kernel.msgmax".into()]);
    assert_eq!(&*spec.security().se_linux.as_ref().unwrap().user, "system_u");
    let sources: Vec<_> = spec.volumes.iter().map(|volume| volume.source.clone()).collect();
    let host = VolumeSource::HostPath("/etc".into());
    let token = VolumeSource::Projected { token: true, of: Box::default() };
    assert_eq!(sources, [host, token, VolumeSource::Nfs, VolumeSource::EmptyDir]);
    let [side, main] = &spec.containers[..] else { panic!("two containers") };
    assert!(side.is_sidecar && !main.is_sidecar);
    assert_eq!(main.pull_policy, Some(PullPolicy::Always));
    let root = FieldPath::root();
    let secrets = main.variables.iter().filter_map(|v| Some((v.secret()?, v.path(&root))));
    let secrets: Vec<_> = secrets.map(|(name, path)| format!("{name} {path}")).collect();
    assert_eq!(secrets, ["db env[1].valueFrom.secretKeyRef", "all envFrom[1].secretRef"]);
    assert_eq!((main.host_ports.len(), main.host_ports[0].index), (1, 1));
    let (requests, limits) = (main.resources.requests, main.resources.limits);
    assert!(requests.cpu > 0 && limits.cpu > 0);
    assert!(requests.memory > 0 && limits.memory == 0);
    assert_eq!((main.host_mounts.len(), main.host_mounts[0].index), (1, 1));
    assert!(main.probes.liveness && !main.probes.readiness);
    let hosts: Vec<_> = main.handler_hosts.iter().map(|host| host.field).collect();
    assert_eq!(hosts, ["livenessProbe.tcpSocket.host"]);
    let security = main.security();
    assert_eq!((security.run_as_user, security.host_process), (Some(0), Some(true)));
    assert_eq!((security.proc_mount.as_deref(), security.privileged), (Some("Unmasked"), None));
    assert_eq!((&*security.added[0], &*security.dropped[0]), ("NET_ADMIN", "ALL"));
    assert_eq!(security.app_armor, Some(Profile::Localhost));
}
