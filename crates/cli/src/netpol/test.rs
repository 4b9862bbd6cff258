//! `kuberlock netpol test`.

use std::path::Path;

use kuberlock_model::{Finding, Verdict};
use kuberlock_network::assertion::{self, Assertions};
use kuberlock_source::yaml;

use super::arguments::TestArgs;
use super::{findings, open};
use crate::command::Common;
use crate::error::Error;
use crate::exit::Exit;

pub(crate) fn run(args: &TestArgs, common: &Common) -> Result<Exit, Error> {
    let files = args.tests.iter().map(|path| Ok((path, read(path)?)));
    let files: Vec<_> = files.collect::<Result<_, Error>>()?;
    let opened = open::open(&args.network, common)?;
    let reachability = opened.reachability();
    let mut found: Vec<Finding> = Vec::new();
    for (path, assertions) in &files {
        let shown = path.display().to_string();
        let outcomes = assertions.evaluate(&reachability);
        let pairs = assertions.tests.iter().zip(&outcomes);
        found.extend(pairs.map(|(test, outcome)| assertion::finding(&shown, test, outcome)));
    }
    let count = |verdict| found.iter().filter(|finding| finding.verdict == verdict).count();
    let (failed, unknown) = (count(Verdict::Fail), count(Verdict::Unknown));
    let checks = vec![assertion::summary()];
    let threshold = Some(kuberlock_model::Severity::Low);
    findings::show(&opened, "test", found, checks, (&args.output, threshold), common)?;
    let is_met = failed == 0 && (unknown == 0 || args.allow_unknown);
    Ok(opened.exit(&args.network, if is_met { Exit::Fine } else { Exit::Findings }))
}

/// A file of assertions.
fn read(path: &Path) -> Result<Assertions, Error> {
    let text = crate::kube_bench::text(path)?;
    let refused = |source: Box<dyn std::error::Error + Send + Sync>| Error::Refused {
        path: path.to_owned(),
        source,
    };
    let value = yaml::to_value(&text).map_err(|error| refused(Box::new(error)))?;
    Assertions::read(&value).map_err(|error| refused(Box::new(error)))
}
