//! Writes a snapshot.
//!
//! Enters: records in any order. Leaves: a folder or an archive. Always holds: memory grows by a
//! few words an object, not by its text; of an object or fact told twice the last counts, as it
//! does in a cluster; a target that is not empty is replaced only when told, and only if it is a
//! snapshot.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use kuberlock_model::coverage::{Notice, Reading, Unread};
use kuberlock_model::{Change, Cluster, Coverage, Kind, Origin, Release};
use serde::Serialize;
use serde_json::Value;

use super::entry::{Entry, NodePart};
use super::manifest::{ClusterName, Manifest, Seen};
use super::output::{Output, append, archive, beside};
use super::spool::{Span, Spool};
use super::text;
use crate::node::is_node_name;
use crate::{Error, HostRecord, Record, convert};

/// What a snapshot tells of itself.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The program and its version: `kuberlock 0.1.0`.
    pub tool: String,
    /// Where the facts come from, in the user's words: `context prod`, `node root /`.
    pub source: String,
    /// When they were collected (RFC 3339); none makes a snapshot that depends on nothing else.
    pub collected: Option<String>,
}

/// A snapshot being written.
#[derive(Debug)]
pub struct Writer {
    target: PathBuf,
    about: About,
    spool: Spool,
    /// The lines of each entry, in the order in which they are written.
    entries: BTreeMap<String, BTreeMap<LineKey, Span>>,
    /// Holds no object: only what was and was not seen.
    seen: Cluster,
    release: Option<Release>,
    cluster: ClusterName,
    lines: u64,
}

/// Namespace and name, or whatever else orders an entry; and the number of the line, where
/// nothing else tells it from others.
type LineKey = (String, String, u64);

impl Writer {
    /// Begins a snapshot that will be at `target`: an archive if that ends in `.tar.zst`, else a
    /// folder. What is already there is replaced only where `overwrite` says so.
    pub fn create(target: &Path, about: About, overwrite: bool) -> Result<Self, Error> {
        check_target(target, overwrite)?;
        Self::beside(target, beside(target), about)
    }

    /// Begins a snapshot that will go to a stream, by [`Writer::finish_as_text`]. Until then it is put
    /// aside in the folder for temporary files.
    pub fn aside(about: About) -> Result<Self, Error> {
        Self::beside(Path::new("standard output"), &std::env::temp_dir(), about)
    }

    fn beside(target: &Path, folder: &Path, about: About) -> Result<Self, Error> {
        let spool = Spool::create(folder).map_err(write_error(folder))?;
        Ok(Self {
            target: target.to_owned(),
            about,
            spool,
            entries: BTreeMap::new(),
            seen: Cluster::default(),
            release: None,
            cluster: ClusterName::default(),
            lines: 0,
        })
    }

    /// Takes records in.
    pub fn write(&mut self, records: &[Record]) -> Result<(), Error> {
        records.iter().try_for_each(|record| self.record(record))
    }

    fn record(&mut self, record: &Record) -> Result<(), Error> {
        match record {
            Record::Object { object, origin } => return self.object(object, origin),
            Record::Host { node, record } => return self.host(node, record),
            Record::Name(name) => self.cluster.name = Some(name.clone()),
            Record::Collected(at) => {
                self.about.collected.get_or_insert_with(|| at.to_string());
            }
            Record::Release(release) => self.release = Some(release.clone()),
            Record::Reading(reading) => self.seen.apply(Change::Reading(reading.clone())),
        }
        Ok(())
    }

    fn object(&mut self, object: &Value, origin: &Origin) -> Result<(), Error> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or("");
        let (api_version, name) = (text("/apiVersion"), text("/kind"));
        let Some(kind) = convert::kind_of(api_version, name) else {
            if api_version.is_empty() || name.is_empty() {
                let reason = "an object without `apiVersion` and `kind`".to_owned();
                let unread = Unread::new(origin.clone(), reason);
                self.seen.apply(Change::Reading(Reading::Unread(unread)));
                return Ok(());
            }
            let notice = Notice::UnknownKind { kind: format!("{api_version} {name}") };
            self.seen.apply(Change::Reading(Reading::Notice(notice, origin.clone())));
            return Ok(());
        };
        let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
        if kind == Kind::Namespace && name == "kube-system" {
            self.cluster.uid = Some(text("/metadata/uid").to_owned()).filter(|u| !u.is_empty());
        }
        // Objects whose names the server would make are told apart by nothing.
        let number = if name.is_empty() { self.lines } else { 0 };
        let key = (namespace.to_owned(), name.to_owned(), number);
        self.line(&Entry::Objects(kind), key, object)
    }

    fn host(&mut self, node: &str, record: &HostRecord) -> Result<(), Error> {
        if !is_node_name(node) {
            let shown: String = node.chars().take(80).collect();
            let reason = format!("cannot hold a node named `{shown}`");
            return Err(Error::Unusable { path: self.target.clone(), reason });
        }
        let entry = |part| Entry::Node(node.to_owned(), part);
        let named = |name: &str| (name.to_owned(), String::new(), 0);
        let numbered = (String::new(), String::new(), self.lines);
        match record {
            HostRecord::File(file) => self.line(&entry(NodePart::Files), named(&file.path), file),
            HostRecord::Process(process) => {
                self.line(&entry(NodePart::Processes), numbered, process)
            }
            HostRecord::Sysctl(sysctl) => {
                self.line(&entry(NodePart::Sysctls), named(&sysctl.name), sysctl)
            }
            HostRecord::Version(version) => {
                self.line(&entry(NodePart::Versions), numbered, version)
            }
            HostRecord::Certificate(certificate) => {
                self.line(&entry(NodePart::Certificates), numbered, certificate)
            }
            HostRecord::System(fact) => self.line(&entry(NodePart::System), numbered, fact),
            HostRecord::Configz(value) => self.line(&entry(NodePart::Configz), named(""), value),
        }
    }

    fn line(&mut self, entry: &Entry, key: LineKey, value: &impl Serialize) -> Result<(), Error> {
        let mut line = serde_json::to_vec(value)
            .map_err(|error| write_error(&self.target)(io::Error::other(error)))?;
        line.push(b'\n');
        let span = self.spool.put(&line).map_err(write_error(&self.target))?;
        self.entries.entry(entry.path()).or_default().insert(key, span);
        self.lines += 1;
        Ok(())
    }

    /// What was seen and what was not, by the records so far.
    pub fn coverage(&self) -> &Coverage {
        self.seen.coverage()
    }

    /// Writes the snapshot. Without this call nothing is left at its target.
    pub fn finish(mut self) -> Result<(), Error> {
        let target = self.target.clone();
        self.write_out().map_err(write_error(&target))
    }

    /// Writes the snapshot to `out` as text, which passes where bytes do not. What is too large for
    /// that is refused before anything is written.
    pub fn finish_as_text(mut self, out: impl Write) -> Result<(), Error> {
        let size: u64 = self.entries.values().flat_map(BTreeMap::values).map(|s| s.length()).sum();
        if size > text::MOST_EXPANDED {
            let (most, mib) = (text::MOST_EXPANDED >> 20, size >> 20);
            let reason = format!("takes a snapshot of at most {most} MiB, and this one has {mib}");
            return Err(Error::Unusable { path: self.target, reason });
        }
        let target = self.target.clone();
        let written = text::write(out, |bytes| {
            let mut archive = archive(bytes)?;
            self.put_all(&mut |path, size, content| append(&mut archive, path, size, content))?;
            archive.into_inner()?.finish().map(drop)
        });
        written.map_err(write_error(&target))
    }

    fn write_out(&mut self) -> io::Result<()> {
        let mut output = Output::create(&self.target)?;
        self.put_all(&mut |path, size, content| output.put(path, size, content))?;
        output.finish()
    }

    /// Gives every entry to `put`: its path, its size, its bytes.
    fn put_all(
        &mut self,
        put: &mut dyn FnMut(&str, u64, &mut dyn Read) -> io::Result<()>,
    ) -> io::Result<()> {
        self.spool.flush()?;
        let mut manifest = serde_json::to_vec_pretty(&self.manifest()).map_err(io::Error::other)?;
        manifest.push(b'\n');
        put(&Entry::Manifest.path(), manifest.len() as u64, &mut manifest.as_slice())?;
        for (path, lines) in &self.entries {
            let size = lines.values().map(|span| span.length()).sum();
            put(path, size, &mut self.spool.lines(lines.values().copied()))?;
        }
        Ok(())
    }

    fn manifest(&mut self) -> Manifest {
        Manifest {
            schema: super::SCHEMA.to_owned(),
            tool: self.about.tool.clone(),
            cluster: std::mem::take(&mut self.cluster),
            release: self.release.as_ref().map(ToString::to_string),
            source: self.about.source.clone(),
            collected: self.about.collected.clone(),
            coverage: Seen::of(self.seen.coverage()),
        }
    }
}

fn write_error(target: &Path) -> impl Fn(io::Error) -> Error {
    let path = target.to_owned();
    move |source| Error::Write { path: path.clone(), source }
}

fn check_target(target: &Path, overwrite: bool) -> Result<(), Error> {
    let unusable =
        |reason: &str| Err(Error::Unusable { path: target.to_owned(), reason: reason.to_owned() });
    let archive = target.to_string_lossy().ends_with(super::ARCHIVE);
    let found = match fs::metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(Error::Read { path: target.to_owned(), source }),
        Ok(found) => found,
    };
    let empty = match (archive, found.is_dir()) {
        (true, true) => return unusable("is a directory, and not a file to be written"),
        (false, false) => return unusable("is no directory, and does not end in `.tar.zst`"),
        (true, false) if !found.is_file() => return unusable("is no regular file"),
        (true, false) => found.len() == 0,
        (false, true) => fs::read_dir(target)
            .map_err(|source| Error::Read { path: target.to_owned(), source })?
            .next()
            .is_none(),
    };
    match (empty, overwrite) {
        (true, _) => Ok(()),
        (false, false) => unusable("is already there, and is not empty"),
        (false, true) if archive || target.join("manifest.json").is_file() => Ok(()),
        (false, true) => unusable("holds something that is no snapshot, and is not replaced"),
    }
}
