//! `kuberlock netpol list`.

use std::collections::BTreeSet;

use kuberlock_network::{
    Endpoint, EndpointKind, FixedBitSet, Line, Names, Party, Reachability, Scope, Verdict,
};
use kuberlock_report::listing::{self, ListingFormat};
use serde_json::json;

use super::arguments::ListArgs;
use super::compat;
use super::open::{self, Opened};
use crate::command::Common;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

const COLUMNS: [&str; 4] = ["from", "to", "ports", "verdict"];

pub(crate) fn run(args: &ListArgs, common: &Common) -> Result<Exit, Error> {
    if args.compat.is_some() {
        return compat::run(compat::Asked::Connections, &args.network, &args.output, common);
    }
    let opened = open::open(&args.network, common)?;
    let reachability = opened.reachability();
    let scope = scope(args, &reachability)?;
    let lines = lines(&reachability, args.namespace.as_deref(), &scope);
    if args.pods {
        let rows = |row: &mut dyn FnMut([String; 4]) -> Result<(), Error>| {
            pods(&reachability, &lines, row)
        };
        write_pods(args, &opened, &rows, common)?;
    } else {
        write_folded(args, &opened, &reachability, &lines, common)?;
    }
    Ok(opened.exit(&args.network, Exit::Fine))
}

fn scope(args: &ListArgs, reachability: &Reachability) -> Result<Scope, Error> {
    let only = |party: &Option<Party>| match party {
        None => Ok(None),
        Some(party) => super::places(reachability, party)
            .map(|places| Some(places.iter().map(|place| place.endpoint).collect())),
    };
    Ok(Scope { nodes: args.nodes, from: only(&args.from)?, to: only(&args.to)? })
}

/// What is wanted, in a namespace or everywhere.
pub(super) fn lines(
    reachability: &Reachability,
    namespace: Option<&str>,
    scope: &Scope,
) -> Vec<Line> {
    let Some(namespace) = namespace else { return reachability.lines(scope) };
    let members: FixedBitSet = reachability
        .endpoints()
        .filter(|(_, endpoint)| endpoint.namespace() == Some(namespace))
        .map(|(at, _)| at)
        .collect();
    let mut lines = Vec::new();
    if scope.from.is_none() {
        let from = Some(members.clone());
        lines.extend(reachability.lines(&Scope { from, to: scope.to.clone(), ..*scope }));
    }
    if scope.to.is_none() {
        let to = Some(members);
        lines.extend(reachability.lines(&Scope { from: scope.from.clone(), to, ..*scope }));
    }
    lines.sort_by(|a, b| (&a.from, &a.to, &a.ports).cmp(&(&b.from, &b.to, &b.ports)));
    lines.dedup();
    lines
}

fn write_folded(
    args: &ListArgs,
    opened: &Opened,
    reachability: &Reachability,
    lines: &[Line],
    common: &Common,
) -> Result<(), Error> {
    let names = Names::new(reachability);
    let mut listing = opened.listing("list", &COLUMNS);
    let mut documents = Vec::new();
    for line in lines {
        let (from, to) = (names.name(&line.from), names.name(&line.to));
        listing.rows.push(vec![
            from.to_string(),
            to.to_string(),
            line.ports.to_string(),
            line.verdict.to_string(),
        ]);
        documents.push(json!({
            "from": from, "to": to, "ports": line.ports, "verdict": line.verdict,
        }));
    }
    listing.notes = notes(args, reachability, lines);
    listing.document = opened.document("list", json!({ "connections": documents }));
    let color = output::colour(common);
    output::to_target(args.output.file.as_deref(), |out| {
        Ok(listing::render(&listing, args.output.format, color, out)?)
    })
}

fn notes(args: &ListArgs, reachability: &Reachability, lines: &[Line]) -> Vec<String> {
    let mut notes = Vec::new();
    if lines.is_empty() {
        notes.push("nothing gets through".to_owned());
    }
    let of_nodes = |endpoint: &&Endpoint| {
        endpoint.is_on_host_network() || matches!(endpoint.kind, EndpointKind::Node(_))
    };
    let left_out = reachability.endpoints().map(|(_, endpoint)| endpoint).filter(of_nodes).count();
    if !args.nodes && args.from.is_none() && args.to.is_none() && left_out > 0 {
        notes.push(format!(
            "{left_out} nodes and groups of pods on their network are left out; --nodes shows them"
        ));
    }
    if lines.iter().any(|line| line.verdict != Verdict::Allowed) {
        notes.push(
            "what is not `allowed` the API leaves open; `netpol explain` says why".to_owned(),
        );
    }
    notes
}

/// One row for each two pods, nodes or ranges.
fn pods(
    reachability: &Reachability,
    lines: &[Line],
    row: &mut dyn FnMut([String; 4]) -> Result<(), Error>,
) -> Result<(), Error> {
    for line in lines {
        for from in &line.from {
            for to in &line.to {
                let (ports, verdict) = (line.ports.to_string(), line.verdict.to_string());
                for source in members(reachability, *from) {
                    for target in members(reachability, *to) {
                        let is_itself =
                            from == to && source == target && !source.ends_with("(replicas)");
                        if !is_itself {
                            row([source.clone(), target.clone(), ports.clone(), verdict.clone()])?;
                        }
                    }
                }
            }
        }
    }
    Ok(())
}

/// The pods of an endpoint, or what else it is.
fn members(reachability: &Reachability, at: usize) -> Vec<String> {
    let Some(endpoint) = reachability.endpoint(at) else { return Vec::new() };
    if endpoint.members.is_empty() {
        return vec![endpoint.to_string()];
    }
    let named = endpoint.members.iter().map(|pod| {
        let namespace = pod.key.namespace.as_deref().unwrap_or_default();
        match pod.is_template() {
            true => format!("{namespace}/{}[{}] (replicas)", pod.key.name, pod.key.kind),
            false => format!("{namespace}/{}", pod.key.name),
        }
    });
    named.collect::<BTreeSet<_>>().into_iter().collect()
}

type Rows<'r> = &'r dyn Fn(&mut dyn FnMut([String; 4]) -> Result<(), Error>) -> Result<(), Error>;

/// Pods are written as they come: of 10,000 there may be a hundred million pairs.
fn write_pods(
    args: &ListArgs,
    opened: &Opened,
    rows: Rows<'_>,
    common: &Common,
) -> Result<(), Error> {
    let color = output::colour(common);
    output::to_target(args.output.file.as_deref(), |out| match args.output.format {
        ListingFormat::Csv => {
            writeln!(out, "{}", COLUMNS.join(","))?;
            rows(&mut |row| Ok(listing::csv_row(&row, out)?))
        }
        ListingFormat::Json => {
            // One document a line, the first of which says what follows.
            let head = opened.document("list-pods", json!({}));
            listing::json_line(&head, out)?;
            rows(&mut |[from, to, ports, verdict]| {
                let document =
                    json!({ "from": from, "to": to, "ports": ports, "verdict": verdict });
                Ok(listing::json_line(&document, out)?)
            })
        }
        format => {
            let mut listing = opened.listing("list --pods", &COLUMNS);
            rows(&mut |row| {
                listing.rows.push(row.to_vec());
                Ok(())
            })?;
            Ok(listing::render(&listing, format, color, out)?)
        }
    })
}
