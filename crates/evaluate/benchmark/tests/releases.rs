//! Which checks ask for what a release does not have: told for each release table, so that a new
//! table shows at once which questions have gone.

#![expect(clippy::unwrap_used, reason = "a test fails hard")]

use std::collections::BTreeMap;

use kuberlock_benchmark::{Context, evaluate, registry};
use kuberlock_model::component::ComponentKind;
use kuberlock_model::host::{HostFact, Process};
use kuberlock_model::release::table;
use kuberlock_model::{Change, Cluster, Verdict};

/// Every component with a bare command line, but for what opens further questions.
fn bare(minor: &str) -> Cluster {
    let mut cluster = Cluster::default();
    cluster.apply(Change::Release(minor.parse().unwrap()));
    for kind in ComponentKind::ALL {
        let mut args = vec![kind.program().to_owned()];
        match kind {
            ComponentKind::ApiServer => args.push("--audit-log-path=/var/log/audit.log".to_owned()),
            ComponentKind::Etcd => args.push("--initial-cluster-state=existing".to_owned()),
            _ => {}
        }
        let process = Process { pid: Some(1), args, environment: BTreeMap::new(), file: None };
        cluster.apply(Change::host("cp-1", HostFact::Process(process)));
    }
    cluster
}

#[test]
fn what_a_release_does_not_have_is_told_and_never_fails() {
    let mut gone: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for minor in table::minors() {
        let cluster = bare(&minor);
        let told = gone.entry(minor.clone()).or_default();
        for finding in evaluate(&Context::new(&cluster), registry()) {
            let lacks = finding.message.contains("does not exist in");
            assert!(!lacks || finding.verdict == Verdict::NotApplicable, "{finding:#?}");
            if lacks {
                told.push(format!("{}: {}", finding.check, finding.message));
            }
            let default = finding.evidence.iter().any(|e| e.value.ends_with("does not exist"));
            assert!(finding.verdict != Verdict::Fail || !default, "{minor}: {finding:#?}");
        }
    }
    insta::assert_json_snapshot!("gone", gone);
}
