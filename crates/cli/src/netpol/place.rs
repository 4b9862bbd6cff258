//! Where fields are that answers name.

use std::collections::BTreeMap;

use kuberlock_model::finding::{Evidence, From, Subject};
use kuberlock_model::origin::Location;
use kuberlock_model::{Cluster, FieldPath, Finding, Origin, Severity, Verdict};
use kuberlock_source::locate;

use crate::scan;

/// Places of fields, found all at once.
pub(super) struct Places(BTreeMap<(Origin, FieldPath), Location>);

impl Places {
    /// The places of these fields.
    pub(super) fn of(
        fields: impl IntoIterator<Item = (Origin, FieldPath)>,
        cluster: &Cluster,
    ) -> Self {
        let fields = fields.into_iter();
        let evidence = fields.map(|(origin, field)| Evidence::field("", &origin, field));
        let mut carrier = [Finding {
            check: "",
            subject: Subject::Cluster,
            severity: Severity::Low,
            verdict: Verdict::Unknown,
            message: "".into(),
            evidence: evidence.collect(),
            remedy: None,
            waiver: None,
        }];
        locate::fill(&mut carrier, &|source| scan::content(cluster, source));
        let found = carrier.into_iter().flat_map(|finding| finding.evidence);
        Self(
            found
                .filter_map(|evidence| match evidence.from {
                    From::Document { origin, field, location: Some(location) } => {
                        Some(((origin, field), location))
                    }
                    _ => None,
                })
                .collect(),
        )
    }

    /// The place of a field, where it was found.
    pub(super) fn get(&self, origin: &Origin, field: &FieldPath) -> Option<&Location> {
        self.0.get(&(origin.clone(), field.clone()))
    }

    /// The place in words, or the field's path.
    pub(super) fn at(&self, origin: &Origin, field: &FieldPath) -> String {
        match self.get(origin, field) {
            Some(place) => format!("{}:{}", place.file, place.line),
            None => format!("{origin} {field}"),
        }
    }
}
