//! Small clusters from a few lines of text, for tests.
//!
//! ```text
//! namespace web team=red
//! node n1 192.168.0.1 zone=a
//! pod web/a app=front @10.0.0.1 #http:80 on:n1        (`host` puts it on its node's network)
//! deployment web/b app=back
//! policy web/p app=front in out                      selects, and isolates in both directions
//!   in app=back|ns:team=red/app=x 80,53u             own namespace, or another's (`ns:name=x`); ports
//!   out 10.0.0.0/8-10.1.0.0/16 *                     a block with a hole; all ports
//! tier Admin 5 guard ns:team=red/app=x               a ClusterNetworkPolicy
//!   in deny ns:* 80
//! ```

use std::collections::BTreeMap;

use kuberlock_model::network::{
    Action, IpBlock, NetworkPolicy, Peer, PodSelection, PortMatch, Ports, Protocol, Rule, Tier,
    TierPeer, TierRule, TieredPolicy,
};
use kuberlock_model::object::{Namespace, Node};
use kuberlock_model::selector::{LabelSelector, Requirement};
use kuberlock_model::workload::{
    Container, ContainerList, ContainerPort, Pod, PodSpec, Probes, Resources, Workload,
};
use kuberlock_model::{Change, Cluster, Kind, Metadata, Object, Origin};

use crate::{Cni, Reachability};

pub(crate) fn cluster(text: &str) -> Cluster {
    let mut cluster = Cluster::default();
    for object in objects(text) {
        cluster.apply(Change::upsert(object));
    }
    cluster
}

pub(crate) fn reach(text: &str) -> Reachability {
    Reachability::new(&cluster(text), Cni::Calico)
}

pub(crate) fn objects(text: &str) -> Vec<Object> {
    let mut objects: Vec<Object> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match (words[0], objects.last_mut()) {
            ("in" | "out", Some(Object::NetworkPolicy(policy))) => rule(policy, &words),
            ("in" | "out", Some(Object::TieredPolicy(policy))) => tier_rule(policy, &words),
            _ => objects.push(object(&words)),
        }
    }
    objects
}

fn object(words: &[&str]) -> Object {
    match words[0] {
        "namespace" => Object::Namespace(Namespace { metadata: metadata(words[1], &words[2..]) }),
        "node" => Object::Node(Node {
            metadata: metadata(words[1], &words[3..]),
            kubelet_version: None,
            container_runtime: None,
            os_image: None,
            addresses: Box::new([words[2].parse().unwrap()]),
        }),
        "pod" => Object::Pod(Pod {
            metadata: metadata(words[1], &words[2..]),
            spec: spec(&words[2..]),
            finished: false,
            addresses: words[2..]
                .iter()
                .filter_map(|word| word.strip_prefix('@'))
                .map(|word| word.parse().unwrap())
                .collect(),
        }),
        "deployment" => {
            let all = metadata(words[1], &words[2..]);
            Object::Workload(Workload {
                kind: Kind::Deployment,
                pod_labels: all.labels.clone(),
                metadata: all,
                pod_annotations: BTreeMap::new(),
                spec: spec(&words[2..]),
                replicas: Some(2),
                claims: Box::default(),
            })
        }
        "policy" => Object::NetworkPolicy(NetworkPolicy {
            kind: Kind::NetworkPolicy,
            metadata: metadata(words[1], &[]),
            pods: selector(words[2]),
            ingress: words.contains(&"in"),
            egress: words.contains(&"out"),
            ingress_rules: Box::default(),
            egress_rules: Box::default(),
            networks: Box::default(),
        }),
        "tier" => Object::TieredPolicy(TieredPolicy {
            kind: Kind::ClusterNetworkPolicy,
            metadata: metadata(words[3], &[]),
            tier: if words[1] == "Admin" { Tier::Admin } else { Tier::Baseline },
            priority: words[2].parse().unwrap(),
            subject: selection(words[4]),
            ingress: Box::default(),
            egress: Box::default(),
        }),
        other => panic!("no such object: {other}"),
    }
}

fn metadata(name: &str, words: &[&str]) -> Metadata {
    let (namespace, name) = match name.split_once('/') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name),
        None => (None, name),
    };
    Metadata {
        name: name.to_owned(),
        namespace,
        uid: None,
        labels: words
            .iter()
            .filter_map(|word| word.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        annotations: BTreeMap::new(),
        controller: None,
        origin: Origin::whole("test"),
    }
}

fn spec(words: &[&str]) -> PodSpec {
    let ports = words.iter().filter_map(|word| word.strip_prefix('#')?.split_once(':'));
    let ports = ports.map(|(name, port)| ContainerPort {
        name: Some(name.into()),
        protocol: Protocol::Tcp,
        port: port.parse().unwrap(),
    });
    PodSpec {
        host_network: words.contains(&"host"),
        node_name: words.iter().find_map(|word| word.strip_prefix("on:")).map(Into::into),
        containers: vec![Container {
            name: "c".to_owned(),
            list: ContainerList::Ordinary,
            index: 0,
            image: String::new(),
            pull_policy: None,
            command: Vec::new(),
            args: Vec::new(),
            environment: Vec::new(),
            variables: Box::default(),
            security: None,
            resources: Resources::default(),
            probes: Probes::default(),
            is_sidecar: false,
            ports: ports.collect(),
            host_ports: Box::default(),
            host_mounts: Box::default(),
            handler_hosts: Box::default(),
        }],
        ..PodSpec::default()
    }
}

/// `app=x+tier!=y+!old+new`; `*` is the empty one.
pub(crate) fn selector(text: &str) -> LabelSelector {
    let requirement = |word: &str| {
        let values = |value: &str| value.split(',').map(str::to_owned).collect();
        if let Some((key, value)) = word.split_once("!=") {
            Requirement::NotIn(key.into(), values(value))
        } else if let Some((key, value)) = word.split_once('=') {
            Requirement::In(key.into(), values(value))
        } else if let Some(key) = word.strip_prefix('!') {
            Requirement::DoesNotExist(key.into())
        } else {
            Requirement::Exists(word.into())
        }
    };
    let words = text.split('+').filter(|word| *word != "*");
    LabelSelector { requirements: words.map(requirement).collect(), ..LabelSelector::default() }
}

fn selection(text: &str) -> PodSelection {
    let text = text.strip_prefix("ns:").unwrap_or(text);
    let namespaces = |text: &str| selector(&text.replace("name=", "kubernetes.io/metadata.name="));
    match text.split_once('/') {
        Some((of, pods)) => PodSelection { namespaces: namespaces(of), pods: Some(selector(pods)) },
        None => PodSelection { namespaces: namespaces(text), pods: None },
    }
}

fn peer(text: &str) -> Peer {
    if let Some(text) = text.strip_prefix("ns:") {
        let PodSelection { namespaces, pods } = selection(text);
        return Peer::Pods { namespaces: Some(namespaces), pods };
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let mut nets = text.split('-').map(|net| net.parse().unwrap());
        return Peer::Block(IpBlock { cidr: nets.next().unwrap(), except: nets.collect() });
    }
    Peer::Pods { namespaces: None, pods: Some(selector(text)) }
}

fn ports(text: Option<&&str>) -> Box<[PortMatch]> {
    let text = text.copied().unwrap_or("*");
    let of = |word: &str| {
        let (word, protocol) = match word.strip_suffix('u') {
            Some(word) => (word, Protocol::Udp),
            None => (word, Protocol::Tcp),
        };
        let ports = match word.split_once('-') {
            Some((first, last)) => Ports::Range(first.parse().unwrap(), last.parse().unwrap()),
            None => match word.parse() {
                Ok(port) => Ports::Range(port, port),
                Err(_) => Ports::Named(word.into()),
            },
        };
        PortMatch { protocol: Some(protocol), ports }
    };
    text.split(',').filter(|word| *word != "*").map(of).collect()
}

fn rule(policy: &mut NetworkPolicy, words: &[&str]) {
    let peers = words[1].split('|').filter(|word| *word != "*").map(peer).collect();
    let rule = Rule { peers, ports: ports(words.get(2)) };
    let rules = match words[0] {
        "in" => &mut policy.ingress_rules,
        _ => &mut policy.egress_rules,
    };
    *rules = rules.iter().cloned().chain([rule]).collect();
}

fn tier_rule(policy: &mut TieredPolicy, words: &[&str]) {
    let action = match words[1] {
        "accept" => Action::Accept,
        "deny" => Action::Deny,
        _ => Action::Pass,
    };
    let peer = |word: &str| match word.starts_with(|c: char| c.is_ascii_digit()) {
        true => TierPeer::Networks(Box::new([word.parse().unwrap()])),
        false => TierPeer::Pods(selection(word)),
    };
    let peers = words[2].split('|').map(peer).collect();
    let rule = TierRule { name: None, action, peers, ports: ports(words.get(3)) };
    let rules = match words[0] {
        "in" => &mut policy.ingress,
        _ => &mut policy.egress,
    };
    *rules = rules.iter().cloned().chain([rule]).collect();
}

/// Chance that is the same for the same seed (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    pub(crate) fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

const SELECTORS: [&str; 9] =
    ["*", "app=x", "app=y", "app=z", "tier=f", "app=x+tier=f", "app!=x", "!tier", "none=1"];
const SPACES: [&str; 5] = ["*", "team=red", "team!=red", "team", "name=a"];
const PORTS: [&str; 8] = ["*", "80", "80-90", "53u", "443,80", "web", "81-65535", "nothing"];
const BLOCKS: [&str; 7] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/8-10.0.0.0/24",
    "8.0.0.0/8",
    "8.0.0.0/7-8.8.0.0/16",
    "10.0.0.0/24",
    "8.8.8.8/32",
];

/// A small cluster by chance. With `tiers`, tiered policies too; with `nodes`, pods on their network.
pub(crate) fn town(random: &mut Random, tiers: bool, nodes: bool) -> String {
    let mut text = String::new();
    for name in ["a", "b"] {
        let team = random.pick(&["team=red", "team=blue", ""]);
        text += &format!("namespace {name} {team}\n");
    }
    if nodes {
        text += "node n1 192.168.0.1\nnode n2 192.168.0.2\n";
    }
    for number in 0..3 + random.below(4) {
        let (namespace, sort) = (random.pick(&["a", "b"]), random.pick(&["pod", "deployment"]));
        let app = random.pick(&["app=x", "app=y", "app=z", ""]);
        let tier = random.pick(&["tier=f", "tier=g", ""]);
        let port = random.pick(&["#web:80", "#web:8080", ""]);
        let address = match sort {
            "pod" => format!("@10.0.{}.{}", random.below(2), number + 1),
            _ => String::new(),
        };
        let host = if nodes && random.below(4) == 0 { "host" } else { "" };
        let on = if nodes { random.pick(&["on:n1", "on:n2", ""]) } else { "" };
        text +=
            &format!("{sort} {namespace}/p{number} {app} {tier} {port} {address} {host} {on}\n");
    }
    for number in 0..1 + random.below(5) {
        let (namespace, pods) = (random.pick(&["a", "b"]), random.pick(&SELECTORS));
        let ways = random.pick(&["in", "out", "in out"]);
        text += &format!("policy {namespace}/q{number} {pods} {ways}\n");
        for _ in 0..random.below(4) {
            let way = random.pick(&["in", "out"]);
            text += &format!("  {way} {} {}\n", peers(random), random.pick(&PORTS));
        }
    }
    for number in 0..if tiers { random.below(4) } else { 0 } {
        let tier = random.pick(&["Admin", "Admin", "Baseline"]);
        let subject = (random.pick(&SPACES), random.pick(&SELECTORS));
        let priority = random.below(3);
        text += &format!("tier {tier} {priority} t{number} ns:{}/{}\n", subject.0, subject.1);
        for _ in 0..1 + random.below(3) {
            let (way, action) =
                (random.pick(&["in", "out"]), random.pick(&["accept", "deny", "pass"]));
            let peer = format!("ns:{}/{}", random.pick(&SPACES), random.pick(&SELECTORS));
            text += &format!("  {way} {action} {peer} {}\n", random.pick(&PORTS));
        }
    }
    text
}

fn peers(random: &mut Random) -> String {
    let one = |random: &mut Random| match random.below(5) {
        0 => "*".to_owned(),
        1 => random.pick(&BLOCKS).to_owned(),
        2 => format!("ns:{}", random.pick(&SPACES)),
        3 => format!("ns:{}/{}", random.pick(&SPACES), random.pick(&SELECTORS)),
        _ => random.pick(&SELECTORS[1..]).to_owned(),
    };
    let mut all = one(random);
    while random.below(3) == 0 && all != "*" {
        let more = one(random);
        if more != "*" {
            all = format!("{all}|{more}");
        }
    }
    all
}

/// Every connection between parties of a cluster, at ports where something may change, with what it
/// comes to.
pub(crate) fn verdicts(reach: &Reachability, parties: &[crate::Party]) -> Vec<crate::Verdict> {
    let mut all = Vec::new();
    for from in parties {
        for to in parties {
            for protocol in Protocol::ALL {
                for port in [53, 79, 80, 81, 90, 91, 443, 8080] {
                    let connection =
                        crate::Connection { from: from.clone(), to: to.clone(), protocol, port };
                    let found = reach.verdicts(&connection).unwrap();
                    all.extend(found.into_iter().map(|(.., verdict)| verdict));
                }
            }
        }
    }
    all
}

/// Everybody in a cluster, and addresses outside.
pub(crate) fn parties(objects: &[Object]) -> Vec<crate::Party> {
    let inside = objects.iter().filter_map(|object| match object {
        Object::Pod(_) | Object::Workload(_) => {
            let metadata = object.metadata();
            Some(crate::Party::pod(metadata.namespace.as_deref()?, &metadata.name))
        }
        Object::Node(node) => Some(crate::Party::Node(node.metadata.name.clone())),
        _ => None,
    });
    let outside = ["8.8.8.8", "8.1.1.1", "9.9.9.9", "10.0.0.200", "10.7.7.7", "192.0.2.1"];
    let outside = outside.map(|text| crate::Party::Address(text.parse().unwrap()));
    inside.chain(outside).collect()
}
