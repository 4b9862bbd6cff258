//! Connections of pods of a namespace are denied unless a policy allows them.
//!
//! # What
//! The pods and workload templates of each namespace, and what decides their egress: NetworkPolicies,
//! and the policies of tiers (AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy). It
//! goes by effect: one policy for the whole namespace and one for each workload are the same. It fails
//! where a pod is isolated by none, or by one that lets everything through all the same. Pods on
//! their node's network are left out, since network policies do not reach them; so are Kubernetes' own
//! namespaces, and namespaces without pods and without such a policy.
//!
//! # Why
//! A pod that nothing holds opens connections to anywhere: to the cloud's metadata service, to the database next door, and out
//! with what it has found.
//!
//! # Remedy
//! `kuberlock namespace secure NAME` proposes policies that allow what is known to be needed and deny
//! the rest, and says what it cannot know.
//!
//! # What the remedy may break
//! Every connection out of the namespace that no policy allows, DNS first.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies
//! - https://network-policy-api.sigs.k8s.io/

use kuberlock_model::network::Direction;
use kuberlock_model::{Kind, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::namespace::isolation;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects { needs: &[Kind::NetworkPolicy], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    isolation::evaluate(context, Direction::Egress)
}
