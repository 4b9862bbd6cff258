//! The rules of the API one by one, asked of the engine and of the reference, where evaluators are
//! known to go wrong. `semantics.yaml` holds them.

use kuberlock_network::{Cni, Connection, Party, Verdict};
use serde_json::{Map, Value, json};

use crate::stage::{self, Stage, apart, entries, items, protocol, texts};

const TABLES: &str = include_str!("semantics.yaml");

const VERDICTS: [Verdict; 4] =
    [Verdict::Allowed, Verdict::Denied, Verdict::ImplementationDefined, Verdict::Ambiguous];

#[test]
fn every_rule_holds() {
    let mut wrong = Vec::new();
    let mut asked = 0;
    for case in stage::cases(TABLES) {
        let manifests = manifests(&case);
        for (word, lines) in entries(&case, "expect") {
            for cni in plugins(word) {
                let mut stage = Stage::new(cni, &[]);
                stage.step(&manifests, Vec::new());
                let whole = Stage::new(cni, &manifests);
                for line in lines.as_array().expect("lines") {
                    let (connection, expected) = line_of(line.as_str().expect("a line"));
                    let found = [&stage, &whole].map(|s| s.wrong(&connection, expected));
                    let found = found.into_iter().flatten();
                    wrong.extend(found.map(|found| format!("{}: {found}", case["case"])));
                    asked += 1;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 300, "{asked}");
}

fn plugins(word: &str) -> Vec<Cni> {
    match word {
        "any" => Cni::NAMED.into_iter().filter(|c| *c != Cni::None).chain([Cni::Unknown]).collect(),
        "unknown" => vec![Cni::Unknown],
        word => vec![word.parse().expect("a plugin")],
    }
}

/// A line such as `a/web -> 10.0.0.1 TCP 80 denied`.
fn line_of(line: &str) -> (Connection, Verdict) {
    let [from, "->", to, word, port, expected] = line.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{line} is no connection");
    };
    let party = |text: &str| match (text.parse(), text.split_once('/')) {
        (Ok(address), _) => Party::Address(address),
        (_, Some((namespace, name))) => Party::pod(namespace, name),
        _ => Party::Node(text.to_owned()),
    };
    let expected = VERDICTS.into_iter().find(|verdict| verdict.word() == expected);
    let connection = Connection {
        from: party(from),
        to: party(to),
        protocol: protocol(word),
        port: port.parse().expect("a port"),
    };
    (connection, expected.expect("a verdict"))
}

fn manifests(case: &Value) -> Vec<Value> {
    let nodes = entries(case, "nodes").map(|(name, node)| {
        let addresses = texts(node, "addresses").into_iter();
        let addresses = addresses.map(|ip| json!({ "type": "InternalIP", "address": ip }));
        json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name },
                "status": { "addresses": addresses.collect::<Vec<_>>() } })
    });
    let pods = entries(case, "pods").map(|(name, pod)| {
        let addresses = texts(pod, "addresses").into_iter().map(|ip| json!({ "ip": ip }));
        let phase = pod["phase"].as_str().unwrap_or("Running");
        json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata(name, pod), "spec": spec(pod),
                "status": { "phase": phase, "podIPs": addresses.collect::<Vec<_>>() } })
    });
    let deployments = entries(case, "deployments").map(|(name, pod)| {
        let labels = json!({ "labels": pod["labels"] });
        json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata(name, pod),
                "spec": { "selector": { "matchLabels": pod["labels"] },
                          "template": { "metadata": labels, "spec": spec(pod) } } })
    });
    let policies = entries(case, "network-policies");
    let policies = policies.map(|(name, spec)| stage::network_policy(name, spec));
    let tiered = entries(case, "cluster-policies").map(|(name, spec)| {
        json!({ "apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy",
                "metadata": { "name": name }, "spec": spec })
    });
    nodes.chain(pods).chain(deployments).chain(policies).chain(tiered).collect()
}

fn metadata(name: &str, of: &Value) -> Value {
    let (namespace, name) = apart(name);
    let labels = of["labels"].as_object().cloned().unwrap_or_else(Map::new);
    json!({ "namespace": namespace, "name": name, "labels": labels })
}

fn spec(pod: &Value) -> Value {
    let ports = items(pod, "ports").map(|text| {
        let words: Vec<&str> = text.as_str().expect("a port").split(' ').collect();
        let number: u16 = words[2].parse().expect("a number");
        json!({ "name": words[0], "protocol": words[1], "containerPort": number })
    });
    let mut spec = json!({ "containers": [
        { "name": "c", "image": "c", "ports": ports.collect::<Vec<_>>() },
    ] });
    if let Some(node) = pod["node"].as_str() {
        spec["nodeName"] = json!(node);
    }
    if pod["host"] == true {
        spec["hostNetwork"] = json!(true);
    }
    spec
}
