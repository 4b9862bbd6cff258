//! `kuberlock namespace`: how namespaces stand, and what brings one to where it should be.

use kuberlock_benchmark::Context;
use kuberlock_benchmark::namespace::secure::{self, Proposal, Wish};
use kuberlock_benchmark::namespace::standings;
use kuberlock_model::Kind;
use kuberlock_model::namespace::Standing;
use kuberlock_model::scan::Scan;
use kuberlock_report::{Format, Options, namespaces, render, told};
use serde::Serialize;

use crate::acceptance::Acceptance;
use crate::command::{
    Common, KubeBenchArgs, NamespaceArgs, NamespaceCheckArgs, NamespaceCommand,
    NamespaceSecureArgs, ScanArgs, YamlOrJson,
};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{self, Target};
use crate::{scan, sources};

pub(crate) fn run(args: &NamespaceArgs, common: &Common) -> Result<Exit, Error> {
    match &args.command {
        NamespaceCommand::Check(args) => check(args, common),
        NamespaceCommand::Secure(args) => secure(args, common),
    }
}

fn check(args: &NamespaceCheckArgs, common: &Common) -> Result<Exit, Error> {
    scan::one_standard_output(&args.output)?;
    if args.output.iter().any(|target| target.kube_bench) {
        return Err(Error::Usage {
            message: "`kube-bench-json` is what kube-bench's own files give".into(),
            help: "-o json has everything".into(),
        });
    }
    let acceptance = Acceptance::read(&args.borne)?;
    // DNS, callers and bindings lie in other namespaces: all of the cluster is read.
    let (cluster, read) = sources::cluster(&args.sources, None, common)?;
    let as_scan = as_scan(args);
    let declared = args.sensitive.0.clone();
    unknown_names(args, &cluster, common);
    let (scan, told) = scan::scan(&cluster, read, &as_scan, &acceptance, declared.clone())?;
    told.iter().for_each(|line| output::note(common, line));
    let context = Context::new(&cluster).declaring(declared);
    let mut standings = standings(&context, &scan.findings);
    if let Some(name) = &args.namespace {
        standings.retain(|standing| standing.name == *name);
        if standings.is_empty() {
            return Err(no_such(name));
        }
    }
    for target in &args.output {
        write(target, args, common, &scan, &standings)?;
    }
    Ok(scan::exit(&scan, &as_scan))
}

fn write(
    target: &Target,
    args: &NamespaceCheckArgs,
    common: &Common,
    scan: &Scan,
    standings: &[Standing],
) -> Result<(), Error> {
    let options = Options {
        color: output::colour(common),
        width: output::width(),
        all: args.all,
        fail_on: args.fail_on.0,
        time: output::now(),
    };
    let Target { format, file, .. } = target;
    output::to_target(file.as_deref(), |out| {
        match format {
            Format::Table | Format::Json => namespaces(scan, standings, *format, &options, out)?,
            _ => render(scan, *format, &options, out)?,
        }
        Ok(())
    })?;
    if let Some(file) = file {
        output::note(common, &format!("{format} written to {}", file.display()));
    }
    Ok(())
}

/// The scan that asks the checks of the pack.
fn as_scan(args: &NamespaceCheckArgs) -> ScanArgs {
    ScanArgs {
        what: None,
        scans: Vec::new(),
        sources: args.sources.clone(),
        namespace: args.namespace.clone(),
        all_namespaces: args.namespace.is_none(),
        benchmark: None,
        kube_bench: KubeBenchArgs::default(),
        checks: Vec::new(),
        packs: vec!["namespace".to_owned()],
        borne: crate::command::BorneArgs::default(),
        output: args.output.clone(),
        all: args.all,
        fail_on: Some(args.fail_on),
        selector: None,
        require_complete: args.require_complete,
    }
}

/// A name given with --sensitive that no namespace has is told: it may be misspelt.
fn unknown_names(args: &NamespaceCheckArgs, cluster: &kuberlock_model::Cluster, common: &Common) {
    for name in args.sensitive.0.names() {
        let key = kuberlock_model::ObjectKey::new(Kind::Namespace, None, name);
        if cluster.get(&key).is_none() {
            output::note(common, &format!("--sensitive: no source shows a namespace `{name}`"));
        }
    }
}

fn no_such(name: &str) -> Error {
    Error::NoSuch {
        what: "namespace",
        name: name.to_owned(),
        help: "`kuberlock namespace check` lists those that the sources show".into(),
    }
}

/// What `-o json` writes of a proposal.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    #[serde(flatten)]
    proposal: &'a Proposal,
}

fn secure(args: &NamespaceSecureArgs, common: &Common) -> Result<Exit, Error> {
    let (cluster, _) = sources::cluster(&args.sources, None, common)?;
    let context = Context::new(&cluster);
    let wish = Wish {
        namespace: args.namespace.clone(),
        sensitive: args.sensitive,
        headroom: args.headroom,
    };
    let proposal = secure::propose(&context, &wish).map_err(|refused| Error::Usage {
        message: refused.to_string(),
        help: "`kuberlock namespace check` lists those that the sources show".into(),
    })?;
    match args.output {
        YamlOrJson::Yaml => output::text(&proposal.yaml())?,
        YamlOrJson::Json => {
            let schema = "kuberlock.dev/namespace-proposal/v1";
            let document = Document { schema, proposal: &proposal };
            let text = serde_json::to_string_pretty(&document).map_err(std::io::Error::from)?;
            output::text(&format!("{text}\n"))?;
        }
    }
    let parts: [(&str, &[String]); 5] = [
        ("proven", &proposal.proven),
        ("breaks", &proposal.breaks),
        ("hinders", &proposal.hindrances),
        ("unknown", &proposal.unknown),
        ("left", &proposal.left),
    ];
    for line in told(&parts) {
        output::note(common, &line);
    }
    let is_broken = !proposal.breaks.is_empty() && !args.accept_breaks;
    Ok(if is_broken { Exit::Findings } else { Exit::Fine })
}
