//! Which network plugin a cluster has, and whether it enforces network policies.
//!
//! Enters: a cluster. Leaves: every sign of a plugin, each with what shows it. Always holds: a plugin
//! is told by what runs and by what the nodes' runtimes are configured to call, never by its name
//! alone; one that is not in the table is not guessed at.

use std::collections::BTreeSet;

use kuberlock_model::host::Host;
use kuberlock_model::layout::Layout;
use kuberlock_model::{Cluster, Evidence, FieldPath, Kind, Object, ObjectKey, Origin};
use kuberlock_network::Cni;

use crate::context::Context;

/// Something that shows a plugin.
#[derive(Debug)]
pub(crate) struct Sign {
    /// The plugin.
    pub(crate) name: &'static str,
    /// Whether it enforces network policies; `None` where the sign does not tell.
    pub(crate) enforces: Option<bool>,
    /// Whether it is told not to.
    pub(crate) is_off: bool,
    /// What shows it.
    pub(crate) evidence: Evidence,
}

/// A plugin: what its agent's image is called, at the end of the name without registry and tag, and
/// the `type` by which a runtime calls it.
struct Plugin {
    name: &'static str,
    images: &'static [&'static str],
    types: &'static [&'static str],
    enforces: Option<bool>,
}

const fn plugin(
    name: &'static str,
    images: &'static [&'static str],
    types: &'static [&'static str],
    enforces: Option<bool>,
) -> Plugin {
    Plugin { name, images, types, enforces }
}

static PLUGINS: [Plugin; 15] = [
    plugin(
        "Calico",
        &["calico/node", "mirrored-calico-node", "hardened-calico"],
        &["calico"],
        Some(true),
    ),
    plugin("Cilium", &["cilium/cilium", "mirrored-cilium-cilium"], &["cilium-cni"], Some(true)),
    plugin(
        "Antrea",
        &["antrea/antrea-agent-ubuntu", "antrea-agent-ubuntu", "antrea-agent-ubi", "antrea-ubuntu"],
        &["antrea"],
        Some(true),
    ),
    plugin("kube-router", &["kube-router"], &[], Some(true)),
    plugin("Weave Net", &["weave-npc"], &["weave-net"], Some(true)),
    plugin(
        "OVN-Kubernetes",
        &["ovn-kube", "ovn-kubernetes", "ovn-kube-ubuntu", "ovn-kube-fedora"],
        &["ovn-k8s-cni-overlay"],
        Some(true),
    ),
    plugin("Kube-OVN", &["kube-ovn"], &["kube-ovn"], Some(true)),
    plugin("kube-network-policies", &["kube-network-policies"], &[], Some(true)),
    plugin("Azure NPM", &["azure-npm"], &[], Some(true)),
    plugin("the AWS VPC plugin's agent", &["aws-network-policy-agent"], &[], None),
    plugin("kindnet", &["kindnetd"], &[], None),
    plugin(
        "Flannel",
        &["flannel", "mirrored-flannel-flannel", "hardened-flannel", "flannel/flannel"],
        &["flannel"],
        Some(false),
    ),
    plugin("the AWS VPC plugin", &["amazon-k8s-cni"], &["aws-cni"], Some(false)),
    plugin("the Azure plugin", &["azure-cni"], &["azure-vnet"], Some(false)),
    plugin("the plain bridge", &[], &["bridge", "ptp", "macvlan", "ipvlan"], Some(false)),
];

/// The network plugin of a cluster.
#[derive(Debug)]
pub struct NetworkPlugin {
    /// Its name, as its makers write it.
    pub name: &'static str,
    /// As the network engine knows it: [`Cni::None`] where it enforces no policy.
    pub cni: Cni,
    /// What shows it.
    pub evidence: Evidence,
}

/// The network plugin of a cluster: where all signs of one that enforces policies are of the same, that
/// one; where there are only signs of others, one of these.
pub fn network_plugin(cluster: &Cluster) -> Option<NetworkPlugin> {
    plugin_of(&Context::new(cluster))
}

fn plugin_of(context: &Context<'_>) -> Option<NetworkPlugin> {
    let (mut enforcing, mut others): (Vec<Sign>, Vec<Sign>) =
        signs(context).into_iter().partition(|sign| sign.enforces != Some(false) && !sign.is_off);
    enforcing.dedup_by_key(|sign| sign.name);
    let (sign, cni) = match enforcing.len() {
        0 => (others.pop()?, Cni::None),
        1 => enforcing.pop().map(|sign| {
            let cni = known(sign.name);
            (sign, cni)
        })?,
        _ => return None,
    };
    Some(NetworkPlugin { name: sign.name, cni, evidence: sign.evidence })
}

/// A plugin that enforces policies, as the network engine knows it.
fn known(name: &str) -> Cni {
    match name {
        "Calico" => Cni::Calico,
        "Cilium" => Cni::Cilium,
        "Antrea" => Cni::Antrea,
        // k3s brings kube-router's enforcement.
        "kube-router" | "k3s" => Cni::KubeRouter,
        "OVN-Kubernetes" => Cni::OvnKubernetes,
        "the AWS VPC plugin's agent" => Cni::Aws,
        _ => Cni::Unknown,
    }
}

/// The plugin by which policies are read. Where none enforces them, they are read as if one did: that
/// none does is told apart.
pub(crate) fn cni(context: &Context<'_>) -> Cni {
    let found = plugin_of(context).map(|plugin| plugin.cni);
    found.filter(|cni| *cni != Cni::None).unwrap_or_default()
}

/// Every sign of a plugin, each kind once.
pub(crate) fn signs(context: &Context<'_>) -> Vec<Sign> {
    let mut signs: Vec<Sign> = of_pods(context);
    signs.extend(of_nodes(context));
    signs.extend(of_k3s(context));
    let mut seen = BTreeSet::new();
    signs.retain(|sign| seen.insert((sign.name, sign.enforces, sign.is_off)));
    // The bridge is what kindnet, kube-router and others have the runtime call.
    if signs.iter().any(|sign| sign.name != BRIDGE) {
        signs.retain(|sign| sign.name != BRIDGE);
    }
    signs
}

const BRIDGE: &str = "the plain bridge";

/// The plugins' names, in words.
pub(crate) fn names(signs: &[Sign]) -> String {
    let names: BTreeSet<&str> = signs.iter().map(|sign| sign.name).collect();
    names.into_iter().collect::<Vec<_>>().join(" and ")
}

fn of_pods(context: &Context<'_>) -> Vec<Sign> {
    let mut signs = Vec::new();
    for source in context.pod_sources() {
        for container in &source.spec.containers {
            let Some(plugin) = by_image(&container.image) else { continue };
            let origin = &source.metadata.origin;
            let path = container.path(&source.path);
            let evidence =
                |said: String, field: &str| Evidence::field(said, origin, path.key(field));
            let image = || evidence(format!("{} runs `{}`", source.head, container.image), "image");
            let sign = match plugin.name {
                "Cilium" => cilium(context).unwrap_or_else(|| sign(plugin, image())),
                "the AWS VPC plugin's agent" => {
                    let switch = "--enable-network-policy=true";
                    if !container.args.iter().any(|arg| arg == switch) {
                        continue;
                    }
                    let evidence = evidence(switch.to_owned(), "args");
                    Sign { name: plugin.name, enforces: Some(true), is_off: false, evidence }
                }
                _ => sign(plugin, image()),
            };
            signs.push(sign);
        }
    }
    signs
}

fn sign(plugin: &Plugin, evidence: Evidence) -> Sign {
    Sign { name: plugin.name, enforces: plugin.enforces, is_off: false, evidence }
}

fn by_image(image: &str) -> Option<&'static Plugin> {
    let image = image.split('@').next().unwrap_or(image);
    let (folder, last) = image.rsplit_once('/').unwrap_or(("", image));
    let last = last.split(':').next().unwrap_or(last);
    let named = |wanted: &str| match wanted.rsplit_once('/') {
        Some((above, name)) => {
            name == last && (folder == above || folder.ends_with(&format!("/{above}")))
        }
        None => wanted == last,
    };
    PLUGINS.iter().find(|plugin| plugin.images.iter().any(|wanted| named(wanted)))
}

/// Cilium, where its configuration switches policies off.
fn cilium(context: &Context<'_>) -> Option<Sign> {
    let key = ObjectKey::new(Kind::ConfigMap, Some("kube-system"), "cilium-config");
    let Some(Object::ConfigMap(map)) = context.cluster.get(&key) else { return None };
    let off = map.data.get("enable-policy").is_some_and(|value| value == "never");
    let field = FieldPath::of("data").key("enable-policy");
    let said = "enable-policy: never";
    off.then(|| Sign {
        name: "Cilium",
        enforces: Some(true),
        is_off: true,
        evidence: Evidence::field(said, &map.metadata.origin, field),
    })
}

/// What the nodes' runtimes call: the first configuration in the folder is the one in use.
fn of_nodes(context: &Context<'_>) -> Vec<Sign> {
    let mut signs = Vec::new();
    for (node, host) in context.cluster.hosts() {
        let used = host.below("/etc/cni/net.d").find(|file| {
            let ends = [".conf", ".conflist", ".json"];
            ends.iter().any(|end| file.path.ends_with(end)) && file.content.is_some()
        });
        let Some((file, content)) = used.and_then(|f| Some((f, f.content.as_deref()?))) else {
            continue;
        };
        let Ok(value) = serde_json::from_str::<serde_json::Value>(content) else { continue };
        let plugins = value.get("plugins").and_then(|list| list.as_array());
        let chain = plugins.map_or_else(|| vec![&value], |list| list.iter().collect());
        let types = chain.into_iter().filter_map(|of| of.get("type")?.as_str());
        for called in types {
            if let Some(plugin) = PLUGINS.iter().find(|plugin| plugin.types.contains(&called)) {
                let origin = Origin::whole(format!("{node}:{}", file.path));
                let evidence =
                    Evidence::field(format!("type: {called}"), &origin, FieldPath::root());
                signs.push(sign(plugin, evidence));
            }
        }
    }
    signs
}

/// k3s brings Flannel and a controller of its own that enforces policies.
fn of_k3s(context: &Context<'_>) -> Vec<Sign> {
    let of_k3s = |(node, _): &(&str, &Host)| context.cluster.layout(node) == Layout::K3s;
    let hosts = context.cluster.hosts().filter(of_k3s);
    hosts.filter_map(|(node, host)| k3s(node, host)).collect()
}

fn k3s(node: &str, host: &Host) -> Option<Sign> {
    const SWITCH: &str = "--disable-network-policy";
    const FILE: &str = "/etc/rancher/k3s/config.yaml";
    let process = host.processes.iter().find(|of| of.program() == "k3s")?;
    let by_flag = process
        .args
        .iter()
        .any(|arg| arg == SWITCH || arg.strip_prefix(SWITCH).is_some_and(|rest| rest == "=true"));
    let content = host.file(FILE).and_then(|file| file.content.as_deref()).unwrap_or_default();
    let by_file = content.lines().any(|line| line.trim() == "disable-network-policy: true");
    let (said, source) = match (by_flag, by_file) {
        (true, _) => (SWITCH, "k3s"),
        (_, true) => ("disable-network-policy: true", FILE),
        _ => ("k3s without --disable-network-policy", "k3s"),
    };
    let origin = Origin::whole(format!("{node}:{source}"));
    let evidence = Evidence::field(said, &origin, FieldPath::root());
    Some(Sign { name: "k3s", enforces: Some(true), is_off: by_flag || by_file, evidence })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_are_told_by_their_images() {
        for (image, name) in [
            ("docker.io/calico/node:v3.31.0", Some("Calico")),
            ("quay.io/cilium/cilium:v1.18@sha256:00", Some("Cilium")),
            ("registry.example:5000/mirror/calico/node:v3", Some("Calico")),
            ("rancher/mirrored-flannel-flannel:v0.27", Some("Flannel")),
            (
                "602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1.20",
                Some("the AWS VPC plugin"),
            ),
            ("registry.example/node:v1", None),
            ("nginx", None),
        ] {
            assert_eq!(by_image(image).map(|plugin| plugin.name), name, "{image}");
        }
    }
}
