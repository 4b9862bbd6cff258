//! Text of a cluster that tries to act on whatever shows it.

use kuberlock_model::coverage::{Reach, Reading, Unread};
use kuberlock_model::object::{Kind, ObjectKey};
use kuberlock_model::rbac::Principal;
use kuberlock_model::scan::Scan;
use kuberlock_model::{Evidence, FieldPath, Origin, Remedy, Subject};
use kuberlock_report::{Format, Options};
use proptest::prelude::*;

use crate::{rendered, sample};

const HOSTILE: &str = "x\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}txt.\u{2066}\u{200b}\u{feff}\u{e0041}\
     \r\n<script>alert('1')</script>\"><img src=x onerror=y>\0\u{2028}&lt;";

/// Every place of a scan that text of a cluster gets to, filled with `text`.
fn filled(text: &str) -> Scan {
    let mut scan = sample::whole();
    scan.target = text.into();
    scan.cluster = Some(text.into());
    scan.cluster_uid = Some(text.into());
    scan.identity = Some(text.into());
    scan.benchmark.name = text.into();
    scan.benchmark.why = text.into();
    scan.table.0 = text.into();
    for check in &mut scan.checks {
        check.items = vec![text.into()];
    }
    for (at, finding) in scan.findings.iter_mut().enumerate() {
        finding.message = text.to_owned().into();
        finding.subject = subject(at, text);
        finding.evidence = evidence(text);
        finding.remedy = Some(Box::new(remedy(at, text)));
        if let Some(waiver) = &mut finding.waiver {
            waiver.reason = text.into();
            waiver.owner = text.into();
            waiver.expires = text.into();
        }
    }
    scan.coverage = sample::coverage_of([
        Reading::Kind(Kind::Pod, Reach::Forbidden(text.into())),
        Reading::Host(text.into(), Reach::Partial(text.into())),
        Reading::Unread(Unread::new(Origin::whole(text), text)),
    ]);
    scan
}

fn subject(at: usize, text: &str) -> Subject {
    let name = || text.to_owned();
    match at % 4 {
        0 => Subject::Node { node: name() },
        1 => Subject::File { node: Some(name()), path: name() },
        2 => Subject::Object(ObjectKey::new(Kind::Pod, Some(text), text)),
        _ => Subject::Principal { principal: Principal::User { name: name() } },
    }
}

fn evidence(text: &str) -> Vec<Evidence> {
    let origin = Origin::whole(text);
    vec![
        Evidence::field(text, &origin, FieldPath::root().key(text)),
        Evidence::file(text, text, text),
        Evidence::default_of(text, text),
    ]
}

fn remedy(at: usize, text: &str) -> Remedy {
    let name = || text.to_owned();
    match at % 3 {
        0 => Remedy::SetSysctl { node: name(), name: name(), value: name() },
        1 => Remedy::PatchObject {
            object: ObjectKey::new(Kind::Pod, Some(text), text),
            patch: serde_json::json!({ text: [text] }),
        },
        _ => Remedy::Decision { question: name() },
    }
}

/// Characters that must be in no output: they act instead of being shown.
fn acts(c: char) -> bool {
    let bidi =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let hidden = matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{e0000}'..='\u{e007f}');
    (c.is_control() && c != '\n') || bidi || hidden
}

#[test]
fn nothing_acts_in_any_format() {
    let scan = filled(HOSTILE);
    for format in Format::ALL {
        for all in [false, true] {
            let options = Options { all, width: Some(80), ..Options::default() };
            let shown = rendered(&scan, format, &options).replace("\r\n", "\n");
            assert_eq!(shown.chars().find(|c| acts(*c)), None, "{format:?}");
        }
    }
}

#[test]
fn no_text_is_markup() {
    let shown = rendered(&filled(HOSTILE), Format::Html, &Options::default());
    assert!(!shown.contains("<script") && !shown.contains("<img") && !shown.contains("'1'"));
    let tags = |shown: &str| shown.matches('<').count();
    assert_eq!(tags(&shown), tags(&rendered(&filled("x"), Format::Html, &Options::default())));
}

#[test]
fn no_text_makes_a_line() {
    let lines =
        |text: &str| rendered(&filled(text), Format::Table, &Options::default()).lines().count();
    assert_eq!(lines(HOSTILE), lines("x"));
}

#[test]
fn json_gives_hostile_text_back_whole() {
    let long = HOSTILE.repeat(100);
    let shown = rendered(&filled(&long), Format::Json, &Options::default());
    let document: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(document["target"], long);
    assert_eq!(document["findings"][0]["message"], long);
}

#[test]
fn long_values_are_cut_with_a_mark() {
    let scan = filled(&"a".repeat(1_000_000));
    for format in [Format::Table, Format::Html] {
        let shown = rendered(&scan, format, &Options::default());
        assert!(shown.contains("more characters]"));
        assert!(shown.len() < 1_000_000, "{format:?}: {}", shown.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn nothing_acts_whatever_the_text(text in any::<String>()) {
        let scan = filled(&text);
        for format in Format::ALL {
            let shown = rendered(&scan, format, &Options::default()).replace("\r\n", "\n");
            prop_assert_eq!(shown.chars().find(|c| acts(*c)), None);
        }
        let shown = rendered(&scan, Format::Html, &Options::default());
        let (_, body) = shown.split_once("</style>").unwrap();
        // Ours are the only tags, and each of them is closed.
        prop_assert_eq!(body.matches('<').count(), body.matches('>').count());
    }
}
