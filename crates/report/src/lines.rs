//! Findings of a lint, one a line: `FILE:LINE:COLUMN: severity check: message`, as editors read it.

use kuberlock_model::finding::{Finding, From};

use crate::neutral::visible;

/// The most of a message that is shown.
const MOST: usize = 400;

/// A line for each place of each finding.
pub fn lines(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let tail = format!(
            "{} {}: {} ({})\n",
            finding.severity,
            finding.check,
            visible(&finding.message, MOST),
            visible(&finding.subject.to_string(), MOST),
        );
        for evidence in &finding.evidence {
            let From::Document { origin, location, .. } = &evidence.from else { continue };
            match location {
                Some(place) => {
                    let file = visible(&place.file, MOST);
                    out.push_str(&format!("{file}:{}:{}: {tail}", place.line, place.column));
                }
                None => out.push_str(&format!("{}: {tail}", visible(&origin.source, MOST))),
            }
        }
    }
    out
}
