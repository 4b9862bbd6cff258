//! The table: what a person reads in a terminal.
//!
//! Leaves: the header, one block for each failing check, one folded line for each other verdict,
//! and the summary as the last line.

mod failing;
mod folded;
mod line;
pub(crate) mod namespaces;
mod style;

use std::io;

use kuberlock_model::scan::Scan;
use kuberlock_model::{Severity, Verdict};

use crate::Options;
use crate::block::blocks;
use crate::header;
use crate::tally::Tally;
use line::{Line, Paper};

/// Where text after a label starts.
const COLUMN: usize = 10;

/// Writes `scan` as a table.
pub(crate) fn write(scan: &Scan, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    let mut paper = Paper::new(&mut out, options);
    write_header("kuberlock scan", scan, options, &mut paper)?;
    for block in blocks(scan, Verdict::Fail) {
        failing::write(scan, &block, options, &mut paper)?;
    }
    paper.blank()?;
    folded::write(scan, options, &mut paper)?;
    paper.line(&summary(scan, options))?;
    // Dropping the buffer would hide that its last lines were not taken.
    io::Write::flush(&mut out)
}

fn write_header(
    name: &str,
    scan: &Scan,
    options: &Options,
    paper: &mut Paper<'_>,
) -> io::Result<()> {
    for row in header::rows(scan, options.all) {
        let line = match row.label {
            "scan" => Line::new(0, COLUMN).styled(style::BOLD, name).text(" · "),
            label => labelled(label),
        };
        let style = |warns| if warns { style::WARN } else { style::PLAIN };
        let pieces = row.told().map(|(piece, warns)| (style(warns), piece));
        paper.line(&line.dotted(pieces))?;
    }
    Ok(())
}

/// A line that starts with a label.
fn labelled(label: &str) -> Line {
    Line::new(0, COLUMN).styled(style::DIM, &format!("{label:COLUMN$}"))
}

fn summary(scan: &Scan, options: &Options) -> Line {
    let tally = Tally::of(scan);
    if tally.total() == 0 {
        return Line::new(0, COLUMN).styled(style::WARN, "nothing was checked").text(" · exit 0");
    }
    let mut line = Line::new(0, COLUMN).styled(style::BOLD, "fail ");
    line = line.styled(style::BOLD, &tally.verdict(Verdict::Fail).to_string());
    for (at, (severity, count)) in tally.worst_first().enumerate() {
        line = line.text(if at == 0 { " (" } else { ", " });
        line = line.styled(style::of(severity), &format!("{count} {severity}"));
    }
    if tally.verdict(Verdict::Fail) > 0 {
        line = line.text(")");
    }
    for verdict in [Verdict::Unknown, Verdict::Accepted, Verdict::Pass, Verdict::NotApplicable] {
        line = line.text(&format!(" · {verdict} {}", tally.verdict(verdict)));
    }
    line.text(&format!(" · {}", exit_hint(scan, &tally, options.fail_on)))
}

/// What the exit code will be, as far as the findings decide it.
fn exit_hint(scan: &Scan, tally: &Tally, fail_on: Option<Severity>) -> String {
    let exit = match fail_on.map(|threshold| (threshold, tally.at_or_above(threshold))) {
        Some((threshold, 0)) => format!("exit 0: none at or above {threshold}"),
        Some((threshold, bad)) => format!("exit 1: {bad} at or above {threshold}"),
        None => "exit 0: failures are only reported".to_owned(),
    };
    if scan.coverage.is_complete() {
        exit
    } else {
        format!("{exit} (3 with --require-complete: not everything could be read)")
    }
}
