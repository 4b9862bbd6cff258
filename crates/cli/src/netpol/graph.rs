//! `kuberlock netpol graph`.

use std::collections::BTreeMap;

use kuberlock_network::{EndpointKind, Line, Reachability, Scope, Verdict};
use kuberlock_report::graph::{Edge, Graph, Node, render};

use super::arguments::GraphArgs;
use super::{list, open};
use crate::command::Common;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

pub(crate) fn run(args: &GraphArgs, common: &Common) -> Result<Exit, Error> {
    let opened = open::open(&args.network, common)?;
    let reachability = opened.reachability();
    let scope = Scope { nodes: args.nodes, ..Scope::default() };
    let lines = list::lines(&reachability, args.namespace.as_deref(), &scope);
    let mut graph = drawn(&reachability, &lines);
    graph.told = opened.told();
    graph.warnings.clone_from(&opened.warnings);
    output::to_target(args.output.file.as_deref(), |out| {
        Ok(render(&graph, args.output.format, out)?)
    })?;
    Ok(opened.exit(&args.network, Exit::Fine))
}

/// A node for each workload, node and range; an edge for each two of them.
fn drawn(reachability: &Reachability, lines: &[Line]) -> Graph {
    let mut graph = Graph { title: "netpol graph".to_owned(), ..Graph::default() };
    let mut known: BTreeMap<Place, usize> = BTreeMap::new();
    let mut edges: BTreeMap<(usize, usize, bool), Vec<String>> = BTreeMap::new();
    for line in lines {
        for from in &line.from {
            for to in &line.to {
                let (Some(from), Some(to)) = (
                    number(reachability, &mut graph, &mut known, *from),
                    number(reachability, &mut graph, &mut known, *to),
                ) else {
                    continue;
                };
                let labels = edges.entry((from, to, line.verdict != Verdict::Allowed)).or_default();
                let label = line.ports.to_string();
                if !labels.contains(&label) {
                    labels.push(label);
                }
            }
        }
    }
    let edges = edges.into_iter();
    graph.edges = edges
        .map(|((from, to, open), labels)| Edge { from, to, label: labels.join("; "), open })
        .collect();
    graph
}

/// Group and label, by which endpoints are one node.
type Place = (String, String);

fn number(
    reachability: &Reachability,
    graph: &mut Graph,
    known: &mut BTreeMap<Place, usize>,
    at: usize,
) -> Option<usize> {
    let endpoint = reachability.endpoint(at)?;
    let (group, label) = match &endpoint.kind {
        EndpointKind::Pods { namespace, head } => {
            (namespace.to_string(), format!("{}[{}]", head.name, head.kind))
        }
        EndpointKind::Node(name) => ("nodes".to_owned(), name.to_string()),
        EndpointKind::Outside(range) => ("outside".to_owned(), range.to_string()),
    };
    let next = graph.nodes.len();
    let number = *known.entry((group.clone(), label.clone())).or_insert(next);
    if number == next {
        graph.nodes.push(Node { label, group });
    }
    Some(number)
}
