//! Checks put to a cluster: every subject gets a finding, and so does what was not seen.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::component::{Component, ComponentKind};
use kuberlock_model::coverage::Reach;
use kuberlock_model::host::{File, Host};
use kuberlock_model::layout::Layout;
use kuberlock_model::{Finding, Kind, Subject, Verdict};
use rayon::prelude::*;

use crate::check::{Outcome, Question};
use crate::context::Context;
use crate::kubelet::Kubelet;
use crate::machine::Machine;
use crate::registry::Registered;
use crate::running::Running;

/// Puts `checks` to the cluster of `context`. Findings come worst first: failures by severity, then the rest, each
/// by check and subject.
pub fn evaluate<'a>(
    context: &'a Context<'a>,
    checks: impl IntoIterator<Item = &'a Registered>,
) -> Vec<Finding> {
    let checks: Vec<&Registered> = checks.into_iter().collect();
    let answers: Vec<Vec<Finding>> =
        checks.into_par_iter().map(|registered| findings(context, registered)).collect();
    // There may be a million of them: each check's are let go when they were moved, and all are
    // sorted in place.
    let mut findings = Vec::with_capacity(answers.iter().map(Vec::len).sum());
    answers.into_iter().for_each(|mut of_check| findings.append(&mut of_check));
    findings.par_sort_unstable_by(|a, b| {
        let rank = |f: &Finding| (f.verdict != Verdict::Fail, std::cmp::Reverse(f.severity));
        rank(a)
            .cmp(&rank(b))
            .then_with(|| a.check.cmp(b.check))
            .then_with(|| a.subject.cmp(&b.subject))
    });
    findings
}

fn findings<'a>(context: &'a Context<'a>, registered: &Registered) -> Vec<Finding> {
    let outcomes = match &registered.check.question {
        Question::Component(kind, ask) => components(context, *kind, *ask),
        Question::Kubelet(ask) => kubelets(context, *ask),
        Question::Files { paths, absent, ask } => files(context, *paths, absent, *ask),
        Question::Host(ask) => hosts(context, *ask),
        Question::Objects { needs, about, ask } => objects(context, needs, about, *ask),
    };
    let finding = |(subject, mut outcome): (Subject, Outcome)| Finding {
        check: registered.id,
        subject,
        severity: registered.check.severity,
        verdict: outcome.verdict,
        message: outcome.message,
        evidence: {
            outcome.evidence.shrink_to_fit();
            outcome.evidence
        },
        remedy: outcome.remedy,
        waiver: None,
    };
    outcomes.into_iter().map(finding).collect()
}

fn components<'a>(
    context: &'a Context<'a>,
    kind: ComponentKind,
    ask: fn(&Running<'_>) -> Outcome,
) -> Vec<(Subject, Outcome)> {
    let running = context.components(kind);
    let seen: BTreeSet<&str> = running.iter().map(|c| c.node.as_str()).collect();
    let subject =
        |node: Option<&str>| Subject::Component { component: kind, node: node.map(str::to_owned) };
    let mut outcomes: Vec<_> = running
        .iter()
        .map(|component| {
            let of = subject(Some(&component.node));
            (of, ask(&Running { component: component.clone(), context }))
        })
        .collect();
    for (node, host) in context.cluster.hosts().filter(|(node, _)| !seen.contains(node)) {
        if was_looked_at(host) {
            outcomes.push((subject(Some(node)), nothing_runs(context, node, kind)));
        }
    }
    if outcomes.is_empty() {
        outcomes.push((subject(None), nothing_seen(context, kind)));
    }
    outcomes
}

/// What is said where no source shows any `kind`.
fn nothing_seen(context: &Context<'_>, kind: ComponentKind) -> Outcome {
    let managed = context.layouts().iter().find(|layout| layout.is_managed());
    if let (Some(provider), true) = (managed, kind.is_control_plane()) {
        return Outcome::not_applicable(format!(
            "{provider} is managed: the provider runs {kind}, out of its users' reach"
        ));
    }
    let pods = context.cluster.coverage().kind(Kind::Pod);
    let embedded = context.layouts().contains(&Layout::K3s);
    let any_pod = context.cluster.of_kind(Kind::Pod).next().is_some();
    if kind == ComponentKind::KubeProxy && pods.is_whole() && any_pod && !embedded {
        return Outcome::not_applicable("no pod runs kube-proxy: the network does without");
    }
    Outcome::unknown(format!("no source shows how {kind} runs"))
}

/// Whether the machine itself was looked at, not only its kubelet's account asked for.
fn was_looked_at(host: &Host) -> bool {
    !host.files.is_empty() || !host.processes.is_empty()
}

fn nothing_runs(context: &Context<'_>, node: &str, kind: ComponentKind) -> Outcome {
    let hidden = context.cluster.host(node).and_then(|host| host.hidden.get(&kind));
    if let Some(why) = hidden {
        return Outcome::unknown(why.clone());
    }
    match context.cluster.coverage().host(node) {
        Reach::Partial(why) => Outcome::unknown(format!(
            "no {kind} was found on {node}, which was read in part: {why}"
        )),
        _ => Outcome::not_applicable(format!("no {kind} runs on {node}")),
    }
}

fn kubelets<'a>(
    context: &'a Context<'a>,
    ask: fn(&Kubelet<'_>) -> Outcome,
) -> Vec<(Subject, Outcome)> {
    let mut nodes: Vec<&str> = context.cluster.hosts().map(|(node, _)| node).collect();
    nodes.extend(context.cluster.nodes().map(|n| n.metadata.name.as_str()));
    nodes.sort_unstable();
    nodes.dedup();
    let kind = ComponentKind::Kubelet;
    // Once for all nodes: each look goes through every host.
    let components = context.components(kind).iter();
    let components: BTreeMap<&str, &Component> =
        components.map(|component| (component.node.as_str(), component)).collect();
    let subject =
        |node: Option<&str>| Subject::Component { component: kind, node: node.map(str::to_owned) };
    let mut outcomes: Vec<_> = nodes
        .into_iter()
        .map(|node| {
            let outcome = match Kubelet::of(context, node, components.get(node).map(|&c| c.clone()))
            {
                Some(kubelet) => ask(&kubelet),
                None if context.cluster.host(node).is_some_and(was_looked_at) => {
                    nothing_runs(context, node, kind)
                }
                None => Outcome::unknown("no source shows the kubelet's configuration"),
            };
            (subject(Some(node)), outcome)
        })
        .collect();
    if outcomes.is_empty() {
        outcomes.push((subject(None), Outcome::unknown("no source shows a kubelet")));
    }
    outcomes
}

fn files<'a>(
    context: &'a Context<'a>,
    paths: fn(&Machine<'_>) -> Vec<String>,
    absent: &'static str,
    ask: fn(&Machine<'_>, &File) -> Outcome,
) -> Vec<(Subject, Outcome)> {
    hosts(context, |machine| {
        let Machine { node, host, .. } = *machine;
        let mut found: Vec<&File> =
            paths(machine).iter().filter_map(|path| host.file(path)).collect();
        // Two paths may lead to one file.
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found.dedup_by(|a, b| a.path == b.path);
        if found.is_empty() {
            let subject = Subject::Node { node: node.to_owned() };
            return vec![(subject, machine.absent(absent))];
        }
        let subject =
            |file: &File| Subject::File { node: Some(node.to_owned()), path: file.path.clone() };
        found.into_iter().map(|file| (subject(file), ask(machine, file))).collect()
    })
}

fn hosts<'a>(
    context: &'a Context<'a>,
    ask: impl Fn(&Machine<'_>) -> Vec<(Subject, Outcome)>,
) -> Vec<(Subject, Outcome)> {
    let looked_at = context.cluster.hosts().filter(|(_, host)| was_looked_at(host));
    let mut outcomes: Vec<_> =
        looked_at.flat_map(|(node, host)| ask(&Machine { node, host, context })).collect();
    if outcomes.is_empty() {
        outcomes.push((Subject::Cluster, Outcome::unknown("no source shows a node's files")));
    }
    outcomes
}

fn objects(
    context: &Context<'_>,
    needs: &[Kind],
    about: &[Kind],
    ask: fn(&Context<'_>) -> Vec<(Subject, Outcome)>,
) -> Vec<(Subject, Outcome)> {
    let coverage = context.cluster.coverage();
    if let Some(kind) = needs.iter().find(|kind| !coverage.kind(**kind).is_whole()) {
        let message =
            format!("{} not seen in whole: {}", kind.names().resource, coverage.kind(*kind));
        return vec![(Subject::Cluster, Outcome::unknown(message))];
    }
    let mut outcomes = ask(context);
    if let Some(kind) = about.iter().find(|kind| !coverage.kind(**kind).is_whole()) {
        let message =
            format!("{} not seen in whole: {}", kind.names().resource, coverage.kind(*kind));
        outcomes.push((Subject::Cluster, Outcome::unknown(message)));
    } else if outcomes.is_empty() {
        outcomes.push((Subject::Cluster, Outcome::not_applicable("there is nothing to ask it of")));
    }
    outcomes
}
