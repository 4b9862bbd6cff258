//! Every kind, page by page.

use std::collections::{BTreeSet, HashSet};

use http::StatusCode;
use kuberlock_model::coverage::Reading;
use kuberlock_model::object::KindName;
use kuberlock_model::{Kind, Reach};
use kuberlock_source::Record;

use crate::Error;
use crate::page::{Page, collection};
use crate::request::{Answer, Connection, Refusal, causes, segment};
use crate::role::listed;

/// Objects a page. The server may give fewer, never more.
const PAGE: usize = 500;
/// Pages a list; a server that goes on for ever is stopped here.
const PAGES: usize = 20_000;
/// Namespaces that are tried one by one where the whole may not be listed.
const NAMESPACES: usize = 100;
/// Kinds in a row without any answer, after which no further one is asked for.
const SILENT: u32 = 2;

/// Why a list ended before its end.
enum Stop {
    Forbidden(String),
    NotFound,
    Failed(String),
    Silent(String),
}

struct Lister<'r> {
    connection: &'r Connection,
    emit: &'r mut dyn FnMut(Vec<Record>),
    /// Those to try one by one: first what the user means, then what the server tells.
    namespaces: Vec<String>,
    nodes: BTreeSet<String>,
}

/// Lists every kind; returns the names of the nodes. What cannot be listed is coverage; an
/// identity that may list nothing at all is an error.
pub(crate) async fn every_kind(
    connection: &Connection,
    namespaces: &[String],
    emit: &mut dyn FnMut(Vec<Record>),
) -> Result<Vec<String>, Error> {
    let namespaces = namespaces.to_vec();
    let mut lister = Lister { connection, emit, namespaces, nodes: BTreeSet::new() };
    let mut refused = None;
    let mut granted = false;
    let mut silent = 0;
    for kind in listed() {
        let reach = if silent < SILENT {
            lister.kind(kind, &mut silent).await?
        } else {
            Reach::Partial("not asked: the server had stopped answering".to_owned())
        };
        match &reach {
            Reach::Forbidden(reason) => refused = refused.or_else(|| Some(reason.clone())),
            _ => granted = true,
        }
        (lister.emit)(vec![Record::Reading(Reading::Kind(kind.kind, reach))]);
    }
    match refused {
        Some(reason) if !granted => Err(connection.unauthorised(reason)),
        _ => Ok(lister.nodes.into_iter().collect()),
    }
}

impl Lister<'_> {
    async fn kind(&mut self, kind: &KindName, silent: &mut u32) -> Result<Reach, Error> {
        let (read, ended) = self.pages(kind, None).await?;
        *silent = if matches!(ended, Err(Stop::Silent(_))) { *silent + 1 } else { 0 };
        Ok(match ended {
            Ok(()) => Reach::Complete,
            Err(Stop::Forbidden(reason)) if read == 0 && kind.namespaced => {
                self.by_namespace(kind, reason).await?
            }
            Err(Stop::Forbidden(reason)) if read == 0 => Reach::Forbidden(reason),
            // The core group is always there: a server without it is not telling the truth.
            Err(Stop::NotFound) if !kind.group.is_empty() => Reach::NotServed,
            Err(Stop::NotFound) => Reach::Partial("the server does not know it".to_owned()),
            Err(Stop::Forbidden(reason) | Stop::Failed(reason) | Stop::Silent(reason)) => {
                Reach::Partial(match read {
                    0 => reason,
                    read => format!("after {read} objects: {reason}"),
                })
            }
        })
    }

    /// Where the whole is forbidden, a namespace may be allowed.
    async fn by_namespace(&mut self, kind: &KindName, refusal: String) -> Result<Reach, Error> {
        let mut read = Vec::new();
        let candidates = self.namespaces.clone();
        for namespace in candidates.iter().take(NAMESPACES) {
            if self.pages(kind, Some(namespace)).await?.1.is_ok() {
                read.push(format!("`{namespace}`"));
            }
        }
        Ok(match read.len() {
            0 => Reach::Forbidden(refusal),
            _ => Reach::Partial(format!("only in namespace {}: {refusal}", read.join(", "))),
        })
    }

    /// Every page of one list: how many objects came, and how it ended.
    async fn pages(
        &mut self,
        kind: &KindName,
        namespace: Option<&str>,
    ) -> Result<(usize, Result<(), Stop>), Error> {
        let path = collection(kind, namespace);
        let mut cursor = Cursor::default();
        let mut seen = HashSet::new();
        for _ in 0..PAGES {
            let answer = self.connection.get(&cursor.query(&path)).await?;
            let next = match answer {
                Answer::Ok(body) => match Page::parse(&body) {
                    Ok(page) => {
                        let next = cursor.advance(page.token());
                        self.take(kind, page, &mut seen);
                        next
                    }
                    Err(reason) => Err(Stop::Failed(reason)),
                },
                Answer::Refused(refusal) => cursor.after(refusal),
                Answer::TooLarge => cursor.smaller(),
                Answer::Failed(error) => Err(Stop::Silent(chain(error.as_ref()))),
            };
            match next {
                Ok(true) => {}
                Ok(false) => return Ok((seen.len(), Ok(()))),
                Err(stop) => return Ok((seen.len(), Err(stop))),
            }
        }
        Ok((seen.len(), Err(Stop::Failed("the list does not end".to_owned()))))
    }

    /// Emits what a page adds: after a restart its objects come again.
    fn take(&mut self, kind: &KindName, page: Page, seen: &mut HashSet<String>) {
        let mut records = Vec::new();
        for (path, record) in page.into_records(kind) {
            if !seen.insert(path) {
                continue;
            }
            if let Record::Object { object, .. } = &record
                && let Some(name) = object.pointer("/metadata/name").and_then(|n| n.as_str())
            {
                match kind.kind {
                    Kind::Node => drop(self.nodes.insert(name.to_owned())),
                    Kind::Namespace if !self.namespaces.iter().any(|n| n == name) => {
                        self.namespaces.push(name.to_owned());
                    }
                    _ => {}
                }
            }
            records.push(record);
        }
        (self.emit)(records);
    }
}

/// Where a list stands.
struct Cursor {
    limit: usize,
    token: String,
    restarted: bool,
}

impl Default for Cursor {
    fn default() -> Self {
        Self { limit: PAGE, token: String::new(), restarted: false }
    }
}

impl Cursor {
    /// No resourceVersion: the newest state, which the server gives from its cache, page by page.
    fn query(&self, path: &str) -> String {
        match self.token.as_str() {
            "" => format!("{path}?limit={}", self.limit),
            token => format!("{path}?limit={}&continue={}", self.limit, segment(token)),
        }
    }

    /// Whether there is another page.
    fn advance(&mut self, token: String) -> Result<bool, Stop> {
        if token.is_empty() {
            return Ok(false);
        }
        if token == self.token {
            return Err(Stop::Failed("the server gives the same page again".to_owned()));
        }
        self.token = token;
        Ok(true)
    }

    /// A list that expired goes on at a newer state where the server offers that, else it starts
    /// again, once.
    fn after(&mut self, refusal: Refusal) -> Result<bool, Stop> {
        match refusal.status {
            StatusCode::FORBIDDEN => Err(Stop::Forbidden(refusal.reason)),
            StatusCode::NOT_FOUND => Err(Stop::NotFound),
            StatusCode::GONE if !self.token.is_empty() && !self.restarted => {
                self.restarted = refusal.token.is_empty();
                self.token = refusal.token;
                Ok(true)
            }
            _ => Err(Stop::Failed(refusal.reason)),
        }
    }

    fn smaller(&mut self) -> Result<bool, Stop> {
        self.limit /= 10;
        match self.limit {
            0 => Err(Stop::Failed("one object is too large to be read".to_owned())),
            _ => Ok(true),
        }
    }
}

/// An error and its causes on one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
