//! What differs between two scans: lines for a terminal, or one JSON document after
//! `docs/schemas/scan-diff.json`.

use std::io;

use kuberlock_model::Severity;
use serde::Serialize;

use crate::neutral::visible;
use crate::words::count;
use crate::{Error, Format, escape};

/// Characters of one text.
const TEXT: usize = 300;

/// Two scans compared.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Diff<'a> {
    /// The earlier scan's file.
    pub before: &'a str,
    /// The later scan's file.
    pub after: &'a str,
    /// Failures that are as they were.
    pub same: usize,
    /// What differs, in order.
    #[serde(rename = "changes")]
    pub rows: &'a [Row<'a>],
}

/// One failure that differs.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Row<'a> {
    /// `new`, `worse`, `better` or `gone`.
    pub change: &'a str,
    /// How bad it is now, or was where it is gone.
    pub severity: Severity,
    /// The check's id.
    pub check: &'a str,
    /// The subject, in words.
    pub subject: &'a str,
    /// Why.
    pub message: &'a str,
    /// The finding's fingerprint.
    pub fingerprint: &'a str,
}

/// Writes `diff` as a table or as JSON.
///
/// # Errors
/// The writer took no more, or the format is none that a diff has.
pub fn render(
    diff: &Diff<'_>,
    format: Format,
    color: bool,
    out: &mut dyn io::Write,
) -> Result<(), Error> {
    match format {
        Format::Json => {
            #[derive(Serialize)]
            struct Document<'a> {
                schema: &'static str,
                #[serde(flatten)]
                diff: &'a Diff<'a>,
            }
            escape::document(&Document { schema: "kuberlock.dev/scan-diff/v1", diff }, out)?;
        }
        Format::Table => table(diff, color, out)?,
        other => return Err(Error::NoDiff(other)),
    }
    Ok(out.flush()?)
}

fn table(diff: &Diff<'_>, color: bool, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "kuberlock scan diff · {} → {}\n",
        visible(diff.before, TEXT),
        visible(diff.after, TEXT)
    )?;
    for row in diff.rows {
        let (on, off) = match (color, row.change) {
            (false, _) => ("", ""),
            (true, "new" | "worse") => ("\u{1b}[31m", "\u{1b}[0m"),
            (true, _) => ("\u{1b}[32m", "\u{1b}[0m"),
        };
        let severity = row.severity.word();
        let (check, subject) = (visible(row.check, TEXT), visible(row.subject, TEXT));
        let message = visible(row.message, TEXT);
        writeln!(out, "{on}{:<6}{off}  {severity:<8}  {check}  {subject}: {message}", row.change)?;
    }
    let said: Vec<String> = ["new", "worse", "better", "gone"]
        .into_iter()
        .map(|change| (change, diff.rows.iter().filter(|row| row.change == change).count()))
        .map(|(change, number)| format!("{number} {change}"))
        .collect();
    let gap = if diff.rows.is_empty() { "" } else { "\n" };
    writeln!(out, "{gap}{} · {} as before", said.join(", "), count(diff.same, "failure"))
}
