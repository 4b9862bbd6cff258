//! Only administrators may change the labels of a namespace.
//!
//! # What
//! Who may `update` or `patch` each namespace, by evaluating roles and bindings, those in the
//! namespace itself too: the API server asks for a namespace's own object within it. It fails
//! where that is somebody beside the cluster's administrators (who may do everything) and its own
//! parts. A role that was not seen leaves the question open. Kubernetes' own namespaces are asked
//! too.
//!
//! # Why
//! Labels of a namespace steer Pod Security (`pod-security.kubernetes.io/enforce: privileged`), the
//! `namespaceSelector` of network policies, of webhooks and of admission policies. Who may change
//! them steps out of all of these.
//!
//! # Remedy
//! Take `update` and `patch` on `namespaces` out of the role, or hold the labels by an admission policy.
//!
//! # What the remedy may break
//! Tools that label namespaces: those that inject sidecars, or that manage tenants.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#namespace-modification

use std::collections::BTreeMap;

use kuberlock_access::Grant;
use kuberlock_model::rbac::Principal;
use kuberlock_model::{Evidence, FieldPath, Object, ObjectKey, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::namespace::holders;
use crate::{installed, namespace, power};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects { needs: &power::ROLES, about: &[], ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let administrators = holders::administrators(context);
    let unseen = unseen(context);
    let outcome = |name: &str| {
        let holders = holders::holders(context, &holders::relabels(name), &administrators);
        match (holders.is_empty(), &unseen) {
            (false, _) => failure(context, &holders),
            (true, Some(role)) => Outcome::unknown(format!("what {role} allows was not seen")),
            (true, None) => Outcome::pass("only administrators may change its labels"),
        }
    };
    let spaces = namespace::spaces(context);
    spaces.values().map(|space| (Subject::Object(space.key()), outcome(space.name))).collect()
}

/// A role bound in the whole cluster whose rules were not seen.
fn unseen(context: &Context<'_>) -> Option<ObjectKey> {
    let whole = context.cluster.bindings().filter(|b| b.metadata.namespace.is_none());
    whole
        .filter_map(|binding| power::unseen_role(context, binding))
        .find(|role| !installed::is_built_in(&role.name) && role.name != power::EVERYTHING)
}

fn failure(context: &Context<'_>, holders: &BTreeMap<Principal, Grant>) -> Outcome {
    let names: Vec<String> = holders.keys().take(3).map(ToString::to_string).collect();
    let more = holders.len().saturating_sub(names.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let message = format!("{}{more} may change its labels", names.join(", "));
    let evidence = holders.iter().filter_map(|(principal, grant)| {
        let Some(Object::Role(role)) = context.cluster.get(&grant.holder) else { return None };
        let rule = power::shown(role.rules.get(grant.rule)?);
        let said = format!("{} lets {principal} {rule}, by {}", grant.holder, grant.binding);
        let field = FieldPath::of("rules").index(grant.rule);
        Some(Evidence::field(said, &role.metadata.origin, field))
    });
    let question = "does it have to change namespaces? If so, hold the labels that steer policies by \
                    an admission policy";
    Outcome::fail(message, Remedy::Decision { question: question.to_owned() }).with_all(evidence)
}
