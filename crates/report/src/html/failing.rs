//! The failing checks, worst first, each with its subjects, evidence and remedy.

use kuberlock_model::scan::Scan;
use kuberlock_model::{Finding, Verdict};

use super::markup::Page;
use crate::Options;
use crate::block::{Block, blocks};
use crate::words::{self, count};

/// How many checks are open when the page is.
const OPEN: usize = 3;
/// How many subjects of a check are shown before the rest is only counted.
const SUBJECTS: usize = 100;
/// How many facts of a subject are shown before the rest is only counted.
const FACTS: usize = 8;
/// How many places of a remedy are named.
const PLACES: usize = 20;

/// Writes the failing checks.
pub(super) fn write(scan: &Scan, options: &Options, page: &mut Page) {
    let blocks = blocks(scan, Verdict::Fail);
    page.raw(
        "<section aria-labelledby=\"failing\">\n<h2 id=\"failing\">Failures, worst first</h2>\n",
    );
    if blocks.is_empty() {
        page.raw("<p>Nothing failed among what was seen.</p>\n");
    }
    for (at, block) in blocks.iter().enumerate() {
        write_block(scan, block, at < OPEN, options, page);
    }
    page.raw("</section>\n");
}

fn write_block(scan: &Scan, block: &Block<'_>, open: bool, options: &Options, page: &mut Page) {
    let class = format!("check {}", block.severity);
    let mut attributes = vec![("class", class.as_str())];
    if open {
        attributes.push(("open", ""));
    }
    page.open("details", &attributes);
    write_summary(scan, block, page);
    page.raw("<div class=\"inside\">\n");
    if let Some(message) = block.shared_message() {
        page.leaf("p", &[], message);
    }
    let remedy = block.shared_remedy();
    if let Some((remedy, places)) = &remedy {
        write_labelled("Remedy", &remedy.at(places, PLACES), page);
    }
    if let Some(text) = block.may_break() {
        write_labelled("May break", text, page);
    }
    write_subjects(block, remedy.is_none(), options, page);
    page.raw("</div></details>\n");
}

fn write_summary(scan: &Scan, block: &Block<'_>, page: &mut Page) {
    page.raw("<summary>");
    let badge = format!("badge {}", block.severity);
    page.leaf("span", &[("class", &badge)], block.severity.word());
    page.raw("<span class=\"what\">");
    page.leaf("strong", &[], block.title());
    page.raw("<span class=\"about\">");
    page.leaf("code", &[], block.id);
    if let Some(items) = block.items() {
        page.leaf("span", &[], &format!("{} {items}", scan.benchmark.name));
    }
    page.raw("</span></span>");
    page.leaf("span", &[("class", "extent")], &count(block.findings.len(), "subject"));
    page.raw("</summary>\n");
}

fn write_labelled(label: &'static str, text: &str, page: &mut Page) {
    page.raw("<p class=\"labelled\">");
    page.leaf("b", &[], label);
    page.leaf("span", &[], text);
    page.raw("</p>\n");
}

fn write_subjects(block: &Block<'_>, with_remedy: bool, options: &Options, page: &mut Page) {
    let with_message = block.shared_message().is_none();
    page.raw("<div class=\"scroll\"><table class=\"subjects\">\n<thead><tr>");
    page.raw("<th scope=\"col\">Subject</th>");
    if with_message {
        page.raw("<th scope=\"col\">What is wrong</th>");
    }
    page.raw("<th scope=\"col\">Evidence</th>");
    if with_remedy {
        page.raw("<th scope=\"col\">Remedy</th>");
    }
    page.raw("</tr></thead>\n<tbody>\n");
    let shown = if options.all { usize::MAX } else { SUBJECTS };
    for finding in block.findings.iter().take(shown) {
        page.raw("<tr>");
        page.leaf("th", &[("scope", "row")], &finding.subject.to_string());
        if with_message {
            page.leaf("td", &[], &finding.message);
        }
        write_evidence(finding, options, page);
        if with_remedy {
            page.leaf("td", &[], &words::remedy(finding.remedy()).sentence());
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    if let Some(more @ 1..) = block.findings.len().checked_sub(shown) {
        page.leaf("p", &[("class", "note")], &format!("… and {more} more"));
    }
}

fn write_evidence(finding: &Finding, options: &Options, page: &mut Page) {
    page.raw("<td class=\"evidence\">");
    let shown = if options.all { usize::MAX } else { FACTS };
    for evidence in finding.evidence.iter().take(shown) {
        page.raw("<div>");
        if !evidence.value.is_empty() {
            page.leaf("code", &[], &evidence.value);
            page.raw(" ");
        }
        page.leaf("span", &[("class", "place")], &words::place(evidence));
        page.raw("</div>");
    }
    if let Some(more @ 1..) = finding.evidence.len().checked_sub(shown) {
        page.leaf("div", &[("class", "place")], &format!("… and {more} more"));
    }
    page.raw("</td>");
}
