//! Something asks where images come from.
//!
//! # What
//! The admission plugin ImagePolicyWebhook of kube-apiserver, and the validating webhooks that verify
//! signatures (Sigstore's policy controller, Connaisseur, Ratify). It fails where there is neither.
//! Kyverno and Gatekeeper may verify images too; what their policies say is not read, and the
//! question then stays open.
//!
//! # Why
//! Whoever can write to a registry, or to a tag in it, decides what the cluster runs next.
//!
//! # Remedy
//! Sign images as they are built, and have a webhook refuse what is not signed, namespace by
//! namespace.
//!
//! # What the remedy may break
//! Images that nobody signs: those of third parties, and all that run today.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#imagepolicywebhook
//! - https://docs.sigstore.dev/policy-controller/overview/

use kuberlock_model::component::ComponentKind;
use kuberlock_model::{Cluster, Evidence, FieldPath, Kind, Remedy, Severity};

use crate::admission;
use crate::check::{Check, Outcome, Question};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

/// Parts of the names of webhooks that verify images.
const VERIFIERS: [&str; 3] = ["policy.sigstore.dev", "connaisseur", "ratify"];
/// Those of policy engines that can be told to.
const ENGINES: [&str; 2] = ["kyverno", "gatekeeper"];

fn evaluate(api_server: &Running<'_>) -> Outcome {
    let question = "who signs the images that run here? Have a webhook refuse all others";
    let plugin = admission::must_be_on(api_server, "ImagePolicyWebhook", Some(question));
    if plugin.verdict == kuberlock_model::Verdict::Pass {
        return plugin;
    }
    let cluster = api_server.context.cluster;
    if let Some(evidence) = webhook(cluster, &VERIFIERS) {
        return Outcome::pass("a webhook verifies images").with(evidence);
    }
    if let Some(evidence) = webhook(cluster, &ENGINES) {
        let message = "a policy engine may verify images: its policies are not read";
        return Outcome::unknown(message).with(evidence);
    }
    let reach = cluster.coverage().kind(Kind::ValidatingWebhookConfiguration);
    if !reach.is_whole() {
        return Outcome::unknown(format!("validating webhooks were not seen: {reach}"));
    }
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail("nothing asks where images come from", remedy).with_all(plugin.evidence)
}

fn webhook(cluster: &Cluster, names: &[&str]) -> Option<Evidence> {
    for set in cluster.validating_webhooks() {
        for (at, webhook) in set.webhooks.iter().enumerate() {
            if names.iter().any(|name| webhook.name.contains(name)) {
                let said = format!("webhook `{}`", webhook.name);
                let field = FieldPath::of("webhooks").index(at);
                return Some(Evidence::field(said, &set.metadata.origin, field));
            }
        }
    }
    None
}
