use serde_json::{Value, json};

use super::{Channel, faults};

fn yaml(text: &str) -> Value {
    crate::yaml::document(text).unwrap().value
}

/// Path and kind of every fault, sorted.
fn told(text: &str) -> Vec<String> {
    on(text, Channel::Experimental)
}

fn on(text: &str, channel: Channel) -> Vec<String> {
    let faults = faults(&yaml(text), channel);
    let mut told: Vec<String> = faults.iter().map(|f| format!("{} {:?}", f.path, f.kind)).collect();
    told.sort();
    told
}

fn network_policy(spec: &str) -> Vec<String> {
    told(&format!(
        "{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: web}}, \
         spec: {spec}}}"
    ))
}

fn cluster(rules: &str) -> String {
    format!(
        "{{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, \
         metadata: {{name: web}}, spec: {{tier: Admin, priority: 1, subject: {{namespaces: {{}}}}, \
         {rules}}}}}"
    )
}

#[test]
fn a_right_policy_has_no_fault() {
    let none: [String; 0] = [];
    assert_eq!(network_policy("{podSelector: {}}"), none);
    assert_eq!(network_policy("null"), none);
    assert_eq!(
        network_policy(
            "{podSelector: {matchLabels: {a: b}}, policyTypes: [Ingress, Egress], \
             ingress: [{}, {from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], \
             ports: [{port: http}, {port: 80, endPort: 80}, {protocol: SCTP}]}]}"
        ),
        none
    );
    assert_eq!(told(&cluster("egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]")), none);
}

#[test]
fn every_fault_of_an_object_is_told() {
    assert_eq!(
        network_policy(
            "{policyTypes: [Both], egress: [{to: [{}, {ipBlock: {cidr: 10.0.0.1/8, \
             except: [11.0.0.0/16]}, podSelector: {}}], ports: [{endPort: 9}]}]}"
        ),
        [
            "spec.egress[0].ports[0].endPort Invalid",
            "spec.egress[0].to[0] Required",
            "spec.egress[0].to[1] Forbidden",
            "spec.egress[0].to[1].ipBlock.cidr Invalid",
            "spec.egress[0].to[1].ipBlock.except[0] Invalid",
            "spec.policyTypes[0] NotSupported",
        ]
    );
}

#[test]
fn a_fault_tells_field_kind_and_reason() {
    let object = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "web"},
        "spec": {"ingress": [{"ports": [{"port": "HTTP"}]}]},
    });
    let [fault] = &faults(&object, Channel::Standard)[..] else { panic!("one fault") };
    assert_eq!(
        fault.to_string(),
        "spec.ingress[0].ports[0].port: Invalid value: `HTTP` is no port name: \
         lower-case letters, digits and `-`"
    );
    assert_eq!(fault.field.as_str(), fault.path);
}

#[test]
fn what_does_not_decode_is_looked_at_no_further() {
    assert_eq!(
        network_policy("{policyTypes: [Both], ingress: [{ports: [{port: 80.5}, {endPort: x}]}]}"),
        [
            "spec.ingress[0].ports[0].port Undecodable",
            "spec.ingress[0].ports[1].endPort Undecodable"
        ]
    );
}

#[test]
fn selectors_of_built_in_kinds_are_judged_and_those_of_others_are_not() {
    let selector = "{matchLabels: {a b: '-'}, matchExpressions: [{key: a, operator: In}, \
                    {key: a, operator: Exists, values: [b]}, {key: '', operator: in}]}";
    assert_eq!(
        network_policy(&format!("{{podSelector: {selector}}}")),
        [
            "spec.podSelector.matchExpressions[0].values Required",
            "spec.podSelector.matchExpressions[1].values Forbidden",
            "spec.podSelector.matchExpressions[2].key Invalid",
            "spec.podSelector.matchExpressions[2].operator Invalid",
            "spec.podSelector.matchLabels Invalid",
            "spec.podSelector.matchLabels Invalid",
        ]
    );
    let of_nodes =
        cluster(&format!("ingress: [{{action: Pass, from: [{{namespaces: {selector}}}]}}]"));
    assert!(told(&of_nodes).is_empty());
}

#[test]
fn rules_are_asked_only_of_what_has_the_form() {
    let peer = "to: [{networks: [10.0.0.0]}]";
    assert_eq!(
        told(&cluster(&format!("egress: [{{action: Deny, {peer}}}]"))),
        ["spec.egress[0].to[0].networks[0] Invalid"]
    );
    assert_eq!(
        told(&cluster(&format!("egress: [{{action: Block, {peer}}}]"))),
        ["spec.egress[0].action NotSupported"]
    );
}

#[test]
fn a_channel_without_a_field_drops_it() {
    let nodes = cluster("egress: [{action: Deny, to: [{nodes: {}}]}]");
    assert!(on(&nodes, Channel::Experimental).is_empty());
    assert_eq!(on(&nodes, Channel::Standard), ["spec.egress[0].to[0] Invalid"]);
}

#[test]
fn the_one_baseline_has_its_name() {
    let named = |name: &str| {
        told(&format!(
            "{{apiVersion: policy.networking.k8s.io/v1alpha1, kind: BaselineAdminNetworkPolicy, \
             metadata: {{name: {name}}}, spec: {{subject: {{namespaces: {{}}}}}}}}"
        ))
    };
    assert!(named("default").is_empty());
    assert_eq!(named("other"), [" Invalid"]);
}

#[test]
fn other_kinds_and_versions_are_not_judged() {
    for (version, kind) in [
        ("v1", "Pod"),
        ("extensions/v1beta1", "NetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha1", "ClusterNetworkPolicy"),
        ("k8s.cni.cncf.io/v1beta1", "MultiNetworkPolicy"),
    ] {
        let object = json!({"apiVersion": version, "kind": kind, "spec": 5});
        assert!(faults(&object, Channel::Experimental).is_empty(), "{version} {kind}");
    }
}
