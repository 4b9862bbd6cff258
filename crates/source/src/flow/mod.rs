//! What observers of a network wrote down: flow logs and listings of connections.
//!
//! Enters: files that the user names, plain or packed with gzip or zstd, in the form of any
//! [`Observer`]. Leaves: a [`FlowSet`]. Always holds: files are read line by line and never held
//! whole; a line that cannot be read is counted and told, and the rest goes on; nothing is guessed
//! here of who is the server: that needs a cluster.

mod address;
mod calico;
mod conntrack;
mod csv;
mod detect;
mod hubble;
mod kube_network_policies;
mod open;
#[cfg(test)]
mod tests;
mod text;
mod vpc;

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

use kuberlock_model::flow::{FlowSet, Ignored, Observer, Place};

use crate::Error;
use crate::snapshot::lines::Lines;

/// Bytes of a line at most. The longest there are, lists of Goldmane, hold a page of flows.
const MOST_LINE: u64 = 64 * 1024 * 1024;

/// How many lines are looked at to tell who wrote a file.
const LOOKED_AT: usize = 64;

/// Reads the file at `path` (`-` is standard input), written by `observer`, or by whoever its first
/// lines show.
pub fn read(
    path: &Path,
    observer: Option<Observer>,
    into: &mut FlowSet,
) -> Result<Observer, Error> {
    let source = open::open(path)?;
    read_from(&path.to_string_lossy(), source, observer, into)
}

/// [`read`], from what was opened already.
pub fn read_from(
    name: &str,
    source: impl BufRead,
    observer: Option<Observer>,
    into: &mut FlowSet,
) -> Result<Observer, Error> {
    let unusable = |reason: &str| Error::Unusable { path: name.into(), reason: reason.to_owned() };
    let name: Arc<str> = name.into();
    let mut lines = Lines::new(source, MOST_LINE);
    let mut held = Vec::new();
    let mut found = observer;
    while found.is_none() && held.len() < LOOKED_AT {
        let Some((line, text)) = next(&mut lines).map_err(|e| unusable(&e))? else { break };
        found = text.as_deref().ok().and_then(detect::detect);
        held.push((line, text));
    }
    let observer = match found {
        Some(observer) => observer,
        None if held.is_empty() => return Err(unusable("is empty, and no form of flows is named")),
        None => return Err(unusable("holds no flows in a form that is known")),
    };
    into.source(Arc::clone(&name), observer);
    let mut reader = reader(observer);
    let mut take = |(line, text): (u64, Result<String, String>), into: &mut FlowSet| {
        let place = Place { source: Arc::clone(&name), line };
        let read = text.and_then(|text| match text.trim() {
            "" => Ok(()),
            text => reader.line(text, &place, into),
        });
        if let Err(reason) = read {
            into.fault(place, reason);
        }
    };
    for line in held {
        take(line, into);
    }
    loop {
        match next(&mut lines) {
            Ok(Some(line)) => take(line, into),
            Ok(None) => break,
            // What was read of a file that breaks off stays.
            Err(reason) => {
                into.fault(Place { source: Arc::clone(&name), line: 0 }, reason);
                break;
            }
        }
    }
    reader.finish(into);
    Ok(observer)
}

/// A line by its number: its text, or why there is none.
type Numbered = (u64, Result<String, String>);

fn next<R: BufRead>(lines: &mut Lines<R>) -> Result<Option<Numbered>, String> {
    let line = lines.next().map_err(|e| format!("breaks off: {}", e.to_string().to_lowercase()))?;
    Ok(line.map(|line| {
        let text = match line.bytes {
            None => Err(format!("is longer than {} MiB", MOST_LINE / 1024 / 1024)),
            Some(bytes) => String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned()),
        };
        (line.number, text)
    }))
}

/// Reads the lines of one file of one observer.
trait Reader {
    /// Takes a line in, trimmed and never empty; the reason where it cannot be read.
    fn line(&mut self, text: &str, place: &Place, into: &mut FlowSet) -> Result<(), String>;

    /// Gives what was held back.
    fn finish(&mut self, into: &mut FlowSet) {
        let _ = into;
    }
}

/// Counts a record that says nothing here, and is none the worse for it.
fn ignored(into: &mut FlowSet, why: Ignored) -> Result<(), String> {
    into.ignore(why, 1);
    Ok(())
}

fn reader(observer: Observer) -> Box<dyn Reader> {
    match observer {
        Observer::Hubble => Box::new(hubble::Hubble),
        Observer::KubeNetworkPolicies => {
            Box::<kube_network_policies::KubeNetworkPolicies>::default()
        }
        Observer::Calico => Box::new(calico::Calico),
        Observer::Conntrack => Box::new(conntrack::Conntrack),
        Observer::Vpc => Box::<vpc::Vpc>::default(),
        Observer::Csv => Box::<csv::Csv>::default(),
    }
}
