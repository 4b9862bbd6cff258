//! JSON is what its published schema says.

use kuberlock_report::{Format, Options};
use serde_json::Value;

use crate::{rendered, sample};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../../docs/schemas/scan.json")).unwrap()
}

fn document(scan: &kuberlock_model::scan::Scan) -> Value {
    serde_json::from_str(&rendered(scan, Format::Json, &Options::default())).unwrap()
}

#[test]
fn every_scan_is_valid() {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for scan in [sample::whole(), sample::empty()] {
        let document = document(&scan);
        let faults: Vec<_> =
            validator.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path)).collect();
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

#[test]
fn a_stray_key_is_not_valid() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let faults: [fn(&mut Value); 4] = [
        |d| d["stray"] = Value::Null,
        |d| d["findings"][0]["stray"] = Value::Null,
        |d| d["findings"][0]["subject"]["type"] = "planet".into(),
        |d| d["findings"][0]["evidence"][0]["defaultOf"] = "1.37".into(),
    ];
    for fault in faults {
        let mut document = document(&sample::whole());
        assert!(validator.is_valid(&document));
        fault(&mut document);
        assert!(!validator.is_valid(&document));
    }
}

#[test]
fn the_document_gives_back_what_went_in() {
    let scan = sample::whole();
    let document = document(&scan);
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(findings.len(), scan.findings.len());
    for (shown, finding) in findings.iter().zip(&scan.findings) {
        assert_eq!(shown["fingerprint"], finding.fingerprint());
        assert_eq!(shown["message"], *finding.message);
    }
}
