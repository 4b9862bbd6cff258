//! `manifest.json`: what a snapshot is of, and what was seen of it.

use std::collections::BTreeMap;

use kuberlock_model::coverage::{Notice, Reach, Reading, Unread};
use kuberlock_model::{Coverage, Kind, Origin, Release};
use serde::{Deserialize, Serialize};

use crate::Record;

/// Times that one notice is told again at most.
const MOST_NOTICES: u64 = 1_000_000;

/// `manifest.json`
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) schema: String,
    pub(super) tool: String,
    pub(super) cluster: ClusterName,
    pub(super) release: Option<String>,
    pub(super) source: String,
    /// When it was collected, where the caller tells (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) collected: Option<String>,
    pub(super) coverage: Seen,
}

/// How a cluster is known.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ClusterName {
    pub(super) name: Option<String>,
    /// The uid of the namespace `kube-system`, for those who read the manifest only.
    pub(super) uid: Option<String>,
}

/// A [`Coverage`] in words.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Seen {
    #[serde(default)]
    kinds: BTreeMap<String, String>,
    #[serde(default)]
    hosts: BTreeMap<String, String>,
    #[serde(default)]
    unread: Vec<Missed>,
    #[serde(default)]
    notices: Vec<Noticed>,
}

/// Where something was.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    origin: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range: Option<(u64, u64)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Missed {
    #[serde(flatten)]
    at: Place,
    reason: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Noticed {
    #[serde(flatten)]
    what: What,
    count: u64,
    #[serde(flatten)]
    at: Place,
}

/// A [`Notice`], to be read back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "kebab-case")]
enum What {
    UnknownKind { kind: String },
    UnknownField { kind: String, field: String },
    DuplicateKey { key: String },
}

impl Seen {
    /// Writes `coverage` down.
    pub(super) fn of(coverage: &Coverage) -> Self {
        let kinds = coverage.kinds().map(|(kind, reach)| (kind.to_string(), reach.to_string()));
        let hosts = coverage.hosts().map(|(host, reach)| (host.to_owned(), reach.to_string()));
        let unread = coverage.unread().iter();
        let notices = coverage.notices();
        Self {
            kinds: kinds.collect(),
            hosts: hosts.collect(),
            unread: unread
                .map(|u| Missed { at: Place::of(&u.origin), reason: u.reason.clone() })
                .collect(),
            notices: notices
                .map(|(notice, of)| Noticed {
                    what: What::of(notice),
                    count: of.count,
                    at: Place::of(&of.first),
                })
                .collect(),
        }
    }

    /// The readings that make the same coverage again, or what cannot be understood of it.
    fn readings(self) -> Result<Vec<Reading>, String> {
        let mut readings = Vec::new();
        for (name, reach) in self.kinds {
            // A kind of a later version has no objects that could be read.
            if let Some(names) = Kind::all().iter().find(|names| names.name == name) {
                readings.push(Reading::Kind(names.kind, parse_reach(&reach)?));
            }
        }
        for (host, reach) in self.hosts {
            readings.push(Reading::Host(host, parse_reach(&reach)?));
        }
        for Missed { at, reason } in self.unread {
            readings.push(Reading::Unread(Unread::new(at.origin(), reason)));
        }
        let mut left = MOST_NOTICES;
        for Noticed { what, count, at } in self.notices {
            let notice = what.notice();
            let origin = at.origin();
            left = left
                .checked_sub(count)
                .ok_or_else(|| format!("it tells more than {MOST_NOTICES} notices"))?;
            for _ in 0..count {
                readings.push(Reading::Notice(notice.clone(), origin.clone()));
            }
        }
        Ok(readings)
    }
}

impl Manifest {
    /// The records of the manifest, or why it is refused.
    pub(super) fn records(self) -> Result<Vec<Record>, String> {
        let mut records: Vec<Record> = self.cluster.name.into_iter().map(Record::Name).collect();
        if let Some(release) = self.release {
            let release: Release = release.parse().map_err(|e| format!("its release: {e}"))?;
            records.push(Record::Release(release));
        }
        // A time that cannot be read is none: what rests on it is then unknown.
        let collected = self.collected.and_then(|time| time.parse().ok());
        records.extend(collected.map(Record::Collected));
        records.extend(self.coverage.readings()?.into_iter().map(Record::Reading));
        Ok(records)
    }
}

impl Place {
    fn of(origin: &Origin) -> Self {
        Self { origin: origin.source.to_string(), range: origin.range }
    }

    fn origin(self) -> Origin {
        Origin { source: self.origin.into(), range: self.range }
    }
}

impl What {
    fn of(notice: &Notice) -> Self {
        match notice.clone() {
            Notice::UnknownKind { kind } => Self::UnknownKind { kind },
            Notice::UnknownField { kind, field } => Self::UnknownField { kind, field },
            Notice::DuplicateKey { key } => Self::DuplicateKey { key },
        }
    }

    fn notice(self) -> Notice {
        match self {
            Self::UnknownKind { kind } => Notice::UnknownKind { kind },
            Self::UnknownField { kind, field } => Notice::UnknownField { kind, field },
            Self::DuplicateKey { key } => Notice::DuplicateKey { key },
        }
    }
}

/// A [`Reach`] from its own words.
fn parse_reach(text: &str) -> Result<Reach, String> {
    let plain = [Reach::NotAsked, Reach::NotServed, Reach::Given, Reach::Complete];
    if let Some(reach) = plain.into_iter().find(|reach| reach.to_string() == text) {
        return Ok(reach);
    }
    match text.split_once(": ") {
        Some(("forbidden", why)) => Ok(Reach::Forbidden(why.to_owned())),
        Some(("partial", why)) => Ok(Reach::Partial(why.to_owned())),
        _ => Err(format!("its coverage says `{}`", text.chars().take(80).collect::<String>())),
    }
}
