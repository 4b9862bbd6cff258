//! Nodes as their installers lay them out, untouched: `tests/trees/NAME.yaml`. Each names the
//! checks that fail there, with the reason why the failure is a true weakness or the benchmark's
//! letter. Every check of the registry is put to each tree; a failure that is not named is wrong,
//! and so is a name that does not fail.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails hard"
)]
#![expect(clippy::disallowed_methods, reason = "the trees are files")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kuberlock_benchmark::{Context, evaluate, registry};
use kuberlock_model::coverage::{Reach, Reading};
use kuberlock_model::layout::Layout;
use kuberlock_model::{Cluster, Finding, Verdict};
use kuberlock_source::convert::Converter;
use kuberlock_source::{HostRecord, Record, yaml};
use serde_json::{Value, json};

const NODE: &str = "node-1";

struct Tree {
    name: String,
    value: Value,
}

impl Tree {
    fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees");
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut trees: Vec<Self> = entries
            .map(|path| {
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                let text = std::fs::read_to_string(&path).unwrap();
                let value = yaml::to_value(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
                Self { name, value }
            })
            .collect();
        trees.sort_by(|a, b| a.name.cmp(&b.name));
        trees
    }

    fn entries(&self, key: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.value[key].as_object().into_iter().flatten()
    }

    fn records(&self) -> Vec<HostRecord> {
        let mut records = Vec::new();
        let mut paths = BTreeSet::new();
        for (path, file) in self.entries("files") {
            let mut file = file.as_object().cloned().unwrap_or_default();
            let size = file.get("content").map_or(0, |content| content.as_str().unwrap().len());
            let kind = if file.contains_key("target") { "link" } else { "file" };
            let defaults = [
                ("path", json!(path)),
                ("type", json!(kind)),
                ("mode", json!(if kind == "link" { "0777" } else { "0644" })),
                ("uid", json!(0)),
                ("gid", json!(0)),
                ("size", json!(size)),
            ];
            for (key, default) in defaults {
                file.entry(key).or_insert(default);
            }
            paths.insert(path.clone());
            let file = serde_json::from_value(Value::Object(file));
            records.push(HostRecord::File(file.unwrap_or_else(|e| panic!("{path}: {e}"))));
        }
        let above = paths.iter().flat_map(|path| Path::new(path).ancestors().skip(1));
        let above: BTreeSet<String> = above.map(|path| path.to_str().unwrap().into()).collect();
        for path in above.difference(&paths) {
            let folder = json!({ "path": path, "type": "directory", "mode": "0755", "uid": 0, "gid": 0, "size": 0 });
            records.push(HostRecord::File(serde_json::from_value(folder).unwrap()));
        }
        for process in self.value["processes"].as_array().into_iter().flatten() {
            records.push(HostRecord::Process(serde_json::from_value(process.clone()).unwrap()));
        }
        records
    }

    fn cluster(&self) -> Cluster {
        let mut cluster = Cluster::default();
        let mut converter = Converter::default();
        let host = |record| Record::Host { node: NODE.to_owned(), record };
        let mut records: Vec<Record> = self.records().into_iter().map(host).collect();
        records.push(Record::Reading(Reading::Host(NODE.to_owned(), Reach::Complete)));
        converter.push(records, &mut |change| cluster.apply(change));
        converter.finish(&mut |change| cluster.apply(change));
        assert!(cluster.coverage().unread().is_empty(), "{}", self.name);
        cluster
    }
}

fn of(findings: &[Finding], verdict: Verdict) -> BTreeMap<&str, &Finding> {
    findings.iter().filter(|f| f.verdict == verdict).map(|f| (f.check, f)).collect()
}

#[test]
fn an_untouched_node_fails_only_where_it_is_truly_weak() {
    let mut wrong = Vec::new();
    for tree in Tree::all() {
        let cluster = tree.cluster();
        let findings = evaluate(&Context::new(&cluster), registry());
        let failed = of(&findings, Verdict::Fail);
        let named: BTreeSet<&str> = tree.entries("fails").map(|(id, _)| id.as_str()).collect();
        for (id, finding) in failed.iter().filter(|(id, _)| !named.contains(*id)) {
            wrong.push(format!("{}: {id} fails: {}", tree.name, finding.message));
        }
        for id in named.iter().filter(|id| !failed.contains_key(*id)) {
            wrong.push(format!("{}: {id} does not fail", tree.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_node_tells_who_laid_it_out() {
    for tree in Tree::all() {
        let layout = tree.cluster().layout(NODE);
        assert_eq!(layout.word(), tree.value["layout"].as_str().unwrap(), "{}", tree.name);
    }
    let seen: BTreeSet<Layout> = Tree::all().iter().map(|t| t.cluster().layout(NODE)).collect();
    assert!(seen.len() >= 5, "{seen:?}");
}

/// What fails nowhere may be because nothing is seen: these checks must be decided there.
#[test]
fn what_a_node_shows_is_decided() {
    for tree in Tree::all() {
        let cluster = tree.cluster();
        let findings = evaluate(&Context::new(&cluster), registry());
        let passed = of(&findings, Verdict::Pass);
        let unknown = of(&findings, Verdict::Unknown);
        for id in tree.value["passes"].as_array().unwrap() {
            let id = id.as_str().unwrap();
            let met = findings.iter().filter(|f| f.check == id).map(|f| (f.verdict, &f.message));
            let met: Vec<_> = met.collect();
            assert!(passed.contains_key(id), "{}: {id}: {met:?}", tree.name);
            assert!(!unknown.contains_key(id), "{}: {id}: {met:?}", tree.name);
        }
    }
}
