//! What needs no act: unknown by reason, accepted with waivers, passed and not applicable by name.

use kuberlock_model::Verdict;
use kuberlock_model::scan::Scan;

use super::markup::Page;
use crate::Options;
use crate::block::{Block, blocks, reasons};
use crate::words::count;

/// How many rows of a table are shown before the rest is only counted.
const ROWS: usize = 100;

/// Writes the other verdicts.
pub(super) fn write(scan: &Scan, options: &Options, page: &mut Page) {
    let rows = if options.all { usize::MAX } else { ROWS };
    write_unknown(&blocks(scan, Verdict::Unknown), rows, page);
    write_accepted(&blocks(scan, Verdict::Accepted), rows, page);
    write_quiet(&blocks(scan, Verdict::Pass), &blocks(scan, Verdict::NotApplicable), page);
}

fn write_quiet(passed: &[Block<'_>], not_applicable: &[Block<'_>], page: &mut Page) {
    if passed.is_empty() && not_applicable.is_empty() {
        return;
    }
    page.raw("<section aria-labelledby=\"quiet\">\n<h2 id=\"quiet\">Nothing to do</h2>\n");
    write_names("Passed", passed, page);
    write_names("Not applicable", not_applicable, page);
    page.raw("</section>\n");
}

fn write_unknown(blocks: &[Block<'_>], most: usize, page: &mut Page) {
    if blocks.is_empty() {
        return;
    }
    page.raw("<section aria-labelledby=\"unknown\">\n<h2 id=\"unknown\">Not decided</h2>\n");
    page.raw("<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Why</th>");
    page.raw("<th scope=\"col\" class=\"number\">Findings</th></tr></thead>\n<tbody>\n");
    let reasons = reasons(blocks.iter().flat_map(|block| block.findings.iter().copied()));
    for (reason, times) in reasons.iter().take(most) {
        page.raw("<tr>");
        page.leaf("td", &[], reason);
        page.leaf("td", &[("class", "number")], &times.to_string());
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    write_more(reasons.len(), most, page);
    write_names("Checks", blocks, page);
    page.raw("</section>\n");
}

fn write_accepted(blocks: &[Block<'_>], most: usize, page: &mut Page) {
    if blocks.is_empty() {
        return;
    }
    page.raw("<section aria-labelledby=\"accepted\">\n<h2 id=\"accepted\">Accepted</h2>\n");
    page.raw("<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Check</th>");
    page.raw("<th scope=\"col\">Subject</th><th scope=\"col\">Reason</th>");
    page.raw("<th scope=\"col\">Owner</th><th scope=\"col\">Until</th></tr></thead>\n<tbody>\n");
    let findings = || blocks.iter().flat_map(|block| block.findings.iter());
    for finding in findings().take(most) {
        let waiver = finding.waiver.as_ref();
        page.raw("<tr>");
        page.leaf("td", &[], finding.check);
        page.leaf("th", &[("scope", "row")], &finding.subject.to_string());
        page.leaf("td", &[], waiver.map_or("", |w| &w.reason));
        page.leaf("td", &[], waiver.map_or("", |w| &w.owner));
        page.leaf("td", &[], waiver.map_or("", |w| &w.expires));
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    write_more(findings().count(), most, page);
    page.raw("</section>\n");
}

fn write_names(label: &'static str, blocks: &[Block<'_>], page: &mut Page) {
    if blocks.is_empty() {
        return;
    }
    page.raw("<details class=\"names\"><summary>");
    page.text(&format!("{label}: {}", count(blocks.len(), "check")));
    page.raw("</summary>\n<ul>\n");
    for block in blocks {
        page.raw("<li>");
        page.leaf("code", &[], block.id);
        page.text(&format!(" {} ({})", block.title(), block.findings.len()));
        page.raw("</li>\n");
    }
    page.raw("</ul></details>\n");
}

fn write_more(all: usize, most: usize, page: &mut Page) {
    if let Some(more @ 1..) = all.checked_sub(most) {
        page.leaf("p", &[("class", "note")], &format!("… and {more} more"));
    }
}
