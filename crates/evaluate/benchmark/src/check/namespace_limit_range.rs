//! Every container of a namespace asks for an amount of processors and memory.
//!
//! # What
//! The limit ranges of each namespace, and the containers of its workloads. It passes where a limit
//! range gives containers a request (or a limit, which implies one) for both, and where every container
//! says both itself. It fails otherwise. Kubernetes' own namespaces are left out.
//!
//! # Why
//! A pod that asks for nothing is placed anywhere and counts nowhere: it starves its neighbours, is the
//! first to be killed, and where a quota counts requests it is refused.
//!
//! # Remedy
//! A limit range with `defaultRequest`: `kuberlock namespace secure NAME` proposes one.
//!
//! # What the remedy may break
//! Pods get the request at their next start, and may find no node with as much left.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/policy/limit-range/

use kuberlock_model::cluster::PodSource;
use kuberlock_model::limits::{Limit, LimitRange};
use kuberlock_model::workload::ContainerList;
use kuberlock_model::{Evidence, FieldPath, Kind, Object, Remedy, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::namespace;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Objects { needs: &[Kind::LimitRange], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let ranges = namespace::by_namespace(context, Kind::LimitRange);
    namespace::judge(context, |space| {
        let ranges = ranges.get(space.name).map_or(&[][..], Vec::as_slice).iter();
        let ranges: Vec<&LimitRange> = ranges
            .filter_map(|object| match object {
                Object::LimitRange(range) => Some(range),
                _ => None,
            })
            .collect();
        let gives = |resource| ranges.iter().any(|r| r.limits.iter().any(|l| gives(l, resource)));
        if gives("cpu") && gives("memory") {
            let shown = ranges.iter().map(|range| {
                let said = format!("{} gives requests", range.metadata.name);
                Evidence::field(said, &range.metadata.origin, FieldPath::of("spec").key("limits"))
            });
            return Outcome::pass("a limit range gives requests").with_all(shown);
        }
        let silent: Vec<&&PodSource<'_>> =
            space.sources.iter().filter(|source| is_silent(source)).collect();
        if silent.is_empty() && !space.sources.is_empty() {
            return Outcome::pass("every container says what it asks for");
        }
        let evidence: Vec<Evidence> = silent
            .iter()
            .map(|source| {
                let said = format!("{} has a container that asks for nothing", source.head);
                Evidence::field(said, &source.metadata.origin, source.path.key("containers"))
            })
            .collect();
        let none = space.missing("no LimitRange of it gives requests");
        let evidence = if evidence.is_empty() { none.into_iter().collect() } else { evidence };
        let question = "how much shall a container be given that asks for nothing?".to_owned();
        let message = "a container that asks for nothing is given nothing";
        Outcome::fail(message, Remedy::Decision { question }).with_all(evidence)
    })
}

/// Whether a limit gives containers a request for `resource`.
fn gives(limit: &Limit, resource: &str) -> bool {
    let holds = |names: &[String]| names.iter().any(|name| name == resource);
    limit.of == "Container" && (holds(&limit.default_request) || holds(&limit.default))
}

fn is_silent(source: &PodSource<'_>) -> bool {
    let mut containers =
        source.spec.containers.iter().filter(|of| of.list != ContainerList::Ephemeral);
    containers.any(|of| of.resources.requests.cpu == 0 || of.resources.requests.memory == 0)
}
