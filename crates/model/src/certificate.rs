//! What a certificate says, never the certificate itself.
//!
//! These are records of a snapshot too (`nodes/NAME/certificates.jsonl`). Always holds: no key is
//! part of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A certificate of a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The file that holds it: absolute path on the node, without links.
    pub path: String,
    /// Which of the file's certificates it is, from 0.
    pub index: usize,
    /// Where in the file it is, where that is a kubeconfig: the user it is the identity of, or the
    /// cluster it is the authority of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Whom it names, in RFC 4514's manner.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The organizations of the subject, which Kubernetes takes for groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organizations: Vec<String>,
    /// The DNS names and addresses it is good for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// From when on it is good.
    pub not_before: Timestamp,
    /// Until when it is good.
    pub not_after: Timestamp,
    /// Its serial number in hexadecimal digits.
    pub serial: String,
    /// The kind of its key: `RSA`, `EC`, `Ed25519`, or the number of another.
    pub key: String,
    /// The size of its key in bits, where the kind has sizes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits: Option<usize>,
    /// The algorithm of its signature: `SHA256`, `SHA1`, `Ed25519`, or the number of another.
    pub signature: String,
    /// Whether it may sign others.
    pub is_authority: bool,
    /// Whether it may be shown by a client.
    pub is_client: bool,
    /// Whether it may be shown by a server.
    pub is_server: bool,
}

impl Certificate {
    /// Whether it names itself as who signed it, as roots do.
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }
}
