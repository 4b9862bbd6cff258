//! The entries of a snapshot, made into records.
//!
//! Enters: entries by name, as streams of bytes. Leaves: batches of records. Always holds: a few
//! lines at a time are held; a line that cannot be understood is told and the next one read.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use kuberlock_model::coverage::{Reading, Unread};
use kuberlock_model::{Kind, Origin};
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::entry::{Entry, NodePart};
use super::lines::{Line, Lines};
use super::manifest::Manifest;
use crate::{HostRecord, Record, convert, redact};

/// Bounds of what is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Bytes of a snapshot, expanded.
    pub(super) expanded: u64,
    /// Times that it may be larger than its archive, once it is larger than `small`.
    pub(super) ratio: u64,
    /// Bytes up to which no ratio counts.
    pub(super) small: u64,
    /// Bytes of one entry.
    pub(super) entry: u64,
    /// Bytes of one line, or of a document that is no list of lines.
    pub(super) line: u64,
    /// Entries.
    pub(super) entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            expanded: 8 << 30,
            ratio: 1000,
            small: 256 << 20,
            entry: 4 << 30,
            line: 16 << 20,
            entries: 100_000,
        }
    }
}

/// Records of one batch.
const BATCH: usize = 500;
/// Bytes of lines that are held before they are made into records.
const MOST_HELD: usize = 8 << 20;
/// Lines of one entry that are told one by one when they cannot be read.
const TOLD: u64 = 100;

/// Why an entry ends the reading.
#[derive(Debug)]
pub(super) enum Stop {
    /// Its bytes cannot be read.
    Read(io::Error),
    /// The snapshot is refused.
    Refused(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// Where the entries of one snapshot go.
pub(super) struct Intake<'e> {
    /// The snapshot, as the user named it.
    pub(super) path: String,
    pub(super) limits: Limits,
    emit: &'e mut dyn FnMut(Vec<Record>),
    batch: Vec<Record>,
    has_manifest: bool,
}

impl<'e> Intake<'e> {
    pub(super) fn new(path: String, limits: Limits, emit: &'e mut dyn FnMut(Vec<Record>)) -> Self {
        Self { path, limits, emit, batch: Vec::new(), has_manifest: false }
    }

    /// Takes the entry at `name` in.
    pub(super) fn entry(&mut self, name: &str, content: impl BufRead) -> Result<(), Stop> {
        let source = format!("{}!{name}", self.path);
        match Entry::of(name) {
            None => self.unread(Origin::whole(source), "it is no part of a snapshot".to_owned()),
            Some(Entry::Manifest) => self.manifest(content)?,
            Some(Entry::Objects(kind)) => self.lines(&source, content, |line, origin| {
                object(line, kind).map(|object| Record::Object { object, origin })
            })?,
            Some(Entry::Node(node, part)) => self.node(&source, &node, part, content)?,
        }
        Ok(())
    }

    /// What `read` takes in of the snapshot at `path`, for [`Intake::pass_on`] and not yet passed on:
    /// several may read at a time, and what comes of a snapshot that is refused can be dropped.
    pub(super) fn apart(
        path: &str,
        limits: Limits,
        read: impl FnOnce(&mut Intake<'_>) -> Result<(), Stop>,
    ) -> Result<Vec<Record>, Stop> {
        let mut records = Vec::new();
        let mut emit = |batch: Vec<Record>| records.extend(batch);
        let mut intake = Intake::new(path.to_owned(), limits, &mut emit);
        read(&mut intake)?;
        intake.flush();
        Ok(records)
    }

    /// Takes in what was read apart.
    pub(super) fn pass_on(&mut self, records: Vec<Record>) {
        records.into_iter().for_each(|record| self.push(record));
    }

    /// A snapshot without a manifest is none.
    pub(super) fn is_whole(&self) -> Result<(), Stop> {
        match self.has_manifest {
            true => Ok(()),
            false => Err(Stop::Refused("it holds no manifest.json".to_owned())),
        }
    }

    fn manifest(&mut self, content: impl Read) -> Result<(), Stop> {
        let refused =
            |reason: String| Stop::Refused(format!("its manifest.json is refused: {reason}"));
        let text = self.whole(content)?.map_err(refused)?;
        let value: Value = serde_json::from_slice(&text).map_err(|e| refused(e.to_string()))?;
        match value.get("schema").and_then(Value::as_str) {
            Some(super::SCHEMA) => {}
            Some(other) => {
                let shown: String = other.chars().take(80).collect();
                let reason = format!("its schema is `{shown}`, not `{}`", super::SCHEMA);
                return Err(Stop::Refused(reason));
            }
            None => return Err(Stop::Refused("its manifest.json names no schema".to_owned())),
        }
        let manifest: Manifest =
            serde_json::from_value(value).map_err(|e| refused(e.to_string()))?;
        self.has_manifest = true;
        for record in manifest.records().map_err(refused)? {
            self.push(record);
        }
        Ok(())
    }

    fn node(
        &mut self,
        source: &str,
        node: &str,
        part: NodePart,
        content: impl BufRead,
    ) -> Result<(), Stop> {
        let read: fn(&[u8]) -> Result<HostRecord, String> = match part {
            NodePart::Files => file,
            NodePart::Processes => process,
            NodePart::Sysctls => |line| parse(line).map(HostRecord::Sysctl),
            NodePart::Versions => |line| parse(line).map(HostRecord::Version),
            NodePart::Certificates => {
                |line| parse(line).map(|of| HostRecord::Certificate(Box::new(of)))
            }
            NodePart::System => |line| parse(line).map(HostRecord::System),
            NodePart::Configz => return self.configz(source, node, content),
        };
        self.lines(source, content, |line, _| {
            read(line).map(|record| Record::Host { node: node.to_owned(), record })
        })
    }

    fn configz(&mut self, source: &str, node: &str, content: impl Read) -> Result<(), Stop> {
        let answer = self.whole(content)?.and_then(|text| parse::<Value>(&text));
        match answer {
            Ok(mut value) => {
                redact::object(&mut value);
                let record = HostRecord::Configz(value);
                self.push(Record::Host { node: node.to_owned(), record });
            }
            Err(reason) => self.unread(Origin::whole(source), reason),
        }
        Ok(())
    }

    /// All of a document that is no list of lines; or why it is too much.
    fn whole(&self, content: impl Read) -> io::Result<Result<Vec<u8>, String>> {
        let mut bytes = Vec::new();
        content.take(self.limits.line + 1).read_to_end(&mut bytes)?;
        Ok(if bytes.len() as u64 > self.limits.line { Err(self.too_long()) } else { Ok(bytes) })
    }

    fn lines(
        &mut self,
        source: &str,
        content: impl BufRead,
        read: impl Fn(&[u8], Origin) -> Result<Record, String> + Sync,
    ) -> Result<(), Stop> {
        let mut lines = Lines::new(content, self.limits.line);
        let source: Arc<str> = source.into();
        let mut faults = 0;
        loop {
            let gathered = gather(&mut lines)?;
            if gathered.is_empty() {
                break;
            }
            let too_long = self.too_long();
            let understood = |Line { number, range, bytes }: Line| {
                let origin = Origin::within(Arc::clone(&source), range);
                let record = match bytes {
                    Some(bytes) => read(&bytes, origin.clone()),
                    None => Err(too_long.clone()),
                };
                (number, origin, record)
            };
            let records: Vec<_> = gathered.into_par_iter().map(understood).collect();
            for (number, origin, record) in records {
                match record {
                    Ok(record) => self.push(record),
                    Err(reason) => {
                        faults += 1;
                        if faults <= TOLD {
                            self.unread(origin, format!("line {number}: {reason}"));
                        }
                    }
                }
            }
        }
        if faults > TOLD {
            let reason = format!("{} more lines cannot be read", faults - TOLD);
            self.unread(Origin::whole(source), reason);
        }
        Ok(())
    }

    fn too_long(&self) -> String {
        format!("it is longer than {} bytes, which is the most that is read", self.limits.line)
    }

    pub(super) fn unread(&mut self, origin: Origin, reason: String) {
        self.push(Record::Reading(Reading::Unread(Unread::new(origin, reason))));
    }

    fn push(&mut self, record: Record) {
        self.batch.push(record);
        if self.batch.len() >= BATCH {
            self.flush();
        }
    }

    /// Passes on what is left.
    pub(super) fn flush(&mut self) {
        if !self.batch.is_empty() {
            (self.emit)(std::mem::take(&mut self.batch));
        }
    }
}

/// The next lines that are not blank: as many as make a batch, and fewer where they are long.
fn gather(lines: &mut Lines<impl BufRead>) -> io::Result<Vec<Line>> {
    let mut gathered = Vec::new();
    let mut held = 0;
    while gathered.len() < BATCH && held < MOST_HELD {
        let Some(line) = lines.next()? else { break };
        if line.bytes.as_ref().is_some_and(|bytes| bytes.trim_ascii().is_empty()) {
            continue;
        }
        held += line.bytes.as_ref().map_or(0, Vec::len);
        gathered.push(line);
    }
    Ok(gathered)
}

fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(line)
        .map_err(|error| format!("it is not UTF-8 from byte {} on", error.valid_up_to()))?;
    serde_json::from_str(text).map_err(|error| format!("it is no such record: {error}"))
}

/// An object of `kind`. Snapshots may be made by hand, so it is redacted once more.
fn object(line: &[u8], kind: Kind) -> Result<Value, String> {
    let mut object: Value = parse(line)?;
    let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
    let (api_version, name) = (text("apiVersion"), text("kind"));
    if convert::kind_of(api_version, name) != Some(kind) {
        return Err(format!("it is no {kind}"));
    }
    redact::object(&mut object);
    Ok(object)
}

fn file(line: &[u8]) -> Result<HostRecord, String> {
    let mut file: kuberlock_model::host::File = parse(line)?;
    if !file.path.starts_with('/') {
        return Err("its path is not absolute".to_owned());
    }
    file.content = file.content.map(|text| redact::text(&file.path, &text));
    Ok(HostRecord::File(file))
}

fn process(line: &[u8]) -> Result<HostRecord, String> {
    let mut process: kuberlock_model::host::Process = parse(line)?;
    process.args = redact::arguments(&process.args);
    for (name, value) in &mut process.environment {
        *value = redact::environment(name, value);
    }
    Ok(HostRecord::Process(process))
}
