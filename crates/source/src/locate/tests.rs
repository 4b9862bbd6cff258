//! Lines as an editor counts them.

use kuberlock_model::{Evidence, Severity, Subject, Verdict};

use super::*;

/// Where `field` of the document in `range` of `text` is found, by what stands there.
fn at(text: &str, range: Option<std::ops::Range<u64>>, field: &str) -> String {
    let origin = match range {
        Some(range) => Origin::within("n1:/x.yaml", range),
        None => Origin::whole("n1:/x.yaml"),
    };
    let mut findings = [Finding {
        check: "x",
        subject: Subject::Cluster,
        severity: Severity::Low,
        verdict: Verdict::Fail,
        message: "".into(),
        evidence: vec![Evidence::field("", &origin, FieldPath::of(field))],
        remedy: None,
        waiver: None,
    }];
    fill(&mut findings, &|name| (name == "n1:/x.yaml").then(|| Content::Text(text.to_owned())));
    let From::Document { location: Some(location), .. } = &findings[0].evidence[0].from else {
        panic!("{field}: no location")
    };
    assert_eq!(&*location.file, "n1:/x.yaml");
    let line = text.split('\n').nth(usize::try_from(location.line).unwrap() - 1).unwrap();
    let rest: String = line.chars().skip(usize::try_from(location.column).unwrap() - 1).collect();
    format!("{}:{}", location.line, rest.trim_end())
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: {app.kubernetes.io/name: x, b: c}\nspec:\n  containers:\n  - command:\n    - kube-apiserver\n    - --a=b\n    name: a\n    securityContext: {privileged: true}\n    args: [x, 'y', \"z\"]\n    env:\n    - name: A\n      value: |\n        text\n";

#[test]
fn fields_of_kubeadms_manifests_are_found() {
    for (field, found) in [
        ("spec.containers[0].command[1]", "10:--a=b"),
        ("spec.containers[0].securityContext.privileged", "12:privileged: true}"),
        ("spec.containers[0].args[2]", "13:\"z\"]"),
        ("spec.containers[0].env[0].value", "16:value: |"),
        ("spec.containers[0].env[0]", "15:name: A"),
        ("spec.containers[0]", "8:command:"),
        ("metadata.labels[\"app.kubernetes.io/name\"]", "5:app.kubernetes.io/name: x, b: c}"),
        ("spec.hostNetwork", "6:spec:"),
        ("spec.containers[7].name", "7:containers:"),
        ("status.x", "1:apiVersion: v1"),
        ("", "1:apiVersion: v1"),
    ] {
        assert_eq!(at(POD, None, field), found, "{field}");
        assert_eq!(at(&POD.replace('\n', "\r\n"), None, field), found, "{field} with CRLF");
        let before = "a: ä\n# comment\n---\n";
        let text = format!("{before}{POD}");
        let range = before.len() as u64..text.len() as u64;
        let (line, rest) = found.split_once(':').unwrap();
        let moved = format!("{}:{rest}", line.parse::<u64>().unwrap() + 3);
        assert_eq!(at(&text, Some(range), field), moved, "{field} in the second document");
    }
}

#[test]
fn json_anchors_and_list_items_are_found() {
    let json = "{\"kind\": \"Pod\",\n \"spec\": {\"ä\": 1, \"hostNetwork\": true}}";
    assert_eq!(at(json, None, "spec.hostNetwork"), "2:\"hostNetwork\": true}}");
    let anchors = "base: &b\n  x: 1\nuse: *b\nmerged:\n  <<: *b\n  y: 2\n";
    assert_eq!(at(anchors, None, "use.x"), "2:x: 1");
    assert_eq!(at(anchors, None, "use"), "3:use: *b");
    assert_eq!(at(anchors, None, "merged.x"), "2:x: 1");
    let list = "items:\n- kind: Pod\n  spec:\n    a: 1\n- kind: Pod\n  spec:\n    a: 2\n";
    let second = list.rfind("- kind").unwrap() as u64;
    assert_eq!(at(list, Some(second..list.len() as u64), "spec.a"), "7:a: 2");
    assert_eq!(at(list, Some(second..list.len() as u64), ""), "5:kind: Pod");
    let flow = "{\"items\": [{\"a\": 1}, {\"spec\": {\"b\": 2}}]}";
    let start = flow.find("{\"spec").unwrap() as u64;
    assert_eq!(at(flow, Some(start..start + 18), "spec.b"), "1:\"b\": 2}}]}");
}

#[test]
fn local_files_are_read_again() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("x.yaml");
    std::fs::write(&path, "a: 1\n---\nkind: Pod\nspec: {}\n").unwrap();
    let origin = Origin::within(path.to_string_lossy().into_owned(), 9..29);
    let Held::Text(_, text) = Held::of(&origin.source, &|_| None) else { panic!("no text") };
    let document = Document::new(&text, &Places::new(&text), origin.range);
    assert_eq!(document.place(&FieldPath::of("spec")), (4, 1));
    assert!(matches!(Held::of("api:/apis", &|_| None), Held::Nothing));
}

/// The documents of a file with one a line are found by their bytes, whatever lies between them.
#[test]
fn lines_are_read_as_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pods.jsonl");
    let rows = [r#"{"a":{"b":1}}"#, r#"{"a":{"b":2}}"#, r#"{"a":{"b":3}}"#];
    std::fs::write(&path, rows.map(|row| format!("{row}\n")).concat()).unwrap();
    let length = rows[0].len() as u64;
    let mut lines = Lines::open(&path).unwrap();
    for at in [0, 2] {
        let start = at * (length + 1);
        let document = lines.document((start, start + length)).unwrap();
        assert_eq!(document.place(&FieldPath::of("a.b")), (at + 1, 7));
    }
    assert!(lines.document((500, 600)).is_err());
}
