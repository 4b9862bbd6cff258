//! The manifest folder, watched as the kubelet watches it (`pkg/kubelet/config/file.go`).
//!
//! Two ways of looking work on one store, keyed by namespace and name of the pod:
//! - *notice*: what inotify tells. A file that is new or changed puts its pod into the store,
//!   over a pod of the same name from another file; one that does not parse changes nothing yet;
//!   a file that goes takes its pod along, even if another file describes it too.
//! - *list*: every so often the whole folder, in sorted order, replaces the store; so of two
//!   files for one pod the last one wins, and the pod of a file that does not parse goes.
//!
//! Names that begin with a dot are passed over; no other name is, whatever its end.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::manifest::{self, StaticPod};
use crate::layout::inside;

/// Larger manifests are not read to their end by the kubelet either.
const MOST_BYTES: u64 = 10 << 20;

/// What tells one state of a file from another: inode, size, and time of the last change.
type Stamp = (u64, u64, i64, i64, i64, i64);

#[derive(Debug)]
pub(crate) struct Folder {
    /// The node's root, outside.
    root: PathBuf,
    /// The folder as the kubelet's configuration names it.
    path: PathBuf,
    node: String,
    store: BTreeMap<String, StaticPod>,
    /// Which pod a file held when it was last read.
    files: BTreeMap<String, String>,
    stamps: BTreeMap<String, Stamp>,
    /// An empty folder is told at once, but leaves the store as it was.
    empty: bool,
    /// What a kubelet would log, until it is taken.
    log: Vec<String>,
}

impl Folder {
    pub(crate) fn new(root: &Path, path: &Path, node: &str) -> Self {
        Self {
            root: root.to_owned(),
            path: path.to_owned(),
            node: node.to_owned(),
            store: BTreeMap::new(),
            files: BTreeMap::new(),
            stamps: BTreeMap::new(),
            empty: true,
            log: Vec::new(),
        }
    }

    /// The pods that should run.
    pub(crate) fn pods(&self) -> impl Iterator<Item = &StaticPod> {
        self.store.values().filter(|_| !self.empty)
    }

    pub(crate) fn take_log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    /// Looks at the whole folder.
    pub(crate) fn list(&mut self) {
        self.stamps = self.look();
        let names: Vec<String> = self.stamps.keys().cloned().collect();
        let pods: Vec<StaticPod> = names
            .iter()
            .filter_map(|name| self.read(name).map_err(|why| self.log.push(why)).ok())
            .collect();
        self.empty = pods.is_empty();
        if !self.empty {
            self.store = pods.into_iter().map(|pod| (pod.key(), pod)).collect();
        }
    }

    /// Looks for what has changed since the last look.
    pub(crate) fn notice(&mut self) {
        let now = self.look();
        let before = std::mem::replace(&mut self.stamps, now);
        let gone: Vec<String> =
            before.keys().filter(|name| !self.stamps.contains_key(*name)).cloned().collect();
        for name in gone {
            if let Some(key) = self.files.remove(&name) {
                self.store.remove(&key);
            }
        }
        let changed: Vec<String> = self
            .stamps
            .iter()
            .filter(|(name, stamp)| before.get(*name) != Some(stamp))
            .map(|(name, _)| name.clone())
            .collect();
        for name in changed {
            match self.read(&name) {
                Ok(pod) => {
                    self.store.insert(pod.key(), pod);
                    self.empty = false;
                }
                Err(why) => self.log.push(why),
            }
        }
    }

    fn look(&self) -> BTreeMap<String, Stamp> {
        let Ok(entries) = fs::read_dir(inside(&self.root, &self.path)) else {
            return BTreeMap::new();
        };
        entries.flatten().filter_map(|entry| stamp(&entry)).collect()
    }

    fn read(&mut self, name: &str) -> Result<StaticPod, String> {
        let path = self.path.join(name);
        let failed =
            |why: String| format!("could not process manifest file `{}`: {why}", path.display());
        let file = inside(&self.root, &path);
        let length = fs::metadata(&file).map_err(|why| failed(why.to_string()))?.len();
        if length > MOST_BYTES {
            return Err(failed(format!("it has more than {MOST_BYTES} bytes")));
        }
        let text = fs::read_to_string(&file).map_err(|why| failed(why.to_string()))?;
        let pod = manifest::read(&text, &path, &self.node).map_err(failed)?;
        self.files.insert(name.to_owned(), pod.key());
        Ok(pod)
    }
}

fn stamp(entry: &fs::DirEntry) -> Option<(String, Stamp)> {
    let name = entry.file_name().into_string().ok()?;
    // Links are followed; folders, pipes and devices are not manifests.
    let file = fs::metadata(entry.path()).ok()?;
    if name.starts_with('.') || !file.is_file() {
        return None;
    }
    let changed = (file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec());
    Some((name, (file.ino(), file.size(), changed.0, changed.1, changed.2, changed.3)))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Try {
        dir: tempfile::TempDir,
        folder: Folder,
    }

    impl Try {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir(dir.path().join("m")).unwrap();
            let folder = Folder::new(dir.path(), Path::new("/m"), "cp-1");
            Self { dir, folder }
        }

        fn write(&self, name: &str, pod: &str, image: &str) {
            let text = format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: {pod}}}\n\
                 spec: {{containers: [{{name: a, image: {image}}}]}}\n"
            );
            fs::write(self.dir.path().join("m").join(name), text).unwrap();
        }

        fn remove(&self, name: &str) {
            fs::remove_file(self.dir.path().join("m").join(name)).unwrap();
        }

        fn images(&self) -> Vec<&str> {
            self.folder.pods().map(|pod| pod.spec.containers[0].image.as_str()).collect()
        }
    }

    #[test]
    fn of_two_files_for_one_pod_the_last_in_order_wins_when_listed() {
        let mut folder = Try::new();
        folder.write("web.yaml", "web", "new");
        folder.write("web.yaml.bak", "web", "old");
        folder.folder.list();
        assert_eq!(folder.images(), ["old"]);
    }

    #[test]
    fn a_change_wins_until_the_next_listing() {
        let mut folder = Try::new();
        folder.write("web.yaml.bak", "web", "old");
        folder.folder.list();
        folder.write("web.yaml", "web", "new");
        folder.folder.notice();
        assert_eq!(folder.images(), ["new"]);
        folder.folder.list();
        assert_eq!(folder.images(), ["old"]);
    }

    #[test]
    fn a_file_that_goes_takes_the_pod_along_until_the_next_listing() {
        let mut folder = Try::new();
        folder.write("web.yaml", "web", "new");
        folder.write("web.yaml.bak", "web", "old");
        folder.folder.list();
        folder.remove("web.yaml.bak");
        folder.folder.notice();
        assert!(folder.images().is_empty());
        folder.folder.list();
        assert_eq!(folder.images(), ["new"]);
    }

    #[test]
    fn a_broken_file_keeps_its_pod_until_the_next_listing() {
        let mut folder = Try::new();
        folder.write("db.yaml", "db", "db");
        folder.write("web.yaml", "web", "new");
        folder.folder.list();
        fs::write(folder.dir.path().join("m/web.yaml"), "spec: [").unwrap();
        folder.folder.notice();
        assert_eq!(folder.images(), ["db", "new"]);
        folder.folder.list();
        assert_eq!(folder.images(), ["db"]);
        assert!(folder.folder.take_log().iter().any(|line| line.contains("web.yaml")));
    }

    #[test]
    fn dot_files_do_not_count() {
        let mut folder = Try::new();
        folder.write(".web.yaml", "web", "hidden");
        folder.folder.list();
        assert!(folder.images().is_empty());
    }
}
