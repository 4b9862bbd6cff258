//! Sources → cluster → network, and what has to be known to read answers about it.

use kuberlock_benchmark::network_plugin;
use kuberlock_model::{Cluster, Kind, Reach};
use kuberlock_network::{Cni, Reachability};
use kuberlock_report::listing::Listing;

use super::arguments::NetworkArgs;
use crate::command::Common;
use crate::error::Error;
use crate::exit::Exit;
use crate::sources;

/// The kinds of policies.
const POLICIES: [Kind; 5] = [
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
    let (cni, plugin) = plugin(args.cni, &cluster);
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
    let warnings = warnings(&cluster, cni);
    let is_complete = cluster.coverage().is_complete();
    Ok(Opened { cluster, cni, told, warnings, is_complete })
}

impl Opened {
    pub(crate) fn reachability(&self) -> Reachability {
        Reachability::new(&self.cluster, self.cni)
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

fn warnings(cluster: &Cluster, cni: Cni) -> Vec<String> {
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
        match cluster.coverage().kind(kind) {
            Reach::Forbidden(why) => {
                warnings.push(format!("{} was not seen: forbidden ({why})", names.name));
            }
            Reach::Partial(why) => {
                warnings.push(format!("{} was seen in part: {why}", names.name));
            }
            _ => {}
        }
    }
    for unread in cluster.coverage().unread().iter().take(5) {
        warnings.push(format!("{}: {}", unread.origin, unread.reason));
    }
    let more = cluster.coverage().unread().len().saturating_sub(5);
    if more > 0 {
        warnings.push(format!("{more} more documents could not be read"));
    }
    warnings
}
