//! Any words as a command line: redacted twice is redacted once, and every flag can be asked for.
#![no_main]

use kuberlock_model::component::{Argument, Component, ComponentKind, Witness};
use kuberlock_model::release::table;
use kuberlock_model::{FieldPath, Origin, Release};
use kuberlock_source::redact;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let _ = text.parse::<Release>();
    FieldPath::of(&text).steps();
    let words: Vec<String> = text.split('\0').map(str::to_owned).collect();
    let once = redact::arguments(&words);
    assert_eq!(once.len(), words.len());
    assert_eq!(redact::arguments(&once), once);
    for kind in ComponentKind::ALL {
        let args = words.iter().map(|w| Argument { text: w.clone(), field: FieldPath::root(), origin: None });
        let component = Component {
            kind,
            node: String::new(),
            witness: Witness::Process,
            args: args.collect(),
            environment: Default::default(),
            origin: Origin::whole(""),
        };
        let flags = table::newest().component(kind);
        for (name, _) in component.flags(flags) {
            assert!(component.flag(&name, flags).is_some());
        }
    }
});
