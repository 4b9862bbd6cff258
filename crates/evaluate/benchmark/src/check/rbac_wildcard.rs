//! Roles name what they allow.
//!
//! # What
//! The rules of every role and cluster role. It fails where one has `*` among its verbs, API groups
//! or resources (`*/scale` too), or as the path of its URLs. What Kubernetes itself brings (`cluster-
//! admin`, and the roles `system:…` that carry its own label) is left out.
//!
//! # Why
//! A wildcard allows also what nobody thought of: subresources such as `pods/exec`, verbs such as
//! `escalate`, and every resource that a later release or an operator adds.
//!
//! # Remedy
//! Write down the verbs and resources that are used: the audit log tells.
//!
//! # What the remedy may break
//! Requests that nobody remembered: errors `forbidden` in the logs of whoever has the role name them.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege

use kuberlock_model::rbac::{PolicyRule, Role};
use kuberlock_model::{Evidence, FieldPath, Kind, ObjectKey, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::power;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects {
        needs: &[],
        about: &[Kind::ClusterRole, Kind::Role],
        ask: evaluate,
    },
};

/// What the API server puts on the roles and bindings that it makes, and sets right at each start.
const OWN: &str = "kubernetes.io/bootstrapping";

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let roles = context.cluster.roles().filter(|role| !is_own(role));
    roles.map(|role| (Subject::Object(key(role)), judge(role))).collect()
}

fn key(role: &Role) -> ObjectKey {
    ObjectKey::new(role.kind(), role.metadata.namespace.as_deref(), &role.metadata.name)
}

fn is_own(role: &Role) -> bool {
    let name = role.metadata.name.as_str();
    let labelled = role.metadata.labels.contains_key(OWN);
    role.kind() == Kind::ClusterRole
        && (name == power::EVERYTHING || (name.starts_with("system:") && labelled))
}

fn judge(role: &Role) -> Outcome {
    let rules = role.rules.iter().enumerate();
    let evidence = rules.filter(|(_, rule)| has_wildcard(rule)).map(|(at, rule)| {
        let field = FieldPath::of("rules").index(at);
        Evidence::field(power::shown(rule), &role.metadata.origin, field)
    });
    let evidence: Vec<Evidence> = evidence.collect();
    if evidence.is_empty() {
        return Outcome::pass("it names what it allows");
    }
    let question = "which verbs and resources are used? Write these down in place of `*`";
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail("it allows what it does not name", remedy).with_all(evidence)
}

fn has_wildcard(rule: &PolicyRule) -> bool {
    let any = |words: &[String]| words.iter().any(|word| word == "*");
    let resource = |resource: &String| resource == "*" || resource.starts_with("*/");
    any(&rule.verbs)
        || any(&rule.api_groups)
        || any(&rule.non_resource_urls)
        || rule.resources.iter().any(resource)
}
