//! Any bytes as the inside of a compressed archive, or as the archive itself.
#![no_main]

use kuberlock_model::Cluster;
use kuberlock_source::{convert::Converter, snapshot};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let path = folder.path().join("input.tar.zst");
    let bytes = if first.is_multiple_of(8) { rest.to_vec() } else { zstd::encode_all(rest, 1).unwrap() };
    std::fs::write(&path, bytes).unwrap();
    let mut cluster = Cluster::default();
    let mut converter = Converter::default();
    let read = snapshot::read(&path, &mut |records| {
        converter.push(records, &mut |change| cluster.apply(change));
    });
    converter.finish(&mut |change| cluster.apply(change));
    // A refusal is an answer; a panic is not.
    drop(read);
});
