//! Connections that manifests tell of, from manifests as people write them, redacted as every source
//! redacts them; and policies that kubectl would read back.

#![expect(
    clippy::unwrap_used,
    reason = "what serves the tests panics with what is wrong, as they do"
)]

use std::collections::BTreeSet;

use kuberlock_model::{Cluster, Object};
use kuberlock_network::Cni;
use kuberlock_network::declared::Declared;
use kuberlock_network::generate::{Input, Options, generate};
use kuberlock_source::convert::Converter;
use kuberlock_source::{Record, redact, yaml};

fn cluster(text: &str) -> Cluster {
    let mut cluster = Cluster::default();
    let mut converter = Converter::default();
    let records = yaml::documents(text).map(|(_, document)| {
        let mut object = yaml::to_value(document).unwrap();
        redact::object(&mut object);
        Record::Object { object, origin: kuberlock_model::Origin::whole("app.yaml") }
    });
    let records: Vec<Record> = records.collect();
    converter.push(records, &mut |change| cluster.apply(change));
    assert_eq!(cluster.coverage().unread(), []);
    cluster
}

const SHOP: &str = r#"
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: shop }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api, pod-template-hash: abc, version: "2" } }
    spec:
      serviceAccountName: api
      initContainers:
      - { name: wait, image: w:1, command: ["sh", "-c", "until nc -z db:5432; do sleep 1; done"] }
      containers:
      - name: api
        image: api:1
        args: ["--cache=redis://:hunter2@cache-main", "--name=db", "--pay=https://api.pay.example.com/v1"]
        ports: [{ name: http, containerPort: 8080 }]
        env:
        - { name: DATABASE_DSN, value: "postgres://app:hunter2@db:5432/shop?sslmode=off" }
        - { name: QUEUE_HOST, value: queue }
        - { name: QUEUE_PORT, value: "5672" }
        - { name: MODE, value: cache-main }
        - { name: SEARCH, value: "http://$(SEARCH_HOST):9200" }
        - { name: SEARCH_HOST, value: search.data.svc.cluster.local }
        - { name: GONE_URL, value: "http://gone.shop.svc/x" }
        envFrom: [{ configMapRef: { name: api } }]
      volumes: [{ name: v, configMap: { name: files } }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: api, namespace: shop }
data: { LEDGER_ADDR: "ledger:9090" }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: files, namespace: shop }
data:
  application.yaml: |
    spring:
      url: jdbc:mysql://root:hunter2@reports:3306/x
      password: hunter2
---
apiVersion: v1
kind: ConfigMap
metadata: { name: unused, namespace: shop }
data: { URL: "http://forbidden:80" }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: api, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: x }
subjects: [{ kind: ServiceAccount, name: api, namespace: shop }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reader, namespace: kube-system }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: extension-apiserver-authentication-reader }
subjects: [{ kind: ServiceAccount, name: metrics, namespace: shop }]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: hook }
webhooks:
- name: hook.example.com
  clientConfig: { service: { name: hook, namespace: shop, port: 443 } }
  sideEffects: None
  admissionReviewVersions: [v1]
"#;

fn server(namespace: &str, name: &str, port: u16, target: u16) -> String {
    format!(
        r#"
---
apiVersion: apps/v1
kind: Deployment
metadata: {{ name: {name}, namespace: {namespace} }}
spec:
  selector: {{ matchLabels: {{ app: {name} }} }}
  template:
    metadata: {{ labels: {{ app: {name} }} }}
    spec:
      serviceAccountName: {name}
      containers: [{{ name: c, image: c:1, ports: [{{ name: main, containerPort: {target} }}] }}]
---
apiVersion: v1
kind: Service
metadata: {{ name: {name}, namespace: {namespace} }}
spec: {{ selector: {{ app: {name} }}, ports: [{{ port: {port}, targetPort: main }}] }}
"#
    )
}

fn shop() -> Cluster {
    let servers = [
        ("shop", "db", 5432, 5432),
        ("shop", "cache-main", 6379, 6379),
        ("shop", "queue", 5672, 5673),
        ("data", "search", 9200, 9201),
        ("shop", "ledger", 9090, 9090),
        ("shop", "reports", 3306, 3306),
        ("shop", "forbidden", 80, 80),
        ("shop", "hook", 443, 8443),
        ("shop", "metrics", 443, 10250),
    ];
    let servers =
        servers.map(|(namespace, name, port, target)| server(namespace, name, port, target));
    cluster(&format!("{SHOP}{}", servers.concat()))
}

#[test]
fn what_manifests_tell_of_is_found_and_nothing_else() {
    let declared = Declared::of(&shop());
    let found: BTreeSet<String> =
        declared.edges.iter().map(|e| format!("{} > {}:{}", e.from, e.to, e.port)).collect();
    let api = "shop/api[Deployment]";
    let to = |to: &str| format!("{api} > {to}");
    let expected = [
        to("shop/db[Deployment]:5432"),
        to("shop/cache-main[Deployment]:6379"),
        to("shop/queue[Deployment]:5673"),
        to("data/search[Deployment]:9201"),
        to("shop/ledger[Deployment]:9090"),
        to("shop/reports[Deployment]:3306"),
        to("api.pay.example.com:443"),
        to("kube-apiserver:6443"),
        "kube-apiserver > shop/hook[Deployment]:8443".to_owned(),
        "kube-apiserver > shop/metrics[Deployment]:10250".to_owned(),
        "shop/metrics[Deployment] > kube-apiserver:6443".to_owned(),
    ];
    assert_eq!(found, expected.into());
    let dangling: Vec<_> = declared.dangling.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(dangling, ["gone.shop.svc"]);
}

#[test]
fn generated_yaml_reads_back_as_the_policies_it_was_made_of() {
    let cluster = shop();
    let declared = Declared::of(&cluster);
    let options = Options::default();
    let input = Input {
        cluster: &cluster,
        cni: Cni::Unknown,
        traffic: None,
        declared: Some(&declared),
        options: &options,
    };
    let generated = generate(&input);
    let text = generated.yaml(&|_, _| None);
    assert!(!text.contains("hunter2"), "{text}");
    assert!(!text.contains("pod-template-hash"), "{text}");
    let read = self::cluster(&text);
    let read: BTreeSet<String> = read.network_policies().map(shown).collect();
    let made = generated.objects();
    let made = made.iter().filter_map(|object| match object {
        Object::NetworkPolicy(policy) => Some(shown(policy)),
        _ => None,
    });
    assert_eq!(read, made.collect());
    assert!(read.len() > 10);
    // No DNS is in the manifests: that is told, and asking stays possible.
    assert!(generated.notes.iter().any(|note| note.about == "DNS"));
}

/// Everything of a policy but where it was read.
fn shown(policy: &kuberlock_model::network::NetworkPolicy) -> String {
    let mut policy = policy.clone();
    policy.metadata.origin = kuberlock_model::Origin::whole("x");
    policy.pods.requirements.sort_by_key(|one| format!("{one:?}"));
    format!("{policy:?}")
}
