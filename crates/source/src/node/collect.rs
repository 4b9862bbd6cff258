//! The files of a node, gathered into records.
//!
//! Enters: paths of the node. Leaves: a record of each, by its path without links; a link is a
//! record of its own. Always holds: content is redacted before it leaves; counts, depth and sizes
//! are bounded; nothing below `/proc`, `/sys` and `/dev` is a file of the node.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use kuberlock_model::certificate::Certificate;
use kuberlock_model::host::{File, FileType};
use rayon::prelude::*;
use rustix::fd::OwnedFd;
use rustix::fs::Stat;
use rustix::io::Errno;

use super::certificate;
use super::root::{self, Link, Root};
use super::table::{
    self, Content, DEEP, MOST_BYTES, MOST_BYTES_TOGETHER, MOST_CERTIFICATES, MOST_FILES,
};
use crate::redact;

/// What is gathered so far.
#[derive(Debug)]
pub(super) struct Collector<'r> {
    root: &'r Root,
    users: BTreeMap<u32, String>,
    groups: BTreeMap<u32, String>,
    files: BTreeMap<String, File>,
    listed: BTreeSet<String>,
    bytes: u64,
    /// Paths that this user may not read.
    denied: BTreeSet<String>,
    /// Which bound was met, and where.
    bound: Option<String>,
}

/// How a folder is gone through.
#[derive(Clone, Copy, Debug)]
struct Walk {
    /// Directories still to go down.
    depth: usize,
    /// Whether all of it was wanted, so that an end for depth is a gap.
    whole: bool,
    /// What is taken; none is what the table says of each path.
    content: Option<Content>,
}

impl Walk {
    fn new(depth: usize, content: Option<Content>) -> Self {
        Self { depth, whole: depth >= DEEP, content }
    }
}

/// Everything that was gathered.
#[derive(Debug)]
pub(super) struct Collected {
    pub(super) files: BTreeMap<String, File>,
    pub(super) certificates: Vec<Certificate>,
    pub(super) denied: BTreeSet<String>,
    pub(super) bound: Option<String>,
}

impl<'r> Collector<'r> {
    pub(super) fn new(root: &'r Root) -> Self {
        Self {
            root,
            users: ids(root, "/etc/passwd"),
            groups: ids(root, "/etc/group"),
            files: BTreeMap::new(),
            listed: BTreeSet::new(),
            bytes: 0,
            denied: BTreeSet::new(),
            bound: None,
        }
    }

    /// What is gathered so far, its content as it was read: only to find further files by.
    pub(super) fn files(&self) -> &BTreeMap<String, File> {
        &self.files
    }

    /// Ends the gathering: nothing leaves but what is redacted.
    pub(super) fn finish(mut self) -> Collected {
        // Told before they are redacted with everything else.
        let texts = self.files.par_iter().filter_map(|(path, file)| {
            let text = file.content.as_deref()?;
            Some(certificate::of_file(path, text))
        });
        let mut certificates: Vec<Certificate> = texts.flatten_iter().collect();
        if certificates.len() > MOST_CERTIFICATES {
            certificates.truncate(MOST_CERTIFICATES);
            self.bound = Some(format!("more than {MOST_CERTIFICATES} certificates"));
        }
        self.files.par_iter_mut().for_each(|(path, file)| {
            file.content = file.content.take().map(|text| redact::text(path, &text));
        });
        Collected { files: self.files, certificates, denied: self.denied, bound: self.bound }
    }

    /// Looks at `path`, and below it `depth` directories deep.
    pub(super) fn take(&mut self, path: &str, depth: usize, content: Content) {
        let Some((path, parent, stat)) = self.find(path) else { return };
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        if root::file_type(&stat) == FileType::Directory {
            self.keep(&path, &parent, &name, &stat, false);
            if depth > 0 {
                self.list(&path, Walk::new(depth, Some(content)));
            }
        } else {
            self.keep(&path, &parent, &name, &stat, content != Content::Nothing);
        }
    }

    /// Looks at every path of the table.
    pub(super) fn take_table(&mut self) {
        for wanted in table::WANTED {
            let Some((path, parent, stat)) = self.find(wanted.path) else { continue };
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            let directory = root::file_type(&stat) == FileType::Directory;
            self.keep(
                &path,
                &parent,
                &name,
                &stat,
                !directory && wanted.content != Content::Nothing,
            );
            if directory && wanted.depth > 0 {
                // Behind a link the table knows no paths: what holds for the link holds there.
                let content = (path != wanted.path).then_some(wanted.content);
                self.list(&path, Walk::new(wanted.depth, content));
            }
        }
    }

    /// The directory at `path`: its path without links, and the names in it.
    pub(super) fn names(&mut self, path: &str) -> (String, Vec<String>) {
        let Some((path, ..)) = self.find(path) else { return Default::default() };
        match self.root.directory(&path).and_then(|fd| root::names(fd, MOST_FILES)) {
            Ok((names, _)) => (path, names),
            Err(error) => {
                self.failed(&path, error);
                Default::default()
            }
        }
    }

    /// Where `path` leads, keeping a record of every link on the way.
    fn find(&mut self, path: &str) -> Option<(String, OwnedFd, Stat)> {
        let mut links = Vec::new();
        let found = self.root.find(path, &mut |link| links.push(link));
        for link in links {
            self.keep_link(link);
        }
        match found {
            Ok(place) if is_foreign(&place.path) => None,
            Ok(place) => {
                self.keep_ancestors(&place.path);
                Some((place.path, place.parent, place.stat))
            }
            Err(error) => {
                self.failed(path, error);
                None
            }
        }
    }

    /// Looks at each entry of the directory at `path`, which holds no link.
    fn list(&mut self, path: &str, walk: Walk) {
        if !self.listed.insert(path.to_owned()) {
            return;
        }
        let opened = self.root.directory(path);
        let left = MOST_FILES.saturating_sub(self.files.len());
        let listed = opened.and_then(|fd| root::names(&fd, left).map(|names| (fd, names)));
        let (fd, (names, more)) = match listed {
            Ok(listed) => listed,
            Err(error) => return self.failed(path, error),
        };
        if more {
            self.bound = Some(format!("more than {MOST_FILES} files, met in `{path}`"));
        }
        for name in names {
            let entry = format!("{}/{name}", path.trim_end_matches('/'));
            match root::stat(&fd, &name) {
                Ok(stat) => self.entry(&entry, &fd, &stat, walk),
                Err(error) => self.failed(&entry, error),
            }
        }
    }

    fn entry(&mut self, path: &str, parent: &OwnedFd, stat: &Stat, walk: Walk) {
        let name = path.rsplit('/').next().unwrap_or_default();
        let rule = walk.content.unwrap_or_else(|| table::content_at(path));
        match root::file_type(stat) {
            FileType::Link => {
                if let Ok(target) = root::target(parent, name) {
                    self.keep_link(Link { path: path.to_owned(), target, stat: *stat });
                }
                // A folder behind a link is another folder: the kubelet, too, lists only its own.
                let wanted = if rule.takes(name) { Content::All } else { Content::Nothing };
                self.take(path, 0, wanted);
            }
            FileType::Directory => {
                self.keep(path, parent, name, stat, false);
                if walk.depth > 1 {
                    self.list(path, Walk { depth: walk.depth - 1, ..walk });
                } else if walk.whole {
                    self.bound = Some(format!("folders more than {DEEP} deep, met at `{path}`"));
                }
            }
            FileType::File | FileType::Special => {
                self.keep(path, parent, name, stat, rule.takes(name));
            }
        }
    }

    fn keep_link(&mut self, link: Link) {
        let mut file = self.record(&link.path, &link.stat);
        file.target = Some(link.target);
        self.files.entry(link.path).or_insert(file);
    }

    fn keep_ancestors(&mut self, path: &str) {
        for (at, _) in path.match_indices('/').skip(1) {
            let Some(ancestor) = path.get(..at) else { continue };
            if self.files.contains_key(ancestor) {
                continue;
            }
            if let Ok(place) = self.root.find(ancestor, &mut |_| {}) {
                let file = self.record(&place.path, &place.stat);
                self.files.entry(place.path).or_insert(file);
            }
        }
    }

    fn keep(&mut self, path: &str, parent: &OwnedFd, name: &str, stat: &Stat, read: bool) {
        let read = read && !table::is_credential(path);
        let held = self.files.get(path);
        if held.is_some_and(|f| !read || f.content.is_some() || f.unread.is_some()) {
            return;
        }
        if held.is_none() && self.files.len() >= MOST_FILES {
            self.bound = Some(format!("more than {MOST_FILES} files, met at `{path}`"));
            return;
        }
        let mut file = self.record(path, stat);
        if read {
            match self.content(path, parent, name, &file) {
                Ok(content) => file.content = content,
                Err(reason) => file.unread = Some(reason),
            }
        }
        self.files.insert(path.to_owned(), file);
    }

    fn record(&self, path: &str, stat: &Stat) -> File {
        File {
            path: path.to_owned(),
            file_type: root::file_type(stat),
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            user: self.users.get(&stat.st_uid).cloned(),
            group: self.groups.get(&stat.st_gid).cloned(),
            size: u64::try_from(stat.st_size).unwrap_or(0),
            target: None,
            content: None,
            unread: None,
        }
    }

    fn content(
        &mut self,
        path: &str,
        parent: &OwnedFd,
        name: &str,
        file: &File,
    ) -> Result<Option<String>, String> {
        if file.file_type == FileType::Special {
            return Err("it is a FIFO, socket or device, which is never opened".to_owned());
        }
        if file.size > MOST_BYTES {
            return Err(too_large(file.size));
        }
        if self.bytes >= MOST_BYTES_TOGETHER {
            let most = MOST_BYTES_TOGETHER >> 20;
            self.bound = Some(format!("more than {most} MiB of configuration, met at `{path}`"));
            return Err(format!("the node's files hold more than {most} MiB together"));
        }
        let bytes =
            root::read(parent, name, MOST_BYTES).map_err(|error| self.unread(path, &error))?;
        let length = bytes.len() as u64;
        if length > MOST_BYTES {
            return Err(too_large(length));
        }
        self.bytes += length;
        let text = String::from_utf8(bytes).map_err(|error| {
            format!("it is not UTF-8 from byte {} on", error.utf8_error().valid_up_to())
        })?;
        // A certificate's file may hold its key too, and is then no configuration but a credential.
        let key = text.contains("PRIVATE KEY-----") && !table::CONFIGURATION.takes(name);
        Ok((!key).then_some(text))
    }

    fn unread(&mut self, path: &str, error: &io::Error) -> String {
        if error.kind() == io::ErrorKind::PermissionDenied {
            self.denied.insert(path.to_owned());
            return "this user may not read it".to_owned();
        }
        error.to_string()
    }

    fn failed(&mut self, path: &str, error: Errno) {
        match error {
            Errno::ACCESS | Errno::PERM => {
                self.denied.insert(path.to_owned());
            }
            // What is not there is not missing: no node has every path of the table.
            _ => {}
        }
    }
}

fn too_large(size: u64) -> String {
    format!("it has {size} bytes, more than the {} MiB that are read of a file", MOST_BYTES >> 20)
}

/// Whether `path` belongs to the kernel, not to the node's files.
fn is_foreign(path: &str) -> bool {
    ["/proc", "/sys", "/dev"].iter().any(|folder| {
        path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Names by id of `/etc/passwd` or `/etc/group`; where an id has several, the first.
fn ids(root: &Root, path: &str) -> BTreeMap<u32, String> {
    let mut names = BTreeMap::new();
    let Ok(place) = root.find(path, &mut |_| {}) else { return names };
    let name = place.path.rsplit('/').next().unwrap_or_default();
    let Ok(bytes) = root::read(&place.parent, name, MOST_BYTES) else { return names };
    for line in String::from_utf8_lossy(&bytes).lines() {
        let mut fields = line.split(':');
        if let (Some(name), Some(id)) =
            (fields.next(), fields.nth(1).and_then(|id| id.parse().ok()))
        {
            names.entry(id).or_insert_with(|| name.to_owned());
        }
    }
    names
}
