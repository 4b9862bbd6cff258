//! No certificate is good for longer than it needs.
//!
//! # What
//! The time between `notBefore` and `notAfter` of every certificate of the node. It fails where it
//! is longer than the parameters say; the defaults are what kubeadm, k3s and RKE2 issue.
//! Certificates are those of the files that were collected: PKI folders, files that flags and
//! fields name, and the identities within kubeconfigs.
//!
//! # Why
//! Kubernetes has no revocation: a client certificate that leaks is good until it expires, and the
//! only remedy before is a new authority.
//!
//! # Remedy
//! Issue it anew with a shorter time, and renew it by machine.
//!
//! # What the remedy may break
//! What is not renewed by machine stops working sooner.
//!
//! # Parameters
//! - `days` = `398`: the longest time of a certificate that is no authority
//! - `authority-days` = `3660`: the longest time of an authority
//!
//! # References
//! - https://kubernetes.io/docs/setup/best-practices/certificates/

use kuberlock_model::{Severity, Subject};

use crate::certificate;
use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Low, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let parameter = |name| certificate::days_parameter(machine, "certificate-lifetime", name);
    let Some(most) = parameter("days") else { return certificate::no_number(machine, "days") };
    let Some(most_of_authority) = parameter("authority-days") else {
        return certificate::no_number(machine, "authority-days");
    };
    certificate::each(
        machine,
        |_| true,
        |certificate| {
            let (from, until) = (certificate.not_before, certificate.not_after);
            let days = certificate::days(from, until);
            let most = if certificate.is_authority { most_of_authority } else { most };
            (days > most).then(|| {
                let question = "who renews it, and how short may its time be?".to_owned();
                let shown = format!("notBefore {from}, notAfter {until}");
                (format!("it is good for {days} days"), shown, question)
            })
        },
    )
}
