//! What was seen and what was not: so that silence is never mistaken for safety.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};

use crate::object::Kind;
use crate::origin::Origin;

/// How far a kind, or a node's machine, was seen. The order is that of knowledge: where two
/// sources cover the same thing, the greater wins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// No source was asked for it.
    #[default]
    NotAsked,
    /// The server does not serve it.
    NotServed,
    /// The identity may not read it; the reason is the server's.
    Forbidden(String),
    /// Some of it was read; the reason tells what is missing.
    Partial(String),
    /// What the user's files hold, taken as the whole.
    Given,
    /// All of it was read.
    Complete,
}

impl Reach {
    /// Whether the absence of an object means that there is none.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Given | Self::Complete | Self::NotServed)
    }

    /// Whether a source was asked and did not give everything.
    pub fn is_gap(&self) -> bool {
        matches!(self, Self::Forbidden(_) | Self::Partial(_))
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked => f.write_str("not asked"),
            Self::NotServed => f.write_str("not served"),
            Self::Forbidden(why) => write!(f, "forbidden: {why}"),
            Self::Partial(why) => write!(f, "partial: {why}"),
            Self::Given => f.write_str("given"),
            Self::Complete => f.write_str("complete"),
        }
    }
}

impl Serialize for Reach {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Something within reach of a source that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// Where it is.
    pub origin: Origin,
    /// Why it could not be read; one sentence, lower-case.
    pub reason: String,
}

/// Something that was read past, told once however often it occurred.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "notice")]
pub enum Notice {
    /// Documents of a kind the model does not know.
    UnknownKind {
        /// `apiVersion` and `kind`, as written.
        kind: String,
    },
    /// A field that the kind does not have.
    UnknownField {
        /// The kind.
        kind: String,
        /// The field's path, list indexes left out.
        field: String,
    },
    /// A mapping that has a key twice; the last one counts, as for the API server.
    DuplicateKey {
        /// The key.
        key: String,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKind { kind } => write!(f, "unknown kind `{kind}`"),
            Self::UnknownField { kind, field } => write!(f, "unknown field `{field}` of {kind}"),
            Self::DuplicateKey { key } => write!(f, "key `{key}` twice in one mapping"),
        }
    }
}

/// One thing to tell of the reading.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// How far a kind was seen.
    Kind(Kind, Reach),
    /// How far a node's machine was seen.
    Host(String, Reach),
    /// Something could not be read.
    Unread(Unread),
    /// Something was read past.
    Notice(Notice, Origin),
}

/// What was seen of a cluster, and what was not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    kinds: BTreeMap<Kind, Reach>,
    hosts: BTreeMap<String, Reach>,
    unread: Vec<Unread>,
    /// What `unread` holds, to tell quickly what was told before.
    told: BTreeSet<Unread>,
    notices: BTreeMap<Notice, (u64, Origin)>,
}

impl Coverage {
    /// How far `kind` was seen.
    pub fn kind(&self, kind: Kind) -> &Reach {
        self.kinds.get(&kind).unwrap_or(&Reach::NotAsked)
    }

    /// How far the machine of `node` was seen.
    pub fn host(&self, node: &str) -> &Reach {
        self.hosts.get(node).unwrap_or(&Reach::NotAsked)
    }

    /// Every kind that a source was asked for.
    pub fn kinds(&self) -> impl Iterator<Item = (Kind, &Reach)> {
        self.kinds.iter().map(|(kind, reach)| (*kind, reach))
    }

    /// Every node whose machine a source was asked for.
    pub fn hosts(&self) -> impl Iterator<Item = (&str, &Reach)> {
        self.hosts.iter().map(|(node, reach)| (node.as_str(), reach))
    }

    /// What could not be read, in the order met.
    pub fn unread(&self) -> &[Unread] {
        &self.unread
    }

    /// What was read past: how often, and where first.
    pub fn notices(&self) -> impl Iterator<Item = (&Notice, u64, &Origin)> {
        self.notices.iter().map(|(notice, (count, first))| (notice, *count, first))
    }

    /// Whether everything within reach of the chosen sources was read.
    pub fn is_complete(&self) -> bool {
        self.unread.is_empty()
            && !self.kinds.values().any(Reach::is_gap)
            && !self.hosts.values().any(Reach::is_gap)
    }

    /// Takes one thing in.
    pub(crate) fn apply(&mut self, reading: Reading) {
        match reading {
            Reading::Kind(kind, reach) => raise(self.kinds.entry(kind).or_default(), reach),
            Reading::Host(node, reach) => raise(self.hosts.entry(node).or_default(), reach),
            Reading::Unread(unread) => {
                if self.told.insert(unread.clone()) {
                    self.unread.push(unread);
                }
            }
            Reading::Notice(notice, origin) => {
                self.notices.entry(notice).or_insert((0, origin)).0 += 1;
            }
        }
    }
}

fn raise(held: &mut Reach, reach: Reach) {
    if reach > *held {
        *held = reach;
    }
}
