//! The labels of the namespace: the highest standard that everything in it keeps to.

use std::collections::BTreeMap;

use kuberlock_admission::{Level, Mode, Policy, Standard, Version};
use kuberlock_model::object::Namespace;
use kuberlock_model::{Metadata, Object, Origin};
use serde_json::{Map, Value, json};

use super::{Manifest, Proposal, Wish};
use crate::context::Context;
use crate::namespace::Space;
use crate::namespace::sensitive::MARK;
use crate::pods;

/// How many of a workload's violations are told.
const TOLD: usize = 3;

pub(super) fn propose(
    context: &Context<'_>,
    space: &Space<'_>,
    wish: &Wish,
    proposal: &mut Proposal,
) {
    let version = version(context, proposal);
    let restricted = violations(space, Level::Restricted, version);
    let baseline = violations(space, Level::Baseline, version);
    let kept = match (restricted.is_empty(), baseline.is_empty()) {
        (true, _) => Level::Restricted,
        (false, true) => Level::Baseline,
        (false, false) => Level::Privileged,
    };
    let labels = space.metadata.map(|metadata| metadata.labels.clone()).unwrap_or_default();
    let today = Policy::of(&labels).enforce.standard.level;
    let level = kept.max(today);
    let hinders = if level == Level::Privileged { &baseline } else { &restricted };
    let next = if level == Level::Privileged { Level::Baseline } else { Level::Restricted };
    if level < Level::Restricted || kept < level {
        let told = hinders.iter().map(|(who, what)| format!("{who} is no `{next}`: {what}"));
        proposal.hindrances.extend(told);
    }
    if kept < today {
        let message = "it enforces more than its workloads keep to: their next pods are refused";
        proposal.hindrances.push(message.to_owned());
    } else {
        let count = space.sources.chunk_by(|a, b| a.head == b.head).count();
        proposal
            .proven
            .push(format!("Pod Security refuses none of its {count} workloads at `{level}`"));
    }
    let added = added(level, version, wish);
    let why = vec![
        format!("`{level}` is the highest standard that everything in the namespace keeps to."),
        "What is forbidden above that is noted and warned of.".to_owned(),
    ];
    proposal.manifests.push(manifest(space, labels, added, why));
}

/// The cluster's own minor, to be pinned.
fn version(context: &Context<'_>, proposal: &mut Proposal) -> Version {
    let release = context.cluster.release();
    if release.is_none() {
        proposal.unknown.push(format!(
            "which release runs was not seen: the standards are pinned to {}",
            context.table.table.minor
        ));
    }
    let minor = context.table.table.minor.rsplit('.').next().and_then(|minor| minor.parse().ok());
    match release {
        Some(release) => Version::Latest.at(&release),
        None => minor.map_or(Version::Latest, Version::Minor),
    }
}

/// What of each workload the standard forbids, the workloads that keep to it left out.
fn violations(space: &Space<'_>, level: Level, version: Version) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for source in &space.sources {
        let of = kuberlock_admission::evaluate(Standard { level, version }, &pods::pod(source));
        if of.is_empty() {
            continue;
        }
        let mut told: Vec<String> =
            of.iter().take(TOLD).map(|violation| violation.message.clone()).collect();
        if of.len() > TOLD {
            told.push(format!("{} more", of.len() - TOLD));
        }
        found.entry(source.head.to_string()).or_insert_with(|| told.join("; "));
    }
    found
}

fn added(level: Level, version: Version, wish: &Wish) -> BTreeMap<String, String> {
    let modes =
        [(Mode::Enforce, level), (Mode::Audit, Level::Restricted), (Mode::Warn, Level::Restricted)];
    let labels = modes.into_iter().flat_map(|(mode, level)| {
        [(mode.level_label(), level.word().to_owned()), (mode.version_label(), version.to_string())]
    });
    let mark = wish.sensitive.then(|| (MARK.to_owned(), "true".to_owned()));
    labels.chain(mark).collect()
}

fn manifest(
    space: &Space<'_>,
    mut labels: BTreeMap<String, String>,
    added: BTreeMap<String, String>,
    why: Vec<String>,
) -> Manifest {
    let shown: Map<String, Value> =
        added.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    labels.extend(added);
    let metadata = match space.metadata {
        Some(metadata) => Metadata { labels, ..metadata.clone() },
        None => Metadata { labels, ..super::policy::metadata(None, space.name) },
    };
    let metadata = Metadata { origin: Origin::whole("proposal"), ..metadata };
    Manifest {
        why,
        object: json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": { "name": space.name, "labels": shown },
        }),
        model: Object::Namespace(Namespace { metadata }),
    }
}
