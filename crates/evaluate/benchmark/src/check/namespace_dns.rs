//! Pods whose egress is held reach DNS.
//!
//! # What
//! The pods and workload templates of each namespace that a NetworkPolicy isolates for egress, and
//! the DNS servers as the cluster runs them: the services at port 53 in `kube-system` or
//! `openshift-dns`, the pods behind them at the port that they listen at, and NodeLocal DNSCache where
//! it runs. It fails where a pod may not ask them by UDP or by TCP. It is unknown where no server was
//! seen, and where the answer is the network plugin's: a rule for the service's address, or for the
//! cache of the node. A pod that brings servers of its own (`dnsPolicy: None`) needs none of this.
//!
//! # Why
//! A policy that forgets DNS breaks every name, and one that forgets TCP breaks only long answers: such
//! a policy is soon deleted, and the rest of it too.
//!
//! # Remedy
//! Allow UDP and TCP 53 to the pods of DNS, and to the cache's address where there is one.
//!
//! # What the remedy may break
//! Nothing. Names resolve also for who has taken a pod: DNS carries data out.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/services-networking/network-policies/
//! - https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/

use std::collections::BTreeMap;

use kuberlock_model::cluster::PodSource;
use kuberlock_model::network::{Direction, NetworkPolicy, Protocol};
use kuberlock_model::{Evidence, FieldPath, Kind, ObjectKey, Remedy, Severity, Subject};
use kuberlock_network::Verdict;

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::namespace::dns::{Dns, PROTOCOLS};
use crate::namespace::isolation::Policies;
use crate::namespace::{self, Space};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Objects {
        needs: &[Kind::NetworkPolicy, Kind::Service],
        about: &PODS,
        ask: evaluate,
    },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let policies = Policies::of(context);
    let dns = Dns::of(context);
    namespace::judge(context, |space| of_space(context, space, &policies, &dns))
}

fn of_space<'a>(
    context: &'a Context<'_>,
    space: &Space<'_>,
    policies: &Policies<'_>,
    dns: &Dns<'a>,
) -> Outcome {
    let mut asked = 0_usize;
    let mut open = 0_usize;
    let mut cut: BTreeMap<&ObjectKey, (Vec<&str>, Cut<'_>)> = BTreeMap::new();
    for source in space.on_pod_network() {
        let holds = |policy: &&&NetworkPolicy| {
            policy.isolates(Direction::Egress) && policy.pods.matches(source.pod_labels)
        };
        let holding = policies.within(space.name).iter().find(holds).copied();
        if holding.is_none() && policies.tiered.is_empty() {
            continue;
        }
        asked += 1;
        for protocol in PROTOCOLS {
            match dns.asked(context.network(), &source.head, protocol) {
                Verdict::Allowed => {}
                Verdict::Denied => {
                    let by = Cut { policy: holding, source };
                    let entry = cut.entry(&source.head).or_insert((Vec::new(), by));
                    if !entry.0.contains(&protocol.word()) {
                        entry.0.push(protocol.word());
                    }
                }
                Verdict::ImplementationDefined | Verdict::Ambiguous => open += 1,
            }
        }
    }
    if asked == 0 {
        return Outcome::not_applicable("no policy holds the egress of its pods");
    }
    if dns.servers.is_empty() {
        return Outcome::unknown("no source shows the cluster's DNS servers");
    }
    if !cut.is_empty() {
        return failure(&cut);
    }
    match open {
        0 => Outcome::pass("its pods reach DNS").with_all(shown(dns)),
        _ => Outcome::unknown("whether its pods reach DNS is left to the network plugin"),
    }
}

/// What keeps a workload from DNS.
struct Cut<'a> {
    /// The policy of its namespace that holds its egress; none where only a tier's does.
    policy: Option<&'a NetworkPolicy>,
    source: &'a PodSource<'a>,
}

fn failure(cut: &BTreeMap<&ObjectKey, (Vec<&str>, Cut<'_>)>) -> Outcome {
    let only = |word| cut.values().all(|(words, _)| words.iter().all(|of| *of == word));
    let by = match (only(Protocol::Tcp.word()), only(Protocol::Udp.word())) {
        (true, _) => " by TCP, which long answers need",
        (_, true) => " by UDP",
        _ => "",
    };
    let message = match cut.len() {
        1 => format!("one workload does not reach DNS{by}"),
        count => format!("{count} workloads do not reach DNS{by}"),
    };
    let question = "which policy shall let UDP and TCP 53 through to the DNS pods? `kuberlock \
                    namespace secure` writes one";
    let evidence = cut.iter().map(|(head, (words, by))| {
        let (metadata, field) = match by.policy {
            Some(policy) => (&policy.metadata, FieldPath::of("spec").key("egress")),
            None => (by.source.metadata, FieldPath::of("metadata")),
        };
        let name = by.policy.map_or("a policy of a tier", |policy| policy.metadata.name.as_str());
        let said = format!("{name} lets {head} ask no DNS by {}", words.join(" and "));
        Evidence::field(said, &metadata.origin, field)
    });
    Outcome::fail(message, Remedy::Decision { question: question.to_owned() }).with_all(evidence)
}

fn shown(dns: &Dns<'_>) -> Vec<Evidence> {
    let service = dns.services.iter().map(|service| {
        let metadata = &service.metadata;
        let said = format!("Service {} answers at port 53", metadata.name);
        Evidence::field(said, &metadata.origin, FieldPath::of("spec").key("ports"))
    });
    service.collect()
}
