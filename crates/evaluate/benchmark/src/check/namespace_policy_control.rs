//! Something judges the pods of every namespace.
//!
//! # What
//! Each namespace in which workloads of yours run, and what judges pods there as they are made: a Pod
//! Security Standard that it enforces (baseline or restricted, by its label or by the API server's
//! admission configuration), a validating webhook that is asked about pods (Kyverno, Gatekeeper and
//! the like), or a validating admission policy that denies. It fails where there is none. Kubernetes'
//! own namespaces and what its installer lays out are left out. What the webhooks and policies forbid
//! is not asked.
//!
//! # Why
//! Where nothing judges pods, who may make one may take the node: privileged, with its files, its
//! network and its processes.
//!
//! # Remedy
//! Label the namespace with `pod-security.kubernetes.io/enforce: baseline` after the label `warn` has
//! shown what it would refuse.
//!
//! # What the remedy may break
//! Workloads that need what the standard forbids are refused at their next start.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-admission/
//! - https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_admission::{Level, Policy};
use kuberlock_model::admission::AdmissionRule;
use kuberlock_model::component::ComponentKind;
use kuberlock_model::configuration::{Configuration, PluginConfiguration};
use kuberlock_model::{
    Cluster, Evidence, FieldPath, Kind, Metadata, Object, ObjectKey, Origin, Remedy, Severity,
    Subject,
};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::pods;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects { needs: &[], about: &PODS, ask: evaluate },
};

/// Kubernetes' own namespaces.
const OWN: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];
/// The label that the API server puts on every namespace.
const NAME: &str = "kubernetes.io/metadata.name";
const MECHANISMS: [Kind; 3] = [
    Kind::ValidatingWebhookConfiguration,
    Kind::ValidatingAdmissionPolicy,
    Kind::ValidatingAdmissionPolicyBinding,
];

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let groups = context.pod_sources().chunk_by(|a, b| a.head == b.head);
    let mut namespaces: BTreeMap<&str, BTreeSet<&ObjectKey>> = BTreeMap::new();
    for sources in groups {
        let Some(head) = sources.first().map(|source| &source.head) else { continue };
        if let Some(namespace) = head.namespace.as_deref()
            && !pods::is_system(head, sources)
        {
            namespaces.entry(namespace).or_default().insert(head);
        }
    }
    let asked = namespaces.into_iter().filter(|(namespace, _)| !OWN.contains(namespace));
    asked
        .map(|(namespace, workloads)| {
            let key = ObjectKey::new(Kind::Namespace, None, namespace);
            let outcome = judge(context, &key, workloads.len());
            (Subject::Object(key), outcome)
        })
        .collect()
}

fn judge(context: &Context<'_>, key: &ObjectKey, workloads: usize) -> Outcome {
    let Some(Object::Namespace(namespace)) = context.cluster.get(key) else {
        return Outcome::unknown("its labels were not seen");
    };
    let metadata = &namespace.metadata;
    let enforced = Policy::of(&metadata.labels).enforce;
    if enforced.is_labelled {
        if enforced.standard.level != Level::Privileged {
            let message = format!("it enforces the standard `{}`", enforced.standard.level);
            return Outcome::pass(message).with(labels(metadata));
        }
    } else if let Some(evidence) = by_default(context, &metadata.name) {
        return Outcome::pass("the API server enforces a standard in it").with(evidence);
    }
    if let Some((message, evidence)) = by_object(context.cluster, metadata) {
        return Outcome::pass(message).with(evidence);
    }
    let coverage = context.cluster.coverage();
    if let Some(kind) = MECHANISMS.iter().find(|kind| !coverage.kind(**kind).is_whole()) {
        let (what, reach) = (kind.names().resource, coverage.kind(*kind));
        return Outcome::unknown(format!(
            "it enforces no standard, and {what} were not seen: {reach}"
        ));
    }
    let question = "what would the standard `baseline` refuse? Label it \
                    `pod-security.kubernetes.io/warn: baseline` to see, then `enforce`";
    let message = match workloads {
        1 => "nothing judges its pods, and a workload runs in it".to_owned(),
        many => format!("nothing judges its pods, and {many} workloads run in it"),
    };
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail(message, remedy).with(labels(metadata))
}

fn labels(metadata: &Metadata) -> Evidence {
    let label = "pod-security.kubernetes.io/enforce";
    let said = match metadata.labels.get(label) {
        Some(level) => format!("{label}: {level}"),
        None => format!("no label {label}"),
    };
    Evidence::field(said, &metadata.origin, FieldPath::of("metadata").key("labels"))
}

/// The standard that the API server enforces where no label says one.
fn by_default(context: &Context<'_>, namespace: &str) -> Option<Evidence> {
    context.components(ComponentKind::ApiServer).iter().find_map(|component| {
        let path = component.flag("admission-control-config-file", None)?.value;
        let read = context.cluster.host(&component.node)?.configurations.get(&path)?;
        let Configuration::Admission(plugins) = &read.configuration else { return None };
        let Some(PluginConfiguration::Inline(fields)) = plugins.get("PodSecurity") else {
            return None;
        };
        let level = fields.get("defaults.enforce")?.as_str()?;
        let exempt = fields.get("exemptions.namespaces").and_then(|list| list.as_array());
        let is_exempt = exempt.is_some_and(|list| list.iter().any(|of| of == namespace));
        let enforces = matches!(level, "baseline" | "restricted") && !is_exempt;
        let said = format!("PodSecurity defaults.enforce: {level}");
        enforces.then(|| Evidence::field(said, &read.origin, FieldPath::of("plugins")))
    })
}

/// The webhook or policy that judges the pods of the namespace.
fn by_object(cluster: &Cluster, namespace: &Metadata) -> Option<(&'static str, Evidence)> {
    let mut labels = namespace.labels.clone();
    labels.entry(NAME.to_owned()).or_insert_with(|| namespace.name.clone());
    let judges = |rules: &[AdmissionRule]| rules.iter().any(|r| r.covers("CREATE", "", "pods"));
    let field =
        |said: String, origin: &Origin, field: FieldPath| Evidence::field(said, origin, field);
    for set in cluster.validating_webhooks() {
        for (at, webhook) in set.webhooks.iter().enumerate() {
            if judges(&webhook.rules) && webhook.namespaces.matches(&labels) {
                let said = format!("webhook `{}` is asked about its pods", webhook.name);
                let at = FieldPath::of("webhooks").index(at);
                let evidence = field(said, &set.metadata.origin, at);
                return Some(("a webhook judges its pods", evidence));
            }
        }
    }
    for binding in cluster.admission_policy_bindings().filter(|binding| binding.denies) {
        let key = ObjectKey::new(Kind::ValidatingAdmissionPolicy, None, &binding.policy);
        if let Some(Object::AdmissionPolicy(policy)) = cluster.get(&key)
            && judges(&policy.rules)
            && policy.namespaces.matches(&labels)
            && binding.namespaces.matches(&labels)
        {
            let said = format!("{} denies by {key}", binding.metadata.name);
            let evidence = field(said, &binding.metadata.origin, FieldPath::of("spec"));
            return Some(("an admission policy judges its pods", evidence));
        }
    }
    None
}
