//! `kuberlock netpol exposure`.

use kuberlock_model::network::Direction;
use kuberlock_network::{Names, Newcomer, PortSet};
use kuberlock_report::listing;
use serde_json::json;

use super::arguments::ExposureArgs;
use super::{compat, open};
use crate::command::Common;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

pub(crate) fn run(args: &ExposureArgs, common: &Common) -> Result<Exit, Error> {
    if args.compat.is_some() {
        return compat::run(compat::Asked::Exposure, &args.network, &args.output, common);
    }
    let opened = open::open(&args.network, common)?;
    let reachability = opened.reachability();
    let found = reachability.exposure();
    let names = Names::new(&reachability);
    let mut listing = opened.listing("exposure", &["direction", "workloads", "peer", "ports"]);
    let mut documents = Vec::new();
    for one in &found.exposed {
        let name = names.name(&one.endpoints);
        listing.rows.push(vec![
            one.direction.to_string(),
            name.to_string(),
            words(&one.newcomer),
            ports(&one.certain, &one.possible),
        ]);
        documents.push(json!({
            "direction": one.direction,
            "workloads": name,
            "peer": one.newcomer,
            "ports": one.certain,
            "possiblePorts": one.possible,
        }));
    }
    let mut unprotected = serde_json::Map::new();
    for direction in Direction::BOTH {
        let Some(endpoints) = found.unprotected.get(&direction) else { continue };
        let name = names.name(endpoints);
        listing.notes.push(format!("no policy is about the {direction} of {name}"));
        unprotected.insert(direction.word().to_owned(), json!(name));
    }
    let fields = json!({ "exposed": documents, "unprotected": unprotected });
    listing.document = opened.document("exposure", fields);
    let color = output::colour(common);
    output::to_target(args.output.file.as_deref(), |out| {
        Ok(listing::render(&listing, args.output.format, color, out)?)
    })?;
    Ok(opened.exit(&args.network, Exit::Fine))
}

fn ports(certain: &PortSet, possible: &PortSet) -> String {
    match certain == possible {
        true => certain.to_string(),
        false => format!("{certain}; the API leaves open {}", possible.difference(certain)),
    }
}

/// Whom a newcomer stands for.
fn words(newcomer: &Newcomer) -> String {
    let labels = |labels: &std::collections::BTreeMap<String, String>| {
        let pairs: Vec<String> =
            labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        pairs.join(", ")
    };
    if newcomer.is_anybody() {
        return "any pod, in any namespace".to_owned();
    }
    let pod = match newcomer.labels.is_empty() {
        true => "any new pod".to_owned(),
        false => format!("a new pod with {}", labels(&newcomer.labels)),
    };
    match (&newcomer.namespace, newcomer.namespace_labels.is_empty()) {
        (Some(namespace), _) => format!("{pod}, in {namespace}"),
        (None, true) => format!("{pod}, in any namespace"),
        (None, false) => {
            format!("{pod}, in a namespace with {}", labels(&newcomer.namespace_labels))
        }
    }
}
