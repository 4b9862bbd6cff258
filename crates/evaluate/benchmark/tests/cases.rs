//! Every check has a folder of cases: `tests/cases/ID/VERDICT[-what].yaml` is what is known of a
//! cluster, and the file's name says what the check must make of it; a snapshot holds the findings.
//!
//! A case holds Kubernetes objects as they are, and facts of nodes as documents of
//! `kuberlock.dev/v1`: `File`, `Process`, `Sysctl`, `System` (the records of a snapshot, with defaults filled in) and
//! `Coverage`. What a case does not say was given in whole; the folders that its files lie in exist.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails hard"
)]
#![expect(clippy::disallowed_methods, reason = "the cases are files")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kuberlock_benchmark::{Context, Question, evaluate, find, registry};
use kuberlock_model::coverage::{Reach, Reading};
use kuberlock_model::{Cluster, Finding, Kind, Origin, Verdict};
use kuberlock_source::convert::Converter;
use kuberlock_source::{HostRecord, Record, yaml};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

#[test]
fn every_check_has_a_case_for_each_verdict() {
    for check in registry() {
        for verdict in [Verdict::Pass, Verdict::Fail, Verdict::NotApplicable, Verdict::Unknown] {
            let found = cases(check.id).iter().any(|case| expected(case) == verdict);
            assert!(found, "{} has no case for {verdict}", check.id);
        }
    }
}

#[test]
fn every_case_gets_the_verdict_of_its_name() {
    for check in registry() {
        for case in cases(check.id) {
            let name = case.file_stem().unwrap().to_str().unwrap().to_owned();
            let cluster = cluster(&case);
            let findings = evaluate(
                &Context::new(&cluster).at(cluster.collected()),
                [find(check.id).unwrap()],
            );
            let said = verdict_of(&findings);
            assert_eq!(said, expected(&case), "{}/{name}: {findings:#?}", check.id);
            for finding in &findings {
                assert!(
                    finding.verdict != Verdict::Fail || !finding.evidence.is_empty(),
                    "{}/{name} fails without evidence",
                    check.id
                );
            }
            let mut settings = insta::Settings::clone_current();
            settings.set_snapshot_path(folder().join(check.id));
            settings.set_prepend_module_to_snapshot(false);
            settings.bind(|| insta::assert_json_snapshot!(name, findings));
        }
    }
}

/// What the components of an untouched kubeadm cluster fail: its known weaknesses, and no more.
#[test]
fn an_untouched_kubeadm_cluster_fails_only_what_is_weak() {
    let cluster = cluster(&folder().with_file_name("whole/kubeadm-1.37.yaml"));
    let drift = kuberlock_benchmark::pack::find("control-plane-drift").unwrap();
    let asked = registry().iter().filter(|check| {
        matches!(check.check.question, Question::Component(..) | Question::Kubelet(_))
            || drift.checks.iter().any(|of| of == check.id)
    });
    let findings = evaluate(&Context::new(&cluster), asked);
    let failed = findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    let failed: Vec<String> =
        failed.map(|finding| format!("{}: {}", finding.check, finding.message)).collect();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder().with_file_name("whole"));
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_json_snapshot!("kubeadm-1.37", failed));
}

/// What a check says of a case: the verdict on every subject that the question arises for.
fn verdict_of(findings: &[Finding]) -> Verdict {
    let mut verdicts: Vec<Verdict> = findings.iter().map(|f| f.verdict).collect();
    verdicts.sort();
    verdicts.dedup();
    if verdicts.len() > 1 {
        verdicts.retain(|verdict| *verdict != Verdict::NotApplicable);
    }
    // Where subjects differ, a failure is what the case is about.
    if verdicts.contains(&Verdict::Fail) {
        return Verdict::Fail;
    }
    assert_eq!(verdicts.len(), 1, "{findings:#?}");
    verdicts[0]
}

fn expected(case: &Path) -> Verdict {
    let name = case.file_stem().unwrap().to_str().unwrap();
    let found = Verdict::ALL.into_iter().find(|verdict| {
        name == verdict.word() || name.starts_with(&format!("{}--", verdict.word()))
    });
    found.unwrap_or_else(|| panic!("{} is named after no verdict", case.display()))
}

fn cases(check: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder().join(check)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    paths
}

fn cluster(case: &Path) -> Cluster {
    let text = std::fs::read_to_string(case).unwrap();
    let mut reach: BTreeMap<Kind, Reach> =
        Kind::all().iter().map(|name| (name.kind, Reach::Given)).collect();
    let mut records = Vec::new();
    for (range, document) in yaml::documents(&text) {
        let value = yaml::to_value(document).unwrap_or_else(|e| panic!("{}: {e}", case.display()));
        let origin = Origin::within("case.yaml", range);
        match value["apiVersion"].as_str() {
            Some("kuberlock.dev/v1") => fact(&value, &mut records, &mut reach),
            _ => records.push(Record::Object { object: value, origin }),
        }
    }
    add_folders(&mut records);
    for (kind, reach) in reach {
        records.push(Record::Reading(Reading::Kind(kind, reach)));
    }
    let mut cluster = Cluster::default();
    let mut converter = Converter::default();
    converter.push(records, &mut |change| cluster.apply(change));
    converter.finish(&mut |change| cluster.apply(change));
    assert!(cluster.coverage().unread().is_empty(), "{:?}", cluster.coverage().unread());
    cluster
}

/// The folders that the files of a case lie in, which no case has to spell out.
fn add_folders(records: &mut Vec<Record>) {
    let mut folders = BTreeSet::new();
    for record in records.iter() {
        if let Record::Host { node, record: HostRecord::File(file) } = record {
            let ancestors = Path::new(&file.path).ancestors().skip(1);
            folders.extend(ancestors.map(|path| (node.clone(), path.to_str().unwrap().to_owned())));
        }
    }
    for (node, path) in folders {
        let file = json!({ "path": path, "type": "directory", "mode": "0755", "uid": 0, "gid": 0, "size": 0 });
        let record = HostRecord::File(serde_json::from_value(file).unwrap());
        records.push(Record::Host { node, record });
    }
}

fn fact(value: &Value, records: &mut Vec<Record>, reach: &mut BTreeMap<Kind, Reach>) {
    let mut body = value.as_object().unwrap().clone();
    body.remove("apiVersion");
    let kind = body.remove("kind").unwrap();
    let node = body.remove("node").map_or("cp-1".to_owned(), |n| n.as_str().unwrap().to_owned());
    let record = match kind.as_str().unwrap() {
        "File" => {
            for (key, default) in [("mode", json!("0600")), ("uid", json!(0)), ("gid", json!(0))] {
                body.entry(key).or_insert(default);
            }
            let size = body.get("content").map_or(0, |c| c.as_str().unwrap().len());
            body.entry("size").or_insert(json!(size));
            body.entry("type").or_insert(json!("file"));
            HostRecord::File(serde_json::from_value(Value::Object(body)).unwrap())
        }
        "Process" => HostRecord::Process(serde_json::from_value(Value::Object(body)).unwrap()),
        "System" => HostRecord::System(serde_json::from_value(Value::Object(body)).unwrap()),
        "Certificate" => {
            for (key, default) in [
                ("index", json!(0)),
                ("subject", json!("CN=x")),
                ("issuer", json!("CN=kubernetes")),
                ("not_before", json!("2026-01-01T00:00:00Z")),
                ("not_after", json!("2027-01-01T00:00:00Z")),
                ("serial", json!("01")),
                ("key", json!("RSA")),
                ("bits", json!(2048)),
                ("signature", json!("SHA256")),
                ("is_authority", json!(false)),
                ("is_client", json!(false)),
                ("is_server", json!(false)),
            ] {
                body.entry(key).or_insert(default);
            }
            HostRecord::Certificate(serde_json::from_value(Value::Object(body)).unwrap())
        }
        "Now" => {
            records.push(Record::Collected(body["time"].as_str().unwrap().parse().unwrap()));
            return;
        }
        "Sysctl" => HostRecord::Sysctl(serde_json::from_value(Value::Object(body)).unwrap()),
        "Configz" => HostRecord::Configz(body.remove("kubeletconfig").unwrap()),
        "Coverage" => {
            for (kind, said) in body["kinds"].as_object().unwrap() {
                let kind = Kind::all().iter().find(|name| name.name == kind).unwrap().kind;
                reach.insert(kind, Reach::Forbidden(said.as_str().unwrap().to_owned()));
            }
            return;
        }
        "PartialHost" => {
            let why = body["why"].as_str().unwrap().to_owned();
            records.push(Record::Reading(Reading::Host(node, Reach::Partial(why))));
            return;
        }
        other => panic!("no fact is called `{other}`"),
    };
    records.push(Record::Host { node, record });
}
