//! The truth tables of Kubernetes' own end-to-end tests of NetworkPolicy, under every plugin that
//! enforces it and under none that is known, with addresses of either family.
//!
//! A table is one matrix of everybody to everybody that those tests validate: there are 66 such calls
//! in the package `test/e2e/network/netpol` of release 1.37.2, in 49 tests.

use std::collections::BTreeMap;

use kuberlock_network::{Cni, Connection, Verdict};
use serde_json::{Value, json};

use crate::stage::{self, Family, Stage, apart, entries, items, pod, protocol, texts, verdict};

const TABLES: &str = include_str!("end-to-end.yaml");
const NAMESPACES: [&str; 3] = ["x", "y", "z"];
const PODS: [&str; 3] = ["a", "b", "c"];

#[test]
fn every_table_holds() {
    let mut wrong = Vec::new();
    let mut held = BTreeMap::new();
    for cni in Cni::NAMED.into_iter().filter(|cni| *cni != Cni::None).chain([Cni::Unknown]) {
        for family in Family::BOTH {
            let count: usize = stage::cases(TABLES)
                .iter()
                .filter(|case| is_for(case, cni))
                .map(|case| run(case, cni, family, &mut wrong))
                .sum();
            held.entry(cni).and_modify(|held| assert_eq!(*held, count)).or_insert(count);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("tables: {held:?}");
    // Whether a block matches pods is Cilium's and an unknown plugin's own affair: 4 tables.
    let expected = |cni: &Cni| if matches!(cni, Cni::Cilium | Cni::Unknown) { 62 } else { 66 };
    assert!(held.iter().all(|(cni, held)| *held == expected(cni)), "{held:?}");
    assert_eq!(held.len(), 7);
}

/// Whether the plugin decides everything that a case asks.
fn is_for(case: &Value, cni: Cni) -> bool {
    let has_blocks = case.to_string().contains("ipBlock");
    !has_blocks || !matches!(cni, Cni::Cilium | Cni::Unknown)
}

/// Runs a case, and tells how many tables it has.
fn run(case: &Value, cni: Cni, family: Family, wrong: &mut Vec<String>) -> usize {
    let pods = texts(case, "pods");
    let mut labels: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for pod in &pods {
        labels.insert(pod, [("pod", apart(pod).1)].into());
    }
    let namespaces = NAMESPACES.map(|name| namespace(name, &json!({})));
    let manifests = pods.iter().map(|name| pod_manifest(case, name, &labels[name], family));
    let mut stage = Stage::new(cni, &namespaces.into_iter().chain(manifests).collect::<Vec<_>>());
    let mut count = 0;
    for step in items(case, "steps") {
        let mut manifests: Vec<Value> = Vec::new();
        for (name, spec) in entries(step, "apply") {
            manifests.push(stage::network_policy(name, &with_addresses(spec, family)));
        }
        for (name, labels) in entries(step, "label-namespaces") {
            manifests.push(namespace(name, labels));
        }
        for (name, more) in entries(step, "label-pods") {
            let labels = labels.get_mut(name).expect("a pod of the case");
            let more = more.as_object().expect("labels").iter();
            labels.extend(more.map(|(key, value)| (key.as_str(), value.as_str().expect("a text"))));
            manifests.push(pod_manifest(case, name, labels, family));
        }
        stage.step(&manifests, stage::deleted(step));
        for table in items(step, "tables") {
            count += 1;
            let found = table_is_wrong(&stage, &pods, table);
            wrong.extend(found.map(|found| format!("{}: {found}", case["case"])));
        }
    }
    count
}

/// Everybody to everybody; a pod to itself always connects.
fn table_is_wrong(stage: &Stage, pods: &[&str], table: &Value) -> impl Iterator<Item = String> {
    let port = table["port"].as_u64().expect("a port") as u16;
    let protocol = protocol(table["protocol"].as_str().unwrap_or("TCP"));
    let lines = texts(table, "expect");
    let pairs = pods.iter().flat_map(|from| pods.iter().map(move |to| (from, to)));
    let found: Vec<String> = pairs
        .filter_map(|(from, to)| {
            let expected = if from == to { Verdict::Allowed } else { expected(&lines, from, to) };
            stage.wrong(&Connection { from: pod(from), to: pod(to), protocol, port }, expected)
        })
        .collect();
    found.into_iter()
}

/// The last line that fits, such as `x/* -> y/a no`.
fn expected(lines: &[&str], from: &str, to: &str) -> Verdict {
    let fits = |pattern: &str, pod: &str| match pattern.split_once('/') {
        None => pattern == "*",
        Some((namespace, name)) => {
            let (own, pod) = apart(pod);
            (namespace == "*" || namespace == own) && (name == "*" || name == pod)
        }
    };
    let mut last = Verdict::Allowed;
    for line in lines {
        let [of_from, "->", of_to, word] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line} is no line of a table");
        };
        if fits(of_from, from) && fits(of_to, to) {
            last = verdict(word);
        }
    }
    last
}

fn namespace(name: &str, labels: &Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": labels } })
}

fn pod_manifest(case: &Value, name: &str, labels: &BTreeMap<&str, &str>, family: Family) -> Value {
    let numbers: Vec<u64> = items(case, "ports").filter_map(Value::as_u64).collect();
    let numbers = if numbers.is_empty() { vec![80] } else { numbers };
    let words = texts(case, "protocols");
    let words = if words.is_empty() { vec!["TCP"] } else { words };
    let ports = numbers.iter().flat_map(|number| words.iter().map(move |word| (number, word)));
    let ports: Vec<Value> = ports
        .map(|(number, word)| {
            let name = format!("serve-{number}-{}", word.to_lowercase());
            json!({ "name": name, "containerPort": number, "protocol": word })
        })
        .collect();
    let (namespace, pod) = apart(name);
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "namespace": namespace, "name": pod, "labels": labels },
        "spec": { "containers": [{ "name": "server", "image": "server", "ports": ports }] },
        "status": { "phase": "Running", "podIPs": [{ "ip": address(name, family) }] },
    })
}

fn address(pod: &str, family: Family) -> String {
    let (namespace, name) = apart(pod);
    let place = |of: &[&str], word| of.iter().position(|w| *w == word).expect("one of three");
    family.address(place(&NAMESPACES, namespace), place(&PODS, name))
}

/// A spec with blocks in place of the words for them.
fn with_addresses(spec: &Value, family: Family) -> Value {
    let mut text = spec.to_string();
    for pod in NAMESPACES.iter().flat_map(|n| PODS.iter().map(move |p| format!("{n}/{p}"))) {
        let own = format!("{}/{}", address(&pod, family), family.length());
        let around = match family {
            Family::V4 => "0.0.0.0/4",
            Family::V6 => "f000::/4",
        };
        text = text.replace(&format!("ADDRESS({pod})"), &own);
        text = text.replace(&format!("AROUND({pod})"), around);
    }
    serde_json::from_str(&text).expect("a spec")
}
