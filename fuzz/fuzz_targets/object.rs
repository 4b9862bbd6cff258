//! Any JSON as an object: redaction twice is redaction once, and conversion never fails hard.
#![no_main]

use kuberlock_model::{Cluster, Origin};
use kuberlock_source::{Record, convert::Converter, redact};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(mut object) = serde_json::from_slice::<serde_json::Value>(data) else { return };
    redact::object(&mut object);
    let once = object.clone();
    redact::object(&mut object);
    assert_eq!(once, object);
    let mut cluster = Cluster::default();
    let mut converter = Converter::default();
    let record = Record::Object { object, origin: Origin::whole("fuzz") };
    converter.push(vec![record], &mut |change| cluster.apply(change));
    converter.finish(&mut |change| cluster.apply(change));
    cluster.pod_sources();
});
