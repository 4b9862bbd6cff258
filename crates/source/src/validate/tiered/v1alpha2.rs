//! ClusterNetworkPolicy, v1alpha2.

use serde_json::{Map, Value};

use super::super::schema::{ANY, FREE, Fields, List, Shape, Text};
use super::super::text::Why;
use super::pieces::{
    DOMAIN_NAMES, NAME, NETWORKS, PORT, PRIORITY, SELECTOR, TEXT, named_port_of_pods,
};

const RULES: usize = 25;
const ONE: (usize, usize) = (1, 1);

const TIER: Shape = Shape::Text(&Text { one_of: &["Admin", "Baseline"], ..ANY });
const ACTION: Shape = Shape::Text(&Text { one_of: &["Accept", "Deny", "Pass"], ..ANY });

const PODS: Shape = Shape::Object(&Fields {
    fields: &[("namespaceSelector", SELECTOR), ("podSelector", SELECTOR)],
    required: &["podSelector"],
    ..FREE
});

const SUBJECT: Shape = Shape::Object(&Fields {
    fields: &[("namespaces", SELECTOR), ("pods", PODS)],
    count: ONE,
    ..FREE
});

const DESTINATION_PORT: Shape = Shape::Object(&Fields {
    fields: &[
        ("number", PORT),
        (
            "range",
            Shape::Object(&Fields {
                fields: &[("end", PORT), ("start", PORT)],
                required: &["end", "start"],
                rule: ascends,
                ..FREE
            }),
        ),
    ],
    count: ONE,
    ..FREE
});

/// A rule compares whole numbers; one with a point, though taken elsewhere, makes it fail.
fn ascends(range: &Map<String, Value>) -> Why {
    let of = |key: &str| range.get(key).and_then(Value::as_i64);
    let ascends = of("start").zip(of("end")).is_some_and(|(start, end)| start < end);
    (!ascends).then_some("`start` is not below `end`")
}

const PROTOCOL: Shape = Shape::Object(&Fields {
    fields: &[("destinationPort", DESTINATION_PORT)],
    count: (1, usize::MAX),
    ..FREE
});

const PROTOCOLS: Shape = Shape::List(&List {
    of: Shape::Object(&Fields {
        fields: &[
            ("destinationNamedPort", TEXT),
            ("sctp", PROTOCOL),
            ("tcp", PROTOCOL),
            ("udp", PROTOCOL),
        ],
        count: ONE,
        ..FREE
    }),
    least: 1,
    most: RULES,
    is_set: false,
});

/// A list of rules of one direction, with the forms of its peers.
macro_rules! rules {
    ($peers:literal: [$($form:expr),+], $rule:expr) => {
        Shape::List(&List {
            of: Shape::Object(&Fields {
                fields: &[
                    ("action", ACTION),
                    ("name", NAME),
                    ("protocols", PROTOCOLS),
                    (
                        $peers,
                        Shape::List(&List {
                            of: Shape::Object(&Fields { fields: &[$($form),+], count: ONE, ..FREE }),
                            least: 1,
                            most: RULES,
                            is_set: false,
                        }),
                    ),
                ],
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

const INGRESS: Shape = rules!("from": [("namespaces", SELECTOR), ("pods", PODS)], |_| None);

pub(super) static CLUSTER: Fields = Fields {
    fields: &[
        (
            "egress",
            rules!(
                "to": [("namespaces", SELECTOR), ("networks", NETWORKS), ("pods", PODS)],
                |_| None
            ),
        ),
        ("ingress", INGRESS),
        ("priority", PRIORITY),
        ("subject", SUBJECT),
        ("tier", TIER),
    ],
    required: &["priority", "subject", "tier"],
    ..FREE
};

pub(super) static CLUSTER_EXPERIMENTAL: Fields = Fields {
    fields: &[
        (
            "egress",
            rules!(
                "to": [
                    ("domainNames", DOMAIN_NAMES),
                    ("namespaces", SELECTOR),
                    ("networks", NETWORKS),
                    ("nodes", SELECTOR),
                    ("pods", PODS)
                ],
                |rule| named_port_of_pods(
                    rule,
                    "protocols",
                    "destinationNamedPort",
                    &["networks", "nodes", "domainNames"],
                )
            ),
        ),
        ("ingress", INGRESS),
        ("priority", PRIORITY),
        ("subject", SUBJECT),
        ("tier", TIER),
    ],
    required: &["priority", "subject", "tier"],
    ..FREE
};
