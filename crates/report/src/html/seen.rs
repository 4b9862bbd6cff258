//! What was seen and what was not.

use std::collections::BTreeMap;

use kuberlock_model::coverage::{Coverage, Reach};
use kuberlock_model::object::Kind;

use super::markup::Page;
use crate::words::{count, list};

/// How many names or rows are shown before the rest is only counted.
const NAMED: usize = 50;

/// Writes the coverage.
pub(super) fn write(coverage: &Coverage, page: &mut Page) {
    page.raw("<section aria-labelledby=\"seen\">\n<h2 id=\"seen\">What was seen</h2>\n");
    page.raw("<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Reach</th>");
    page.raw("<th scope=\"col\">Of</th><th scope=\"col\">Why</th></tr></thead>\n<tbody>\n");
    let kinds = Kind::all().iter().map(|k| (coverage.kind(k.kind), k.name));
    write_reaches(&by_reach(kinds), "", page);
    let hosts = coverage.hosts().map(|(node, reach)| (reach, node));
    write_reaches(&by_reach(hosts), "files of ", page);
    page.raw("</tbody></table></div>\n");
    if coverage.hosts().next().is_none() {
        page.raw("<p class=\"note\">No files of nodes were asked for.</p>\n");
    }
    write_unread(coverage, page);
    write_notices(coverage, page);
    page.raw("</section>\n");
}

fn by_reach<'a>(
    reaches: impl Iterator<Item = (&'a Reach, &'a str)>,
) -> BTreeMap<&'a Reach, Vec<String>> {
    let mut names: BTreeMap<&Reach, Vec<String>> = BTreeMap::new();
    for (reach, name) in reaches {
        names.entry(reach).or_default().push(name.to_owned());
    }
    names
}

fn write_reaches(names: &BTreeMap<&Reach, Vec<String>>, of: &'static str, page: &mut Page) {
    // The most telling first: gaps, then what nobody asked for, then what is whole.
    let order = |reach: &Reach| (!reach.is_gap(), reach.is_whole());
    let mut rows: Vec<_> = names.iter().collect();
    rows.sort_by_key(|(reach, _)| order(reach));
    for (reach, names) in rows {
        let (word, why) = match reach {
            Reach::Forbidden(why) => ("forbidden", why.as_str()),
            Reach::Partial(why) => ("partial", why.as_str()),
            Reach::NotAsked => ("not asked for", ""),
            Reach::NotServed => ("not served", ""),
            Reach::Given => ("given", ""),
            Reach::Complete => ("complete", ""),
        };
        page.open("tr", if reach.is_gap() { &[("class", "warns")] } else { &[] });
        page.leaf("th", &[("scope", "row"), ("class", "word")], word);
        page.leaf("td", &[], &format!("{of}{}", list(names, NAMED)));
        page.leaf("td", &[], why);
        page.raw("</tr>\n");
    }
}

fn write_unread(coverage: &Coverage, page: &mut Page) {
    let unread = coverage.unread();
    let rows = unread.iter().map(|u| (u.place().to_string(), u.reason.clone()));
    write_pairs(
        &format!("{} not read", count(coverage.unread_documents(), "document")),
        ["Document", "Why"],
        rows,
        page,
    );
}

fn write_notices(coverage: &Coverage, page: &mut Page) {
    let rows = coverage.notices().map(|(notice, of)| {
        (notice.to_string(), format!("{} ×, first in {}", of.count, of.place()))
    });
    let title = format!("{}, read past", count(coverage.notices().count(), "notice"));
    write_pairs(&title, ["What", "Where"], rows, page);
}

fn write_pairs(
    title: &str,
    columns: [&'static str; 2],
    rows: impl Iterator<Item = (String, String)>,
    page: &mut Page,
) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    page.leaf("h3", &[], title);
    page.raw("\n<div class=\"scroll\"><table>\n<thead><tr>");
    columns.iter().for_each(|column| page.leaf("th", &[("scope", "col")], column));
    page.raw("</tr></thead>\n<tbody>\n");
    for (left, right) in rows.by_ref().take(NAMED) {
        page.raw("<tr>");
        page.leaf("th", &[("scope", "row")], &left);
        page.leaf("td", &[], &right);
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    let more = rows.count();
    if more > 0 {
        page.leaf("p", &[("class", "note")], &format!("… and {more} more"));
    }
}
