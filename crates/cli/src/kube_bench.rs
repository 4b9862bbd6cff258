//! `kuberlock scan node --kube-bench-cfg DIR`: kube-bench's own files, run natively on a node.

mod compare;
mod machine;
mod redacted;
mod shell;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use kuberlock_kube_bench::benchmark::{self, Fallback, File, NoFallback, Result as Target};
use kuberlock_kube_bench::output::{self as written, Totals};
use kuberlock_kube_bench::{Commands, Config, FromModel, NoCommands};
use kuberlock_model::Cluster;

use self::machine::Audited;
use self::shell::RealShell;
use crate::command::{Common, ScanArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::{output, sources};

/// The largest file of kube-bench that is read.
const LARGEST: u64 = 8 << 20;

pub(crate) use self::compare::compare;

pub(crate) fn run(folder: &Path, args: &ScanArgs, common: &Common) -> Result<Exit, Error> {
    let ran = ran(folder, args, common)?;
    show(&ran.results, &ran.detected, args)
}

/// What kube-bench's files say of the node.
struct Ran {
    /// The benchmark's name.
    name: String,
    /// The release it was chosen for: `none` where it was named.
    detected: String,
    /// The results, redacted.
    results: Vec<Target>,
}

fn ran(folder: &Path, args: &ScanArgs, common: &Common) -> Result<Ran, Error> {
    let root = root(args)?;
    let global = folder.join("config.yaml");
    let read = || -> Result<Config, Error> {
        let mut config = Config::default();
        config.merge(&global.display().to_string(), &text(&global)?)?;
        Ok(config)
    };
    let (config, node) = rayon::join(read, || Audited::open(&root));
    let (mut config, node) = (config?, node?);
    let (name, detected) = chosen(&config, args, &root, common)?;
    let place = folder.join(&name);
    let files = files(&config, &place, &name, &args.kube_bench.targets)?;
    let own = place.join("config.yaml");
    if own.exists() {
        config.merge(&own.display().to_string(), &text(&own)?)?;
    }
    let real = RealShell::for_root(&root, args.kube_bench.allow_shell)?;
    let fallback: &dyn Fallback = real.as_ref().map_or(&NoFallback, |shell| shell);
    let cluster = server(args, common)?;
    let model = cluster.as_ref().map(FromModel::new);
    let commands: &dyn Commands = model.as_ref().map_or(&NoCommands, |model| model);
    let options = benchmark::Options::default();
    let results = benchmark::run(&config, &files, &node, commands, fallback, &options)?;
    Ok(Ran { name, detected, results: redacted::redacted(results) })
}

/// The one node that is looked at.
fn root(args: &ScanArgs) -> Result<PathBuf, Error> {
    match args.sources.roots.as_slice() {
        [] => Ok(PathBuf::from("/")),
        [one] => Ok(sources::root_of(one).1.to_owned()),
        _ => Err(Error::Usage {
            message: "kube-bench's files are run on one node".into(),
            help: "name it with --root DIR".into(),
        }),
    }
}

/// What the sources beside the node tell of the cluster: kubectl is answered from it. Without any,
/// audits that call kubectl are not run.
fn server(args: &ScanArgs, common: &Common) -> Result<Option<Cluster>, Error> {
    let mut named = args.sources.clone();
    named.roots.clear();
    let offline = named.files.is_empty() && named.snapshots.is_empty();
    let asked = named.live || named.kubeconfig.is_some() || named.context.is_some();
    if offline && !asked {
        return Ok(None);
    }
    let (cluster, _) = sources::cluster(&named, args.namespace.as_deref(), common)?;
    Ok(Some(cluster))
}

/// The benchmark, and the release it was chosen for: `none` where it was named.
fn chosen(
    config: &Config,
    args: &ScanArgs,
    root: &Path,
    common: &Common,
) -> Result<(String, String), Error> {
    if let Some(name) = &args.benchmark {
        return Ok((name.clone(), "none".to_owned()));
    }
    let unknown = |message: &str| Error::Usage {
        message: message.to_owned(),
        help: "name the benchmark with --benchmark NAME".into(),
    };
    let release = machine::release(root)?
        .ok_or_else(|| unknown("the node does not tell its release, and no benchmark is named"))?;
    let (name, why) = benchmark::choose(config, release)
        .ok_or_else(|| unknown("no benchmark is mapped to the node's release"))?;
    output::note(common, &format!("benchmark {name}: {why}"));
    Ok((name, format!("{}.{}", release.0, release.1)))
}

/// The files of a benchmark: those of its targets, or all.
fn files(
    config: &Config,
    place: &Path,
    name: &str,
    targets: &[String],
) -> Result<Vec<File>, Error> {
    let read = |source| Error::Read { path: place.to_owned(), source };
    // A name that leads out of the folder is none of a benchmark.
    let plain = !name.is_empty() && !name.contains(['/', '\\']) && !name.starts_with('.');
    if !plain || !place.is_dir() {
        return Err(Error::NoSuch {
            what: "benchmark",
            name: name.to_owned(),
            help: "each folder beside `config.yaml` is one".into(),
        });
    }
    let valid = config.targets(name);
    for target in targets {
        if !valid.as_ref().is_none_or(|valid| valid.iter().any(|one| one == target)) {
            return Err(Error::NoSuch {
                what: "target",
                name: target.clone(),
                help: format!("{name} has {}", valid.unwrap_or_default().join(", ")),
            });
        }
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(place).map_err(read)? {
        let path = entry.map_err(read)?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        let yaml = path.extension().is_some_and(|end| end == "yaml") && stem != "config";
        if yaml && (targets.is_empty() || targets.contains(&stem)) {
            paths.push((stem, path));
        }
    }
    paths.sort();
    let file = |(target, path): (String, PathBuf)| {
        let text = text(&path)?;
        Ok(File { path: path.display().to_string(), target, text })
    };
    paths.into_iter().map(file).collect()
}

pub(crate) fn text(path: &Path) -> Result<String, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let file = fs::File::open(path).map_err(failed)?;
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

fn show(results: &[Target], detected: &str, args: &ScanArgs) -> Result<Exit, Error> {
    for target in &args.output {
        let shown = match (target.kube_bench, target.format) {
            (true, _) => written::json(results, detected),
            (false, kuberlock_report::Format::Table) => written::table(results),
            (false, other) => {
                return Err(Error::Usage {
                    message: format!("kube-bench's files are not shown as {other}"),
                    help: "use -o table or -o kube-bench-json".into(),
                });
            }
        };
        output::to_target(target.file.as_deref(), |out| Ok(out.write_all(shown.as_bytes())?))?;
    }
    let totals = Totals::of(results.iter().flat_map(|result| &result.groups));
    if args.require_complete && totals.not_run > 0 {
        return Ok(Exit::Incomplete);
    }
    let fails = totals.fail > 0 && args.threshold().is_some();
    Ok(if fails { Exit::Findings } else { Exit::Fine })
}
