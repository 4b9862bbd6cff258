//! Any bytes as a manifest file: read, redacted, converted, and every object found again by line.
#![no_main]

use kuberlock_model::{Change, Cluster, Evidence, FieldPath, Finding, Severity, Subject, Verdict};
use kuberlock_source::{convert::Converter, locate, manifest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let path = folder.path().join("input.yaml");
    std::fs::write(&path, data).unwrap();
    let mut cluster = Cluster::default();
    let mut findings = Vec::new();
    let mut converter = Converter::default();
    let mut apply = |change: Change| {
        if let Change::Upsert(object) = &change {
            findings.push(finding(object.metadata()));
        }
        cluster.apply(change);
    };
    manifest::read(&[path], &mut |records| converter.push(records, &mut apply)).unwrap();
    converter.finish(&mut apply);
    locate::fill(&mut findings, &|_| None);
});

fn finding(metadata: &kuberlock_model::Metadata) -> Finding {
    Finding {
        check: "fuzz",
        subject: Subject::Cluster,
        severity: Severity::Low,
        verdict: Verdict::Fail,
        message: "".into(),
        evidence: vec![Evidence::field("", &metadata.origin, FieldPath::of("metadata.name"))],
        remedy: None,
        waiver: None,
    }
}
