//! What is needed, and what shows that it is.

use std::collections::BTreeMap;

use kuberlock_model::flow::{Period, Place};
use kuberlock_model::network::Protocol;
use kuberlock_model::{FieldPath, Origin};
use serde::Serialize;

use super::{Input, Note};
use crate::declared::{Reason, ReasonKind};
use crate::traffic::Who;

/// What shows that a connection is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The connection, in words.
    pub connection: String,
    /// How often it was seen.
    pub count: u64,
    /// From when to when.
    pub period: Option<Period>,
    /// The last record of it.
    pub place: Option<Place>,
    /// What tells of it in manifests.
    pub declared: Vec<Reason>,
}

impl Evidence {
    /// In words: `seen 12 times, last 2026-11-02T10:00:00Z; declared at deploy.yaml:12 (variable)`.
    pub fn words(&self, locate: &dyn Fn(&Origin, &FieldPath) -> Option<String>) -> String {
        let mut parts = Vec::new();
        if self.count > 0 {
            let last = self.period.map(|period| format!(", last {}", period.last));
            let place = self.place.as_ref().map(|of| format!(" ({}:{})", of.source, of.line));
            parts.push(format!(
                "seen {} times{}{}",
                self.count,
                last.unwrap_or_default(),
                place.unwrap_or_default()
            ));
        }
        for reason in &self.declared {
            let place = locate(&reason.origin, &reason.path)
                .unwrap_or_else(|| format!("{} {}", reason.origin.source, reason.path));
            parts.push(format!("{} of {} at {place}", word(reason.kind), reason.object));
        }
        match parts.is_empty() {
            true => self.connection.clone(),
            false => format!("{}: {}", self.connection, parts.join("; ")),
        }
    }
}

fn word(kind: ReasonKind) -> &'static str {
    match kind {
        ReasonKind::Variable => "variable",
        ReasonKind::Argument => "argument",
        ReasonKind::ConfigMap => "value",
        ReasonKind::Route => "backend",
        ReasonKind::Exposed => "type",
        ReasonKind::Webhook => "webhook",
        ReasonKind::Binding | ReasonKind::Extension => "subject",
        ReasonKind::Handler => "handler",
    }
}

/// A connection between workloads, or between one and somebody else.
pub(super) type NeedKey = (Who, Who, Protocol, u16);

/// Everything that is needed, each once, and what is left out.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub(super) held: BTreeMap<NeedKey, Evidence>,
    pub(super) notes: Vec<Note>,
}

/// What was observed and what is declared, together.
pub(super) fn needs(input: &Input<'_>) -> Needs {
    let mut needs = Needs::default();
    for edge in input.traffic.into_iter().flat_map(|traffic| &traffic.edges) {
        let key = (edge.from.folded(), edge.to.folded(), edge.protocol, edge.port);
        if edge.counts.only_dropped() {
            let about = key.0.to_string();
            let text = format!(
                "to {} {} {} was only ever dropped: no rule lets it through",
                key.1, key.2, key.3
            );
            needs.notes.push(Note { about, text });
            continue;
        }
        let held = needs.entry(key);
        held.count = held.count.saturating_add(edge.counts.forwarded + edge.counts.untold);
        let last = |period: Option<Period>| period.map(|period| period.last);
        if held.place.is_none() || last(edge.period) > last(held.period) {
            held.place = Some(edge.place.clone());
        }
        held.period = match (held.period, edge.period) {
            (Some(one), Some(other)) => Some(one.with(other)),
            (one, other) => one.or(other),
        };
    }
    for edge in input.declared.into_iter().flat_map(|declared| &declared.edges) {
        let key = (edge.from.folded(), edge.to.folded(), edge.protocol, edge.port);
        needs.entry(key).declared.extend(edge.reasons.iter().cloned());
    }
    needs
}

impl Needs {
    fn entry(&mut self, key: NeedKey) -> &mut Evidence {
        let connection = format!("{} to {}, {} {}", key.0, key.1, key.2, key.3);
        self.held.entry(key).or_insert_with(|| Evidence { connection, ..Evidence::default() })
    }
}
