//! `kuberlock netpol lint`.

use kuberlock_benchmark::namespace::holders;
use kuberlock_network::lint::{self, Editors, LINTS};

use super::arguments::LintArgs;
use super::{findings, open};
use crate::command::Common;
use crate::error::Error;
use crate::exit::Exit;

pub(crate) fn run(args: &LintArgs, common: &Common) -> Result<Exit, Error> {
    let opened = open::open(&args.network, common)?;
    let reachability = opened.reachability();
    let editors =
        holders::editors(&opened.cluster).map(|(namespaces, pods)| Editors { namespaces, pods });
    let found = lint::lint(&opened.cluster, &reachability, editors.as_ref());
    let fails = args
        .fail_on
        .0
        .is_some_and(|threshold| found.iter().any(|finding| finding.severity >= threshold));
    let checks = LINTS.iter().map(|lint| lint.summary()).collect();
    findings::show(&opened, "lint", found, checks, (&args.output, args.fail_on.0), common)?;
    Ok(opened.exit(&args.network, if fails { Exit::Findings } else { Exit::Fine }))
}
