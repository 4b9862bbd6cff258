//! HTML: one page that needs nothing beside itself.
//!
//! Leaves: a document with inline style and inline SVG. Always holds: no script, and a policy that
//! forbids any; nothing is fetched; every foreign text passed [`markup::Page`]; every picture has
//! its numbers beside it in a table.

mod failing;
mod fixes;
mod folded;
mod heat;
pub(crate) mod markup;
mod posture;
mod seen;

use std::io;

use kuberlock_model::Verdict;
use kuberlock_model::scan::Scan;

use crate::Options;
use crate::header;
use crate::section::State;
use crate::tally::Tally;
use markup::Page;

/// The start of every page, up to its title.
pub(crate) const HEAD: &str = concat!(
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ",
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
    "<meta name=\"color-scheme\" content=\"light dark\">\n",
    "<meta name=\"referrer\" content=\"no-referrer\">\n<style>\n",
    include_str!("style.css"),
    "</style>\n",
);

/// Writes `scan` as one page.
pub(crate) fn write(scan: &Scan, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page::new(HEAD);
    page.leaf("title", &[], &format!("kuberlock scan: {}", scan.target));
    page.raw("</head>\n<body>\n<a class=\"skip\" href=\"#failing\">To the failures</a>\n");
    write_header(scan, &mut page);
    page.raw("<main>\n");
    write_tally(scan, &mut page);
    let sections = crate::section::Sections::of(scan);
    posture::write(scan, &sections, &mut page);
    heat::write(scan, &sections, &mut page);
    fixes::write(scan, &mut page);
    failing::write(scan, options, &mut page);
    folded::write(scan, options, &mut page);
    seen::write(&scan.coverage, &mut page);
    page.raw("</main>\n</body>\n</html>\n");
    out.write_all(page.as_bytes())
}

fn write_header(scan: &Scan, page: &mut Page) {
    page.raw("<header>\n<p class=\"name\">kuberlock scan</p>\n");
    page.leaf("h1", &[], scan.cluster.as_deref().unwrap_or(&scan.target));
    page.raw("<dl>\n");
    for row in header::rows(scan, false) {
        let label = if row.label == "scan" { "target" } else { row.label };
        page.leaf("dt", &[], label);
        page.raw("<dd>");
        for (piece, warns) in row.told() {
            page.leaf("span", if warns { &[("class", "warns")] } else { &[] }, piece);
        }
        page.raw("</dd>\n");
    }
    if let Some(uid) = &scan.cluster_uid {
        page.raw("<dt>uid</dt>\n");
        page.leaf("dd", &[], uid);
    }
    page.raw("</dl>\n</header>\n");
}

/// The counts of the findings, large, and as one bar.
fn write_tally(scan: &Scan, page: &mut Page) {
    let tally = Tally::of(scan);
    page.raw("<section aria-labelledby=\"counts\">\n<h2 id=\"counts\">Findings</h2>\n");
    let shares: Vec<(State, usize)> =
        State::ALL.into_iter().map(|state| (state, state.count(&tally))).collect();
    if tally.total() == 0 {
        page.raw("<p class=\"warns\">Nothing was checked.</p>\n</section>\n");
        return;
    }
    posture::bar(&shares, "all findings", page);
    page.raw("<ul class=\"tiles\">\n");
    for (state, count) in shares {
        let zero = if count == 0 { " zero" } else { "" };
        page.open("li", &[("class", &format!("tile {}{zero}", state.class()))]);
        page.leaf("b", &[], &count.to_string());
        page.leaf("span", &[], state.word());
        page.raw("</li>\n");
    }
    page.raw("</ul>\n");
    if tally.verdict(Verdict::Unknown) > 0 {
        page.raw("<p class=\"note\">Unknown is not passed: something was not seen.</p>\n");
    }
    page.raw("</section>\n");
}
