//! Edges, gathered: each once, with everything that tells of it.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::network::Protocol;
use kuberlock_model::{FieldPath, Metadata, ObjectKey};

use super::{Dangling, Declared, DeclaredEdge, Reason, ReasonKind};
use crate::traffic::Who;

/// How many reasons are told of one edge.
const MOST_REASONS: usize = 4;

#[derive(Default)]
pub(super) struct Edges {
    held: BTreeMap<(Who, Who, Protocol, u16), BTreeSet<Reason>>,
    dangling: BTreeSet<Dangling>,
    unled: BTreeSet<ObjectKey>,
}

impl Edges {
    pub(super) fn add(&mut self, from: &Who, to: Who, protocol: Protocol, port: u16, why: &Reason) {
        if *from == to && !matches!(from, Who::Workload(_)) {
            return;
        }
        let reasons = self.held.entry((from.clone(), to, protocol, port)).or_default();
        reasons.insert(why.clone());
        if reasons.len() > MOST_REASONS {
            reasons.pop_last();
        }
    }

    pub(super) fn dangling(&mut self, by: &Who, name: String, reason: &str) {
        let (by, reason) = (by.clone(), reason.to_owned());
        self.dangling.insert(Dangling { by, name, reason });
    }

    pub(super) fn unled(&mut self, object: ObjectKey) {
        self.unled.insert(object);
    }

    pub(super) fn finish(self) -> Declared {
        let edges = self.held.into_iter().map(|((from, to, protocol, port), reasons)| {
            DeclaredEdge { from, to, protocol, port, reasons: reasons.into_iter().collect() }
        });
        Declared {
            edges: edges.collect(),
            dangling: self.dangling.into_iter().collect(),
            unled: self.unled.into_iter().collect(),
        }
    }
}

/// A reason that the object with `metadata` gives at `path`.
pub(super) fn reason(
    kind: ReasonKind,
    object: ObjectKey,
    metadata: &Metadata,
    path: FieldPath,
) -> Reason {
    Reason { kind, object, origin: metadata.origin.clone(), path }
}
