//! Posture: each section of the benchmark as a stacked bar with its numbers.

use kuberlock_model::scan::Scan;

use super::markup::Page;
use crate::section::{Sections, State};

/// Writes the posture by section.
pub(super) fn write(scan: &Scan, sections: &Sections<'_>, page: &mut Page) {
    if sections.items.is_empty() {
        return;
    }
    page.raw("<section aria-labelledby=\"posture\">\n<h2 id=\"posture\">Posture by section</h2>\n");
    page.raw("<div class=\"scroll\"><table class=\"posture\">\n<caption>Items of ");
    page.text(&scan.benchmark.name);
    page.raw(", each as the worst finding that answers it</caption>\n<thead><tr>");
    page.raw("<th scope=\"col\">Section</th><th scope=\"col\" class=\"wide\">Items</th>");
    for state in State::ALL {
        page.leaf("th", &[("scope", "col"), ("class", "number")], state.word());
    }
    page.raw("</tr></thead>\n<tbody>\n");
    for (name, items) in &sections.items {
        let count = |state| items.values().filter(|held| **held == state).count();
        let shares: Vec<(State, usize)> = State::ALL.map(|s| (s, count(s))).to_vec();
        page.raw("<tr>");
        page.leaf("th", &[("scope", "row")], &titled(scan, &name.text));
        page.raw("<td class=\"wide\">");
        bar(&shares, &format!("section {}", name.text), page);
        page.raw("</td>");
        for (_, number) in shares {
            let class = if number == 0 { "number zero" } else { "number" };
            page.leaf("td", &[("class", class)], &number.to_string());
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div>\n</section>\n");
}

/// A section with the title of the part of the benchmark that it belongs to.
fn titled(scan: &Scan, section: &str) -> String {
    let part = section.split('.').next().unwrap_or(section);
    match scan.benchmark.sections.get(part) {
        Some(title) => format!("{section} {title}"),
        None => section.to_owned(),
    }
}

/// A bar of `shares`, told in words too.
pub(super) fn bar(shares: &[(State, usize)], of: &str, page: &mut Page) {
    let total: usize = shares.iter().map(|(_, count)| count).sum();
    let present = shares.iter().filter(|(_, count)| *count > 0);
    let words: Vec<String> =
        present.clone().map(|(state, count)| format!("{count} {}", state.word())).collect();
    let label = format!("{of}: {}", words.join(", "));
    page.open(
        "svg",
        &[
            ("class", "bar"),
            ("viewBox", "0 0 1000 10"),
            ("preserveAspectRatio", "none"),
            ("role", "img"),
            ("aria-label", &label),
        ],
    );
    let mut before = 0;
    for (state, count) in present {
        // Whole thousandths, from running sums: no gaps, and no floating point in the output.
        let from = before * 1000 / total.max(1);
        before += count;
        let width = before * 1000 / total.max(1) - from;
        page.open(
            "rect",
            &[
                ("class", state.class()),
                ("x", &from.to_string()),
                ("width", &width.to_string()),
                ("height", "10"),
            ],
        );
        page.leaf("title", &[], &format!("{count} {}", state.word()));
        page.raw("</rect>");
    }
    page.raw("</svg>");
}
