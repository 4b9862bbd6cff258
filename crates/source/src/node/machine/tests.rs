use std::os::unix::fs::symlink;

use super::*;

fn tree() -> (tempfile::TempDir, Machine) {
    let dir = tempfile::tempdir().unwrap();
    let etc = dir.path().join("etc");
    std::fs::create_dir_all(etc.join("kubernetes/manifests")).unwrap();
    std::fs::write(etc.join("passwd"), "root:x:0:0::/:/bin/sh\netcd:x:52034:1::/:/bin/false\n")
        .unwrap();
    std::fs::write(etc.join("kubernetes/admin.conf"), "a\n").unwrap();
    std::fs::write(
        etc.join("kubernetes/manifests/etcd.yaml"),
        "kind: Pod\nspec: {containers: [{command: [etcd, --data-dir=/var/lib/etcd]}]}\n",
    )
    .unwrap();
    symlink("/etc/kubernetes/admin.conf", etc.join("link")).unwrap();
    symlink("/../../../outside", etc.join("out")).unwrap();
    let machine = Machine::open(dir.path()).unwrap();
    (dir, machine)
}

#[test]
fn paths_answer_as_system_calls_do() {
    let (_dir, machine) = tree();
    assert!(machine.stat("/etc/kubernetes/", true).is_ok());
    assert_eq!(machine.stat("/etc/passwd/", true), Err(Refused::NotDirectory));
    assert_eq!(machine.stat("/etc/passwd/x", true), Err(Refused::NotDirectory));
    assert_eq!(machine.stat("", true), Err(Refused::Absent));
    assert_eq!(machine.stat("/nothing", true), Err(Refused::Absent));
    assert_eq!(machine.read("/etc"), Err(Refused::Directory));
    assert_eq!(machine.read("/etc/link").unwrap(), b"a\n");
    assert_eq!(machine.link("/etc/link").unwrap(), "/etc/kubernetes/admin.conf");
    let link = machine.stat("/etc/link", false).unwrap();
    assert_eq!(link.mode & 0o170_000, 0o120_000);
    assert_eq!(machine.stat("/etc/out", true), Err(Refused::Absent));
    assert_eq!(machine.list("/etc/kubernetes").unwrap().len(), 2);
}

#[test]
fn a_tree_of_files_tells_what_it_would_start() {
    let (_dir, machine) = tree();
    assert!(!machine.runs());
    let [etcd] = machine.processes() else { panic!("{:?}", machine.processes()) };
    assert_eq!((etcd.comm.as_str(), etcd.args.len()), ("etcd", 2));
    assert_eq!(machine.user(52034), Some("etcd"));
    assert_eq!(machine.user(7), None);
}
