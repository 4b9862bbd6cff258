use std::collections::BTreeMap;

use super::*;

fn written(size: Size) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    snapshot(size, folder.path()).unwrap();
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.path().to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder.path()).unwrap().display().to_string();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn the_same_seed_makes_the_same_bytes() {
    let size = Size { pods: 450, nodes: 40, seed: 7 };
    let first = written(size);
    assert_eq!(first, written(size));
    assert_ne!(first, written(Size { seed: 8, ..size }));
    let lines = |name: &str| first[name].split(|byte| *byte == b'\n').count() - 1;
    assert_eq!(lines("objects/nodes.jsonl"), 40);
    assert!(lines("objects/pods.jsonl") > 450);
    assert!(first.contains_key("nodes/node-00036/files.jsonl"));
}

#[test]
fn some_nodes_are_lax_and_most_are_not() {
    let size = Size { pods: 0, nodes: 0, seed: 1 };
    let lax = (0..10_000).filter(|number| size.is_one_of(10, "anonymous", *number)).count();
    assert!((850..1150).contains(&lax), "{lax}");
}
