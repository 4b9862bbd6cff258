//! Findings out: as a table for people, as JSON for programs, as one HTML page for both.
//!
//! Enters: a [`Scan`] and how it is wanted. Leaves: bytes into a writer. Always holds: the same
//! scan gives the same bytes (no clock, no environment); what was not seen is told before what
//! was found; no text of the cluster reaches a format without passing that format's one escape.
//!
//! ```text
//! Scan ─▶ header, block, tally, words ─▶ table ─ neutral::visible ─▶ terminal
//!                                     ├▶ html  ─ neutral::visible, entities ─▶ browser
//!                                     └▶ json  ─ neutral::is_hidden as \u ─▶ program
//! ```

mod block;
pub mod comparison;
mod csv;
pub mod diff;
mod escape;
pub mod graph;
mod header;
mod html;
mod json;
mod jsonl;
mod junit;
mod lines;
pub mod listing;
mod neutral;
mod ocsf;
mod policy_report;
mod prometheus;
mod sarif;
mod section;
mod table;
mod tally;
mod told;
mod words;

pub use lines::lines;
pub use told::told;

use std::fmt;
use std::io;
use std::str::FromStr;

use kuberlock_model::Severity;
use kuberlock_model::namespace::Standing;
use kuberlock_model::scan::Scan;

use policy_report::Api;

/// What a scan is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Lines for a terminal, worst first, folded.
    #[default]
    Table,
    /// One JSON document, after `docs/schemas/scan.json`.
    Json,
    /// One page that needs nothing beside itself.
    Html,
    /// The findings of the JSON document, one a line.
    Jsonl,
    /// One line a finding, for a spreadsheet.
    Csv,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for continuous integration.
    Junit,
    /// `openreports.io/v1alpha1` reports, for `kubectl apply`.
    OpenReports,
    /// `wgpolicyk8s.io/v1alpha2` reports, for `kubectl apply`.
    PolicyReport,
    /// OCSF Compliance Findings, one a line.
    Ocsf,
    /// Metrics in the text format of Prometheus.
    Prometheus,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 11] = [
        Self::Table,
        Self::Json,
        Self::Jsonl,
        Self::Csv,
        Self::Sarif,
        Self::Junit,
        Self::OpenReports,
        Self::PolicyReport,
        Self::Ocsf,
        Self::Prometheus,
        Self::Html,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Html => "html",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::OpenReports => "openreports",
            Self::PolicyReport => "policyreport",
            Self::Ocsf => "ocsf",
            Self::Prometheus => "prometheus",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Format {
    type Err = NotAFormat;

    fn from_str(text: &str) -> Result<Self, NotAFormat> {
        let named = Self::ALL.into_iter().find(|format| format.word() == text);
        named.ok_or_else(|| NotAFormat(neutral::visible(text, 80)))
    }
}

/// A text that names no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no format: table, json, jsonl, csv, sarif, junit, openreports, policyreport, ocsf, \
     prometheus, html"
)]
pub struct NotAFormat(pub String);

/// How a scan is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether the table is coloured.
    pub color: bool,
    /// The columns that the table may use; `None` breaks no line, as for a pipe.
    pub width: Option<usize>,
    /// Show every finding, nothing folded.
    pub all: bool,
    /// The severity from which a failure makes the exit code 1; `None` is never.
    pub fail_on: Option<Severity>,
    /// When the scan was made, in milliseconds since 1970, for the formats that date what they say.
    pub time: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { color: false, width: None, all: false, fail_on: Some(Severity::High), time: None }
    }
}

/// Why a report was not written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The writer took no more.
    #[error("the report could not be written")]
    Write(#[from] io::Error),
    /// A diff of two scans has no such form.
    #[error("a diff is written as table or json, not as {0}")]
    NoDiff(Format),
    /// The standings of namespaces have no such form of their own.
    #[error("standings of namespaces are written as table or json, not as {0}")]
    NoStandings(Format),
    /// A comparison with kube-bench has no such form.
    #[error("a comparison with kube-bench is written as table or json, not as {0}")]
    NoComparison(Format),
}

/// Writes `scan` to `out`.
pub fn render(
    scan: &Scan,
    format: Format,
    options: &Options,
    out: &mut dyn io::Write,
) -> Result<(), Error> {
    match format {
        Format::Table => table::write(scan, options, out)?,
        Format::Json => json::write(scan, out)?,
        Format::Html => html::write(scan, options, out)?,
        Format::Jsonl => jsonl::write(scan, out)?,
        Format::Csv => csv::write(scan, out)?,
        Format::Sarif => sarif::write(scan, out)?,
        Format::Junit => junit::write(scan, out)?,
        Format::OpenReports => policy_report::write(scan, Api::OpenReports, out)?,
        Format::PolicyReport => policy_report::write(scan, Api::PolicyReport, out)?,
        Format::Ocsf => ocsf::write(scan, options, out)?,
        Format::Prometheus => prometheus::write(scan, out)?,
    }
    Ok(out.flush()?)
}

/// Writes how namespaces stand, and the `scan` that says so, as a table or as JSON after
/// `docs/schemas/namespace-check.json`; the other formats have the findings, by [`render`].
pub fn namespaces(
    scan: &Scan,
    standings: &[Standing],
    format: Format,
    options: &Options,
    out: &mut dyn io::Write,
) -> Result<(), Error> {
    match format {
        Format::Table => table::namespaces::write(scan, standings, options, out)?,
        Format::Json => json::write_namespaces(scan, standings, out)?,
        other => return Err(Error::NoStandings(other)),
    }
    Ok(out.flush()?)
}
