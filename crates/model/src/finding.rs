//! Findings: a check's verdict on a subject, with what it rests on.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::component::ComponentKind;
use crate::object::ObjectKey;
use crate::origin::{FieldPath, Location, Origin};
use crate::rbac::Principal;
use crate::remedy::Remedy;

/// How bad it is if the check fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Helps an attacker who is far in already.
    Low,
    /// Helps an attacker who has a foothold.
    Medium,
    /// Gives a foothold, or makes one into much more.
    High,
    /// Gives the cluster away.
    Critical,
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Severity {
    type Err = NotASeverity;

    fn from_str(text: &str) -> Result<Self, NotASeverity> {
        Self::ALL.into_iter().find(|s| s.word() == text).ok_or_else(|| NotASeverity(text.into()))
    }
}

/// A text that names no severity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no severity: low, medium, high, critical")]
pub struct NotASeverity(pub String);

/// What a check says of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
    /// The question does not arise here.
    NotApplicable,
    /// Not decided: something was not seen. Never counted as pass.
    Unknown,
    /// Fails, and a waiver says that this is known and borne.
    Accepted,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 5] =
        [Self::Pass, Self::Fail, Self::NotApplicable, Self::Unknown, Self::Accepted];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotApplicable => "not-applicable",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a check looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Subject {
    /// The cluster as a whole.
    Cluster,
    /// A node.
    Node {
        /// Its name.
        node: String,
    },
    /// A component on a node.
    Component {
        /// Which.
        component: ComponentKind,
        /// Its node; `None` where no source covers any.
        #[serde(skip_serializing_if = "Option::is_none")]
        node: Option<String>,
    },
    /// A file of a node.
    File {
        /// The node; `None` where no source covers any.
        #[serde(skip_serializing_if = "Option::is_none")]
        node: Option<String>,
        /// Absolute path.
        path: String,
    },
    /// A part of a file that a person wrote: a check in a file of checks, a rule among rules.
    Entry {
        /// The file, as the user named it.
        file: String,
        /// What it is called there.
        entry: String,
    },
    /// An object.
    Object(ObjectKey),
    /// A user, group or service account.
    Principal {
        /// Who.
        principal: Principal,
    },
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => f.write_str("cluster"),
            Self::Node { node } => write!(f, "node {node}"),
            Self::Component { component, node: Some(node) } => write!(f, "{component} on {node}"),
            Self::Component { component, node: None } => write!(f, "{component}"),
            Self::File { node: Some(node), path } => write!(f, "{node}:{path}"),
            Self::File { node: None, path } => f.write_str(path),
            Self::Entry { file, entry } => write!(f, "{entry} in {file}"),
            Self::Object(key) => write!(f, "{key}"),
            Self::Principal { principal } => write!(f, "{principal}"),
        }
    }
}

/// One fact that a verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The fact, as found: `--profiling=false`, `mode 0644`. Credentials were replaced at the
    /// source.
    pub value: String,
    /// Where it comes from.
    #[serde(flatten)]
    pub from: From,
}

/// Where a fact comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum From {
    /// A document, and the field in it.
    Document {
        /// The document. What a person opens is `location`.
        #[serde(rename = "source", serialize_with = "origin_source")]
        origin: Origin,
        /// The field; empty for the document itself.
        #[serde(skip_serializing_if = "str_is_empty")]
        field: FieldPath,
        /// File, line and column, found when the finding is rendered.
        #[serde(skip_serializing_if = "Option::is_none")]
        location: Option<Location>,
    },
    /// The metadata of a file on a node: mode, owner, existence.
    File {
        /// The node.
        node: String,
        /// Absolute path.
        path: String,
    },
    /// The default of a release, by its table.
    Default {
        /// The release whose table says so.
        #[serde(rename = "defaultOf")]
        release: String,
    },
}

fn str_is_empty(path: &FieldPath) -> bool {
    path.as_str().is_empty()
}

fn origin_source<S: Serializer>(origin: &Origin, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&origin.source)
}

impl Evidence {
    /// A field of a document.
    pub fn field(value: impl Into<String>, origin: &Origin, field: FieldPath) -> Self {
        let from = From::Document { origin: origin.clone(), field, location: None };
        Self { value: value.into(), from }
    }

    /// A file's metadata.
    pub fn file(value: impl Into<String>, node: &str, path: &str) -> Self {
        let from = From::File { node: node.into(), path: path.into() };
        Self { value: value.into(), from }
    }

    /// A release's default.
    pub fn default_of(value: impl Into<String>, release: impl Into<String>) -> Self {
        Self { value: value.into(), from: From::Default { release: release.into() } }
    }
}

/// Why a failing finding is borne.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiver {
    /// The reason.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day it holds, `2027-01-31`.
    pub expires: String,
}

/// A check's verdict on a subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The check's id.
    pub check: &'static str,
    /// What it looked at.
    pub subject: Subject,
    /// How bad a failure is.
    pub severity: Severity,
    /// What it says.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub message: Cow<'static, str>,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What to do, where there is something to do; boxed, since most findings pass, and there may be a
    /// million of them.
    pub remedy: Option<Box<Remedy>>,
    /// Why it is borne, where it is.
    pub waiver: Option<Box<Waiver>>,
}

impl Finding {
    /// What to do; where there is nothing, why not.
    pub fn remedy(&self) -> &Remedy {
        self.remedy.as_deref().unwrap_or(match self.verdict {
            Verdict::NotApplicable => &Remedy::None { why: "the question does not arise here" },
            Verdict::Unknown => &Remedy::None { why: "what decides it was not seen" },
            _ => &Remedy::None { why: "nothing to change" },
        })
    }

    /// What stays the same from scan to scan: 16 hex digits of the check and the subject, never of
    /// a line number or a value.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.check.as_bytes());
        hash.update([0]);
        hash.update(self.subject.to_string().as_bytes());
        hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut s = serializer.serialize_struct("Finding", 9)?;
        s.serialize_field("fingerprint", &self.fingerprint())?;
        s.serialize_field("check", self.check)?;
        s.serialize_field("subject", &self.subject)?;
        s.serialize_field("severity", &self.severity)?;
        s.serialize_field("verdict", &self.verdict)?;
        s.serialize_field("message", &self.message)?;
        s.serialize_field("evidence", &self.evidence)?;
        s.serialize_field("remedy", self.remedy())?;
        s.serialize_field("waiver", &self.waiver)?;
        s.end()
    }
}
