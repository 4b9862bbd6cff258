//! Files as people have them.

use std::fs;

use kuberlock_model::coverage::Notice;
use tempfile::TempDir;

use super::*;

/// What was read, one line a record; objects by kind, name and the text of their range.
fn read_all(paths: &[PathBuf]) -> Vec<String> {
    let mut told = Vec::new();
    read(paths, &mut |records| {
        for record in records {
            told.extend(match record {
                Record::Object { object, origin } => Some(format!(
                    "{} {} {}",
                    object["kind"].as_str().unwrap(),
                    object["metadata"]["name"].as_str().unwrap_or("?"),
                    short(&origin)
                )),
                Record::Reading(Reading::Unread(unread)) => {
                    Some(format!("unread {}: {}", short(&unread.origin), unread.reason))
                }
                Record::Reading(Reading::Notice(notice, _)) => Some(format!("notice {notice}")),
                Record::Reading(Reading::Kind(_, reach)) => {
                    assert_eq!(reach, Reach::Given);
                    None
                }
                other => panic!("{other:?}"),
            });
        }
    })
    .unwrap();
    told
}

fn short(origin: &Origin) -> String {
    Path::new(&*origin.source).file_name().unwrap().to_string_lossy().into_owned()
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn of_text(name: &str, text: &str) -> Vec<String> {
    let folder = folder(&[(name, text)]);
    read_all(&[folder.path().join(name)])
}

fn namespace(name: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n")
}

#[test]
fn folders_are_read_in_order() {
    let folder = folder(&[
        ("b/2.yml", &namespace("b2")),
        ("a.yaml", &namespace("a")),
        ("b/1.json", r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"b1"}}"#),
        (".hidden.yaml", &namespace("hidden")),
        (".git/x.yaml", &namespace("git")),
        ("notes.txt", "not: read"),
        ("values.yaml", "replicas: 3\n"),
        ("ci.yaml", "steps: [a]\n"),
    ]);
    let none = "notice unknown kind `none: a document without `apiVersion` and `kind``";
    assert_eq!(
        read_all(&[folder.path().to_owned()]),
        ["Namespace a a.yaml", "Namespace b1 1.json", "Namespace b2 2.yml", none, none]
    );
}

#[test]
fn links_stay_inside_and_fifos_are_not_opened() {
    let outside = folder(&[("x.yaml", &namespace("outside"))]);
    let folder = folder(&[("a/x.yaml", &namespace("a"))]);
    let link =
        |to: &Path, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
    link(&outside.path().join("x.yaml"), "b.yaml");
    link(outside.path(), "c");
    link(folder.path(), "d");
    link(Path::new("a/x.yaml"), "e.yaml");
    link(Path::new("f.yaml"), "f.yaml");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.path().join("g.yaml"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    assert_eq!(
        read_all(&[folder.path().to_owned()]),
        [
            "Namespace a x.yaml",
            "unread b.yaml: is a link that leaves the folder, and is not followed",
            "unread c: is a link that leaves the folder, and is not followed",
            "unread d: is a link to a folder that holds it",
            "Namespace a e.yaml",
            "unread f.yaml: is a link to nothing, or to itself",
            "unread g.yaml: is no regular file, and is not opened",
        ]
    );
    // What the user names is followed.
    assert_eq!(read_all(&[folder.path().join("b.yaml")]), ["Namespace outside b.yaml"]);
    let fifo = folder.path().join("g.yaml");
    assert!(matches!(read(&[fifo], &mut |_| {}), Err(Error::Unusable { .. })));
    let absent = folder.path().join("absent");
    assert!(matches!(read(&[absent], &mut |_| {}), Err(Error::Read { .. })));
}

#[test]
fn a_file_beyond_the_bound_is_not_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("large.yaml");
    fs::File::create(&path).unwrap().set_len(MAX_FILE + 1).unwrap();
    assert_eq!(read_all(&[path]), ["unread large.yaml: is larger than the bound of 256 MiB"]);
}

#[test]
fn encodings_are_those_people_have() {
    let utf16 = |start: [u8; 2], unit: fn(u16) -> [u8; 2]| {
        let units =
            namespace("ä").replace("ä", "a").encode_utf16().flat_map(unit).collect::<Vec<_>>();
        [start.to_vec(), units].concat()
    };
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.yaml");
    for bytes in [
        utf16([0xFF, 0xFE], u16::to_le_bytes),
        utf16([0xFE, 0xFF], u16::to_be_bytes),
        format!("\u{FEFF}{}", namespace("a")).into_bytes(),
        namespace("a").replace('\n', "\r\n").into_bytes(),
    ] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(read_all(std::slice::from_ref(&path)), ["Namespace a x.yaml"]);
    }
    fs::write(&path, b"a: 1\nb: \xFF\n").unwrap();
    assert_eq!(read_all(&[path]), ["unread x.yaml: line 2: is not UTF-8"]);
}

#[test]
fn a_bad_document_does_not_stop_the_rest() {
    let text = format!("{}---\na: [1\nb: 2\n---\n{}", namespace("a"), namespace("b"));
    let told = of_text("x.yaml", &text);
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!((told[0].as_str(), told[2].as_str()), ("Namespace a x.yaml", "Namespace b x.yaml"));
    assert!(told[1].starts_with("unread x.yaml: line "), "{told:?}");
    let told =
        of_text("x.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n");
    assert!(told[0].contains("helm template"), "{told:?}");
    let told = of_text("x.yaml", "kind: Pod\nmetadata: {name: a}\n");
    assert_eq!(told, ["unread x.yaml: line 1, column 1: is an object without `apiVersion`"]);
}

#[test]
fn json_comes_in_many_forms() {
    let object = |name: &str| {
        format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{{\"name\":\"{name}\"}}}}"
        )
    };
    let (a, b) = (object("a"), object("b"));
    let both = ["Namespace a x.json", "Namespace b x.json"];
    assert_eq!(of_text("x.json", &format!("{a}\n{b}\n")), both);
    assert_eq!(of_text("x.json", &format!("{a}{b}")), both);
    assert_eq!(of_text("x.json", &format!("[{a}, {b}]")), both);
    assert_eq!(
        of_text("x.json", &format!("\u{FEFF}{{\"kind\": \"List\", \"items\": [{a}, {b}]}}")),
        both
    );
    assert_eq!(
        of_text(
            "x.json",
            &format!(
                "{{\"kind\":\"List\",\"items\":[{{\"kind\":\"NamespaceList\",\"apiVersion\":\"v1\",\"items\":[{a}]}}, {b}]}}"
            )
        ),
        both
    );
    let torn = of_text("x.json", &format!("{a}\n{{\"apiVersion\n{b}\n"));
    assert_eq!((torn[0].as_str(), torn[2].as_str()), (both[0], both[1]), "{torn:?}");
    assert!(torn[1].starts_with("unread x.json: line 2, column"), "{torn:?}");
    // JSON with what only YAML allows.
    assert_eq!(
        of_text("x.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: a},}\n"),
        ["Namespace a x.yaml"]
    );
    let repeated = of_text(
        "x.json",
        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"x\",\"name\":\"a\"}}",
    );
    assert_eq!(repeated, ["notice key `name` twice in one mapping", "Namespace a x.json"]);
}

/// Lists in every form, and large enough to be cut by lines.
#[test]
fn lists_are_unfolded_with_the_ranges_of_their_items() {
    let block = |dash: &str, indent: &str| {
        format!(
            "apiVersion: v1\nitems:\n{dash}- metadata:\n{indent}    name: a\n{dash}-\n{indent}  metadata: {{name: b}}\n# comment\n{dash}- {{metadata: {{name: c}}}}\nkind: NamespaceList\nmetadata:\n  resourceVersion: \"1\"\n"
        )
    };
    let flow = "{apiVersion: v1, kind: NamespaceList, items: [{metadata: {name: a}}, {metadata: {name: b}}, {metadata: {name: c}}]}\n".to_owned();
    let comment = format!("# {}\n", "x".repeat(2 * 1024 * 1024));
    for text in [block("", ""), block("  ", "  "), block("", "").replace('\n', "\r\n"), flow] {
        for text in [text.clone(), format!("{text}{comment}"), format!("a: 1\n---\n{text}")] {
            let mut names = Vec::new();
            let folder = folder(&[("x.yaml", &text)]);
            read(&[folder.path().join("x.yaml")], &mut |records| {
                for record in records {
                    match record {
                        Record::Object { object, origin } => {
                            assert_eq!(object["kind"], "Namespace");
                            assert_eq!(object["apiVersion"], "v1");
                            let name = object["metadata"]["name"].as_str().unwrap().to_owned();
                            let (start, end) = origin.range.unwrap();
                            let range =
                                usize::try_from(start).unwrap()..usize::try_from(end).unwrap();
                            let own = text.get(range).unwrap();
                            assert!(own.contains(&format!("name: {name}")), "{name}: {own:?}");
                            assert_eq!(own.matches("name:").count(), 1, "{own:?}");
                            names.push(name);
                        }
                        Record::Reading(
                            Reading::Kind(..) | Reading::Notice(Notice::UnknownKind { .. }, _),
                        ) => {}
                        other => panic!("{other:?}"),
                    }
                }
            })
            .unwrap();
            assert_eq!(names, ["a", "b", "c"]);
        }
    }
    assert_eq!(
        of_text("x.yaml", "apiVersion: v1\nkind: PodList\nitems: ~\n"),
        Vec::<String>::new()
    );
    // An anchor of one item may be used in another.
    assert_eq!(
        of_text(
            "x.yaml",
            "apiVersion: v1\nkind: NamespaceList\nitems:\n- metadata: &m {name: a}\n- metadata: *m\n"
        ),
        ["Namespace a x.yaml", "Namespace a x.yaml"]
    );
}

#[test]
fn hostile_files_are_bounded() {
    let deep = of_text("x.yaml", &format!("a: {}\n", "[".repeat(100_000)));
    assert!(deep[0].contains("bound of 100"), "{deep:?}");
    let deep =
        of_text("x.json", &format!("{{\"a\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000)));
    assert!(deep[0].contains("bound of 100"), "{deep:?}");
    let many = of_text("x.yaml", &"a: 1\n---\n".repeat(MAX_DOCUMENTS + 5));
    assert!(many.last().unwrap().contains("bound of 100000 documents"), "{:?}", many.last());
}

#[test]
fn no_object_keeps_a_credential() {
    let told = std::cell::RefCell::new(String::new());
    let folder = folder(&[(
        "x.yaml",
        "apiVersion: v1\nkind: SecretList\nitems:\n- metadata: {name: a}\n  data: {a: Y2FuYXJ5}\n",
    )]);
    read(&[folder.path().to_owned()], &mut |records| {
        told.borrow_mut().push_str(&format!("{records:?}"));
    })
    .unwrap();
    assert!(!told.borrow().contains("Y2FuYXJ5"));
}

const REFUSED: &str = "# an API server takes none of it\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web, namespace: team}\nspec:\n  ingress:\n  - from:\n    - {}\n    ports:\n    - endPort: 90\n";

/// What was read, as a whole.
fn coverage(path: PathBuf, refused: Refused) -> (kuberlock_model::Coverage, usize) {
    let mut cluster = kuberlock_model::Cluster::default();
    let mut converter = crate::convert::Converter::default();
    read_as(&[path], refused, &mut |records| {
        converter.push(records, &mut |change| cluster.apply(change));
    })
    .unwrap();
    (cluster.coverage().clone(), cluster.network_policies().count())
}

#[test]
fn what_the_api_server_would_refuse_is_told_with_its_line_and_left_out() {
    let folder = folder(&[("x.yaml", &format!("{}---\n{REFUSED}", namespace("team")))]);
    let path = folder.path().join("x.yaml");
    let (mut coverage, policies) = coverage(path, Refused::LeftOut);
    crate::locate::fill_coverage(&mut coverage, &|_| None);
    let told = coverage.unread().iter().map(|unread| {
        let place = unread.place().to_string();
        format!("{}: {}", place.rsplit('/').next().unwrap(), unread.reason)
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "x.yaml:15:7: NetworkPolicy `team/web` would be refused by the API server: \
             spec.ingress[0].ports[0].endPort: Invalid value: ends a range that no `port` begins",
            "x.yaml:13:7: NetworkPolicy `team/web` would be refused by the API server: \
             spec.ingress[0].from[0]: Required value: the peer names nobody",
        ]
    );
    assert_eq!((coverage.unread_documents(), policies), (1, 0));
    assert!(!coverage.is_complete());
}

#[test]
fn what_was_exported_from_a_server_and_what_is_a_template_is_not_refused() {
    let folder = folder(&[
        ("old.yaml", &REFUSED.replace("{name: web", "{uid: u, resourceVersion: '5', name: web")),
        ("template.yaml", &REFUSED.replace("name: web", "name: '{{ .Values.name }}'")),
    ]);
    for file in ["old.yaml", "template.yaml"] {
        let (coverage, _) = coverage(folder.path().join(file), Refused::LeftOut);
        let reason = &coverage.unread()[0].reason;
        assert!(!reason.contains("would be refused"), "{reason}");
    }
}

#[test]
fn host_bits_of_an_old_policy_are_read_where_the_server_has_them() {
    let text = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec: {ingress: [{from: [{ipBlock: {cidr: 10.0.0.7/8}}]}]}\n";
    let folder = folder(&[
        ("new.yaml", text),
        ("old.yaml", &text.replace("{name", "{uid: u, resourceVersion: '5', name")),
    ]);
    let policies = |file: &str, refused| coverage(folder.path().join(file), refused).1;
    assert_eq!(policies("new.yaml", Refused::LeftOut), 0);
    assert_eq!(policies("new.yaml", Refused::Kept), 1);
    assert_eq!(policies("old.yaml", Refused::LeftOut), 1);
}

#[test]
fn the_first_unknown_field_is_told_with_its_line() {
    let text = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec:\n  ingress:\n  - ports: []\n  - form: []\n";
    let folder = folder(&[("x.yaml", text)]);
    let (mut coverage, policies) = coverage(folder.path().join("x.yaml"), Refused::LeftOut);
    crate::locate::fill_coverage(&mut coverage, &|_| None);
    let (notice, noticed) = coverage.notices().next().unwrap();
    assert_eq!(notice.to_string(), "unknown field `spec.ingress.form` of NetworkPolicy");
    assert!(noticed.place().to_string().ends_with("x.yaml:7:5"), "{}", noticed.place());
    assert_eq!((coverage.unread().len(), policies), (0, 1));
}
