//! Quota and limit range, from what is asked for today.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::cluster::PodSource;
use kuberlock_model::limits::{Limit, LimitRange, ResourceQuota};
use kuberlock_model::workload::{Amounts, Container, ContainerList};
use kuberlock_model::{Kind, Object};
use serde_json::{Map, Value, json};

use super::{Manifest, Proposal, policy};
use crate::context::Context;
use crate::namespace::{Space, by_namespace};

/// What a container is given that asks for nothing: a tenth of a processor.
const CPU: u32 = 100;
/// And 128 MiB.
const MEMORY: u64 = 128 << 20;

/// Amounts of a namespace.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    cpu: u64,
    memory: u64,
    limit: u64,
    pods: u64,
}

pub(super) fn propose(
    context: &Context<'_>,
    space: &Space<'_>,
    headroom: u32,
    proposal: &mut Proposal,
) {
    let ranges = by_namespace(context, Kind::LimitRange);
    let quotas = by_namespace(context, Kind::ResourceQuota);
    let has_range = ranges.contains_key(space.name);
    let is_bounded = quotas.get(space.name).into_iter().flatten().any(|object| {
        let names =
            ["cpu", "requests.cpu", "limits.cpu", "memory", "requests.memory", "limits.memory"];
        match object {
            Object::ResourceQuota(quota) => names.iter().any(|name| quota.hard.contains_key(*name)),
            _ => false,
        }
    });
    if has_range {
        proposal.unknown.push("it has a limit range, which is left as it is".to_owned());
    } else {
        proposal.manifests.push(limit_range(space));
    }
    if is_bounded {
        proposal.unknown.push("it has a quota, which is left as it is".to_owned());
        return;
    }
    let nodes = context.cluster.nodes().count();
    let (sum, all_limited) = sum(context, space, nodes);
    if has_range && space.sources.iter().any(|source| silent(source)) {
        proposal.unknown.push(
            "what its limit range gives to containers that ask for nothing was taken as 100m and \
             128Mi"
                .to_owned(),
        );
    }
    let quota = quota(space, sum, all_limited, headroom);
    proposal.proven.push(format!(
        "the quota admits what runs: {} pods that ask for {}m and {}Mi",
        sum.pods,
        sum.cpu,
        sum.memory.div_ceil(1 << 20)
    ));
    proposal.manifests.push(quota);
}

fn silent(source: &PodSource<'_>) -> bool {
    let mut containers = source.spec.containers.iter();
    containers.any(|of| of.resources.requests.cpu == 0 || of.resources.requests.memory == 0)
}

/// What all pods of the namespace ask for: those that run, or as many as their workloads want where
/// that is more; and whether every container is held to an amount of memory.
fn sum(context: &Context<'_>, space: &Space<'_>, nodes: usize) -> (Sum, bool) {
    let mut all = Sum::default();
    let mut all_limited = true;
    for group in space.sources.chunk_by(|a, b| a.head == b.head) {
        let mut running = Sum::default();
        let mut wanted = Sum::default();
        for source in group {
            let one = of_pod(source);
            all_limited &= one.1;
            let is_pod = source.path.as_str() == "spec";
            if is_pod {
                add(&mut running, one.0, 1);
            } else if source.metadata.name == source.head.name {
                add(&mut wanted, one.0, replicas(context, source, nodes));
            }
        }
        let more = |of: fn(&Sum) -> u64| of(&running).max(of(&wanted));
        all.cpu += more(|sum| sum.cpu);
        all.memory += more(|sum| sum.memory);
        all.limit += more(|sum| sum.limit);
        all.pods += more(|sum| sum.pods);
    }
    (all, all_limited && !space.sources.is_empty())
}

fn add(sum: &mut Sum, one: Sum, times: u64) {
    sum.cpu += one.cpu * times;
    sum.memory += one.memory * times;
    sum.limit += one.limit * times;
    sum.pods += times;
}

fn replicas(context: &Context<'_>, source: &PodSource<'_>, nodes: usize) -> u64 {
    match context.cluster.get(&source.head) {
        Some(Object::Workload(workload)) if workload.kind == Kind::DaemonSet => {
            u64::try_from(nodes.max(1)).unwrap_or(u64::MAX)
        }
        Some(Object::Workload(workload)) => workload.replicas.map_or(1, u64::from),
        _ => 1,
    }
}

/// What one pod counts for: its ordinary containers and sidecars together, or more where an init
/// container asks for more while it runs.
fn of_pod(source: &PodSource<'_>) -> (Sum, bool) {
    let (mut together, mut most, mut beside) = (Sum::default(), Sum::default(), Sum::default());
    let mut limited = true;
    for container in &source.spec.containers {
        let one = of_container(container);
        match (container.list, container.is_sidecar) {
            (ContainerList::Ephemeral, _) => continue,
            (ContainerList::Init, false) => {
                let mut alone = beside;
                add(&mut alone, one, 1);
                most = greatest(most, alone);
            }
            (ContainerList::Init, true) => {
                add(&mut together, one, 1);
                add(&mut beside, one, 1);
            }
            (ContainerList::Ordinary, _) => add(&mut together, one, 1),
        }
        limited &= container.resources.limits.memory > 0;
    }
    (Sum { pods: 1, ..greatest(together, most) }, limited)
}

fn of_container(container: &Container) -> Sum {
    let Amounts { cpu, memory, .. } = container.resources.requests;
    Sum {
        cpu: u64::from(if cpu == 0 { CPU } else { cpu }),
        memory: if memory == 0 { MEMORY } else { memory },
        limit: container.resources.limits.memory,
        pods: 0,
    }
}

fn greatest(a: Sum, b: Sum) -> Sum {
    Sum {
        cpu: a.cpu.max(b.cpu),
        memory: a.memory.max(b.memory),
        limit: a.limit.max(b.limit),
        pods: 0,
    }
}

fn quota(space: &Space<'_>, sum: Sum, all_limited: bool, headroom: u32) -> Manifest {
    let with = |amount: u64| amount.saturating_mul(100 + u64::from(headroom)).div_ceil(100);
    // A namespace in which nothing runs yet gets room for a handful of small pods.
    let least = |amount: u64, least: u64| with(amount).max(least);
    let mebibytes = |bytes: u64| format!("{}Mi", bytes.div_ceil(1 << 20));
    let mut hard: BTreeMap<String, String> = BTreeMap::from([
        ("pods".to_owned(), least(sum.pods, 10).to_string()),
        ("requests.cpu".to_owned(), format!("{}m", least(sum.cpu, 1000))),
        ("requests.memory".to_owned(), mebibytes(least(sum.memory, 1 << 30))),
    ]);
    if all_limited {
        hard.insert("limits.memory".to_owned(), mebibytes(least(sum.limit, 1 << 30)));
    }
    let mut why = vec![format!(
        "Today {} pods ask for {}m and {}; this leaves {headroom} % more.",
        sum.pods,
        sum.cpu,
        mebibytes(sum.memory)
    )];
    if !all_limited {
        why.push("Limits are not counted: a container without one would be refused.".to_owned());
    }
    let shown: Map<String, Value> = hard.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
    Manifest {
        why,
        object: json!({
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": { "name": "kuberlock-quota", "namespace": space.name },
            "spec": { "hard": shown },
        }),
        model: Object::ResourceQuota(ResourceQuota {
            metadata: policy::metadata(Some(space.name), "kuberlock-quota"),
            hard,
            scoped: false,
        }),
    }
}

fn limit_range(space: &Space<'_>) -> Manifest {
    let names: BTreeSet<&str> = BTreeSet::from(["cpu", "memory"]);
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let limit = Limit {
        of: "Container".to_owned(),
        max: Vec::new(),
        default: Vec::new(),
        default_request: names,
    };
    Manifest {
        why: vec![
            "A container that asks for nothing is taken to ask for this. None is held to a limit it \
             does not have: that might end it."
                .to_owned(),
        ],
        object: json!({
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": { "name": "kuberlock-requests", "namespace": space.name },
            "spec": { "limits": [
                { "type": "Container", "defaultRequest": { "cpu": "100m", "memory": "128Mi" } },
            ] },
        }),
        model: Object::LimitRange(LimitRange {
            metadata: policy::metadata(Some(space.name), "kuberlock-requests"),
            limits: vec![limit],
        }),
    }
}
