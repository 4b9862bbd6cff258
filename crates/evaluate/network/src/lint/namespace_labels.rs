//! Rules that go by labels of namespaces that others may set.

use kuberlock_model::network::{
    Action, Direction, Peer, PodSelection, Rule, TierPeer, TieredPolicy,
};
use kuberlock_model::selector::{LabelSelector, Requirement};
use kuberlock_model::{Evidence, FieldPath, Finding, Severity};

use super::Lint;
use super::context::Context;
use super::named::{key, tiered_key};
use super::report::{Report, at};

pub(super) static LINT: Lint = Lint {
    id: "netpol-namespace-label-open",
    title: "A policy goes by labels of namespaces that others may set",
    severity: Severity::Medium,
    what: "Selectors of namespaces that ask for other labels than `kubernetes.io/metadata.name`, \
           and who may change the labels of which namespaces, by RBAC. It fails where somebody \
           may give a namespace the labels that a rule lets in, or take from one the labels by \
           which a cluster's policy is about it.",
    why: "Whoever may change a namespace's labels lets its pods in, or out of the policy's \
          reach, without touching a policy.",
    remedy: "select namespaces by kubernetes.io/metadata.name, or take the right to change \
             namespaces away?",
    may_break: "A name that is selected has to be kept up to date where namespaces come and go.",
    references: &["https://kubernetes.io/docs/reference/labels-annotations-taints/"],
    ask,
};

/// The label that nobody can set to anything but the namespace's name.
const NAME: &str = "kubernetes.io/metadata.name";
/// Who is named in a message.
const NAMED: usize = 3;

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    if context.editors.is_none_or(|editors| editors.namespaces.is_empty()) {
        return Vec::new();
    }
    for policy in context.reach.policies.values() {
        let source = &policy.source;
        for direction in Direction::BOTH.into_iter().filter(|d| source.isolates(*d)) {
            for (index, rule) in source.rules(direction).iter().enumerate() {
                for (at_peer, peer) in rule.peers.iter().enumerate() {
                    let Peer::Pods { namespaces: Some(selector), .. } = peer else { continue };
                    let path = Rule::path(direction, index).key(direction.peers()).index(at_peer);
                    let path = path.key("namespaceSelector");
                    let found = may_join(context, selector);
                    let origin = &source.metadata.origin;
                    report_on(found, "get in by", origin, &path, |message, evidence| {
                        report.add(&key(source), message, [evidence]);
                    });
                }
            }
        }
    }
    tiered(context, &mut report);
    report.findings()
}

fn tiered(context: &Context<'_>, report: &mut Report) {
    for policy in context.reach.tiered.values() {
        let source = &policy.source;
        let origin = &source.metadata.origin;
        let path = FieldPath::of("spec.subject");
        let found = may_leave(context, &source.subject);
        report_on(found, "leave the reach of", origin, &path, |message, evidence| {
            report.add(&tiered_key(source), message, [evidence]);
        });
        for direction in Direction::BOTH {
            let rules = source.rules(direction).iter().enumerate();
            for (index, rule) in rules.filter(|(_, rule)| rule.action != Action::Deny) {
                for (at_peer, peer) in rule.peers.iter().enumerate() {
                    let TierPeer::Pods(selection) = peer else { continue };
                    let path = TieredPolicy::rule_path(direction, index).key(direction.peers());
                    let path = path.index(at_peer);
                    let found = may_join(context, &selection.namespaces);
                    report_on(found, "get in by", origin, &path, |message, evidence| {
                        report.add(&tiered_key(source), message, [evidence]);
                    });
                }
            }
        }
    }
}

/// Those who may, and the namespace whose labels they may change.
type Found<'a> = Option<(&'a str, &'a [String])>;

fn report_on(
    found: Found<'_>,
    does: &str,
    origin: &kuberlock_model::Origin,
    path: &FieldPath,
    mut add: impl FnMut(String, Evidence),
) {
    let Some((namespace, who)) = found else { return };
    let shown: Vec<&str> = who.iter().take(NAMED).map(String::as_str).collect();
    let shown = shown.join(", ");
    let message = format!("pods of {namespace} may {does} {path}: {shown} may change its labels");
    let evidence = at(format!("labels of {namespace} that {shown} may set"), origin, path.clone());
    add(message, evidence);
}

/// A namespace that is not selected and that somebody may give the labels.
fn may_join<'a>(context: &Context<'a>, selector: &LabelSelector) -> Found<'a> {
    let by_label = selector.requirements.iter().any(|requirement| name_of(requirement) != NAME);
    if !by_label {
        return None;
    }
    let mut editors = context.editors?.namespaces.iter();
    editors.find_map(|(namespace, who)| {
        let labels = context.reach.facts.namespace_labels(namespace);
        let names = LabelSelector {
            requirements: selector
                .requirements
                .iter()
                .filter(|requirement| name_of(requirement) == NAME)
                .cloned()
                .collect(),
            ..LabelSelector::default()
        };
        let may = names.matches(&labels) && !selector.matches(&labels) && !who.is_empty();
        may.then_some((namespace.as_str(), who.as_slice()))
    })
}

/// A namespace that is selected and from which somebody may take the labels.
fn may_leave<'a>(context: &Context<'a>, subject: &PodSelection) -> Found<'a> {
    let selector = &subject.namespaces;
    let by_label = selector.requirements.iter().any(|requirement| name_of(requirement) != NAME);
    if !by_label {
        return None;
    }
    let mut editors = context.editors?.namespaces.iter();
    editors.find_map(|(namespace, who)| {
        let labels = context.reach.facts.namespace_labels(namespace);
        let may = selector.matches(&labels) && !who.is_empty();
        may.then_some((namespace.as_str(), who.as_slice()))
    })
}

fn name_of(requirement: &Requirement) -> &str {
    match requirement {
        Requirement::In(key, _)
        | Requirement::NotIn(key, _)
        | Requirement::Exists(key)
        | Requirement::DoesNotExist(key) => key,
    }
}
