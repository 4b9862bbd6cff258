//! Waivers, skip lists, baselines and tailoring: files that a user names → findings that remain;
//! and `kuberlock scan diff`.

use std::path::{Path, PathBuf};

use kuberlock_acceptance::{Date, Earlier, SkipList, Waivers};
use kuberlock_benchmark::{Benchmark, Tailoring, find};
use kuberlock_model::{Cluster, Finding, Verdict};
use kuberlock_report::diff;

use crate::command::{BorneArgs, Common, ScanArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

/// Bytes of a file that a user names.
const MOST_BYTES: u64 = 1 << 30;

/// The files that a scan was given, read before anything else: what is wrong with them is told at
/// once.
#[derive(Debug, Default)]
pub(crate) struct Acceptance {
    pub(crate) tailoring: Tailoring,
    waivers: Vec<(PathBuf, Waivers)>,
    skip: Option<SkipList>,
    baseline: Option<(PathBuf, Earlier)>,
}

impl Acceptance {
    /// Reads what `args` names.
    pub(crate) fn read(args: &BorneArgs) -> Result<Self, Error> {
        let tailoring = match &args.tailoring {
            Some(path) => Tailoring::parse(&text(path)?).map_err(refused(path))?,
            None => Tailoring::default(),
        };
        let waivers = args.waivers.iter().map(|path| {
            let waivers = Waivers::parse(&text(path)?, &|id| find(id).is_some());
            Ok((path.clone(), waivers.map_err(refused(path))?))
        });
        let waivers = waivers.collect::<Result<_, Error>>()?;
        let skip = args.skip.as_deref().map(skip_list).transpose()?;
        let baseline = args.baseline.as_ref().map(|path| earlier(path).map(|e| (path.clone(), e)));
        Ok(Self { tailoring, waivers, skip, baseline: baseline.transpose()? })
    }

    /// Marks what is borne, takes out what the baseline knows, and tells what became of them.
    pub(crate) fn apply(
        &self,
        findings: &mut Vec<Finding>,
        cluster: &Cluster,
        benchmark: &Benchmark,
    ) -> Vec<String> {
        let mut told = Vec::new();
        for (path, waivers) in &self.waivers {
            let Some(today) = today() else { continue };
            let said = waivers.apply(findings, cluster, today);
            let of = path.display();
            told.push(format!("{} accepted by {of}", count(said.accepted, "failure")));
            told.extend(
                said.expired.iter().map(|line| format!("{of}: a waiver has ended: {line}")),
            );
            told.extend(
                said.idle.iter().map(|line| format!("{of}: a waiver meets nothing: {line}")),
            );
        }
        if let Some(skip) = &self.skip {
            let unmet = skip.apply(findings, &|check| benchmark.items_of(check));
            if !unmet.is_empty() {
                told.push(format!("--skip: no check asked answers {}", unmet.join(", ")));
            }
        }
        if let Some((path, earlier)) = &self.baseline {
            let before = findings.len();
            findings.retain(|finding| finding.verdict != Verdict::Fail || !earlier.knows(finding));
            let known = before - findings.len();
            told.push(format!(
                "{} known from {} left out",
                count(known, "failure"),
                path.display()
            ));
        }
        told
    }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Items as they are, or a file of them.
fn skip_list(named: &str) -> Result<SkipList, Error> {
    let path = Path::new(named);
    if is_item_list(named) {
        return SkipList::parse(named, "--skip").map_err(refused(path));
    }
    SkipList::parse(&text(path)?, &format!("the skip list {named}")).map_err(refused(path))
}

/// Whether `named` is a list of items and sections, and not a file of them.
pub(crate) fn is_item_list(named: &str) -> bool {
    named.split([',', ' ']).all(|word| word.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

fn earlier(path: &Path) -> Result<Earlier, Error> {
    Earlier::parse(&text(path)?).map_err(refused(path))
}

pub(crate) fn refused<E: std::error::Error + Send + Sync + 'static>(
    path: &Path,
) -> impl FnOnce(E) -> Error {
    move |source| Error::Refused { path: path.to_owned(), source: Box::new(source) }
}

/// The text of a regular file.
pub(crate) fn text(path: &Path) -> Result<String, Error> {
    let read = || {
        let metadata = std::fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(std::io::Error::other("it is no regular file"));
        }
        if metadata.len() > MOST_BYTES {
            return Err(std::io::Error::other("it has more than 1 GiB"));
        }
        std::fs::read_to_string(path)
    };
    read().map_err(refused(path))
}

/// Today, in UTC.
fn today() -> Option<Date> {
    let now = i64::try_from(output::now()?).ok()?;
    let now = jiff::Timestamp::from_millisecond(now).ok()?;
    now.to_string().get(..10)?.parse().ok()
}

/// `kuberlock scan diff A B`
pub(crate) fn diff(args: &ScanArgs, common: &Common) -> Result<Exit, Error> {
    let [before, after] = args.scans.as_slice() else {
        return Err(Error::Usage {
            message: "two scans are compared".into(),
            help: "kuberlock scan diff BEFORE.json AFTER.json, each written with -o json".into(),
        });
    };
    let comparison = kuberlock_acceptance::compare(&earlier(before)?, &earlier(after)?);
    let rows: Vec<diff::Row<'_>> = comparison
        .changes
        .iter()
        .map(|(change, finding)| diff::Row {
            change: change.word(),
            severity: finding.severity,
            check: &finding.check,
            subject: &finding.subject,
            message: &finding.message,
            fingerprint: &finding.fingerprint,
        })
        .collect();
    let names = (before.display().to_string(), after.display().to_string());
    for target in &args.output {
        output::to_target(target.file.as_deref(), |out| {
            let (before, after) = (&*names.0, &*names.1);
            let diff = diff::Diff { before, after, same: comparison.same, rows: &rows };
            Ok(diff::render(&diff, target.format, output::colour(common), out)?)
        })?;
    }
    let worse = |row: &diff::Row<'_>| {
        matches!(row.change, "new" | "worse")
            && args.threshold().is_some_and(|least| row.severity >= least)
    };
    Ok(if rows.iter().any(worse) { Exit::Findings } else { Exit::Fine })
}
