//! No worker holds an identity of system:masters.
//!
//! # What
//! Client certificates on a node that runs no API server, whose subject has the organization
//! `system:masters`: the group that may do everything, past RBAC. It fails for each. On a node of
//! the control plane kubeadm, k3s and RKE2 keep one by design, which the checks of `admin.conf`
//! ask for.
//!
//! # Why
//! A worker runs the workloads: who breaks out of one of them finds the file and owns the cluster.
//! The certificate cannot be revoked.
//!
//! # Remedy
//! Delete the file from the worker. Where it may have been read, only a new authority helps.
//!
//! # What the remedy may break
//! Scripts on the worker that use it; give them an identity of their own with the rights they
//! need.
//!
//! # References
//! - https://kubernetes.io/docs/setup/best-practices/certificates/

use kuberlock_model::{Severity, Subject};

use crate::certificate;
use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Critical, question: Question::Host(evaluate) };

const GROUP: &str = "system:masters";

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    if runs_api_server(machine) {
        let subject = Subject::Node { node: machine.node.to_owned() };
        let message = "this node runs the API server, whose installer keeps one here";
        return vec![(subject, Outcome::not_applicable(message))];
    }
    certificate::each(
        machine,
        |of| of.is_client,
        |certificate| {
            certificate.organizations.iter().any(|group| group == GROUP).then(|| {
                let message = format!("it may do everything, as it names {GROUP}");
                let question = "who put it on a worker, and may anyone have read it?".to_owned();
                (message, format!("O={GROUP}"), question)
            })
        },
    )
}

fn runs_api_server(machine: &Machine<'_>) -> bool {
    let kind = kuberlock_model::component::ComponentKind::ApiServer;
    machine.host.hidden.contains_key(&kind)
        || machine.context.cluster.component_on(machine.node, kind).is_some()
}
