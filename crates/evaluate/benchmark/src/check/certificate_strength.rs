//! Keys and signatures of certificates are strong.
//!
//! # What
//! Kind and size of every certificate's key, and the digest of its signature. It fails for RSA
//! below 2048 bits, elliptic curves below 224 bits, DSA, and signatures by MD2, MD5 or SHA-1. The
//! signature of a certificate that signed itself is nobody's proof, and is not asked. Certificates
//! are those of the files that were collected: PKI folders, files that flags and fields name, and
//! the identities within kubeconfigs.
//!
//! # Why
//! A weak key can be computed from the certificate, which is public; a weak signature can be moved
//! to another certificate.
//!
//! # Remedy
//! Issue it anew with RSA of 2048 bits or an elliptic curve, signed with SHA-256. An authority's
//! certificate is changed with everything it signed.
//!
//! # What the remedy may break
//! Clients too old for elliptic curves or SHA-256.
//!
//! # References
//! - https://kubernetes.io/docs/setup/best-practices/certificates/

use kuberlock_model::{Severity, Subject};

use crate::certificate;
use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::High, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    certificate::each(
        machine,
        |_| true,
        |certificate| {
            let weak_key = match (certificate.key.as_str(), certificate.bits) {
                ("RSA", Some(bits)) => bits < 2048,
                ("EC", Some(bits)) => bits < 224,
                (kind, _) => kind == "DSA",
            };
            let bits = certificate.bits.map(|bits| format!(" of {bits} bits")).unwrap_or_default();
            let key = format!("{}{bits}", certificate.key);
            let digest = certificate.signature.as_str();
            let question = "which tool issues it, and can it take stronger ones?".to_owned();
            if weak_key {
                Some(("its key is weak".to_owned(), key, question))
            } else if ["MD2", "MD5", "SHA1"].contains(&digest) && !certificate.is_self_issued() {
                Some((format!("it is signed by {digest}"), format!("{digest}, {key}"), question))
            } else {
                None
            }
        },
    )
}
