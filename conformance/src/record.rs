//! Records as lines, to carry them out of the cluster's network.

use kuberlock_model::Origin;
use kuberlock_model::coverage::{Reading, Unread};
use kuberlock_source::{HostRecord, Record};
use serde_json::{Value, json};

/// One record as one line of JSON; what a test does not look at is left out.
pub fn to_line(record: &Record) -> Option<Value> {
    Some(match record {
        Record::Object { object, origin } => json!({"object": object, "from": *origin.source}),
        Record::Host { node, record: HostRecord::Configz(answer) } => {
            json!({"configz": answer, "node": node})
        }
        Record::Name(name) => json!({"name": name}),
        Record::Release(release) => json!({"release": release.to_string()}),
        Record::Reading(Reading::Kind(kind, reach)) => {
            json!({"kind": kind.to_string(), "reach": reach.to_string()})
        }
        Record::Reading(Reading::Unread(unread)) => {
            json!({"unread": unread.reason, "from": *unread.origin.source})
        }
        _ => return None,
    })
}

/// The objects, and what could not be read, of such a line.
pub fn from_line(line: &Value) -> Option<Record> {
    let text = |field: &str| line.get(field).and_then(Value::as_str).map(str::to_owned);
    let origin = Origin::whole(text("from")?);
    if let Some(object) = line.get("object") {
        return Some(Record::Object { object: object.clone(), origin });
    }
    let reason = text("unread")?;
    Some(Record::Reading(Reading::Unread(Unread::new(origin, reason))))
}
