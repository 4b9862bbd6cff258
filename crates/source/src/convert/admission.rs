//! Validating webhooks and admission policies.

use k8s_openapi::api::admissionregistration::v1 as api;
use kuberlock_model::Object;
use kuberlock_model::admission::{
    AdmissionPolicy, AdmissionPolicyBinding, AdmissionRule, Webhook, WebhookConfiguration,
    WebhookService,
};
use kuberlock_model::selector::LabelSelector;
use serde_json::Value;

use super::metadata::selector;
use super::typed::Source;

pub(super) fn webhooks(source: &mut Source) -> Result<Object, String> {
    let mut webhooks = source.take("webhooks").unwrap_or_default();
    // Of whom to ask only the service is of interest: a bundle of certificates that was cut is no
    // base64, and a URL may hold a credential.
    for webhook in webhooks.as_array_mut().into_iter().flatten() {
        if let Some(webhook) = webhook.as_object_mut() {
            let service =
                webhook.get_mut("clientConfig").and_then(|config| config.get_mut("service"));
            let service = service.map(|service| ("service".to_owned(), service.take()));
            let config = service.into_iter().filter(|(_, service)| service.is_object()).collect();
            webhook.insert("clientConfig".to_owned(), Value::Object(config));
        }
    }
    source.put("webhooks", webhooks);
    let from: api::ValidatingWebhookConfiguration = source.read()?;
    let webhooks = from.webhooks.unwrap_or_default().into_iter().map(webhook);
    Ok(Object::Webhooks(WebhookConfiguration {
        metadata: source.metadata(from.metadata)?,
        webhooks: webhooks.collect::<Result<_, _>>()?,
    }))
}

fn webhook(from: api::ValidatingWebhook) -> Result<Webhook, String> {
    let rules = from.rules.unwrap_or_default().into_iter();
    Ok(Webhook {
        name: from.name,
        rules: rules.map(|r| rule(r.operations, r.api_groups, r.resources)).collect(),
        namespaces: any(from.namespace_selector)?,
        fails_closed: from.failure_policy.as_deref() != Some("Ignore"),
        service: from.client_config.service.map(|service| WebhookService {
            namespace: service.namespace,
            name: service.name,
            port: service.port.and_then(|port| u16::try_from(port).ok()).unwrap_or(443),
        }),
    })
}

pub(super) fn policy(source: &mut Source) -> Result<Object, String> {
    let from: api::ValidatingAdmissionPolicy = source.read()?;
    let wanted = from.spec.and_then(|spec| spec.match_constraints).unwrap_or_default();
    let rules = wanted.resource_rules.unwrap_or_default().into_iter();
    Ok(Object::AdmissionPolicy(AdmissionPolicy {
        metadata: source.metadata(from.metadata)?,
        rules: rules.map(|r| rule(r.operations, r.api_groups, r.resources)).collect(),
        namespaces: any(wanted.namespace_selector)?,
    }))
}

pub(super) fn policy_binding(source: &mut Source) -> Result<Object, String> {
    let from: api::ValidatingAdmissionPolicyBinding = source.read()?;
    let spec = from.spec;
    let matched = spec.match_resources.unwrap_or_default();
    let actions = spec.validation_actions;
    Ok(Object::AdmissionPolicyBinding(AdmissionPolicyBinding {
        metadata: source.metadata(from.metadata)?,
        policy: spec.policy_name,
        denies: actions.iter().any(|action| action == "Deny"),
        namespaces: any(matched.namespace_selector)?,
    }))
}

fn rule(
    operations: Option<Vec<String>>,
    groups: Option<Vec<String>>,
    resources: Option<Vec<String>>,
) -> AdmissionRule {
    AdmissionRule {
        operations: operations.unwrap_or_default(),
        groups: groups.unwrap_or_default(),
        resources: resources.unwrap_or_default(),
    }
}

/// A selector that selects everything where it is absent.
fn any(
    from: Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector>,
) -> Result<LabelSelector, String> {
    selector(from.unwrap_or_default())
}
