//! What was seen and what was not: so that silence is never mistaken for safety.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};

use crate::object::Kind;
use crate::origin::{FieldPath, Location, Origin};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Where it is.
    pub origin: Origin,
    /// The field that is to blame, where one is.
    pub field: Option<FieldPath>,
    /// Why it could not be read; one sentence, lower-case.
    pub reason: String,
    /// Where the field stands, once it was looked up.
    pub location: Option<Location>,
}

impl Unread {
    /// The whole of what is at `origin`.
    pub fn new(origin: Origin, reason: impl Into<String>) -> Self {
        Self { origin, field: None, reason: reason.into(), location: None }
    }

    /// What is at `origin`, for what it holds in `field`.
    pub fn at(origin: Origin, field: FieldPath, reason: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new(origin, reason) }
    }

    /// Where to look: `file:line:column` where that is known, else the source.
    pub fn place(&self) -> impl fmt::Display + '_ {
        Place(&self.origin, self.location.as_ref())
    }
}

struct Place<'a>(&'a Origin, Option<&'a Location>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(Location { file, line, column }) => write!(f, "{file}:{line}:{column}"),
            None => self.0.fmt(f),
        }
    }
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

/// How often a notice was given, and where first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noticed {
    /// How often.
    pub count: u64,
    /// The document of the first.
    pub first: Origin,
    /// Where that stands, once it was looked up.
    pub location: Option<Location>,
}

impl Noticed {
    /// Where to look for the first: `file:line:column` where that is known, else the source.
    pub fn place(&self) -> impl fmt::Display + '_ {
        Place(&self.first, self.location.as_ref())
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
    told: BTreeSet<(Origin, Option<FieldPath>, String)>,
    notices: BTreeMap<Notice, Noticed>,
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

    /// The same, to fill in where it stands.
    pub fn unread_mut(&mut self) -> &mut [Unread] {
        &mut self.unread
    }

    /// How many documents could not be read: one may be to blame for several reasons.
    pub fn unread_documents(&self) -> usize {
        self.unread.iter().map(|unread| &unread.origin).collect::<BTreeSet<_>>().len()
    }

    /// What was read past: how often, and where first.
    pub fn notices(&self) -> impl Iterator<Item = (&Notice, &Noticed)> {
        self.notices.iter()
    }

    /// The same, to fill in where it stands.
    pub fn notices_mut(&mut self) -> impl Iterator<Item = (&Notice, &mut Noticed)> {
        self.notices.iter_mut()
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
                let Unread { origin, field, reason, .. } = &unread;
                if self.told.insert((origin.clone(), field.clone(), reason.clone())) {
                    self.unread.push(unread);
                }
            }
            Reading::Notice(notice, origin) => {
                let noticed = self.notices.entry(notice);
                noticed.or_insert(Noticed { count: 0, first: origin, location: None }).count += 1;
            }
        }
    }
}

fn raise(held: &mut Reach, reach: Reach) {
    if reach > *held {
        *held = reach;
    }
}
