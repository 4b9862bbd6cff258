//! What a log does to a text, and what comes back.

use std::io::Read as _;

use kuberlock_model::coverage::Reading;
use serde_json::json;

use super::*;
use crate::Record;
use crate::snapshot::{About, Writer};

/// A snapshot of one pod, as text.
fn of_pod(name: &str) -> String {
    let object = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "a", "name": name},
    });
    let about = About { tool: "kuberlock 0.1.0".into(), ..About::default() };
    let mut writer = Writer::aside(about).unwrap();
    writer.write(&[Record::Object { object, origin: Origin::whole("given") }]).unwrap();
    let mut text = Vec::new();
    writer.finish_as_text(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// Pods by their origin, and what could not be read.
type Taken = (Vec<(String, String)>, Vec<String>);

/// What a text holds.
fn taken(text: &str) -> Result<Taken, Stop> {
    let (mut pods, mut unread) = (Vec::new(), Vec::new());
    let mut emit = |records: Vec<Record>| {
        for record in records {
            match record {
                Record::Object { object, origin } => {
                    let name = object["metadata"]["name"].as_str().unwrap().to_owned();
                    pods.push((origin.source.to_string(), name));
                }
                Record::Reading(Reading::Unread(of)) => {
                    unread.push(format!("{}: {}", of.origin.source, of.reason));
                }
                _ => {}
            }
        }
    };
    let mut intake = Intake::new("nodes.txt".into(), Limits::default(), &mut emit);
    let read = read(text.as_bytes(), &mut intake);
    intake.flush();
    read.map(|()| (pods, unread))
}

fn first(name: &str) -> (String, String) {
    ("nodes.txt!objects/pods.jsonl".into(), name.into())
}

#[test]
fn what_is_written_is_text_and_is_read() {
    let text = of_pod("x");
    assert!(text.is_ascii() && text.lines().all(|line| line.len() <= 76), "{text}");
    assert_eq!(taken(&text).unwrap(), (vec![first("x")], vec![]));
}

#[test]
fn several_are_read_whatever_lies_around_and_before_them() {
    let prefixed: String = of_pod("y")
        .lines()
        .map(|line| format!("[pod/kuberlock-node-x/collect] 2026-11-24T15:01:19Z {line}\r\n"))
        .collect();
    let text = format!("starting\n{}done: \u{e9}\n{prefixed}bye", of_pod("x"));
    let second = ("nodes.txt#2!objects/pods.jsonl".into(), "y".into());
    assert_eq!(taken(&text).unwrap(), (vec![first("x"), second], vec![]));
}

#[test]
fn a_snapshot_that_was_disturbed_is_told_and_the_next_one_read() {
    let (x, y) = (of_pod("x"), of_pod("y"));
    let cut: String = x.lines().take(2).map(|line| format!("{line}\n")).collect();
    let middle = x.lines().nth(1).unwrap();
    let changed = x.replace(middle, &middle.chars().rev().collect::<String>());
    let disturbed = x.replacen(middle, &format!("{middle}\nerror: §\n"), 1);
    let missing = x.replacen(&format!("{middle}\n"), "", 1);
    for (broken, told) in [
        (&cut, "it has no end, and another begins in line"),
        (&changed, ""),
        (&disturbed, "is no base64"),
        (&missing, ""),
    ] {
        let (pods, unread) = taken(&format!("{broken}{y}")).unwrap();
        assert_eq!(pods, [("nodes.txt#2!objects/pods.jsonl".into(), "y".into())], "{broken}");
        assert!(matches!(&*unread, [one] if one.contains(told)), "{unread:?}");
        assert!(taken(broken).is_err(), "{broken}");
    }
    let (pods, unread) = taken(&format!("{y}{cut}")).unwrap();
    assert_eq!((pods, unread.len()), (vec![first("y")], 1));
}

#[test]
fn a_text_without_a_snapshot_is_refused() {
    for text in ["", "\n", "kind: Pod\n", END, &"a".repeat(3 << 20)] {
        assert!(matches!(taken(text), Err(Stop::Refused(_))));
    }
}

#[test]
fn what_expands_beyond_measure_is_refused() {
    let mut text = Vec::new();
    write(&mut text, |bytes| {
        let mut archive = crate::snapshot::output::archive(bytes)?;
        let size = MOST_EXPANDED + 1;
        crate::snapshot::output::append(&mut archive, "README", size, io::repeat(0).take(size))?;
        archive.into_inner()?.finish().map(drop)
    })
    .unwrap();
    let told = taken(&String::from_utf8(text).unwrap());
    assert!(matches!(told, Err(Stop::Refused(reason)) if reason.contains("expands to more than")));
}
