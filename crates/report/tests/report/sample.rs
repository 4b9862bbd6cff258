//! A scan that has every verdict, severity, subject, kind of evidence and remedy.

use std::sync::Arc;

use kuberlock_model::component::ComponentKind;
use kuberlock_model::coverage::{Notice, Reach, Reading, Unread};
use kuberlock_model::finding::{From, Waiver};
use kuberlock_model::object::{Kind, ObjectKey};
use kuberlock_model::origin::Location;
use kuberlock_model::rbac::Principal;
use kuberlock_model::scan::{CheckSummary, ChosenBenchmark, Scan};
use kuberlock_model::{
    Change, Cluster, Coverage, Evidence, FieldPath, Finding, Origin, Remedy, Severity, Subject,
    Verdict,
};
use serde_json::json;

const API_SERVER: &str = "/etc/kubernetes/manifests/kube-apiserver.yaml";

/// A scan of nothing.
pub fn empty() -> Scan {
    Scan {
        target: "files ./empty".into(),
        cluster: None,
        cluster_uid: None,
        release: None,
        table: ("1.37".into(), false),
        benchmark: ChosenBenchmark {
            name: "cis-1.12".into(),
            why: "the newest there is".into(),
            sections: [("5".into(), "Policies".into())].into(),
        },
        identity: None,
        coverage: Coverage::default(),
        findings: Vec::new(),
        checks: Vec::new(),
    }
}

/// A scan of everything.
pub fn whole() -> Scan {
    Scan {
        target: "snapshot examples/cluster".into(),
        cluster: Some("northwind".into()),
        cluster_uid: Some("3f1c7a52-8f0e-4a57-9f56-6f0d7f9f6a11".into()),
        release: "1.37.2".parse().ok(),
        table: ("1.37".into(), true),
        identity: Some("system:serviceaccount:audit:scanner".into()),
        coverage: coverage(),
        findings: findings(),
        checks: checks(),
        ..empty()
    }
}

/// The coverage that `readings` give.
pub fn coverage_of(readings: impl IntoIterator<Item = Reading>) -> Coverage {
    let mut cluster = Cluster::default();
    readings.into_iter().for_each(|reading| cluster.apply(Change::Reading(reading)));
    cluster.coverage().clone()
}

fn coverage() -> Coverage {
    let forbidden =
        "configmaps is forbidden: cannot list resource \"configmaps\" in API group \"\"";
    let mut readings: Vec<Reading> =
        Kind::all().iter().map(|k| Reading::Kind(k.kind, Reach::Complete)).collect();
    readings.retain(|r| !matches!(r, Reading::Kind(Kind::Secret | Kind::ConfigMap | Kind::Job, _)));
    readings.push(Reading::Kind(Kind::ConfigMap, Reach::Forbidden(forbidden.into())));
    readings.push(Reading::Kind(Kind::Job, Reach::NotServed));
    for node in ["cp-1", "cp-2", "worker-1"] {
        readings.push(Reading::Host(node.into(), Reach::Complete));
    }
    let partial = "/proc was not given";
    readings.push(Reading::Host("worker-2".into(), Reach::Partial(partial.into())));
    for at in 1..=5 {
        readings.push(Reading::Unread(Unread::new(
            Origin::whole(format!("apps/broken-{at}.yaml")),
            format!("line {at}: mapping values are not allowed here"),
        )));
    }
    let refused = "NetworkPolicy `team/web` would be refused by the API server: \
                   spec.ingress[0].from[0]: Required value: the peer names nobody";
    readings.push(Reading::Unread(Unread {
        location: Some(Location { file: "apps/web.yaml".into(), line: 12, column: 9 }),
        ..Unread::at(
            Origin::within("apps/web.yaml", 0..300),
            FieldPath::of("spec.ingress[0].from[0]"),
            refused,
        )
    }));
    let first = Origin::whole("apps/all.yaml");
    for _ in 0..12 {
        let notice = Notice::UnknownKind { kind: "acme.dev/v1 Widget".into() };
        readings.push(Reading::Notice(notice, first.clone()));
    }
    let notice = Notice::UnknownField { kind: "Pod".into(), field: "spec.hostnetwork".into() };
    readings.push(Reading::Notice(notice, first.clone()));
    readings.push(Reading::Notice(Notice::DuplicateKey { key: "image".into() }, first));
    coverage_of(readings)
}

fn check(
    id: &'static str,
    title: &'static str,
    severity: Severity,
    items: &[&str],
) -> CheckSummary {
    let items = items.iter().map(|item| (*item).to_owned()).collect();
    CheckSummary {
        id,
        title,
        severity,
        items,
        packs: Vec::new(),
        what: "Something that is written.",
        why: "Somebody could.",
        remedy: "Write it otherwise.",
        may_break: "",
        references: &["https://kubernetes.io/docs/concepts/security/"],
    }
}

fn checks() -> Vec<CheckSummary> {
    use Severity::{Critical, High, Low, Medium};
    let anonymous = "Anonymous requests to the API server are refused";
    vec![
        CheckSummary {
            may_break: "health probes and load balancers that ask without credentials",
            ..check("api-server-anonymous-auth", anonymous, Critical, &["1.2.1"])
        },
        check("cluster-admin-bindings", "Few are cluster-admin", Critical, &["5.1.1"]),
        CheckSummary {
            may_break: "workloads that write to the node's file system",
            ..check("pod-privileged", "No container is privileged", High, &["5.2.2"])
        },
        check("kubelet-anonymous-auth", "The kubelet refuses strangers", High, &["4.2.1"]),
        check(
            "admin-config-mode",
            "Administrators' files are private",
            Medium,
            &["1.1.13", "4.1.5"],
        ),
        check("api-server-admission", "NodeRestriction is on", Medium, &["1.2.15"]),
        check("kernel-defaults", "The kernel is set as the kubelet wants", Low, &["4.2.6"]),
        check("namespace-isolation", "Namespaces have a default deny", Medium, &["5.3.2"]),
        check("profiling", "Profiling is off", Low, &["1.2.16", "1.3.2", "1.4.1"]),
        check("etcd-client-certificates", "etcd asks for certificates", Critical, &["2.2"]),
        check("secrets-as-files", "Secrets are files, not variables", Medium, &["5.4.1"]),
        check("cloud-provider", "The cloud provider is external", Low, &[]),
    ]
}

fn some(remedy: Remedy) -> Option<Box<Remedy>> {
    Some(Box::new(remedy))
}

fn finding(check: &'static str, subject: Subject, severity: Severity, message: &str) -> Finding {
    Finding {
        check,
        subject,
        severity,
        verdict: Verdict::Fail,
        message: message.to_owned().into(),
        evidence: Vec::new(),
        remedy: None,
        waiver: None,
    }
}

fn component(component: ComponentKind, node: &str) -> Subject {
    Subject::Component { component, node: Some(node.into()) }
}

fn object(kind: Kind, namespace: Option<&str>, name: &str) -> Subject {
    Subject::Object(ObjectKey::new(kind, namespace, name))
}

fn at(value: &str, file: &str, line: u64, field: &str) -> Evidence {
    let origin = Origin::within(Arc::from(file), 10..200);
    let location = Some(Location { file: file.into(), line, column: 7 });
    let from = From::Document { origin, field: FieldPath::of(field), location };
    Evidence { value: value.into(), from }
}

fn findings() -> Vec<Finding> {
    let mut all = critical();
    all.extend(high());
    all.extend(medium());
    all.extend(low());
    all.extend(folded());
    all
}

fn critical() -> Vec<Finding> {
    let api_server = |node: &str, evidence| Finding {
        evidence: vec![evidence],
        remedy: some(Remedy::SetFlag {
            component: ComponentKind::ApiServer,
            node: node.into(),
            flag: "anonymous-auth".into(),
            value: "false".into(),
            merge: false,
        }),
        ..finding(
            "api-server-anonymous-auth",
            component(ComponentKind::ApiServer, node),
            Severity::Critical,
            "requests without credentials are let in as system:anonymous",
        )
    };
    let principal = |principal: Principal, message: &str, question: &str| Finding {
        evidence: vec![Evidence::field(
            "roleRef ClusterRole cluster-admin",
            &Origin::whole("api:/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/ci"),
            FieldPath::of("subjects[0]"),
        )],
        remedy: some(Remedy::Decision { question: question.into() }),
        ..finding(
            "cluster-admin-bindings",
            Subject::Principal { principal },
            Severity::Critical,
            message,
        )
    };
    vec![
        api_server(
            "cp-1",
            at(
                "--anonymous-auth=true",
                &format!("cp-1:{API_SERVER}"),
                17,
                "spec.containers[0].command[3]",
            ),
        ),
        api_server("cp-2", Evidence::default_of("--anonymous-auth=true", "1.37")),
        principal(
            Principal::ServiceAccount { namespace: "ci".into(), name: "deployer".into() },
            "may do everything, by ClusterRoleBinding ci",
            "which verbs on which resources does ci/deployer need?",
        ),
        principal(
            Principal::User { name: "eve@example.org".into() },
            "may do everything, by ClusterRoleBinding eve",
            "does eve@example.org still work on this cluster?",
        ),
    ]
}

fn high() -> Vec<Finding> {
    let privileged = |at_line: u64, name: &str| {
        let key = ObjectKey::new(Kind::Deployment, Some("shop"), name);
        Finding {
            evidence: vec![at(
                "privileged: true",
                &format!("apps/{name}.yaml"),
                at_line,
                "spec.template.spec.containers[0].securityContext.privileged",
            )],
            remedy: some(Remedy::PatchObject {
                object: key.clone(),
                patch: json!({"spec": {"template": {"spec": {"hostPID": null}}}}),
            }),
            ..finding(
                "pod-privileged",
                Subject::Object(key),
                Severity::High,
                &format!("container {name} is privileged"),
            )
        }
    };
    let mut all: Vec<Finding> = ["api", "cart", "cron", "mail", "pay", "search", "web"]
        .iter()
        .zip(20..)
        .map(|(name, line)| privileged(line, name))
        .collect();
    all.push(Finding {
        evidence: vec![
            at(
                "enabled: true",
                "worker-1:/var/lib/kubelet/config.yaml",
                4,
                "authentication.anonymous.enabled",
            ),
            Evidence::default_of("authorization.mode: AlwaysAllow", "1.37"),
        ],
        remedy: some(Remedy::SetKubeletField {
            node: "worker-1".into(),
            file: "/var/lib/kubelet/config.yaml".into(),
            field: "authentication.anonymous.enabled".into(),
            value: json!(false),
        }),
        ..finding(
            "kubelet-anonymous-auth",
            component(ComponentKind::Kubelet, "worker-1"),
            Severity::High,
            "anyone who reaches port 10250 may run commands in pods",
        )
    });
    all
}

fn medium() -> Vec<Finding> {
    let file = |node: &str, path: &str, message: &str, fact: &str, remedy: Remedy| Finding {
        evidence: vec![Evidence::file(fact, node, path)],
        remedy: some(remedy),
        ..finding(
            "admin-config-mode",
            Subject::File { node: Some(node.into()), path: path.into() },
            Severity::Medium,
            message,
        )
    };
    let admin = "/etc/kubernetes/admin.conf";
    let mode = Remedy::SetFileMode { node: "cp-1".into(), path: admin.into(), mode: "0600".into() };
    let owner = Remedy::SetFileOwner {
        node: "cp-2".into(),
        path: admin.into(),
        user: "root".into(),
        group: "root".into(),
    };
    vec![
        file("cp-1", admin, "others may read it", "mode 0644", mode),
        file("cp-2", admin, "it belongs to a person", "owner 1000:1000", owner),
        Finding {
            remedy: some(Remedy::SetFlag {
                component: ComponentKind::ApiServer,
                node: "cp-1".into(),
                flag: "enable-admission-plugins".into(),
                value: "NodeRestriction".into(),
                merge: true,
            }),
            ..finding(
                "api-server-admission",
                Subject::Component { component: ComponentKind::ApiServer, node: None },
                Severity::Medium,
                "a node may change the labels of other nodes",
            )
        },
    ]
}

fn low() -> Vec<Finding> {
    vec![Finding {
        evidence: vec![Evidence::file("0", "worker-2", "/proc/sys/vm/overcommit_memory")],
        remedy: some(Remedy::SetSysctl {
            node: "worker-2".into(),
            name: "vm.overcommit_memory".into(),
            value: "1".into(),
        }),
        ..finding(
            "kernel-defaults",
            Subject::Node { node: "worker-2".into() },
            Severity::Low,
            "the kubelet would not start with protectKernelDefaults",
        )
    }]
}

fn folded() -> Vec<Finding> {
    let with = |verdict, check, subject, message: &str| Finding {
        verdict,
        ..finding(check, subject, Severity::Medium, message)
    };
    let mut all = vec![Finding {
        waiver: Some(Box::new(Waiver {
            reason: "the namespace is emptied in May".into(),
            owner: "platform".into(),
            expires: "2027-05-31".into(),
        })),
        ..with(
            Verdict::Accepted,
            "namespace-isolation",
            object(Kind::Namespace, None, "legacy"),
            "no policy selects every pod",
        )
    }];
    let unseen = "the process of the scheduler was not seen";
    for node in ["cp-1", "cp-2"] {
        all.push(with(
            Verdict::Unknown,
            "profiling",
            component(ComponentKind::Scheduler, node),
            unseen,
        ));
    }
    all.push(with(
        Verdict::Unknown,
        "secrets-as-files",
        Subject::Cluster,
        "secrets were not asked for",
    ));
    for node in ["cp-1", "cp-2"] {
        let etcd = component(ComponentKind::Etcd, node);
        all.push(with(
            Verdict::Pass,
            "etcd-client-certificates",
            etcd,
            "certificates are asked for",
        ));
    }
    let kubelet = component(ComponentKind::Kubelet, "worker-2");
    all.push(with(Verdict::Pass, "kubelet-anonymous-auth", kubelet, "strangers are refused"));
    all.push(with(Verdict::NotApplicable, "cloud-provider", Subject::Cluster, "no cloud is used"));
    all
}
