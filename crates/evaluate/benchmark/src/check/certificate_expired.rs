//! No certificate has expired.
//!
//! # What
//! `notBefore` and `notAfter` of every certificate of the node, against the time of the scan, or
//! the time at which a snapshot was collected. It fails for one that is no longer good, or not
//! yet. Certificates are those of the files that were collected: PKI folders, files that flags and
//! fields name, and the identities within kubeconfigs.
//!
//! # Why
//! A component that shows an expired certificate is refused by all others. People then switch
//! verification off to get the cluster back.
//!
//! # Remedy
//! Renew it (`kubeadm certs renew`, a restart of k3s or RKE2), and restart what uses it.
//!
//! # What the remedy may break
//! Components restart; whoever keeps a copy of a renewed kubeconfig needs the new one.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/

use kuberlock_model::{Severity, Subject};

use crate::certificate;
use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::High, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let Some(now) = machine.context.now else { return certificate::no_time(machine) };
    certificate::each(
        machine,
        |_| true,
        |certificate| {
            let (from, until) = (certificate.not_before, certificate.not_after);
            let question = "who uses it, and when can it be renewed?".to_owned();
            if until < now {
                let days = certificate::days(until, now);
                Some((format!("it expired {days} days ago"), format!("notAfter {until}"), question))
            } else if from > now {
                Some(("it is not good yet".to_owned(), format!("notBefore {from}"), question))
            } else {
                None
            }
        },
    )
}
