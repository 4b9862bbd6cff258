//! CSV (RFC 4180): one line a finding, for a spreadsheet.
//!
//! Always holds: no cell is a formula, whatever a name or value begins with; no line break in a
//! cell; every cell is quoted.

use std::io;

use kuberlock_model::Finding;
use kuberlock_model::scan::Scan;

use crate::neutral::visible;
use crate::words;

/// Characters of one cell: what spreadsheets take.
const CELL: usize = 32_000;

const HEAD: [&str; 15] = [
    "fingerprint",
    "verdict",
    "severity",
    "check",
    "title",
    "items",
    "packs",
    "subject",
    "message",
    "evidence",
    "location",
    "remedy",
    "waiver reason",
    "waiver owner",
    "waiver expires",
];

/// Writes `scan` as CSV.
pub(crate) fn write(scan: &Scan, out: &mut dyn io::Write) -> io::Result<()> {
    row(&HEAD.map(str::to_owned), out)?;
    scan.findings.iter().try_for_each(|finding| row(&cells(scan, finding), out))
}

fn cells(scan: &Scan, finding: &Finding) -> [String; 15] {
    let check = scan.check(finding.check);
    let evidence: Vec<&str> = finding.evidence.iter().map(|e| e.value.as_str()).collect();
    let places: Vec<String> = finding.evidence.iter().map(words::place).collect();
    let waiver = finding.waiver.as_ref();
    [
        finding.fingerprint(),
        finding.verdict.to_string(),
        finding.severity.to_string(),
        finding.check.to_owned(),
        check.map_or("", |check| check.title).to_owned(),
        check.map(|check| check.items.join(" ")).unwrap_or_default(),
        check.map(|check| check.packs.join(" ")).unwrap_or_default(),
        finding.subject.to_string(),
        finding.message.to_string(),
        evidence.join("; "),
        places.join("; "),
        words::remedy(finding.remedy()).sentence(),
        waiver.map(|waiver| waiver.reason.clone()).unwrap_or_default(),
        waiver.map(|waiver| waiver.owner.clone()).unwrap_or_default(),
        waiver.map(|waiver| waiver.expires.clone()).unwrap_or_default(),
    ]
}

fn row(cells: &[String], out: &mut dyn io::Write) -> io::Result<()> {
    let quoted: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    write!(out, "{}\r\n", quoted.join(","))
}

/// A cell that is text to every spreadsheet: an apostrophe goes before what would be a formula.
fn quoted(cell: &str) -> String {
    let shown = visible(cell, CELL);
    let formula = shown.trim_start().starts_with(['=', '+', '-', '@', '|', '%']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, shown.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted("--profiling=false"), "\"'--profiling=false\"");
        assert_eq!(quoted("\t@SUM(A1)"), "\"' @SUM(A1)\"");
        assert_eq!(quoted("a \"b\"\nc"), "\"a \"\"b\"\" c\"");
    }
}
