//! Namespaces as a whole: how they stand, what is mixed in them, and what is proposed for one.

#![expect(
    clippy::indexing_slicing,
    reason = "what serves the tests panics with what is wrong, as they do"
)]
#![expect(clippy::unwrap_used, reason = "a test fails hard")]

use kuberlock_benchmark::namespace::secure::{NotProposed, Proposal, Wish, propose};
use kuberlock_benchmark::namespace::{Declared, standings};
use kuberlock_benchmark::{Context, evaluate, find, pack};
use kuberlock_model::coverage::{Reach, Reading};
use kuberlock_model::namespace::{Bond, Standing};
use kuberlock_model::{Cluster, Kind, Origin};
use kuberlock_source::convert::Converter;
use kuberlock_source::{Record, yaml};

/// A cluster of these documents, and of none but these.
fn cluster(documents: &[&str]) -> Cluster {
    let mut records: Vec<Record> = Vec::new();
    for text in documents {
        for (range, document) in yaml::documents(text) {
            let object = yaml::to_value(document).unwrap();
            records.push(Record::Object { object, origin: Origin::within("case.yaml", range) });
        }
    }
    for name in Kind::all() {
        records.push(Record::Reading(Reading::Kind(name.kind, Reach::Given)));
    }
    let mut cluster = Cluster::default();
    let mut converter = Converter::default();
    converter.push(records, &mut |change| cluster.apply(change));
    converter.finish(&mut |change| cluster.apply(change));
    assert!(cluster.coverage().unread().is_empty(), "{:?}", cluster.coverage().unread());
    cluster
}

fn standing(cluster: &Cluster, declared: &str) -> Vec<Standing> {
    let declared =
        if declared.is_empty() { Declared::default() } else { declared.parse().unwrap() };
    let context = Context::new(cluster).declaring(declared);
    let checks = pack::find("namespace").unwrap().checks.iter().map(|id| find(id).unwrap());
    let findings = evaluate(&context, checks.collect::<Vec<_>>());
    standings(&context, &findings)
}

fn proposal(cluster: &Cluster, namespace: &str, sensitive: bool) -> Proposal {
    let wish = Wish { namespace: namespace.to_owned(), sensitive, headroom: 50 };
    propose(&Context::new(cluster), &wish).unwrap()
}

/// The names of the policies among the manifests.
fn policies(proposal: &Proposal) -> Vec<&str> {
    let policies = proposal.manifests.iter().filter(|of| of.object["kind"] == "NetworkPolicy");
    policies.map(|of| of.object["metadata"]["name"].as_str().unwrap()).collect()
}

const DNS: &str = "
apiVersion: v1
kind: Namespace
metadata: { name: kube-system }
---
apiVersion: v1
kind: Service
metadata: { name: kube-dns, namespace: kube-system }
spec:
  clusterIP: 10.96.0.10
  selector: { k8s-app: kube-dns }
  ports: [{ name: dns, port: 53, protocol: UDP }, { name: dns-tcp, port: 53, protocol: TCP }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: coredns, namespace: kube-system }
spec:
  selector: { matchLabels: { k8s-app: kube-dns } }
  template:
    metadata: { labels: { k8s-app: kube-dns } }
    spec: { containers: [{ name: coredns, image: 'coredns:1' }] }
";

const API_SERVER: &str = "
apiVersion: v1
kind: Service
metadata: { name: kubernetes, namespace: default }
spec:
  clusterIP: 10.96.0.1
  clusterIPs: [10.96.0.1]
  ports: [{ name: https, port: 443, targetPort: 6443 }]
---
apiVersion: v1
kind: Node
metadata: { name: cp-1, labels: { node-role.kubernetes.io/control-plane: '' } }
status: { addresses: [{ type: InternalIP, address: 192.0.2.10 }] }
";

const SHOP: &str = "
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
      - name: web
        image: web:1
        ports: [{ containerPort: 8080 }]
        env: [{ name: DATABASE, value: 'postgres://db:5432/shop' }, { name: MODE, value: plain }]
        envFrom: [{ secretRef: { name: db-login } }]
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop, namespace: shop }
spec:
  defaultBackend: { service: { name: db, port: { number: 5432 } } }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, namespace: shop, labels: { kuberlock.dev/sensitive: 'true' } }
spec:
  serviceName: db
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec:
      serviceAccountName: db
      imagePullSecrets: [{ name: registry }]
      containers:
      - name: db
        image: db:1
        args: ['--cache', 'web:80']
        ports: [{ name: sql, containerPort: 5432 }]
        env: [{ name: PASSWORD, valueFrom: { secretKeyRef: { name: db-login, key: password } } }]
        resources: { requests: { cpu: 250m, memory: 1Gi }, limits: { memory: 1Gi } }
      volumes:
      - { name: conf, configMap: { name: db-conf } }
      - { name: old, persistentVolumeClaim: { claimName: dump } }
  volumeClaimTemplates: [{ metadata: { name: data }, spec: {} }]
---
apiVersion: v1
kind: Service
metadata: { name: db, namespace: shop }
spec: { selector: { app: db }, ports: [{ port: 5432, targetPort: sql }] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: db-reads, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reads }
subjects: [{ kind: ServiceAccount, name: db, namespace: shop }]
---
apiVersion: v1
kind: ResourceQuota
metadata: { name: pods, namespace: shop }
spec: { hard: { pods: '20' } }
";

const FRONT: &str = "
apiVersion: v1
kind: Namespace
metadata: { name: front }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: proxy, namespace: front }
spec:
  selector: { matchLabels: { app: proxy } }
  template:
    metadata: { labels: { app: proxy } }
    spec: { containers: [{ name: proxy, image: 'proxy:1', args: ['--upstream=web.shop.svc:80'] }] }
";

const OPEN: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-from-web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }], ports: [{ port: 5432 }] }]
";

#[test]
fn what_reads_secrets_is_no_ordinary_neighbour() {
    let cluster = cluster(&[SHOP, FRONT, OPEN]);
    let shop = standing(&cluster, "").into_iter().find(|of| of.name == "shop").unwrap();
    assert_eq!(shop.mixture, None, "web reads a Secret: nothing in it is ordinary");
}

#[test]
fn moving_a_workload_out_breaks_what_ties_it() {
    let plain = SHOP.replace("        envFrom: [{ secretRef: { name: db-login } }]\n", "");
    let cluster = cluster(&[&plain, FRONT, OPEN]);
    let shop = standing(&cluster, "").into_iter().find(|of| of.name == "shop").unwrap();
    let mixture = shop.mixture.unwrap();
    let ordinary: Vec<&str> = mixture.ordinary.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(ordinary, ["web"]);
    let db = mixture.sensitive.first().unwrap();
    assert!(db.declared && db.workload.name == "db");
    let ties: Vec<(Bond, &str)> = db.ties.iter().map(|tie| (tie.of, tie.what.as_str())).collect();
    assert_eq!(
        ties,
        [
            (Bond::Name, "Deployment shop/web reaches it as `db`"),
            (Bond::Name, "it reaches Service web as `web`, which has to become `web.shop`"),
            (Bond::Route, "Ingress shop/shop leads to it by Service db"),
            (Bond::Secret, "Secret db-login has to be made there"),
            (Bond::Secret, "the image's Secret registry has to be made there"),
            (Bond::ConfigMap, "ConfigMap db-conf has to be made there"),
            (Bond::Volume, "PersistentVolumeClaim dump stays: its data has to be moved"),
            (Bond::Volume, "the claims `data` of its pods stay: their data has to be moved"),
            (
                Bond::Binding,
                "RoleBinding shop/db-reads names its account db, which is another one there"
            ),
            (Bond::Binding, "ServiceAccount db has to be made there"),
            (Bond::Policy, "NetworkPolicy db-from-web no longer holds it"),
            (Bond::Limit, "ResourceQuota pods no longer holds it"),
        ]
    );
}

#[test]
fn the_sensitive_come_first_and_suggestions_move_nothing() {
    let cluster = cluster(&[SHOP, FRONT]);
    let names = |declared: &str| {
        let standings = standing(&cluster, declared);
        standings.iter().map(|of| (of.name.clone(), of.sensitive.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(names("front")[0], ("front".to_owned(), true));
    assert_eq!(names("shop")[0], ("shop".to_owned(), true));
    assert!(names("").iter().all(|(_, sensitive)| !sensitive));
}

#[test]
fn what_was_not_seen_of_any_namespace_lowers_the_score_of_each() {
    let mut partial = Cluster::default();
    let mut converter = Converter::default();
    let mut records: Vec<Record> = yaml::documents(FRONT)
        .map(|(range, document)| Record::Object {
            object: yaml::to_value(document).unwrap(),
            origin: Origin::within("case.yaml", range),
        })
        .collect();
    for name in Kind::all().iter().filter(|name| name.kind != Kind::ResourceQuota) {
        records.push(Record::Reading(Reading::Kind(name.kind, Reach::Given)));
    }
    converter.push(records, &mut |change| partial.apply(change));
    converter.finish(&mut |change| partial.apply(change));
    let front = standing(&partial, "").into_iter().find(|of| of.name == "front").unwrap();
    assert!(front.unknown.contains(&"namespace-resource-quota"), "{front:?}");
    let score = front.score.unwrap();
    assert!(score.least < score.most, "{score:?}");
}

#[test]
fn what_is_known_to_be_needed_goes_on() {
    let cluster = cluster(&[DNS, API_SERVER, SHOP, FRONT]);
    let proposal = proposal(&cluster, "shop", false);
    assert_eq!(proposal.breaks, Vec::<String>::new());
    assert_eq!(proposal.left, Vec::<String>::new());
    assert_eq!(
        policies(&proposal),
        [
            "kuberlock-default-deny",
            "kuberlock-allow-dns",
            "kuberlock-allow-from-neighbours",
            "kuberlock-allow-to-neighbours",
            "kuberlock-allow-db-to-api-server",
            "kuberlock-allow-front-proxy-to-web",
            "kuberlock-allow-outside-to-db",
        ]
    );
    // web and db ask DNS by both protocols; web reaches db, db reaches web, proxy reaches web; db
    // asks the API server by its service. By the node's address it is left to the plugin.
    assert!(
        proposal.proven.contains(&"8 of 9 connections that are known go on".to_owned()),
        "{:?}",
        proposal.proven
    );
    let text = proposal.yaml();
    let documents = yaml::documents(&text).map(|(_, text)| yaml::to_value(text).unwrap());
    let shown: Vec<_> = proposal.manifests.iter().map(|of| of.object.clone()).collect();
    assert_eq!(documents.collect::<Vec<_>>(), shown);
}

#[test]
fn what_was_held_before_is_not_opened() {
    let cluster = cluster(&[DNS, API_SERVER, SHOP, FRONT, OPEN]);
    let proposal = proposal(&cluster, "shop", false);
    assert_eq!(proposal.breaks, Vec::<String>::new());
    assert!(proposal.proven.contains(&"no workload newly reaches another".to_owned()));
    let names = policies(&proposal);
    assert!(names.contains(&"kuberlock-allow-from-neighbours-web"), "{names:?}");
    assert!(!names.contains(&"kuberlock-allow-outside-to-db"), "{names:?}");
}

#[test]
fn what_no_policy_can_allow_breaks() {
    let calls = FRONT.replace("--upstream=web.shop.svc:80", "--api=https://api.example.com/v1");
    let cluster = cluster(&[DNS, &calls]);
    let proposal = proposal(&cluster, "front", false);
    assert!(matches!(proposal.breaks.as_slice(), [only] if only.contains("api.example.com")));
}

#[test]
fn the_quota_counts_pods_and_what_they_are_given() {
    let cluster =
        cluster(&[SHOP.split("---\napiVersion: v1\nkind: ResourceQuota").next().unwrap()]);
    let proposal = proposal(&cluster, "shop", false);
    let quota = proposal.manifests.iter().find(|of| of.object["kind"] == "ResourceQuota").unwrap();
    // 100m and 128Mi for web, 250m and 1Gi for db, and half as much again.
    let hard =
        serde_json::json!({ "pods": "10", "requests.cpu": "1000m", "requests.memory": "1728Mi" });
    assert_eq!(quota.object["spec"]["hard"], hard);
}

#[test]
fn only_what_is_seen_and_not_kubernetes_own_is_secured() {
    let cluster = cluster(&[DNS]);
    let refused = |name: &str| {
        let wish = Wish { namespace: name.to_owned(), sensitive: false, headroom: 50 };
        propose(&Context::new(&cluster), &wish).unwrap_err()
    };
    assert_eq!(refused("shop"), NotProposed::NotSeen("shop".to_owned()));
    assert_eq!(refused("kube-system"), NotProposed::Own("kube-system".to_owned()));
}
