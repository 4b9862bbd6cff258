//! The cluster's components and their command lines.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::origin::{FieldPath, Origin};
use crate::release::table::ComponentTable;

/// A program of the cluster whose flags are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentKind {
    /// kube-apiserver
    #[serde(rename = "kube-apiserver")]
    ApiServer,
    /// kube-controller-manager
    #[serde(rename = "kube-controller-manager")]
    ControllerManager,
    /// kube-scheduler
    #[serde(rename = "kube-scheduler")]
    Scheduler,
    /// etcd
    Etcd,
    /// kubelet
    Kubelet,
    /// kube-proxy
    KubeProxy,
}

impl ComponentKind {
    /// Every component.
    pub const ALL: [Self; 6] = [
        Self::ApiServer,
        Self::ControllerManager,
        Self::Scheduler,
        Self::Etcd,
        Self::Kubelet,
        Self::KubeProxy,
    ];

    /// The program's name.
    pub fn program(self) -> &'static str {
        match self {
            Self::ApiServer => "kube-apiserver",
            Self::ControllerManager => "kube-controller-manager",
            Self::Scheduler => "kube-scheduler",
            Self::Etcd => "etcd",
            Self::Kubelet => "kubelet",
            Self::KubeProxy => "kube-proxy",
        }
    }

    /// Whether it is part of the control plane, which a provider of managed clusters runs itself.
    pub fn is_control_plane(self) -> bool {
        !matches!(self, Self::Kubelet | Self::KubeProxy)
    }

    /// The component that `args` start: the program's file name, or the word after a multi-call
    /// program (`hyperkube kubelet`, `kube-apiserver` under `/bin/sh` does not count).
    pub fn of_command(args: &[String]) -> Option<Self> {
        let base = |arg: &String| arg.rsplit('/').next().unwrap_or(arg).to_owned();
        let first = base(args.first()?);
        let word = if first == "hyperkube" { base(args.get(1)?) } else { first };
        Self::ALL.into_iter().find(|kind| kind.program() == word)
    }
}

impl fmt::Display for ComponentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program())
    }
}

/// How it is known that a component runs as it does. The order is that of trust: what runs wins
/// over what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Witness {
    /// A process seen running.
    Process,
    /// The node's static pod manifest.
    Manifest,
    /// The API server's mirror of the static pod.
    MirrorPod,
    /// A pod of a DaemonSet.
    Pod,
    /// A unit file.
    UnitFile,
    /// What a program that holds the component (k3s) is told to give it, over what it gives it of
    /// itself.
    Embedded,
}

/// A component on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Which.
    pub kind: ComponentKind,
    /// The node it runs on.
    pub node: String,
    /// How it is known.
    pub witness: Witness,
    /// Its command line, program first.
    pub args: Vec<Argument>,
    /// The environment variables that configure it.
    pub environment: BTreeMap<String, String>,
    /// Where the command line was read.
    pub origin: Origin,
}

/// One word of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The word.
    pub text: String,
    /// Its field in the origin's document, where the origin is one.
    pub field: FieldPath,
    /// Where this word was read, where it is another place than the component's.
    pub origin: Option<Origin>,
}

/// A component that another program holds in its own process, and so has no command line to be
/// seen: the one that program would give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// Which.
    pub kind: ComponentKind,
    /// Its command line, program first.
    pub args: Vec<Argument>,
    /// Where the program's own command line was read.
    pub origin: Origin,
}

/// A flag as a command line sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its value; lists given several times are joined by commas, as pflag does.
    pub value: String,
    /// The last word that sets it.
    pub field: FieldPath,
    /// Where that word was read, where it is another place than the component's.
    pub origin: Option<Origin>,
    /// The words as written, for evidence: `--profiling=false`.
    pub written: String,
}

impl Argument {
    /// A word of a command line that is no document.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), field: FieldPath::root(), origin: None }
    }
}

impl Component {
    /// The flag `name` as the command line sets it, read as pflag (Kubernetes) or Go's `flag`
    /// (etcd) would: `--name=value`, `--name value`, a bare boolean, the last of several winning
    /// for scalars and joined for lists, `_` equal to `-`, nothing after `--`.
    pub fn flag(&self, name: &str, table: Option<&ComponentTable>) -> Option<Flag> {
        let mut found: Option<Flag> = None;
        let joins = table.and_then(|t| t.flag(name)).is_some_and(|f| f.flag_type.is_list());
        for flag in self.flags(table).into_iter().filter(|(n, _)| n == name).map(|(_, flag)| flag) {
            found = Some(match found {
                Some(before) if joins => Flag {
                    value: format!("{},{}", before.value, flag.value),
                    written: format!("{} {}", before.written, flag.written),
                    ..flag
                },
                _ => flag,
            });
        }
        found
    }

    /// Every flag of the command line in order, with its normalised name.
    pub fn flags(&self, table: Option<&ComponentTable>) -> Vec<(String, Flag)> {
        let mut flags = Vec::new();
        let mut words = self.args.iter().skip(1).peekable();
        while let Some(word) = words.next() {
            if word.text == "--" {
                break;
            }
            let Some(body) = self.flag_body(&word.text) else { continue };
            let (name, value) = match body.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (body, None),
            };
            let name = name.replace('_', "-");
            let bare = table.and_then(|t| t.flag(&name)).and_then(|f| f.without_value());
            let (value, written, last) = match (value, bare) {
                (Some(value), _) => (value, word.text.clone(), word),
                (None, Some(bare)) => (bare, word.text.clone(), word),
                (None, None) => match words.next_if(|next| !looks_like_flag(&next.text)) {
                    Some(next) => (next.text.clone(), format!("{} {}", word.text, next.text), next),
                    None => ("true".to_owned(), word.text.clone(), word),
                },
            };
            let (field, origin) = (last.field.clone(), last.origin.clone());
            flags.push((name, Flag { value, field, origin, written }));
        }
        flags
    }

    fn flag_body<'a>(&self, word: &'a str) -> Option<&'a str> {
        let body = word.strip_prefix("--").or_else(|| match self.kind {
            // Go's own flag package takes one dash too.
            ComponentKind::Etcd => word.strip_prefix('-'),
            _ => None,
        })?;
        (!body.is_empty() && !body.starts_with('-')).then_some(body)
    }
}

fn looks_like_flag(word: &str) -> bool {
    word.starts_with("--") && word.len() > 2
}

/// Go's `strconv.ParseBool`, by which every component reads a boolean.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(kind: ComponentKind, words: &[&str]) -> Component {
        Component {
            kind,
            node: "n".into(),
            witness: Witness::Process,
            args: words.iter().map(|w| Argument::plain(*w)).collect(),
            environment: BTreeMap::new(),
            origin: Origin::whole("test"),
        }
    }

    fn value(kind: ComponentKind, words: &[&str], name: &str) -> Option<String> {
        let release = "1.37.2".parse().unwrap();
        let table = crate::release::table::for_release(&release).table;
        component(kind, words).flag(name, table.component(kind)).map(|f| f.value)
    }

    #[test]
    fn flags_are_read_as_pflag_reads_them() {
        use ComponentKind::ApiServer;
        let read = |words: &[&str], name: &str| {
            let words: Vec<_> = [&["kube-apiserver"], words].concat();
            value(ApiServer, &words, name)
        };
        assert_eq!(read(&["--profiling", "false"], "profiling").unwrap(), "true");
        assert_eq!(read(&["--profiling=false", "--profiling=true"], "profiling").unwrap(), "true");
        assert_eq!(read(&["--anonymous_auth=false"], "anonymous-auth").unwrap(), "false");
        assert_eq!(
            read(
                &["--authorization-mode=Node", "--authorization-mode", "RBAC"],
                "authorization-mode"
            )
            .unwrap(),
            "Node,RBAC"
        );
        assert_eq!(read(&["--", "--profiling=false"], "profiling"), None);
        assert_eq!(read(&["-profiling=false"], "profiling"), None);
        assert_eq!(
            value(ComponentKind::Etcd, &["etcd", "-client-cert-auth"], "client-cert-auth").unwrap(),
            "true"
        );
    }
}
