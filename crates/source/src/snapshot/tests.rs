use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use kuberlock_model::coverage::{Notice, Reach, Reading, Unread};
use kuberlock_model::host::{File, FileType, Process, Sysctl, Version};
use kuberlock_model::{Change, Cluster, Kind, Origin};
use proptest::prelude::*;
use serde_json::json;
use tar::EntryType;

use super::intake::Limits;
use super::reader::read_within;
use super::*;
use crate::{HostRecord, Record};

fn about() -> About {
    About { tool: "kuberlock 0.1.0".into(), source: "test".into(), collected: None }
}

fn pod(namespace: &str, name: &str) -> Record {
    let object = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": namespace, "name": name},
    });
    Record::Object { object, origin: Origin::whole("given") }
}

fn host(node: &str, record: HostRecord) -> Record {
    Record::Host { node: node.into(), record }
}

fn file(path: &str, target: Option<&str>) -> HostRecord {
    HostRecord::File(File {
        path: path.into(),
        file_type: if target.is_some() { FileType::Link } else { FileType::File },
        mode: 0o4755,
        uid: 0,
        gid: 7,
        user: Some("root".into()),
        group: None,
        size: 3,
        target: target.map(Into::into),
        content: target.is_none().then(|| "a: b\n".into()),
        unread: None,
    })
}

fn records() -> Vec<Record> {
    let process =
        Process { pid: Some(3), args: vec!["kubelet".into()], environment: [].into(), file: None };
    let version = Version { of: "os".into(), version: "x".into(), from: "/f".into() };
    let unread = Unread::new(Origin::within("a.yaml", 3..9), "why");
    let notice = Notice::UnknownField { kind: "Pod".into(), field: "spec.x".into() };
    let at = Origin::whole("b.yaml");
    vec![
        pod("b", "z"),
        pod("b", "a"),
        pod("a", "z"),
        Record::Object {
            object: json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}}),
            origin: Origin::whole("given"),
        },
        host("n1", file("/etc/z", None)),
        host("n1", file("/etc/a", Some("../x"))),
        host("n1", HostRecord::Process(process)),
        host("n1", HostRecord::Sysctl(Sysctl { name: "vm.x".into(), value: "1".into() })),
        host("n1", HostRecord::Version(version)),
        host("n1", HostRecord::Configz(json!({"kubeletconfig": {"readOnlyPort": 0}}))),
        Record::Name("prod".into()),
        Record::Release("v1.37.2+k3s1".parse().unwrap()),
        Record::Reading(Reading::Kind(Kind::Pod, Reach::Complete)),
        Record::Reading(Reading::Kind(Kind::Secret, Reach::Forbidden("user: no".into()))),
        Record::Reading(Reading::Host("n1".into(), Reach::Partial("b: c".into()))),
        Record::Reading(Reading::Unread(unread)),
        Record::Reading(Reading::Notice(notice.clone(), at.clone())),
        Record::Reading(Reading::Notice(notice, at)),
    ]
}

fn write(target: &Path, records: &[Record]) {
    let mut writer = Writer::create(target, about(), false).unwrap();
    writer.write(records).unwrap();
    writer.finish().unwrap();
}

fn read_all(path: &Path) -> Result<Vec<Record>, String> {
    read_limited(path, Limits::default())
}

fn read_limited(path: &Path, limits: Limits) -> Result<Vec<Record>, String> {
    let mut records = Vec::new();
    read_within(path, limits, &mut |batch| records.extend(batch)).map_err(|e| e.to_string())?;
    Ok(records)
}

fn refusal(path: &Path) -> String {
    read_all(path).unwrap_err()
}

/// Records by what they say, wherever it was read.
fn said(records: &[Record]) -> Vec<String> {
    let mut said: Vec<String> = records
        .iter()
        .map(|record| match record {
            Record::Object { object, .. } => object.to_string(),
            other => format!("{other:?}"),
        })
        .collect();
    said.sort();
    said
}

fn seen(records: &[Record]) -> Cluster {
    let mut cluster = Cluster::default();
    for record in records {
        if let Record::Reading(reading) = record {
            cluster.apply(Change::Reading(reading.clone()));
        }
    }
    cluster
}

fn unread(records: &[Record]) -> Vec<String> {
    let cluster = seen(records);
    cluster.coverage().unread().iter().map(|u| format!("{}: {}", u.origin, u.reason)).collect()
}

#[test]
fn what_is_written_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["s", "s.tar.zst"] {
        let target = dir.path().join(name);
        write(&target, &records());
        let back = read_all(&target).unwrap();
        assert_eq!(said(&back), said(&records()), "{name}");
        assert_eq!(seen(&back).coverage(), seen(&records()).coverage(), "{name}");
        let objects: Vec<_> = back
            .iter()
            .filter_map(|record| match record {
                Record::Object { object, origin } => Some((object, origin)),
                _ => None,
            })
            .collect();
        let names: Vec<_> = objects.iter().map(|(o, _)| &o["metadata"]["name"]).collect();
        assert_eq!(names, ["d", "z", "a", "z"]);
        let (_, origin) = objects[2];
        assert!(origin.source.ends_with(&format!("{name}!objects/pods.jsonl")), "{origin}");
        assert!(origin.range.unwrap().0 > 0);
    }
}

#[test]
fn the_same_records_make_the_same_bytes_for_their_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a.tar.zst"), dir.path().join("b.tar.zst"));
    write(&a, &records());
    write(&b, &records());
    assert_eq!(fs::read(&a).unwrap(), fs::read(&b).unwrap());
    assert_eq!(fs::metadata(&a).unwrap().permissions().mode() & 0o777, 0o600);
    let folder = dir.path().join("f");
    write(&folder, &records());
    let mode = |path: &str| fs::metadata(folder.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(""), mode("nodes/n1"), mode("nodes/n1/files.jsonl")), (0o700, 0o700, 0o600));
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn a_target_is_replaced_only_when_told() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["s", "s.tar.zst"] {
        let target = dir.path().join(name);
        write(&target, &records());
        let refused = Writer::create(&target, about(), false).unwrap_err().to_string();
        assert!(refused.ends_with("is already there, and is not empty"), "{refused}");
        let mut writer = Writer::create(&target, about(), true).unwrap();
        writer.write(&[pod("x", "y")]).unwrap();
        writer.finish().unwrap();
        assert_eq!(read_all(&target).unwrap().len(), 1);
    }
    let foreign = dir.path().join("home");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("thesis.txt"), "x").unwrap();
    assert!(Writer::create(&foreign, about(), true).is_err());
}

#[test]
fn a_writer_that_is_not_finished_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(&dir.path().join("s.tar.zst"), about(), false).unwrap();
    writer.write(&records()).unwrap();
    drop(writer);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_node_whose_name_is_a_path_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(&dir.path().join("s"), about(), false).unwrap();
    for node in ["../x", "a/b", "", ".", "A"] {
        assert!(writer.write(&[host(node, file("/f", None))]).is_err(), "{node}");
    }
}

#[test]
fn an_unknown_kind_is_told_again() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("s");
    let object = json!({"apiVersion": "example.com/v1", "kind": "Widget"});
    write(&target, &[Record::Object { object, origin: Origin::whole("w.yaml") }]);
    let back = seen(&read_all(&target).unwrap());
    let notices: Vec<_> = back.coverage().notices().map(|(n, ..)| n.to_string()).collect();
    assert_eq!(notices, ["unknown kind `example.com/v1 Widget`"]);
}

const MANIFEST: &str = r#"{"schema":"kuberlock.dev/snapshot/v1","tool":"t","cluster":{"name":null,"uid":null},"release":null,"source":"s","coverage":{}}"#;

type Made<'a> = (&'a str, EntryType, &'a [u8]);

/// An archive of `entries`, whatever their names and types.
fn archive(dir: &Path, entries: &[Made<'_>]) -> PathBuf {
    let mut tar = Vec::new();
    for (name, entry_type, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*entry_type);
        header.set_size(content.len() as u64);
        header.set_cksum();
        tar.extend_from_slice(header.as_bytes());
        tar.extend_from_slice(content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    let path = dir.join("made.tar.zst");
    fs::write(&path, zstd::encode_all(tar.as_slice(), 1).unwrap()).unwrap();
    path
}

const REGULAR: EntryType = EntryType::Regular;

#[test]
fn archives_that_lead_out_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let manifest: Made<'_> = ("manifest.json", REGULAR, MANIFEST.as_bytes());
    for (entry, word) in [
        (("../x", REGULAR, &b""[..]), "leads out of it"),
        (("objects/../../x", REGULAR, b""), "leads out of it"),
        (("a\\..\\x", REGULAR, b""), "leads out of it"),
        (("/etc/passwd", REGULAR, b""), "absolute path"),
        (("nodes/..", EntryType::Directory, b""), "leads out of it"),
        (("objects/pods.jsonl", EntryType::Symlink, b""), "is a link"),
        (("objects/pods.jsonl", EntryType::Link, b""), "is a link"),
        (("x", EntryType::GNULongLink, b"y"), "is a link"),
        (("x", EntryType::Char, b""), "is a device"),
        (("x", EntryType::Block, b""), "is a device"),
        (("x", EntryType::Fifo, b""), "is a FIFO"),
        (("x", EntryType::GNUSparse, b""), "sparse"),
        (("x", EntryType::new(b'?'), b""), "no place"),
        (("x", EntryType::XHeader, b"28 GNU.sparse.name=objects/\n"), "sparse"),
        (("x", EntryType::XHeader, b"9 size=1\n"), "sizes"),
        (("manifest.json", REGULAR, b"{}"), "twice"),
        (("./manifest.json", REGULAR, b"{}"), "twice"),
    ] {
        let refused = refusal(&archive(dir.path(), &[manifest, entry]));
        assert!(refused.contains(word), "{entry:?}: {refused}");
    }
    let long: Made<'_> = ("@LongLink", EntryType::GNULongName, b"../../x\0");
    let refused = refusal(&archive(dir.path(), &[manifest, long, ("x", REGULAR, b"")]));
    assert!(refused.contains("leads out of it"), "{refused}");
    let big = vec![b'a'; 100_000];
    let long: Made<'_> = ("@LongLink", EntryType::GNULongName, &big);
    let refused = refusal(&archive(dir.path(), &[manifest, long]));
    assert!(refused.contains("65536 bytes"), "{refused}");
}

#[test]
fn unknown_entries_are_passed_over_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(
        dir.path(),
        &[
            ("README", REGULAR, b"hello"),
            ("objects/widgets.example.com.jsonl", REGULAR, b"{}"),
            ("./", EntryType::Directory, b""),
            ("./manifest.json", REGULAR, MANIFEST.as_bytes()),
        ],
    );
    let told = unread(&read_all(&path).unwrap());
    assert_eq!(told.len(), 2);
    assert!(told[0].ends_with("made.tar.zst!README: it is no part of a snapshot"), "{told:?}");
}

#[test]
fn torn_lines_are_told_and_the_next_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let deep = "[".repeat(10_000);
    let good = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}"#;
    let role = r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role"}"#;
    let mut lines = format!("{deep}\n\n{role}\n[1]\n").into_bytes();
    lines.extend_from_slice(b"\xff\n");
    lines.extend_from_slice(format!("{good}\n{{\"apiVersion\":\"v1\",\"ki").as_bytes());
    let path = archive(
        dir.path(),
        &[
            ("manifest.json", REGULAR, MANIFEST.as_bytes()),
            ("objects/pods.jsonl", REGULAR, &lines),
            ("nodes/n/files.jsonl", REGULAR, br#"{"path":"x"}"#),
        ],
    );
    let records = read_all(&path).unwrap();
    let objects = records.iter().filter(|r| matches!(r, Record::Object { .. })).count();
    assert_eq!(objects, 1);
    let told = unread(&records);
    let numbers: Vec<_> = told
        .iter()
        .map(|line| line.split("line ").nth(1).unwrap().split(':').next().unwrap())
        .collect();
    assert_eq!(numbers, ["1", "3", "4", "5", "7", "1"], "{told:?}");
}

#[test]
fn endless_faults_are_told_shortly() {
    let dir = tempfile::tempdir().unwrap();
    let lines = b"x\n".repeat(10_000);
    let path = archive(
        dir.path(),
        &[("manifest.json", REGULAR, MANIFEST.as_bytes()), ("objects/pods.jsonl", REGULAR, &lines)],
    );
    let told = unread(&read_all(&path).unwrap());
    assert_eq!(told.len(), 101);
    assert!(told[100].ends_with("9900 more lines cannot be read"));
}

#[test]
fn bounds_are_kept_and_said() {
    let dir = tempfile::tempdir().unwrap();
    let lines = vec![b'x'; 100_000];
    let entries: [Made<'_>; 2] =
        [("manifest.json", REGULAR, MANIFEST.as_bytes()), ("objects/pods.jsonl", REGULAR, &lines)];
    let path = archive(dir.path(), &entries);
    let limits = Limits::default();
    let refused = |limits| read_limited(&path, limits).unwrap_err();
    assert!(refused(Limits { expanded: 50_000, ..limits }).contains("more than 50000 bytes"));
    assert!(refused(Limits { small: 0, ratio: 10, ..limits }).contains("expands to more than"));
    assert!(refused(Limits { entry: 99_999, ..limits }).contains("more than 99999 bytes"));
    assert!(refused(Limits { entries: 1, ..limits }).contains("more than 1 entries"));
    let told = unread(&read_limited(&path, Limits { line: 9_999, ..limits }).unwrap());
    assert!(
        told[0].ends_with("line 1: it is longer than 9999 bytes, which is the most that is read")
    );
}

#[test]
fn a_bomb_does_not_go_off() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bomb.tar.zst");
    let mut encoder = zstd::Encoder::new(fs::File::create(&path).unwrap(), 1).unwrap();
    let mut header = tar::Header::new_gnu();
    header.set_path("objects/pods.jsonl").unwrap();
    header.set_size(3 << 30);
    header.set_cksum();
    encoder.write_all(header.as_bytes()).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..300 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap();
    let refused = refusal(&path);
    assert!(refused.contains("it expands to more than 268435456 bytes"), "{refused}");
}

#[test]
fn cut_and_spoilt_archives_are_refused_wherever_it_happened() {
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole.tar.zst");
    write(&whole, &records());
    let bytes = fs::read(&whole).unwrap();
    let path = dir.path().join("cut.tar.zst");
    let lengths = (0..bytes.len()).step_by(11).chain(bytes.len() - 8..bytes.len());
    for length in lengths {
        fs::write(&path, &bytes[..length]).unwrap();
        assert!(read_all(&path).is_err(), "{length} of {}", bytes.len());
    }
    for at in (4..bytes.len()).step_by(23) {
        let mut spoilt = bytes.clone();
        spoilt[at] ^= 0x55;
        fs::write(&path, spoilt).unwrap();
        // The checksum finds it; never does it end in a panic.
        assert!(read_all(&path).is_err(), "byte {at}");
    }
}

#[test]
fn other_schemas_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |manifest: &str| {
        refusal(&archive(dir.path(), &[("manifest.json", REGULAR, manifest.as_bytes())]))
    };
    let later = MANIFEST.replace("snapshot/v1", "snapshot/v2");
    assert!(refused(&later).contains("its schema is `kuberlock.dev/snapshot/v2`"));
    assert!(refused("{}").contains("names no schema"));
    assert!(refused("nonsense").contains("is refused"));
    let notices = r#""coverage":{"notices":[{"notice":"duplicate-key","key":"k","count":9999999999,"origin":"o"}]}"#;
    let many = MANIFEST.replace(r#""coverage":{}"#, notices);
    assert!(refused(&many).contains("more than 1000000 notices"));
    assert!(refusal(&archive(dir.path(), &[])).contains("holds no manifest.json"));
}

#[test]
fn folders_with_links_or_devices_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let made = |name: &str| {
        let target = dir.path().join(name);
        write(&target, &records());
        target
    };
    let linked = made("linked");
    fs::remove_file(linked.join("objects/pods.jsonl")).unwrap();
    symlink("/etc/passwd", linked.join("objects/pods.jsonl")).unwrap();
    assert!(refusal(&linked).contains("`objects/pods.jsonl` is a link"));

    let folder = made("folder");
    fs::rename(folder.join("nodes"), dir.path().join("moved")).unwrap();
    symlink("../moved", folder.join("nodes")).unwrap();
    assert!(refusal(&folder).contains("`nodes` is a link"));

    let fifo = made("fifo");
    let kind = rustix::fs::FileType::Fifo;
    let mode = rustix::fs::Mode::RUSR;
    rustix::fs::mknodat(rustix::fs::CWD, fifo.join("nodes/n1/x"), kind, mode, 0).unwrap();
    assert!(refusal(&fifo).contains("is a FIFO"));
    let pipe = dir.path().join("pipe.tar.zst");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, kind, mode, 0).unwrap();
    assert!(refusal(&pipe).contains("neither a folder nor a regular file"));

    let extra = made("extra");
    fs::create_dir_all(extra.join(".git/objects")).unwrap();
    let told = unread(&read_all(&extra).unwrap());
    assert!(told.iter().any(|line| line.contains("!.git: ")), "{told:?}");
}

fn names() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{0,8}[a-z0-9]"
}

fn texts() -> impl Strategy<Value = String> {
    "[^\u{0}]{0,12}"
}

fn origins() -> impl Strategy<Value = Origin> {
    let range = proptest::option::of((0..1000_u64, 0..1000_u64));
    (texts(), range).prop_map(|(source, range)| Origin { source: source.into(), range })
}

fn reaches() -> impl Strategy<Value = Reach> {
    prop_oneof![
        Just(Reach::NotServed),
        Just(Reach::Given),
        Just(Reach::Complete),
        texts().prop_map(Reach::Forbidden),
        texts().prop_map(Reach::Partial),
    ]
}

fn notices() -> impl Strategy<Value = Notice> {
    prop_oneof![
        texts().prop_map(|kind| Notice::UnknownKind { kind }),
        (texts(), texts()).prop_map(|(kind, field)| Notice::UnknownField { kind, field }),
        texts().prop_map(|key| Notice::DuplicateKey { key }),
    ]
}

fn any_reading() -> impl Strategy<Value = Reading> {
    let kinds = (0..Kind::all().len()).prop_map(|at| Kind::all()[at].kind);
    prop_oneof![
        (kinds, reaches()).prop_map(|(kind, reach)| Reading::Kind(kind, reach)),
        (names(), reaches()).prop_map(|(node, reach)| Reading::Host(node, reach)),
        (origins(), texts())
            .prop_map(|(origin, reason)| Reading::Unread(Unread::new(origin, reason))),
        (notices(), origins()).prop_map(|(notice, origin)| Reading::Notice(notice, origin)),
    ]
}

fn any_object() -> impl Strategy<Value = Record> {
    let kinds = (0..Kind::all().len()).prop_map(|at| &Kind::all()[at]);
    (kinds, names(), names()).prop_map(|(kind, namespace, name)| {
        let version = match kind.group {
            "" => kind.version.to_owned(),
            group => format!("{group}/{}", kind.version),
        };
        let object = json!({
            "apiVersion": version, "kind": kind.name,
            "metadata": {"namespace": namespace, "name": name},
        });
        Record::Object { object, origin: Origin::whole("given") }
    })
}

fn any_host() -> impl Strategy<Value = Record> {
    let link = ("/[a-z/]{1,9}", texts()).prop_map(|(path, target)| file(&path, Some(&target)));
    let plain = "/[a-z/]{1,9}".prop_map(|path| file(&path, None));
    let sysctl =
        (names(), texts()).prop_map(|(name, value)| HostRecord::Sysctl(Sysctl { name, value }));
    let version = (names(), texts(), texts())
        .prop_map(|(of, version, from)| HostRecord::Version(Version { of, version, from }));
    (names(), prop_oneof![link, plain, sysctl, version])
        .prop_map(|(node, record)| host(&node, record))
}

/// Only the last of what is told of the same thing.
fn last_of_each(records: Vec<Record>) -> Vec<Record> {
    let key = |record: &Record| match record {
        Record::Object { object, .. } => format!("{}{}", object["kind"], object["metadata"]),
        Record::Host { node, record: HostRecord::File(f) } => format!("{node} {}", f.path),
        Record::Host { node, record: HostRecord::Sysctl(s) } => format!("{node} {}", s.name),
        other => format!("{other:?}"),
    };
    let mut kept: Vec<Record> = Vec::new();
    for record in records {
        let counted = matches!(
            record,
            Record::Reading(_) | Record::Host { record: HostRecord::Version(_), .. }
        );
        if !counted {
            kept.retain(|held| key(held) != key(&record));
        }
        kept.push(record);
    }
    kept
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn anything_written_is_read_back(
        facts in proptest::collection::vec(prop_oneof![any_object(), any_host()], 0..40),
        readings in proptest::collection::vec(any_reading(), 0..20),
        packed: bool,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join(if packed { "s.tar.zst" } else { "s" });
        let readings: Vec<_> = readings.into_iter().map(Record::Reading).collect();
        let mut all = facts.clone();
        all.extend(readings.clone());
        write(&target, &all);
        let back = read_all(&target).unwrap();
        let (now, then) = (seen(&back), seen(&readings));
        prop_assert_eq!(now.coverage(), then.coverage());
        let told: Vec<_> = back.into_iter().filter(|r| !matches!(r, Record::Reading(_))).collect();
        prop_assert_eq!(said(&told), said(&last_of_each(facts)));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.tar.zst");
        fs::write(&path, &bytes).unwrap();
        prop_assert!(read_all(&path).is_err());
        fs::write(&path, zstd::encode_all(bytes.as_slice(), 1).unwrap()).unwrap();
        prop_assert!(read_all(&path).is_err());
    }
}
