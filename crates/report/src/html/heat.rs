//! Nodes against sections: where on which machine the failures are.
//!
//! Nodes that stand alike share a row, so that a pool of a thousand like machines is one line.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::object::Kind;
use kuberlock_model::scan::Scan;
use kuberlock_model::{Finding, Subject};

use super::markup::Page;
use crate::section::{SectionName, Sections, State};
use crate::words::{count, list};

/// How many rows are drawn.
const ROWS: usize = 60;
/// How many nodes a row names.
const NAMED: usize = 3;

/// The worst state of a node in a section, and how many findings fail there.
type Cell = Option<(State, usize)>;

/// Writes the map, where any finding is of a node.
pub(super) fn write(scan: &Scan, sections: &Sections<'_>, page: &mut Page) {
    let nodes = cells_of_nodes(scan, sections);
    let columns: BTreeSet<&SectionName> =
        nodes.values().flat_map(BTreeMap::keys).copied().collect();
    let rows = rows(&nodes, &columns);
    if rows.is_empty() {
        return;
    }
    page.raw("<section aria-labelledby=\"nodes\">\n<h2 id=\"nodes\">Nodes by section</h2>\n");
    page.raw("<div class=\"scroll\"><table class=\"heat\">\n<caption>Failures of each node; ");
    page.raw("nodes that stand alike share a row</caption>\n");
    page.raw("<thead><tr><th scope=\"col\">Node</th>");
    for column in &columns {
        page.leaf("th", &[("scope", "col")], &column.text);
    }
    page.raw("</tr></thead>\n<tbody>\n");
    for (cells, names) in rows.iter().take(ROWS) {
        page.raw("<tr>");
        page.leaf("th", &[("scope", "row")], &list(names, NAMED));
        cells.iter().for_each(|cell| write_cell(*cell, page));
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    if rows.len() > ROWS {
        let more: usize = rows.iter().skip(ROWS).map(|(_, names)| names.len()).sum();
        page.leaf("p", &[("class", "note")], &format!("… and {}", count(more, "more node")));
    }
    page.raw("</section>\n");
}

fn write_cell(cell: Cell, page: &mut Page) {
    match cell {
        None => page.raw("<td class=\"none\" aria-label=\"no finding\"></td>"),
        Some((state @ State::Fail(_), fails)) => {
            let label = format!("{}, worst {}", count(fails, "failure"), state.word());
            page.leaf(
                "td",
                &[("class", state.class()), ("title", &label), ("aria-label", &label)],
                &fails.to_string(),
            );
        }
        Some((state, _)) => {
            let sign = match state {
                State::Unknown => "?",
                State::Accepted => "~",
                State::NotApplicable => "–",
                State::Pass | State::Fail(_) => "0",
            };
            let word = state.word();
            page.leaf(
                "td",
                &[("class", state.class()), ("title", word), ("aria-label", word)],
                sign,
            );
        }
    }
}

fn cells_of_nodes<'a>(
    scan: &'a Scan,
    sections: &'a Sections<'_>,
) -> BTreeMap<&'a str, BTreeMap<&'a SectionName, (State, usize)>> {
    let mut nodes: BTreeMap<&str, BTreeMap<&SectionName, (State, usize)>> = BTreeMap::new();
    for finding in &scan.findings {
        let Some(node) = node_of(finding) else { continue };
        let state = State::of(finding);
        for section in sections.of_check(finding.check) {
            let cell = nodes.entry(node).or_default().entry(section).or_insert((state, 0));
            cell.0 = cell.0.max(state);
            cell.1 += usize::from(matches!(state, State::Fail(_)));
        }
    }
    nodes
}

fn node_of(finding: &Finding) -> Option<&str> {
    match &finding.subject {
        Subject::Node { node } => Some(node),
        Subject::Component { node, .. } | Subject::File { node, .. } => node.as_deref(),
        Subject::Object(key) if key.kind == Kind::Node => Some(&key.name),
        Subject::Cluster
        | Subject::Entry { .. }
        | Subject::Object(_)
        | Subject::Principal { .. } => None,
    }
}

/// The rows, worst first: cells, and the nodes that have them.
fn rows(
    nodes: &BTreeMap<&str, BTreeMap<&SectionName, (State, usize)>>,
    columns: &BTreeSet<&SectionName>,
) -> Vec<(Vec<Cell>, Vec<String>)> {
    let mut alike: BTreeMap<Vec<Cell>, Vec<String>> = BTreeMap::new();
    for (node, cells) in nodes {
        let row = columns.iter().map(|column| cells.get(column).copied()).collect();
        alike.entry(row).or_default().push((*node).to_owned());
    }
    let mut rows: Vec<_> = alike.into_iter().collect();
    rows.sort_by_cached_key(|(cells, names)| {
        let worst = cells.iter().flatten().map(|(state, _)| *state).max();
        let fails: usize = cells.iter().flatten().map(|(_, fails)| fails).sum();
        (Reverse(worst), Reverse(fails), names.first().cloned())
    });
    rows
}
