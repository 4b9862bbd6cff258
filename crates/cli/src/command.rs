//! The command line: one definition, from which help, completions and manual pages are made.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use kuberlock_benchmark::namespace::{Declared, NotDeclared};
use kuberlock_model::Severity;
use kuberlock_model::selector::LabelSelector;

use crate::output::Target;

/// Lock a Kubernetes cluster down, and prove that it holds.
///
/// Works on manifest files, on a snapshot, on a node's file system, or against a live API server.
/// Reads only; nothing leaves the machine.
///
/// Exit codes: 0 fine · 1 findings at or above --fail-on, or a diff that differs · 2 wrong use ·
/// 3 incomplete, with --require-complete · 4 target unreachable or not authorised · 5 a bug.
#[derive(Debug, Parser)]
#[command(name = "kuberlock", version, propagate_version = true, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The name of the binary that makes it a plugin of kubectl, and how kubectl calls it then.
const PLUGIN: (&str, &str) = ("kubectl-kuberlock", "kubectl kuberlock");

/// Parses a command line, the program's own name first: as a plugin of kubectl it says so in its help.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let words: Vec<OsString> = words.into_iter().collect();
    let is_plugin = |word: &OsString| Path::new(word).file_name() == Some(PLUGIN.0.as_ref());
    let mut command = Cli::command();
    if words.first().is_some_and(is_plugin) {
        command = command.bin_name(PLUGIN.1);
    }
    let matches = command.try_get_matches_from_mut(words)?;
    Cli::from_arg_matches(&matches).map_err(|refusal| refusal.format(&mut command))
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Say nothing but the result
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// No colours; NO_COLOR does the same
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// File of defaults: what the command line says counts over it
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find what is open
    Scan(Box<ScanArgs>),
    /// Write what is known of a cluster into a snapshot, credentials left out
    Collect(CollectArgs),
    /// Tell what a check asks, why, and what its remedy may break
    Explain(ExplainArgs),
    /// Checks there are
    Checks(ChecksArgs),
    /// Who can talk to whom: network policies of every kind
    #[command(visible_alias = "np")]
    Netpol(Box<crate::netpol::arguments::NetpolArgs>),
    /// What a release of Kubernetes knows: flags, gates, plugins, fields, defaults
    #[command(name = "k8s")]
    K8s(K8sArgs),
    /// Who may do what
    Access(AccessArgs),
    /// How namespaces stand, what is mixed in them, and what brings one to where it should be
    #[command(visible_alias = "ns")]
    Namespace(NamespaceArgs),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder
    #[command(hide = true)]
    ManPages {
        /// The folder
        folder: PathBuf,
    },
}

/// Where facts come from. Sources combine; with none given, the current context is asked.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Sources")]
pub(crate) struct SourceArgs {
    /// Manifest file or folder, `-` for standard input; may be given several times
    #[arg(long = "file", short = 'f', value_name = "PATH")]
    pub(crate) files: Vec<PathBuf>,
    /// Snapshot: a folder, a .tar.zst, or text with snapshots in it (`-` for standard input); several
    /// are merged
    #[arg(long = "snapshot", value_name = "PATH")]
    pub(crate) snapshots: Vec<PathBuf>,
    /// A node's file system, `/` for this machine; several as NAME=DIR
    #[arg(long = "root", value_name = "[NAME=]DIR")]
    pub(crate) roots: Vec<String>,
    /// Ask the API server too, beside the sources given
    #[arg(long)]
    pub(crate) live: bool,
    /// Kubeconfig file
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig
    #[arg(long, value_name = "NAME")]
    pub(crate) context: Option<String>,
    /// User to impersonate
    #[arg(long = "as", value_name = "USER")]
    pub(crate) impersonate: Option<String>,
    /// Read the kubelets' own account of their configuration; needs `get` on nodes/proxy
    #[arg(long)]
    pub(crate) configz: bool,
}

impl SourceArgs {
    /// Whether the API server is to be asked.
    pub(crate) fn asks_server(&self) -> bool {
        let offline = self.files.is_empty() && self.snapshots.is_empty() && self.roots.is_empty();
        self.live || offline || self.kubeconfig.is_some() || self.context.is_some()
    }
}

/// `kuberlock scan`
#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// `node` looks at a node's machine: this one, unless --root names another; `diff` compares two
    /// scans that were written with -o json
    #[arg(value_enum)]
    pub(crate) what: Option<What>,
    /// With `diff`: the earlier scan, then the later
    #[arg(value_name = "SCAN", num_args = 0..=2)]
    pub(crate) scans: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    /// Only what lies in this namespace
    #[arg(long, short = 'n', value_name = "NAME", conflicts_with = "all_namespaces")]
    pub(crate) namespace: Option<String>,
    /// Everything in every namespace; the default
    #[arg(long, short = 'A')]
    pub(crate) all_namespaces: bool,
    /// Only what has these labels, as kubectl takes them: app=web, tier!=db, 'env in (a, b)', !key. A
    /// node's label stands for its machine too
    #[arg(long, short = 'l', value_name = "LABELS")]
    pub(crate) selector: Option<LabelSelector>,
    /// Benchmark to hold the cluster against, instead of the one for its release
    #[arg(long, value_name = "NAME")]
    pub(crate) benchmark: Option<String>,
    #[command(flatten)]
    pub(crate) kube_bench: KubeBenchArgs,
    /// Only these checks
    #[arg(long = "check", value_name = "ID", value_delimiter = ',')]
    pub(crate) checks: Vec<String>,
    /// Only the checks of these packs
    #[arg(long = "pack", value_name = "NAME", value_delimiter = ',', conflicts_with = "checks")]
    pub(crate) packs: Vec<String>,
    #[command(flatten)]
    pub(crate) borne: BorneArgs,
    /// Output format, with a file to write it to; may be given several times
    #[arg(
        long,
        short,
        value_name = "FORMAT[=FILE]",
        help = "Output: table, json, jsonl, csv, sarif, junit, openreports, policyreport, ocsf, prometheus or html; FORMAT=FILE writes a file, may be given several times [default: table]"
    )]
    pub(crate) output: Vec<Target>,
    /// Show every finding, nothing folded
    #[arg(long)]
    pub(crate) all: bool,
    /// Exit with 1 from this severity on: low, medium, high, critical, or none [default: high]
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on)]
    pub(crate) fail_on: Option<FailOn>,
    /// Exit with 3 if anything within reach could not be read
    #[arg(long)]
    pub(crate) require_complete: bool,
}

impl ScanArgs {
    /// From which severity on the scan fails, where it does.
    pub(crate) fn threshold(&self) -> Option<Severity> {
        self.fail_on.unwrap_or_default().0
    }
}

/// What is borne, known or left out.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Acceptance")]
pub(crate) struct BorneArgs {
    /// File of waivers: failures that are borne, with reason, owner and end
    #[arg(long, value_name = "FILE")]
    pub(crate) waivers: Vec<PathBuf>,
    /// Items or sections to accept, as kube-bench's --skip takes them; or a file of them
    #[arg(long, value_name = "ITEMS|FILE")]
    pub(crate) skip: Option<String>,
    /// Earlier scan (-o json): only what is new or worse is shown and counts
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Own subset, severities and parameters
    #[arg(long, value_name = "FILE")]
    pub(crate) tailoring: Option<PathBuf>,
}

/// Running kube-bench's own files on a node.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "kube-bench")]
pub(crate) struct KubeBenchArgs {
    /// Run the files of this kube-bench configuration folder on the node, instead of our checks;
    /// -o table or kube-bench-json
    #[arg(long, value_name = "DIR")]
    pub(crate) kube_bench_cfg: Option<PathBuf>,
    /// Only these targets of the benchmark: master, node, etcd, …
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "kube_bench_cfg")]
    pub(crate) targets: Vec<String>,
    /// Show kube-bench's verdicts beside ours, and why they differ; -o table or json. With FILE,
    /// those that kube-bench --json wrote on the node, instead of what its files say here
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub(crate) compare_kube_bench: Option<Option<PathBuf>>,
    /// Give audits that cannot be run natively to a real shell, with this user's rights
    #[arg(long, requires = "kube_bench_cfg")]
    pub(crate) allow_shell: bool,
}

/// What to scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// A node's machine.
    Node,
    /// Two scans, compared.
    Diff,
}

/// From which severity on a scan fails; none is never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FailOn(pub(crate) Option<Severity>);

impl Default for FailOn {
    fn default() -> Self {
        Self(Some(Severity::High))
    }
}

/// The severity that this word names, or `none`.
pub(crate) fn fail_on(text: &str) -> Result<FailOn, String> {
    if text == "none" {
        return Ok(FailOn(None));
    }
    text.parse()
        .map(|severity| FailOn(Some(severity)))
        .map_err(|e: kuberlock_model::finding::NotASeverity| format!("{e}, none"))
}

/// `kuberlock collect`
#[derive(Debug, Args)]
pub(crate) struct CollectArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    /// Only what lies in this namespace
    #[arg(long, short = 'n', value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// The snapshot to write: a folder, an archive if it ends in .tar.zst, or `-` for text on standard
    /// output, which a pod's log carries too
    #[arg(long, short, value_name = "PATH")]
    pub(crate) output: PathBuf,
    /// When it was collected (RFC 3339), instead of now
    #[arg(long, value_name = "TIME")]
    pub(crate) collected: Option<String>,
    /// Write over a snapshot that is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Exit with 3 if anything within reach could not be read
    #[arg(long)]
    pub(crate) require_complete: bool,
}

/// `kuberlock explain`
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A check's id, or a benchmark's item: 1.2.1, or "cis-2.0.1 1.2.1"
    pub(crate) what: String,
    /// Format
    #[arg(long, short, value_enum, default_value_t = TextOrJson::Text)]
    pub(crate) output: TextOrJson,
}

/// A format for commands that print no findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextOrJson {
    /// For people.
    #[value(alias = "table")]
    Text,
    /// For programs.
    Json,
}

/// `kuberlock checks`
#[derive(Debug, Args)]
pub(crate) struct ChecksArgs {
    #[command(subcommand)]
    pub(crate) command: ChecksCommand,
}

/// `kuberlock checks lint`
#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    /// Files of checks in kube-bench's form, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Output: table, json or html; FORMAT=FILE writes a file
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(crate) output: Target,
    /// Exit with 1 from this severity on: low, medium, high, critical, or none
    #[arg(long, value_name = "SEVERITY", default_value = "high", value_parser = fail_on)]
    pub(crate) fail_on: FailOn,
}

/// The commands of `checks`.
#[derive(Debug, Subcommand)]
pub(crate) enum ChecksCommand {
    /// List the defects of kube-bench's files, with file and line
    Lint(LintArgs),
    /// List the checks with the benchmark items they answer
    List {
        /// The items of this benchmark instead: what answers each, and why nothing does
        #[arg(long, value_name = "NAME")]
        benchmark: Option<String>,
        /// Format
        #[arg(long, short, value_enum, default_value_t = TextOrJson::Text)]
        output: TextOrJson,
    },
}

/// `kuberlock k8s`
#[derive(Debug, Args)]
pub(crate) struct K8sArgs {
    #[command(subcommand)]
    pub(crate) command: K8sCommand,
}

/// The commands of `k8s`.
#[derive(Debug, Subcommand)]
pub(crate) enum K8sCommand {
    /// Show what a minor release knows
    Show {
        /// The minor: 1.37
        release: String,
        /// Only this component, `gates`, `plugins` or `kubelet-configuration`
        #[arg(long, value_name = "PART")]
        only: Option<String>,
        /// Format
        #[arg(long, short, value_enum, default_value_t = TextOrJson::Text)]
        output: TextOrJson,
    },
    /// Show what changed between two minor releases; exits with 1 where anything did
    Diff {
        /// The older minor: 1.34
        before: String,
        /// The newer minor: 1.37
        after: String,
        /// Only this component, `gates`, `plugins` or `kubelet-configuration`
        #[arg(long, value_name = "PART")]
        only: Option<String>,
        /// Format
        #[arg(long, short, value_enum, default_value_t = TextOrJson::Text)]
        output: TextOrJson,
    },
}

/// `kuberlock access`
#[derive(Debug, Args)]
pub(crate) struct AccessArgs {
    #[command(subcommand)]
    pub(crate) command: AccessCommand,
}

/// The commands of `access`.
#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    /// Print the smallest ClusterRole for a command
    Role {
        /// The command
        #[arg(value_enum)]
        job: Job,
        /// With what --configz needs
        #[arg(long)]
        configz: bool,
    },
}

/// A command that asks an API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Job {
    /// `kuberlock scan`
    Scan,
    /// `kuberlock collect`
    Collect,
}

/// `kuberlock namespace`
#[derive(Debug, Args)]
pub(crate) struct NamespaceArgs {
    #[command(subcommand)]
    pub(crate) command: NamespaceCommand,
}

/// The commands of `namespace`.
#[derive(Debug, Subcommand)]
pub(crate) enum NamespaceCommand {
    /// Score every namespace, the sensitive first, and tell what is mixed in them
    Check(Box<NamespaceCheckArgs>),
    /// Write the manifests that bring a namespace to where it should be, tried before they are
    /// proposed
    Secure(NamespaceSecureArgs),
}

/// `kuberlock namespace check`
#[derive(Debug, Args)]
pub(crate) struct NamespaceCheckArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    /// Only this namespace; all of the cluster is read all the same
    #[arg(long, short = 'n', value_name = "NAME", conflicts_with = "all_namespaces")]
    pub(crate) namespace: Option<String>,
    /// Every namespace; the default
    #[arg(long, short = 'A')]
    pub(crate) all_namespaces: bool,
    /// Namespaces that are sensitive, by name or label (tier=gold), beside those marked
    /// kuberlock.dev/sensitive: "true"
    #[arg(long, value_name = "NAME|LABEL=VALUE,…", default_value = "")]
    pub(crate) sensitive: Sensitive,
    #[command(flatten)]
    pub(crate) borne: BorneArgs,
    /// Output format, with a file to write it to; may be given several times
    #[arg(
        long,
        short,
        value_name = "FORMAT[=FILE]",
        default_value = "table",
        help = "Output: table, json, jsonl, csv, sarif, junit, openreports, policyreport, ocsf, prometheus or html; FORMAT=FILE writes a file, may be given several times"
    )]
    pub(crate) output: Vec<Target>,
    /// Show every finding and every tie, nothing folded
    #[arg(long)]
    pub(crate) all: bool,
    /// Exit with 1 from this severity on: low, medium, high, critical, or none
    #[arg(long, value_name = "SEVERITY", default_value = "high", value_parser = fail_on)]
    pub(crate) fail_on: FailOn,
    /// Exit with 3 if anything within reach could not be read
    #[arg(long)]
    pub(crate) require_complete: bool,
}

/// The namespaces that a user names as sensitive; nothing names none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sensitive(pub(crate) Declared);

impl FromStr for Sensitive {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        text.parse().map(Self).map_err(|e: NotDeclared| e.to_string())
    }
}

/// `kuberlock namespace secure`
#[derive(Debug, Args)]
pub(crate) struct NamespaceSecureArgs {
    /// The namespace
    #[arg(value_name = "NAME")]
    pub(crate) namespace: String,
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    /// It is sensitive: it is marked so, and held to more
    #[arg(long)]
    pub(crate) sensitive: bool,
    /// How much more than today the quota lets through
    #[arg(long, value_name = "PERCENT", default_value_t = 50)]
    pub(crate) headroom: u32,
    /// Exit with 0 though something would break
    #[arg(long)]
    pub(crate) accept_breaks: bool,
    /// Format of the manifests; what they do is told on standard error, or in the JSON
    #[arg(long, short, value_enum, default_value_t = YamlOrJson::Yaml)]
    pub(crate) output: YamlOrJson,
}

/// A format for manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum YamlOrJson {
    /// For kubectl.
    Yaml,
    /// For programs, with the report.
    Json,
}
