//! What the API server asks before it takes an object in: webhooks and policies that validate.

use crate::object::Metadata;
use crate::selector::LabelSelector;

/// An `admissionregistration.k8s.io/v1` ValidatingWebhookConfiguration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookConfiguration {
    /// Metadata.
    pub metadata: Metadata,
    /// Its webhooks, as written.
    pub webhooks: Vec<Webhook>,
}

/// One webhook: which requests the API server shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its name.
    pub name: String,
    /// The requests it is shown; one of them suffices.
    pub rules: Vec<AdmissionRule>,
    /// The namespaces it is asked about; empty is all.
    pub namespaces: LabelSelector,
    /// Whether a request is refused while the webhook does not answer. Defaulted as the API does:
    /// true.
    pub fails_closed: bool,
    /// The service that the API server asks; `None` where it asks a URL.
    pub service: Option<WebhookService>,
}

/// The service behind a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookService {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Which of its ports. Defaulted as the API does: 443.
    pub port: u16,
}

/// An `admissionregistration.k8s.io/v1` ValidatingAdmissionPolicy, as far as it says what it is
/// asked about; its expressions are not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdmissionPolicy {
    /// Metadata.
    pub metadata: Metadata,
    /// The requests it judges; one of them suffices.
    pub rules: Vec<AdmissionRule>,
    /// The namespaces it is asked about; empty is all.
    pub namespaces: LabelSelector,
}

/// An `admissionregistration.k8s.io/v1` ValidatingAdmissionPolicyBinding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdmissionPolicyBinding {
    /// Metadata.
    pub metadata: Metadata,
    /// The name of the policy it puts to work.
    pub policy: String,
    /// Whether it refuses what the policy finds, rather than warning of it or noting it.
    pub denies: bool,
    /// The namespaces it works in; empty is all.
    pub namespaces: LabelSelector,
}

/// Requests, by operation, group and resource. `*` stands for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdmissionRule {
    /// `CREATE`, `UPDATE` …
    pub operations: Vec<String>,
    /// API groups; empty text is the core group.
    pub groups: Vec<String>,
    /// Resources, subresources after a slash.
    pub resources: Vec<String>,
}

impl AdmissionRule {
    /// Whether `operation` on the resource itself, none of its subresources, is among the requests.
    ///
    /// ```
    /// # use kuberlock_model::admission::AdmissionRule;
    /// let of = |resource: &str| AdmissionRule {
    ///     operations: vec!["CREATE".into()],
    ///     groups: vec![String::new()],
    ///     resources: vec![resource.into()],
    /// };
    /// assert!(of("pods").covers("CREATE", "", "pods") && of("*/*").covers("CREATE", "", "pods"));
    /// assert!(!of("pods/exec").covers("CREATE", "", "pods"));
    /// ```
    pub fn covers(&self, operation: &str, group: &str, resource: &str) -> bool {
        let has = |list: &[String], wanted: &str| list.iter().any(|e| e == "*" || e == wanted);
        let named = |listed: &String| match listed.split_once('/') {
            Some((of, sub)) => sub == "*" && (of == "*" || of == resource),
            None => listed == "*" || listed == resource,
        };
        has(&self.operations, operation)
            && has(&self.groups, group)
            && self.resources.iter().any(named)
    }
}
