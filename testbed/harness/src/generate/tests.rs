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

#[test]
fn a_network_is_as_big_as_asked_for_and_the_same_each_time() {
    let size =
        NetworkSize { pods: 500, namespaces: 50, policies: 100, seed: 1, is_adversarial: false };
    let objects = |size: NetworkSize| {
        let mut objects: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        network_objects(size, &mut |file, object| {
            objects.entry(file).or_default().push(object.to_string());
        });
        objects
    };
    let first = objects(size);
    assert_eq!(first, objects(size));
    assert_ne!(first, objects(NetworkSize { seed: 2, ..size }));
    assert_eq!(first["pods.jsonl"].len(), 500);
    assert_eq!(first["namespaces.jsonl"].len(), 50);
    assert_eq!(first["networkpolicies.networking.k8s.io.jsonl"].len(), 100);
    let adversarial = objects(NetworkSize { is_adversarial: true, ..size });
    let policies = adversarial["networkpolicies.networking.k8s.io.jsonl"].concat();
    assert!((0..500).all(|number| policies.contains(&format!(r#""instance":"{number}""#))));
}
