//! Command lines that should be one and are two.
//!
//! Enters: two command lines of a component. Leaves: the flags in which they differ, with what each
//! side says. Always holds: a value that the kubelet fills in (`$(NODE_NAME)`) differs from nothing;
//! flags are read as the component reads them, so that `--a=b` and `--a b` are the same.

use std::collections::BTreeSet;

use kuberlock_model::component::{Component, ComponentKind, Flag, Witness};
use kuberlock_model::{Evidence, Subject};

use crate::context::Context;
use crate::machine::Machine;

/// The components that a kubelet starts from manifests.
pub(crate) const STATIC: [ComponentKind; 4] = [
    ComponentKind::ApiServer,
    ComponentKind::ControllerManager,
    ComponentKind::Scheduler,
    ComponentKind::Etcd,
];

/// A flag that two command lines set differently.
pub(crate) struct Difference {
    pub(crate) flag: String,
    /// What each side says; one of them may say nothing.
    pub(crate) evidence: Vec<Evidence>,
}

/// The flags in which `one` and `other` differ, by name; `skip` are those that may.
pub(crate) fn differences(
    context: &Context<'_>,
    one: &Component,
    other: &Component,
    skip: &[&str],
) -> Vec<Difference> {
    let table = context.table.table.component(one.kind);
    let names = |component: &Component| {
        component.flags(table).into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>()
    };
    let all: BTreeSet<String> = names(one).union(&names(other)).cloned().collect();
    let differs = |name: String| {
        let (here, there) = (one.flag(&name, table), other.flag(&name, table));
        (!is_same(here.as_ref(), there.as_ref())).then(|| Difference {
            evidence: [(one, here), (other, there)]
                .into_iter()
                .map(|(component, flag)| evidence(component, &name, flag))
                .collect(),
            flag: name,
        })
    };
    all.into_iter().filter(|name| !skip.contains(&name.as_str())).filter_map(differs).collect()
}

fn is_same(one: Option<&Flag>, other: Option<&Flag>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => {
            one.value == other.value || one.value.contains("$(") || other.value.contains("$(")
        }
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// What `component` says of the flag `name`, be it nothing.
pub(crate) fn evidence(component: &Component, name: &str, flag: Option<Flag>) -> Evidence {
    match flag {
        Some(flag) => Evidence::field(flag.written, &component.origin, flag.field),
        None => Evidence::field(
            format!("no --{name}"),
            &component.origin,
            kuberlock_model::FieldPath::root(),
        ),
    }
}

/// The names of the flags in words, as a message has them.
pub(crate) fn flags(differences: &[Difference]) -> String {
    let names: Vec<String> = differences.iter().map(|d| format!("--{}", d.flag)).collect();
    names.join(", ")
}

/// The component of `kind` as the machine's manifests have it; of two manifests the last by name
/// counts, as for the kubelet.
pub(crate) fn in_manifest(machine: &Machine<'_>, kind: ComponentKind) -> Option<Component> {
    witness(machine, kind, Witness::Manifest)
}

/// The component of `kind` that runs on the machine.
pub(crate) fn in_process(machine: &Machine<'_>, kind: ComponentKind) -> Option<Component> {
    witness(machine, kind, Witness::Process)
}

fn witness(machine: &Machine<'_>, kind: ComponentKind, by: Witness) -> Option<Component> {
    let all = machine.context.cluster.witnesses_on(machine.node, kind);
    all.into_iter().rfind(|component| component.witness == by)
}

/// The component of `kind` on the machine, as the subject of a finding.
pub(crate) fn subject(machine: &Machine<'_>, kind: ComponentKind) -> Subject {
    Subject::Component { component: kind, node: Some(machine.node.to_owned()) }
}
