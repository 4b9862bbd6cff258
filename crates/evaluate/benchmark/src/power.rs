//! A power that few should hold: who holds it, and where.
//!
//! Enters: the requests that make the power up. Leaves: an outcome for each principal that a binding
//! gives it to. Always holds: it is decided by evaluating roles and bindings, aggregated ones too,
//! not by their names; the grants that the cluster makes for its own parts are left out; a role
//! that was not seen leaves the question open.
//!
//! Within one namespace a power over that namespace's objects is what roles are for: it fails only
//! where it is held in the whole cluster, in `kube-system`, or by everybody.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_access::{Action, Grant, canonical};
use kuberlock_model::rbac::{Binding, PolicyRule, Principal, RoleRef};
use kuberlock_model::{Evidence, FieldPath, Kind, Object, ObjectKey, Remedy, Subject};

use crate::check::Outcome;
use crate::context::Context;
use crate::installed;

/// The kinds without which nothing can be said.
pub(crate) const ROLES: [Kind; 4] =
    [Kind::ClusterRole, Kind::ClusterRoleBinding, Kind::Role, Kind::RoleBinding];

/// A power.
pub(crate) struct Power {
    /// What its holder may do: `read secrets`.
    pub(crate) does: &'static str,
    /// The requests on objects of namespaces; each of them is the power.
    pub(crate) within: Vec<Action>,
    /// The requests on objects that have no namespace; each of them is the power.
    pub(crate) whole: Vec<Action>,
    /// The roles of every cluster that grant it: manifests seldom hold them.
    pub(crate) granted_by: &'static [&'static str],
    /// What to ask before it is taken away.
    pub(crate) question: &'static str,
}

/// The role that allows everything.
pub(crate) const EVERYTHING: &str = "cluster-admin";
/// Roles for tenants, which allow most of what a namespace has.
pub(crate) const TENANTS: [&str; 3] = [EVERYTHING, "admin", "edit"];

/// What of the power one principal holds.
#[derive(Debug, Default)]
struct Held {
    /// Where it counts.
    grants: BTreeSet<Grant>,
    /// Bindings of built-in roles that grant it, whose rules were not seen.
    known: BTreeSet<(ObjectKey, ObjectKey)>,
    /// Bound roles that were not seen.
    unseen: BTreeSet<ObjectKey>,
    /// The namespaces it is confined to otherwise.
    confined: BTreeSet<String>,
}

/// Judges everybody who holds `power`.
pub(crate) fn judge(context: &Context<'_>, power: &Power) -> Vec<(Subject, Outcome)> {
    if context.cluster.bindings().next().is_none() {
        return Vec::new();
    }
    let mut held: BTreeMap<Principal, Held> = BTreeMap::new();
    let access = context.access();
    let within = power.within.iter().flat_map(|action| access.who_can_anywhere(action));
    let whole = power.whole.iter().flat_map(|action| access.who_can(action));
    for (principal, grant) in within.chain(whole) {
        if installed::is_own(&principal, &grant.binding, &grant.role) {
            continue;
        }
        let counts = counts(&principal, grant.binding.namespace.as_deref());
        let held = held.entry(principal).or_default();
        match &grant.binding.namespace {
            Some(namespace) if !counts => _ = held.confined.insert(namespace.clone()),
            _ => _ = held.grants.insert(grant),
        }
    }
    add_unseen(context, power, &mut held);
    if held.is_empty() {
        let message = format!("nobody may {} but the cluster's own parts", power.does);
        return vec![(Subject::Cluster, Outcome::pass(message))];
    }
    held.into_iter()
        .map(|(principal, held)| {
            let outcome = outcome(context, power, &principal, &held);
            (Subject::Principal { principal }, outcome)
        })
        .collect()
}

/// Whether a grant counts: everywhere, in the control plane's own namespace, or to everybody.
fn counts(principal: &Principal, namespace: Option<&str>) -> bool {
    namespace.is_none_or(|namespace| namespace == "kube-system") || is_everybody(principal)
}

/// Whether it is all who come in, or all who did not even say who they are.
pub(crate) fn is_everybody(principal: &Principal) -> bool {
    match principal {
        Principal::Group { name } => matches!(
            name.as_str(),
            "system:authenticated" | "system:unauthenticated" | "system:serviceaccounts"
        ),
        Principal::User { name } => name == "system:anonymous",
        Principal::ServiceAccount { .. } => false,
    }
}

fn add_unseen(context: &Context<'_>, power: &Power, held: &mut BTreeMap<Principal, Held>) {
    for binding in context.cluster.bindings() {
        let namespace = binding.metadata.namespace.as_deref();
        if namespace.is_some() && power.within.is_empty() {
            continue;
        }
        let Some(role) = unseen_role(context, binding) else { continue };
        let is_known = power.granted_by.contains(&role.name.as_str());
        if !is_known && installed::is_built_in(&role.name) {
            continue;
        }
        let key = ObjectKey::new(binding.kind(), namespace, &binding.metadata.name);
        for principal in binding.subjects.iter().map(canonical) {
            if installed::is_own(&principal, &key, &role) || !counts(&principal, namespace) {
                continue;
            }
            let held = held.entry(principal).or_default();
            match is_known {
                true => _ = held.known.insert((key.clone(), role.clone())),
                false => _ = held.unseen.insert(role.clone()),
            }
        }
    }
}

/// The cluster role that `binding` names, where files leave it out. A source that shows the built-in roles
/// shows them all: a role that is then missing does not exist, and grants nothing.
pub(crate) fn unseen_role(context: &Context<'_>, binding: &Binding) -> Option<ObjectKey> {
    let RoleRef::ClusterRole(name) = &binding.role else { return None };
    let role = |name: &str| ObjectKey::new(Kind::ClusterRole, None, name);
    let shown = |name: &str| context.cluster.get(&role(name)).is_some();
    (!shown(EVERYTHING) && !shown(name)).then(|| role(name))
}

fn outcome(context: &Context<'_>, power: &Power, principal: &Principal, held: &Held) -> Outcome {
    let does = power.does;
    let by_rules = held.grants.iter().flat_map(|grant| by_rule(context, grant));
    let by_name = held.known.iter().filter_map(|(binding, role)| grants(context, binding, role));
    let evidence: Vec<Evidence> = by_rules.chain(by_name).collect();
    if !evidence.is_empty() && installed::is_administrators(principal) {
        return Outcome::pass("it is the administrators' group").with_all(evidence);
    }
    if !evidence.is_empty() {
        let bindings: BTreeSet<&ObjectKey> =
            held.grants.iter().map(|grant| &grant.binding).collect();
        let bindings: BTreeSet<&ObjectKey> =
            bindings.into_iter().chain(held.known.iter().map(|(binding, _)| binding)).collect();
        let remedy = Remedy::Decision { question: power.question.to_owned() };
        let message = match power.within.is_empty() {
            true => format!("it may {does}"),
            false => format!("it may {does} {}", reach(&bindings)),
        };
        return Outcome::fail(message, remedy).with_all(evidence);
    }
    if let Some(role) = held.unseen.first() {
        return Outcome::unknown(format!("what {role} allows was not seen"));
    }
    let namespaces: Vec<&str> = held.confined.iter().map(String::as_str).collect();
    Outcome::pass(format!("it may {does} only within {}", namespaces.join(", ")))
}

/// Where bindings hold, in words.
fn reach(bindings: &BTreeSet<&ObjectKey>) -> String {
    let namespaces: BTreeSet<Option<&str>> =
        bindings.iter().map(|binding| binding.namespace.as_deref()).collect();
    if namespaces.contains(&None) {
        return "in the whole cluster".to_owned();
    }
    let names: Vec<&str> = namespaces.into_iter().flatten().collect();
    format!("in {}", names.join(", "))
}

/// The binding, and the rule that allows it.
fn by_rule(context: &Context<'_>, grant: &Grant) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> =
        grants(context, &grant.binding, &grant.role).into_iter().collect();
    if let Some(Object::Role(holder)) = context.cluster.get(&grant.holder)
        && let Some(rule) = holder.rules.get(grant.rule)
    {
        let field = FieldPath::of("rules").index(grant.rule);
        let said = format!("{} allows {}", grant.holder, shown(rule));
        evidence.push(Evidence::field(said, &holder.metadata.origin, field));
    }
    evidence
}

fn grants(context: &Context<'_>, binding: &ObjectKey, role: &ObjectKey) -> Option<Evidence> {
    let origin = &context.cluster.get(binding)?.metadata().origin;
    let said = format!("{binding} grants {role}");
    Some(Evidence::field(said, origin, FieldPath::of("roleRef")))
}

/// A rule in words: `get, list on secrets`.
pub(crate) fn shown(rule: &PolicyRule) -> String {
    let mut on = rule.resources.join(", ");
    if !rule.resource_names.is_empty() {
        on = format!("{on} named {}", rule.resource_names.join(", "));
    }
    if !rule.non_resource_urls.is_empty() {
        on = rule.non_resource_urls.join(", ");
    }
    format!("{} on {on}", rule.verbs.join(", "))
}
