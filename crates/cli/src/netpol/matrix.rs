//! `kuberlock netpol matrix`.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_network::{Endpoint, EndpointKind, PortSet, Reachability};
use kuberlock_report::listing;
use serde_json::json;

use super::arguments::MatrixArgs;
use super::open;
use crate::command::Common;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

/// What of one namespace reaches another.
#[derive(Default)]
struct Cell {
    /// Pairs of groups of pods of which one reaches the other.
    pairs: usize,
    /// On these ports, all pairs together; possibly.
    ports: PortSet,
}

const OUTSIDE: &str = "(outside)";

pub(crate) fn run(args: &MatrixArgs, common: &Common) -> Result<Exit, Error> {
    let opened = open::open(&args.network, common)?;
    let reachability = opened.reachability();
    let (sizes, cells) = cells(&reachability);
    let mut listing = opened.listing("matrix", &["from", "to", "reach", "ports"]);
    let mut documents = Vec::new();
    for ((from, to), cell) in &cells {
        let all = sizes.get(from).unwrap_or(&0) * sizes.get(to).unwrap_or(&0);
        let share = match cell.pairs {
            pairs if pairs == all => "all pairs".to_owned(),
            pairs => format!("{pairs} of {all} pairs"),
        };
        listing.rows.push(vec![from.clone(), to.clone(), share, cell.ports.to_string()]);
        documents.push(json!({
            "from": from, "to": to, "pairs": cell.pairs, "of": all, "ports": cell.ports,
        }));
    }
    let names: BTreeSet<&String> = sizes.keys().collect();
    let silent = names.len() * names.len() - cells.len();
    listing.notes.push(format!(
        "pairs are of groups of pods that no policy tells apart; between {silent} pairs of \
         namespaces nothing gets through"
    ));
    listing.document = opened.document("matrix", json!({ "cells": documents }));
    let color = output::colour(common);
    output::to_target(args.output.file.as_deref(), |out| {
        Ok(listing::render(&listing, args.output.format, color, out)?)
    })?;
    Ok(opened.exit(&args.network, Exit::Fine))
}

type Cells = BTreeMap<(String, String), Cell>;

/// Of each two namespaces, and of what is outside, how many reach how many.
fn cells(reachability: &Reachability) -> (BTreeMap<String, usize>, Cells) {
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    let named: BTreeMap<usize, String> =
        reachability.endpoints().filter_map(|(at, e)| Some((at, place(e)?))).collect();
    named.values().for_each(|name| *sizes.entry(name.clone()).or_default() += 1);
    let mut cells = Cells::new();
    let mut rows = reachability.rows();
    for (from, name) in &named {
        for (reach, to) in rows.row(*from).parts {
            for to in to.ones() {
                let Some(target) = named.get(&to) else { continue };
                if name == OUTSIDE && target == OUTSIDE {
                    continue;
                }
                let cell = cells.entry((name.clone(), target.clone())).or_default();
                cell.pairs += 1;
                if !rows.possible(reach).is_subset(&cell.ports) {
                    cell.ports = cell.ports.union(rows.possible(reach));
                }
            }
        }
    }
    (sizes, cells)
}

fn place(endpoint: &Endpoint) -> Option<String> {
    match &endpoint.kind {
        EndpointKind::Pods { namespace, .. } if !endpoint.is_on_host_network() => {
            Some(namespace.to_string())
        }
        EndpointKind::Outside(_) => Some(OUTSIDE.to_owned()),
        _ => None,
    }
}
