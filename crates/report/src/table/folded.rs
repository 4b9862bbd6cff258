//! The verdicts that need no act: one line each, or every finding where all are wanted.

use std::io;

use kuberlock_model::scan::Scan;
use kuberlock_model::{Finding, Verdict};

use super::line::{Line, Paper};
use super::{COLUMN, labelled, style};
use crate::Options;
use crate::block::{Block, blocks, reasons};
use crate::words::count;

/// How many reasons or waivers are told before the rest is only counted.
const TOLD: usize = 3;

/// Writes what is unknown, accepted, passed and not applicable.
pub(super) fn write(scan: &Scan, options: &Options, paper: &mut Paper<'_>) -> io::Result<()> {
    for verdict in [Verdict::Unknown, Verdict::Accepted, Verdict::Pass, Verdict::NotApplicable] {
        let blocks = blocks(scan, verdict);
        if blocks.is_empty() {
            continue;
        }
        let findings: usize = blocks.iter().map(|block| block.findings.len()).sum();
        let label = if verdict == Verdict::NotApplicable { "n/a" } else { verdict.word() };
        let line = labelled(label).text(&extent(&blocks, findings));
        match (options.all, verdict) {
            (true, _) => write_all(&line, &blocks, paper)?,
            (false, Verdict::Unknown) => paper.line(&folded_reasons(line, &blocks))?,
            (false, Verdict::Accepted) => paper.line(&folded_waivers(line, &blocks, findings))?,
            (false, _) => paper.line(&line)?,
        }
    }
    Ok(())
}

fn extent(blocks: &[Block<'_>], findings: usize) -> String {
    if findings == blocks.len() {
        count(blocks.len(), "check")
    } else {
        format!("{}, {}", count(blocks.len(), "check"), count(findings, "subject"))
    }
}

fn folded_reasons(mut line: Line, blocks: &[Block<'_>]) -> Line {
    let reasons = reasons(blocks.iter().flat_map(|block| block.findings.iter().copied()));
    for (at, (reason, times)) in reasons.iter().take(TOLD).enumerate() {
        line = line.text(if at == 0 { ": " } else { " · " });
        line = line.text(&format!("{times} × ")).text(reason);
    }
    more(line, reasons.len(), "reason")
}

fn folded_waivers(mut line: Line, blocks: &[Block<'_>], findings: usize) -> Line {
    let accepted = blocks.iter().flat_map(|block| block.findings.iter());
    for (at, finding) in accepted.take(TOLD).enumerate() {
        line = line.text(if at == 0 { ": " } else { " · " }).text(finding.check).text(" of ");
        line = line.text(&finding.subject.to_string());
        line = waived(line, finding);
    }
    more(line, findings, "")
}

fn more(line: Line, all: usize, noun: &str) -> Line {
    match all.checked_sub(TOLD) {
        None | Some(0) => line,
        Some(more) if noun.is_empty() => line.text(&format!(" · … and {more} more")),
        Some(more) => line.text(&format!(" · … and {}", count(more, &format!("more {noun}")))),
    }
}

fn waived(line: Line, finding: &Finding) -> Line {
    match &finding.waiver {
        Some(waiver) => line
            .text(" (")
            .text(&waiver.reason)
            .text(", ")
            .text(&waiver.owner)
            .text(", until ")
            .text(&waiver.expires)
            .text(")"),
        None => line,
    }
}

fn write_all(head: &Line, blocks: &[Block<'_>], paper: &mut Paper<'_>) -> io::Result<()> {
    paper.line(head)?;
    for block in blocks {
        for finding in &block.findings {
            let line = Line::new(COLUMN, COLUMN + 4).styled(style::DIM, block.id).text("  ");
            let line = line.styled(style::BOLD, &finding.subject.to_string()).text(": ");
            paper.line(&waived(line.text(&finding.message), finding))?;
        }
    }
    Ok(())
}
