//! The block of a failing check.

use std::io;

use kuberlock_model::Finding;
use kuberlock_model::finding::Evidence;
use kuberlock_model::scan::Scan;

use super::line::{Line, Paper};
use super::{COLUMN, style};
use crate::Options;
use crate::block::Block;
use crate::words;

/// How many subjects are named before the rest is only counted.
const SUBJECTS: usize = 5;
/// How many facts of a subject are shown before the rest is only counted.
const FACTS: usize = 3;
/// How far in a subject's own lines are.
const INNER: usize = COLUMN + 2;

/// Writes `block`.
pub(super) fn write(
    scan: &Scan,
    block: &Block<'_>,
    options: &Options,
    paper: &mut Paper<'_>,
) -> io::Result<()> {
    paper.blank()?;
    write_title(scan, block, paper)?;
    let shared = block.shared_message();
    if let Some(message) = shared {
        paper.line(&Line::new(COLUMN, COLUMN).text(message))?;
    }
    let remedy = block.shared_remedy();
    let shown = if options.all { block.findings.len() } else { SUBJECTS };
    for finding in block.findings.iter().take(shown) {
        write_subject(finding, shared.is_none(), options, paper)?;
        if remedy.is_none() {
            let words = words::remedy(finding.remedy()).sentence();
            paper.line(&Line::new(INNER, INNER + 2).styled(style::DIM, "remedy: ").text(&words))?;
        }
    }
    if block.findings.len() > shown {
        let more = format!("… and {} more", block.findings.len() - shown);
        paper.line(&Line::new(COLUMN, COLUMN).styled(style::DIM, &more))?;
    }
    if let Some((remedy, places)) = remedy {
        let shown = if options.all { usize::MAX } else { SUBJECTS };
        paper.line(&super::labelled("  remedy").text(&remedy.at(&places, shown)))?;
    }
    match block.may_break() {
        Some(text) => paper.line(&super::labelled("  breaks").text(text)),
        None => Ok(()),
    }
}

fn write_title(scan: &Scan, block: &Block<'_>, paper: &mut Paper<'_>) -> io::Result<()> {
    let word = block.severity.word().to_uppercase();
    let gap = " ".repeat(COLUMN.saturating_sub(word.len()));
    let title = Line::new(0, COLUMN).styled(style::of(block.severity), &word);
    paper.line(&title.text(&gap).styled(style::BOLD, block.title()))?;
    let items = block.items().map(|items| format!("{} {items}", scan.benchmark.name));
    let fails = format!("fails on {}", block.findings.len());
    let about = [Some(block.id), items.as_deref(), Some(fails.as_str())];
    paper.line(
        &Line::new(COLUMN, COLUMN)
            .dotted(about.into_iter().flatten().map(|text| (style::DIM, text))),
    )
}

fn write_subject(
    finding: &Finding,
    with_message: bool,
    options: &Options,
    paper: &mut Paper<'_>,
) -> io::Result<()> {
    let line = Line::new(COLUMN, INNER + 2).text("- ");
    let line = line.styled(style::BOLD, &finding.subject.to_string());
    let shown = if options.all { finding.evidence.len() } else { FACTS };
    match (with_message, finding.evidence.as_slice()) {
        // What all subjects share is told above: the one fact fits beside the name.
        (false, [only]) => return paper.line(&fact(line.text("  "), only)),
        (false, _) => paper.line(&line)?,
        (true, _) => paper.line(&line.text(": ").text(&finding.message))?,
    }
    for evidence in finding.evidence.iter().take(shown) {
        paper.line(&fact(Line::new(INNER, INNER + 2), evidence))?;
    }
    if finding.evidence.len() > shown {
        let more = format!("… and {} more", finding.evidence.len() - shown);
        paper.line(&Line::new(INNER, INNER).styled(style::DIM, &more))?;
    }
    Ok(())
}

fn fact(line: Line, evidence: &Evidence) -> Line {
    let line = if evidence.value.is_empty() { line } else { line.text(&evidence.value).text("  ") };
    line.styled(style::DIM, &words::place(evidence))
}
