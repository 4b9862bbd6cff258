//! No certificate expires soon.
//!
//! # What
//! `notAfter` of every certificate of the node that is still good, against the time of the scan,
//! or the time at which a snapshot was collected. It fails where fewer days are left than the
//! parameter says. Certificates are those of the files that were collected: PKI folders, files
//! that flags and fields name, and the identities within kubeconfigs.
//!
//! # Why
//! kubeadm's certificates are good for a year and renewed by its upgrades alone: a cluster that
//! nobody upgrades stops working on its birthday.
//!
//! # Remedy
//! Renew it (`kubeadm certs renew`, a restart of k3s or RKE2), or upgrade.
//!
//! # What the remedy may break
//! Components restart; whoever keeps a copy of a renewed kubeconfig needs the new one.
//!
//! # Parameters
//! - `days` = `30`: how many days must be left
//!
//! # References
//! - https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/

use kuberlock_model::{Severity, Subject};

use crate::certificate;
use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Medium, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let Some(now) = machine.context.now else { return certificate::no_time(machine) };
    let Some(least) = certificate::days_parameter(machine, "certificate-expiry", "days") else {
        return certificate::no_number(machine, "days");
    };
    certificate::each(
        machine,
        |of| of.not_after >= now,
        |certificate| {
            let until = certificate.not_after;
            let left = certificate::days(now, until);
            (left < least).then(|| {
                let question = "who uses it, and when can it be renewed?".to_owned();
                (format!("it expires in {left} days"), format!("notAfter {until}"), question)
            })
        },
    )
}
