//! Where to begin: the fixes that take away most of the risk.

use kuberlock_model::scan::Scan;
use kuberlock_model::{Severity, Verdict};

use super::markup::Page;
use crate::block::{Block, blocks};
use crate::words::count;

/// How many fixes are shown.
const FIXES: usize = 10;

/// What one failure counts: a step of severity is about a third, so that ten low ones are a high one.
fn weight(severity: Severity) -> usize {
    match severity {
        Severity::Critical => 30,
        Severity::High => 10,
        Severity::Medium => 3,
        Severity::Low => 1,
    }
}

/// Writes the checks whose failures weigh most, with the share of the whole that goes with each.
pub(super) fn write(scan: &Scan, page: &mut Page) {
    let mut fixes: Vec<(usize, Block<'_>)> =
        blocks(scan, Verdict::Fail).into_iter().map(|block| (risk(&block), block)).collect();
    let total: usize = fixes.iter().map(|(risk, _)| risk).sum();
    if fixes.len() < 2 {
        return;
    }
    fixes.sort_by(|(a, of_a), (b, of_b)| b.cmp(a).then_with(|| of_a.id.cmp(of_b.id)));
    page.raw("<section aria-labelledby=\"fixes\">\n<h2 id=\"fixes\">Where to begin</h2>\n");
    page.raw(
        "<p class=\"note\">A critical failure counts 30, a high one 10, a medium one 3, a low one 1; \
         accepted failures count nothing.</p>\n",
    );
    page.raw("<div class=\"scroll\"><table class=\"posture\">\n<caption>The fixes that take away most, of ");
    page.text(&count(total, "point"));
    page.raw("</caption>\n<thead><tr><th scope=\"col\">What should be</th>");
    for heading in ["Places", "Points", "Share", "With those above"] {
        page.leaf("th", &[("scope", "col"), ("class", "number")], heading);
    }
    page.raw("</tr></thead>\n<tbody>\n");
    let mut gone = 0;
    for (risk, block) in fixes.iter().take(FIXES) {
        gone += risk;
        page.raw("<tr>");
        page.leaf("th", &[("scope", "row")], block.title());
        for number in [
            block.findings.len().to_string(),
            risk.to_string(),
            percent(*risk, total),
            percent(gone, total),
        ] {
            page.leaf("td", &[("class", "number")], &number);
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div>\n</section>\n");
}

fn risk(block: &Block<'_>) -> usize {
    block.findings.iter().map(|finding| weight(finding.severity)).sum()
}

fn percent(part: usize, whole: usize) -> String {
    format!("{} %", part * 100 / whole.max(1))
}
