//! Findings about a network, shown as those of a scan.

use std::collections::BTreeMap;

use kuberlock_model::release::table;
use kuberlock_model::scan::{CheckSummary, ChosenBenchmark, Scan};
use kuberlock_model::{Finding, Severity, Verdict};
use kuberlock_report::{Format, Options, render};
use kuberlock_source::locate;

use super::open::Opened;
use crate::command::Common;
use crate::error::Error;
use crate::output::{self, Target};
use crate::scan;

/// Finds the places of evidence and writes everything to the target.
pub(super) fn show(
    opened: &Opened,
    name: &str,
    mut findings: Vec<Finding>,
    checks: Vec<CheckSummary>,
    (target, fail_on): (&Target, Option<Severity>),
    common: &Common,
) -> Result<(), Error> {
    if target.kube_bench {
        return Err(Error::Usage {
            message: format!("netpol {name} is not shown as kube-bench-json"),
            help: "use -o table, json, sarif, junit, csv or html".into(),
        });
    }
    let cluster = &opened.cluster;
    findings.sort_by_key(|f| (f.verdict != Verdict::Fail, std::cmp::Reverse(f.severity)));
    locate::fill(&mut findings, &|source| scan::content(cluster, source));
    let own = match cluster.release().map(|release| table::for_release(&release)) {
        Some(chosen) => (chosen.table.minor.clone(), chosen.exact),
        None => (table::newest().minor.clone(), false),
    };
    let scan = Scan {
        target: opened.target(),
        cluster: cluster.name().map(str::to_owned),
        cluster_uid: cluster.uid().map(str::to_owned),
        release: cluster.release(),
        table: own,
        benchmark: ChosenBenchmark {
            name: format!("netpol {name}"),
            why: "asked for by the command".to_owned(),
            sections: BTreeMap::new(),
        },
        identity: None,
        coverage: cluster.coverage().clone(),
        findings,
        checks,
    };
    opened.warnings.iter().for_each(|warning| output::note(common, &format!("warning: {warning}")));
    let options = Options {
        color: output::colour(common),
        width: output::width(),
        all: true,
        fail_on,
        time: output::now(),
    };
    let format: Format = target.format;
    output::to_target(target.file.as_deref(), |out| Ok(render(&scan, format, &options, out)?))
}
