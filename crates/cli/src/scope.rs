//! Which findings are asked for: `-n` and `-l`.

use std::collections::BTreeMap;

use kuberlock_model::object::ObjectKey;
use kuberlock_model::rbac::Principal;
use kuberlock_model::{Cluster, Finding, Kind, Subject};

use crate::command::ScanArgs;

/// Leaves the findings whose subjects lie in the namespace and have the labels that `args` name.
pub(crate) fn narrow(findings: &mut Vec<Finding>, args: &ScanArgs, cluster: &Cluster) {
    if let Some(namespace) = &args.namespace {
        findings.retain(|finding| lies_in(&finding.subject, namespace));
    }
    if let Some(selector) = &args.selector {
        findings.retain(|finding| {
            labels(&finding.subject, cluster).is_some_and(|labels| selector.matches(labels))
        });
    }
}

fn lies_in(subject: &Subject, namespace: &str) -> bool {
    match subject {
        Subject::Object(key) if key.kind == Kind::Namespace => key.name == namespace,
        Subject::Object(key) => key.namespace.as_deref() == Some(namespace),
        Subject::Principal { principal: Principal::ServiceAccount { namespace: of, .. } } => {
            of == namespace
        }
        _ => false,
    }
}

/// The labels of the object that a subject is or belongs to: a machine, a file and a component belong
/// to their Node. What belongs to none has no labels, and no selector means it.
fn labels<'c>(subject: &Subject, cluster: &'c Cluster) -> Option<&'c BTreeMap<String, String>> {
    let node = |name: &str| ObjectKey::new(Kind::Node, None, name);
    let key = match subject {
        Subject::Object(key) => key.clone(),
        Subject::Node { node: name } => node(name),
        Subject::Component { node: Some(name), .. } | Subject::File { node: Some(name), .. } => {
            node(name)
        }
        Subject::Principal { principal: Principal::ServiceAccount { namespace, name } } => {
            ObjectKey::new(Kind::ServiceAccount, Some(namespace), name)
        }
        _ => return None,
    };
    Some(&cluster.get(&key)?.metadata().labels)
}
