//! Rows that are no findings: what a question about a cluster is answered with.
//!
//! Enters: a title, what has to be known before the rows, columns, rows, and the same as a JSON
//! document. Leaves: lines for a terminal, JSON, CSV, Markdown or a page. Always holds: no foreign
//! text reaches a format without its escape.

use std::io;

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::html::HEAD;
use crate::html::markup::Page;
use crate::neutral::visible;
use crate::{Error, escape};

/// Characters of one cell in a table or a page.
const CELL: usize = 400;
/// Characters of one cell of CSV: what spreadsheets take.
const CSV_CELL: usize = 32_000;
/// The width of a column in a table, beyond which a cell pushes the rest of its row.
const COLUMN: usize = 60;

/// What a question is answered with.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The command: `netpol list`.
    pub title: String,
    /// What has to be known before the rows, by label: what was looked at, as whom.
    pub told: Vec<(&'static str, String)>,
    /// What a reader must not miss.
    pub warnings: Vec<String>,
    /// The columns.
    pub columns: Vec<&'static str>,
    /// The rows, a cell a column.
    pub rows: Vec<Vec<String>>,
    /// What is said after the rows.
    pub notes: Vec<String>,
    /// The answer as a document; its schema is its own `schema`.
    pub document: Value,
}

/// What a listing is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListingFormat {
    /// Lines for a terminal.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// CSV (RFC 4180), cells quoted where they have to be.
    Csv,
    /// A table of Markdown.
    Markdown,
    /// One page that needs nothing beside itself.
    Html,
}

/// Writes `listing` to `out`.
///
/// # Errors
/// The writer took no more.
pub fn render(
    listing: &Listing,
    format: ListingFormat,
    color: bool,
    out: &mut dyn io::Write,
) -> Result<(), Error> {
    match format {
        ListingFormat::Table => table(listing, color, out)?,
        ListingFormat::Json => escape::document(&listing.document, out)?,
        ListingFormat::Csv => csv(listing, out)?,
        ListingFormat::Markdown => markdown(listing, out)?,
        ListingFormat::Html => html(listing, out)?,
    }
    Ok(out.flush()?)
}

fn table(listing: &Listing, color: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let (warn, off) = if color { ("\u{1b}[33m", "\u{1b}[0m") } else { ("", "") };
    let (bold, _) = if color { ("\u{1b}[1m", off) } else { ("", "") };
    writeln!(out, "{bold}kuberlock {}{off}", listing.title)?;
    for (label, text) in &listing.told {
        writeln!(out, "{label:<9} {}", visible(text, CELL))?;
    }
    for warning in &listing.warnings {
        writeln!(out, "{warn}warning   {}{off}", visible(warning, CELL))?;
    }
    if !listing.rows.is_empty() {
        writeln!(out)?;
        let widths = widths(listing);
        let columns: Vec<String> = listing.columns.iter().map(|c| c.to_uppercase()).collect();
        writeln!(out, "{bold}{}{off}", line(&columns, &widths))?;
        for row in &listing.rows {
            writeln!(out, "{}", line(row, &widths))?;
        }
    }
    if !listing.notes.is_empty() {
        writeln!(out)?;
    }
    listing.notes.iter().try_for_each(|note| writeln!(out, "{}", visible(note, CELL)))
}

fn widths(listing: &Listing) -> Vec<usize> {
    let mut widths: Vec<usize> = listing.columns.iter().map(|column| column.len()).collect();
    for row in &listing.rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = visible(cell, CELL).width().max(*width).min(COLUMN);
        }
    }
    widths
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (at, cell) in cells.iter().enumerate() {
        let shown = visible(cell, CELL);
        line.push_str(&shown);
        if at + 1 < cells.len() {
            let width = widths.get(at).copied().unwrap_or(0);
            line.push_str(&" ".repeat(width.saturating_sub(shown.width()) + 2));
        }
    }
    line.trim_end().to_owned()
}

fn csv(listing: &Listing, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{}", listing.columns.join(","))?;
    listing.rows.iter().try_for_each(|row| csv_row(row, out))
}

/// Writes one row of CSV: for answers too many to be held at once.
///
/// # Errors
/// The writer took no more.
pub fn csv_row(row: &[String], out: &mut dyn io::Write) -> io::Result<()> {
    let cells: Vec<String> = row.iter().map(|cell| csv_cell(cell)).collect();
    writeln!(out, "{}", cells.join(","))
}

/// Writes one document as a line of JSON: for answers too many to be held at once.
///
/// # Errors
/// The writer took no more.
pub fn json_line(document: &Value, mut out: &mut dyn io::Write) -> io::Result<()> {
    escape::line(document, &mut out)
}

/// A cell that is text to every spreadsheet: an apostrophe goes before what would be a formula.
fn csv_cell(cell: &str) -> String {
    let mut shown = visible(cell, CSV_CELL);
    if shown.trim_start().starts_with(['=', '+', '-', '@', '|', '%']) {
        shown.insert(0, '\'');
    }
    if shown.contains([',', '"']) || shown.starts_with(' ') || shown.ends_with(' ') {
        return format!("\"{}\"", shown.replace('"', "\"\""));
    }
    shown
}

fn markdown(listing: &Listing, out: &mut dyn io::Write) -> io::Result<()> {
    let cell = |text: &str| {
        let shown = visible(text, CELL);
        let mut safe = String::with_capacity(shown.len());
        for c in shown.chars() {
            match c {
                '&' => safe.push_str("&amp;"),
                '<' => safe.push_str("&lt;"),
                '>' => safe.push_str("&gt;"),
                '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' => {
                    safe.push('\\');
                    safe.push(c);
                }
                c => safe.push(c),
            }
        }
        safe
    };
    writeln!(out, "| {} |", listing.columns.join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(listing.columns.len()))?;
    for row in &listing.rows {
        let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}

fn html(listing: &Listing, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page::new(HEAD);
    begin(&mut page, &listing.title, &listing.told, &listing.warnings);
    page.raw("<table>\n<thead><tr>");
    listing.columns.iter().for_each(|column| page.leaf("th", &[], column));
    page.raw("</tr></thead>\n<tbody>\n");
    for row in &listing.rows {
        page.raw("<tr>");
        row.iter().for_each(|cell| page.leaf("td", &[], cell));
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table>\n");
    listing.notes.iter().for_each(|note| page.leaf("p", &[], note));
    page.raw("</main>\n</body>\n</html>\n");
    out.write_all(page.as_bytes())
}

/// The title and what has to be known, up to the beginning of what follows.
pub(crate) fn begin(
    page: &mut Page,
    title: &str,
    told: &[(&'static str, String)],
    warnings: &[String],
) {
    page.leaf("title", &[], &format!("kuberlock {title}"));
    page.raw("</head>\n<body>\n<header>\n<p class=\"name\">kuberlock</p>\n");
    page.leaf("h1", &[], title);
    page.raw("<dl>\n");
    for (label, text) in told {
        page.leaf("dt", &[], label);
        page.leaf("dd", &[], text);
    }
    for warning in warnings {
        page.leaf("dt", &[], "warning");
        page.raw("<dd>");
        page.leaf("span", &[("class", "warns")], warning);
        page.raw("</dd>\n");
    }
    page.raw("</dl>\n</header>\n<main>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hostile() -> Listing {
        Listing {
            title: "netpol list".into(),
            told: vec![("target", "files \u{1b}[31m".into())],
            warnings: vec!["<b>".into()],
            columns: vec!["from", "ports"],
            rows: vec![
                vec!["=cmd|' /C calc'!A0".into(), "TCP 80,UDP 53".into()],
                vec!["<script>alert(1)</script>".into(), "a|b".into()],
            ],
            notes: vec!["\u{202e}".into()],
            document: serde_json::json!({ "schema": "x" }),
        }
    }

    fn shown(format: ListingFormat) -> String {
        let mut out = Vec::new();
        render(&hostile(), format, false, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn foreign_text_is_harmless_everywhere() {
        for format in [ListingFormat::Table, ListingFormat::Csv, ListingFormat::Html] {
            assert!(!shown(format).contains(['\u{1b}', '\u{202e}']), "{format:?}");
        }
        assert!(!shown(ListingFormat::Html).contains("<script>"));
        assert!(!shown(ListingFormat::Markdown).contains("<script>"));
        assert!(shown(ListingFormat::Markdown).contains("a\\|b"));
        assert_eq!(
            shown(ListingFormat::Csv).lines().nth(1),
            Some("'=cmd|' /C calc'!A0,\"TCP 80,UDP 53\"")
        );
    }
}
