//! What would kubectl and jq have answered?
//!
//! Enters: a command line, its standard input, and a [`Cluster`]. Leaves: an [`Output`] as the real
//! commands would have left it, or [`NotAnswered`]. Always holds: no process is started, no server
//! is asked, no clock is read; work is bounded whatever the command line and the input say; what
//! the sources did not cover, and what the model does not hold, is not answered: never an empty
//! list.
//!
//! ```
//! use kuberlock_kubectl::Session;
//! use kuberlock_model::Cluster;
//! // Nobody was asked for pods, so how many there are is not known.
//! let cluster = Cluster::default();
//! let session = Session::new(&cluster);
//! assert!(session.kubectl(&["get", "pods", "-A", "-o", "json"]).is_err());
//! ```

mod access;
mod arguments;
mod get;
pub mod jq;
pub mod jsonpath;
mod output;
mod print;
mod rebuild;
mod resource;
mod selection;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use kuberlock_model::{Cluster, Kind};

use arguments::Arguments;

pub use output::{NotAnswered, Output};

/// The commands that one audit runs: what `jq` may conclude depends on what `kubectl` showed.
#[derive(Debug)]
pub struct Session<'a> {
    cluster: &'a Cluster,
    /// The kinds of which objects were shown, with the fields that the model holds.
    shown: Mutex<BTreeSet<Kind>>,
}

impl<'a> Session<'a> {
    /// A session that nothing was asked in yet.
    pub fn new(cluster: &'a Cluster) -> Self {
        Self { cluster, shown: Mutex::default() }
    }

    /// Answers `kubectl` with these arguments.
    pub fn kubectl(&self, args: &[&str]) -> Result<Output, NotAnswered> {
        let arguments = Arguments::parse(args.iter().copied())?;
        let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["get", rest @ ..] => {
                let (output, kinds) = get::run(&arguments, rest, self.cluster)?;
                self.shown.lock().unwrap_or_else(PoisonError::into_inner).extend(kinds);
                Ok(output)
            }
            ["auth", "can-i", rest @ ..] => access::can_i(&arguments, rest, self.cluster),
            [] => output::not_answered("kubectl without a command is not answered"),
            [command, ..] => {
                output::not_answered(format!("the command `kubectl {command}` is not answered"))
            }
        }
    }

    /// Answers `jq` with these arguments and this input. A program that asks for a field which the
    /// model does not hold is not answered.
    pub fn jq(&self, args: &[&str], stdin: &str) -> Result<Output, NotAnswered> {
        let fields = jq::fields(args);
        let kinds = rebuild::kinds_in(stdin);
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        for path in &fields {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            if kinds.is_empty() && !shown.is_empty() {
                check_held_by_any(&shown, &path)?;
            }
            check_held(&kinds, &path)?;
        }
        jq::run(args, stdin)
    }
}

/// Whether a path of field names may be followed in a part of an object that was shown before.
fn check_held_by_any(shown: &BTreeSet<Kind>, path: &[&str]) -> Result<(), NotAnswered> {
    let tried: Vec<_> = shown.iter().map(|kind| check_held(&[*kind].into(), path)).collect();
    if tried.iter().any(Result::is_ok) {
        return Ok(());
    }
    tried.into_iter().next().unwrap_or(Ok(()))
}

/// Whether a path of field names may be followed in objects of all these kinds.
fn check_held(kinds: &BTreeSet<Kind>, path: &[&str]) -> Result<(), NotAnswered> {
    for kind in kinds {
        if let Some(name) = rebuild::not_held(*kind, path) {
            let kind = kind.names().name;
            return output::not_answered(format!("the model does not hold `{name}` of a {kind}"));
        }
    }
    Ok(())
}
