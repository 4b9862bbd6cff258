//! On what evidence an answer stands.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::flow::{Ignored, Observer, Period};
use kuberlock_model::{Kind, ObjectKey};
use serde::Serialize;

use crate::traffic::{Directory, Side, Traffic, Unresolved};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// From how many days on a period holds the end of a month, whenever it begins.
const LONGEST_MONTH: i64 = 31;

/// On what evidence an answer stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The flows; `None` where none were given.
    pub flows: Option<Flows>,
    /// CronJobs of which no flow was seen: what they need is known only from manifests, if at all.
    pub unseen_cron_jobs: Vec<String>,
    /// What else weakens the answer, in sentences.
    pub doubts: Vec<String>,
}

/// The flows that an answer stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Flows {
    /// The files, and who wrote them.
    pub sources: Vec<(String, Observer)>,
    /// How many records told of a flow.
    pub records: u64,
    /// From the first record to the last.
    pub period: Option<Period>,
    /// The length of the period in whole days.
    pub days: Option<i64>,
    /// Whether the end of a month is in the period; `None` where records tell no times.
    pub month_end: Option<bool>,
    /// Ends that are nobody the cluster knows.
    pub unresolved: Vec<Unresolved>,
    /// How the server's side of flows was found.
    pub sides: BTreeMap<Side, u64>,
    /// Records that say nothing here.
    pub ignored: BTreeMap<Ignored, u64>,
    /// Lines that could not be read.
    pub unreadable: u64,
}

/// What `traffic` amounts to as evidence.
pub(super) fn standing(directory: &Directory<'_>, traffic: Option<&Traffic>) -> Standing {
    let flows = traffic.map(flows);
    Standing {
        unseen_cron_jobs: unseen_cron_jobs(directory, traffic),
        doubts: flows
            .as_ref()
            .map(doubts)
            .unwrap_or_else(|| vec!["no flows were given: what is in use is not known".to_owned()]),
        flows,
    }
}

fn flows(traffic: &Traffic) -> Flows {
    Flows {
        sources: traffic.sources.clone(),
        records: traffic.records,
        period: traffic.period,
        days: traffic.period.map(|period| period.seconds() / DAY),
        month_end: traffic.period.map(has_month_end),
        unresolved: traffic.unresolved.clone(),
        sides: traffic.sides.clone(),
        ignored: traffic.ignored.clone(),
        unreadable: traffic.unreadable,
    }
}

fn has_month_end(period: Period) -> bool {
    if period.seconds() >= LONGEST_MONTH * DAY {
        return true;
    }
    let date = |moment: kuberlock_model::Timestamp| moment.to_zoned(jiff::tz::TimeZone::UTC).date();
    let (first, last) = (date(period.first), date(period.last));
    // Within a month's length: its end is in it if another month begins, or the last day came.
    first.month() != last.month() || last.day() == last.days_in_month()
}

fn doubts(flows: &Flows) -> Vec<String> {
    let mut doubts = Vec::new();
    if flows.records == 0 {
        doubts.push("the files hold no flow".to_owned());
    }
    match flows.days {
        None if flows.records > 0 => {
            doubts.push("the records tell no times: one moment may be all they show".to_owned());
        }
        Some(days) if days < 7 => doubts.push(format!(
            "the records cover {days} days: what runs weekly or less often may not be among them"
        )),
        _ => {}
    }
    if flows.month_end == Some(false) {
        doubts.push("no end of a month is in the period".to_owned());
    }
    let ends: u64 = flows.unresolved.iter().map(|end| end.count).sum();
    if ends > 0 {
        doubts.push(format!("{ends} flows have an end that is nobody the cluster knows"));
    }
    let of = |why: Ignored| flows.ignored.get(&why).copied().unwrap_or_default();
    if of(Ignored::Lost) > 0 {
        doubts.push(format!("the observer lost {} records", of(Ignored::Lost)));
    }
    if of(Ignored::TooMany) > 0 {
        doubts.push(format!("{} flows are too many to be held", of(Ignored::TooMany)));
    }
    if flows.unreadable > 0 {
        doubts.push(format!("{} lines could not be read", flows.unreadable));
    }
    let guessed = flows.sides.get(&Side::LowerPort).copied().unwrap_or_default();
    if guessed > 0 {
        doubts.push(format!("of {guessed} flows the server's side is a guess by the lower port"));
    }
    doubts
}

fn unseen_cron_jobs(directory: &Directory<'_>, traffic: Option<&Traffic>) -> Vec<String> {
    let edges = traffic.into_iter().flat_map(|traffic| &traffic.edges);
    let seen: BTreeSet<&ObjectKey> =
        edges.flat_map(|edge| [edge.from.head(), edge.to.head()]).flatten().collect();
    let cron = directory.heads.keys().filter(|key| key.kind == Kind::CronJob);
    let unseen = cron.filter(|key| !seen.contains(key));
    unseen
        .map(|key| format!("{}/{}", key.namespace.as_deref().unwrap_or_default(), key.name))
        .collect()
}
