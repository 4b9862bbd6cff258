//! The command line of `netpol`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use kuberlock_model::flow::Observer;
use kuberlock_model::network::Protocol;
use kuberlock_network::{Cni, Party, Verdict};
use kuberlock_report::graph::GraphFormat;
use kuberlock_report::listing::ListingFormat;

use crate::command::{FailOn, SourceArgs, YamlOrJson, fail_on};
use crate::output::Target;

/// `kuberlock netpol`
#[derive(Debug, Args)]
pub(crate) struct NetpolArgs {
    #[command(subcommand)]
    pub(crate) command: NetpolCommand,
}

/// The commands of `netpol`.
#[derive(Debug, Subcommand)]
pub(crate) enum NetpolCommand {
    /// Everything that gets through, folded into as few lines as say it
    List(ListArgs),
    /// Whether one connection gets through
    Eval(EvalArgs),
    /// Which policies and rules decide about one connection, tier by tier
    Explain(EvalArgs),
    /// What gets through after and not before, or the other way round; exits with 1 where anything differs
    Diff(DiffArgs),
    /// To whom workloads are open that is not there yet, and which no policy is about
    Exposure(ExposureArgs),
    /// Namespace by namespace, who reaches whom
    Matrix(MatrixArgs),
    /// Who reaches whom, as a picture
    Graph(GraphArgs),
    /// Policies that do nothing, do not do what they say, or can be got around
    Lint(LintArgs),
    /// How two sets of policies relate: equivalent, one contains the other, disjoint, overlapping
    Compare(CompareArgs),
    /// Assertions about who may reach whom, kept as code: network-tests.yaml
    Test(TestArgs),
    /// Write policies of least privilege, from manifests, from flows, or both
    Generate(GenerateArgs),
    /// What proposed policies would break or open, by flows and manifests
    Simulate(SimulateArgs),
}

/// What every command of `netpol` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct NetworkArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    /// Network plugin, which decides what the API leaves open: calico, cilium, ovn-kubernetes, kube-router,
    /// antrea, aws, or none for one that enforces nothing; found out where it can be
    #[arg(long, value_name = "NAME")]
    pub(crate) cni: Option<Cni>,
    /// Exit with 3 if anything within reach could not be read
    #[arg(long)]
    pub(crate) require_complete: bool,
}

/// `-o`, for what is listed.
#[derive(Clone, Debug)]
pub(crate) struct ListTarget {
    pub(crate) format: ListingFormat,
    pub(crate) file: Option<PathBuf>,
}

impl FromStr for ListTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, file) = parted(text)?;
        let format = match word {
            "table" | "text" => ListingFormat::Table,
            "json" => ListingFormat::Json,
            "csv" => ListingFormat::Csv,
            "md" | "markdown" => ListingFormat::Markdown,
            "html" => ListingFormat::Html,
            word => return Err(format!("`{word}` is no format: table, json, csv, md, html")),
        };
        Ok(Self { format, file })
    }
}

/// `-o`, for a picture.
#[derive(Clone, Debug)]
pub(crate) struct GraphTarget {
    pub(crate) format: GraphFormat,
    pub(crate) file: Option<PathBuf>,
}

impl FromStr for GraphTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, file) = parted(text)?;
        let format = match word {
            "dot" => GraphFormat::Dot,
            "mermaid" => GraphFormat::Mermaid,
            "svg" => GraphFormat::Svg,
            "html" => GraphFormat::Html,
            word => return Err(format!("`{word}` is no format: dot, mermaid, svg, html")),
        };
        Ok(Self { format, file })
    }
}

/// `FORMAT` or `FORMAT=FILE`.
fn parted(text: &str) -> Result<(&str, Option<PathBuf>), String> {
    match text.split_once('=') {
        Some((_, "")) => Err(format!("`{text}` names no file after the `=`")),
        Some((format, file)) => Ok((format, Some(PathBuf::from(file)))),
        None => Ok((text, None)),
    }
}

/// Whose answers are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compat {
    /// What np-guard's netpol-analyzer says, its faults included
    NpGuard,
}

/// `kuberlock netpol list`
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Only connections from or to pods of this namespace
    #[arg(long, short = 'n', value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// Only from this pod or workload (NAMESPACE/NAME), node (node/NAME) or address
    #[arg(long, value_name = "WHO", value_parser = party)]
    pub(crate) from: Option<Party>,
    /// Only to this pod, workload, node or address
    #[arg(long, value_name = "WHO", value_parser = party)]
    pub(crate) to: Option<Party>,
    /// Nothing folded: a line for each two pods
    #[arg(long)]
    pub(crate) pods: bool,
    /// Nodes too, and pods on their network
    #[arg(long)]
    pub(crate) nodes: bool,
    /// Answer as another tool does
    #[arg(long, value_enum, value_name = "TOOL")]
    pub(crate) compat: Option<Compat>,
    /// Output: table, json, csv, md or html; FORMAT=FILE writes a file
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(crate) output: ListTarget,
}

/// `kuberlock netpol eval` and `explain`
#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    /// Who opens the connection: NAMESPACE/NAME of a pod or workload, node/NAME, or an address
    #[arg(value_parser = party)]
    pub(crate) from: Party,
    /// To whom
    #[arg(value_parser = party)]
    pub(crate) to: Party,
    /// Port and protocol: 80, 53/UDP; without it, every port
    #[arg(value_parser = port)]
    pub(crate) port: Option<(u16, Protocol)>,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Exit with 1 unless this is the verdict: allowed, denied, implementation-defined or ambiguous
    #[arg(long, value_name = "VERDICT", value_parser = verdict)]
    pub(crate) expect: Option<Verdict>,
    /// Output: table or json; FORMAT=FILE writes a file
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(crate) output: ListTarget,
}

/// `kuberlock netpol matrix`
#[derive(Debug, Args)]
pub(crate) struct MatrixArgs {
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Output: table, json, csv, md or html; FORMAT=FILE writes a file
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(crate) output: ListTarget,
}

/// `kuberlock netpol graph`
#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Only connections from or to pods of this namespace
    #[arg(long, short = 'n', value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// Nodes too, and pods on their network
    #[arg(long)]
    pub(crate) nodes: bool,
    /// Output: dot, mermaid, svg or html; FORMAT=FILE writes a file
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "dot")]
    pub(crate) output: GraphTarget,
}

/// `NAMESPACE/NAME`, `node/NAME`, or an address.
fn party(text: &str) -> Result<Party, String> {
    if let Ok(address) = text.parse() {
        return Ok(Party::Address(address));
    }
    match text.split_once('/') {
        Some(("node", name)) if !name.is_empty() => Ok(Party::Node(name.to_owned())),
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => {
            // What `list` prints may be given back.
            Ok(Party::pod(namespace, name.split('[').next().unwrap_or(name)))
        }
        _ => Err("name a pod or workload as NAMESPACE/NAME, a node as node/NAME, or an address"
            .to_owned()),
    }
}

/// `80`, `53/UDP`, `udp/53`.
fn port(text: &str) -> Result<(u16, Protocol), String> {
    let protocol = |word: &str| Protocol::find(&word.to_uppercase());
    let number = |word: &str| word.parse::<u16>().ok().filter(|number| *number != 0);
    let parsed = match text.split_once('/') {
        None => number(text).map(|number| (number, Protocol::default())),
        Some((a, b)) => match (number(a), number(b)) {
            (Some(number), _) => protocol(b).map(|protocol| (number, protocol)),
            (None, Some(number)) => protocol(a).map(|protocol| (number, protocol)),
            (None, None) => None,
        },
    };
    parsed.ok_or_else(|| format!("`{text}` is no port: 80, 53/UDP, 3868/SCTP"))
}

fn verdict(text: &str) -> Result<Verdict, String> {
    let all =
        [Verdict::Allowed, Verdict::Denied, Verdict::ImplementationDefined, Verdict::Ambiguous];
    all.into_iter()
        .find(|verdict| verdict.word() == text)
        .ok_or_else(|| format!("`{text}` is no verdict: {}", all.map(Verdict::word).join(", ")))
}

/// `kuberlock netpol diff`
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// Manifests (a file or folder) or a snapshot, as it was
    pub(crate) before: PathBuf,
    /// As it is
    pub(crate) after: PathBuf,
    /// Network plugin, as for `list`
    #[arg(long, value_name = "NAME")]
    pub(crate) cni: Option<Cni>,
    /// Nodes too, and pods on their network
    #[arg(long)]
    pub(crate) nodes: bool,
    /// Output: table, json, csv, md or html; FORMAT=FILE writes a file
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(crate) output: ListTarget,
}

/// `kuberlock netpol exposure`
#[derive(Debug, Args)]
pub(crate) struct ExposureArgs {
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Answer as another tool does
    #[arg(long, value_enum, value_name = "TOOL")]
    pub(crate) compat: Option<Compat>,
    /// Output: table, json, csv, md or html; FORMAT=FILE writes a file
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(crate) output: ListTarget,
}

/// `kuberlock netpol lint`
#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Output: table, json, jsonl, csv, sarif, junit or html; FORMAT=FILE writes a file
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(crate) output: Target,
    /// Exit with 1 from this severity on: low, medium, high, critical, or none
    #[arg(long, value_name = "SEVERITY", default_value = "high", value_parser = fail_on)]
    pub(crate) fail_on: FailOn,
}

/// `kuberlock netpol compare`
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// The one set: a file or folder of policies, or a whole cluster
    pub(crate) first: PathBuf,
    /// The other
    pub(crate) second: PathBuf,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Connections that are shown of each sort
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    pub(crate) examples: usize,
    /// Output: table or json; FORMAT=FILE writes a file
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(crate) output: ListTarget,
}

/// `kuberlock netpol test`
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Files of assertions, or of np-guard's baseline rules
    #[arg(required = true, value_name = "FILE")]
    pub(crate) tests: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Output: table, json, jsonl, csv, sarif, junit or html; FORMAT=FILE writes a file
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(crate) output: Target,
    /// Exit with 0 though assertions are unknown
    #[arg(long)]
    pub(crate) allow_unknown: bool,
}

/// Flows, and whether manifests are gone by.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Evidence")]
pub(crate) struct FlowArgs {
    /// What an observer of the network wrote down; may be given several times
    #[arg(long = "flows", value_name = "FILE")]
    pub(crate) flows: Vec<PathBuf>,
    /// Who wrote the flows: hubble, kube-network-policies, calico, conntrack, vpc or csv; told by
    /// their first lines where not given
    #[arg(long, value_name = "NAME", value_parser = observer)]
    pub(crate) flow_format: Option<Observer>,
}

/// `kuberlock netpol generate`
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    #[command(flatten)]
    pub(crate) evidence: FlowArgs,
    /// Go by flows alone
    #[arg(long, requires = "flows")]
    pub(crate) flows_only: bool,
    /// Only for these namespaces; all but Kubernetes' own, where none is named
    #[arg(long = "namespace", short = 'n', value_name = "NAME", value_delimiter = ',')]
    pub(crate) namespaces: Vec<String>,
    /// Bits to which addresses of IPv4 outside are widened
    #[arg(long, value_name = "BITS", default_value_t = 32, value_parser = clap::value_parser!(u8).range(0..=32))]
    pub(crate) prefix_v4: u8,
    /// Bits to which addresses of IPv6 outside are widened
    #[arg(long, value_name = "BITS", default_value_t = 128, value_parser = clap::value_parser!(u8).range(0..=128))]
    pub(crate) prefix_v6: u8,
    /// Output: yaml, or json for the evidence
    #[arg(long, short, value_enum, default_value_t = YamlOrJson::Yaml)]
    pub(crate) output: YamlOrJson,
}

/// `kuberlock netpol simulate`
#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// The proposed policies: a file or folder; may be given several times
    #[arg(long, required = true, value_name = "PATH")]
    pub(crate) policies: Vec<PathBuf>,
    /// They are the whole: policies that are there and not among them go
    #[arg(long)]
    pub(crate) replace_all: bool,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    #[command(flatten)]
    pub(crate) evidence: FlowArgs,
    /// Output: table, json, csv, md or html; FORMAT=FILE writes a file
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(crate) output: ListTarget,
}

fn observer(text: &str) -> Result<Observer, String> {
    let names = Observer::ALL.map(Observer::word).join(", ");
    Observer::find(text).ok_or_else(|| format!("`{text}` is no form of flows: {names}"))
}
