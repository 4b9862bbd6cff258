//! Where others are known to be wrong, and what is right: each test is a cluster of a few objects.

#![expect(
    clippy::unwrap_used,
    reason = "what serves the tests panics with what is wrong, as they do"
)]

#[path = "deviations/fixture.rs"]
mod fixture;

use kuberlock_model::Object;
use kuberlock_model::network::{Action, NetworkPolicy, Protocol, TierPeer, TieredPolicy};
use kuberlock_model::object::Node;
use kuberlock_model::workload::{ContainerList, Pod};
use kuberlock_network::Cni::{Aws, Calico, Unknown};
use kuberlock_network::Verdict::{Allowed, Ambiguous, Denied, ImplementationDefined};
use kuberlock_network::np_guard;

use fixture::*;

const TCP: Protocol = Protocol::Tcp;
const UDP: Protocol = Protocol::Udp;

fn of(pods: &[Pod], nodes: &[Node], policies: &[NetworkPolicy]) -> kuberlock_model::Cluster {
    let pods = pods.iter().cloned().map(Object::Pod);
    let nodes = nodes.iter().cloned().map(Object::Node);
    let policies = policies.iter().cloned().map(Object::NetworkPolicy);
    cluster(pods.chain(nodes).chain(policies))
}

fn tiers(pods: &[Pod], policies: &[TieredPolicy]) -> kuberlock_model::Cluster {
    let pods = pods.iter().cloned().map(Object::Pod);
    cluster(pods.chain(policies.iter().cloned().map(Object::TieredPolicy)))
}

fn two_nodes() -> [Node; 2] {
    [node("n1", "10.0.0.1"), node("n2", "10.0.0.2")]
}

#[test]
fn a_block_of_ipv6_lets_no_address_of_ipv4_in() {
    let here = of(&[pod("web", "n1")], &[], &[ingress("web", &[block("2001:db8::/32")], &[])]);
    assert_eq!(web(&here, Calico, "2001:db8::7", "web"), Allowed);
    assert_eq!(web(&here, Calico, "2001:db9::7", "web"), Denied);
    assert_eq!(web(&here, Calico, "32.1.13.184", "web"), Denied);
}

#[test]
fn only_the_compatible_output_misreads_a_block_of_ipv6() {
    let here = of(&[pod("web", "n1")], &[], &[ingress("web", &[block("2001:db8::/32")], &[])]);
    let lines = np_guard::connections(&here).to_string();
    assert!(
        lines.starts_with("32.1.13.184-32.1.13.184[External] => n/web[Pod] : All Connections\n")
    );
}

#[test]
fn a_policy_does_not_isolate_a_pod_on_its_nodes_network() {
    let here = of(&[on_host_network(pod("web", "n1"))], &two_nodes(), &[closed("web")]);
    assert_eq!(web(&here, Calico, "192.0.2.1", "web"), Allowed);
}

#[test]
fn whether_it_does_is_open_where_the_plugin_is_not_known() {
    let here = of(&[on_host_network(pod("web", "n1"))], &two_nodes(), &[closed("web")]);
    assert_eq!(web(&here, Unknown, "192.0.2.1", "web"), ImplementationDefined);
}

#[test]
fn a_selector_of_pods_does_not_mean_one_on_its_nodes_network() {
    let all = [on_host_network(pod("agent", "n2")), pod("web", "n1")];
    let here = of(&all, &two_nodes(), &[ingress("web", &[pods("agent")], &[])]);
    assert_eq!(web(&here, Calico, "agent", "web"), Denied);
}

#[test]
fn whether_it_means_it_is_open_where_the_plugin_is_not_known() {
    let all = [on_host_network(pod("agent", "n2")), pod("web", "n1")];
    let here = of(&all, &two_nodes(), &[ingress("web", &[pods("agent")], &[])]);
    assert_eq!(web(&here, Unknown, "agent", "web"), ImplementationDefined);
}

#[test]
fn a_block_with_its_nodes_address_means_a_pod_on_that_nodes_network() {
    let all = [on_host_network(pod("agent", "n2")), pod("web", "n1")];
    let here = of(&all, &two_nodes(), &[ingress("web", &[block("10.0.0.2/32")], &[])]);
    assert_eq!(web(&here, Calico, "agent", "web"), Allowed);
    let here = of(&all, &two_nodes(), &[ingress("web", &[block("10.0.0.3/32")], &[])]);
    assert_eq!(web(&here, Calico, "agent", "web"), Denied);
}

#[test]
fn a_tiered_policy_never_selects_a_pod_on_its_nodes_network() {
    let deny = admin("deny", 1, &[rule(Action::Deny, everybody(), &[])]);
    let all = [on_host_network(pod("web", "n1")), pod("db", "n1"), pod("client", "n2")];
    let here = tiers(&all, &[deny]);
    assert_eq!(web(&here, Calico, "client", "web"), Allowed);
    assert_eq!(web(&here, Unknown, "client", "web"), Allowed);
    assert_eq!(web(&here, Unknown, "client", "db"), Denied);
}

#[test]
fn a_pods_own_node_reaches_it_whatever_policies_say() {
    let here = of(&[pod("web", "n1")], &two_nodes(), &[closed("web")]);
    assert_eq!(web(&here, Unknown, "node/n1", "web"), Allowed);
    assert_eq!(web(&here, Calico, "10.0.0.1", "web"), Allowed);
}

#[test]
fn another_node_does_not() {
    let here = of(&[pod("web", "n1")], &two_nodes(), &[closed("web")]);
    assert_eq!(web(&here, Unknown, "node/n2", "web"), Denied);
    assert_eq!(web(&here, Calico, "node/n2", "web"), Denied);
}

#[test]
fn with_amazons_plugin_every_node_does() {
    let here = of(&[pod("web", "n1")], &two_nodes(), &[closed("web")]);
    assert_eq!(web(&here, Aws, "node/n2", "web"), Allowed);
}

#[test]
fn a_pod_reaches_itself_whatever_policies_say() {
    let here = of(&[pod("web", "n1")], &[], &[closed("web"), egress("web", &[pods("x")], &[])]);
    assert_eq!(web(&here, Unknown, "web", "web"), Allowed);
    let deny = admin("deny", 1, &[rule(Action::Deny, everybody(), &[])]);
    assert_eq!(web(&tiers(&[pod("web", "n1")], &[deny]), Unknown, "web", "web"), Allowed);
}

#[test]
fn one_replica_is_not_the_other() {
    let all = [replica("web", "web-1", "n1"), replica("web", "web-2", "n2")];
    let here = of(&all, &[], &[closed("web")]);
    assert_eq!(web(&here, Unknown, "web-1", "web-2"), Denied);
    assert_eq!(web(&here, Unknown, "web-1", "web-1"), Allowed);
}

#[test]
fn replicas_are_told_of_one_another() {
    let all = [replica("web", "web-1", "n1"), replica("web", "web-2", "n2")];
    let here = of(&all, &[], &[ingress("web", &[pods("web")], &[])]);
    assert_eq!(web(&here, Unknown, "web-1", "web-2"), Allowed);
    // The compatible output leaves them out, as np-guard does.
    let lines = np_guard::connections(&here).lines;
    assert!(lines.iter().all(|line| !(line.src.starts_with('n') && line.dst.starts_with('n'))));
}

#[test]
fn policies_of_one_priority_that_contradict_each_other_are_ambiguous() {
    let accept = admin("a", 5, &[rule(Action::Accept, everybody(), &[])]);
    let deny = admin("b", 5, &[rule(Action::Deny, everybody(), &[])]);
    let here = tiers(&[pod("web", "n1"), pod("client", "n1")], &[accept, deny]);
    assert_eq!(web(&here, Calico, "client", "web"), Ambiguous);
}

#[test]
fn policies_of_one_priority_that_agree_are_not() {
    let one = admin("a", 5, &[rule(Action::Deny, everybody(), &[port(80)])]);
    let other = admin("b", 5, &[rule(Action::Deny, everybody(), &[])]);
    let here = tiers(&[pod("web", "n1"), pod("client", "n1")], &[one, other]);
    assert_eq!(web(&here, Calico, "client", "web"), Denied);
}

#[test]
fn policies_of_one_priority_with_other_ports_are_not() {
    let accept = admin("a", 5, &[rule(Action::Accept, everybody(), &[port(80)])]);
    let deny = admin("b", 5, &[rule(Action::Deny, everybody(), &[port(81)])]);
    let here = tiers(&[pod("web", "n1"), pod("client", "n1")], &[accept, deny]);
    assert_eq!(web(&here, Calico, "client", "web"), Allowed);
    assert_eq!(verdict(&here, Calico, "client", "web", (TCP, 81)), Denied);
}

#[test]
fn the_lower_priority_comes_first() {
    let accept = admin("b", 4, &[rule(Action::Accept, everybody(), &[])]);
    let deny = admin("a", 5, &[rule(Action::Deny, everybody(), &[])]);
    let here = tiers(&[pod("web", "n1"), pod("client", "n1")], &[accept, deny]);
    assert_eq!(web(&here, Calico, "client", "web"), Allowed);
}

#[test]
fn a_rule_that_accepts_an_unknown_peer_matches_nothing() {
    let accept = rule(Action::Accept, TierPeer::Unknown, &[]);
    let deny = rule(Action::Deny, everybody(), &[]);
    let here = tiers(&[pod("web", "n1"), pod("client", "n1")], &[admin("a", 1, &[accept, deny])]);
    assert_eq!(web(&here, Calico, "client", "web"), Denied);
}

#[test]
fn a_rule_that_denies_an_unknown_peer_denies_everything() {
    let deny = rule(Action::Deny, TierPeer::Unknown, &[port(443)]);
    let here = tiers(&[pod("web", "n1"), pod("client", "n1")], &[admin("a", 1, &[deny])]);
    assert_eq!(web(&here, Calico, "client", "web"), Denied);
    assert_eq!(web(&here, Calico, "192.0.2.1", "web"), Denied);
}

#[test]
fn a_rule_that_passes_an_unknown_peer_denies_everything() {
    let pass = rule(Action::Pass, TierPeer::Unknown, &[]);
    let here = tiers(&[pod("web", "n1"), pod("client", "n1")], &[admin("a", 1, &[pass])]);
    assert_eq!(web(&here, Calico, "client", "web"), Denied);
}

/// Two pods of one label that give one name to two numbers.
fn two_numbers() -> [Pod; 3] {
    let named = |name, number| {
        with_port(replica("web", name, "n1"), ContainerList::Ordinary, "http", TCP, number)
    };
    [named("web-1", 8080), named("web-2", 9090), pod("client", "n1")]
}

#[test]
fn a_named_port_of_ingress_is_each_pods_own() {
    let rules = ingress("web", &[pods("client")], &[named("http", Some(TCP))]);
    let here = of(&two_numbers(), &[], &[rules]);
    assert_eq!(verdict(&here, Calico, "client", "web-1", (TCP, 8080)), Allowed);
    assert_eq!(verdict(&here, Calico, "client", "web-1", (TCP, 9090)), Denied);
    assert_eq!(verdict(&here, Calico, "client", "web-2", (TCP, 9090)), Allowed);
}

#[test]
fn a_named_port_of_egress_is_that_of_each_pod_reached() {
    let rules = egress("client", &[pods("web")], &[named("http", Some(TCP))]);
    let here = of(&two_numbers(), &[], &[rules]);
    assert_eq!(verdict(&here, Calico, "client", "web-1", (TCP, 8080)), Allowed);
    assert_eq!(verdict(&here, Calico, "client", "web-2", (TCP, 8080)), Denied);
    assert_eq!(verdict(&here, Calico, "client", "web-2", (TCP, 9090)), Allowed);
}

#[test]
fn a_named_port_is_of_the_rules_protocol() {
    let rules = ingress("web", &[pods("client")], &[named("http", Some(UDP))]);
    let here = of(&two_numbers(), &[], &[rules]);
    assert_eq!(verdict(&here, Calico, "client", "web-1", (TCP, 8080)), Denied);
    assert_eq!(verdict(&here, Calico, "client", "web-1", (UDP, 8080)), Denied);
}

#[test]
fn a_name_that_nobody_has_is_no_port() {
    let rules = ingress("web", &[pods("client")], &[named("metrics", Some(TCP))]);
    let here = of(&two_numbers(), &[], &[rules]);
    assert_eq!(verdict(&here, Calico, "client", "web-1", (TCP, 8080)), Denied);
    let rules = egress("client", &[block("0.0.0.0/0")], &[named("http", Some(TCP))]);
    let here = of(&two_numbers(), &[], &[rules]);
    assert_eq!(verdict(&here, Calico, "client", "192.0.2.1", (TCP, 8080)), Denied);
}

#[test]
fn a_sidecar_names_ports_too() {
    let web = with_port(pod("web", "n1"), ContainerList::Init, "http", TCP, 7070);
    let rules = ingress("web", &[pods("client")], &[named("http", Some(TCP))]);
    let here = of(&[web, pod("client", "n1")], &[], &[rules]);
    assert_eq!(verdict(&here, Calico, "client", "web", (TCP, 7070)), Allowed);
}

#[test]
fn a_named_port_of_a_tiered_policy_has_the_pods_protocol() {
    let web = with_port(pod("web", "n1"), ContainerList::Ordinary, "dns", UDP, 53);
    let deny = admin("a", 1, &[rule(Action::Deny, everybody(), &[named("dns", None)])]);
    let here = tiers(&[web, pod("client", "n1")], &[deny]);
    assert_eq!(verdict(&here, Calico, "client", "web", (UDP, 53)), Denied);
    assert_eq!(verdict(&here, Calico, "client", "web", (TCP, 53)), Allowed);
}
