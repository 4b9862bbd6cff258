//! The definitions of the tiered kinds, from their Go module into the cluster.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use kuberlock_conformance::Inside;
use kuberlock_source::validate::Channel;
use kuberlock_testbed::Cluster;
use libtest_mimic::Failed;
use serde_json::{Value, json};

use crate::corpus::KINDS;
use crate::verdict::Verdict;

const MODULE: &str = "sigs.k8s.io/network-policy-api";

/// Version, the plural name of the kind, and the kind.
const DEFINITIONS: [(&str, &str, &str); 3] = [
    ("v1alpha1", "adminnetworkpolicies", "AdminNetworkPolicy"),
    ("v1alpha1", "baselineadminnetworkpolicies", "BaselineAdminNetworkPolicy"),
    ("v1alpha2", "clusternetworkpolicies", "ClusterNetworkPolicy"),
];

/// Installs the definitions, and waits until the server judges by them.
pub fn install(cluster: &Cluster, admin: &Inside<'_>, channel: Channel) -> Result<(), Failed> {
    let folder = match channel {
        Channel::Standard => "standard",
        Channel::Experimental => "experimental",
    };
    for (version, plural, _) in DEFINITIONS {
        let file = format!("config/crd/{folder}/policy.networking.k8s.io_{plural}.yaml");
        cluster.apply(&std::fs::read_to_string(module(version)?.join(file))?)?;
    }
    for (version, plural, kind) in DEFINITIONS {
        let definition = format!("crd/{plural}.policy.networking.k8s.io");
        cluster.kubectl(&["wait", "--for=condition=Established", "--timeout=60s", &definition])?;
        served(admin, version, kind, channel)?;
    }
    Ok(())
}

/// Waits until a peer that only one of the channels knows is judged as that channel does.
fn served(admin: &Inside<'_>, version: &str, kind: &str, channel: Channel) -> Result<(), Failed> {
    let action = if version == "v1alpha2" { "Accept" } else { "Allow" };
    let probe = json!({
        "apiVersion": format!("policy.networking.k8s.io/{version}"), "kind": kind,
        "metadata": {"name": "default"},
        "spec": {
            "tier": "Admin", "priority": 5, "subject": {"namespaces": {}},
            "egress": [{"action": action, "to": [{"nodes": {}}]}],
        },
    });
    let path = KINDS.iter().find(|known| known.name == kind).map_or("", |known| known.path);
    let path = format!("{path}?dryRun=All&fieldValidation=Ignore");
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until {
        let answers = admin.try_post(&path, std::slice::from_ref(&probe));
        // The address itself may not be served yet: that is no `Status`.
        let verdict = answers.ok().and_then(|answers| answers.first().map(Verdict::of));
        let as_wanted = match channel {
            Channel::Standard => matches!(verdict, Some(Verdict::Refused(_))),
            Channel::Experimental => verdict == Some(Verdict::Accepted),
        };
        if as_wanted {
            return Ok(());
        }
        sleep(Duration::from_millis(200));
    }
    Err(format!("{kind} is not served as {channel:?}").into())
}

/// Where Go keeps the module, in the version that the folder in `testbed` pins; fetched if need be.
fn module(version: &str) -> Result<PathBuf, Failed> {
    let pinned =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../testbed/network-policy-api").join(version);
    let output = Command::new("go")
        .args(["mod", "download", "-json", MODULE])
        .env("GOWORK", "off")
        .current_dir(&pinned)
        .output()
        .map_err(|error| format!("go cannot be started: {error}"))?;
    let answer: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("{MODULE} of {} cannot be fetched", pinned.display()))?;
    let folder = answer.get("Dir").and_then(Value::as_str);
    Ok(folder.ok_or_else(|| format!("{MODULE} cannot be fetched"))?.into())
}
