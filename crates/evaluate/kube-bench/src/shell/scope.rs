//! What a shell knows: variables, functions, options.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::syntax::Command;
use super::trap::Traps;
use crate::utility;

/// What a subshell has of its own.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(super) variables: BTreeMap<String, String>,
    pub(super) exported: BTreeMap<String, ()>,
    pub(super) functions: BTreeMap<String, Rc<Command>>,
    pub(super) positional: Vec<String>,
    /// What errors begin with.
    pub(super) name: String,
    pub(super) status: u8,
    /// The status of the last substitution of the present command.
    pub(super) substituted: Option<u8>,
    pub(super) traps: Traps,
    pub(super) errexit: bool,
    pub(super) nounset: bool,
    pub(super) noglob: bool,
    /// Whether bash's trap for failures is inherited.
    pub(super) errtrace: bool,
    pub(super) pipefail: bool,
    pub(super) bash: bool,
    pub(super) line: u32,
    /// Whether a failure is looked at, so that `set -e` does not end the script.
    pub(super) tested: u32,
}

impl Scope {
    /// The status where a stream cannot be opened.
    pub(super) fn unopened(&self) -> u8 {
        if self.bash { 1 } else { 2 }
    }

    pub(super) fn new(name: &str, bash: bool) -> Self {
        let path = utility::PATH.join(":");
        let variables =
            [("PATH", path.as_str()), ("IFS", " \t\n"), ("PWD", "/"), ("HOME", "/root")];
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            variables: variables.into_iter().map(own).collect(),
            exported: BTreeMap::new(),
            functions: BTreeMap::new(),
            positional: Vec::new(),
            name: name.to_owned(),
            status: 0,
            substituted: None,
            traps: Traps::new(),
            errexit: false,
            nounset: false,
            noglob: false,
            errtrace: false,
            pipefail: false,
            bash,
            line: 1,
            tested: 0,
        }
    }
}
