//! Sources → cluster → network, and what has to be known to read answers about it.

use std::path::Path;

use kuberlock_benchmark::network_plugin;
use kuberlock_model::{Cluster, Coverage, Kind, Reach};
use kuberlock_network::{Cni, Reachability};
use kuberlock_report::listing::Listing;
use kuberlock_source::locate;

use super::arguments::NetworkArgs;
use crate::command::{Common, SourceArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::scan;
use crate::sources::{self, Read};

/// How many documents that could not be read are told.
const TOLD: usize = 8;

/// The kinds of policies.
pub(super) const POLICIES: [Kind; 5] = [
    Kind::NetworkPolicy,
    Kind::AdminNetworkPolicy,
    Kind::BaselineAdminNetworkPolicy,
    Kind::ClusterNetworkPolicy,
    Kind::MultiNetworkPolicy,
];

/// A cluster's network, and what has to be known of it.
pub(crate) struct Opened {
    pub(crate) cluster: Cluster,
    pub(crate) cni: Cni,
    told: Vec<(&'static str, String)>,
    pub(crate) warnings: Vec<String>,
    is_complete: bool,
}

/// Reads the sources and finds out about the network plugin.
pub(crate) fn open(args: &NetworkArgs, common: &Common) -> Result<Opened, Error> {
    let (cluster, read) = sources::cluster(&args.sources, None, common)?;
    Ok(opened(cluster, read, args.cni))
}

/// Reads what lies at a path: a snapshot, or manifests.
pub(crate) fn open_path(path: &Path, cni: Option<Cni>, common: &Common) -> Result<Opened, Error> {
    let is_archive = path.to_string_lossy().ends_with(".tar.zst");
    let is_snapshot = is_archive || path.join("manifest.json").is_file();
    let paths = vec![path.to_owned()];
    let sources = match is_snapshot {
        true => SourceArgs { snapshots: paths, ..SourceArgs::default() },
        false => SourceArgs { files: paths, ..SourceArgs::default() },
    };
    let (cluster, read) = sources::cluster(&sources, None, common)?;
    Ok(opened(cluster, read, cni))
}

fn opened(cluster: Cluster, read: Read, named: Option<Cni>) -> Opened {
    let mut coverage = cluster.coverage().clone();
    locate::fill_coverage(&mut coverage, &|source| scan::content(&cluster, source));
    let (cni, plugin) = plugin(named, &cluster);
    let mut told = vec![("target", read.target)];
    let named = cluster.name().map(str::to_owned);
    let uid = cluster.uid().map(|uid| format!("uid {uid}"));
    let known: Vec<String> = named.into_iter().chain(uid).collect();
    if !known.is_empty() {
        told.push(("cluster", known.join(", ")));
    }
    if let Some(identity) = read.identity {
        told.push(("as", identity));
    }
    told.push(("plugin", plugin));
    let warnings = warnings(&cluster, &coverage, cni);
    let is_complete = coverage.is_complete();
    Opened { cluster, cni, told, warnings, is_complete }
}

impl Opened {
    pub(crate) fn reachability(&self) -> Reachability {
        Reachability::new(&self.cluster, self.cni)
    }

    /// What the user pointed at, in words.
    pub(crate) fn target(&self) -> String {
        let mut targets = self.told.iter().filter(|(label, _)| *label == "target");
        targets.next().map(|(_, text)| text.clone()).unwrap_or_default()
    }

    pub(crate) fn told(&self) -> Vec<(&'static str, String)> {
        self.told.clone()
    }

    /// A listing of this network.
    pub(crate) fn listing(&self, command: &str, columns: &[&'static str]) -> Listing {
        Listing {
            title: format!("netpol {command}"),
            told: self.told(),
            warnings: self.warnings.clone(),
            columns: columns.to_vec(),
            ..Listing::default()
        }
    }

    /// A document of this network, with more fields in it.
    pub(crate) fn document(&self, command: &str, fields: serde_json::Value) -> serde_json::Value {
        let mut document = serde_json::json!({
            "schema": format!("kuberlock.dev/netpol-{command}/v1"),
            "cluster": { "name": self.cluster.name(), "uid": self.cluster.uid() },
            "cni": self.cni,
            "warnings": self.warnings,
        });
        if let (Some(document), serde_json::Value::Object(fields)) =
            (document.as_object_mut(), fields)
        {
            document.extend(fields);
        }
        document
    }

    /// How a command ends that found `exit`.
    pub(crate) fn exit(&self, args: &NetworkArgs, exit: Exit) -> Exit {
        if args.require_complete && !self.is_complete { Exit::Incomplete } else { exit }
    }
}

fn plugin(named: Option<Cni>, cluster: &Cluster) -> (Cni, String) {
    if let Some(cni) = named {
        return (cni, format!("{cni}, named by --cni"));
    }
    let Some(found) = network_plugin(cluster) else {
        let told = "not known: what the API leaves to it is told as such; --cni names it";
        return (Cni::Unknown, told.to_owned());
    };
    let shown = &found.evidence.value;
    let told = match found.cni {
        Cni::Unknown => format!("{} ({shown}), of which no profile is known", found.name),
        _ => format!("{}, since {shown}", found.name),
    };
    (found.cni, told)
}

fn warnings(cluster: &Cluster, coverage: &Coverage, cni: Cni) -> Vec<String> {
    let mut warnings = Vec::new();
    if cni == Cni::None {
        warnings.push("the network plugin enforces no policy: everybody reaches everybody".into());
    }
    for kind in POLICIES {
        let names = kind.names();
        let count = cluster.of_kind(kind).count();
        if count > 0 && cni != Cni::None && cni.enforces(kind) == Some(false) {
            warnings
                .push(format!("{cni} enforces no {}: {count} of them decide nothing", names.name));
        }
        if count > 0 && cni == Cni::Unknown && names.custom {
            let name = names.name;
            warnings.push(format!("whether the network plugin enforces {name} is not known: {count} of them are taken to be"));
        }
        match coverage.kind(kind) {
            Reach::Forbidden(why) => {
                warnings.push(format!("{} was not seen: forbidden ({why})", names.name));
            }
            Reach::Partial(why) => {
                warnings.push(format!("{} was seen in part: {why}", names.name));
            }
            _ => {}
        }
    }
    for unread in coverage.unread().iter().take(TOLD) {
        let place = match &unread.location {
            Some(place) => format!("{}:{}:{}", place.file, place.line, place.column),
            None => unread.origin.to_string(),
        };
        warnings.push(format!("{place}: {}", unread.reason));
    }
    let more = coverage.unread().len().saturating_sub(TOLD);
    if more > 0 {
        warnings.push(format!("{more} more documents could not be read"));
    }
    warnings
}
