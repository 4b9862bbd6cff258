//! The sources a user named, read one after the other.

use std::path::Path;

use kuberlock_model::Cluster;
use kuberlock_source::convert::Converter;
use kuberlock_source::{Record, manifest, node, snapshot};

use crate::command::{Common, SourceArgs};
use crate::error::Error;
use crate::output::progress;

/// What was read, in words, and as whom.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// What the user pointed at: `snapshot examples/cluster`.
    pub(crate) target: String,
    /// Who asked the API server.
    pub(crate) identity: Option<String>,
}

/// Reads every source that `args` names, or the current context where it names none.
pub(crate) fn read(
    args: &SourceArgs,
    namespace: Option<&str>,
    common: &Common,
    emit: &mut dyn FnMut(Vec<Record>),
) -> Result<Read, Error> {
    let mut targets = Vec::new();
    let mut identity = None;
    for path in &args.snapshots {
        progress(common, &format!("reading snapshot {}", path.display()));
        snapshot::read(path, emit)?;
        targets.push(format!("snapshot {}", shown(path)));
    }
    if !args.files.is_empty() {
        manifest::read(&args.files, emit)?;
        let files: Vec<String> = args.files.iter().map(|path| shown(path)).collect();
        targets.push(format!("files {}", files.join(", ")));
    }
    for root in &args.roots {
        let (name, folder) = root_of(root);
        let name = node::read(name, folder, emit)?;
        targets.push(match folder.to_str() {
            Some("/") => format!("node {name}, this machine"),
            _ => format!("node {name} at {}", folder.display()),
        });
    }
    if args.asks_server() {
        let server = ask_server(args, namespace, common, emit)?;
        targets.push(server.target);
        identity = server.identity;
    }
    Ok(Read { target: targets.join(" + "), identity })
}

/// Reads every source into a cluster.
pub(crate) fn cluster(
    args: &SourceArgs,
    namespace: Option<&str>,
    common: &Common,
) -> Result<(Cluster, Read), Error> {
    let mut cluster = Cluster::default();
    let mut converter = Converter::default();
    let read = read(args, namespace, common, &mut |records| {
        converter.push(records, &mut |change| cluster.apply(change));
    })?;
    converter.finish(&mut |change| cluster.apply(change));
    Ok((cluster, read))
}

/// What `args` names, in words, before anything is read.
pub(crate) fn target(args: &SourceArgs) -> String {
    let mut targets: Vec<String> = Vec::new();
    targets.extend(args.snapshots.iter().map(|path| format!("snapshot {}", path.display())));
    targets.extend(args.files.iter().map(|path| format!("file {}", path.display())));
    targets.extend(args.roots.iter().map(|root| format!("node root {root}")));
    if args.asks_server() {
        targets.push(match &args.context {
            Some(context) => format!("context {context}"),
            None => "the current context".to_owned(),
        });
    }
    targets.join(" + ")
}

fn shown(path: &Path) -> String {
    match path.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => path.display().to_string(),
    }
}

/// `NAME=DIR`, or a directory alone. A name holds no slash, so `./a=b` is a directory.
pub(crate) fn root_of(text: &str) -> (Option<&str>, &Path) {
    match text.split_once('=') {
        Some((name, folder)) if !name.is_empty() && !name.contains('/') => {
            (Some(name), Path::new(folder))
        }
        _ => (None, Path::new(text)),
    }
}

#[cfg(feature = "live")]
fn ask_server(
    args: &SourceArgs,
    namespace: Option<&str>,
    common: &Common,
    emit: &mut dyn FnMut(Vec<Record>),
) -> Result<Read, Error> {
    let options = kuberlock_live::Options {
        kubeconfig: args.kubeconfig.clone(),
        context: args.context.clone(),
        impersonate: args.impersonate.clone(),
        namespace: namespace.map(str::to_owned),
        configz: args.configz,
        ..kuberlock_live::Options::default()
    };
    progress(common, "asking the API server");
    let identity = kuberlock_live::read(&options, emit)?;
    Ok(Read { target: identity.target.clone(), identity: Some(identity.to_string()) })
}

#[cfg(not(feature = "live"))]
fn ask_server(
    _args: &SourceArgs,
    _namespace: Option<&str>,
    _common: &Common,
    _emit: &mut dyn FnMut(Vec<Record>),
) -> Result<Read, Error> {
    Err(Error::Usage {
        message: "this build cannot ask an API server".into(),
        help: "name a source: -f, --snapshot or --root; or build with the feature `live`".into(),
    })
}
