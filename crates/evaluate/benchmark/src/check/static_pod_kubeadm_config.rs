//! kubeadm would write the manifest as it is.
//!
//! # What
//! For kube-apiserver, kube-controller-manager, kube-scheduler and etcd on a node that kubeadm laid
//! out: the flags of the manifest against those that kubeadm would write from the config map
//! `kubeadm-config`: its own and `extraArgs`. It fails for flags that neither has, for values that
//! differ, and for `extraArgs` that the manifest lacks. What `--patches` of kubeadm would change is
//! written down nowhere, and not counted.
//!
//! # Why
//! `kubeadm upgrade` writes manifests anew from that config map. What was set by hand is gone after
//! the next upgrade, without a word: audit logs, encryption and admission plugins have been lost
//! that way.
//!
//! # Remedy
//! Put the flag into `extraArgs` of the config map (`kubectl edit configmap kubeadm-config -n
//! kube-system`), with `extraVolumes` for files that it names; or take it out of the manifest.
//! Where `--patches` keeps it, waive the finding.
//!
//! # What the remedy may break
//! Nothing until the next upgrade, which then writes what the config map says on every control
//! plane node: a wrong value there stops the component on all of them, one after another.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-reconfigure/
//! - https://github.com/kubernetes/kubeadm/issues/2157

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::component::{Component, ComponentKind, Flag};
use kuberlock_model::layout::Layout;
use kuberlock_model::{Evidence, Kind, Remedy, Severity, Subject};
use serde_json::Value;

use crate::check::{Check, Outcome, Question};
use crate::document::Document;
use crate::drift;
use crate::kubeadm::{self, Written};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Medium, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let on_node = |outcome| vec![(Subject::Node { node: machine.node.to_owned() }, outcome)];
    let of = |kind| drift::in_manifest(machine, kind).map(|manifest| (kind, manifest));
    let manifests: Vec<_> = drift::STATIC.into_iter().filter_map(of).collect();
    if machine.layout() != Layout::Kubeadm || manifests.is_empty() {
        return on_node(Outcome::not_applicable("no manifest of kubeadm's is here"));
    }
    let cluster = machine.context.cluster;
    match Document::find(cluster, "kubeadm-config", "ClusterConfiguration") {
        Err(why) => on_node(Outcome::unknown(why)),
        Ok(None) if cluster.coverage().kind(Kind::ConfigMap).is_whole() => {
            on_node(Outcome::not_applicable("there is no config map `kubeadm-config`"))
        }
        Ok(None) => on_node(Outcome::unknown("the config map `kubeadm-config` was not seen")),
        Ok(Some(document)) => manifests
            .into_iter()
            .map(|(kind, manifest)| {
                let outcome = judge(machine, kind, &manifest, &document);
                (drift::subject(machine, kind), outcome)
            })
            .collect(),
    }
}

fn judge(
    machine: &Machine<'_>,
    kind: ComponentKind,
    manifest: &Component,
    document: &Document<'_>,
) -> Outcome {
    let table = machine.context.table.table.component(kind);
    let wanted = wanted(&document.value, kind);
    let names: BTreeSet<String> = manifest.flags(table).into_iter().map(|(name, _)| name).collect();
    let set = names.iter().filter_map(|name| Some((name, manifest.flag(name, table)?)));
    let mut found: Vec<(String, Evidence, Evidence)> =
        set.filter_map(|(name, flag)| changed(name, flag, manifest, &wanted, document)).collect();
    let extra = kubeadm::extra_arguments(&document.value, kind);
    let lacking = extra.iter().filter(|(name, _)| !names.contains(*name));
    found.extend(lacking.map(|(name, written)| {
        let here = drift::evidence(manifest, name, None);
        (format!("--{name} would be added"), here, document.evidence(shown(name, Some(written))))
    }));
    if found.is_empty() {
        return Outcome::pass("kubeadm would write these flags");
    }
    let changes: Vec<&str> = found.iter().map(|(change, ..)| change.as_str()).collect();
    let message = format!("with the next upgrade {}", changes.join(", "));
    let evidence = found.iter().flat_map(|(_, here, there)| [here.clone(), there.clone()]);
    let evidence: Vec<Evidence> = evidence.collect();
    Outcome::fail(message, remedy()).with_all(evidence)
}

/// What kubeadm would write: its own flags, `extraArgs` over them.
fn wanted(configuration: &Value, kind: ComponentKind) -> BTreeMap<String, Written> {
    let own = kubeadm::own_arguments(kind).into_iter();
    let mut all: BTreeMap<String, Written> =
        own.map(|(name, written)| (name.to_owned(), written)).collect();
    all.extend(kubeadm::extra_arguments(configuration, kind));
    all
}

/// What becomes of a flag of the manifest, where something does.
fn changed(
    name: &str,
    flag: Flag,
    manifest: &Component,
    wanted: &BTreeMap<String, Written>,
    document: &Document<'_>,
) -> Option<(String, Evidence, Evidence)> {
    let change = match wanted.get(name) {
        Some(Written::Any) => return None,
        Some(Written::Value(value)) if *value == flag.value => return None,
        Some(Written::Value(value)) => format!("--{name} would become `{value}`"),
        None => format!("--{name} would be lost"),
    };
    let here = drift::evidence(manifest, name, Some(flag));
    Some((change, here, document.evidence(shown(name, wanted.get(name)))))
}

fn shown(name: &str, written: Option<&Written>) -> String {
    match written {
        Some(Written::Value(value)) => format!("{name}: {value}"),
        Some(Written::Any) => format!("{name} is merged"),
        None => format!("no {name}"),
    }
}

fn remedy() -> Remedy {
    let question = "are these flags meant? Then put them into `extraArgs` of the config map \
                    kubeadm-config, with `extraVolumes` for the files they name, or keep them as \
                    --patches of every upgrade";
    Remedy::Decision { question: question.to_owned() }
}
