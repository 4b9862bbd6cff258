//! Who reaches whom, as a picture: for Graphviz, for Mermaid, as SVG, or as a page.
//!
//! Enters: nodes in groups, and edges. Leaves: text. Always holds: ids are numbers of our own, and
//! every label passed its format's escape; the picture is the same for the same graph.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use crate::Error;
use crate::html::HEAD;
use crate::html::markup::Page;
use crate::listing::begin;
use crate::neutral::visible;

/// Characters of one label.
const LABEL: usize = 60;

/// Nodes and edges, and what has to be known to read them.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The command: `netpol graph`.
    pub title: String,
    /// What has to be known, by label.
    pub told: Vec<(&'static str, String)>,
    /// What a reader must not miss.
    pub warnings: Vec<String>,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The edges.
    pub edges: Vec<Edge>,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is called.
    pub label: String,
    /// What it lies in: a namespace; empty for what lies in none.
    pub group: String,
}

/// An edge between two nodes, by their place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What it is called.
    pub label: String,
    /// Whether it is not certain.
    pub open: bool,
}

/// What a graph is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphFormat {
    /// For Graphviz.
    Dot,
    /// For Mermaid.
    Mermaid,
    /// A picture.
    Svg,
    /// A page with the picture and its edges in a table.
    Html,
}

/// Writes `graph` to `out`.
///
/// # Errors
/// The writer took no more.
pub fn render(graph: &Graph, format: GraphFormat, out: &mut dyn io::Write) -> Result<(), Error> {
    match format {
        GraphFormat::Dot => out.write_all(dot(graph).as_bytes())?,
        GraphFormat::Mermaid => out.write_all(mermaid(graph).as_bytes())?,
        GraphFormat::Svg => out.write_all(picture(graph).as_bytes())?,
        GraphFormat::Html => html(graph, out)?,
    }
    Ok(out.flush()?)
}

/// The nodes of each group, by their place in the list.
fn groups(graph: &Graph) -> BTreeMap<&str, Vec<(usize, &Node)>> {
    let mut groups: BTreeMap<&str, Vec<(usize, &Node)>> = BTreeMap::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        groups.entry(&node.group).or_default().push((at, node));
    }
    groups
}

fn dot(graph: &Graph) -> String {
    let quoted = |text: &str| {
        let shown = visible(text, LABEL).replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{shown}\"")
    };
    let mut text =
        "digraph kuberlock {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n".to_owned();
    for (number, (group, nodes)) in groups(graph).into_iter().enumerate() {
        if !group.is_empty() {
            let _ = writeln!(text, "  subgraph cluster_{number} {{\n    label={};", quoted(group));
        }
        for (at, node) in nodes {
            let _ = writeln!(text, "    n{at} [label={}];", quoted(&node.label));
        }
        if !group.is_empty() {
            text.push_str("  }\n");
        }
    }
    for edge in &graph.edges {
        let style = if edge.open { ", style=dashed" } else { "" };
        let label = quoted(&edge.label);
        let _ = writeln!(text, "  n{} -> n{} [label={label}{style}];", edge.from, edge.to);
    }
    text.push_str("}\n");
    text
}

fn mermaid(graph: &Graph) -> String {
    // Mermaid reads entities with a hash, and little else inside quotes.
    let quoted = |text: &str| {
        let shown = visible(text, LABEL).replace('#', "#35;").replace('"', "#quot;");
        let shown = shown.replace('<', "#lt;").replace('>', "#gt;").replace('`', "#96;");
        format!("\"{shown}\"")
    };
    let mut text = "flowchart LR\n".to_owned();
    for (number, (group, nodes)) in groups(graph).into_iter().enumerate() {
        if !group.is_empty() {
            let _ = writeln!(text, "  subgraph g{number} [{}]", quoted(group));
        }
        for (at, node) in nodes {
            let _ = writeln!(text, "    n{at}[{}]", quoted(&node.label));
        }
        if !group.is_empty() {
            text.push_str("  end\n");
        }
    }
    for edge in &graph.edges {
        let arrow = if edge.open { "-.->" } else { "-->" };
        let _ = writeln!(text, "  n{} {arrow}|{}| n{}", edge.from, quoted(&edge.label), edge.to);
    }
    text
}

const WIDTH: usize = 210;
const HEIGHT: usize = 26;
const GAP: usize = 10;
const MARGIN: usize = 130;

/// Where everything lies: groups side by side, in as many rows as make it about square.
struct Layout {
    width: usize,
    height: usize,
    /// Of each node its left upper corner.
    nodes: Vec<(usize, usize)>,
    groups: Vec<(String, usize, usize, usize)>,
}

fn layout(graph: &Graph) -> Layout {
    let groups = groups(graph);
    let mut columns = 1;
    while columns * columns < groups.len() {
        columns += 1;
    }
    let mut layout = Layout {
        width: MARGIN + columns * (WIDTH + MARGIN),
        height: GAP,
        nodes: vec![(0, 0); graph.nodes.len()],
        groups: Vec::new(),
    };
    let groups: Vec<_> = groups.into_iter().collect();
    for row in groups.chunks(columns) {
        let top = layout.height;
        let tallest = row.iter().map(|(_, nodes)| nodes.len()).max().unwrap_or(0);
        for (column, (group, nodes)) in row.iter().enumerate() {
            let left = MARGIN + column * (WIDTH + MARGIN);
            let height = HEIGHT + nodes.len() * (HEIGHT + GAP) + GAP;
            layout.groups.push(((*group).to_owned(), left.saturating_sub(GAP), top, height));
            for (place, (at, _)) in nodes.iter().enumerate() {
                let y = top + HEIGHT + place * (HEIGHT + GAP);
                if let Some(node) = layout.nodes.get_mut(*at) {
                    *node = (left, y);
                }
            }
        }
        layout.height = top + HEIGHT + tallest * (HEIGHT + GAP) + 4 * GAP;
    }
    layout
}

fn picture(graph: &Graph) -> String {
    let layout = layout(graph);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{0}\" height=\"{1}\" \
         viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" font-size=\"11\">\n<title>{2}</title>\n\
         <defs><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" fill=\"#56607a\"/></marker>\
         </defs>\n",
        layout.width,
        layout.height,
        entities(&graph.title),
    );
    for (name, left, top, height) in &layout.groups {
        if !name.is_empty() {
            let width = WIDTH + 2 * GAP;
            let _ = writeln!(
                svg,
                "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"6\" \
                 fill=\"#eef2fa\" stroke=\"#c3cbdd\"/>\n<text x=\"{}\" y=\"{}\" fill=\"#333c52\" \
                 font-weight=\"bold\">{}</text>",
                left + GAP,
                top + 17,
                entities(name),
            );
        }
    }
    for edge in &graph.edges {
        arrow(&mut svg, &layout, edge);
    }
    for (node, (x, y)) in graph.nodes.iter().zip(&layout.nodes) {
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"4\" fill=\"#ffffff\" \
             stroke=\"#7a86a1\"/><text x=\"{}\" y=\"{}\" fill=\"#1c2233\">{}</text>",
            x + 6,
            y + 17,
            entities(&shortened(&node.label)),
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// A curve from the right of one node to the left of another; its label shows where one points.
fn arrow(svg: &mut String, layout: &Layout, edge: &Edge) {
    let place = |at: usize| layout.nodes.get(at).copied().unwrap_or_default();
    let ((from_x, from_y), (to_x, to_y)) = (place(edge.from), place(edge.to));
    let (x1, y1, x2, y2) = (from_x + WIDTH, from_y + HEIGHT / 2, to_x, to_y + HEIGHT / 2);
    let bend = 60;
    let dash = if edge.open { " stroke-dasharray=\"4 3\"" } else { "" };
    let _ = writeln!(
        svg,
        "<path d=\"M{x1} {y1} C{} {y1} {} {y2} {x2} {y2}\" fill=\"none\" stroke=\"#56607a\" \
         stroke-opacity=\"0.65\"{dash} marker-end=\"url(#end)\"><title>{}</title></path>",
        x1 + bend,
        x2.saturating_sub(bend),
        entities(&edge.label),
    );
}

fn shortened(label: &str) -> String {
    let shown = visible(label, LABEL);
    if shown.chars().count() <= 36 {
        return shown;
    }
    let mut cut: String = shown.chars().take(35).collect();
    cut.push('…');
    cut
}

fn entities(text: &str) -> String {
    let shown = visible(text, LABEL * 4);
    let shown = shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    shown.replace('"', "&quot;")
}

fn html(graph: &Graph, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page::new(HEAD);
    begin(&mut page, &graph.title, &graph.told, &graph.warnings);
    page.drawn(&picture(graph));
    page.raw("<table>\n<thead><tr><th>from</th><th>to</th><th>ports</th></tr></thead>\n<tbody>\n");
    let label = |at: usize| graph.nodes.get(at).map_or("", |node| node.label.as_str());
    for edge in &graph.edges {
        page.raw("<tr>");
        page.leaf("td", &[], label(edge.from));
        page.leaf("td", &[], label(edge.to));
        page.leaf("td", &[], &edge.label);
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table>\n</main>\n</body>\n</html>\n");
    out.write_all(page.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_harmless() {
        let node = |label: &str| Node { label: label.into(), group: "te\"am<".into() };
        let graph = Graph {
            title: "netpol graph".into(),
            nodes: vec![node("a\"]; b [label=\"<script>"), node("b")],
            edges: vec![Edge { from: 0, to: 1, label: "TCP 80\u{202e}".into(), open: true }],
            ..Graph::default()
        };
        for format in [GraphFormat::Dot, GraphFormat::Mermaid, GraphFormat::Svg, GraphFormat::Html]
        {
            let mut out = Vec::new();
            render(&graph, format, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(!text.contains('\u{202e}'), "{format:?}");
            assert_eq!(format == GraphFormat::Dot, text.contains("<script>"), "{format:?}");
            assert!(!text.contains("[label=\"a\"]"), "{format:?}");
        }
    }
}
