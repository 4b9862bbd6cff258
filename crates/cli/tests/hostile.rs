//! Hostile input: each is refused or passed over with an error that says what and why, in bounded
//! time and memory.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails hard"
)]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Far more than any of these takes; what hangs must end all the same.
const PATIENCE: Duration = Duration::from_secs(60);
/// Address space that the program gets, KiB. Bombs unfold to far more.
const MEMORY: u64 = 2 * 1024 * 1024;

struct Ended {
    code: i32,
    out: String,
    err: String,
}

/// Runs kuberlock with little memory and a deadline.
fn kuberlock(args: &[&str]) -> Ended {
    let mut child = Command::new("bash")
        .args(["-c", "ulimit -v \"$1\"; shift; exec \"$@\"", "bash", &MEMORY.to_string()])
        .arg(env!("CARGO_BIN_EXE_kuberlock"))
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let out = drain(child.stdout.take().unwrap());
    let err = drain(child.stderr.take().unwrap());
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("kuberlock {} did not end", args.join(" "));
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    Ended { code: status.code().unwrap_or(-1), out: out.join().unwrap(), err: err.join().unwrap() }
}

fn drain(mut from: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// One entry of an archive as raw as the format allows.
struct Entry {
    name: &'static str,
    kind: tar::EntryType,
    link: Option<&'static str>,
    body: Vec<u8>,
}

impl Entry {
    fn file(name: &'static str, body: &[u8]) -> Self {
        Self { name, kind: tar::EntryType::Regular, link: None, body: body.to_vec() }
    }
}

const MANIFEST: &[u8] = br#"{"schema":"kuberlock.dev/snapshot/v1","tool":"t","cluster":{"name":null,"uid":null},"release":null,"source":"t","coverage":{"kinds":{"Pod":"complete"},"hosts":{},"unread":[],"notices":[]}}"#;

fn archive(folder: &Path, name: &str, entries: &[Entry]) -> PathBuf {
    let path = folder.join(name);
    let mut out = zstd::Encoder::new(File::create(&path).unwrap(), 3).unwrap();
    for entry in entries {
        let mut header = tar::Header::new_ustar();
        header.set_size(entry.body.len() as u64);
        header.set_mode(0o600);
        header.set_entry_type(entry.kind);
        // The crate refuses to write such names; an attacker does not.
        header.as_old_mut().name[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
        if let Some(link) = entry.link {
            header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
        }
        header.set_cksum();
        out.write_all(header.as_bytes()).unwrap();
        out.write_all(&entry.body).unwrap();
        out.write_all(&vec![0; (512 - entry.body.len() % 512) % 512]).unwrap();
    }
    out.write_all(&[0; 1024]).unwrap();
    out.finish().unwrap();
    path
}

fn refused(archive: &Path, word: &str) {
    let ended = kuberlock(&["scan", "--snapshot", archive.to_str().unwrap()]);
    assert_eq!(ended.code, 2, "{}: {}", archive.display(), ended.err);
    assert!(ended.err.contains(word), "{}: {}", archive.display(), ended.err);
}

#[test]
fn archives_that_reach_out_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = || Entry::file("manifest.json", MANIFEST);
    let evil = |name: &'static str, kind, link| Entry { name, kind, link, body: Vec::new() };
    let cases = [
        ("up.tar.zst", Entry::file("objects/../../evil.jsonl", b"{}"), "`"),
        ("absolute.tar.zst", Entry::file("/etc/evil", b"{}"), "`"),
        (
            "link.tar.zst",
            evil("nodes/a/files.jsonl", tar::EntryType::Symlink, Some("/etc/shadow")),
            "link",
        ),
        (
            "hard.tar.zst",
            evil("nodes/a/files.jsonl", tar::EntryType::Link, Some("/etc/shadow")),
            "link",
        ),
        ("device.tar.zst", evil("nodes/a/files.jsonl", tar::EntryType::Char, None), "device"),
        ("fifo.tar.zst", evil("nodes/a/files.jsonl", tar::EntryType::Fifo, None), "FIFO"),
    ];
    for (name, entry, word) in cases {
        refused(&archive(folder.path(), name, &[manifest(), entry]), word);
    }
    assert!(!folder.path().parent().unwrap().join("evil.jsonl").exists());
}

#[test]
fn a_bomb_is_stopped_at_the_bound() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.tar.zst");
    let mut out = zstd::Encoder::new(File::create(&path).unwrap(), 1).unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_path("objects/pods.jsonl").unwrap();
    header.set_size(6 << 30);
    header.set_mode(0o600);
    header.set_cksum();
    out.write_all(header.as_bytes()).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..(6 << 10) {
        out.write_all(&zeros).unwrap();
    }
    out.finish().unwrap();
    let ended = kuberlock(&["scan", "--snapshot", path.to_str().unwrap()]);
    assert_ne!(ended.code, 0, "{}", ended.out);
    assert!(ended.err.contains(" bytes") || ended.err.contains("times"), "{}", ended.err);
}

#[test]
fn archives_that_are_torn_or_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let whole = archive(
        folder.path(),
        "whole.tar.zst",
        &[
            Entry::file("manifest.json", MANIFEST),
            Entry::file("objects/pods.jsonl", &vec![b'\n'; 100_000]),
        ],
    );
    let bytes = fs::read(&whole).unwrap();
    let torn = folder.path().join("torn.tar.zst");
    fs::write(&torn, &bytes[..bytes.len() / 2]).unwrap();
    let noise = folder.path().join("noise.tar.zst");
    fs::write(&noise, b"this is no archive").unwrap();
    for path in [torn, noise] {
        let ended = kuberlock(&["scan", "--snapshot", path.to_str().unwrap()]);
        assert_eq!(ended.code, 2, "{}", ended.err);
    }
}

/// Scans a folder of manifests; gives what JSON says could not be read.
fn unread(folder: &Path) -> (i32, Vec<String>) {
    let ended =
        kuberlock(&["scan", "-f", folder.to_str().unwrap(), "-o", "json", "--require-complete"]);
    let scan: serde_json::Value =
        serde_json::from_str(&ended.out).unwrap_or_else(|e| panic!("{e}: {}", ended.err));
    let unread = scan["coverage"]["unread"].as_array().unwrap();
    (ended.code, unread.iter().map(ToString::to_string).collect())
}

const GOOD: &str = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n";

#[test]
fn yaml_that_unfolds_or_nests_without_end_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut bomb = String::from(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: bomb }\na0: &a0 [x,x,x,x,x,x,x,x,x]\n",
    );
    for level in 1..12 {
        let before = level - 1;
        bomb.push_str(&format!(
            "a{level}: &a{level} [{}]\n",
            vec![format!("*a{before}"); 9].join(",")
        ));
    }
    fs::write(folder.path().join("bomb.yaml"), bomb).unwrap();
    let deep =
        format!("apiVersion: v1\nkind: X\na: {}1{}\n", "[".repeat(100_000), "]".repeat(100_000));
    fs::write(folder.path().join("deep.yaml"), deep).unwrap();
    let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    fs::write(folder.path().join("deep.json"), deep).unwrap();
    fs::write(folder.path().join("good.yaml"), GOOD).unwrap();
    let (code, unread) = unread(folder.path());
    assert_eq!(code, 3);
    for name in ["bomb.yaml", "deep.yaml", "deep.json"] {
        assert!(unread.iter().any(|said| said.contains(name)), "{name}: {unread:?}");
    }
    assert!(!unread.iter().any(|said| said.contains("good.yaml")), "{unread:?}");
}

#[test]
fn what_is_no_plain_file_never_blocks() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("good.yaml"), GOOD).unwrap();
    let fifo = folder.path().join("pipe.yaml");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let huge = File::create(folder.path().join("huge.yaml")).unwrap();
    huge.set_len(1 << 30).unwrap();
    let mut bad = GOOD.as_bytes().to_vec();
    bad.extend(b"# \xff\xfe\xfd\n---\nname: \xc3\x28\n");
    fs::write(folder.path().join("bad-utf8.yaml"), bad).unwrap();
    let (code, unread) = unread(folder.path());
    assert_eq!(code, 3);
    for name in ["pipe.yaml", "huge.yaml", "bad-utf8.yaml"] {
        assert!(unread.iter().any(|said| said.contains(name)), "{name}: {unread:?}");
    }
}

#[test]
fn a_node_with_traps_is_scanned() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let manifests = root.join("etc/kubernetes/manifests");
    fs::create_dir_all(&manifests).unwrap();
    assert!(Command::new("mkfifo").arg(manifests.join("trap.yaml")).status().unwrap().success());
    File::create(manifests.join("huge.yaml")).unwrap().set_len(1 << 30).unwrap();
    std::os::unix::fs::symlink("/etc/shadow", root.join("etc/kubernetes/admin.conf")).unwrap();
    std::os::unix::fs::symlink("../../../../../../etc", root.join("etc/cni")).unwrap();
    fs::write(root.join("etc/hostname"), [0xff, 0xfe, b'\n']).unwrap();
    let ended = kuberlock(&[
        "scan",
        "node",
        "--root",
        root.to_str().unwrap(),
        "-o",
        "json",
        "--fail-on",
        "none",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.contains("huge.yaml"), "{}", ended.out);
    assert!(!ended.out.contains("root:x:") && !ended.out.contains("root:*"), "{}", ended.out);
}
