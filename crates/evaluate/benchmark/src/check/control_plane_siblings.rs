//! The members of the control plane are set up alike.
//!
//! # What
//! For kube-apiserver, kube-controller-manager, kube-scheduler and etcd: the flags of each node's
//! component against those of the others. It fails where they differ. Flags that name the node
//! itself (addresses, names, URLs of etcd) are not compared.
//!
//! # Why
//! A request goes to whichever API server the load balancer picks. One that lacks the audit log,
//! the encryption key or an admission plugin undoes what the others do, now and then, and is hard
//! to find.
//!
//! # Remedy
//! Write the same flags on every control plane node: put them into `extraArgs` of kubeadm-config,
//! then change one node after another.
//!
//! # What the remedy may break
//! The component restarts on each node in turn. During an upgrade the nodes differ for a while:
//! look again when it is done.
//!
//! # References
//! - https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/

use std::collections::BTreeSet;

use kuberlock_model::component::{Component, ComponentKind};
use kuberlock_model::{Evidence, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::drift;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Objects { needs: &[], about: &[], ask: evaluate },
};

/// Flags that name the node itself, or were used once, when it joined.
const OWN: [&str; 12] = [
    "advertise-address",
    "advertise-client-urls",
    "bind-address",
    "etcd-servers",
    "initial-advertise-peer-urls",
    "initial-cluster",
    "initial-cluster-state",
    "listen-client-urls",
    "listen-metrics-urls",
    "listen-peer-urls",
    "name",
    "node-name",
];

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let of = |kind| judge(context, kind, context.components(kind));
    let outcomes: Vec<_> = drift::STATIC.into_iter().filter_map(of).collect();
    if outcomes.is_empty() && !context.layouts().iter().any(|layout| layout.is_managed()) {
        let message = "no source shows how the control plane runs";
        return vec![(Subject::Cluster, Outcome::unknown(message))];
    }
    outcomes
}

fn judge(
    context: &Context<'_>,
    kind: ComponentKind,
    components: &[Component],
) -> Option<(Subject, Outcome)> {
    let (first, others) = components.split_first()?;
    let members = control_plane_nodes(context);
    let outcome = if others.is_empty() && members.len() > 1 {
        let message = format!("of {} control plane nodes one was seen", members.len());
        Outcome::unknown(message)
    } else if others.is_empty() {
        Outcome::not_applicable("there is only one")
    } else {
        compare(context, first, others)
    };
    Some((Subject::Component { component: kind, node: None }, outcome))
}

/// The nodes that are labelled as control plane.
fn control_plane_nodes<'a>(context: &Context<'a>) -> Vec<&'a str> {
    let label = "node-role.kubernetes.io/control-plane";
    let nodes = context.cluster.nodes().filter(|node| node.metadata.labels.contains_key(label));
    nodes.map(|node| node.metadata.name.as_str()).collect()
}

fn compare(context: &Context<'_>, first: &Component, others: &[Component]) -> Outcome {
    let mut evidence: Vec<Evidence> = Vec::new();
    let mut flags = BTreeSet::new();
    let mut nodes = BTreeSet::new();
    for other in others {
        for difference in drift::differences(context, first, other, &OWN) {
            flags.insert(format!("--{}", difference.flag));
            nodes.insert(other.node.as_str());
            for said in difference.evidence {
                if !evidence.contains(&said) {
                    evidence.push(said);
                }
            }
        }
    }
    if flags.is_empty() {
        return Outcome::pass(format!("all {} have the same flags", others.len() + 1));
    }
    let join = |names: Vec<&str>| names.join(", ");
    let message = format!(
        "{} and {} differ in {}",
        first.node,
        join(nodes.into_iter().collect()),
        join(flags.iter().map(String::as_str).collect())
    );
    let question = "which flags are meant? Put them into `extraArgs` of kubeadm-config, and write \
                    them on one control plane node after another";
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail(message, remedy).with_all(evidence)
}
