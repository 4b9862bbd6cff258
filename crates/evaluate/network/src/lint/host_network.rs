//! Pods on their nodes' network whose labels policies select.

use kuberlock_model::{Evidence, FieldPath, Finding, Kind, Object, ObjectKey, Severity};

use super::Lint;
use super::context::Context;
use super::named::key;
use super::report::{Report, at};
use crate::endpoint::{Endpoint, EndpointKind};

pub(super) static LINT: Lint = Lint {
    id: "netpol-host-network-not-covered",
    title: "A pod on its node's network has the labels that a policy selects",
    severity: Severity::Medium,
    what: "Pods and templates with `hostNetwork`, and the policies of their namespaces. It fails \
           where a policy's podSelector means the pod's labels: plugins leave such pods alone, \
           since their traffic is their node's.",
    why: "The pods look isolated in the policy and are not: whoever reaches the node reaches \
          them, and they reach what the node does.",
    remedy: "does the pod need its node's network? If so, keep it in a namespace without such \
             policies and guard it by other means",
    may_break: "A pod that leaves its node's network gets another address, and its node ports \
                are no more.",
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    ask,
};

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    let policies = &context.reach.facts.policies;
    for (_, endpoint) in context.reach.endpoints().filter(|(_, e)| e.is_on_host_network()) {
        let EndpointKind::Pods { namespace, head } = &endpoint.kind else { continue };
        let first = ObjectKey::new(Kind::NetworkPolicy, Some(namespace), "");
        let of_namespace = policies.range(first..).map(|(_, policy)| policy);
        let of_namespace = of_namespace.take_while(|policy| {
            policy.kind == Kind::NetworkPolicy
                && policy.metadata.namespace.as_deref() == Some(&**namespace)
        });
        for policy in of_namespace.filter(|policy| policy.pods.matches(endpoint.labels())) {
            let origin = &policy.metadata.origin;
            let selects = at("selects its labels", origin, FieldPath::of("spec.podSelector"));
            let message = format!("{} selects its labels and does not reach it", key(policy));
            report.add(head, message, own(context, endpoint).into_iter().chain([selects]));
        }
    }
    report.findings()
}

/// Where the pod asks for its node's network.
fn own(context: &Context<'_>, endpoint: &Endpoint) -> Option<Evidence> {
    let pod = endpoint.members.first()?;
    let object = context.cluster.get(&pod.key)?;
    let path = match object {
        Object::Workload(workload) => workload.spec_path(),
        _ => FieldPath::of("spec"),
    };
    Some(at("hostNetwork: true", &object.metadata().origin, path.key("hostNetwork")))
}
