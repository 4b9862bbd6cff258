//! AdminNetworkPolicy and BaselineAdminNetworkPolicy, v1alpha1.

use super::super::schema::{ANY, FREE, Fields, List, Shape, Text};
use super::pieces::{
    DOMAIN_NAMES, NAME, NETWORKS, PORT, PRIORITY, SELECTOR, TEXT, named_port_of_pods,
};

const RULES: usize = 100;
const ONE: (usize, usize) = (1, 1);

const PODS: Shape = Shape::Object(&Fields {
    fields: &[("namespaceSelector", SELECTOR), ("podSelector", SELECTOR)],
    required: &["namespaceSelector", "podSelector"],
    ..FREE
});

const SUBJECT: Shape = Shape::Object(&Fields {
    fields: &[("namespaces", SELECTOR), ("pods", PODS)],
    count: ONE,
    ..FREE
});

const ADMIN_ACTION: Shape = Shape::Text(&Text { one_of: &["Allow", "Deny", "Pass"], ..ANY });
const BASELINE_ACTION: Shape = Shape::Text(&Text { one_of: &["Allow", "Deny"], ..ANY });

/// The server takes any word.
const PROTOCOL: Shape = Shape::Text(&Text { default: Some("TCP"), ..ANY });

const PORT_NUMBER: Shape = Shape::Object(&Fields {
    fields: &[("port", PORT), ("protocol", PROTOCOL)],
    required: &["port", "protocol"],
    ..FREE
});

/// Its end may lie before its start.
const PORT_RANGE: Shape = Shape::Object(&Fields {
    fields: &[("end", PORT), ("protocol", PROTOCOL), ("start", PORT)],
    required: &["end", "start"],
    ..FREE
});

const PORTS: Shape = Shape::List(&List {
    of: Shape::Object(&Fields {
        fields: &[("portNumber", PORT_NUMBER), ("portRange", PORT_RANGE)],
        count: ONE,
        ..FREE
    }),
    least: 1,
    most: RULES,
    is_set: false,
});

const PORTS_EXPERIMENTAL: Shape = Shape::List(&List {
    of: Shape::Object(&Fields {
        fields: &[("namedPort", TEXT), ("portNumber", PORT_NUMBER), ("portRange", PORT_RANGE)],
        count: ONE,
        ..FREE
    }),
    least: 1,
    most: RULES,
    is_set: false,
});

/// A list of peers, each of exactly one of the forms.
macro_rules! peers {
    ($($form:expr),+) => {
        Shape::List(&List {
            of: Shape::Object(&Fields { fields: &[$($form),+], count: ONE, ..FREE }),
            least: 1,
            most: RULES,
            is_set: false,
        })
    };
}

const FROM: Shape = peers!(("namespaces", SELECTOR), ("pods", PODS));
const TO: Shape = peers!(("namespaces", SELECTOR), ("networks", NETWORKS), ("pods", PODS));
const TO_WITH_NODES: Shape =
    peers!(("namespaces", SELECTOR), ("networks", NETWORKS), ("nodes", SELECTOR), ("pods", PODS));
const TO_WITH_NAMES: Shape = peers!(
    ("domainNames", DOMAIN_NAMES),
    ("namespaces", SELECTOR),
    ("networks", NETWORKS),
    ("nodes", SELECTOR),
    ("pods", PODS)
);

/// A list of rules of one direction.
macro_rules! rules {
    ($action:expr, $peers:literal: $of:expr, $ports:expr, $rule:expr) => {
        Shape::List(&List {
            of: Shape::Object(&Fields {
                fields: &[("action", $action), ("name", NAME), ("ports", $ports), ($peers, $of)],
                required: &["action", $peers],
                rule: $rule,
                ..FREE
            }),
            least: 0,
            most: RULES,
            is_set: false,
        })
    };
}

pub(super) static ADMIN: Fields = Fields {
    fields: &[
        ("egress", rules!(ADMIN_ACTION, "to": TO, PORTS, |_| None)),
        ("ingress", rules!(ADMIN_ACTION, "from": FROM, PORTS, |_| None)),
        ("priority", PRIORITY),
        ("subject", SUBJECT),
    ],
    required: &["priority", "subject"],
    ..FREE
};

pub(super) static ADMIN_EXPERIMENTAL: Fields = Fields {
    fields: &[
        (
            "egress",
            rules!(ADMIN_ACTION, "to": TO_WITH_NAMES, PORTS_EXPERIMENTAL, |rule| {
                named_port_of_pods(rule, "ports", "namedPort", &["networks", "nodes", "domainNames"])
            }),
        ),
        ("ingress", rules!(ADMIN_ACTION, "from": FROM, PORTS_EXPERIMENTAL, |_| None)),
        ("priority", PRIORITY),
        ("subject", SUBJECT),
    ],
    required: &["priority", "subject"],
    ..FREE
};

pub(super) static BASELINE: Fields = Fields {
    fields: &[
        ("egress", rules!(BASELINE_ACTION, "to": TO, PORTS, |_| None)),
        ("ingress", rules!(BASELINE_ACTION, "from": FROM, PORTS, |_| None)),
        ("subject", SUBJECT),
    ],
    required: &["subject"],
    ..FREE
};

pub(super) static BASELINE_EXPERIMENTAL: Fields = Fields {
    fields: &[
        (
            "egress",
            rules!(BASELINE_ACTION, "to": TO_WITH_NODES, PORTS_EXPERIMENTAL, |rule| {
                named_port_of_pods(rule, "ports", "namedPort", &["networks", "nodes"])
            }),
        ),
        ("ingress", rules!(BASELINE_ACTION, "from": FROM, PORTS_EXPERIMENTAL, |_| None)),
        ("subject", SUBJECT),
    ],
    required: &["subject"],
    ..FREE
};
