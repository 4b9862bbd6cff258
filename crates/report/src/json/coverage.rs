//! What was seen, for programs: every kind, every node, every document that could not be read.

use kuberlock_model::FieldPath;
use kuberlock_model::coverage::{Coverage, Notice, Reach};
use kuberlock_model::object::Kind;
use kuberlock_model::origin::Location;
use serde::Serialize;

/// What was seen and what was not.
#[derive(Serialize)]
pub(super) struct CoverageDocument<'a> {
    complete: bool,
    kinds: Vec<KindReach<'a>>,
    nodes: Vec<NodeReach<'a>>,
    unread: Vec<Unread<'a>>,
    notices: Vec<Noticed<'a>>,
}

#[derive(Serialize)]
struct KindReach<'a> {
    kind: Kind,
    reach: &'static str,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct NodeReach<'a> {
    node: &'a str,
    reach: &'static str,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Unread<'a> {
    source: &'a str,
    /// The field to blame.
    field: Option<&'a str>,
    location: Option<&'a Location>,
    reason: &'a str,
}

#[derive(Serialize)]
struct Noticed<'a> {
    #[serde(flatten)]
    notice: &'a Notice,
    count: u64,
    first: &'a str,
    location: Option<&'a Location>,
}

impl<'a> CoverageDocument<'a> {
    /// `coverage`, with the kinds that no source was asked for.
    pub(super) fn of(coverage: &'a Coverage) -> Self {
        let kinds = Kind::all().iter().map(|names| {
            let (reach, reason) = parts(coverage.kind(names.kind));
            KindReach { kind: names.kind, reach, reason }
        });
        let nodes = coverage.hosts().map(|(node, reach)| {
            let (reach, reason) = parts(reach);
            NodeReach { node, reach, reason }
        });
        let unread = coverage.unread().iter().map(|u| Unread {
            source: &u.origin.source,
            field: u.field.as_ref().map(FieldPath::as_str),
            location: u.location.as_ref(),
            reason: &u.reason,
        });
        let notices = coverage.notices().map(|(notice, of)| Noticed {
            notice,
            count: of.count,
            first: &of.first.source,
            location: of.location.as_ref(),
        });
        Self {
            complete: coverage.is_complete(),
            kinds: kinds.collect(),
            nodes: nodes.collect(),
            unread: unread.collect(),
            notices: notices.collect(),
        }
    }
}

fn parts(reach: &Reach) -> (&'static str, Option<&str>) {
    match reach {
        Reach::NotAsked => ("not-asked", None),
        Reach::NotServed => ("not-served", None),
        Reach::Forbidden(why) => ("forbidden", Some(why)),
        Reach::Partial(why) => ("partial", Some(why)),
        Reach::Given => ("given", None),
        Reach::Complete => ("complete", None),
    }
}
